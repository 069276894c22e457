"""Arrays of images in files: opened without loading them where that is possible, and taken some images at a time."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.counting.stored.model_files import DAMAGE
from app.datasets.npy import read_header, read_npy
from app.untrusted.archives import verify_list, verify_members
from app.untrusted.memory import verify_fits
from app.untrusted.places import verify_readable
from app.untrusted.text import visible

ENDINGS = (".npy", ".npz")
TEST = ("x_test", "test_images", "images", "x", "data")
"""Names of the array that is taken where an archive holds several, the first that there is."""
MAGIC = b"\x93NUMPY"


def open_array(path: Path) -> np.ndarray:
    """Return the array in a `.npy` file, left on disk, or the one of images in an `.npz` archive.

    Raises:
        ValueError: there is no such file, it holds no numbers, or several arrays of which none is named as test
            images are.
    """
    verify_readable(path, "the array")
    try:
        return _mapped(path) if path.suffix.lower() == ".npy" else _unpacked(path)
    except (*DAMAGE, MemoryError, OverflowError) as error:
        raise ValueError(f"{path} cannot be read ({error})") from error


def pieces(array: np.ndarray, shape: tuple[int | None, ...], size: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield an array some images at a time, each with the number of its first image.

    Args:
        array: one image, or many.
        shape: height, width and channels that the network takes: three axes that fit are one image, else grey ones.
        size: images at a time.
    """
    fits = array.ndim == 3 and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if array.ndim < 3 or fits:
        yield 0, array
        return
    for start in range(0, len(array), size):
        yield start, array[start : start + size]


def _mapped(path: Path) -> np.ndarray:
    with path.open("rb") as file:
        try:
            shape, is_fortran, dtype = read_header(file)
        except ValueError as error:
            raise ValueError(f"{path} {error}") from error
        start = file.tell()
    _verify_numbers(path, dtype)
    wanted = start + int(np.prod(shape, dtype=object)) * dtype.itemsize
    if wanted > path.stat().st_size:
        raise ValueError(f"{path} is cut short: {path.stat().st_size:,} of {wanted:,} bytes")
    if 0 in shape:
        return np.zeros(shape, dtype)
    return np.memmap(path, dtype, "r", start, shape, "F" if is_fortran else "C")


def _unpacked(path: Path) -> np.ndarray:
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is no .npz archive")
    verify_list(path)
    with zipfile.ZipFile(path) as archive:
        members = {each.filename.removesuffix(".npy"): each for each in archive.infolist()}
        names = [*members] if len(members) == 1 else [name for name in TEST if name in members]
        if not names:
            first = ", ".join(visible(name[:40]) for name in list(members)[:5])
            raise ValueError(
                f"{path} holds {len(members)} arrays ({first}); expected one, or one that is "
                f"called {' or '.join(TEST[:3])}"
            )
        member = members[names[0]]
        verify_members(path, [member])
        verify_fits(member.file_size, f"{path}")
        with archive.open(member) as file:
            try:
                array = read_npy(file, member.file_size)
            except ValueError as error:
                raise ValueError(f"{path}: its array {names[0]!r} {error}") from error
    _verify_numbers(path, array.dtype)
    return array


def _verify_numbers(path: Path, dtype: np.dtype) -> None:
    if dtype.kind not in "biuf":
        raise ValueError(f"{path} holds no numbers, but {dtype}")
