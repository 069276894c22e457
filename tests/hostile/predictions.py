"""Pictures that a network is asked about: lists on standard input, folders, arrays, and where its answers go."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np

from hostile.bad_pictures import ARRAYS, FILES, PNGS, drawn, png
from hostile.data_sets import IMAGE_ARRAYS, header, npy, said
from hostile.making import (
    NO_FILES,
    PLACES,
    Member,
    changed,
    keras_file,
    nest_folders,
    stored,
    swollen,
    weights,
    write_zip,
)
from hostile.outputs import NOWHERE
from hostile.outputs import PLACES as WRITTEN
from hostile.rows import Row
from hostile.typed import CARDS, card

Make = Callable[[Path], object]
Codes = int | tuple[int, ...]
COMMAND = "predict --model mnist "
FORMATS = ("table", "csv", "json", "jsonl")


def a_picture(*makes: Make) -> Make:
    """Return what leaves `good.png`, and what others make beside it."""

    def make(folder: Path) -> None:
        (folder / "good.png").write_bytes(drawn("PNG"))
        for each in makes:
            each(folder)

    return make


# --- lists -----------------------------------------------------------------------------------------------------------


def a_list(content: bytes, *makes: Make) -> Make:
    """Return what leaves a picture, and `list`, which is to be standard input."""
    return a_picture(lambda folder: (folder / "list").write_bytes(content), *makes)


def _without_text(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.png")).write_bytes(drawn("PNG"))


LISTS: dict[str, tuple[Make, str, Codes]] = {
    "of names that zero bytes end": (a_list(b"good.png\0good.png\0"), "2 pictures predicted", 0),
    "of zero bytes": (a_list(bytes(1 << 20)), "names no file", 2),
    "of line feeds": (a_list(b"\n" * (1 << 20)), "names no file", 2),
    "of blanks": (a_list(b"  \t \r\n" * 5000), "names no file", 2),
    "of nothing": (a_list(b""), "names no file", 2),
    "of lines, with a zero byte behind the first 64 KiB": (
        a_list((b"./" * 500 + b"good.png\n") * 90 + b"a\0b.png\n"),
        r"1 of 91 pictures",
        1,
    ),
    "of a name of 5,000 letters": (a_list(b"good.png\n" + b"n" * 5000 + b".png\n"), "1 of 2 pictures", 1),
    "of a path of 20,000 folders": (
        a_list(b"good.png\n" + b"n/" * 20_000 + b"x.png\n"),
        "1 of 2 pictures",
        1,
    ),
    "of one line of 60 MB": (a_list(b"n" * 60_000_000), "line|long|letters|bytes", 2),
    "of names that are no UTF-8": (a_list(b"\xff\xfe.png\ngood.png\n", _without_text), "2 pictures", 0),
    "of names that are no UTF-8, and of nothing": (a_list(b"\xff\xfd.png\ngood.png\n"), "1 of 2", 1),
    "in UTF-16": (a_list("good.png\r\n".encode("utf-16")), "UTF-16", 2),
    "in UTF-8 with its mark": (a_list(b"\xef\xbb\xbfgood.png\r\n"), "1 picture predicted", 0),
    "of missing files": (a_list(b"none.png\nnowhere/none.png\n"), "none of the 2", 2),
    "of 10,000 missing files": (a_list(b"none.png\n" * 10_000), "none of the 10,000", 2),
    "of 10,000 pictures": (a_list(b"good.png\n" * 10_000), "10,000 pictures predicted", 0),
    "of names that steer": (
        a_list("good.png\n\x1b[31m.png\n\u202egpj.png\n\x9b31m.png\na\rb.png\n[red].png\n".encode()),
        "5 of 6",
        1,
    ),
    "of devices": (
        a_list(b"good.png\n/dev/zero\n/dev/full\n/dev/stdin\n/dev/tty\n/proc/self/mem\n/dev/null\n"),
        "6 of 7",
        1,
    ),
    "of passwords": (a_list(b"good.png\n/etc/passwd\n../../../../etc/shadow\n~root/x.png\n"), "3 of 4", 1),
    "of addresses": (a_list(b"good.png\nhttp://x/y.png\nfile:///etc/passwd\n"), "2 of 3", 1),
    "of options": (a_list(b"good.png\n--help\n-\n--output\n"), "3 of 4", 1),
    "of itself": (a_list(b"good.png\nlist\n"), "1 of 2", 1),
    "of folders": (a_list(b".\n./\n.//.\n"), "3 pictures predicted", 0),
    "of noise": (a_list(random.Random(0).randbytes(100_000)), r"\w", (1, 2)),
}


def lists() -> Iterator[Row]:
    """Yield rows for lists of paths on standard input."""
    for name, (make, says, code) in LISTS.items():
        for format_ in FORMATS if name in ("of names that steer", "of a name of 5,000 letters") else ("csv",):
            yield Row(
                f"predict/list {name}, {format_}",
                f"{COMMAND}- --format {format_}",
                says,
                make,
                code,
                stdin="list",
                says_always=True,
                processor=90 if "10,000 pictures" in name else 20,
                seconds=200 if "10,000" in name else 40,
            )
    yield Row("predict/list: zeros without end", f"{COMMAND}-", r"\w", stdin="/dev/zero", seconds=25)
    yield Row("predict/list: nothing", f"{COMMAND}-", "names no file")
    for is_fresh in (False, True):
        yield Row(
            f"predict/list: no standard input{', fresh' * is_fresh}",
            f"{COMMAND}-",
            "standard input",
            stdin="closed",
            is_fresh=is_fresh,
        )
    yield Row("predict/list: twice", f"{COMMAND}- -", "only once", a_list(b"good.png\n"), stdin="list")


# --- pictures and folders ---------------------------------------------------------------------------------------------


def _bombs(folder: Path) -> None:
    for i in range(30):
        (folder / f"bomb {i}.png").write_bytes(png(32_000, 32_000))
    (folder / "text.png").write_bytes(PNGS["1 GB of packed text"][0]())


def _circles(folder: Path) -> None:
    (folder / "round").symlink_to(".")
    (folder / "up").symlink_to("..")
    (folder / "me.png").symlink_to("me.png")
    (folder / "sub").mkdir()
    (folder / "sub" / "again").symlink_to("..")


def _steering(folder: Path) -> None:
    for name in ("\x1b[31m", "a\nb", "\u202egpj", "$\\frac{$", "[red]x[bold]", "=1+1", "\x9b31m", "e" * 200):
        (folder / name).mkdir()
        (folder / name / f"{name[:99]}.png").write_bytes(drawn("PNG"))
    _without_text(folder)


def _many(folder: Path) -> None:
    for i in range(3000):
        (folder / f"{i}.png").write_bytes(b"")


FOLDERS: dict[str, tuple[Make, str, Codes]] = {
    "with bombs": (_bombs, "31 of 32", 1),
    "linked in circles": (_circles, "links to folders", 1),
    "300 levels deep": (nest_folders, r"\w", (0, 1)),
    "with names that steer": (_steering, r"10 pictures predicted", 0),
    "of 3,000 empty files": (_many, "3,000 of 3,001", 1),
}


def pictures() -> Iterator[Row]:
    """Yield rows for pictures and folders that are named."""
    for name, (make, says, code) in FOLDERS.items():
        for format_ in FORMATS if "steer" in name else ("jsonl",):
            yield Row(
                f"predict/folder {name}, {format_}",
                f"{COMMAND}. --format {format_}",
                says,
                a_picture(make),
                code,
            )
    yield Row("predict/folder without pictures", f"{COMMAND}.", "no pictures")
    for place, (put, says) in PLACES.items():
        one = lambda folder, put=put: put(folder / "odd.png")  # noqa: E731
        yield Row(
            f"predict/picture is a {place}",
            f"{COMMAND}odd.png",
            rf"{says}|no pictures",
            one,
            names="odd.png",
            seconds=15,
        )
        yield Row(
            f"predict/one of two is a {place}",
            f"{COMMAND}good.png odd.png --format csv",
            r"\w",
            a_picture(one),
            1 if place != "folder" else 0,
            seconds=15,
        )
    for source in (*NO_FILES, "http://x/y.png"):
        yield Row(
            f"predict/picture {source[:20]!r}",
            ("predict", "--model", "mnist", source),
            r"regular file|device|address|long|not an image|does not exist|null|cannot be read|zero|damaged",
            seconds=20,
        )
    for name in (
        "88 megapixels",
        "2**31 - 1 by 2**31 - 1",
        "1 GB of packed text",
        "no size",
        "29 megapixels",
    ):
        content, says, code = PNGS[name]
        one = lambda folder, content=content: (folder / "m.png").write_bytes(content())  # noqa: E731
        yield Row(
            f"predict/PNG: {name}", f"{COMMAND}m.png", says, one, code, names="m.png" if code == 2 else ""
        )
    for name in ("GIF of a million frames", "TIFF of infinity", "TIFF that goes round", "HDF5 called PNG"):
        file, content, says, code = FILES[name]
        one = lambda folder, content=content, file=file: (folder / file).write_bytes(content())  # noqa: E731
        yield Row(f"predict/{name}", f"{COMMAND}{file}", says, one, code)


# --- arrays ----------------------------------------------------------------------------------------------------------


def _npz(*members: Member) -> Make:
    return lambda folder: write_zip(folder / "a.npz", members)


MAY_BE_IMAGES = (
    "no size",
    "7 channels",
    "NaN",
    "infinite",
    "huge numbers",
    "negative numbers",
    "numbers of 64 bits",
    "floats of 16 bytes",
    "another order of bytes",
    "a shape that is a list",
    "a shape of truth values",
    "five axes",
)
NPZ: dict[str, tuple[Make, str, Codes]] = {
    "no archive": (lambda folder: (folder / "a.npz").write_bytes(b"nothing"), "archive", 2),
    "an empty archive": (_npz(), "0 arrays", 2),
    "an archive of 100,000 arrays": (_npz(*(stored(f"{i}.npy", b"") for i in range(100_000))), "list", 2),
    "an archive of names that steer": (
        _npz(*(stored(f"\x1b[31m\u202e{i}.npy", b"") for i in range(3))),
        r"\w",
        2,
    ),
    "an archive of names of 60,000 letters": (
        _npz(*(stored(f"{i}{'n' * 60_000}.npy", b"") for i in range(3))),
        r"\w",
        2,
    ),
    "an archive with 40 GiB beside the images": (
        _npz(stored("x_test.npy", npy(np.zeros((3, 28, 28), np.uint8))), swollen("more.npy", 40 << 30)),
        "3 pictures",
        0,
    ),
    "an archive with two arrays of images": (
        _npz(*[stored("x_test.npy", npy(np.zeros((3, 28, 28), np.uint8)))] * 2),
        r"\w",
        (0, 2),
    ),
    "an archive of a text": (_npz(stored("x_test.npy", b"text")), r"\w", 2),
    "of images of another network": (
        _npz(stored("x.npy", npy(np.zeros((3, 64, 64, 3), "u1")))),
        r"\w",
        (0, 2),
    ),
    "of images of which one is NaN": (
        _npz(stored("x.npy", npy(np.stack([np.full((28, 28), n) for n in (0.5, np.nan, 0.1)])))),
        "1 of 3",
        1,
    ),
}


def arrays() -> Iterator[Row]:
    """Yield rows for arrays of images, in files of one and in archives."""
    for name, (file, content, code) in ARRAYS.items():
        if name.startswith("npy"):
            make = lambda folder, content=content: (folder / "a.npy").write_bytes(content())  # noqa: E731
            can_do = (0, 1, 2) if code != 2 or "thousand" in name else 2
            yield Row(
                f"predict/array: {name}",
                f"{COMMAND}{file}",
                r"\w",
                make,
                can_do,
                names="a.npy" * (can_do == 2),
            )
    for name, maker in IMAGE_ARRAYS.items():
        code = (0, 1, 2) if name in MAY_BE_IMAGES else 2

        def make_npz(folder: Path, maker: Callable[[], bytes | Member] = maker) -> None:
            made = maker()
            if isinstance(made, Member):
                made = replace(made, name="x_test.npy")
            write_zip(folder / "a.npz", [made if isinstance(made, Member) else stored("x_test.npy", made)])

        yield Row(
            f"predict/npz: {name}", f"{COMMAND}a.npz", r"\w", make_npz, code, names="a.npz" * (code == 2)
        )
    for name, (make, says, code) in NPZ.items():
        yield Row(f"predict/npz: {name}", f"{COMMAND}a.npz", says, make, code, names="a.npz" * (code == 2))
    for place, (put, says) in PLACES.items():
        for file in ("a.npy", "a.npz"):
            yield Row(
                f"predict/{file} is a {place}",
                f"{COMMAND}{file}",
                rf"{says}|no pictures",
                lambda folder, put=put, file=file: put(folder / file),
                names=file,
                seconds=15,
            )

    def huge(folder: Path) -> None:
        head = header(said("(50000000, 28, 28)"))
        (folder / "a.npy").write_bytes(head)
        os.truncate(folder / "a.npy", len(head) + 50_000_000 * 784)  # which takes no room on the disk

    yield Row(
        "predict/array: 39 GB of images that are there, which nobody waits for",
        f"{COMMAND}a.npy --format jsonl",
        make=huge,
        code=141,
        stdout="pipe",
        seconds=30,
    )


# --- models ----------------------------------------------------------------------------------------------------------


def _odd_names(*names: str) -> Make:
    texts = [*names, *map(str, range(10 - len(names)))]
    data = {"name": "mnist", "source": "x", "image_shape": [28, 28, 1], "class_names": texts}
    return a_picture(card(data=data))


CLASSES: dict[str, Make] = {
    "escapes": _odd_names("\x1b[31mred", "\x9b31m", "a\rb", "a\nb", "\x7f"),
    "direction": _odd_names("\u202egpj", "\u2066x", "\u200f"),
    "separators of lines": _odd_names("a\u2028b", "a\u2029b", "a\x85b"),
    "a half of a pair": _odd_names("\ud800", "\udfff"),
    "quotes and commas": _odd_names('"', ",", '","', "';", "\\", "\\u0041"),
    "formulas": _odd_names("=1+1", "+1", "-1", "@x", "\t=1"),
    "markup": _odd_names("[red]", "[/red]", "<script>", "$x$", "\\frac"),
    "nothing": _odd_names("", " ", "  "),
    "one name twice": _odd_names("0", "0", "1"),
    "a megabyte": _odd_names("x" * (1 << 20)),
    "emoji that join": _odd_names("👩‍👩‍👧", "é", "e\u0301" * 50),
}


def a_nan_model(folder: Path) -> None:
    """Leave a model with a weight that is no number."""

    def change(file: h5py.File) -> None:
        file["layers/dense/vars/1"][3] = np.nan

    keras_file(folder / "m.keras", None, weights(change))


def _quantities(folder: Path) -> None:
    """Leave a model of quantities that two names stand for."""
    keras_file(
        folder / "m.keras", changed(lambda c: c["config"]["layers"][3]["config"].update(activation="linear"))
    )
    (folder / "labels.txt").write_text("a\na\n" + "".join(f"{i}\n" for i in range(8)))


def models() -> Iterator[Row]:
    """Yield rows for models with odd names of classes, and for such as put out no numbers."""
    for name, make in CLASSES.items():
        for format_ in FORMATS:
            yield Row(
                f"predict/classes called {name}, {format_}",
                f"predict --model m.keras good.png --format {format_}",
                "good.png",
                make,
                0 if name not in ("a megabyte", "a half of a pair", "nothing", "one name twice") else (0, 2),
            )
    for name in (
        "of names of a megabyte",
        "of a million names",
        "of no range",
        "of seven means",
        "of ink of numbers",
    ):
        yield Row(
            f"predict/card {name}",
            "predict --model m.keras good.png --format json",
            r"\w",
            a_picture(card(**CARDS[name])),
            (0, 2),
        )
    yield Row(
        "predict/a model of NaN", "predict --model m.keras good.png", "not finite", a_picture(a_nan_model)
    )
    yield Row(
        "predict/quantities, of which two are called alike",
        "predict --model m.keras --regression good.png --format json",
        r"\w",
        a_picture(_quantities),
        (0, 2),
    )


# --- where answers go ------------------------------------------------------------------------------------------------


def outputs() -> Iterator[Row]:
    """Yield rows for places that answers are to be written to, and for readers that go."""
    for place, (put, says) in WRITTEN.items():
        yield Row(
            f"predict/--output is a {place}",
            f"{COMMAND}good.png --output out.csv",
            says,
            a_picture(lambda folder, put=put: put(folder / "out.csv")),
            names="out.csv",
            seconds=15,
        )
    for path, says in NOWHERE.items():
        given = path if path in ("", ".", "..", "OUTSIDE") or path.startswith("/dev") else f"{path}.csv"
        yield Row(
            f"predict/--output {path[:20]!r}",
            ("predict", "--model", "mnist", "good.png", "--format", "csv", "--output", given),
            rf"{says}|use an ending",
            a_picture(lambda folder: (folder / "a-file").write_text("x")),
            seconds=15,
        )
    for format_ in FORMATS:
        for stdout, code in (("pipe", 141), ("full", 2), ("closed", 0)):
            yield Row(
                f"predict/{format_} to {stdout}",
                f"{COMMAND}- --format {format_}",
                {2: "space|full"}.get(code, ""),
                a_list(b"good.png\n" * 2000),
                code,
                stdin="list",
                stdout=stdout,
                is_fresh=True,
            )
    yield Row(
        "predict/--output over the picture itself",
        f"{COMMAND}good.csv --output good.csv",
        r"\w",
        lambda folder: (folder / "good.csv").write_text(("0," * 27 + "1\n") * 28),
        (0, 2),
        changes=("good.csv",),
    )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (lists, pictures, arrays, models, outputs):
        yield from part()
