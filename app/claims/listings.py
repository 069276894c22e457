"""What lines of the articles' listings do."""

from collections.abc import Callable
from typing import Any


def outcome(function: Callable[..., Any], *arguments: Any) -> str:
    """Return `fine` where the call works, else the name of the error that Python raises."""
    try:
        function(*arguments)
    except Exception as error:
        return type(error).__name__
    return "fine"


def subplot_codes(rows: int, columns: int) -> list[int]:
    """Return Matplotlib's three-digit codes of a grid's cells: rows, columns, number from 1."""
    return [100 * rows + 10 * columns + 1 + i for i in range(rows * columns)]
