"""Data sets: IDX files, archives of arrays, tables, names of classes, and where they lie."""

import functools
import gzip
import io
import os
import pickle
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hostile.making import PLACES, Member, deflated, gzipped, packed, stored, swollen, write_zip, zeros_crc
from hostile.rows import Row

Make = Callable[[Path], None]
DAMAGED = r"damaged|cut short|longer|header|IDX|gzip|large|announces|bytes"

# --- IDX -------------------------------------------------------------------------------------------------------------

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def idx(array: np.ndarray, kind: int = 8, sizes: tuple[int, ...] | None = None) -> bytes:
    """Return an IDX file, whose header may lie."""
    sizes = array.shape if sizes is None else sizes
    return struct.pack(f">HBB{len(sizes)}I", 0, kind, len(sizes), *sizes) + array.tobytes()


@functools.cache
def four() -> dict[str, bytes]:
    """Return four small files that fit."""
    images, labels = (
        np.arange(20 * 784, dtype=np.uint8).reshape(20, 28, 28),
        np.arange(20, dtype=np.uint8) % 10,
    )
    return {IMAGES: idx(images), LABELS: idx(labels), TEST_IMAGES: idx(images), TEST_LABELS: idx(labels)}


def folder_of(**more: bytes) -> Make:
    """Return what makes a folder `d` of the four files, some of them others; `_` stands for `-` in their names."""

    def make(folder: Path) -> None:
        (folder / "d").mkdir()
        for name, content in {
            **four(),
            **{name.replace("_", "-"): each for name, each in more.items()},
        }.items():
            if content:
                (folder / "d" / name).write_bytes(content)

    return make


def with_images(content: bytes) -> Make:
    """Return what makes a folder whose training images are this."""
    return folder_of(**{IMAGES: content})


def with_labels(content: bytes) -> Make:
    """Return what makes a folder whose training labels are this."""
    return folder_of(**{LABELS: content})


NONE = np.zeros(0, np.uint8)
PICTURE_DATA = np.zeros((20, 28, 28), np.uint8)
IDX_FILES: dict[str, tuple[Callable[[], Make], str]] = {
    "announces 2**32 - 1 of each": (lambda: with_images(idx(NONE, 8, (2**32 - 1,) * 3)), DAMAGED),
    "announces 4 GB": (lambda: with_images(idx(PICTURE_DATA, 8, (5 * 10**6, 28, 28))), DAMAGED),
    "announces 21": (lambda: with_images(idx(PICTURE_DATA, 8, (21, 28, 28))), DAMAGED),
    "announces 19": (lambda: with_images(idx(PICTURE_DATA, 8, (19, 28, 28))), DAMAGED),
    "announces none": (lambda: with_images(idx(NONE, 8, (0, 28, 28))), r"no images|do not belong|\w"),
    "announces pictures of no size": (lambda: with_images(idx(NONE, 8, (20, 0, 0))), r"\w"),
    "announces pictures of one row": (lambda: with_images(idx(NONE, 8, (20, 2**32 - 1, 0))), r"\w"),
    "announces labels without end": (lambda: with_labels(idx(NONE, 8, (2**32 - 1,))), DAMAGED),
    "has seven dimensions": (lambda: with_images(idx(NONE, 8, (1,) * 7)), "dimension"),
    "has 255 dimensions": (lambda: with_images(b"\0\0\x08\xff" + bytes(1020)), "dimension"),
    "has no type that is known": (lambda: with_images(b"\0\0\x07\x03" + bytes(12)), "IDX"),
    "holds floats": (lambda: with_images(idx(np.zeros((20, 28, 28), "f4"), 0x0D)), "unsigned byte"),
    "is empty": (lambda: with_images(b"\0"), "IDX"),
    "is a header's half": (lambda: with_images(b"\0\0\x08\x03\0\0"), "cut short"),
    "is a gzip file cut short": (lambda: with_images(gzip.compress(four()[IMAGES])[:-30]), DAMAGED),
    "is a gzip file with another sum": (
        lambda: with_images(gzip.compress(four()[IMAGES])[:-8] + bytes(8)),
        DAMAGED,
    ),
    "is gzip's signature": (lambda: with_images(b"\x1f\x8b"), DAMAGED),
    "is a gzip file in a gzip file": (
        lambda: with_images(gzip.compress(gzip.compress(four()[IMAGES]))),
        DAMAGED,
    ),
    "is 4 GB of packed zeros": (lambda: with_images(gzipped(b"", 4 * 10**9)), DAMAGED),
    "is 4 GB of packed zeros behind a small header": (
        lambda: with_images(gzipped(idx(NONE, 8, (20, 28, 28)), 4 * 10**9)),
        DAMAGED,
    ),
    "is 4 GB of packed zeros, as announced": (
        lambda: with_images(gzipped(idx(NONE, 8, (4_000_000, 32, 32)), 4096 * 10**6)),
        rf"{DAMAGED}|do not belong",
    ),
    "is a gzip file with a name of 60,000 letters": (
        lambda: with_images(b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 60_000),
        DAMAGED,
    ),
    "is noise": (lambda: with_images(bytes(range(256)) * 60), "IDX"),
    "and labels of 255": (lambda: with_labels(idx(np.full(20, 255, np.uint8))), r"\w"),
}


