"""Bytes that are quickly made and small on disk, whatever they claim to be: archives, zeros without end, models."""

import copy
import functools
import io
import json
import os
import socket
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

BLOCK = 1 << 24
"""Zeros that are compressed once; longer runs repeat them."""

# --- zeros -----------------------------------------------------------------------------------------------------------


@functools.cache
def _deflated(count: int, end: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(count)) + packer.flush(end)


@functools.cache
def zeros(count: int) -> bytes:
    """Return raw deflate data of so many zeros, a thousandth of their length."""
    whole, rest = divmod(count, BLOCK)
    return _deflated(BLOCK, zlib.Z_FULL_FLUSH) * whole + _deflated(rest, zlib.Z_FINISH)


def zeros_crc(count: int, before: int = 0) -> int:
    """Return the CRC-32 of so many zeros behind what has the CRC `before`; a zero is a linear map of 32 bits."""

    def apply(columns: list[int], state: int) -> int:
        found = 0
        for bit, column in enumerate(columns):
            found ^= column * (state >> bit & 1)
        return found

    step = [zlib.crc32(b"\0", (1 << bit) ^ 0xFFFFFFFF) ^ 0xFFFFFFFF for bit in range(32)]
    state = before ^ 0xFFFFFFFF
    while count:
        if count & 1:
            state = apply(step, state)
        step = [apply(step, column) for column in step]
        count >>= 1
    return state ^ 0xFFFFFFFF


def zeros_zlib(count: int) -> bytes:
    """Return a zlib stream of so many zeros."""
    return b"\x78\xda" + zeros(count) + struct.pack(">I", (count % 65521) << 16 | 1)


def packed(head: bytes, count: int) -> bytes:
    """Return raw deflate data of some bytes and so many zeros behind them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH) + zeros(count)


def gzipped(head: bytes, count: int) -> bytes:
    """Return a gzip file of some bytes and so many zeros behind them."""
    crc = zeros_crc(count, zlib.crc32(head))
    end = struct.pack("<II", crc, (len(head) + count) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + packed(head, count) + end


# --- archives --------------------------------------------------------------------------------------------------------

STORED, DEFLATED = 0, 8


@dataclass(frozen=True)
class Member:
    """A member of an archive, which may lie about itself."""

    name: str | bytes
    data: bytes = b""
    """As it lies in the file."""
    method: int = STORED
    crc: int = 0
    size: int = 0
    """Unpacked, as it says."""
    claimed: int | None = None
    """Packed, as it says; the truth if None."""
    flags: int = 0x800
    mode: int = 0o100644
    offset: int | None = None
    """Where it says that it begins; the truth if None."""
    local_name: bytes | None = None

    @property
    def encoded(self) -> bytes:
        """Its name in bytes."""
        return self.name.encode() if isinstance(self.name, str) else self.name


def stored(name: str | bytes, data: bytes, **lies: Any) -> Member:
    """Return a member that is not compressed."""
    return Member(name, data, **{"crc": zlib.crc32(data), "size": len(data), **lies})


def deflated(name: str | bytes, data: bytes, **lies: Any) -> Member:
    """Return a compressed member."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = packer.compress(data) + packer.flush()
    return Member(name, small, DEFLATED, **{"crc": zlib.crc32(data), "size": len(data), **lies})


def swollen(name: str, count: int, head: bytes = b"") -> Member:
    """Return a member of so many zeros behind some bytes, small in the file."""
    crc = zeros_crc(count, zlib.crc32(head))
    return Member(name, packed(head, count), DEFLATED, crc, len(head) + count)


def write_zip(path: Path, members: Iterable[Member], comment: bytes = b"", **lies: int) -> None:
    """Write an archive as its members say it is; `lies` are count, length and offset of its list."""
    listing, count = [], 0
    with path.open("wb") as file:
        for member in members:
            listing.append(_list_entry(member, _write_local(file, member)))
            count += 1
        start, whole = file.tell(), b"".join(listing)
        number = lies.get("count", min(count, 0xFFFF))
        length, offset = lies.get("length", len(whole)), lies.get("offset", start)
        file.write(whole)
        if count > 0xFFFF or start > 0xFFFFFFFF:
            at = file.tell()
            file.write(
                struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(whole), start)
            )
            file.write(struct.pack("<4sIQI", b"PK\6\7", 0, at, 1))
        file.write(struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, number, number, length, offset, len(comment)))
        file.write(comment)


