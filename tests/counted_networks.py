"""The networks of the catalogue, counted by hand once for all tests; nothing changes them."""

from app.counting.counted import open_counted
from models import CATALOGUE

COUNTS = {name: open_counted(name) for name in CATALOGUE}
SHEETS = {name: subject.sheet for name, subject in COUNTS.items()}
