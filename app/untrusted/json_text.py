"""JSON of strangers: bounded in length, depth and in its numbers."""

import json
import math
from pathlib import Path
from typing import Any

from app.untrusted.places import verify_readable

MOST_BYTES = 8 << 20
"""Length of a text; the largest network of keras.applications takes 1 MB."""
MOST_LEVELS = 64
"""Lists and objects inside each other; a network inside a network takes six."""
LARGEST = 1 << 64
"""Whole numbers; a seed has 64 bits at most."""


def parse_json(text: str | bytes, most: int = MOST_BYTES, *, strict: bool = False) -> Any:
    """Return what a text of at most so many bytes says.

    Args:
        strict: NaN, numbers beyond float64 and a name that stands twice in an object are refused, too.

    Raises:
        ValueError: it is no JSON, too long, too deep, or has an absurdly large number; a phrase without its subject.

    >>> parse_json("[" * 100 + "]" * 100)
    Traceback (most recent call last):
    ValueError: is nested 100 levels deep; at most 64
    """
    if len(text) > most:
        raise ValueError(f"has {len(text):,} bytes; at most {most:,}")
    try:
        value = json.loads(text, parse_int=_whole_number, **(STRICT if strict else {}))
    except RecursionError as error:
        raise ValueError(f"is nested too deep; at most {MOST_LEVELS} levels") from error
    except UnicodeDecodeError as error:
        raise ValueError("is no JSON (it is not in UTF-8)") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON ({error.msg}, line {error.lineno})") from error
    levels = _levels(value)
    if levels > MOST_LEVELS:
        raise ValueError(f"is nested {levels:,} levels deep; at most {MOST_LEVELS}")
    return value


def read_json(path: Path, most: int = MOST_BYTES) -> Any:
    """Return what a JSON file of at most so many bytes says.

    Raises:
        ValueError: it is no regular file, or as of `parse_json`; the message names it.
        OSError: it cannot be read.
    """
    verify_readable(path)
    if path.stat().st_size > most:
        raise ValueError(f"{path} has {path.stat().st_size:,} bytes; at most {most:,}")
    try:
        return parse_json(path.read_bytes(), most)
    except ValueError as error:
        raise ValueError(f"{path} {error}") from error


def _whole_number(digits: str) -> int:
    if len(digits) > len(str(-LARGEST)) or abs(int(digits)) > LARGEST:
        raise ValueError(f"holds a number of {len(digits):,} digits")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"holds a number that is not finite ({digits[:20]})")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError(f"has an object of {len(pairs):,} names, some of them twice")
    return value


STRICT: dict[str, Any] = {"parse_constant": _number, "parse_float": _number, "object_pairs_hook": _object}
"""What `json.loads` takes to accept no more than the standard of JSON does."""


def _levels(value: Any) -> int:
    """Return how deep lists and objects lie inside each other."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, (list, dict))]:
        depth += 1
        level = [x for item in level for x in (item.values() if isinstance(item, dict) else item)]
    return depth