def _write_local(file: Any, member: Member) -> int:
    at, name = file.tell(), member.local_name or member.encoded
    sizes = [min(len(member.data), 0xFFFFFFFF), min(member.size, 0xFFFFFFFF)]
    head = (b"PK\3\4", 20, member.flags, member.method, 0, 33, member.crc, *sizes, len(name), 0)
    file.write(struct.pack("<4s5H3I2H", *head) + name + member.data)
    return int(at)


def _list_entry(member: Member, at: int) -> bytes:
    name = member.encoded
    claimed = len(member.data) if member.claimed is None else member.claimed
    at = at if member.offset is None else member.offset
    large = [value for value in (member.size, claimed) if value > 0xFFFFFFFE]
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    sizes = [value if value <= 0xFFFFFFFE else 0xFFFFFFFF for value in (claimed, member.size)]
    head = (
        b"PK\1\2",
        0x031E,
        45,
        member.flags,
        member.method,
        0,
        33,
        member.crc,
        *sizes,
        len(name),
        len(extra),
    )
    return struct.pack("<4sHHHHHHIIIHHHHHII", *head, 0, 0, 0, member.mode << 16, at) + name + extra


# --- models ----------------------------------------------------------------------------------------------------------

Config = dict[str, Any]


def layer(kind: str, module: str = "keras.layers", **config: Any) -> Config:
    """Return an entry of a configuration, as Keras 3 writes it."""
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def tiny() -> Config:
    """Return the configuration of a small network of MNIST's size: a convolution and a dense layer."""
    layers = [
        layer("InputLayer", batch_shape=[None, 28, 28, 1], dtype="float32", name="image"),
        layer("Conv2D", name="conv", filters=4, kernel_size=[3, 3], strides=[3, 3], activation="relu"),
        layer("Flatten", name="flatten"),
        layer("Dense", name="dense", units=10, activation="softmax"),
    ]
    inner = {"name": "tiny", "trainable": True, "dtype": "float32", "layers": layers}
    inner["build_input_shape"] = [None, 28, 28, 1]
    return {"module": "keras", "class_name": "Sequential", "config": inner, "registered_name": None}


def tensor(name: str, node: Any = 0, index: Any = 0) -> Config:
    """Return what a call of a functional model reads, as Keras 3 writes it."""
    config = {"shape": [None, 28, 28, 1], "dtype": "float32", "keras_history": [name, node, index]}
    return {"class_name": "__keras_tensor__", "config": config}


def graph() -> Config:
    """Return the configuration of the same network as a functional model."""
    entries = tiny()["config"]["layers"]
    names = [entry["config"]["name"] for entry in entries]
    for entry, name, before in zip(entries, names, [None, *names], strict=False):
        entry["name"] = name
        entry["inbound_nodes"] = [{"args": [tensor(before)], "kwargs": {}}] if before else []
    inner = {"name": "tiny", "trainable": True, "layers": entries}
    inner.update(input_layers=[["image", 0, 0]], output_layers=[["dense", 0, 0]])
    return {"module": "keras", "class_name": "Functional", "config": inner, "registered_name": None}


def changed(change: Callable[[Config], object], model: Callable[[], Config] = tiny) -> Config:
    """Return a model's configuration after a change."""
    config = copy.deepcopy(model())
    change(config)
    return config


WEIGHTS = {
    "conv": {"0": np.full((3, 3, 1, 4), 0.1, np.float32), "1": np.zeros(4, np.float32)},
    "dense": {"0": np.full((324, 10), 0.01, np.float32), "1": np.zeros(10, np.float32)},
}
GROUPS = {"conv": "conv2d", "flatten": "flatten", "dense": "dense"}


