"""One array in a file, `.npy` or text: an image or a series as numbers."""

from pathlib import Path

import numpy as np

from app.datasets.npy import read_npy
from app.untrusted.places import verify_readable

ENDINGS = (".npy", ".csv", ".tsv", ".txt")
MAX_TEXT = 8 << 20
"""The same of text, which takes a second for each million of numbers."""
MAX_BYTES = 64 << 20
"""Beyond it a file is no single image or series."""


def read_array(path: Path) -> np.ndarray:
    """Return the array in a file: `.npy`, or rows of numbers parted by commas, semicolons, tabs or blanks.

    A first line of names is left out. Whole numbers of 0…255 in a text, unless they are all 0 or 1, are bytes.

    Raises:
        ValueError: there is no such file, it is too large, or it holds anything but numbers.
    """
    verify_readable(path)
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(
            f"{path} has {path.stat().st_size:,} bytes; an image or series has at most {MAX_BYTES:,}"
        )
    if path.suffix.lower() == ".npy":
        try:
            with path.open("rb") as file:
                array = read_npy(file, path.stat().st_size)
            if array.dtype.kind not in "biuf":
                raise ValueError(f"holds no numbers, but {array.dtype}")
            return array
        except ValueError as error:
            raise ValueError(f"{path} {error}") from error
    if path.stat().st_size > MAX_TEXT:
        raise ValueError(
            f"{path} has {path.stat().st_size:,} bytes of text; at most {MAX_TEXT:,}: save it as .npy"
        )
    try:
        lines, first = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip()], 1
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text") from error
    if lines and any(mark.isalpha() for mark in lines[0].lower().replace("nan", "").replace("e", "")):
        lines, first = lines[1:], 2
    if not lines:
        raise ValueError(f"{path} holds no numbers")
    mark = next((mark for mark in (";", "\t", ",") if mark in lines[0]), None)
    if mark == ";" and "." not in "".join(lines):
        lines = [line.replace(",", ".") for line in lines]  # as a table is written where the comma is decimal
    rows = [_read_row(line, mark, f"{path}, line {number}") for number, line in enumerate(lines, first)]
    if len({len(row) for row in rows}) > 1:
        odd = next(number for number, row in enumerate(rows, first) if len(row) != len(rows[0]))
        raise ValueError(
            f"{path}, line {odd} has another number of values than the first; expected rows of numbers"
        )
    table = np.array(rows)
    array = table.ravel() if 1 in table.shape else table
    are_bytes = (array == np.rint(array)).all() and array.min() >= 0 and 1 < array.max() <= 255
    return array.astype(np.uint8) if are_bytes else array


def _read_row(line: str, mark: str | None, where: str) -> list[float]:
    try:
        return [float(value) for value in line.strip().strip(mark or " ").split(mark)]
    except ValueError as error:
        raise ValueError(f"{where} holds more than numbers; expected rows of numbers") from error
