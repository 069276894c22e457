"""Bold and colour for a terminal; a pipe gets neither.

The escapes are written here and not by rich, whose console takes longer to import than a count takes to print.
"""

import os
from collections.abc import Callable
from typing import Any

BOLD, GREEN, RED = "1", "32", "31"
"""What a terminal is told: ECMA-48, Select Graphic Rendition."""
GOOD = frozenset(("agrees", "equal", "exact", "rounded", "the same map", "as published", "yes"))
BAD = frozenset(("differs", "wrong"))
"""Verdicts in tables that are green and red."""

Paint = Callable[[str, str], str]
"""`paint(text, BOLD)`: the text as it is to be shown."""


def painted(text: str, style: str) -> str:
    """Return a text between the escapes of a style; an empty one as it is.

    >>> painted("total", BOLD)
    '\\x1b[1mtotal\\x1b[0m'
    """
    return f"\x1b[{style}m{text}\x1b[0m" if text else text


def unpainted(text: str, style: str) -> str:  # noqa: ARG001
    """Return a text as it is: what a pipe gets."""
    return text


def paint_for(stream: Any) -> Paint:
    """Return `painted` for a terminal that shows styles, else `unpainted`; NO_COLOR and TERM=dumb are obeyed."""
    return painted if has_styles(stream) else unpainted


def has_styles(stream: Any) -> bool:
    """Return whether a stream goes to a terminal that is to show bold and colour."""
    is_terminal = stream is not None and not stream.closed and stream.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def verdict_style(cell: str) -> str:
    """Return the colour of a verdict, "" for any other text."""
    return GREEN if cell in GOOD else RED if cell in BAD else ""
