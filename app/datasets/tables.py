"""Images as rows of a table: CSV files with a label and the pixels in each line, as Kaggle has them."""

import gzip
import math
import re
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.untrusted.memory import verify_growth
from app.untrusted.places import verify_readable

LABEL_NAMES = ("label", "labels", "class", "target", "y")
INDEX_NAMES = ("", "id", "index", "unnamed: 0")
"""Columns that only number the rows."""
LONGEST_LINE = 1 << 22
"""Bytes; a longer line is none of a table of pictures."""
BLOCK = 1 << 22
"""Bytes of text that are read at a time."""
MOST_BYTES = 1 << 31
"""Of all images of a table in memory; more are not read."""


@dataclass(frozen=True)
class Table:
    """A CSV file of images, whose first line was read."""

    path: Path
    delimiter: str
    has_header: bool
    columns: int
    label: int | None
    """The column of the labels; None where there are none."""
    pixels: tuple[int, ...]
    """The columns of the pixels."""
    shape: tuple[int, ...]
    """Height and width, and channels if they are three."""

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Return images (count, height, width[, 3]) and labels.

        Raises:
            ValueError: there are no labels, or a line holds something else; the message names it.
        """
        if self.label is None:
            raise ValueError(f"{self.path}: has no labels; expected a column called label")
        images, labels, number, total = [], [], 1 + self.has_header, 0
        for lines in _blocks(self.path, self.has_header):
            values = self._parse(lines, number)
            labels.append(values[:, self.label])
            pixels = values[:, self.pixels]
            images.append(pixels.astype(np.uint8 if values.dtype.kind == "i" else np.float32))
            number, total = number + len(lines), total + images[-1].nbytes
            if total > MOST_BYTES:
                raise ValueError(
                    f"{self.path}: its images take more than {MOST_BYTES:,} bytes; give fewer lines"
                )
        if not images:
            raise ValueError(f"{self.path}: there are no images")
        return np.concatenate(images).reshape(-1, *self.shape), np.concatenate(labels)

    def _parse(self, lines: list[bytes], first: int) -> np.ndarray:
        """Return the numbers in some lines, (lines, columns): whole ones, or floats where there are any."""
        for dtype in (np.int32, np.float64):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # blank lines alone
                    values: np.ndarray = np.loadtxt(
                        lines, dtype, comments=None, delimiter=self.delimiter, ndmin=2, quotechar='"'
                    )
            except ValueError:
                continue
            if not values.size:
                return values.reshape(0, self.columns)
            if values.shape[1] == self.columns and _are_pixels(values[:, self.pixels]):
                return values
        raise ValueError(f"{self.path}, {self._explain(lines, first)}")

    def _explain(self, lines: list[bytes], first: int) -> str:
        """Return which line cannot be read, and why."""
        pixels = set(self.pixels)
        for number, line in enumerate(lines, first):
            fields = _split(line.decode("utf-8", "replace"), self.delimiter)
            if fields == [""]:
                continue
            if len(fields) != self.columns:
                return f"line {number}: {len(fields):,} values where {self.columns:,} are expected"
            for i, field in enumerate(fields):
                if not _is_number(field):
                    return f"line {number}: {field[:20]!r} in column {i + 1:,} is no number"
                if i in pixels and not 0 <= float(field) <= 255:
                    return f"line {number}: a pixel of {field[:20]}; expected 0…255, or 0…1"
        return f"lines {first:,} to {first + len(lines) - 1:,}: not rows of numbers"


def open_table(path: Path) -> Table:
    """Return a CSV file of images, raw or gzip-compressed, as its first line announces it.

    The label is in the column of that name; without a header it is the first, and a line of pixels
    alone has none.

    Raises:
        ValueError: it is no table of square pictures.
    """
    first = next(_lines(path), b"")
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file in UTF-8") from error
    if not text.strip() or "\0" in text:
        raise ValueError(f"{path}: {'not a table of numbers' if text.strip() else 'its first line is empty'}")
    delimiter = max(",;\t", key=text.count)
    fields = _split(text, delimiter)
    has_header = not all(map(_is_number, fields))
    if has_header:
        names = [field.lower() for field in fields]
        label = next((names.index(name) for name in LABEL_NAMES if name in names), None)
        pixels = [i for i, name in enumerate(names) if i != label and name not in INDEX_NAMES]
    else:
        label = None if _picture_shape(len(fields) - 1) is None and _picture_shape(len(fields)) else 0
        pixels = [i for i in range(len(fields)) if i != label]
    shape = _picture_shape(len(pixels))
    if shape is None:
        some = f", {', '.join(fields[:3])}, …" if has_header else ""
        raise ValueError(
            f"{path}: {len(fields):,} columns{some}; expected a column called label and the pixels of a square "
            "picture, 785 columns for 28×28"
        )
    return Table(path, delimiter, has_header, len(fields), label, tuple(pixels), shape)


def _are_pixels(values: np.ndarray) -> bool:
    return bool(values.min() >= 0 and values.max() <= 255)


def _picture_shape(pixels: int) -> tuple[int, ...] | None:
    """Return the shape of a square picture of so many values, grey or else in colour."""
    for channels in (1, 3):
        side = math.isqrt(max(pixels, 0) // channels)
        if side > 1 and side * side * channels == pixels:
            return (side, side) if channels == 1 else (side, side, 3)
    return None


def _split(line: str, delimiter: str) -> list[str]:
    return [field.strip().strip('"').strip() for field in line.strip().split(delimiter)]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text) is not None


def _blocks(path: Path, skip_first: bool) -> Iterator[list[bytes]]:
    """Yield the lines of a file, some megabytes at a time."""
    lines = _lines(path)
    if skip_first:
        next(lines, None)
    block, size = [], 0
    for line in lines:
        block.append(line.removeprefix(b"\xef\xbb\xbf"))
        size += len(line)
        if size > BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, raw or compressed; none is longer than a table of pictures has."""
    verify_readable(path)
    try:
        stored, unpacked = path.stat().st_size, 0
        with path.open("rb") as raw:
            is_compressed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_compressed else path.open("rb") as file:
            while line := file.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise ValueError(
                        f"{path}: a line of more than {LONGEST_LINE:,} bytes; not a table of pictures"
                    )
                unpacked += len(line)
                if is_compressed:
                    verify_growth(unpacked, stored, str(path))
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: the gzip data is damaged or cut short") from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from error
