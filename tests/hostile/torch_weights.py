"""Weights in PyTorch's older format: pickles that call, bombs, lies about sizes; and a package that is another one."""

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from torch_writing import (
    BUILD,
    CALL,
    MARK,
    NONE,
    SYSTEM,
    TRUE,
    Stored,
    TorchFile,
    call,
    listed,
    named,
    paired,
    pickled,
    row,
    text,
    whole,
)

from hostile.making import NO_FILES, PLACES, gzipped
from hostile.rows import Row
from models import PACKAGED

COMMAND = "pretrained efficientnet_lite0 --weights m.pth --output output"
WEIGHT = np.arange(24, dtype="float32").reshape(2, 3, 2, 2)
OTHER = "older format"
DAMAGED = "is damaged, cut short, or no file of arrays alone"
Content = Callable[[], bytes]


def arrays() -> dict[str, Stored]:
    """Return three arrays that fit each other."""
    return {
        "conv.weight": Stored(WEIGHT, "k1", axes=(2, 3, 1, 0)),
        "conv.bias": Stored(np.array([1.5, -2]), "k0"),
        "norm.num_batches_tracked": Stored(np.array(7), "k2"),
    }


def of(**parts: Any) -> Content:
    """Return a file of the three arrays, some of its parts others."""
    return lambda: TorchFile(arrays(), **parts).content()


def instead(listing: bytes, *keys: str) -> Content:
    """Return a file whose list of arrays is another pickle."""
    return of(listing=listing, keys=keys)


def one(**facts: Any) -> Content:
    """Return a file of one array that is told wrongly."""
    return lambda: TorchFile({"conv.weight": Stored(WEIGHT, "k", **facts)}).content()


# --- what calls ------------------------------------------------------------------------------------------------------


class _Touch:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch pwned",)


TOUCH = text("touch pwned")
CALLS: dict[str, Content] = {
    "a pickle of os.system": lambda: pickle.dumps(_Touch(), 2),
    "a pickle of os.system, for the mark": of(magic=call("posix system", TOUCH)),
    "os.system by REDUCE": instead(call("posix system", TOUCH)),
    "os.system by INST": instead(MARK + b"S'touch pwned'\nios\nsystem\n"),
    "os.system by OBJ": instead(MARK + named("os system") + TOUCH + b"o"),
    "os.system by NEWOBJ": instead(named("os system") + row(TOUCH) + b"\x81"),
    "os.system by NEWOBJ_EX": instead(named("os system") + row(TOUCH) + b"}\x92"),
    "os.system by STACK_GLOBAL": instead(text("os") + text("system") + b"\x93" + row(TOUCH) + CALL),
    "os.system by a number of an extension": instead(b"\x82\x01" + row(TOUCH) + CALL),
    "os.system by BUILD": instead(
        named("collections OrderedDict") + row() + CALL + paired(__setstate__=named("os system")) + BUILD
    ),
    "eval": instead(call("builtins eval", text("__import__('os').system('touch pwned')"))),
    "getattr": instead(call("builtins getattr", named("collections OrderedDict"), text("fromkeys"))),
    "OrderedDict's inside": instead(named("collections OrderedDict.fromkeys") + row(text("abc")) + CALL),
    "torch.load": instead(call("torch.serialization load", text("/etc/passwd"))),
    "numpy's reconstruct": instead(call("numpy.core.multiarray _reconstruct", named("numpy ndarray"))),
    "a storage, called": instead(call("torch FloatStorage", whole(1 << 40))),
    "a tensor of a text": instead(call("torch._utils _rebuild_tensor_v2", text("a"), whole(0), row(), row())),
    "a tensor of nothing": instead(call("torch._utils _rebuild_tensor_v2")),
    "a parameter": instead(call("torch._utils _rebuild_parameter", NONE, NONE)),
    "a text that is called": instead(TOUCH + row() + CALL),
    "the result of a call, called": instead(call("collections OrderedDict") + row() + CALL),
    "something outside that is a text": instead(TOUCH + b"Q"),
    "something outside by its name": instead(b"P/etc/passwd\n"),
}

# --- bombs and circles -----------------------------------------------------------------------------------------------

