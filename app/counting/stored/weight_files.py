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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from app.counting.rows import Shape
from app.counting.stored.model_files import HDF5_SIGNATURE
from app.counting.symbols import snake_case
from app.untrusted.limits import READING, within
from app.untrusted.memory import verify_growth

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
    fixed: frozenset[str] | None = None
    """The paths of the arrays that are not trained; None where that is not known, as in a file."""
    own: tuple[str, ...] = ()
    """The paths of the arrays that belong to the model itself and to none of its layers."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """Layers that hold nothing but weights of others, and one of these each; by name."""


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
            with within(READING), _open_hdf5(path) as file:
                return _read_legacy(file)
        if zipfile.is_zipfile(path) and _holds_weights(path):
            with within(READING), weights_in(path) as stream, _open_hdf5(stream) as file:
                return _read_groups(file, config)
    except Exception as error:  # of a damaged file h5py raises whatever it stumbles over
        raise ValueError(f"{path}: the weights inside are damaged: {error}") from error
    return None


def read_arrays(path: Path, config: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the stored weights themselves, as NumPy arrays: by the path of their layer, in Keras' order.

    Args:
        path: a `.keras` or `.h5` file.
        config: its configuration.

    Raises:
        ValueError: the weights are damaged, or there are none.
    """
    found: dict[str, list[Any]] = {}
    try:
        with within(READING), _opened(path) as file:
            for layer, array in _list_layers(file, config):
                found.setdefault(layer, []).append(array[()])
    except Exception as error:  # of a damaged file h5py raises whatever it stumbles over
        raise ValueError(f"{path}: the weights inside are damaged: {error}") from error
    return found


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open the HDF5 of a model file: the file itself, or the one inside an archive."""
    if zipfile.is_zipfile(path):
        with weights_in(path) as stream, _open_hdf5(stream) as file:
            yield file
    else:
        with _open_hdf5(path) as file:
            yield file


def _list_layers(file: Any, config: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a model with the paths of their layers, those of one layer in Keras' order."""
    if "model_weights" not in file:
        arrays = [each for each in list_arrays(file, config) if each.rest[:-1] in ((), ("vars",))]
        for each in sorted(arrays, key=lambda each: (each.layers, _number(each.rest[-1]))):
            yield "/".join(each.layers), file[each.key]
        return
    room = Room()
    for layer, group in file["model_weights"].items():
        for name in list_names(group, "weight_names"):
            room.take(f"{layer}/{name}", group[name])
            yield layer, group[name]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


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
            raise zipfile.BadZipFile(f"unpacked, {WEIGHTS} would take {info.file_size:,} bytes of disk")
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


@dataclass(frozen=True)
class StoredArray:
    """One array of a file in the layout of `.keras`, and the layer that it belongs to."""

    key: str
    """Where it is in the file."""
    layers: tuple[str, ...]
    """The names of the layer and of the models around it."""
    rest: tuple[str, ...]
    """Where it is inside the layer: `cell`, `vars`, `0`."""
    shape: Shape

    @property
    def path(self) -> str:
        """Its path by the layers' names, `inner/conv1/0`."""
        return "/".join([*self.layers, *(part for part in self.rest if part != "vars")])


def _read_groups(file: Any, config: dict[str, Any]) -> StoredWeights:
    """Read the layout of `.keras`: one group for each object, `layers/conv2d_1/vars/0`."""
    values = sum(math.prod(shape) for key, shape in _walk(file) if _inside(_parts(key))[0] == "optimizer")
    return StoredWeights(tuple((each.path, each.shape) for each in list_arrays(file, config)), values)


def list_arrays(file: Any, config: dict[str, Any]) -> list[StoredArray]:
    """Return the arrays of a model in an HDF5 file in the layout of `.keras`, with the layers' own names.

    Keras 3 writes the name of a layer beside its arrays. TensorFlow 2.12 to 2.15 did not: the groups are called
    after the layers' classes, numbered, and 2.12 and 2.13 numbered them by a counter that also counts other things.
    On Windows the separators were backslashes.
    """
    kept = [(key, shape) for key, shape in _walk(file) if _is_of_model(_parts(key))]
    groups = _Groups(config, [_parts(key) for key, _ in kept])
    return [StoredArray(key, *_name_path(file, key, groups), shape) for key, shape in kept]


