"""The shapes of the weights stored in a model file, read from its index: no weight is ever loaded."""

import contextlib
import functools
import io
import math
import os
import re
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.counting.rows import Shape
from app.counting.stored.model_files import DAMAGE, HDF5_SIGNATURE
from app.counting.symbols import snake_case

WEIGHTS = "model.weights.h5"
"""The member of a `.keras` archive that holds the weights."""
LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Signature, and the lengths of name and extra field, of a member's header inside a zip archive."""


@dataclass(frozen=True)
class StoredWeights:
    """What a file stores, as shapes."""

    arrays: tuple[tuple[str, Shape], ...]
    """Each array's path, made of the layers' names (`inner/conv1/0`), and its shape."""
    optimizer_values: int = 0
    """Numbers that the optimiser keeps beside the model's own."""


def read_weights(path: Path, config: dict[str, Any]) -> StoredWeights | None:
    """Return the shapes of the stored weights; None where the file holds a configuration only.

    Args:
        path: a `.keras`, `.h5` or `.json` file.
        config: its configuration; older files name their weights after the layers' classes.

    Raises:
        ValueError: the weights are damaged.
    """
    with path.open("rb") as file:
        signature = file.read(8)
    try:
        if signature == HDF5_SIGNATURE:
            with _open_hdf5(path) as file:
                return _read_legacy(file)
        if zipfile.is_zipfile(path) and _holds_weights(path):
            with weights_in(path) as stream, _open_hdf5(stream) as file:
                return _read_groups(file, config)
    except (*DAMAGE, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: the weights inside are damaged: {error}") from error
    return None


def _holds_weights(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return WEIGHTS in archive.namelist()


def _open_hdf5(source: Any) -> Any:
    import h5py  # only a file with weights needs it

    return h5py.File(source, "r")


@contextlib.contextmanager
def weights_in(path: Path) -> Iterator[io.RawIOBase]:
    """Open the weights inside an archive for reading here and there.

    A stored member is read in place; a compressed one is first unpacked into a temporary file.
    """
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        info = archive.getinfo(WEIGHTS)
        if info.compress_type == zipfile.ZIP_STORED:
            file.seek(info.header_offset)
            signature, name, extra = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
            if signature != b"PK\x03\x04":
                raise zipfile.BadZipFile("a member is not where the archive says")
            start = info.header_offset + LOCAL_HEADER.size + name + extra
            yield Slice(file, start, info.file_size)
            return
        if info.file_size > shutil.disk_usage(tempfile.gettempdir()).free // 2:
            raise zipfile.BadZipFile(f"unpacked, {WEIGHTS} would take {info.file_size:,} bytes")
        with tempfile.TemporaryFile() as unpacked, archive.open(info) as member:
            shutil.copyfileobj(member, unpacked, 1 << 20)
            yield Slice(unpacked, 0, info.file_size)


class Slice(io.RawIOBase):
    """A part of a file that reads like a file of its own."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._place = file, start, size, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place and return it."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(origin + offset, 0)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the current place and return how many bytes there were."""
        wanted = max(min(len(buffer), self._size - self._place), 0)
        self._file.seek(self._start + self._place)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def _read_groups(file: Any, config: dict[str, Any]) -> StoredWeights:
    """Read Keras 3's layout: one group for each object, `layers/conv2d_1/vars/0`."""
    arrays: list[tuple[str, Shape]] = []
    values, groups = 0, _Groups(config)
    for path, shape in _walk(file):
        parts = path.split("/")
        if parts[0] == "optimizer":
            values += math.prod(shape)
        elif "seed_generator" not in parts and parts[0] not in ("metrics", "_loss_tracker"):
            arrays.append((_name_path(file, parts, groups), shape))
    return StoredWeights(tuple(arrays), values)


def _walk(file: Any) -> list[tuple[str, Shape]]:
    """Return the path and shape of every data set in an HDF5 file."""
    found: list[tuple[str, Shape]] = []

    def note(path: str, item: Any) -> None:
        if hasattr(item, "shape"):
            found.append((path, tuple(int(n) for n in item.shape)))

    file.visititems(note)
    return found


def _name_path(file: Any, parts: list[str], groups: "_Groups") -> str:
    """Return an array's path with the layers' own names instead of the groups' names."""
    names, group, here = [], file, groups
    while len(parts) > 2 and parts[0] == "layers":
        group, here = group["layers"][parts[1]], here.enter(parts[1])
        stored = group["vars"].attrs.get("name") if "vars" in group else None
        names.append(here.name if stored is None else _text(stored))
        parts = parts[2:]
    return "/".join([*names, *(part for part in parts if part != "vars")])


class _Groups:
    """The groups of an older file, which does not say the layers' names: they follow the classes."""

    def __init__(self, config: dict[str, Any], fallback: str = "") -> None:
        self._config, self._inside = config, dict[str, _Groups]()
        inner = config.get("config")
        own = inner.get("name") if isinstance(inner, dict) else None
        self.name = own if isinstance(own, str) else fallback

    def enter(self, group: str) -> "_Groups":
        """Return the layer whose group is called so."""
        if group not in self._inside:
            self._inside[group] = _Groups(self._entries.get(group, {}), group)
        return self._inside[group]

    @functools.cached_property
    def _entries(self) -> dict[str, dict[str, Any]]:
        return _entries_by_group(self._config)


def _entries_by_group(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a model's layers by the names that Keras gives their groups: class names, numbered."""
    inner = config.get("config", {})
    entries = inner.get("layers", []) if isinstance(inner, dict) else inner
    found: dict[str, dict[str, Any]] = {}
    taken: dict[str, int] = {}
    for entry in entries if isinstance(entries, list) else []:
        base = snake_case(re.sub(r"\W+", "", str(entry.get("class_name", ""))))
        number = taken[base] = taken.get(base, -1) + 1
        found[f"{base}_{number}" if number else base] = entry
    return found


def _read_legacy(file: Any) -> StoredWeights:
    """Read the legacy HDF5 layout: one group for each layer, with the names of its weights."""
    arrays: list[tuple[str, Shape]] = []
    for layer, group in file["model_weights"].items():
        names = [_text(name) for name in group.attrs.get("weight_names", [])]
        for name in names:
            shape = tuple(int(n) for n in group[name].shape)
            path = name.removesuffix(":0")
            arrays.append((path if path.startswith(f"{layer}/") else f"{layer}/{path}", shape))
    kept = _walk(file["optimizer_weights"]) if "optimizer_weights" in file else []
    return StoredWeights(tuple(arrays), sum(math.prod(shape) for _, shape in kept))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