def idx_files() -> Iterator[Row]:
    """Yield rows for IDX files that are none, or announce what they do not hold."""
    for name, (make, says) in IDX_FILES.items():
        code: int | tuple[int, ...] = (0, 2) if name.startswith("and") else 2
        yield Row(f"data/IDX {name}", "data --data d", says, lambda folder, make=make: make()(folder), code)
    both_swapped = lambda folder: folder_of(**{IMAGES: four()[LABELS], LABELS: four()[IMAGES]})(folder)  # noqa: E731
    yield Row("data/IDX swapped", "data --data d", "swapped|dimension", both_swapped)
    for place, (put, says) in PLACES.items():

        def make(folder: Path, put: Callable[[Path], object] = put) -> None:
            folder_of(**{IMAGES: b""})(folder)
            put(folder / "d" / IMAGES)

        yield Row(f"data/IDX is a {place}", "data --data d", rf"{says}|needed|not found", make, seconds=15)
        yield Row(
            f"data/saliency: IDX is a {place}",
            "saliency --model mnist --data d",
            rf"{says}|needed|not found",
            make,
            seconds=15,
        )


# --- names of classes ------------------------------------------------------------------------------------------------

NAMES: dict[str, tuple[bytes, int | tuple[int, ...]]] = {
    "two million lines": (b"a\n" * 2_000_000, 2),
    "as many names as a megabyte holds": (b"".join(b"%d\n" % i for i in range(150_000)), (0, 2)),
    "a line of 1,000,000 letters": (b"a" * 1_000_000 + b"\n" + b"b\n" * 9, (0, 2)),
    "no text": (b"\xff\xfe\xfd", 2),
    "empty": (b"\n\n", 2),
    "escapes": (b"\x1b[31mred\n" + b"".join(b"%d\n" % i for i in range(9)), (0, 2)),
    "direction": ("\u202egpj\n".encode() + b"".join(b"%d\n" % i for i in range(9)), (0, 2)),
    "zero bytes": (b"a\0b\n" + b"".join(b"%d\n" % i for i in range(9)), (0, 2)),
    "markup": (b"[red]\n[/red]\n$x$\n\\frac\n<b>\n" + b"".join(b"%d\n" % i for i in range(5)), (0, 2)),
    "mathematics": (b"$\\frac{1}{$\n" + b"".join(b"$%d_$\n" % i for i in range(9)), (0, 2)),
    "ten equal names": (b"a\n" * 10, (0, 2)),
    "nine names": (b"a\n" * 9, 2),
}
MAPPINGS: dict[str, bytes] = {
    "words": b"zero 48\n",
    "huge codes": b"0 9999999\n",
    "codes beyond all characters": b"0 1114112\n",
    "surrogates": b"0 55296\n",
    "control characters": b"0 27\n",
    "huge labels": b"9999999 48\n",
    "labels of 5,000 digits": b"9" * 5000 + b" 48\n",
    "a label twice": b"0 48\n0 49\n",
    "other digits": "\u0660 48\n".encode(),
    "two million lines": b"0 48\n" * 2_000_000,
    "nothing": b"\n",
}


def class_names() -> Iterator[Row]:
    """Yield rows for names of classes, and mappings, beside four files."""
    for name, (content, code) in NAMES.items():
        yield Row(
            f"data/labels.txt: {name}", "data --data d", r"\w", folder_of(**{"labels.txt": content}), code
        )
    for name, content in MAPPINGS.items():
        yield Row(
            f"data/mapping.txt: {name}",
            "data --data d",
            "mapping|label",
            folder_of(**{"mapping.txt": content}),
        )
    for file in ("labels.txt", "mapping.txt"):
        for place in ("fifo", "socket", "link to a device that never ends", "folder"):
            put, says = PLACES[place]

            def make(folder: Path, put: Callable[[Path], object] = put, file: str = file) -> None:
                folder_of()(folder)
                put(folder / "d" / file)

            yield Row(f"data/{file} is a {place}", "data --data d", rf"\w|{says}", make, (0, 2), seconds=15)