def _parts(key: str) -> tuple[str, ...]:
    return tuple(re.split(r"[/\\]", key))


def _inside(parts: Sequence[str]) -> Sequence[str]:
    """Return where an array is inside its layer; a model inside another may have an optimiser of its own."""
    while len(parts) > 2 and parts[0] in LISTS:
        parts = parts[2:]
    return parts


def _is_of_model(parts: Sequence[str]) -> bool:
    return "seed_generator" not in parts and _inside(parts)[0] not in (
        "optimizer",
        "metrics",
        "_loss_tracker",
    )


def _walk(file: Any) -> list[tuple[str, Shape]]:
    """Return the path and shape of every data set in an HDF5 file."""
    found: list[tuple[str, Shape]] = []
    room = Room()

    def note(path: str, item: Any) -> None:
        if hasattr(item, "shape"):
            room.take(path, item)
            found.append((path, tuple(int(n) for n in item.shape)))
            if len(found) > MOST_ARRAYS:
                raise ValueError(f"there are more than {MOST_ARRAYS:,} arrays")

    file.visititems(note)
    return found


NUMBERS = "biufV"
"""Kinds of NumPy's types that weights are stored as; V holds bfloat16."""
MOST_ARRAYS = 50_000


class Room:
    """What the arrays of a file claim, and what they store; a small file may not claim gigabytes."""

    def __init__(self) -> None:
        self.claimed = self.stored = 0

    def take(self, path: str, array: Any) -> None:
        """Refuse an `h5py.Dataset` that is not numbers inside this very file, or one too many.

        Raises:
            ValueError: its numbers lie elsewhere, are no numbers, or are claimed and not there.
        """
        if array.external or array.is_virtual:
            raise ValueError(f"the numbers of {path} lie in another file")
        if array.dtype.kind not in NUMBERS or array.dtype.names or array.dtype.subdtype:
            raise ValueError(f"{path} holds no numbers, but {array.dtype}")
        self.claimed += math.prod(map(int, array.shape)) * array.dtype.itemsize
        self.stored += array.id.get_storage_size()
        verify_growth(self.claimed, self.stored, f"what it holds up to {path}")


LISTS = ("layers", "_layer_checkpoint_dependencies")
"""What the group with a model's layers is called; the second by TensorFlow 2.12 and 2.13."""


def _name_path(file: Any, key: str, groups: "_Groups") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the layers that an array is in, and where it is in the last of them."""
    names, parts, here, group = [], _parts(key), groups, "\\" not in key and file
    while len(parts) > 2 and parts[0] in LISTS:
        here = here.enter(parts[0], parts[1])
        group = group and group[parts[0]][parts[1]]
        stored = group["vars"].attrs.get("name") if group and "vars" in group else None
        names.append(here.name if stored is None else _text(stored))
        parts = parts[2:]
    return tuple(names), parts


class _Groups:
    """The groups of a model, which do not all say the layers' names: they follow the classes."""

    def __init__(self, config: dict[str, Any], paths: Sequence[tuple[str, ...]], fallback: str = "") -> None:
        self._config, self._paths = config, paths
        self._below: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for path in paths:
            self._below.setdefault(path[:2], []).append(path[2:])
        self._inside: dict[str, _Groups] = {}
        inner = config.get("config")
        own = inner.get("name") if isinstance(inner, dict) else None
        self.name = own if isinstance(own, str) else fallback

    def enter(self, listing: str, group: str) -> "_Groups":
        """Return the layer whose group is called so."""
        if group not in self._inside:
            inside = self._below[listing, group]
            self._inside[group] = _Groups(self._entries.get(group, {}), inside, group)
        return self._inside[group]

    @functools.cached_property
    def _entries(self) -> dict[str, dict[str, Any]]:
        named = [path[:2] for path in self._paths if len(path) > 2 and path[0] in LISTS]
        groups = list(dict.fromkeys(group for _, group in named))
        entries = _entries_by_group(self._config)
        if all(listing == LISTS[0] for listing, _ in named) and all(group in entries for group in groups):
            return entries
        return _entries_in_order(entries, groups)