MANY = 3_500_000
DICTIONARY = named("collections OrderedDict")


def _laughs(levels: int) -> bytes:
    """Return a tuple of two that are the same tuple of two, and so on: 2**levels in all."""
    return b")" + b"".join(b"q%c" % i + b"h%c" % i + b"\x86" for i in range(levels))


def _pairs(key: bytes) -> bytes:
    """Return the arguments of a dictionary that is made of a list of pairs with this key."""
    return row(listed(row(key, NONE)))


LARGE = b"}" + MARK + b"".join(text(f"{i:x}") + NONE for i in range(60_000)) + b"u"
BOMBS: dict[str, Content] = {
    "a list in itself": instead(b"]q\0h\0a"),
    "a dictionary in itself": instead(b"}q\0" + text("a") + b"h\0s"),
    "a tuple of 2**100 tuples": instead(_laughs(100)),
    "a tuple of 2**100 tuples for a key": instead(DICTIONARY + _pairs(_laughs(100)) + CALL),
    "a tuple of 2**100 tuples for a shape": instead(
        call("torch._utils _rebuild_tensor_v2", NONE, NONE, _laughs(100), _laughs(100))
    ),
    "a tuple 2,000,000 levels deep": instead(b")" + b"\x85" * 2_000_000),
    "a tuple 2,000,000 levels deep for a key": instead(
        DICTIONARY + _pairs(b")" + b"\x85" * 2_000_000) + CALL
    ),
    "a list 1,000,000 levels deep": instead(b"]" + b"]a" * 1_000_000),
    "a dictionary of dictionaries of dictionaries": instead(
        DICTIONARY + b"q\0" + LARGE + b"q\1" + row(b"h\1") + b"q\2" + b"h\0h\2R" * 400_000
    ),
    "3,500,000 dictionaries": instead(b"}" * MANY),
    "3,500,000 lists": instead(b"]" * MANY),
    "3,500,000 marks": instead(MARK * MANY),
    "700,000 places of the memory": instead(
        NONE + b"".join(b"r" + struct.pack("<I", i * 6007 % 2**32) for i in range(700_000))
    ),
    "a place of the memory far off": instead(NONE + b"r\xff\xff\xff\xff"),
    "1,000,000 numbers of the memory": instead(text("x" * 1_000_000) + b"q\0" + b"h\0" * 1_000_000 + b"t"),
    "a number of 3 MB": instead(b"\x8b" + struct.pack("<i", 3_000_000) + b"\x7f" * 3_000_000),
    "a number of 3,000,000 digits": instead(b"L" + b"9" * 3_000_000 + b"L\n"),
    "a number of -1 bytes": instead(b"\x8b" + struct.pack("<i", -1)),
    "a text of 4 GB": instead(b"X\xff\xff\xff\xffabc"),
    "a text of 2**64 bytes": instead(b"\x8d" + b"\xff" * 8 + b"abc"),
    "a frame of 2**64 bytes": instead(b"\x95" + b"\xff" * 8),
    "a line of 3 MB": instead(b"S'" + b"a" * 3_000_000 + b"'\n"),
    "a name of 3 MB": instead(b"c" + b"a" * 3_000_000 + b"\nb\n"),
    "an array with a name of 3 MB": lambda: TorchFile({"a" * 3_000_000: Stored(WEIGHT, "k")}).content(),
    "an array with a name that steers": lambda: TorchFile(
        {"\x1b[31m\u202ea\n": Stored(WEIGHT, "k")}
    ).content(),
    "20,000 arrays": lambda: TorchFile(
        {f"l{i}.weight": Stored(WEIGHT, "k") for i in range(20_000)}
    ).content(),
    "a header of 5 MB": lambda: of(listing=text("a" * 5_000_000))(),
}

# --- sizes and places ------------------------------------------------------------------------------------------------

