"""Where data comes from: the bundled MNIST, files, arrays in memory, pictures that are drawn."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.archives import load_npz
from app.datasets.dataset import Dataset, make_dataset
from app.datasets.idx import BUNDLED_MNIST
from app.datasets.idx_folders import has_idx_files, load_idx_folder, load_mnist
from app.datasets.picture_files import holds_pictures
from app.datasets.picture_folders import list_folder, load_picture_folder
from app.datasets.picture_lists import is_picture_list, load_picture_list
from app.datasets.picture_sets import Report
from app.datasets.table_files import ENDINGS, find_tables, load_table, load_table_folder
from app.datasets.tables import open_table
from app.datasets.x_or_not_x import NAME as X_OR_NOT_X
from app.datasets.x_or_not_x import is_x_or_not_x, load_x_or_not_x
from models.cifar_resnet import CIFAR10

__all__ = [
    "BUNDLED_MNIST",
    "KERAS_DATA_SETS",
    "load_arrays",
    "load_idx_folder",
    "load_local",
    "load_mnist",
    "load_npz",
]

KERAS_DATA_SETS: dict[str, tuple[str, ...] | None] = {
    "fashion_mnist": (
        "T-shirt",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    "cifar10": CIFAR10,
    "cifar100": None,
}
"""Data sets that Keras downloads (`app.engine.downloads`), and their class names; None: numbers."""


def load_arrays(pairs: Sequence[Any]) -> Dataset:
    """Return the data set of arrays in memory, ((x_train, y_train), (x_test, y_test)) as Keras gives them.

    Raises:
        ValueError: they are not two pairs, or counts, shapes, pixels or labels do not fit.
    """
    if len(pairs) != 2 or not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
        raise ValueError("data in arrays are two pairs, ((x_train, y_train), (x_test, y_test))")
    train, test = ((np.asarray(images), np.asarray(labels)) for images, labels in pairs)
    return make_dataset("arrays", "arrays in memory", train, test)


def load_local(source: str, report: Report | None = None) -> Dataset:
    """Return the data set at a path: a folder of pictures, IDX files or tables, a table, or an `.npz` archive.

    `FOLDER/emnist-letters` is the one of several data sets in a folder whose files' names begin so. Where there is no
    such file or folder, `x_or_not_x` names pictures that are drawn.

    Args:
        source: the path.
        report: told how many pictures of a folder have been looked at, and of how many.

    Raises:
        ValueError: there is nothing at that path, or not a data set.
    """
    path = Path(source)
    if path.is_dir():
        return _load_folder(path, report=report)
    if path.is_file() and path.suffix.lower() == ".zip":
        raise ValueError(f"{path}: a packed folder; unpack it, and give the folder with the data")
    if path.name.lower().endswith(".csv") and is_picture_list(path):
        return load_picture_list(path, report)
    if path.is_file():
        return load_table(path) if path.name.lower().endswith(ENDINGS) else load_npz(path)
    if path.name and path.parent.is_dir() and _holds_data(path.parent, path.name):
        return _load_folder(path.parent, path.name)
    if is_x_or_not_x(source):
        return load_x_or_not_x(source)
    names = ("mnist", X_OR_NOT_X, *KERAS_DATA_SETS)
    close = difflib.get_close_matches(source.lower().replace("-", "_"), names, n=1)
    hint = f"did you mean {close[0]}? Otherwise " if close else ""
    raise ValueError(
        f"no data at {source!r}; {hint}give a folder of pictures, of IDX files or of CSV tables, a .csv file, an .npz "
        f"file or one of {', '.join(names)}"
    )


def _holds_data(folder: Path, stem: str) -> bool:
    return has_idx_files(folder, stem) or bool(find_tables(folder, stem))


def _load_folder(folder: Path, stem: str = "", report: Report | None = None) -> Dataset:
    """Return the data set in a folder: of IDX files, tables of pixels, folders of pictures, or a list of them.

    The first of these that is there is taken. Whatever lies beside it is left alone.
    """
    tables = find_tables(folder, stem)
    if has_idx_files(folder, stem):
        return load_idx_folder(folder, stem)
    if stem:
        return load_table_folder(folder, stem)
    lists = [path for path in tables if is_picture_list(path)]
    if any(_holds_pixels(path) for path in tables if path not in lists):
        return load_table_folder(folder)
    has_pictures = holds_pictures(folder)
    if lists and not (has_pictures and _is_of_classes(folder)):
        if len(lists) > 1:
            listed = ", ".join(path.name for path in lists)
            raise ValueError(f"{folder}: {len(lists)} files list pictures: {listed}; give one of them")
        return load_picture_list(lists[0], report)
    if has_pictures or not tables:
        return load_picture_folder(folder, report)
    return load_table_folder(folder)


def _holds_pixels(table: Path) -> bool:
    """Return whether a CSV file announces rows of pixels."""
    try:
        open_table(table)
    except ValueError:
        return False
    return True


def _is_of_classes(folder: Path) -> bool:
    """Return whether the folders of a folder of pictures are two classes or more."""
    try:
        return len({file.label for file in list_folder(folder).files}) > 1
    except ValueError:
        return False
