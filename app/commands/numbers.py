"""Numbers among the settings of a run, checked before anything heavy is loaded; None is left: as usual."""

import math
import operator
from typing import Any


def whole_number(name: str, value: Any, least: int, most: int) -> int | None:
    """Return a setting as a whole number.

    Raises:
        ValueError: it is out of range.
        TypeError: it is no whole number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most:,}, not {value}")
    return operator.index(value)


def positive_number(name: str, value: Any) -> float | None:
    """Return a setting as a number above 0.

    Raises:
        ValueError: it is not finite, or not above 0.
        TypeError: it is no number.
    """
    if value is None:
        return None
    if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a finite number above 0, not {value}")
    return float(value)
