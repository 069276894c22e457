"""Files of PyTorch's older format, written byte by byte: right ones, and such as PyTorch never writes."""

import struct
from dataclasses import dataclass, field

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
KINDS = {"float32": "FloatStorage", "float64": "DoubleStorage", "int64": "LongStorage"}
NONE, TRUE, FALSE, MARK, STOP, CALL, BUILD, OUTSIDE = b"N", b"\x88", b"\x89", b"(", b".", b"R", b"b", b"Q"


def text(value):
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def whole(value):
    if -(1 << 31) <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(content)]) + content


def row(*values):
    return MARK + b"".join(values) + b"t"


def named(name):
    return f"c{name.replace(' ', chr(10))}\n".encode()


def pickled(*parts):
    return b"\x80\x02" + b"".join(parts) + STOP


def listed(*values):
    return b"]" + MARK + b"".join(values) + b"e"


def paired(**pairs):
    return b"}" + MARK + b"".join(text(name) + value for name, value in pairs.items()) + b"u"


def call(name, *arguments):
    return named(name) + row(*arguments) + CALL


SYSTEM = paired(protocol_version=whole(1001), little_endian=TRUE)


@dataclass
class Stored:
    """An array as a file tells it; every fact can be told wrongly."""

    array: np.ndarray
    key: str
    axes: tuple = ()
    """The order in which its axes lie, the slowest first."""
    kind: str = ""
    count: int | None = None
    offset: int = 0
    shape: tuple | None = None
    strides: tuple | None = None
    view: bytes = NONE
    told: int | None = None
    """The length in front of the numbers."""

    def tensor(self):
        """What rebuilds it."""
        back = np.argsort(self.axes) if self.axes else range(self.array.ndim)
        steps = [step // self.array.itemsize for step in self._lying().transpose(tuple(back)).strides]
        strides = steps if self.strides is None else self.strides
        shape = self.array.shape if self.shape is None else self.shape
        count = self.array.size if self.count is None else self.count
        kind = self.kind or f"torch {KINDS[str(self.array.dtype)]}"
        place = row(text("storage"), named(kind), text(self.key), text("cpu"), whole(count), self.view)
        shapes = (row(*map(whole, shape)), row(*map(whole, strides)))
        nothing = call("collections OrderedDict")
        return call(
            "torch._utils _rebuild_tensor_v2", place + OUTSIDE, whole(self.offset), *shapes, FALSE, nothing
        )

    def numbers(self):
        """Its storage: a length, and the numbers as they lie."""
        told = self.array.size if self.told is None else self.told
        return struct.pack("<q", told) + self._lying().tobytes()

    def _lying(self):
        return (self.array.transpose(self.axes) if self.axes else self.array).copy("C")


@dataclass
class TorchFile:
    """The parts of a file, each of which can be another one."""

    arrays: dict
    magic: bytes = field(default_factory=lambda: whole(MAGIC))
    version: bytes = field(default_factory=lambda: whole(1001))
    system: bytes = SYSTEM
    listing: bytes | None = None
    keys: tuple | None = None
    behind: bytes = b""

    def content(self):
        each = {stored.key: stored for stored in self.arrays.values()}
        listing = self.listing
        if listing is None:
            pairs = b"".join(text(name) + stored.tensor() for name, stored in self.arrays.items())
            state = paired(_metadata=call("collections OrderedDict"))
            listing = call("collections OrderedDict") + MARK + pairs + b"u" + state + BUILD
        keys = [*each] if self.keys is None else self.keys
        head = [self.magic, self.version, self.system, listing, listed(*map(text, keys))]
        return b"".join([*map(pickled, head), *(each[k].numbers() for k in keys if k in each), self.behind])
