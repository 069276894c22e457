"""Models, as archives: what lies in them, what their lists say, and what is no archive at all."""

import json
import os
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from hostile.making import (
    DEFLATED,
    METADATA,
    PLACES,
    Member,
    deflated,
    h5_file,
    keras_file,
    members,
    stored,
    swollen,
    tiny,
    weights,
    write_zip,
)
from hostile.rows import Row

GIB = 1 << 30
DAMAGED = r"damaged|cut short|not a Keras model|member|archive|zip"


def at_places() -> Iterator[Row]:
    """Yield rows for what is no regular file, or no file."""
    for command, name in (
        ("params m.keras", "m.keras"),
        ("params m.h5", "m.h5"),
        ("params m.hdf5", "m.hdf5"),
        ("params m.json", "m.json"),
        ("params m.weights.h5", "m.weights.h5"),
        ("saliency --model m.keras", "m.keras"),
        ("saliency --model m.h5", "m.h5"),
        ("features filters --model m.keras", "m.keras"),
        ("worksheet m.keras", "m.keras"),
        ("faith --model m.keras --count 2", "m.keras"),
        ("pretrained densenet121 --weights m.h5 --output output", "m.h5"),
    ):
        for place, (make, says) in PLACES.items():
            yield Row(
                f"models/{command.split(' -')[0]}: {name} is a {place}",
                command,
                says,
                lambda folder, make=make, name=name: make(folder / name),
                names=name,
                seconds=15,
            )
    for address in ("http://x/y.keras", "https://x/y.h5", "file:///etc/passwd", "ftp://x/y.json"):
        yield Row(f"models/params: {address}", f"params {address}", "address")
        yield Row(f"models/saliency: {address}", f"saliency --model {address}", "address")
    for device in ("/dev/zero", "/dev/full", "/dev/null", "/dev/stdin", "/proc/self/mem"):
        says = r"regular file|device|cannot be read|not a Keras model"
        yield Row(f"models/params: {device}", f"params {device}", says, seconds=15)
    yield Row("models/saliency: /dev/zero", "saliency --model /dev/zero", "regular file|device", seconds=15)
    yield Row(
        "models/saliency --shuffled",
        "faith --model mnist --count 2 --sanity --shuffled m.keras",
        "regular file|pipe",
        lambda folder: os.mkfifo(folder / "m.keras"),
        seconds=15,
    )


def as_nothing() -> Iterator[Row]:
    """Yield rows for files that hold nothing, noise, or a beginning."""
    noise = random.Random(0).randbytes(5000)
    contents = {
        "empty": b"",
        "one zero": b"\0",
        "noise": noise,
        "zip's signature alone": b"PK\3\4",
        "zip's end alone": b"PK\5\6" + bytes(18),
        "HDF5's signature alone": b"\x89HDF\r\n\x1a\n",
        "HDF5's signature and noise": b"\x89HDF\r\n\x1a\n" + noise,
        "zip's signature and noise": b"PK\3\4" + noise,
    }
    for what, content in contents.items():
        for name in ("m.keras", "m.h5", "m.json"):
            yield Row(
                f"models/{name} is {what}",
                f"params {name}",
                rf"{DAMAGED}|no JSON|empty",
                lambda folder, name=name, content=content: (folder / name).write_bytes(content),
                names=name,
            )
        yield Row(
            f"models/saliency: m.keras is {what}",
            "saliency --model m.keras",
            DAMAGED,
            lambda folder, content=content: (folder / "m.keras").write_bytes(content),
            names="m.keras",
        )


def _with(*more: Member) -> Callable[[Path], None]:
    return lambda folder: keras_file(folder / "m.keras", None, None, *more)


def _of(*all_members: Member, comment: bytes = b"", **lies: int) -> Callable[[Path], None]:
    return lambda folder: write_zip(folder / "m.keras", all_members, comment, **lies)


def _replaced(number: int, **changes: object) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        listed = members()
        listed[number] = Member(**{**listed[number].__dict__, **changes})  # type: ignore[arg-type]
        write_zip(folder / "m.keras", listed)

    return make


def _polyglot(folder: Path) -> None:
    h5_file(folder / "one.h5")
    keras_file(folder / "two.keras")
    (folder / "m.keras").write_bytes((folder / "one.h5").read_bytes() + (folder / "two.keras").read_bytes())
    for name in ("one.h5", "two.keras"):
        (folder / name).unlink()


def _overlapping(folder: Path) -> None:
    first, config, numbers = members()
    start = 30 + len(first.encoded) + len(first.data)
    inside = stored("assets/inside", config.data[:10], offset=start)
    write_zip(folder / "m.keras", [first, config, numbers, inside])