LIES: dict[str, Content] = {
    "of 2**46 numbers": one(shape=(1 << 46,), strides=(1,), count=1 << 46, told=1 << 46),
    "of 2**62 numbers": one(shape=(1 << 62,), strides=(1,), count=1 << 62, told=1 << 62),
    "of 2**200 numbers": one(shape=(1 << 200,), strides=(1,), count=1 << 200),
    "of 10**9 by 10**9": one(shape=(10**9, 10**9), strides=(10**9, 1)),
    "of negative sizes": one(shape=(-2, -12), strides=(12, 1)),
    "of a negative count": one(count=-24, told=-24),
    "at a negative place": one(offset=-1),
    "at a place beyond": one(offset=1 << 40),
    "with negative strides": one(shape=(24,), strides=(-1,)),
    "with strides of 0": one(shape=(10**9,), strides=(0,)),
    "with strides that overlap": one(shape=(4, 4), strides=(1, 1)),
    "with strides of 2**40": one(shape=(2, 3), strides=(1 << 40, 1)),
    "with more strides than axes": one(shape=(24,), strides=(1, 1)),
    "of 64 axes": one(shape=(1,) * 64, strides=(1,) * 64),
    "of truth values for sizes": lambda: one()().replace(
        row(*map(whole, WEIGHT.shape)), row(TRUE, *map(whole, (3, 2, 2)))
    ),
    "of no size": one(shape=(0,), strides=(1,)),
    "of halves": one(kind="torch HalfStorage"),
    "of complex numbers": one(kind="torch ComplexFloatStorage"),
    "of a view": one(view=row(text("v"), whole(0), whole(1))),
    "of a count that is a text": one(view=text("v")),
    "whose storage is missing": of(keys=("k0", "k1")),
    "whose storage is there twice": of(keys=("k0", "k1", "k1", "k2")),
    "whose storages are 100,000": of(keys=tuple(str(i) for i in range(100_000))),
    "that share a storage": lambda: TorchFile(
        {
            "a.weight": Stored(WEIGHT, "k"),
            "b.weight": Stored(WEIGHT, "k", shape=(12,), strides=(1,), offset=6),
        }
    ).content(),
    "that share a storage of two lengths": lambda: TorchFile(
        {"a.weight": Stored(WEIGHT, "k"), "b.weight": Stored(WEIGHT, "k", count=48)}
    ).content(),
    "that are big-endian": of(system=paired(protocol_version=whole(1001), little_endian=b"\x89")),
    "whose order of bytes is a number": of(system=paired(little_endian=whole(1))),
    "of another version": of(version=whole(1002)),
    "of a version that is True": of(version=b"\x88"),
    "with 10 MB behind them": of(behind=bytes(10_000_000)),
    "of a network of one layer": of(),
    "of keys that are numbers": lambda: of()().replace(
        listed(*map(text, ("k1", "k0", "k2"))), listed(*map(whole, (1, 2, 3)))
    ),
}


def _newer() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(_Touch(), 2))
    return buffer.getvalue()


OTHERS: dict[str, Content] = {
    "nothing": lambda: b"",
    "noise": lambda: np.random.default_rng(0).bytes(10_000),
    "a zip archive": _newer,
    "zip's signature": lambda: b"PK\x03\x04",
    "a gzip file of 4 GB": lambda: gzipped(of()(), 4 * 10**9),
    "HDF5's signature": lambda: b"\x89HDF\r\n\x1a\n" + bytes(500),
    "the mark alone": lambda: pickled(whole(0x1950A86A20F9469CFC6C)),
    "a pickle of a dictionary": lambda: pickle.dumps({"a": 1}, 2),
    "a pickle of protocol 0": lambda: pickle.dumps({"a": 1}, 0),
    "a pickle of protocol 5": lambda: pickle.dumps({"a": 1}, 5),
    "a pickle that never stops": lambda: b"\x80\x02" + NONE * 100_000,
    "a stop alone": lambda: b".",
    "marks of an older version": lambda: pickled(SYSTEM),
    "100 MB of zeros": lambda: bytes(100_000_000),
}


def _file(content: Content) -> Callable[[Path], object]:
    return lambda folder: (folder / "m.pth").write_bytes(content())


