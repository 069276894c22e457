"""Where data comes from: the bundled MNIST, a folder of IDX files, an `.npz` archive, arrays in memory."""

import difflib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.counting.stored.model_files import DAMAGE
from app.datasets.dataset import Dataset, make_dataset
from app.datasets.idx import read_idx
from models.cifar_resnet import CIFAR10

BUNDLED_MNIST = Path(__file__).resolve().parents[2] / "data" / "mnist"

# Endings of file names, for MNIST's own four files and for EMNIST's, Fashion-MNIST's and KMNIST's.
PARTS = {
    "training images": ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
    "training labels": ("train-labels-idx1-ubyte", "train-labels.idx1-ubyte"),
    "test images": (
        "t10k-images-idx3-ubyte",
        "t10k-images.idx3-ubyte",
        "test-images-idx3-ubyte",
        "test-images.idx3-ubyte",
    ),
    "test labels": (
        "t10k-labels-idx1-ubyte",
        "t10k-labels.idx1-ubyte",
        "test-labels-idx1-ubyte",
        "test-labels.idx1-ubyte",
    ),
}
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
NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")


def load_mnist() -> Dataset:
    """Return the MNIST that comes with ConvLab."""
    return load_idx_folder(BUNDLED_MNIST, name="mnist", source="bundled MNIST")


def load_idx_folder(folder: Path, name: str = "", source: str = "") -> Dataset:
    """Return the data set of four IDX files, with class names from `labels.txt` if it is there.

    Raises:
        ValueError: a file is missing, doubtful or damaged; the message names it.
    """
    paths = [_find_part(folder, part, endings) for part, endings in PARTS.items()]
    arrays = [read_idx(path, dimensions) for path, dimensions in zip(paths, (3, 1, 3, 1), strict=True)]
    for images, labels in ((0, 1), (2, 3)):
        if len(arrays[images]) != len(arrays[labels]):
            raise ValueError(
                f"{paths[images]} holds {len(arrays[images]):,} images and {paths[labels].name} "
                f"{len(arrays[labels]):,} labels; they do not belong together"
            )
    return make_dataset(
        name or folder.resolve().name,
        source or str(folder),
        (arrays[0], arrays[1]),
        (arrays[2], arrays[3]),
        read_class_names(folder / "labels.txt"),
    )


def _find_part(folder: Path, part: str, endings: tuple[str, ...]) -> Path:
    """Return the one file in `folder` that holds `part`, raw or compressed."""
    names = [
        path
        for path in sorted(folder.iterdir())
        if path.name.removesuffix(".gz").endswith(endings) and path.is_file()
    ]
    raw = [path for path in names if not path.name.endswith(".gz")]
    found = raw if len(names) == 2 and len(raw) == 1 and raw[0].name + ".gz" in str(names) else names
    if len(found) != 1:
        seen = f"there are {len(found)}: {', '.join(p.name for p in found)}" if found else "not found"
        raise ValueError(f"{folder}: one file of {part} is needed ({endings[0]}, or .gz); {seen}")
    return found[0]


def read_class_names(path: Path) -> tuple[str, ...] | None:
    """Return the class names in a text file, one a line; None where there is no such file."""
    if not path.is_file():
        return None
    try:
        names = tuple(line.strip() for line in path.read_text("utf-8-sig").splitlines() if line.strip())
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text file in UTF-8") from error
    if not names:
        raise ValueError(f"{path}: empty; expected one class name a line")
    return names


def load_npz(path: Path) -> Dataset:
    """Return the data set in an `.npz` archive with x_train, y_train, x_test and y_test.

    Raises:
        ValueError: the file is not such an archive, or lacks one of the four arrays.
    """
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: not a readable .npz archive")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            missing = [key for key in NPZ_KEYS if key not in archive]
            if missing:
                raise ValueError(
                    f"{path}: has no {', '.join(missing)}; it holds {', '.join(archive) or 'nothing'}"
                )
            arrays = [archive[key] for key in NPZ_KEYS]
    except (*DAMAGE, MemoryError) as error:
        raise ValueError(f"{path}: not a readable .npz archive ({error})") from error
    except ValueError as error:
        if str(path) in str(error):
            raise
        raise ValueError(f"{path}: {error}") from error
    x_train, y_train, x_test, y_test = arrays
    return make_dataset(path.stem, str(path), (x_train, y_train), (x_test, y_test))


def load_arrays(pairs: Sequence[Any]) -> Dataset:
    """Return the data set of arrays in memory, ((x_train, y_train), (x_test, y_test)) as Keras gives them.

    Raises:
        ValueError: they are not two pairs, or counts, shapes, pixels or labels do not fit.
    """
    if len(pairs) != 2 or not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
        raise ValueError("data in arrays are two pairs, ((x_train, y_train), (x_test, y_test))")
    train, test = ((np.asarray(images), np.asarray(labels)) for images, labels in pairs)
    return make_dataset("arrays", "arrays in memory", train, test)


def load_local(source: str) -> Dataset:
    """Return the data set at a path: a folder of IDX files or an `.npz` archive.

    Raises:
        ValueError: there is nothing at that path, or not a data set.
    """
    path = Path(source)
    if path.is_dir():
        return load_idx_folder(path)
    if path.is_file():
        return load_npz(path)
    names = ("mnist", *KERAS_DATA_SETS)
    close = difflib.get_close_matches(source.lower().replace("-", "_"), names, n=1)
    hint = f"did you mean {close[0]}? Otherwise " if close else ""
    raise ValueError(
        f"no data at {source!r}; {hint}give a folder of IDX files, an .npz file or one of {', '.join(names)}"
    )
