"""Signs that a terminal may lack."""

import codecs

SIGNS = {
    "·": "*", "×": "x", "−": "-", "–": "-", "—": "-", "‑": "-", "±": "+/-", "≥": ">=", "≤": "<=",
    "≈": "~=", "≠": "!=", "√": "sqrt", "∞": "inf", "⌊": "floor(", "⌋": ")", "⌈": "ceil(",
    "⌉": ")", "…": "...", "→": "->", "←": "<-", "↑": "^", "↓": "v", "′": "'", "²": "^2", "³": "^3",
    "“": '"', "”": '"', "‘": "'", "’": "'", "•": "-", "─": "-", "━": "-", "═": "-", "│": "|",
    "┃": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+",
    "┼": "+", "█": "#", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
}  # fmt: skip
"""The signs that workings and tables are written with, in ASCII."""

ERROR_HANDLER = "convlab_signs"
"""Name of the codec error handler: signs become ASCII, other characters backslash escapes."""


def plain(character: str) -> str:
    """Return one character in ASCII: a sign as its ASCII likeness, another one as an escape.

    >>> plain("×"), plain("é")
    ('x', '\\\\xe9')
    """
    return SIGNS.get(character) or character.encode("ascii", "backslashreplace").decode()


def to_ascii(text: str) -> str:
    """Return the text in ASCII; nothing is lost or replaced by a question mark."""
    return text if text.isascii() else text.encode("ascii", ERROR_HANDLER).decode()


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


codecs.register_error(ERROR_HANDLER, _replace)
