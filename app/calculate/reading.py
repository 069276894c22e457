"""How a size is read, channels last; and what is said where channels seem to have been written first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app.calculate.dimensions import AXES, join_words
from app.counting.rows import shape_text
from app.show.document import Document, Paragraph

FIRST_CHANNELS = (1, 3, 4)
"""Grey, red green blue, and the same with transparency."""
LEAST_PIXELS = 8
LONGEST = 4
"""No picture is so many times longer than wide."""


def seems_channels_first(shape: Sequence[int]) -> bool:
    """Return whether channels x rows x columns is meant: `3x224x224`, but not the map `3x3x512`.

    >>> [seems_channels_first(shape) for shape in ((3, 224, 224), (1, 28, 28), (3, 3, 512), (224, 224, 3))]
    [True, True, False, False]
    """
    channels, *sizes = shape
    picture = sizes[-2:]
    if channels not in FIRST_CHANNELS or not picture or min(picture) < LEAST_PIXELS:
        return False
    maps_of_one_size = len(sizes) > 2 and sizes[0] == sizes[1] != sizes[2]
    return max(picture) <= LONGEST * min(picture) and not maps_of_one_size


def report_on(shape: Sequence[int], report: Callable[..., Document], *rest: Any) -> Document:
    """Return `report(shape, *rest)`; a sentence in it, or in its error, says how a doubtful size was read.

    Raises:
        ValueError: what is asked for cannot be.
    """
    if not seems_channels_first(shape):
        return report(shape, *rest)
    try:
        document = report(shape, *rest)
    except ValueError as error:
        raise ValueError(f"{error}; {_reading(shape)}") from error
    sentence = _reading(shape)
    note = f"{sentence[0].upper()}{sentence[1:]}."
    data = {**document.data, "notes": [*document.data.get("notes", ()), note]}
    return replace(document, blocks=(*document.blocks, Paragraph(note)), data=data)


def _reading(shape: Sequence[int]) -> str:
    """Return `the size 3×224×224 is read as 3 rows, 224 columns and 224 channels; …`."""
    names = (*AXES[len(shape) - 1], "channels")
    read = [_count(number, name) for number, name in zip(shape, names, strict=True)]
    last = "x".join(map(str, (*shape[1:], shape[0])))
    return (
        f"the size {shape_text(shape)} is read as {join_words(read)}; "
        f"if its first number is the channels, write {last}"
    )


def _count(number: int, name: str) -> str:
    """Return `3 rows`, `1 row`, `depth 3`."""
    if not name.endswith("s"):
        return f"{name} {number:,}"
    return f"{number:,} {name.removesuffix('s') if number == 1 else name}"
