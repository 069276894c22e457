"""Which parts of an image no output sees, as rectangles that can be hatched."""

from collections.abc import Sequence

from app.counting.axes import find_runs
from app.counting.fields import Field

Rectangle = tuple[int, int, int, int]
"""First row, row behind the last, first column, column behind the last, in pixels."""


def unseen_rectangles(fields: Sequence[Field]) -> list[Rectangle]:
    """Return rectangles that cover exactly the pixels that none of the fields sees.

    They may overlap: a row that is seen by fewer products of sets lacks at least the same columns.

    Args:
        fields: those of the outputs, in one image with rows and columns.
    """
    height, width = (axis.pixels for axis in fields[0].axes)
    products = {product for field in fields for product in field.seen()}
    masks = [tuple(bits << first for first, bits in product) for product in products]
    reached = [frozenset(i for i, m in enumerate(masks) if m[0] >> row & 1) for row in range(height)]
    found = []
    for members in sorted(set(reached), key=sorted):
        rows = [row for row in range(height) if reached[row] <= members]
        columns = [n for n in range(width) if not any(masks[i][1] >> n & 1 for i in members)]
        across = find_runs(columns)
        found += [(top, end + 1, left, right + 1) for top, end in find_runs(rows) for left, right in across]
    return found
