"""Which parts of an image no output sees, as rectangles that can be hatched."""

from collections.abc import Iterable, Iterator, Sequence

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
        found += [(*down, *across) for down in _runs(rows) for across in _runs(columns)]
    return found


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield stretches of consecutive numbers: the first, and the one behind the last."""
    start = end = None
    for number in numbers:
        if number != end:
            if start is not None and end is not None:
                yield start, end
            start = number
        end = number + 1
    if start is not None and end is not None:
        yield start, end
