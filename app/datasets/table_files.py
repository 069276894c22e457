"""Which CSV files make a data set: one with the training images, one with the test images, if it is there."""

import re
from pathlib import Path

from app.datasets.class_names import ClassNames, find_class_names, find_mapping, read_mapping
from app.datasets.dataset import Dataset, make_dataset
from app.datasets.holdout import hold_out
from app.datasets.tables import Table, open_table
from app.datasets.upright import is_of_emnist, turn_upright

ENDINGS = (".csv", ".csv.gz")
PARTS = {"train": "train|training", "test": "test|testing|t10k"}


def find_tables(folder: Path, stem: str = "") -> list[Path]:
    """Return the CSV files in a folder; one that lies beside its own archive is one."""
    names = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name.startswith(stem)]
    tables = [path for path in names if path.name.lower().endswith(ENDINGS)]
    return [path for path in tables if path.with_suffix("") not in tables]


def load_table_folder(folder: Path, stem: str = "") -> Dataset:
    """Return the data set of the CSV files in a folder: `train.csv` and `test.csv`, `mnist_train.csv` and so on.

    Args:
        folder: where they lie.
        stem: what the files' names begin with, where several data sets lie together.

    Raises:
        ValueError: no file, or several, hold the training or the test images; or one is damaged.
    """
    tables = find_tables(folder, stem)
    train, test = (_one_of(part, tables, folder) for part in PARTS)
    if train is None and len(tables) == 1:
        train, test = tables[0], None
    if train is None:
        seen = ", ".join(path.name for path in tables)
        raise ValueError(
            f"{folder}: which file holds the training images? One must be called train.csv; there are {seen}"
        )
    return _load(stem or folder.resolve().name, train, test, find_class_names(folder, _stem_of(train)))


def _one_of(part: str, tables: list[Path], folder: Path) -> Path | None:
    """Return the table that is called as a part of the data, None where there is none."""
    found = [path for path in tables if _is_of(part, path)]
    if len(found) > 1:
        listed = ", ".join(path.name for path in found)
        raise ValueError(
            f"{folder}: there are {len(found)} files called {part}: {listed}; for one data set of several give "
            f"{folder / _stem_of(found[0])}"
        )
    return found[0] if found else None


def load_table(path: Path) -> Dataset:
    """Return the data set in a CSV file, with test images from the one beside it that is called so.

    Raises:
        ValueError: the file is no table of labelled images.
    """
    test = path.with_name(re.sub(r"train(ing)?", "test", path.name, flags=re.IGNORECASE))
    is_pair = _is_of("train", path) and test != path and test.is_file()
    mapping = find_mapping(path.parent, _stem_of(path))
    return _load(_bare(path), path, test if is_pair else None, read_mapping(mapping) if mapping else None)


def _load(name: str, train: Path, test: Path | None, names: ClassNames | tuple[str, ...] | None) -> Dataset:
    table = open_table(train)
    other = None if test is None else open_table(test)
    notes, labelled = _notes(table), table.read()
    if other is not None and other.label is not None:
        parts = labelled, other.read()
    else:
        held, tested, said = hold_out(*labelled, str(train))
        lack = "There is no file of test images" if test is None else f"{test.name} has no labels"
        parts, notes = (held, tested), (*notes, f"{lack}: {said}.")
    data = make_dataset(name, str(train), *parts, names, notes)
    return turn_upright(data, is_of_emnist(train, find_mapping(train.parent, _stem_of(train))))


def _notes(table: Table) -> tuple[str, ...]:
    if table.has_header:
        return ()
    return (f"{table.path.name} has no header: the first column is taken for the label.",)


def _is_of(part: str, path: Path) -> bool:
    return re.search(rf"(^|[^a-z])({PARTS[part]})([^a-z]|$)", _bare(path).lower()) is not None


def _bare(path: Path) -> str:
    """Return a file's name without its ending."""
    return re.sub(r"\.csv(\.gz)?$", "", path.name, flags=re.IGNORECASE)


def _stem_of(path: Path) -> str:
    """Return what stands before the part in a file's name: `emnist-letters`."""
    return re.sub(rf"[^a-z]*({'|'.join(PARTS.values())})$", "", _bare(path), flags=re.IGNORECASE)