# --- archives of arrays ----------------------------------------------------------------------------------------------

KEYS = ("x_train", "y_train", "x_test", "y_test")


def npy(array: np.ndarray) -> bytes:
    """Return an `.npy` file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def header(text: str, version: int = 1, length: int | None = None) -> bytes:
    """Return the beginning of an `.npy` file with this header."""
    data = text.encode("latin-1") + b"\n"
    size = len(data) if length is None else length
    return b"\x93NUMPY" + bytes((version, 0)) + struct.pack("<H" if version == 1 else "<I", size) + data


def said(shape: Any, kind: str = "'|u1'", order: str = "False") -> str:
    """Return the text of a header."""
    return f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, }}"


def arrays_of(**more: bytes | Member) -> Make:
    """Return what makes `d.npz` of four arrays that fit, some of them others."""

    def make(folder: Path) -> None:
        images, labels = np.arange(20 * 784, dtype=np.uint8).reshape(20, 28, 28), np.arange(20) % 10
        contents: dict[str, Any] = dict(zip(KEYS, map(npy, (images, labels, images, labels)), strict=True))
        contents.update(more)
        listed = [
            each if isinstance(each, Member) else stored(f"{name}.npy", each)
            for name, each in contents.items()
        ]
        write_zip(folder / "d.npz", listed)

    return make


def _pickled() -> bytes:
    class Touch:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, ("touch pwned",)

    return header(said("(1,)", "'|O'")) + pickle.dumps(Touch())


def _swollen(text: str, count: int) -> Member:
    head = header(text)
    import zlib

    return Member(
        "x_train.npy", packed(head, count), 8, zeros_crc(count, zlib.crc32(head)), len(head) + count
    )


IMAGE_ARRAYS: dict[str, Callable[[], bytes | Member]] = {
    "4 GB of packed zeros": lambda: _swollen(said("(5000000, 28, 28)"), 5_000_000 * 784),
    "4 GB of packed zeros, not in its header": lambda: _swollen(said("(20, 28, 28)"), 4 * 10**9),
    "40 GB that are not there": lambda: header(said("(50000000, 28, 28)")),
    "2**62 numbers": lambda: header(said(f"({2**62},)")),
    "10**30 numbers": lambda: header(said(f"({10**30},)")),
    "a number of 5,000 digits": lambda: header(said(f"({'9' * 5000},)")),
    "-1 pictures": lambda: header(said("(-1, 28, 28)")) + bytes(784),
    "a shape of fractions": lambda: header(said("(20.0, 28, 28)")) + bytes(20 * 784),
    "a shape that is a text": lambda: header(said("'abc'")),
    "a shape that is a list": lambda: header(said("[20, 28, 28]")) + bytes(20 * 784),
    "a shape of truth values": lambda: header(said("(True, 28, 28)")) + bytes(784),
    "a shape of 70 sizes": lambda: header(said(f"({'1, ' * 70})")) + bytes(1),
    "no size": lambda: npy(np.zeros((20, 0, 0), np.uint8)),
    "no pictures": lambda: npy(np.zeros((0, 28, 28), np.uint8)),
    "one number": lambda: npy(np.uint8(3)),  # type: ignore[arg-type]
    "five axes": lambda: npy(np.zeros((20, 4, 7, 28, 1), np.uint8)),
    "7 channels": lambda: npy(np.zeros((20, 28, 28, 7), np.uint8)),
    "a pickle": _pickled,
    "objects that are numbers": lambda: header(said("(20,)", "'|O'")) + pickle.dumps([1] * 20),
    "a record": lambda: npy(np.zeros(20, [("a", "u1"), ("b", "f4")])),
    "texts": lambda: npy(np.array(["a"] * 20)),
    "dates": lambda: npy(np.zeros((20, 28, 28), "M8[s]")),
    "complex numbers": lambda: npy(np.zeros((20, 28, 28), "c8")),
    "NaN": lambda: npy(np.full((20, 28, 28), np.nan, "f4")),
    "infinite": lambda: npy(np.full((20, 28, 28), np.inf, "f8")),
    "huge numbers": lambda: npy(np.full((20, 28, 28), 1e308)),
    "negative numbers": lambda: npy(np.full((20, 28, 28), -5)),
    "numbers of 64 bits": lambda: npy(np.full((20, 28, 28), 2**63, "u8")),
    "floats of 16 bytes": lambda: npy(np.zeros((20, 28, 28), "g")),
    "another order of bytes": lambda: npy(np.zeros((20, 28, 28), ">f4")),
    "code in its header": lambda: header("__import__('os').system('touch pwned')"),
    "code for a shape": lambda: header(said("__import__('os').system('touch pwned')")),
    "parentheses without end": lambda: header("(" * 9000),
    "10,000 parentheses": lambda: header("(" * 5000 + ")" * 5000),
    "a text that never ends": lambda: header("{'descr': '|u1"),
    "a text of three quotes that never ends": lambda: header("'''abc"),
    "a header of 4 GB": lambda: header(said("(1,)"), 2, 2**32 - 1),
    "a header of a megabyte": lambda: header(said("(1,)") + " " * (1 << 20), 2),
    "a header of 65,535 bytes that are not there": lambda: header("x", 1, 65_535),
    "a type that is code": lambda: header(said("(1,)", "[('a', __import__('os'))]")),
    "a type of 2**31 bytes": lambda: header(said("(1,)", "'|V2147483647'")),
    "a type of types": lambda: header(said("(1,)", str([("a", [("b", [("c", "|u1")])])]))),
    "version 9": lambda: header(said("(1,)"), 9),
    "no magic": lambda: b"no magic at all",
    "nothing": lambda: b"",
    "half a picture": lambda: header(said("(20, 28, 28)")) + bytes(300),
    "a link": lambda: stored("x_train.npy", b"/etc/passwd", mode=0o120777),
    "encrypted": lambda: stored("x_train.npy", npy(NONE), flags=0x801),
    "packed in an unknown way": lambda: Member("x_train.npy", b"abc", 99, 0, 3),
    "of another sum": lambda: stored("x_train.npy", npy(PICTURE_DATA), crc=1),
}
MAY_BE_DATA = (
    "numbers of 64 bits",
    "another order of bytes",
    "floats of 16 bytes",
    "a shape that is a list",
    "no size",
    "a shape of truth values",
    "7 channels",
    "NaN",
    "huge numbers",
)
LABEL_ARRAYS: dict[str, Callable[[], np.ndarray]] = {
    "one of 99,999": lambda: np.array([*range(19), 99_999]),
    "one of 2**62": lambda: np.array([*range(19), 2**62]),
    "one of 2**64 - 1": lambda: np.array([*range(19), 2**64 - 1], "u8"),
    "negative": lambda: np.arange(20) - 1,
    "NaN": lambda: np.full(20, np.nan),
    "infinite": lambda: np.full(20, np.inf),
    "fractions": lambda: np.arange(20) / 2,
    "1e300": lambda: np.array([*range(19), 1e300]),
    "texts": lambda: np.array(["cat", "dog"] * 10),
    "truth values": lambda: np.arange(20) % 2 == 0,
    "complex": lambda: np.arange(20) * 1j,
    "all the same": lambda: np.zeros(20, int),
    "one too few": lambda: np.arange(19) % 10,
    "none": lambda: np.zeros(0, int),
    "of two axes": lambda: np.zeros((20, 3), int),
    "a thousand columns": lambda: np.eye(20, 1000, dtype=int),
    "a number": lambda: np.array(3),
    "dates": lambda: np.zeros(20, "M8[D]"),
}
MAY_BE_LABELS = (
    "truth values",
    "all the same",
    "a thousand columns",
    "of two axes",
    "fractions",
    "one of 99,999",
)


def archives() -> Iterator[Row]:
    """Yield rows for archives of arrays."""
    for name, content in IMAGE_ARRAYS.items():
        make = lambda folder, content=content: arrays_of(x_train=content())(folder)  # noqa: E731
        code: int | tuple[int, ...] = (0, 2) if name in MAY_BE_DATA else 2
        yield Row(
            f"data/npz, images: {name}",
            "data --data d.npz",
            r"\w",
            make,
            code,
            names=r"d.npz" if code == 2 else "",
        )
    for name, labels in LABEL_ARRAYS.items():
        make = lambda folder, labels=labels: arrays_of(y_train=npy(labels()))(folder)  # noqa: E731
        code = (0, 2) if name in MAY_BE_LABELS else 2
        yield Row(f"data/npz, labels: {name}", "data --data d.npz", r"\w", make, code)
    few = {
        "no archive": lambda folder: (folder / "d.npz").write_bytes(b"nothing"),
        "empty": lambda folder: (folder / "d.npz").write_bytes(b""),
        "an empty archive": lambda folder: write_zip(folder / "d.npz", []),
        "of other names": lambda folder: write_zip(folder / "d.npz", [stored("a.npy", npy(NONE))]),
        "of names with escapes": lambda folder: write_zip(
            folder / "d.npz", [stored("\x1b[31m\u202e.npy", npy(NONE))]
        ),
        "of members that are no arrays": lambda folder: write_zip(
            folder / "d.npz", [stored(name, b"text") for name in KEYS]
        ),
        "of 100,000 arrays": lambda folder: write_zip(
            folder / "d.npz", [stored(f"{i}.npy", b"") for i in range(100_000)]
        ),
        "with arrays twice": lambda folder: write_zip(
            folder / "d.npz", [stored(f"{name}.npy", npy(NONE)) for name in KEYS * 2]
        ),
        "with 40 GiB beside them": lambda folder: arrays_of(more=swollen("more.npy", 40 << 30))(folder),
        "with a lying number of arrays": lambda folder: write_zip(
            folder / "d.npz", [stored(f"{name}.npy", npy(NONE)) for name in KEYS], count=2
        ),
        "of packed arrays cut short": lambda folder: (
            write_zip(folder / "d.npz", [deflated("x_train.npy", npy(PICTURE_DATA))]),
            os.truncate(folder / "d.npz", 100),
        ),
    }
    for name, make_it in few.items():
        code = (0, 2) if name == "with 40 GiB beside them" else 2
        yield Row(
            f"data/npz {name}", "data --data d.npz", r"\w", make_it, code, names="d.npz" if code == 2 else ""
        )
    for place, (put, says) in PLACES.items():
        if place != "folder":
            yield Row(
                f"data/npz is a {place}",
                "data --data d.npz",
                rf"{says}|no data",
                lambda folder, put=put: put(folder / "d.npz"),
                seconds=15,
            )


# --- tables ----------------------------------------------------------------------------------------------------------

ROW = b"1," + b",".join([b"7"] * 784) + b"\n"
TABLES: dict[str, tuple[Callable[[], bytes], int | tuple[int, ...]]] = {
    "one line of 100 MB": (lambda: b"1," * 50_000_000, 2),
    "a million columns": (lambda: b"1," * 999_999 + b"1\n" + ROW, 2),
    "a million columns that are a picture": (lambda: (b"1," * 1_000_000 + b"1\n") * 3, (0, 2)),
    "zero bytes": (lambda: ROW + b"1,\0" + ROW, 2),
    "zero bytes at its beginning": (lambda: b"\0\0\0\0" + ROW, 2),
    "nan": (lambda: ROW + b"1," + b",".join([b"nan"] * 784) + b"\n", 2),
    "inf": (lambda: ROW + b"1," + b",".join([b"inf"] * 784) + b"\n", 2),
    "1e999": (lambda: ROW + b"1," + b",".join([b"1e999"] * 784) + b"\n", 2),
    "huge numbers": (lambda: ROW + b"1," + b",".join([b"9" * 400] * 784) + b"\n", 2),
    "a quote that is never closed": (lambda: ROW + b'1,"7,' + ROW * 3, 2),
    "quotes alone": (lambda: b'"' * 5000 + b"\n" + ROW, 2),
    "lines of other lengths": (lambda: ROW + ROW[10:], 2),
    "a label of 99,999": (lambda: ROW * 3 + b"99999" + ROW[1:], (0, 2)),
    "a label of 2**62": (lambda: ROW * 3 + b"4611686018427387904" + ROW[1:], 2),
    "a label of 10**30": (lambda: ROW * 3 + b"1" + b"0" * 30 + ROW[1:], 2),
    "labels that are texts": (lambda: (b"cat" + ROW[1:]) * 3, 2),
    "a negative label": (lambda: ROW * 3 + b"-1" + ROW[1:], 2),
    "escapes in its header": (lambda: b"\x1b[31mlabel,\x1b]0;x\x07\n" + ROW, 2),
    "direction in its header": (lambda: "label,\u202e\n".encode() + ROW, 2),
    "no text": (lambda: b"\xff\xfe\xfd" * 300, 2),
    "UTF-16": (lambda: (ROW * 3).decode().encode("utf-16"), 2),
    "blank lines": (lambda: b"\n" * 1_000_000, 2),
    "a header alone": (lambda: b"label," + b",".join(b"p%d" % i for i in range(784)) + b"\n", 2),
    "labels alone": (lambda: b"label\n1\n2\n", 2),
    "other digits": (lambda: ROW + ("\u0661," + ",".join(["\u0667"] * 784) + "\n").encode(), (0, 2)),
    "a formula": (lambda: ROW + b"=cmd|' /C calc'!A0" + ROW[1:], 2),
    "4 GB of packed zeros": (lambda: gzipped(b"", 4 * 10**9), 2),
    "4 GB of packed zeros behind a line": (lambda: gzipped(ROW, 4 * 10**9), 2),
    "a gzip file cut short": (lambda: gzip.compress(ROW * 30)[:-20], 2),
    "nothing": (lambda: b"", 2),
    "one row": (lambda: ROW, (0, 2)),
}


def tables() -> Iterator[Row]:
    """Yield rows for tables of pictures."""
    for name, (content, code) in TABLES.items():
        file = "d.csv.gz" if "gz" in name or "packed" in name else "d.csv"
        make = lambda folder, content=content, file=file: (folder / file).write_bytes(content())  # noqa: E731
        yield Row(
            f"data/CSV with {name}", f"data --data {file}", r"\w", make, code, names=file if code == 2 else ""
        )

    def of_packed_lines(folder: Path) -> None:
        block = gzip.compress(ROW * 5000)
        (folder / "d.csv.gz").write_bytes(block * 200)

    yield Row("data/CSV of a million packed lines", "data --data d.csv.gz", r"\w", of_packed_lines, (0, 2))
    for place, (put, says) in PLACES.items():
        if place != "folder":
            yield Row(
                f"data/CSV is a {place}",
                "data --data d.csv",
                rf"{says}|no data",
                lambda folder, put=put: put(folder / "d.csv"),
                seconds=15,
            )


# --- where they lie --------------------------------------------------------------------------------------------------


def _with(put: Callable[[Path], object]) -> Make:
    def make(folder: Path) -> None:
        folder_of()(folder)
        put(folder / "d")

    return make


def _circle(folder: Path) -> None:
    (folder / "round").symlink_to(".")
    (folder / "up").symlink_to("..")


def _many_files(folder: Path) -> None:
    for i in range(3000):
        (folder / f"{i}-{IMAGES}").write_bytes(b"")


def places() -> Iterator[Row]:
    """Yield rows for sources that are nowhere, or in odd places."""
    for source in (
        "http://x/y.npz",
        "https://x/d.csv",
        "file:///etc/passwd",
        "/dev/zero",
        "/dev/full",
        "/dev/null",
        "/proc/self",
        "/proc/self/mem",
        "/etc/passwd",
        ".",
        "",
        " ",
        "\x1b[31m",
        "a" * 300,
        "d/" * 3000,
        "\u202egpj.npz",
        "~root",
        "mnist.",
        "..",
        "-",
    ):
        yield Row(f"data/source {source[:20]!r}", ("data", "--data", source), r"\w", seconds=15)
    yield Row("data/a zero byte in the source", ("data", "--data", "a\0b"), r"\w")
    yield Row(
        "data/an empty folder",
        "data --data d",
        "no pictures in it, nor IDX files",
        lambda folder: (folder / "d").mkdir(),
    )
    yield Row("data/a folder linked in circles", "data --data d", "MNIST|mnist|images", _with(_circle), 0)
    yield Row(
        "data/a folder with a pipe",
        "data --data d",
        r"\w",
        _with(lambda d: os.mkfifo(d / "more.csv")),
        (0, 2),
    )
    yield Row("data/a folder with 3,000 files of images", "data --data d", "needed", _with(_many_files))
    yield Row(
        "data/a folder called escapes",
        ("data", "--data", "\x1b[31m"),
        r"\w",
        lambda folder: (folder / "\x1b[31m").mkdir(),
    )
    yield Row(
        "data/train: labels without end",
        "train --model mnist --data d --output output --epochs 1",
        DAMAGED,
        IDX_FILES["announces labels without end"][0](),
    )
    yield Row(
        "data/train: an archive of a pickle",
        "train --model mnist --data d.npz --output output --epochs 1",
        r"\w",
        arrays_of(x_train=_pickled()),
    )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (idx_files, class_names, archives, tables, places):
        yield from part()
