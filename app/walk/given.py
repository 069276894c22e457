"""Arrays as people give them: written out, by name, from a file, from a data set, from a trained network."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.little_arrays import named_arrays, named_kernels
from app.workings.maps import Array, as_map

MOST_NUMBERS = 4_000_000
"""Numbers of one array."""
MADE = re.compile(r"(arange|random|ones|zeros):(\d+(?:x\d+)*)")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
TABLES = (".csv", ".tsv", ".txt", ".npy")


def read_image(given: Any, what: str = "the image") -> Array:
    """Return an array as somebody gives it, as a map (rows, columns, channels).

    Args:
        given: numbers: `1 0 1; 0 1 0; 1 0 1`, rows parted by `;` or `/`, channels by `|`. A name of `named_arrays`. A
            file: a picture, whose bytes are taken, or a table. `mnist:18`: a test image of a data set. `arange:4x4`,
            `random:5x5x3`, `ones:3x3`: made. Or an array, in Python.
        what: what it is called in an error.

    Raises:
        ValueError: it is none of these, or holds no numbers.

    >>> read_image("0 1; 2 3")[..., 0].tolist()
    [[0.0, 1.0], [2.0, 3.0]]
    """
    if not isinstance(given, (str, Path)):
        return as_map(_plain(given), what)
    text = _plain_text(given)
    if text in named_arrays():
        return as_map(named_arrays()[text], what)
    found = _file(text, what) or _made(text) or _of_data(text)
    return as_map(_written(text, what, named_arrays()) if found is None else found[0], what)


def read_kernel(given: Any, what: str = "the kernel") -> Any:
    """Return a kernel as somebody gives it: as `read_image` reads it, a name of `named_kernels`, or `mnist/conv1/5`.

    The last is a filter of a trained network: its name or file, the layer, and the number of the filter; without the
    number, all filters.

    Raises:
        ValueError: it is none of these, or holds no numbers.
    """
    if not isinstance(given, (str, Path)):
        array = _plain(given)
        return array if np.ndim(array) == 4 else as_map(array, what)
    text = _plain_text(given)
    if text in named_kernels():
        return np.asarray(named_kernels()[text], float)
    found = _file(text, what) or _made(text, seed=1)
    if found is not None:
        return found[0] if np.ndim(found[0]) == 4 else as_map(found[0], what)
    if "/" in text and any(character.isalpha() for character in text):
        return _trained(text)
    return as_map(_written(text, what, named_kernels()), what)


def read_row(given: Any, what: str) -> Array:
    """Return numbers in a row, as `read_image` reads them.

    Raises:
        ValueError: it holds no numbers.

    >>> read_row("1, 2.5, -3", "the input").tolist()
    [1.0, 2.5, -3.0]
    """
    if isinstance(given, (int, float)):
        return np.array([float(given)])
    return read_image(given, what).ravel()


def _plain_text(given: Any) -> str:
    """Return what was typed; rows in square brackets are parted as the others are."""
    text = str(given).strip()
    if text.startswith("["):
        text = re.sub(r"\]\s*,?\s*\[", ";", text).replace("[", "").replace("]", "")
    return text


def _plain(given: Any) -> Any:
    if hasattr(given, "numpy") and not isinstance(given, np.ndarray):  # a tensor
        return given.numpy()
    return given


def _file(text: str, what: str) -> tuple[Any] | None:
    """Return what a file holds; None where no file is meant."""
    path = Path(text)
    ending = path.suffix.lower()
    if ending in PICTURES:
        from app.datasets.pictures import read_picture

        picture = read_picture(path).image
        return (np.asarray(picture.convert("RGB" if len(picture.getbands()) >= 3 else "L"), float),)
    if ending in TABLES:
        from app.datasets.arrays import read_array

        return (np.asarray(read_array(path), float),)
    if path.is_file():
        raise ValueError(
            f"{what}: {path} is no picture and no table; use {', '.join((*PICTURES[:2], *TABLES))}"
        )
    return None


def _made(text: str, seed: int = 0) -> tuple[Any] | None:
    """Return an array that is made: `arange:4x4`, `random:5x5x3`; None where none is meant."""
    found = MADE.fullmatch(text)
    if not found:
        return None
    kind, shape = found[1], tuple(map(int, found[2].split("x")))
    if not 0 < math.prod(shape) <= MOST_NUMBERS or len(shape) > 4:
        raise ValueError(f"{text}: an array has 1 to {MOST_NUMBERS:,} numbers, in rows, columns and channels")
    if kind == "arange":
        return (np.arange(math.prod(shape), dtype=float).reshape(shape),)
    if kind == "random":
        return (np.random.default_rng(seed).integers(0, 10, shape).astype(float),)
    return (np.full(shape, float(kind == "ones")),)


def _of_data(text: str) -> tuple[Any] | None:
    """Return a test image of a data set, `mnist:18`, as bytes; None where none is meant."""
    source, mark, number = text.rpartition(":")
    if not mark or not source or not number.isdecimal():
        return None
    from app.commands.data import open_data
    from app.datasets.samples import test_image

    return (np.asarray(test_image(open_data(source), int(number)).pixels, float),)


def _trained(text: str) -> Array:
    """Return filters of a trained network: `mnist/conv1/5`, or `mnist/conv1` for all of them."""
    head, _, last = text.rpartition("/")
    name, _, layer = (head if last.isdecimal() else text).rpartition("/")
    if not name or not layer:
        raise ValueError(f"{text!r} is no kernel; a trained filter is NETWORK/LAYER/NUMBER, as mnist/conv1/5")
    from app.maps.open_model import ModelChoice, OpenModel
    from app.workings.cells import as_layer_name

    program = OpenModel(ModelChoice(name)).model
    found = [(step.name.removesuffix(":linear"), step.kernel()) for step in program.steps]
    kernels = {name: kernel for name, kernel in found if kernel is not None and kernel.ndim == 4}
    if not kernels:
        raise ValueError(f"{name} has no convolution over rows and columns")
    kernel = np.asarray(kernels[as_layer_name(layer, list(kernels))], float)
    if not last.isdecimal():
        return kernel
    if int(last) >= kernel.shape[-1]:
        raise ValueError(f"{layer} has filters 0 to {kernel.shape[-1] - 1}, not {last}")
    return kernel[..., int(last) : int(last) + 1]


def _written(text: str, what: str, names: dict[str, Any]) -> list[Any]:
    """Return numbers that are written out.

    Raises:
        ValueError: there are none, something else stands among them, or the rows differ in length.
    """
    if not text:
        raise ValueError(f"{what} is empty; write rows of numbers, as 1 0 1; 0 1 0; 1 0 1")
    channels = [_rows(part, what, names) for part in text.split("|")]
    shapes = {(len(rows), len(rows[0])) for rows in channels}
    if len(shapes) > 1:
        raise ValueError(f"the channels of {what} have different sizes; each needs as many rows and columns")
    if len(channels) == 1:
        return channels[0]
    return [[list(cell) for cell in zip(*rows, strict=True)] for rows in zip(*channels, strict=True)]


def _rows(text: str, what: str, names: dict[str, Any]) -> list[list[float]]:
    rows = [
        [_number(word, what, names) for word in re.split(r"[\s,]+", row) if word]
        for row in re.split(r"[;/\n]", text)
    ]
    rows = [row for row in rows if row]
    if not rows:
        raise ValueError(f"{what} is empty; write rows of numbers, as 1 0 1; 0 1 0; 1 0 1")
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        odd = next(i for i, n in enumerate(lengths) if n != lengths[0])
        raise ValueError(
            f"the rows of {what} differ in length: row 0 holds {lengths[0]}, row {odd} holds {lengths[odd]}"
        )
    return rows


def _number(word: str, what: str, names: dict[str, Any]) -> float:
    try:
        value = float(word.replace("−", "-"))
    except ValueError:
        raise ValueError(
            f"{what}: {word!r} is no number. Write rows of numbers, as 1 0 1; 0 1 0; 1 0 1, or give a file, or a name: "
            f"{', '.join(names)}"
        ) from None
    if not math.isfinite(value):
        raise ValueError(f"{what} holds {word}; every number must be finite")
    return value
