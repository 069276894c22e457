"""The corpus: every hostile input, in one table."""

from hostile import (
    archives,
    bad_pictures,
    configurations,
    data_sets,
    folders,
    found,
    outputs,
    stored_weights,
    typed,
)
from hostile.rows import unique

PARTS = (archives, configurations, stored_weights, found, data_sets, folders, bad_pictures, outputs, typed)
ROWS = unique(row for part in PARTS for row in part.rows())
