"""The arrays in a file of PyTorch's older format (before its version 1.6), read as data and without PyTorch.

Such a file is five pickles, a number that marks the format, its version, the sizes of C's types, the arrays by their
names, and a list of keys; behind them, for each key, a count of 8 bytes and so many numbers, little-endian. An array
is a piece of such numbers. The pickles are read by `plain_pickle`, which calls nothing, and every size is held
against the length of the file before anything is read.
"""

import contextlib
import io
import math
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.files.plain_pickle import Meaning, Name, read_pickle
from app.files.weights import StoredArray
from app.untrusted.places import verify_readable

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
"""What marks the format, and its only version."""
MOST_HEADER = 4 << 20
"""Bytes of the five pickles; those of 300 arrays take 50,000."""
MOST_AXES = 8
LONGEST_NAME = 1000
"""Letters of an array's name."""
COUNT = struct.Struct("<q")
TYPES = {"FloatStorage": ("float32", 4), "DoubleStorage": ("float64", 8), "LongStorage": ("int64", 8)}
"""Kinds of numbers: as NumPy calls them, and the bytes of one."""
NEWER = b"PK\x03\x04"
"""How PyTorch's newer format begins, which is a zip archive."""
DICTIONARY, TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"


@dataclass(frozen=True)
class _Storage:
    """Numbers in a row."""

    kind: str
    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    """A piece of a storage, without gaps, its axes in any order."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """Numbers from one index of an axis to the next."""


@dataclass(frozen=True)
class _Numbers:
    """The numbers of an array in an open file, which `[()]` reads."""

    file: BinaryIO
    start: int
    tensor: _Tensor

    def __getitem__(self, _: tuple[()]) -> Any:
        import numpy as np  # whoever only looks at shapes does not need it

        tensor, (kind, size) = self.tensor, TYPES[self.tensor.storage.kind]
        length = math.prod(tensor.shape) * size
        self.file.seek(self.start + tensor.offset * size)
        content = self.file.read(length)
        if len(content) < length:
            raise OSError("the file has become shorter")
        strides = [size * stride for stride in tensor.strides]
        return np.ndarray(tensor.shape, np.dtype(kind).newbyteorder("<"), content, strides=strides)


class _UnfitError(Exception):
    """The file is whole, and not what is wanted."""


@contextlib.contextmanager
def open_torch(path: Path) -> Iterator[dict[str, StoredArray]]:
    """Open a file of PyTorch's older format; as long as it is open, its arrays can be read.

    Raises:
        ValueError: it is missing, damaged, of another format, or holds anything but arrays by their names.
    """
    verify_readable(path, "weight file", "a .pth file")
    with path.open("rb") as file:
        try:
            arrays = _read(file)
        except _UnfitError as error:
            raise ValueError(f"{path} {error}") from error
        except ValueError as error:
            raise ValueError(f"{path} is damaged, cut short, or no file of arrays alone: {error}") from error
        yield arrays


def _read(file: BinaryIO) -> dict[str, StoredArray]:
    head = io.BytesIO(file.read(MOST_HEADER))
    if head.getvalue().startswith(NEWER):
        raise _UnfitError("is of PyTorch's newer format, a zip archive; the older one alone is read here")
    try:
        magic, version = read_pickle(head), read_pickle(head)
    except ValueError:
        magic = version = None
    if not _is(magic, MAGIC) or not _is(version, VERSION):
        raise _UnfitError("is no file of PyTorch's older format")
    system = read_pickle(head)
    if type(system) is not dict or system.get("little_endian") is not True:
        raise ValueError("its numbers are not little-endian")
    storages: dict[str, _Storage] = {}
    arrays, keys = read_pickle(head, _meaning(storages)), read_pickle(head)
    if type(arrays) is not dict or not arrays or any(type(each) is not _Tensor for each in arrays.values()):
        raise ValueError("it is no list of arrays with names")
    if any(len(name) > LONGEST_NAME for name in arrays):
        raise ValueError(f"it holds an array whose name has more than {LONGEST_NAME:,} letters")
    starts = _find(file, head.tell(), storages, keys)
    return {name: _stored(file, tensor, starts) for name, tensor in arrays.items()}


def _is(value: Any, wanted: int) -> bool:
    return type(value) is int and value == wanted


def _meaning(storages: dict[str, _Storage]) -> Meaning:
    """Return what the names in a list of arrays stand for; storages are noted down by their keys."""

    def note(told: Any) -> _Storage:
        what, kind, key, _, count, view = told
        if what != "storage" or view is not None or type(key) is not str or not _is_whole(count):
            raise ValueError("it holds a piece of a storage, which is not read here")
        storage = _Storage(_kind(kind), key, count)
        if storages.setdefault(key, storage) != storage:
            raise ValueError("it tells of one storage in two ways")
        return storage

    return Meaning(
        {DICTIONARY: _dictionary, TENSOR: _tensor}, frozenset(f"torch {kind}" for kind in TYPES), note
    )


def _dictionary() -> dict[str, Any]:
    """Return a dictionary with nothing in it; what it holds is put in later.

    One that is made of its arguments would copy them again and again, and hash keys that may be endless.
    """
    return {}


def _kind(name: Any) -> str:
    kind = name.text.removeprefix("torch ") if type(name) is Name else ""
    if kind not in TYPES:
        raise ValueError("it holds numbers of a kind that is not read here")
    return kind


def _is_whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 48


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    """Return a tensor whose numbers fill a piece of its storage, each of them once."""
    if type(storage) is not _Storage or type(shape) is not tuple or type(strides) is not tuple:
        raise ValueError("it holds an array that is none")
    whole = all(map(_is_whole, (offset, *shape, *strides)))
    if len(shape) > MOST_AXES or len(shape) != len(strides) or not whole:
        raise ValueError("it holds an array of an impossible shape")
    step = 1
    for stride, size in sorted(
        (stride, size) for stride, size in zip(strides, shape, strict=True) if size != 1
    ):
        if stride != step or not size:
            raise ValueError("it holds an array that is empty, has gaps, or tells a number twice")
        step *= size
    if offset + step > storage.count:
        raise ValueError("it holds an array that reaches beyond its storage")
    return _Tensor(storage, offset, shape, strides)


def _find(file: BinaryIO, start: int, storages: dict[str, _Storage], keys: Any) -> dict[str, int]:
    """Return where the numbers of each storage begin; they must fill the rest of the file.

    Raises:
        ValueError: a storage is missing, there twice, too many, or of another length.
    """
    if (
        type(keys) is not list
        or any(type(key) is not str for key in keys)
        or sorted(keys) != sorted(storages)
    ):
        raise ValueError("its list of storages is not that of its arrays")
    end, starts = file.seek(0, os.SEEK_END), {}
    for key in keys:
        file.seek(start)
        told, storage = file.read(COUNT.size), storages[key]
        if len(told) < COUNT.size:
            raise ValueError("it ends before its last array")
        (count,) = COUNT.unpack(told)
        if count != storage.count:
            raise ValueError(f"a storage says that it has {count:,} numbers and {storage.count:,}")
        starts[key] = start + COUNT.size
        start = starts[key] + count * TYPES[storage.kind][1]
        if start > end:
            raise ValueError("it ends before its last array")
    if start != end:
        raise ValueError(f"it has {end - start:,} bytes behind its last array")
    return starts


def _stored(file: BinaryIO, tensor: _Tensor, starts: dict[str, int]) -> StoredArray:
    kind, _ = TYPES[tensor.storage.kind]
    return StoredArray(tensor.shape, kind, _Numbers(file, starts[tensor.storage.key], tensor))
