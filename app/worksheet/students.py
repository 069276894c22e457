"""For whom sheets are made: so many students, their names, or the names in a file."""

import operator
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

MOST_STUDENTS = 1000
LARGEST_FILE = 1 << 20
"""Bytes of a file with their names."""
LONGEST_NAME = 100


def list_students(students: int | str | Path | Iterable[str], called: str = "students") -> list[str]:
    """Return the students: 01, 02 … for a number, the lines of a file, or the names themselves.

    Args:
        students: how many there are, the path of a file with a name in each line, or the names.
        called: what the messages call the first argument.

    Raises:
        ValueError: it is none of these, or two students have the same name.
        TypeError: a name is no text.
    """
    if isinstance(students, str | Path):
        text = str(students)
        return _numbered(text, called) if re.fullmatch(r"[0-9]{1,9}", text) else _read(text, called)
    if isinstance(students, Iterable):
        return _named([*students], called)
    try:
        return _numbered(str(operator.index(students)), called)
    except TypeError as error:
        raise TypeError(f"{called} is a number, a file or a list of names, not {students!r}") from error


def _numbered(text: str, called: str) -> list[str]:
    number = int(text)
    if not 0 < number <= MOST_STUDENTS:
        raise ValueError(f"{called} must be 1 to {MOST_STUDENTS}, not {text}")
    return [f"{i:0{len(text)}d}" for i in range(1, number + 1)]


def _read(text: str, called: str) -> list[str]:
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"{called} takes a number or a file with a name in each line, not {text!r}")
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path} has {path.stat().st_size:,} bytes, too many for {MOST_STUDENTS} names")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file in UTF-8; expected a name in each line") from error
    return _checked([line for line in lines if line.strip()], str(path), "a name of their own, one in a line")


def _named(names: Sequence[str], called: str) -> list[str]:
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{called} are names, not {name!r}")
    return _checked(names, called, "a name of their own")


def _checked(given: Iterable[str], where: str, needed: str) -> list[str]:
    """Return names without spaces too many, each of which can be one student's."""
    names = [" ".join(name.split()) for name in given]
    if not 0 < len(names) <= MOST_STUDENTS:
        raise ValueError(f"{where} has {len(names)} names; expected 1 to {MOST_STUDENTS}")
    twice = next((name for name in names if names.count(name) > 1), None)
    odd = not all(0 < len(name) <= LONGEST_NAME and name.isprintable() for name in names)
    if twice is not None or odd:
        problem = f"{twice!r} is there twice" if twice is not None else "a line is no name"
        raise ValueError(f"{where}: {problem}; each student needs {needed}")
    return names