def _entries_by_group(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a model's layers by the names that Keras gives their groups: class names, numbered."""
    inner = config.get("config", {})
    entries = inner.get("layers", []) if isinstance(inner, dict) else inner
    found: dict[str, dict[str, Any]] = {}
    taken: dict[str, int] = {}
    for entry in entries if isinstance(entries, list) else []:
        base = group_base(str(entry.get("class_name", "")))
        number = taken[base] = taken.get(base, -1) + 1
        found[f"{base}_{number}" if number else base] = entry
    return found


def group_base(kind: str) -> str:
    """Return what the groups of a class are called before they are numbered; a registered class keeps its own name."""
    return snake_case(re.sub(r"\W+", "", kind.rpartition(">")[2]))


def _entries_in_order(entries: dict[str, dict[str, Any]], groups: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the layers of groups that are numbered by a counter of their own.

    Where a class has as many layers as groups with arrays, the first group is the first layer's, and so on;
    else the numbers are trusted.
    """
    layers: dict[str, list[dict[str, Any]]] = {}
    for group, entry in entries.items():
        layers.setdefault(_split(group)[0], []).append(entry)
    found = dict(entries)
    for base, own in layers.items():
        numbered = sorted((group for group in groups if _split(group)[0] == base), key=_split)
        if len(numbered) == len(own):
            found.update(zip(numbered, own, strict=True))
    return found


def _split(group: str) -> tuple[str, int]:
    """Return the class and the number in a group's name: `conv2d_4` is `conv2d` and 4."""
    base, _, number = group.rpartition("_")
    return (base, int(number)) if base and number.isdecimal() else (group, 0)


def _read_legacy(file: Any) -> StoredWeights:
    """Read the legacy HDF5 layout: one group for each layer, with the names of its weights."""
    arrays: list[tuple[str, Shape]] = []
    room = Room()
    for layer, group in file["model_weights"].items():
        for name in list_names(group, "weight_names"):
            room.take(f"{layer}/{name}", group[name])
            shape = tuple(int(n) for n in group[name].shape)
            path = name.removesuffix(":0")
            arrays.append((path if path.startswith(f"{layer}/") else f"{layer}/{path}", shape))
    kept = _walk(file["optimizer_weights"]) if "optimizer_weights" in file else []
    return StoredWeights(tuple(arrays), sum(math.prod(shape) for _, shape in kept))


MOST_NAMES = 10_000
"""Layers, or arrays of a layer; a longer list is damage."""
LONGEST_NAME = 10_000
"""Bytes of a name, likewise."""


def list_names(group: Any, attribute: str) -> list[str]:
    """Return a list of names that Keras stored with an HDF5 group; a long one is cut into several.

    Raises:
        ValueError: the list is absurdly long.
    """
    if attribute in group.attrs:
        return list_texts(group, attribute)
    stored: list[str] = []
    part = 0
    while f"{attribute}{part}" in group.attrs:
        stored += list_texts(group, f"{attribute}{part}")
        part += 1
    return stored


def list_texts(group: Any, attribute: str) -> list[str]:
    """Return an attribute as a list of texts; a damaged size must not be believed.

    Raises:
        ValueError: it is absurdly long.
    """
    place = group.attrs.get_id(attribute)
    if math.prod(place.shape) > MOST_NAMES or place.dtype.itemsize > LONGEST_NAME:
        raise ValueError(f"the list {attribute} is absurdly long")
    values = group.attrs[attribute]
    return [_text(value) for value in (list(values) if place.shape else [values])]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
