"""What is typed, and small texts beside models: arguments, answers of students, cards; and where output goes."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hostile.making import PLACES, keras_file
from hostile.rows import Row

DEEP, LONG, HUGE = "(" * 10_000, "9" * 100_000, "9**9**9**9"
ODD = {
    "an escape": "\x1b[31mred\x1b[0m",
    "direction": "\u202e3x3",
    "a zero byte": "3\0",
    "lines": "3\nError: nothing",
    "other digits": "\u0663\u0663",
    "a lone surrogate": "\udcff",
    "full width": "\uff13",
}


def calculator() -> Iterator[Row]:
    """Yield rows for the pocket calculator."""
    chain = "calculate receptive-field"
    for count in (2_000, 20_000):
        yield Row(
            f"text/receptive field of {count:,} layers",
            ("calculate", "receptive-field", *["conv3"] * count),
            r"\w",
            code=(0, 2),
        )
    yield Row(
        "text/receptive field of 2,000 pools",
        ("calculate", "receptive-field", *["pool2"] * 2000),
        r"\w",
        code=(0, 2),
    )
    yield Row(
        "text/receptive field of 2,000 pools of an image",
        ("calculate", "receptive-field", *["pool2"] * 2000, "--input", "224"),
        r"\w",
        code=(0, 2),
    )
    yield Row(
        "text/receptive field of 2,000 layers, a page",
        ("calculate", "receptive-field", *["conv3,same"] * 2000, "--input", "224", "--format", "html"),
        r"\w",
        code=(0, 2),
    )
    yield Row(
        "text/receptive field of 10**9 pixels",
        f"{chain} conv3 pool2 conv3 --input 1000000000",
        r"\w",
        code=(0, 2),
    )
    yield Row(
        "text/receptive field of an image of 100,000 by 100,000",
        f"{chain} conv3 pool2 --input 100000x100000 --cell 5",
        r"\w",
        code=(0, 2),
    )
    for what, text in {
        "deep": DEEP,
        "long": LONG,
        "a power": HUGE,
        "1e400": "1e400",
        "-1": "-1",
        "0": "0",
        "nan": "nan",
        "2.5": "2.5",
        "empty": "",
        **ODD,
    }.items():
        yield Row(f"text/a size that is {what}", ("calculate", "conv", text, "--kernel", "3"), r"\w")
        yield Row(f"text/a kernel that is {what}", ("calculate", "conv", "28", "--kernel", text), r"\w")
        yield Row(f"text/a layer that is {what}", ("calculate", "receptive-field", "--", text), r"\w", code=2)
    for option, text in {
        "find": "9" * 30,
        "inputs": "1-1000000000",
        "kernels": "1-10000",
        "strides": "1-1000",
        "paddings": ",".join(map(str, range(1000))),
    }.items():
        words = ["calculate", "conv", "--find", "13"] if option != "find" else ["calculate", "conv"]
        yield Row(f"text/--{option} {text[:20]}", (*words, f"--{option}", text), r"\w", code=(0, 2))
    yield Row(
        "text/find among everything",
        "calculate conv --find 1000000000 --inputs 1-1000000000 --kernels 1-1000 --strides 1-1000",
        r"\w",
        code=(0, 2),
    )
    yield Row(
        "text/find among everything, with pools",
        "calculate conv --find 13 --then-pool --kernels 1-1000 --strides 1-100 --pools 1-100 --pool-strides 1-100",
        r"\w",
        code=(0, 2),
    )
    yield Row(
        "text/find stacks of depth 10**9",
        f"{chain} --find 1000 conv3 pool2 conv5 --depth 1000000000",
        r"\w",
        code=(0, 2),
    )
    yield Row(
        "text/find stacks of 40 layers",
        (
            "calculate",
            "receptive-field",
            "--find",
            "99999",
            "--depth",
            "40",
            *[f"conv{n}" for n in range(3, 30)],
        ),
        r"\w",
        code=(0, 2),
    )
    yield Row("text/a page 10**9 wide", "calculate conv 28 --kernel 3 --width 1000000000", r"\w", code=(0, 2))
    yield Row(
        "text/dense of 10**9 by 10**9", "calculate dense 1000000000 --units 1000000000", r"\w", code=(0, 2)
    )


def options() -> Iterator[Row]:
    """Yield rows for options of the other commands."""
    base = ("saliency", "--model", "mnist", "--index", "1", "--method", "vanilla")
    for what, text in {
        **ODD,
        "long": LONG,
        "of 5,000 digits": "9" * 5000,
        "negative": "-1",
        "empty": "",
    }.items():
        yield Row(
            f"text/--class {what}", (*base, "--class", text), r"\w", code=(0, 2) if "zero" in what else 2
        )
    for option in ("--layer", "--head", "--input"):
        yield Row(
            f"text/{option} with escapes",
            ("saliency", "--model", "mnist", "--method", "gradcam", option, ODD["an escape"]),
            r"\w",
        )
    for option, text in {
        "--index": "99999999999999999999",
        "--samples": "100000000",
        "--noise": "nan",
        "--noise ": "inf",
        "--baseline": "nan",
        "--baseline ": "1e400",
        "--memory": "1e999GB",
        "--memory ": "0MB",
        "--overlay": "nan",
        "--seed": "99999999999",
    }.items():
        yield Row(f"text/{option.strip()} {text}", (*base, option.strip(), text), r"\w")
    yield Row("text/--patch of 10**21", (*base, "--patch", "1" + "0" * 21), r"\w", code=(0, 2))
    yield Row("text/--pixel-range nan nan", (*base, "--pixel-range", "nan", "nan"), "finite")
    yield Row("text/--pixel-range -inf inf", (*base, "--pixel-range", "-inf", "inf"), "finite")
    for shape in (
        "1x1x1",
        "0x0x0",
        "9999999999x9999999999x3",
        "x".join(["9"] * 5000),
        "9" * 5000,
        "\u0663x\u0663x3",
        "-1x3x3",
        "",
    ):
        yield Row(
            f"text/--input-shape {shape[:20]}",
            ("params", "vgg16", "--no-check", "--input-shape", shape),
            r"\w",
            code=(0, 2),
        )
        yield Row(f"text/--image-shape {shape[:20]}", (*base, "--image-shape", shape), r"\w")
    for name in (*ODD.values(), "../../etc/passwd", "a" * 300, "-", "\x00"):
        yield Row(f"text/a network called {name[:16]!r}", ("params", name), r"\w")
        yield Row(f"text/a worksheet for {name[:16]!r}", ("worksheet", name), r"\w")
    yield Row(
        "text/--columns with escapes", ("params", "mnist", "--no-check", "--columns", ODD["an escape"]), r"\w"
    )
    yield Row("text/--explain with escapes", ("params", "mnist", "--explain", ODD["an escape"]), r"\w")
    yield Row("text/--width of 10**9", "params mnist --no-check --width 1000000000", r"\w", code=(0, 2))
    yield Row("text/--width of 10**30", f"params mnist --no-check --width 1{'0' * 30}", r"\w", code=(0, 2))
    yield Row("text/--id with escapes", ("claims", "--id", ODD["an escape"]), r"\w")
    yield Row("text/an unknown command", ("\x1b[31m",), r"\w")
    yield Row("text/an option with escapes", ("params", "--\x1b[31m"), r"\w")
    for what, text in {**ODD, "long": LONG, "9**9": HUGE, "-1": "-1", "0": "0"}.items():
        yield Row(f"text/--blanks {what}", ("worksheet", "mnist", "--blanks", text), r"\w", code=2)
        yield Row(
            f"text/--students {what}", ("worksheet", "mnist", "--students", text, "--output", "output"), r"\w"
        )
        yield Row(f"text/--seed {what}", ("worksheet", "mnist", "--seed", text), r"\w", code=(0, 2))


# --- worksheets ------------------------------------------------------------------------------------------------------

SHEET = "convlab-worksheet/1?network=mnist&seed=0&student=&blanks=12&vary=no&check=0000"


def form(*lines: str, sheet: str = SHEET) -> bytes:
    """Return a form of answers."""
    return "\n".join(["number,question,answer", f"sheet,{sheet},", *lines]).encode("utf-8", "surrogatepass")


FORMS: dict[str, bytes] = {
    "empty": b"",
    "no form": b"nothing at all",
    "no text": b"\xff\xfe\xfd\xfc" * 100,
    "of zero bytes": bytes(5000),
    "an archive": b"PK\3\4" + bytes(100),
    "of 100 MB": b"",
    "a key": SHEET.replace("worksheet", "key").encode(),
    "of another version": SHEET.replace("/1", "/9").encode(),
    "of a version of 4 digits": SHEET.replace("/1", "/9999").encode(),
    "of a cut line": SHEET[:50].encode(),
    "of another network": form(sheet=SHEET.replace("network=mnist", "network=nothing")),
    "of a network that is a path": form(sheet=SHEET.replace("network=mnist", "network=..%2F..%2Fm.keras")),
    "of a network with escapes": form(sheet=SHEET.replace("network=mnist", "network=%1B%5B31m%E2%80%AE")),
    "of a million blanks": form(sheet=SHEET.replace("blanks=12", "blanks=1000000")),
    "of 10**7 blanks": form(sheet=SHEET.replace("blanks=12", "blanks=9999999")),
    "of blanks that are no number": form(sheet=SHEET.replace("blanks=12", "blanks=%D9%A3")),
    "of two thousand networks": form(sheet=SHEET + "&network=vgg16" * 400),
    "of a student with escapes": form(sheet=SHEET.replace("student=", "student=%1B%5B31m%00")),
    "with answers of 500,000 digits": form(f"1,x,{'9' * 500_000}"),
    "with exponents": form("1,x,1e99", "2,x,9e-99", "3,x,1e999999999"),
    "with powers": form("1,x,9**9**9", "2,x,=9^9^9"),
    "with formulas": form("1,x,=cmd|' /C calc'!A0", "2,x,@SUM(1)"),
    "with parentheses": form(f"1,x,{DEEP}"),
    "with escapes": form("1,x,\x1b[31m5", "2,x,\u202e5"),
    "with other digits": form("1,x,\u0665", "2,x,\u00b2", "3,x,\u2167"),
    "with lone surrogates": form("1,x,\ud800"),
    "with a quote that is never closed": form('1,x,"5', "2,x,6"),
    "with a field of 900,000 letters": form(f'1,"{"x" * 900_000}",5'),
    "with half a million commas": form("," * 500_000),
    "with 200,000 lines": form(*["1,x,5"] * 100_000),
    "with numbers of questions beyond all": form("999999,x,5", "0,x,5", "-1,x,5"),
    "in UTF-16 cut short": b"\xff\xfe" + form("1,x,5").decode().encode("utf-16-le")[:-1],
    "with a shape without end": form("1,x," + "x".join(["9"] * 20_000)),
    "with a shape of blanks": form("1,x," + " " * 200_000 + "5"),
    "with dots": form("1,x," + "1." * 29 + "1", "2,x," + "1,.1" * 14),
}


def worksheets() -> Iterator[Row]:
    """Yield rows for answers of students, and lists of students."""
    for name, content in FORMS.items():
        make = _sized("a.csv", content, 100_000_000 * ("MB" in name))
        yield Row(f"text/form {name}", "worksheet --grade a.csv", r"a\.csv", make)
        fresh = name.startswith("with ") or "student" in name
        if fresh:
            yield Row(
                f"text/graded form {name}",
                "worksheet --grade a.csv --format text",
                r"\w",
                _graded(content),
                (0, 2),
            )
    for place, (put, says) in PLACES.items():
        if place != "folder":
            yield Row(
                f"text/form is a {place}",
                "worksheet --grade a.csv",
                rf"{says}|no such",
                lambda folder, put=put: put(folder / "a.csv"),
                seconds=15,
            )
            yield Row(
                f"text/students are a {place}",
                "worksheet mnist --students a.txt --output output",
                rf"{says}|takes a number",
                lambda folder, put=put: put(folder / "a.txt"),
                seconds=15,
            )
    lists = {
        "of 100 MB": b"name\n",
        "of 2,000 names": b"".join(b"n%d\n" % i for i in range(2000)),
        "with a name twice": b"a\na\n",
        "with paths": b"../../x\n/etc/passwd\n",
        "with escapes": b"\x1b[31m\n",
        "with direction": "\u202eabc\n".encode(),
        "with a name of 5,000 letters": b"x" * 5000,
        "of no text": b"\xff\xfe",
        "empty": b"",
        "with dots": b".\n..\n",
        "with names that differ by their case": b"a\nA\n",
    }
    for name, content in lists.items():
        code: int | tuple[int, ...] = (
            (0, 2) if name in ("with paths", "with dots", "with names that differ by their case") else 2
        )
        make = _sized("a.txt", content, 100_000_000 * ("MB" in name))
        yield Row(
            f"text/students {name}", "worksheet mnist --students a.txt --output output", r"\w", make, code
        )
    yield Row(
        "text/a folder of forms with a pipe",
        "worksheet --grade f",
        r"\w",
        _forms(lambda f: os.mkfifo(f / "a.csv")),
    )
    yield Row(
        "text/a folder of forms in circles",
        "worksheet --grade f",
        r"\w",
        _forms(lambda f: (f / "f").symlink_to(".")),
    )
    yield Row(
        "text/a folder of forms with names like escapes",
        "worksheet --grade f",
        r"\w",
        _forms(lambda f: (f / "\x1b[31m.csv").write_bytes(b"x")),
    )


def _sized(file: str, content: bytes, size: int) -> Callable[[Path], None]:
    """Return what writes a file, with zeros up to a size behind it."""

    def make(folder: Path) -> None:
        (folder / file).write_bytes(content)
        if size:
            os.truncate(folder / file, size)

    return make


def _forms(put: Callable[[Path], object]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / "f").mkdir()
        put(folder / "f")

    return make


def real_sheet() -> str:
    """Return the line that names the sheet that ConvLab makes of its MNIST network."""
    from app.worksheet.making import identify, make_handout

    return str(make_handout("mnist", identify("mnist", "", "0", False)).worksheet.identity)


def _graded(content: bytes) -> Callable[[Path], None]:
    """Return what writes the same form with the line of a real sheet, so that its answers are looked at."""
    return lambda folder: (folder / "a.csv").write_bytes(
        content.replace(SHEET.encode(), real_sheet().encode())
    )


# --- cards -----------------------------------------------------------------------------------------------------------


def card(**changes: Any) -> Callable[[Path], None]:
    """Return what makes a model and a card beside it that fits, but for these fields."""
    return lambda folder: _write_card(folder, changes)


def _write_card(folder: Path, changes: dict[str, Any]) -> None:
    import hashlib

    keras_file(folder / "m.keras")
    names = [str(i) for i in range(10)]
    fields: dict[str, Any] = {
        "network": "tiny",
        "recipe": {},
        "seed": 0,
        "data": {
            "name": "mnist",
            "source": "x",
            "sha256": "x",
            "image_shape": [28, 28, 1],
            "class_names": names,
        },
        "test_accuracy": 0.5,
        "test_loss": 1.0,
        "seconds": 1.0,
        "parameters": 3290,
        "versions": {},
        "created": "2026-01-01T00:00:00+00:00",
        "file": "m.keras",
        "file_sha256": hashlib.sha256((folder / "m.keras").read_bytes()).hexdigest(),
        "weights_sha256": "x",
        "pixels": {"range": [0.0, 1.0], "mean": [], "std": [], "order": "RGB"},
        "history": [],
    }
    fields.update(changes)
    (folder / "m.json").write_text(json.dumps(fields))


def _data(**changes: Any) -> dict[str, Any]:
    return {
        "name": "mnist",
        "source": "x",
        "image_shape": [28, 28, 1],
        "class_names": [str(i) for i in range(10)],
        **changes,
    }


CARDS: dict[str, dict[str, Any]] = {
    "that fits": {},
    "of a network with escapes": {"network": "\x1b[31m\u202e"},
    "of a network that is a list": {"network": ["tiny"]},
    "of data that are a list": {"data": []},
    "of data without names": {"data": {}},
    "of names that are numbers": {"data": _data(class_names=list(range(10)))},
    "of names that are lists": {"data": _data(class_names=[[i] for i in range(10)])},
    "of names that are one text": {"data": _data(class_names="0123456789")},
    "of names with escapes": {"data": _data(class_names=["\x1b[31m"] + [f"\u202e{i}" for i in range(9)])},
    "of names of a megabyte": {"data": _data(class_names=["x" * (1 << 20)] + [str(i) for i in range(9)])},
    "of a million names": {"data": _data(class_names=[str(i) for i in range(1_000_000)])},
    "of ten equal names": {"data": _data(class_names=["a"] * 10)},
    "of ink that is a text": {"data": _data(ink="black")},
    "of ink with more": {"data": _data(ink={"pwned": 1})},
    "of ink of numbers": {"data": _data(ink=7)},
    "of pixels that are a text": {"pixels": "0…1"},
    "of a range of texts": {"pixels": {"range": ["0", "1"]}},
    "of a range without end": {"pixels": {"range": [0, 1e400]}},
    "of a range of NaN": {"pixels": {"range": [float("nan"), 1.0]}},
    "of no range": {"pixels": {"range": [0.0, 0.0]}},
    "of a range of three": {"pixels": {"range": [0, 1, 2]}},
    "of deviations of 0": {"pixels": {"range": [0.0, 1.0], "mean": [0.0], "std": [0.0]}},
    "of means of texts": {"pixels": {"range": [0.0, 1.0], "mean": ["a"], "std": ["b"]}},
    "of seven means": {"pixels": {"range": [0.0, 1.0], "mean": [0.0] * 7, "std": [1.0] * 7}},
    "of an order that is none": {"pixels": {"range": [0.0, 1.0], "order": "\x1b[31m"}},
    "of an order that is a list": {"pixels": {"range": [0.0, 1.0], "order": [1]}},
    "of a hash that is a number": {"file_sha256": 7},
    "of a history that is a text": {"history": "none"},
    "of an accuracy that is a text": {"test_accuracy": "\x1b[31m"},
    "of a recipe that is a list": {"recipe": [1]},
}
CARD_TEXTS: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"nothing",
    "no text": b"\xff\xfe\xfd",
    "nested 100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "with a number of 10,000 digits": b'{"seed": ' + b"9" * 10_000 + b"}",
    "of 500 MB": b"",
    "a list": b"[]",
    "a number": b"7",
}


def cards() -> Iterator[Row]:
    """Yield rows for cards beside a model: they are used, or left aside, or refused, but they never hurt."""
    command = "saliency --model m.keras --index 1 --method vanilla"
    for name, changes in CARDS.items():
        yield Row(f"text/card {name}", command, r"\w", card(**changes), 0 if name == "that fits" else (0, 2))
    for name, content in CARD_TEXTS.items():

        def make(folder: Path, content: bytes = content, name: str = name) -> None:
            keras_file(folder / "m.keras")
            (folder / "m.json").write_bytes(content)
            if "MB" in name:
                os.truncate(folder / "m.json", 500_000_000)

        yield Row(f"text/card {name}", command, r"\w", make, (0, 2))
    for place, (put, _) in PLACES.items():

        def make_special(folder: Path, put: Callable[[Path], object] = put) -> None:
            keras_file(folder / "m.keras")
            put(folder / "m.json")

        yield Row(f"text/card is a {place}", command, r"\w", make_special, (0, 2), seconds=20)
    for place in ("fifo", "link to a device that never ends", "folder"):
        put, _ = PLACES[place]

        def make_labels(folder: Path, put: Callable[[Path], object] = put) -> None:
            keras_file(folder / "m.keras")
            put(folder / "labels.txt")

        yield Row(
            f"text/labels.txt beside a model is a {place}", command, r"\w", make_labels, (0, 2), seconds=20
        )

    def labels(folder: Path) -> None:
        keras_file(folder / "m.keras")
        (folder / "labels.txt").write_text("".join(f"{i} \x1b[3{i}m\u202e\n" for i in range(10)))

    yield Row("text/labels.txt beside a model, of escapes", command, r"\w", labels, (0, 2))


# --- pipes -----------------------------------------------------------------------------------------------------------

PRINTING = {
    "params": "params mnist --no-check",
    "params of a file": "params m.keras",
    "params as a page": "params mnist --no-check --format html",
    "calculate": "calculate conv 28x28x1 --kernel 5",
    "claims": "claims --article 000",
    "worksheet": "worksheet mnist",
    "data": "data --data mnist",
    "help": "params --help",
    "list": "params",
}


def pipes() -> Iterator[Row]:
    """Yield rows for output that nobody takes; each in a Python of its own, whose last words count too."""
    for name, command in PRINTING.items():
        make = lambda folder: keras_file(folder / "m.keras")  # noqa: E731
        yield Row(
            f"pipes/{name} to nobody",
            command,
            make=make,
            code=141,
            stdout="pipe",
            is_fresh=True,
            leaves=("output/*",),
        )
        yield Row(
            f"pipes/{name} to a full device",
            command,
            "space|written|full",
            make,
            stdout="full",
            is_fresh=True,
            leaves=("output/*",),
        )
        yield Row(
            f"pipes/{name} without an output", command, make=make, code=0, stdout="closed", is_fresh=True
        )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (calculator, options, worksheets, cards, pipes):
        yield from part()
