"""One CSV file that lists pictures: a line is a file and its label, and may say which part it is of."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from app.datasets.class_names import LONGEST_NAME
from app.datasets.dataset import Dataset
from app.datasets.looks import FORMATS
from app.datasets.picture_files import MOST_ENTRIES, LeftOut
from app.datasets.picture_folders import PARTS, class_label
from app.datasets.picture_sets import Listing, PictureFile, Report, make_picture_set
from app.untrusted.places import verify_readable
from app.untrusted.text import visible

FILE_NAMES = (
    "file",
    "filename",
    "file_name",
    "filepath",
    "file_path",
    "path",
    "image",
    "image_path",
    "picture",
)
LABEL_NAMES = ("label", "class", "category", "target", "class_name", "label_name")
PART_NAMES = ("split", "part", "set", "subset")
"""Columns, in small letters, by what they hold."""
MOST_BYTES = 64 << 20
"""A longer list is none."""
MOST_COLUMNS = 64
"""A table with more columns holds pixels."""
LONGEST_LINE = 1 << 16
"""Signs of the first line, beyond which it is none of a list."""


@dataclass(frozen=True)
class _Columns:
    """Which columns of a list hold what."""

    has_header: bool
    file: int
    label: int
    part: int | None

    @property
    def least(self) -> int:
        """How many values a line has at least."""
        return 1 + max(self.file, self.label, self.part or 0)


def is_picture_list(path: Path) -> bool:
    """Return whether the first line of a CSV file announces files and labels."""
    try:
        verify_readable(path)
        with path.open("rb") as file:
            first = file.readline(LONGEST_LINE).decode("utf-8-sig")
        return _find_columns(_rows(first)[0]) is not None
    except (ValueError, OSError, IndexError):
        return False


def load_picture_list(path: Path, report: Report | None = None) -> Dataset:
    """Return the data set that a CSV file of files and labels lists; files are named from its folder on.

    The columns are called file, image or path and label, class or category; one called split, part or set may say
    `train`, `test` or `val`. Without a header there are two columns, of which one names files.

    Raises:
        ValueError: a line says something else, or none of the pictures can be read.
    """
    return make_picture_set(list_table(path), report)


def list_table(path: Path) -> Listing:
    """Return the pictures that a CSV file lists, unread.

    Raises:
        ValueError: a line says something else; the message names it.
    """
    rows = _rows(_read(path), str(path))
    columns = _find_columns(rows[0]) if rows else None
    if columns is None:
        raise ValueError(
            f"{path}: expected columns called file and label, or a file and a label in each line"
        )
    files: dict[PictureFile, None] = {}
    left_out: list[LeftOut] = []
    for number, row in enumerate(rows[columns.has_header :], 1 + columns.has_header):
        if any(row):
            picture = _read_row(row, columns, path, f"{path}, line {number}")
            fault = _fault(picture, row[columns.file]) or "listed twice" * (picture in files)
            if fault:
                left_out.append((picture.path, fault))
            else:
                files[picture] = None
    if not files:
        raise ValueError(f"{path}: lists no pictures")
    return _in_parts(Listing(visible(path.stem), str(path), path.parent, tuple(files), tuple(left_out)))


def _read_row(row: list[str], columns: _Columns, table: Path, where: str) -> PictureFile:
    """Return what a line says, whether it can be used or not.

    Raises:
        ValueError: it lacks a value, or says what is no class or no part.
    """
    if len(row) < columns.least:
        raise ValueError(f"{where}: {len(row)} values where {columns.least} are expected")
    if len(row[columns.label]) > LONGEST_NAME:
        raise ValueError(f"{where}: {len(row[columns.label]):,} letters are no name of a class")
    part = "" if columns.part is None else _part(row[columns.part], where)
    return PictureFile(table.parent / row[columns.file], class_label(row[columns.label]), part)


def _fault(picture: PictureFile, name: str) -> str:
    """Return why a line cannot be used, "" where it can."""
    if not name or "\0" in name:
        return "a line without a file"
    return "" if picture.label else "without a label"


def _in_parts(listing: Listing) -> Listing:
    """Return the same with two parts, training and test: `val` is for tests where nothing else is."""
    parts = {file.part for file in listing.files}
    if "val" not in parts:
        return listing
    is_test = "test" not in parts
    files, others = [], []
    for file in listing.files:
        if file.part != "val":
            files.append(file)
        elif is_test:
            files.append(PictureFile(file.path, file.label, "test"))
        else:
            others.append((file.path, "for validation, which is not used"))
    said = (
        "The pictures for validation are the test images."
        if is_test
        else (f"{len(others):,} of the pictures are for validation and are not used here.")
    )
    return Listing(
        listing.name,
        listing.source,
        listing.root,
        tuple(files),
        (*listing.left_out, *others),
        (*listing.notes, said),
    )


def _read(path: Path) -> str:
    verify_readable(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path}: too long for a list of pictures")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file in UTF-8") from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from error


def _rows(text: str, what: str = "") -> list[list[str]]:
    """Return the fields of a table, parted as its first line is."""
    first = text.split("\n", 1)[0]
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
        rows = [[field.strip() for field in row] for row in reader]
    except csv.Error as error:
        raise ValueError(f"{what}: not a table ({error})") from error
    if len(rows) > MOST_ENTRIES:
        raise ValueError(f"{what}: more than {MOST_ENTRIES:,} lines")
    return rows


def _find_columns(first: list[str]) -> _Columns | None:
    """Return the columns of files, labels and parts by the first line; None where it is none of a list."""
    names = [field.casefold().replace(" ", "_") for field in first]
    if len(names) > MOST_COLUMNS:
        return None
    file, label, part = (
        next((names.index(name) for name in known if name in names), None)
        for known in (FILE_NAMES, LABEL_NAMES, PART_NAMES)
    )
    if file is not None and label is not None:
        return _Columns(True, file, label, part)
    is_parted = len(names) == 3 and names[2] in sum(PARTS.values(), ())
    file = next((i for i, name in enumerate(names[:2]) if name.endswith(tuple(FORMATS))), None)
    if file is None or (len(names) != 2 and not is_parted):
        return None
    return _Columns(False, file, 1 - file, 2 if is_parted else None)


def _part(text: str, where: str) -> str:
    for part, names in PARTS.items():
        if text.casefold() in names:
            return part
    raise ValueError(f"{where}: {visible(text[:20])!r} is no part of the data; expected train, test or val")
