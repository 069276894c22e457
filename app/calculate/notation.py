"""Sizes, paddings, ranges and layers as they are typed: `28x32x3`, `1,2`, `20-64`, `conv3/2,d2`.

Everything raises ValueError with what was typed and what to type instead. "×" may stand for "x".
"""

import re
from dataclasses import dataclass
from typing import Any

from app.calculate.geometry import ReversibleWindow
from app.counting.windows import Padding

LARGEST = 1_000_000_000
LARGEST_WINDOW = 10_000
"""The largest kernel, stride, dilation and padding."""
MOST_LISTED = 1_000

PADDING_WORDS = ("valid", "same", "full")
LAYER_HELP = (
    "write conv3 or pool2, then what is not usual: conv3x5, conv3/2 (stride), conv3,d2 (dilation), "
    "conv3,same or conv3,p1 (padding), pool3/2,ceil"
)


def parse_number(text: str, what: str, least: int = 1, most: int = LARGEST) -> int:
    """Return the whole number that `text` says, from `least` to `most`."""
    if not re.fullmatch(r"[0-9]+", text.strip()):
        raise ValueError(f"the {what} {text!r} is not a whole number from {least} to {most:,}")
    digits = text.strip().lstrip("0") or "0"
    if len(digits) > len(str(most)) or not least <= int(digits) <= most:
        raise ValueError(f"the {what} must be a whole number from {least} to {most:,}, not {text}")
    return int(digits)


def parse_sizes(text: str, what: str, counts: tuple[int, ...], most: int = LARGEST) -> list[int]:
    """Return the sizes in `28x32`; there must be as many of them as one of `counts` says."""
    parts = _split_axes(text)
    if len(parts) not in counts:
        shapes = " or ".join("x".join(("28", "32", "3")[:count]) for count in counts)
        raise ValueError(f"the {what} {text!r} is not a size; write it as {shapes}")
    return [parse_number(part, what, most=most) for part in parts]


def parse_shape(text: str) -> tuple[int, int, int]:
    """Return height, width and channels: `28` is 28×28×1, `28x32` 28×32×1, `28x32x3` itself."""
    height, *others = parse_sizes(text, "input", (1, 2, 3))
    width, channels = (*others, *(height, 1)[len(others) :])
    return height, width, channels


def parse_pair(text: str, what: str, least: int = 1, most: int = LARGEST_WINDOW) -> tuple[int, int]:
    """Return the numbers for rows and for columns: `3` is 3 for both, `3x5` is 3 and 5."""
    parts = _split_axes(text)
    if len(parts) > 2:
        raise ValueError(f"the {what} {text!r} has too many parts; write 3, or 3x5 (rows x columns)")
    numbers = [parse_number(part, what, least, most) for part in parts]
    return numbers[0], numbers[-1]


def parse_padding(text: str, words: tuple[str, ...] = PADDING_WORDS) -> tuple[Padding, Padding]:
    """Return the padding of rows and of columns: `same`, `1`, `1,2` (before, after), `1,2x0`."""
    parts = _split_axes(text)
    if len(parts) > 2:
        raise ValueError(f"the padding {text!r} has too many parts; write 1, or 1x2 (rows x columns)")
    sides = [_parse_sides(part.strip(), words) for part in parts]
    return sides[0], sides[-1]


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


@dataclass(frozen=True)
class Link:
    """One layer of a chain."""

    text: str
    """As it was typed."""
    windows: tuple[ReversibleWindow, ReversibleWindow]
    """The window along the rows and along the columns."""


def parse_layer(text: str) -> Link:
    """Return the layer that `conv3/2,d2` or `pool2` says; a pool's stride is its size unless given."""
    match = re.fullmatch(r"(conv|pool)([0-9x×]+)(?:/([0-9x×]+))?((?:,[a-z0-9]+)*)", text.lower())
    if not match:
        raise ValueError(f"{text!r} is not a layer; {LAYER_HELP}")
    kind, kernel, stride, more = match.groups()
    settings = _layer_settings(text, kind, more.split(",")[1:])
    strides = parse_pair(stride or (kernel if kind == "pool" else "1"), f"stride of {text}")
    kernels = parse_pair(kernel, f"kernel of {text}")
    rows, columns = (ReversibleWindow(k, s, **settings) for k, s in zip(kernels, strides, strict=True))
    return Link(text, (rows, columns))


def _layer_settings(text: str, kind: str, words: list[str]) -> dict[str, Any]:
    """Return the window's padding, dilation and ceil that the words after the size say."""
    settings: dict[str, Any] = {}
    value: Any
    for word in words:
        if word in PADDING_WORDS:
            name, value = "padding", word
        elif re.fullmatch(r"p[0-9]+", word):
            amount = parse_number(word[1:], f"padding of {text}", 0, LARGEST_WINDOW)
            name, value = "padding", (amount, amount)
        elif re.fullmatch(r"d[0-9]+", word) and kind == "conv":
            name, value = ("dilation", parse_number(word[1:], f"dilation of {text}", 1, LARGEST_WINDOW))
        elif word == "ceil" and kind == "pool":
            name, value = "ceil", True
        else:
            raise ValueError(f"{word!r} in {text!r} is not known; {LAYER_HELP}")
        if name in settings:
            raise ValueError(f"{text!r} says the {name} twice; say it once")
        settings[name] = value
    if settings.get("ceil") and settings.get("padding") in ("same", "full"):
        raise ValueError(f"{text!r}: ceil goes with valid or a number, not {settings['padding']}")
    return settings


def _split_axes(text: str) -> list[str]:
    return re.split(r"[x×X]", text.strip())
