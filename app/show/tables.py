"""Tables and lines for the terminal."""

import re
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.show.document import Block
from app.untrusted.text import visible

if TYPE_CHECKING:
    from rich.console import Console

    from app.show.table_text import Terminal

WHOLE = re.compile(r"\S  |python -m app")
"""In a line that is never broken: columns by blanks, a command to be copied."""
WIDE = 200
"""Columns when the output goes to a file or a pipe, where nothing should be folded."""


def text_width() -> int:
    """Return the columns of the terminal; of a file, a pipe or a notebook, where nothing is folded, `WIDE`."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE


def make_console(stderr: bool = False) -> "Console":
    """Return a console on the terminal, or a wide one where there is no terminal."""
    from app.show.console import PipedConsole  # here: rich takes a while

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDE
    return PipedConsole(file=stream, width=width, highlight=False, markup=False, emoji=False)


def output_terminal(elsewhere: str = "a wider terminal has them") -> "Terminal | None":
    """Return how tables are shown on standard output if that is a terminal; None where it is a file or a pipe.

    Args:
        elsewhere: where the columns are that have no room.
    """
    from app.show.styles import paint_for
    from app.show.table_text import Terminal

    return Terminal(paint_for(sys.stdout), elsewhere) if sys.stdout.isatty() else None


def printed(parts: Iterable[Block | str], terminal: "Terminal | None" = None) -> str:
    """Return tables and lines as they are printed, a blank line around each table, and no blanks at ends of lines."""
    from app.show.writers.text import block_lines

    width, pieces = text_width(), [""]
    for part in parts:
        if isinstance(part, str):  # a line among others; its own blanks stay where it fits
            line = visible(part)
            pieces[-1] += "\n".join(_wrapped_line(line, width)) + "\n"
        else:
            pieces += ["\n".join(block_lines(part.changed(visible), width, terminal)), ""]
    return "\n\n".join(piece.rstrip("\n") for piece in pieces if piece)


def _wrapped_line(line: str, width: int) -> list[str]:
    """Return a line broken at spaces; what follows the break begins two columns further right than the line."""
    from app.show.table_text import wrap

    if len(line) <= width or WHOLE.search(line.strip()):
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    first, *rest = wrap(line, width - len(indent) - 2)
    return [indent + first, *(f"{indent}  {each}" for each in rest)]


def print_parts(parts: Iterable[Block | str]) -> None:
    """Print tables and lines on standard output, on a terminal as wide as this is."""
    print(printed(parts, output_terminal()))
