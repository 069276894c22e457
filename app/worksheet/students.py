"""For whom sheets are made: so many students, or the names in a file."""

import re
from pathlib import Path

MOST_STUDENTS = 1000


def read_students(text: str) -> list[str]:
    """Return the students: 01, 02 … for a number, or the lines of a file.

    Raises:
        ValueError: it is neither, or two students have the same name.
    """
    if re.fullmatch(r"[0-9]{1,9}", text):
        number = int(text)
        if not 0 < number <= MOST_STUDENTS:
            raise ValueError(f"--students must be 1 to {MOST_STUDENTS}, not {text}")
        return [f"{i:0{len(text)}d}" for i in range(1, number + 1)]
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"--students takes a number or a file with a name in each line, not {text!r}")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file in UTF-8; expected a name in each line") from error
    names = [" ".join(line.split()) for line in lines if line.strip()]
    if not 0 < len(names) <= MOST_STUDENTS:
        raise ValueError(f"{path} has {len(names)} names; expected 1 to {MOST_STUDENTS}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice or max(map(len, names)) > 100 or not all(map(str.isprintable, names)):
        problem = f"{twice!r} is there twice" if twice else "a line is no name"
        raise ValueError(f"{path}: {problem}; each student needs a name of their own, one in a line")
    return names