def _zip_in_zip(folder: Path) -> None:
    keras_file(folder / "inner.keras")
    write_zip(folder / "m.keras", [stored("model.keras", (folder / "inner.keras").read_bytes())])
    (folder / "inner.keras").unlink()


def _cut(share: float) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        keras_file(folder / "m.keras")
        content = (folder / "m.keras").read_bytes()
        (folder / "m.keras").write_bytes(content[: int(len(content) * share)])

    return make


def _before(junk: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        keras_file(folder / "m.keras")
        (folder / "m.keras").write_bytes(junk + (folder / "m.keras").read_bytes())

    return make


def _quine_like(folder: Path) -> None:
    numbers = weights()
    listed = [*members(), *(stored("assets/a", b"", offset=0, size=len(numbers)) for _ in range(3))]
    write_zip(folder / "m.keras", listed)


CONFIG = json.dumps(tiny()).encode()
WEIGHT = r"weights|member|damaged|unpack"
NAMES: dict[str, tuple[str | bytes, str]] = {
    "absolute": ("/etc/passwd", "member"),
    "..": ("../outside/precious.txt", "member"),
    ".. further in": ("assets/../../x", "member"),
    "backslashes": ("..\\..\\x", "member"),
    "a drive": ("C:/x", "member"),
    "an escape": ("assets/\x1b[31mred", "member|control"),
    "a line feed": ("assets/a\nb", "member|control"),
    "direction": ("assets/\u202egpj.exe", "member|control"),
    "a zero byte": (b"assets/a\0b", "member|control"),
    "no UTF-8": (b"assets/\xff\xfe", "member|damaged|cannot be read|UTF"),
    "a code file": ("evil.py", "member"),
    "nothing": ("", "member|damaged"),
    "60,000 letters": ("assets/" + "a" * 60_000, "member|name|long"),
    "a shadow of config.json": ("CONFIG.JSON", "member"),
}
ARCHIVES: dict[str, tuple[Callable[[Path], None], str]] = {
    "config.json twice": (_with(stored("config.json", CONFIG)), "twice|member"),
    "weights twice": (_with(stored("model.weights.h5", weights())), "twice|member"),
    "a link for config.json": (_replaced(1, mode=0o120777), "link|member"),
    "a link for an asset": (_with(stored("assets/a", b"/etc/passwd", mode=0o120777)), "link|member"),
    "encrypted": (_replaced(1, flags=0x801), "encrypted|member"),
    "unknown compression": (_replaced(1, method=99), "compress|packed|member"),
    "bzip2 that is none": (_replaced(1, method=12), "compress|packed|damaged|member"),
    "lzma that is none": (_replaced(1, method=14), "compress|packed|damaged|member"),
    "config.json of 250 MiB of blanks": (
        lambda folder: write_zip(
            folder / "m.keras", [METADATA, swollen("config.json", 250 << 20), members()[2]]
        ),
        "config.json|member|bytes",
    ),
    "config.json of blanks that is said to be short": (
        lambda folder: write_zip(
            folder / "m.keras",
            [METADATA, Member("config.json", swollen("c", 250 << 20).data, DEFLATED, 0, 5000), members()[2]],
        ),
        rf"config.json|{DAMAGED}",
    ),
    "weights of 6 GB of zeros": (
        lambda folder: write_zip(
            folder / "m.keras", [*members()[:2], swollen("model.weights.h5", 6 * 10**9)]
        ),
        WEIGHT,
    ),
    "weights of 6 GB of zeros behind HDF5": (
        lambda folder: write_zip(
            folder / "m.keras", [*members()[:2], swollen("model.weights.h5", 6 * 10**9, weights())]
        ),
        WEIGHT,
    ),
    "weights of 60 MiB of zeros, deflated": (
        lambda folder: write_zip(folder / "m.keras", [*members()[:2], swollen("model.weights.h5", 60 << 20)]),
        WEIGHT,
    ),
    "an asset of 40 GiB of zeros": (
        lambda folder: keras_file(folder / "m.keras", None, None, swollen("assets/a", 40 * GIB)),
        "member|unpack|assets",
    ),
    "an asset that is said to have 40 GiB": (
        _with(Member("assets/a", b"abc", DEFLATED, 0, 40 * GIB)),
        "member|unpack|assets|damaged",
    ),
    "an asset that is said to be stored with 40 GiB": (
        _with(Member("assets/a", b"abc", 0, 0, 40 * GIB)),
        "member|sizes|assets|damaged",
    ),
    "an asset that is said to lie in 40 GiB": (
        _with(Member("assets/a", b"abc", 0, 0, 40 * GIB, 40 * GIB)),
        "member|lies|assets|damaged",
    ),
    "100,000 members": (_of(*(stored(f"assets/{i}", b"") for i in range(100_000))), "members|list"),
    "700 members": (_with(*(stored(f"assets/{i}", b"") for i in range(700))), "members|list"),
    "a wrong CRC of config.json": (_replaced(1, crc=1), DAMAGED),
    "a wrong CRC of weights": (_replaced(2, crc=1), rf"{DAMAGED}|checksum"),
    "config.json said to be longer": (_replaced(1, size=9999), DAMAGED),
    "config.json said to be shorter": (_replaced(1, size=9, claimed=9), rf"{DAMAGED}|JSON"),
    "weights said to be shorter": (_replaced(2, size=900, claimed=900), rf"{DAMAGED}|weights"),
    "members that overlap": (_overlapping, "lies|overlap|member"),
    "members in one place": (_quine_like, "lies|overlap|twice|member"),
    "another name in front of the data": (_replaced(1, local_name=b"config.jsan"), DAMAGED),
    "a member beyond the end": (_replaced(1, offset=10**9), DAMAGED),
    "an archive in the archive": (_zip_in_zip, "unpack|without a Keras model"),
    "HDF5 and zip": (_polyglot, "two files|not a Keras model|damaged"),
    "no config.json": (_of(METADATA, members()[2]), "without a Keras model|unpack"),
    "a folder for config.json": (
        _of(METADATA, stored("config.json/", b""), members()[2]),
        "without a Keras model|unpack|member",
    ),
    "config.json in UTF-16": (
        _replaced(1, **stored("config.json", CONFIG.decode().encode("utf-16")).__dict__),
        "damaged|JSON|decode",
    ),
    "config.json that is no text": (
        _replaced(1, **stored("config.json", b"\xff\xfe\xfd").__dict__),
        "damaged|decode|JSON",
    ),
    "an empty config.json": (_replaced(1, **stored("config.json", b"").__dict__), "JSON|damaged"),
    "a list that is said to be empty": (
        lambda folder: write_zip(folder / "m.keras", members(), count=0, length=0),
        "without|damaged|archive",
    ),
    "a list that is said to be longer": (
        lambda folder: write_zip(folder / "m.keras", members(), length=10**6),
        DAMAGED,
    ),
    "a list that is said to have 4 GB": (
        lambda folder: write_zip(folder / "m.keras", members(), length=4 * 10**9),
        "list|archive|damaged|not a Keras",
    ),
    "a list said to lie elsewhere": (
        lambda folder: write_zip(folder / "m.keras", members(), offset=10**9),
        DAMAGED,
    ),
    "cut in half": (_cut(0.5), DAMAGED),
    "cut before its end": (_cut(0.999), DAMAGED),
    "cut to a tenth": (_cut(0.1), DAMAGED),
    "the end of another archive behind it": (
        _of(*members(), comment=struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)),
        DAMAGED,
    ),
    "weights twice deflated": (
        lambda folder: write_zip(
            folder / "m.keras", [*members()[:2], deflated("model.weights.h5", deflated("x", weights()).data)]
        ),
        "weights",
    ),
}
UNSEEN = ("an asset that is said to lie in 40 GiB", "a wrong CRC of weights", "a zero byte", "60,000 letters")
"""What a count, which reads the configuration and the index of the weights, need not see."""


