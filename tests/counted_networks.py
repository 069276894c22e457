"""The networks of the catalogue, counted by hand once for all tests; nothing changes them."""

from app.counting.counted import open_subject
from models import CATALOGUE

SUBJECTS = {name: open_subject(name) for name in CATALOGUE}
SHEETS = {name: subject.sheet for name, subject in SUBJECTS.items()}
