"""Text of strangers: a name must not steer a terminal, or read backwards."""

import unicodedata

UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories: controls, halves of surrogate pairs, line and paragraph separators."""
REORDERING = {*"\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"}
"""Signs that turn the direction of the text around them."""


def visible(text: str) -> str:
    """Return the text with control characters as escapes.

    >>> visible("a\\x1b[31m")
    'a\\\\x1b[31m'
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(c.encode("unicode_escape").decode() if _is_unprintable(c) else c for c in text)


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character) in UNPRINTABLE or character in REORDERING
