"""Sizes, paddings, ranges and layers as they are typed: `28x32x3`, `1,2`, `20-64`, `conv3/2,d2`.

Everything raises ValueError with what was typed and what to type instead. "×" may stand for "x".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.calculate.dimensions import AXES, EXAMPLES
from app.calculate.geometry import ReversibleWindow
from app.calculate.settings import Setting, SettingError
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


def parse_sizes(text: str, what: str, rank: int, most: int = LARGEST) -> list[int]:
    """Return the sizes in `28x32x3`: one for all axes, one for each, or one for each and the channels."""
    parts = _split_axes(text)
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
    return (*_on_all_axes(sizes, rank), 1)


def parse_vector(text: str) -> list[int]:
    """Return a vector's length, or the sizes and channels of a map along up to three axes."""
    rank = min(max(count_parts(text) - 1, 1), len(AXES))
    return parse_sizes(text, "input", rank)


def count_parts(text: str) -> int:
    """Return how many sizes are typed: 3 in `28x28x1`."""
    return len(_split_axes(text))


def parse_axes(
    text: str, what: str, rank: int = 2, least: int = 1, most: int = LARGEST_WINDOW
) -> tuple[int, ...]:
    """Return a number for each axis: `3` is 3 for all, `3x5` is 3 for rows and 5 for columns."""
    numbers = [parse_number(part, what, least, most) for part in _axis_parts(text, what, rank, "3")]
    return tuple(_on_all_axes(numbers, rank))


def parse_padding(text: str, words: tuple[str, ...] = PADDING_WORDS, rank: int = 2) -> tuple[Padding, ...]:
    """Return the padding of each axis: `same`, `1`, `1,2` (before, after), `1,2x0`."""
    sides = [_parse_sides(part.strip(), words) for part in _axis_parts(text, "padding", rank, "1")]
    return tuple(_on_all_axes(sides, rank))


def _axis_parts(text: str, what: str, rank: int, example: str) -> list[str]:
    """Return what is typed for all axes together, or for each.

    Raises:
        SettingError: there is another number of parts.
    """
    parts = _split_axes(text)
    if len(parts) not in (1, rank):
        many = "many" if len(parts) > rank else "few"
        each = "x".join(str(int(example) + 2 * axis) for axis in range(rank))
        advice = f"write {example}" + (f", or {each} ({' x '.join(AXES[rank])})" if rank > 1 else "")
        more = ("; three axes need ", Setting("dimensions", "3")) if rank == 2 and len(parts) == 3 else ()
        raise SettingError(f"the {what} {text!r} has too {many} parts; {advice}", *more)
    return parts


def _on_all_axes(values: list[Any], rank: int) -> list[Any]:
    return values * rank if len(values) == 1 else values


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
    windows: tuple[ReversibleWindow, ...]
    """The window along each axis: rows, columns."""


def parse_layer(text: str, rank: int = 2) -> Link:
    """Return the layer that `conv3/2,d2` or `pool2` says; a pool's stride is its size unless given."""
    match = re.fullmatch(r"(conv|pool)([0-9x×]+)(?:/([0-9x×]+))?((?:,[a-z0-9]+)*)", text.lower())
    if not match:
        raise ValueError(f"{text!r} is not a layer; {LAYER_HELP}")
    kind, kernel, stride, more = match.groups()
    settings = _layer_settings(text, kind, more.split(",")[1:])
    strides = parse_axes(stride or (kernel if kind == "pool" else "1"), f"stride of {text}", rank)
    kernels = parse_axes(kernel, f"kernel of {text}", rank)
    windows = (ReversibleWindow(k, s, **settings) for k, s in zip(kernels, strides, strict=True))
    return Link(text, tuple(windows))


def layer_axes(texts: Iterable[str]) -> int:
    """Return how many axes the sizes of layers tell of: 3 if there is a `conv3x3x3` among them, else 2."""
    return 3 if any(re.search(r"[0-9](?:[x×X][0-9]+){2}", text) for text in texts) else 2


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
