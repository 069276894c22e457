"""Signs that a terminal may lack, and characters that must not reach one raw."""

import codecs
import unicodedata

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

UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories: controls, halves of surrogate pairs, line and paragraph separators."""
REORDERING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"}
"""Signs that turn the direction of the text around them."""


def plain(character: str) -> str:
    """Return one character in ASCII: a sign as its ASCII likeness, another one as an escape.

    >>> plain("×"), plain("é")
    ('x', '\\\\xe9')
    """
    return SIGNS.get(character) or character.encode("ascii", "backslashreplace").decode()


def to_ascii(text: str) -> str:
    """Return the text in ASCII; nothing is lost or replaced by a question mark."""
    return text if text.isascii() else text.encode("ascii", ERROR_HANDLER).decode()


def visible(text: str) -> str:
    """Return the text with control characters as escapes, so that a name cannot steer a terminal.

    >>> visible("a\\x1b[31m")
    'a\\\\x1b[31m'
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(_escape(c) if _is_unprintable(c) else c for c in text)


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character) in UNPRINTABLE or character in REORDERING


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


codecs.register_error(ERROR_HANDLER, _replace)
