"""The IDX format, in which MNIST and its kin are published.

A big-endian header: two zero bytes, one byte for the type (0x08: unsigned byte), one for the number of
dimensions, then each dimension as four bytes. The values follow, last dimension fastest.
Source: the description on the MNIST page, "The IDX file format".
"""

import gzip
import math
import zlib
from io import BufferedIOBase
from pathlib import Path

import numpy as np

from app.untrusted.memory import is_too_much, verify_fits
from app.untrusted.places import verify_readable

BUNDLED_MNIST = Path(__file__).resolve().parents[2] / "data" / "mnist"
"""The four files that come with the project."""
COPIES = 2
"""Of the values while they are read: in pieces, and put together."""
UNSIGNED_BYTE = 0x08
TYPES = {
    0x08: "unsigned byte",
    0x09: "signed byte",
    0x0B: "int16",
    0x0C: "int32",
    0x0D: "float32",
    0x0E: "float64",
}


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Return the array of unsigned bytes in an IDX file, raw or gzip-compressed.

    Args:
        path: the file.
        dimensions: how many the file must have: 3 for images, 1 for labels.

    Raises:
        ValueError: the file cannot be read, is damaged, cut short or too long, or holds something
            else; the message names the file.
    """
    verify_readable(path)
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if compressed else path.open("rb") as file:
            shape = _read_header(file.read(4 + 4 * dimensions), path, dimensions)
            expected = math.prod(shape)
            announced = f"the header announces {' × '.join(map(str, shape))} = {expected:,} bytes"
            if is_too_much(expected, path.stat().st_size):
                raise ValueError(f"{path}: {announced}, which a file of {path.stat().st_size:,} cannot hold")
            verify_fits(COPIES * expected, f"{path}")
            content = _read_at_most(file, expected + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: the gzip data is damaged or cut short") from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(content) != expected:
        state = "cut short" if len(content) < expected else "longer than its header says"
        raise ValueError(
            f"{path}: {state}: {announced}, the file holds {'more' if len(content) > expected else f'{len(content):,}'}"
        )
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_at_most(file: BufferedIOBase, limit: int) -> bytes:
    """Return up to `limit` bytes, in pieces: a damaged header may announce more than memory holds."""
    pieces, left = [], limit
    while left and (piece := file.read(min(left, 2**24))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _read_header(header: bytes, path: Path, dimensions: int) -> tuple[int, ...]:
    """Return the shape that the header announces."""
    if len(header) < 4 or header[:2] != b"\0\0" or header[2] not in TYPES:
        raise ValueError(f"{path}: not an IDX file (its magic number is {header[:4].hex() or 'empty'})")
    if header[2] != UNSIGNED_BYTE:
        raise ValueError(f"{path}: holds {TYPES[header[2]]} values; expected unsigned byte")
    if header[3] != dimensions:
        kinds = {1: "labels (1 dimension)", 3: "images (3 dimensions)"}
        found = kinds.get(header[3], f"{header[3]}-dimensional data")
        raise ValueError(
            f"{path}: holds {found} where {kinds[dimensions]} are expected; are two files swapped?"
        )
    if len(header) < 4 + 4 * dimensions:
        raise ValueError(f"{path}: cut short inside its header")
    return tuple(int.from_bytes(header[i : i + 4], "big") for i in range(4, 4 + 4 * dimensions, 4))