def files() -> Iterator[Row]:
    """Yield rows for files that call, blow up or lie; `pwned` must not be there."""
    for name, content in (*CALLS.items(), *LIES.items(), *BOMBS.items()):
        says = (
            "does not fit|belongs to no layer"
            if name in ("of a network of one layer", "that share a storage")
            else DAMAGED
        )
        if name in ("20,000 arrays", "an array with a name that steers"):
            says = "does not fit|belongs to no layer"
        if name.startswith(("a pickle of os.system", "of another version", "of a version")):
            says = OTHER
        yield Row(f"torch/{name}", COMMAND, says, _file(content), names="m.pth")
    for name, content in OTHERS.items():
        yield Row(f"torch/{name}", COMMAND, rf"{OTHER}|newer format|{DAMAGED}", _file(content), names="m.pth")
    for share in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999):
        cut = lambda share=share: (whole := of()())[: int(len(whole) * share)]  # noqa: E731
        yield Row(f"torch/cut to {share:.1%}", COMMAND, rf"{OTHER}|{DAMAGED}", _file(cut), names="m.pth")
    for place, (put, says) in PLACES.items():
        yield Row(
            f"torch/is a {place}",
            COMMAND,
            says,
            lambda folder, put=put: put(folder / "m.pth"),
            names="m.pth",
            seconds=15,
        )
    for source in (*NO_FILES, "http://x/y.pth"):
        command = ("pretrained", "efficientnet_lite0", "--weights", source, "--output", "output")
        yield Row(f"torch/{source[:20]!r}", command, r"\w", seconds=15)


# --- the package -----------------------------------------------------------------------------------------------------

PUBLISHED = PACKAGED["efficientnet_lite0"]


def a_package(
    content: bytes | Callable[[Path], object], listing: bytes | None = None
) -> Callable[[Path], object]:
    """Return what leaves a package of the published one's name where Python looks first; its import would be seen."""

    def make(folder: Path) -> None:
        name = PUBLISHED.package.replace("-", "_")
        models = folder / name / "models"
        models.mkdir(parents=True)
        (folder / name / "__init__.py").write_text("open('pwned', 'w').close()")
        if callable(content):
            content(models / PUBLISHED.file)
        else:
            (models / PUBLISHED.file).write_bytes(content)
        facts = folder / f"{name}-{PUBLISHED.version}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {PUBLISHED.package}\nVersion: {PUBLISHED.version}\n"
        )
        own = f"{name}/models/{PUBLISHED.file},,\n".encode()
        (facts / "RECORD").write_bytes(own if listing is None else listing)

    return make


SHA, ABSENT = "not the published file", "not installed"
PACKAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "with another file": (a_package(of()()), SHA),
    "with a pickle of os.system": (a_package(pickle.dumps(_Touch(), 2)), SHA),
    "with an empty file": (a_package(b""), SHA),
    "whose file is a pipe": (a_package(os.mkfifo), ABSENT),
    "whose file is a link to a device": (a_package(lambda path: path.symlink_to("/dev/zero")), ABSENT),
    "whose file is a link to a file of somebody": (
        a_package(lambda path: path.symlink_to("/etc/passwd")),
        SHA,
    ),
    "whose list is empty": (a_package(b"", b""), ABSENT),
    "whose list is no text": (a_package(b"", b"\xff\xfe\xfd\n" * 9), ABSENT),
    "whose list has zero bytes": (a_package(b"", b"a\0b,,\n"), ABSENT),
    "whose list has a field of a megabyte": (a_package(b"", b"a" * (1 << 20) + b",,\n"), ABSENT),
    "whose list has a quote that is never closed": (a_package(b"", b'"' + b"a,b\n" * 9000), ABSENT),
    "whose list leads out": (a_package(b"", f"../../../../etc/{PUBLISHED.file},,\n".encode()), ABSENT),
}


def packages() -> Iterator[Row]:
    """Yield rows for a package that was replaced by another one, in a Python that meets it first."""
    for name, (make, says) in PACKAGES.items():
        yield Row(
            f"torch/package {name}",
            "pretrained efficientnet_lite0 --output output",
            says,
            make,
            is_fresh=True,
        )
    make, says = PACKAGES["with another file"]
    for command in ("predict --model efficientnet_lite0 x.png", "saliency --model efficientnet_lite0"):
        yield Row(
            f"torch/package with another file, {command.split()[0]}", command, says, make, is_fresh=True
        )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    yield from files()
    yield from packages()
