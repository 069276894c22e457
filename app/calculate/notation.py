"""Sizes, paddings, ranges and layers as they are typed: `28x32x3`, `1,2`, `20-64`, `conv3/2,d2`.

Everything raises ValueError with what was typed and what to type instead. "×" may stand for "x".
"""

import re

from app.calculate.geometry import ReversibleWindow
from app.counting import notation
from app.counting.notation import (
    AXES,
    EXAMPLES,
    LARGEST,
    LARGEST_WINDOW,
    PADDING_WORDS,
    Link,
    axis_parts,
    layer_axes,
    on_all_axes,
    parse_axes,
    parse_number,
    split_axes,
)
from app.counting.windows import Padding

MOST_LISTED = 1_000


def parse_sizes(text: str, what: str, rank: int, most: int = LARGEST) -> list[int]:
    """Return the sizes in `28x32x3`: one for all axes, one for each, or one for each and the channels."""
    parts = split_axes(text)
    if len(parts) not in (1, rank, rank + 1):
        each, plural = "x".join(EXAMPLES[rank]), "s" if rank > 1 else ""
        shapes = " or ".join(dict.fromkeys((EXAMPLES[rank][0], each, f"{each}x3")))
        raise ValueError(
            f"the {what} {text!r} is not a size of {rank} dimension{plural}; write it as {shapes}"
        )
    return [parse_number(part, what, most=most) for part in parts]


def parse_shape(text: str, rank: int = 2) -> tuple[int, ...]:
    """Return the sizes along `rank` axes and the channels: `28` is 28×28×1, `28x32` 28×32×1."""
    sizes = parse_sizes(text, "input", rank)
    if len(sizes) > rank:
        return tuple(sizes)
    return (*on_all_axes(sizes, rank), 1)


def parse_vector(text: str) -> list[int]:
    """Return a vector's length, or the sizes and channels of a map along up to three axes."""
    rank = min(max(count_parts(text) - 1, 1), len(AXES))
    return parse_sizes(text, "input", rank)


def count_parts(text: str) -> int:
    """Return how many sizes are typed: 3 in `28x28x1`."""
    return len(split_axes(text))


def parse_padding(text: str, words: tuple[str, ...] = PADDING_WORDS, rank: int = 2) -> tuple[Padding, ...]:
    """Return the padding of each axis: `same`, `1`, `1,2` (before, after), `1,2x0`."""
    sides = [_parse_sides(part.strip(), words) for part in axis_parts(text, "padding", rank, "1")]
    return tuple(on_all_axes(sides, rank))


def _parse_sides(text: str, words: tuple[str, ...]) -> Padding:
    if text.lower() in words:
        return text.lower()
    parts = text.split(",")
    if len(parts) > 2 or not all(re.fullmatch(r"[0-9]+", part.strip()) for part in parts):
        raise ValueError(
            f"the padding {text!r} is neither {', '.join(words)} nor a number (1) nor two, "
            "before and after (1,2)"
        )
    numbers = [parse_number(part, "padding", 0, LARGEST_WINDOW) for part in parts]
    return numbers[0], numbers[-1]


def parse_range(text: str, what: str, most: int = LARGEST) -> range:
    """Return the numbers of `20-64`, or the one of `28`, as a range."""
    first, dash, last = text.partition("-")
    numbers = [parse_number(part, what, most=most) for part in ((first, last) if dash else (first,))]
    if numbers[0] > numbers[-1]:
        raise ValueError(f"the {what} {text!r} run backwards; write {numbers[-1]}-{numbers[0]}")
    return range(numbers[0], numbers[-1] + 1)


def parse_list(text: str, what: str, most: int = LARGEST_WINDOW) -> list[int]:
    """Return the numbers of `1-3,5` in order, each once."""
    ranges = [parse_range(part.strip(), what, most) for part in text.split(",")]
    if sum(map(len, ranges)) > MOST_LISTED:
        raise ValueError(f"the {what} {text!r} are more than {MOST_LISTED:,}; give fewer")
    return sorted({number for numbers in ranges for number in numbers})


def parse_paddings(text: str, words: tuple[str, ...] = PADDING_WORDS) -> list[Padding]:
    """Return the paddings of `valid,same,1,full`, each once; a number is for both sides."""
    return list(dict.fromkeys(_parse_sides(part.strip(), words) for part in text.split(",")))


def parse_layer(text: str, rank: int = 2) -> Link[ReversibleWindow]:
    """Return the layer that `conv3/2,d2` or `pool2` says, of which inputs for an output can be asked."""
    return notation.parse_layer(text, rank, ReversibleWindow)


__all__ = [
    "Link",
    "count_parts",
    "layer_axes",
    "parse_axes",
    "parse_layer",
    "parse_list",
    "parse_number",
    "parse_padding",
    "parse_paddings",
    "parse_range",
    "parse_shape",
    "parse_sizes",
    "parse_vector",
]
