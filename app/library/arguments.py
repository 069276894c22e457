"""What people give to the functions of the library, checked: numbers, names, classes, settings."""

import math
from collections.abc import Sequence
from typing import Any

from models import Network, Pixels, find_network

SETTINGS = ("cell", "engine", "samples", "noise", "steps", "baseline", "patch", "seed")
LOOKS = ("colour", "is_signed", "palette", "overlay")


def class_text(label: Any) -> str | None:
    """Return a class as it would be typed.

    Raises:
        TypeError: it is neither a number nor a name.
    """
    if label is None or isinstance(label, str):
        return label
    if isinstance(label, bool) or not hasattr(label, "__index__"):
        raise TypeError(f"a class is a whole number or a name, not {label!r}")
    return str(label.__index__())


def check_known(given: dict[str, Any], known: Sequence[str]) -> None:
    """Check that every setting is known.

    Raises:
        TypeError: one is not; the message lists them.
    """
    unknown = [name for name in given if name not in known]
    if unknown:
        raise TypeError(f"there is no setting {unknown[0]!r}; there are {', '.join(known)}")


def check_settings(question: Any, style: Any) -> None:
    """Refuse settings that the command line's options would not let through.

    Raises:
        TypeError: one of another kind.
        ValueError: one out of range.
    """
    from app.maps.open_model import ENGINES
    from app.show.pictures import PALETTES

    for name, value, known in (
        ("engine", question.engine, (None, *ENGINES)),
        ("colour", style.colour, ("max", "mean", "channels")),
        ("palette", style.palette, (None, *PALETTES)),
    ):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(filter(None, known))}, not {value!r}")
    for name, first, last in (
        ("samples", 1, 10_000),
        ("steps", 1, 10_000),
        ("patch", 1, 10_000),
        ("seed", 0, 2**31),
    ):
        whole = getattr(question, name)
        if whole is not None:
            check_whole(name, whole, first, last)
    for name, value, least, most in (
        ("noise", question.noise, 0.0, math.inf),
        ("baseline", question.baseline, -math.inf, math.inf),
        ("overlay", style.overlay, 0.0, 1.0),
    ):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name} is a number, not {value!r}")
        if not least <= value <= most:
            raise ValueError(f"{name} is from {least:g} to {most:g}, not {value}")
    cell = question.cell
    if cell is not None and not (isinstance(cell, (tuple, list)) and len(cell) == 2):
        raise TypeError(f"cell is a row and a column, not {cell!r}")


def check_whole(name: str, value: Any, least: int = 0, most: int = 2**31) -> None:
    """Check that a number is whole and in its range.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is out of range.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is a whole number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} is from {least:,} to {most:,}, not {value:,}")


def check_prepare(prepare: Any) -> None:
    """Check that a way to prepare pictures is known.

    Raises:
        ValueError: it is not.
    """
    if prepare not in ("auto", "digit", "resize"):
        raise ValueError(f"prepare is 'auto', 'digit' or 'resize', not {prepare!r}")


def as_names(value: Any, what: str) -> tuple[str, ...]:
    """Return one name or several as several.

    Raises:
        TypeError: they are no names.
    """
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(
        isinstance(each, str) for each in value
    ):
        raise TypeError(f"{what} are names, not {value!r}")
    return tuple(value)


def as_pixels(given: Any) -> Pixels | None:
    """Return what black and white are worth, as two numbers tell it; what is `Pixels` already, or None, as it is.

    Raises:
        TypeError: they are no two numbers.
        ValueError: they are not in order.
    """
    if given is None or isinstance(given, Pixels):
        return given
    try:
        low, high = map(float, given)
    except (TypeError, ValueError) as error:
        raise TypeError(f"pixels are two numbers, what black and white are worth, not {given!r}") from error
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"pixels are two finite numbers, low before high, not {low:g} and {high:g}")
    return Pixels((low, high))


def check_not_both(labels: Sequence[Any], layer: str | None, units: Sequence[int]) -> None:
    """Check that not both classes and maps of a layer are asked for.

    Raises:
        ValueError: they are.
    """
    if labels and (layer is not None or units):
        raise ValueError("classes and maps of a layer contradict each other; give one of them")


def as_shape(given: Any) -> tuple[int, ...]:
    """Return height, width and channels of an image.

    Raises:
        TypeError: they are no whole numbers.
        ValueError: they are no image's.
    """
    from app.commands.options import as_image_shape

    if not isinstance(given, Sequence) or isinstance(given, str):
        raise TypeError(f"image_shape is height, width and channels, as (28, 28, 1), not {given!r}")
    for size in given:
        check_whole("a size of image_shape", size, 1)
    return as_image_shape(given, "image_shape")


def as_place(given: Any) -> tuple[int, int]:
    """Return a row and a column.

    Raises:
        TypeError: they are none.
        ValueError: one is below 0.
    """
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise TypeError(f"at is a row and a column, not {given!r}")
    for number in given:
        check_whole("a row or column", number)
    return int(given[0]), int(given[1])


def as_network(network: Any, hint: str = "") -> Network:
    """Return a network of the catalogue by its name.

    Raises:
        ValueError: there is none that is called so.
        TypeError: it is no name.
    """
    if isinstance(network, Network):
        return network
    if not isinstance(network, str):
        raise TypeError(
            f"expected the name of a network of the catalogue, not {type(network).__name__}{hint}"
        )
    return find_network(network)
