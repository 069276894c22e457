"""The fields that questions of the page have in common, checked."""

import math
from collections.abc import Collection, Sequence
from typing import Any


def verify_fields(question: dict[str, Any], needed: Collection[str], optional: Collection[str] = ()) -> None:
    """Refuse a question that lacks a field, or has one that nobody reads.

    Raises:
        ValueError: the sentence names the field.

    >>> verify_fields({"image": [0.0], "clas": 3}, ["image"], ["class"])
    Traceback (most recent call last):
    ValueError: The question has a field 'clas'; it may have image, class.
    """
    for name in needed:
        if name not in question:
            raise ValueError(f"The question has no field {name!r}.")
    for name in question:
        if name not in needed and name not in optional:
            raise ValueError(
                f"The question has a field {name[:40]!r}; it may have {', '.join([*needed, *optional])}."
            )


def image_field(
    question: dict[str, Any],
    count: int,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    name: str = "image",
) -> list[float]:
    """Return the pixels of an image, row by row, channels last.

    Args:
        count: rows · columns · channels.
        low, high: what a pixel may be.

    Raises:
        ValueError: it is no list of `count` finite numbers from `low` to `high`.

    >>> image_field({"image": [0, 0.5, 1]}, 3, low=0, high=1)
    [0.0, 0.5, 1.0]
    """
    values = question.get(name)
    if not isinstance(values, list):
        raise ValueError(f"The {name} must be a list of {count:,} numbers.")
    if len(values) != count:
        raise ValueError(f"The {name} has {len(values):,} numbers; the network takes {count:,}.")
    for place, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"Number {place} of the {name} is no number.")
        if not math.isfinite(value):
            raise ValueError(f"Number {place} of the {name} is not finite.")
        if not low <= value <= high:
            raise ValueError(
                f"Number {place} of the {name} is {value:g}; it must be from {low:g} to {high:g}."
            )
    return [float(value) for value in values]


def class_field(question: dict[str, Any], classes: int, name: str = "class") -> int:
    """Return the number of a class, from 0 on.

    Raises:
        ValueError: it is no whole number below `classes`.

    >>> class_field({"class": 10}, 10)
    Traceback (most recent call last):
    ValueError: The class is 10; the network has the classes 0 to 9.
    """
    value = question.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"The {name} must be a whole number from 0 to {classes - 1}.")
    if not 0 <= value < classes:
        raise ValueError(f"The {name} is {value}; the network has the classes 0 to {classes - 1}.")
    return value


def name_field(question: dict[str, Any], name: str, known: Sequence[str]) -> str:
    """Return a field that is one of the known names.

    Raises:
        ValueError: it is none of them; the sentence lists them.

    >>> name_field({"method": "gradcam"}, "method", ["gradient", "gradcam"])
    'gradcam'
    """
    value = question.get(name)
    if isinstance(value, str) and value in known:
        return value
    said = repr(value[:40]) if isinstance(value, str) else "no name"
    raise ValueError(f"The {name} is {said}; it must be one of {', '.join(known)}.")