def weights(change: Callable[[h5py.File], object] | None = None, **options: Any) -> bytes:
    """Return the `model.weights.h5` of the small network, after a change."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        for name, group in GROUPS.items():
            variables = file.create_group(f"layers/{group}/vars")
            variables.attrs["name"] = name
            for number, array in WEIGHTS.get(name, {}).items():
                variables[number] = array
        file.create_group("vars").attrs["name"] = "tiny"
        if change:
            change(file)
    return buffer.getvalue()


METADATA = stored("metadata.json", b'{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}')


def members(config: Config | str | bytes | None = None, numbers: bytes | None = None) -> list[Member]:
    """Return the members of a `.keras` archive; those of the small network unless others are given."""
    text = (
        json.dumps(tiny() if config is None else config) if not isinstance(config, (str, bytes)) else config
    )
    data = text if isinstance(text, bytes) else text.encode()
    return [METADATA, stored("config.json", data), stored("model.weights.h5", numbers or weights())]


def keras_file(path: Path, config: Any = None, numbers: bytes | None = None, *more: Member) -> None:
    """Write a `.keras` archive."""
    write_zip(path, [*members(config, numbers), *more])


def h5_file(
    path: Path,
    config: Config | None = None,
    change: Callable[[h5py.File], object] | None = None,
    version: str = "3.15.1",
    **options: Any,
) -> None:
    """Write a model as one HDF5 file, in the layout of Keras 3, or of Keras 2 where the version is one."""
    old = version.startswith("2")
    model = config or tiny()
    if old:
        model = old_words(model)
    with h5py.File(path, "w", **options) as file:
        file.attrs["model_config"] = json.dumps(model)
        file.attrs["keras_version"], file.attrs["backend"] = version, "tensorflow"
        inside = file.create_group("model_weights")
        inside.attrs["layer_names"] = [name.encode() for name in ("image", "conv", "flatten", "dense")]
        inside.attrs["keras_version"], inside.attrs["backend"] = version, "tensorflow"
        for name in ("image", "conv", "flatten", "dense"):
            group = inside.create_group(name)
            arrays = zip(("kernel", "bias"), WEIGHTS.get(name, {}).values(), strict=False)
            stored_as = {f"{name}/{what}{':0' if old else ''}": array for what, array in arrays}
            group.attrs["weight_names"] = [key.encode() for key in stored_as]
            for key, array in stored_as.items():
                group[key] = array
        if change:
            change(file)


def old_words(config: Config) -> Config:
    """Return the configuration of a Sequential in the words of Keras 2."""
    inner = copy.deepcopy(config["config"])
    for entry in inner["layers"]:
        entry.pop("module", None)
        entry.pop("registered_name", None)
        if "batch_shape" in entry["config"]:
            entry["config"]["batch_input_shape"] = entry["config"].pop("batch_shape")
    return {"class_name": config["class_name"], "config": {"name": inner["name"], "layers": inner["layers"]}}


# --- places ----------------------------------------------------------------------------------------------------------


def make_socket(path: Path) -> None:
    """Leave a socket at a path, whose length the system bounds."""
    with socket.socket(socket.AF_UNIX) as end:
        here = os.open(path.parent, os.O_RDONLY)
        try:
            end.bind(f"/proc/self/fd/{here}/{path.name}")
        finally:
            os.close(here)


def nest_folders(folder: Path) -> None:
    """Make 300 folders inside each other in a folder, deeper than a path can say."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("x", dir_fd=here)
        below = os.open("x", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def make_folder(path: Path) -> None:
    """Leave a folder with a file in it."""
    path.mkdir()
    (path / "something").write_text("else")


NO_FILES = ("/dev/zero", "/dev/full", "/dev/stdin", "/proc/self/mem", "n" * 5000, "a\0b")
"""Paths that lead to no regular file."""
PLACES: dict[str, tuple[Callable[[Path], object], str]] = {
    "fifo": (os.mkfifo, r"regular file|pipe"),
    "socket": (make_socket, r"regular file|socket"),
    "folder": (make_folder, r"is a folder|regular file"),
    "link to a device that never ends": (lambda path: path.symlink_to("/dev/zero"), r"regular file|device"),
    "link to a full device": (lambda path: path.symlink_to("/dev/full"), r"regular file|device"),
    "dangling link": (lambda path: path.symlink_to("nowhere"), r"does not exist|no such|regular file"),
    "link to itself": (lambda path: path.symlink_to(path.name), r"does not exist|no such|regular file|link"),
}
"""What may lie where a file is expected, and how a message calls it."""