def as_archives() -> Iterator[Row]:
    """Yield rows for archives that are not what Keras writes."""
    for what, (make, says) in ARCHIVES.items():
        if what in UNSEEN:
            yield Row(f"models/archive: {what}", "params m.keras", rf"tiny|{says}", make, (0, 2))
        else:
            yield Row(f"models/archive: {what}", "params m.keras", says, make, names="m.keras")
        yield Row(
            f"models/saliency, archive: {what}", "saliency --model m.keras", says, make, names="m.keras"
        )
    for what, (name, says) in NAMES.items():
        yield Row(
            f"models/archive: a name that is {what}",
            "params m.keras",
            rf"tiny|{says}" if what in UNSEEN else says,
            _with(stored(name, b"x")),
            (0, 2) if what in UNSEEN else 2,
            "" if what in UNSEEN else "m.keras",
        )
    for junk, what in (
        (b"#!/bin/sh\nexit\n", "a script"),
        (bytes(100), "zeros"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
    ):
        yield Row(
            f"models/archive: {what} in front of it",
            "params m.keras",
            r"tiny|damaged|not a Keras",
            _before(junk),
            (0, 2),
        )
    many = _with(*(stored(f"assets/{i}", b"x" * 50) for i in range(20)))
    yield Row("models/archive: a few assets", "params m.keras", "tiny", many, 0)
    yield Row(
        "models/archive: a comment of 65,535 bytes",
        "params m.keras",
        r"tiny|\w",
        _of(*members(), comment=b"x" * 65535),
        (0, 2),
    )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    yield from at_places()
    yield from as_nothing()
    yield from as_archives()
