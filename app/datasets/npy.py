"""NumPy's `.npy` format, read without believing its header."""

import math
from typing import IO

import numpy as np

READERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
"""By version; the third is for names in Unicode, which numbers do not have."""
NUMBERS = "biufSU"
"""Kinds of NumPy's types that are read; labels may be text, which is refused with better words later."""
PIECE = 1 << 24
"""Bytes that are read at a time: a file may hold less than it says."""


def read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return what a `.npy` file says of its array: shape, whether columns come first, type of its numbers.

    Raises:
        ValueError: it is no such file; a phrase without its subject.
    """
    try:
        version = np.lib.format.read_magic(file)
        if version not in READERS:
            raise ValueError(f"version {version}")
        shape, is_fortran, dtype = READERS[version](file)
    except Exception as error:  # the header is a Python expression: whatever its parser raises
        raise ValueError("is no array of numbers (its header is damaged)") from error
    return shape, is_fortran, dtype


def read_npy(file: IO[bytes], size: int) -> np.ndarray:
    """Return the array in a `.npy` file.

    Args:
        file: open at its beginning.
        size: its bytes, beyond which a header is not believed.

    Raises:
        ValueError: it is no such file, holds objects, or less than it says; a phrase without its subject.
    """
    shape, is_fortran, dtype = read_header(file)
    if not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"has the shape {shape}")
    if dtype.kind not in NUMBERS or dtype.names or dtype.subdtype or not dtype.itemsize:
        what = "Python objects, which may be code" if dtype.hasobject else str(dtype)
        raise ValueError(f"holds no numbers, but {what}")
    wanted = math.prod(shape) * dtype.itemsize
    if wanted > size:
        raise ValueError(f"says that it holds {wanted:,} bytes of numbers, and is {size:,} bytes long")
    content = bytearray()
    while len(content) < wanted and (piece := file.read(min(wanted - len(content), PIECE))):
        content += piece
    if len(content) < wanted:
        raise ValueError(f"is cut short: {len(content):,} of {wanted:,} bytes")
    array: np.ndarray = np.frombuffer(content, dtype)
    return array.reshape(shape, order="F" if is_fortran else "C")
