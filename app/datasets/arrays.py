"""One array in a file, `.npy` or text: an image or a series as numbers."""

from pathlib import Path

import numpy as np

ENDINGS = (".npy", ".csv", ".tsv", ".txt")
MAX_BYTES = 256 << 20
"""Beyond it a file is no single image or series."""


def read_array(path: Path) -> np.ndarray:
    """Return the array in a file: `.npy`, or rows of numbers parted by commas, semicolons, tabs or blanks.

    A first line of names is left out. Whole numbers of 0…255 in a text, unless they are all 0 or 1, are bytes.

    Raises:
        ValueError: there is no such file, it is too large, or it holds anything but numbers.
    """
    if not path.is_file():
        raise ValueError(f"{path} does not exist" if not path.exists() else f"{path} is no file")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(
            f"{path} has {path.stat().st_size:,} bytes; an image or series has at most {MAX_BYTES:,}"
        )
    if path.suffix.lower() == ".npy":
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise ValueError(f"{path} is damaged, or holds objects instead of numbers") from error
        return np.asarray(array)
    try:
        lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text") from error
    if lines and any(mark.isalpha() for mark in lines[0].lower().replace("nan", "").replace("e", "")):
        lines = lines[1:]
    mark = next((mark for mark in (";", "\t", ",") if lines and mark in lines[0]), None)
    try:
        array = np.loadtxt(lines, delimiter=mark, ndmin=1)
    except ValueError as error:
        raise ValueError(f"{path} holds more than rows of numbers: {error}") from error
    if not array.size:
        raise ValueError(f"{path} holds no numbers")
    are_bytes = (array == np.rint(array)).all() and array.min() >= 0 and 1 < array.max() <= 255
    return array.astype(np.uint8) if are_bytes else array
