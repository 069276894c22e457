"""Exports: models that nobody should convert, pictures that they are tried on, and places where they go."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hostile.archives import ARCHIVES
from hostile.bad_pictures import FILES, PNGS
from hostile.configurations import CODE, FUNCTIONS, NAMES, _set, as_keras
from hostile.data_sets import arrays_of, folder_of, header, said
from hostile.making import PLACES, changed, graph, keras_file, layer
from hostile.outputs import NOWHERE
from hostile.outputs import PLACES as WRITTEN
from hostile.predictions import a_nan_model
from hostile.rows import Row

Make = Callable[[Path], object]
FORMATS = {"litert": "out.tflite", "onnx": "out.onnx", "saved_model": "out"}
SMALL = " --count 2"


def of_model(format_: str) -> str:
    """Return the command that exports `m.keras`."""
    return f"export --model m.keras --format {format_} --output {FORMATS[format_]}{SMALL}"


def _leaves(format_: str) -> tuple[str, ...]:
    return (f"{FORMATS[format_]}*", "out/*")


def _with(*more: Make) -> Make:
    """Return what leaves the small model, and what others make beside it."""

    def make(folder: Path) -> None:
        keras_file(folder / "m.keras")
        for each in more:
            each(folder)

    return make


# --- models ----------------------------------------------------------------------------------------------------------


def _layer_name(name: str) -> Callable[[], Any]:
    return lambda: changed(lambda c: c["config"]["layers"][1]["config"].update(name=name))


def _two_outputs(config: Any) -> None:
    config["module"] = "keras.src.models.functional"
    config["config"]["output_layers"] = [["dense", 0, 0], ["conv", 0, 0], ["flatten", 0, 0]]


def _open(config: Any) -> None:
    """Make the network one of pictures of any size."""
    layers = config["config"]["layers"]
    layers[0]["config"]["batch_shape"] = [None, None, None, 1]
    layers[2] = layer("GlobalMaxPooling2D", name="flatten")
    layers[3:] = []
    config["config"].pop("build_input_shape")


def models() -> Iterator[Row]:
    """Yield rows for models that are hostile as elsewhere, and for such as converters stumble over."""
    for name, (make, says) in ARCHIVES.items():
        yield Row(f"export/archive: {name}", of_model("litert"), says, make, names="m.keras")
    for name, entry in CODE.items():
        config = lambda entry=entry: changed(lambda c: c["config"]["layers"].insert(2, entry))  # noqa: E731
        yield Row(f"export/code: {name}", of_model("saved_model"), r"\w", as_keras(config), names="m.keras")
    for name, value in FUNCTIONS.items():
        config = _set(1, activation=value)
        yield Row(f"export/code: {name}", of_model("litert"), r"\w", as_keras(config), names="m.keras")
    for what, name in NAMES.items():
        for format_ in FORMATS:
            if format_ == "litert" or what in ("escapes", "slashes", "lines", "zero bytes"):
                yield Row(
                    f"export/a layer called {what}, {format_}",
                    of_model(format_),
                    r"\w",
                    as_keras(_layer_name(name)),
                    (0, 2),
                    leaves=_leaves(format_),
                    processor=40,
                    seconds=120,
                )
    for format_ in FORMATS:
        more: dict[str, tuple[Make, str, int | tuple[int, ...]]] = {
            "of NaN": (a_nan_model, "finite", (1, 2)),
            "with three outputs": (as_keras(lambda: changed(_two_outputs, graph)), "largest difference", 0),
        }
        for name, (make, says, code) in more.items():
            yield Row(
                f"export/a model {name}, {format_}",
                of_model(format_),
                says,
                make,
                code,
                leaves=_leaves(format_) if code == 0 else (),
                processor=40,
                seconds=120,
            )
    for shape in ("65536x65536x1", "8192x8192x1", "1x1x1", "28x28x3"):
        yield Row(
            f"export/pictures of {shape}",
            f"export --model m.keras --format litert --output out.tflite --image-shape {shape}",
            r"\w",
            as_keras(lambda: changed(_open)),
            (1, 2),
            processor=60,
            seconds=150,
        )
    for number in ("--count 0", "--count 10001", "--count -1", "--count 9" + "9" * 400):
        yield Row(f"export/{number[:20]}", f"{of_model('litert')} {number}", r"\w", _with())


# --- packages --------------------------------------------------------------------------------------------------------


def _broken(name: str) -> Make:
    def make(folder: Path) -> None:
        keras_file(folder / "m.keras")
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise ImportError('libonnx.so: no such file')")

    return make


def packages() -> Iterator[Row]:
    """Yield rows for converters that are there and cannot be imported, in a Python that meets them first."""
    for name in ("tf2onnx", "onnx", "onnxruntime"):
        yield Row(
            f"export/package {name} cannot be imported",
            of_model("onnx"),
            name,
            _broken(name),
            is_fresh=True,
            processor=40,
            seconds=120,
        )


# --- pictures --------------------------------------------------------------------------------------------------------


def pictures() -> Iterator[Row]:
    """Yield rows for pictures and data that the file is tried on."""
    command = f"{of_model('litert')} --image odd.png"
    for place, (put, says) in PLACES.items():
        yield Row(
            f"export/--image is a {place}",
            command,
            says,
            _with(lambda folder, put=put: put(folder / "odd.png")),
            names="odd.png",
            seconds=60,
        )
    for name in ("88 megapixels", "1 GB of packed text", "no size", "pixels that are no zlib"):
        content, says, code = PNGS[name]
        put = lambda folder, content=content: (folder / "odd.png").write_bytes(content())  # noqa: E731
        yield Row(f"export/--image: {name}", command, says, _with(put), code, seconds=60)
    file, content, says, _ = FILES["TIFF that goes round"]
    loop = lambda folder: (folder / file).write_bytes(content())  # noqa: E731
    yield Row(
        "export/--image: a TIFF that goes round", f"{of_model('litert')} --image {file}", says, _with(loop)
    )
    for source in ("/dev/zero", "http://x/y.png", "n" * 5000, "a\0b"):
        words = (*of_model("litert").split(), "--image", source)
        yield Row(f"export/--image {source[:20]!r}", words, r"\w", _with(), seconds=60)
    for name, make in {
        "40 GB that are not there": arrays_of(x_test=header(said("(50000000, 28, 28)"))),
        "no pictures": folder_of(**{"t10k-images-idx3-ubyte": b""}),
        "a pipe": lambda folder: os.mkfifo(folder / "d.npz"),
    }.items():
        source = "d" if name == "no pictures" else "d.npz"
        yield Row(
            f"export/--data: {name}", f"{of_model('litert')} --data {source}", r"\w", _with(make), seconds=60
        )


# --- places ----------------------------------------------------------------------------------------------------------

CARDS: dict[str, bytes] = {
    "nested 100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "no text": b"\xff\xfe\xfd",
    "a list": b"[1, 2]",
    "a number": b"7",
    "of a format that is a list": b'{"format": ["litert"], "source": {"model": ["m"]}, "sha256": 7}',
    "of 9 MB": b" " * (9 << 20),
}


def _put_card(content: bytes) -> Make:
    def make(folder: Path) -> None:
        (folder / "out.tflite").write_bytes(b"of somebody")
        (folder / "out.tflite.json").write_bytes(content)

    return make


def _saved_model_with(*names: str) -> Make:
    def make(folder: Path) -> None:
        (folder / "out").mkdir()
        for name in names:
            (folder / "out" / name).write_text("of somebody")

    return make


def places() -> Iterator[Row]:
    """Yield rows for places where an export, or its card, cannot go."""
    for format_, name in FORMATS.items():
        for replace in ("", " --replace"):
            for place, (put, says) in WRITTEN.items():
                what = says if format_ != "saved_model" else rf"{says}|is a file|other things"
                if replace and format_ == "onnx":
                    continue
                yield Row(
                    f"export/{format_}{replace}: it is a {place}",
                    of_model(format_) + replace,
                    what,
                    _with(lambda folder, put=put, name=name: put(folder / name)),
                    names=name,
                    seconds=30,
                )
        for place, (put, says) in WRITTEN.items():
            yield Row(
                f"export/{format_}: its card is a {place}",
                of_model(format_),
                says,
                _with(lambda folder, put=put, name=name: put(folder / f"{name}.json")),
                names=f"{name}.json",
                seconds=30,
            )
    for path, says in NOWHERE.items():
        for format_, ending in (("litert", ".tflite"), ("saved_model", "")):
            given = path if path in ("", ".", "..", "OUTSIDE") or path.startswith("/dev") else path + ending
            yield Row(
                f"export/{format_} {path[:20]!r}",
                ("export", "--model", "m.keras", "--format", format_, "--output", given),
                rf"{says}|ends in|is a file|other things|there already|no folder",
                _with(lambda folder: (folder / "a-file").write_text("x")),
                code=(0, 2) if path in ("", ".", "..", "OUTSIDE") else 2,
                leaves=("*.tflite*", "../*.tflite*", "outside/*"),
                seconds=60,
            )
    for name, content in CARDS.items():
        yield Row(
            f"export/card {name}", of_model("litert"), "there already", _with(_put_card(content)), seconds=30
        )
    for name, names in {
        "notes": ("notes.txt",),
        "its files and notes": ("saved_model.pb", "notes.txt"),
    }.items():
        yield Row(
            f"export/saved_model --replace: a folder with {name}",
            f"{of_model('saved_model')} --replace",
            "other things",
            _with(_saved_model_with(*names)),
            seconds=30,
        )

    def stars(folder: Path) -> None:
        for name in (".a-12345678.tmp.tflite", ".b-12345678.tmp"):
            (folder / name).write_text("of somebody")
        (folder / ".c-12345678.tmp").mkdir()
        (folder / ".c-12345678.tmp" / "precious").write_text("of somebody")

    for format_, name in (("litert", "*.tflite"), ("saved_model", "*"), ("saved_model", "[a-z]")):
        yield Row(
            f"export/{format_} called {name}",
            ("export", "--model", "m.keras", "--format", format_, "--output", name, "--count", "2"),
            "largest difference|pattern",
            _with(stars),
            2 if format_ == "saved_model" else 0,
            leaves=("[*]*", "[[]*"),
            processor=40,
            seconds=120,
        )
    for name in ("\x1b[31m.keras", "\u202eg.keras", 'a b\'s "c".keras', "-.keras", "n" * 200 + ".keras"):
        yield Row(
            f"export/a model called {name[:20]!r}",
            ("export", f"--model={name}", "--format", "litert", "--count", "2"),
            r"\w",
            lambda folder, name=name: keras_file(folder / name),
            (0, 2),
            processor=40,
            seconds=120,
        )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (models, packages, pictures, places):
        yield from part()
