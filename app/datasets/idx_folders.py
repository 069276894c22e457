"""Four IDX files in a folder: MNIST, and those that are published as it is."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from app.datasets.class_names import find_class_names, find_mapping
from app.datasets.dataset import Dataset, make_dataset
from app.datasets.idx import BUNDLED_MNIST, read_idx
from app.datasets.upright import is_of_emnist, turn_upright

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


BUNDLED = "bundled MNIST"
"""Where it was read, in words."""


def load_mnist() -> Dataset:
    """Return the MNIST that comes with ConvLab; its training images are read when they are asked for."""
    test = _read_pair(_find_parts(BUNDLED_MNIST, ""), "test")
    return make_dataset("mnist", BUNDLED, test, test).with_training_later(_load_training)


def _load_training() -> tuple[np.ndarray, np.ndarray]:
    """Return the training images and labels of the bundled MNIST, checked."""
    train = _read_pair(_find_parts(BUNDLED_MNIST, ""), "training")
    made = make_dataset("mnist", BUNDLED, train, train)
    return np.asarray(made.train_images), made.train_labels


def load_idx_folder(folder: Path, stem: str = "") -> Dataset:
    """Return the data set of four IDX files, with class names from `labels.txt` or EMNIST's mapping file.

    Args:
        folder: where they lie.
        stem: what the files' names begin with, `emnist-letters`, where several data sets lie together.

    Raises:
        ValueError: a file is missing, doubtful or damaged; the message names it.
    """
    data = _load_four(folder, stem, stem or folder.resolve().name, str(folder / stem))
    images = _find_part(folder, stem, "training images")
    mapping = find_mapping(folder, _stem_of(images, "training images"))
    return turn_upright(data, is_of_emnist(images, mapping))


def has_idx_files(folder: Path, stem: str = "") -> bool:
    """Return whether any file in a folder is called as one of the four."""
    return bool(_candidates(folder, stem))


def _load_four(folder: Path, stem: str, name: str, source: str) -> Dataset:
    paths = _find_parts(folder, stem)
    train, test = _read_pair(paths, "training"), _read_pair(paths, "test")
    names = find_class_names(folder, _stem_of(paths["training images"], "training images"))
    return make_dataset(name, source, train, test, names)


def _read_pair(paths: Mapping[str, Path], which: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and the labels of one half, `training` or `test`."""
    path, beside = paths[f"{which} images"], paths[f"{which} labels"]
    images, labels = read_idx(path, 3), read_idx(beside, 1)
    if len(images) != len(labels):
        raise ValueError(
            f"{path} holds {len(images):,} images and {beside.name} {len(labels):,} labels; they do not belong together"
        )
    return images, labels


def _find_parts(folder: Path, stem: str) -> dict[str, Path]:
    """Return the four files; all are found before one is read."""
    return {part: _find_part(folder, stem, part) for part in PARTS}


def _candidates(folder: Path, stem: str, parts: tuple[str, ...] = tuple(PARTS)) -> list[Path]:
    """Return the files in a folder that are called as one of the parts, raw or compressed."""
    endings = tuple(ending for part in parts for ending in PARTS[part])
    return [
        path
        for path in sorted(folder.iterdir())
        if path.name.removesuffix(".gz").endswith(endings) and path.name.startswith(stem) and path.is_file()
    ]


def _find_part(folder: Path, stem: str, part: str) -> Path:
    """Return the one file in a folder that holds a part."""
    names = _candidates(folder, stem, (part,))
    raw = [path for path in names if not path.name.endswith(".gz")]
    found = raw if len(names) == 2 and len(raw) == 1 and raw[0].name + ".gz" in str(names) else names
    if len(found) != 1:
        seen = f"there are {len(found)}: {', '.join(p.name for p in found)}" if found else "not found"
        sets = [each for each in (_stem_of(path, part) for path in found) if each]
        hint = f"; for one data set of several give {folder / sets[0]}" if sets else ""
        raise ValueError(f"{folder}: one file of {part} is needed ({PARTS[part][0]}, or .gz); {seen}{hint}")
    return found[0]


def _stem_of(path: Path, part: str) -> str:
    """Return what stands before the part in a file's name: `emnist-letters`."""
    name = path.name.removesuffix(".gz")
    return next(name.removesuffix(end).rstrip("-_.") for end in PARTS[part] if name.endswith(end))
