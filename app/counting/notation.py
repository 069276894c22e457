"""Layers of a chain as they are typed: `conv3/2,d2`, `pool2`, and the numbers in them.

Everything raises ValueError with what was typed and what to type instead. "×" may stand for "x".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.counting.settings import Setting, SettingError
from app.counting.windows import Window

AnyWindow = TypeVar("AnyWindow", bound=Window)
AXES = {1: ("length",), 2: ("rows", "columns"), 3: ("depth", "rows", "columns")}
EXAMPLES = {1: ("100",), 2: ("28", "32"), 3: ("16", "28", "32")}
"""Sizes in messages, one an axis."""
LARGEST = 1_000_000_000
LARGEST_WINDOW = 10_000
"""The largest kernel, stride, dilation and padding."""

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


def parse_axes(
    text: str, what: str, rank: int = 2, least: int = 1, most: int = LARGEST_WINDOW
) -> tuple[int, ...]:
    """Return a number for each axis: `3` is 3 for all, `3x5` is 3 for rows and 5 for columns."""
    numbers = [parse_number(part, what, least, most) for part in axis_parts(text, what, rank, "3")]
    return tuple(on_all_axes(numbers, rank))


def axis_parts(text: str, what: str, rank: int, example: str) -> list[str]:
    """Return what is typed for all axes together, or for each.

    Raises:
        SettingError: there is another number of parts.
    """
    parts = split_axes(text)
    if len(parts) not in (1, rank):
        many = "many" if len(parts) > rank else "few"
        each = "x".join(str(int(example) + 2 * axis) for axis in range(rank))
        advice = f"write {example}" + (f", or {each} ({' x '.join(AXES[rank])})" if rank > 1 else "")
        more = ("; three axes need ", Setting("dimensions", "3")) if rank == 2 and len(parts) == 3 else ()
        raise SettingError(f"the {what} {text!r} has too {many} parts; {advice}", *more)
    return parts


def on_all_axes(values: list[Any], rank: int) -> list[Any]:
    """Return one value for each axis, where one stands for all."""
    return values * rank if len(values) == 1 else values


@dataclass(frozen=True)
class Link(Generic[AnyWindow]):
    """One layer of a chain."""

    text: str
    """As it was typed."""
    windows: tuple[AnyWindow, ...]
    """The window along each axis: rows, columns."""


def parse_layer(text: str, rank: int, window: type[AnyWindow]) -> Link[AnyWindow]:
    """Return the layer that `conv3/2,d2` or `pool2` says; a pool's stride is its size unless given.

    Args:
        text: as it is typed.
        rank: the axes that it slides along.
        window: what stands for it along each of them.

    >>> parse_layer("pool3/2", 1, Window).windows
    (Window(kernel=3, stride=2, padding='valid', dilation=1, ceil=False),)
    """
    match = re.fullmatch(r"(conv|pool)([0-9x×]+)(?:/([0-9x×]+))?((?:,[a-z0-9]+)*)", text.lower())
    if not match:
        raise ValueError(f"{text!r} is not a layer; {LAYER_HELP}")
    kind, kernel, stride, more = match.groups()
    settings = _layer_settings(text, kind, more.split(",")[1:])
    strides = parse_axes(stride or (kernel if kind == "pool" else "1"), f"stride of {text}", rank)
    kernels = parse_axes(kernel, f"kernel of {text}", rank)
    windows = (window(k, s, **settings) for k, s in zip(kernels, strides, strict=True))
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


def split_axes(text: str) -> list[str]:
    """Return what is typed for each axis: `28`, `32` and `3` of `28x32x3`."""
    return re.split(r"[x×X]", text.strip())
