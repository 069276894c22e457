"""Single answers: how a number or a shape is written, and every way in which students write one.

What a comma or a point means. In a whole number it parts thousands where three digits follow:
`1,690`, `1.690`, `1 690` and `1'690` are all 1690. In a memory, which is below a thousand of its unit, a
single comma or point is the decimal mark. Where both occur, the last one is the decimal mark.
"""

import re
from fractions import Fraction

from app.counting.rows import Shape, shape_text

Value = int | Shape | Fraction
"""A whole number, a shape or, for a memory, a fraction of its unit."""

UNITS = {"B": 1, "kB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}
"""Bytes in each unit of memory."""
TOLERANCE = Fraction(1, 200)
"""A memory may be off by half a per cent: three significant digits are asked for."""
LONGEST = 60

_SPACES = re.compile(r"(?<=\d)[ \u00a0\u2007\u2009\u202f'’_](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"([-−+]?)(\d(?:[\d.,]*\d)?)(?:[eE]([+-]?\d{1,2}))?\s*([^\W\d_]*)(?:\s+[^\d]*)?")
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_TIMES = re.compile(r"\s*[×xXхХ✕⋅·*∙]\s*|\s+by\s+")
_THOUSANDS = {"k": 10**3, "K": 10**3, "M": 10**6}


def write_value(value: Value) -> str:
    """Return a value as a sheet shows it: 1,690, 26×26×32, or a memory to three digits."""
    if isinstance(value, tuple):
        return shape_text(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{float(value):,.0f}" if value >= 999 else f"{float(value):.3g}"


def read_value(text: str, example: Value, unit: str = "", grouped: bool = False) -> Value:
    """Return what a student's answer says, read as a value of the kind of `example`.

    Where a working is given, `5·5·10 + 10 = 260`, its result is the answer. With `grouped` a memory, too,
    is read as a number whose digits stand in groups: `373,288` may have been meant as bytes.

    Raises:
        ValueError: it cannot be read; the message says what is expected.
    """
    text = text.strip().rpartition("=")[2].strip().strip("'\"").strip()
    if len(text) > LONGEST:
        raise ValueError(f"longer than any answer: {text[:20]}…")
    if isinstance(example, tuple):
        return _read_shape(text, len(example))
    if not unit:
        return _whole(_read_number(text, whole=True), text)
    return _in_unit(_read_number(text, grouped), unit, text)


def agrees(given: Value, value: Value) -> bool:
    """Return whether an answer is the value: exactly, or within `TOLERANCE` for a memory."""
    if isinstance(value, Fraction) and isinstance(given, Fraction | int):
        return abs(given - value) <= abs(value) * TOLERANCE
    return given == value


def _read_number(text: str, whole: bool) -> tuple[Fraction, str]:
    """Return a number and the word behind it."""
    match = _NUMBER.fullmatch(_SPACES.sub("", text))
    if match is None or (match[4] and not match[4].isalpha()):
        expected = "one whole number, such as 1,690" if whole else "one number, such as 1.35"
        raise ValueError(f"{text!r} is not a number; expected {expected}")
    sign, digits, exponent, word = match.groups()
    number = Fraction(_plain(digits, whole, text)) * Fraction(10) ** int(exponent or 0)
    return (-number if sign in ("-", "−") else number), word


def _plain(digits: str, whole: bool, text: str) -> str:
    """Return digits with at most one point, which is the decimal mark."""
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return digits
    last = marks[-1]
    if _GROUPED.fullmatch(digits) and (whole or len(marks) > 1):
        return digits.replace(last, "")
    if marks.count(last) > 1:
        raise ValueError(f"{text!r} is not a number: its digits are not in groups of three")
    return digits.replace("," if last == "." else ".", "").replace(last, ".")


def _whole(number: tuple[Fraction, str], text: str) -> int:
    value = number[0] * _THOUSANDS.get(number[1], 1)
    if value.denominator != 1:
        raise ValueError(f"{text!r} is not a whole number")
    return int(value)


def _in_unit(number: tuple[Fraction, str], unit: str, text: str) -> Fraction:
    """Return a memory in the unit asked for, whichever unit it was written in."""
    value, word = number
    for name, size in {**UNITS, "byte": 1, "bytes": 1}.items():
        if word.lower() == name.lower() or (not word and name == unit):
            return value * size / UNITS[unit]
    raise ValueError(f"{text!r}: unknown unit {word!r}; expected {unit}")


def _read_shape(text: str, rank: int) -> Shape:
    """Return a shape, written with ×, x, *, commas, semicolons or spaces, in brackets or not."""
    bare = re.sub(r"^[(\[{]\s*(?:None\s*[,;×x]\s*)?|[)\]}]$", "", text).strip()
    parts = _TIMES.split(bare)
    if len(parts) == 1 and rank == 1:
        parts = [bare.rstrip(",")]
    elif len(parts) == 1:
        pieces = [piece for piece in re.split(r"[,;\s]+", bare) if piece]
        parts = [bare] if len(pieces) != rank and _GROUPED.fullmatch(bare) else pieces
    expected = "one number, such as 1,690" if rank == 1 else f"sizes such as {'26×26×32'[: 3 * rank - 1]}"
    if not parts or len(parts) > 6:
        raise ValueError(f"{text!r} is not a shape; expected {expected}")
    try:
        return tuple(_whole(_read_number(part, whole=True), part) for part in parts)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a shape; expected {expected}") from error
