"""The corpus: every hostile input, in one table."""

from hostile import (
    archives,
    bad_pictures,
    configurations,
    data_sets,
    evaluations,
    exports,
    folders,
    found,
    outputs,
    predictions,
    stored_weights,
    torch_weights,
    typed,
)
from hostile.rows import unique

PARTS = (
    *(archives, configurations, stored_weights, found, data_sets, folders, bad_pictures, outputs, typed),
    *(predictions, evaluations, exports, torch_weights),
)
ROWS = unique(row for part in PARTS for row in part.rows())
