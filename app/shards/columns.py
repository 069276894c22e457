"""The results of a shard as columns: arrays with a row a picture, in one file that NumPy reads.

`.npz` and not Parquet: what is kept is mostly maps, arrays of one shape, which a table's columns hold badly; NumPy is
here anyway, and reads such a file without running anything in it. Equal results make equal files, byte for byte.
"""

import contextlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from app.datasets.npy import read_npy
from app.files.atomic import replacing
from app.untrusted.archives import verify_list, verify_members
from app.untrusted.memory import verify_fits
from app.untrusted.places import verify_readable

SHARDS = ".shards"
"""The folder below an output folder in which commands keep the columns of shards that nobody asked to see."""


Columns = Mapping[str, np.ndarray]
"""Arrays of one length, by name; text is `str_`."""


def shards_folder(output: Path) -> Path:
    """Return that folder of an output folder, made if it is missing, as every process finds it."""
    folder = (output / SHARDS).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def join_columns(parts: Iterable[Columns]) -> dict[str, np.ndarray]:
    """Return columns under one another.

    >>> join_columns([{"a": np.array([1])}, {"a": np.array([2, 3])}])["a"].tolist()
    [1, 2, 3]

    Raises:
        ValueError: they have other names.
    """
    parts = list(parts)
    names = list(parts[0]) if parts else []
    if any(list(part) != names for part in parts):
        raise ValueError(f"columns differ: {', '.join(names)}, and {', '.join(parts[-1])}")
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def write_columns(path: Path, columns: Columns) -> None:
    """Write columns into an `.npz` file, whole or not at all."""
    with replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **columns)


def read_columns(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Return columns of an `.npz` file, all of them without names.

    Raises:
        ValueError: the file is none of these, or damaged.
    """
    with _opened(path) as (archive, members):
        missing = [name for name in names if name not in members]
        if missing:
            raise ValueError(f"{path} has no column {missing[0]}")
        return {name: _read(archive, members[name], path) for name in names or members}


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of an `.npz` file; no column is read.

    Raises:
        ValueError: the file is none of these, or damaged.
    """
    with _opened(path) as (_, members):
        return list(members)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """Give an archive with its columns by name, once nothing speaks against reading them."""
    verify_readable(path, "results")
    try:
        verify_list(path)
        with zipfile.ZipFile(path) as archive:
            members = {each.filename.removesuffix(".npy"): each for each in archive.infolist()}
            verify_members(path, members.values())
            yield archive, members
    except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError) as error:
        raise ValueError(
            f"{path} cannot be read ({error}); delete it, and the command that made it makes it again"
        ) from error


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> np.ndarray:
    verify_fits(member.file_size, f"{path}")
    with archive.open(member) as file:
        try:
            return read_npy(file, member.file_size)
        except ValueError as error:
            raise ValueError(f"{path}: its column {member.filename!r} {error}") from error


class ColumnStore:
    """The columns of shards, by their names: in the files of a folder, or in memory where there is none.

    Args:
        folder: made if it is missing; None: nothing is written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._kept: dict[str, Columns] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def _path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{name}.npz"

    def has(self, name: str) -> bool:
        """Return whether a shard is done."""
        return name in self._kept if self.folder is None else self._path(name).is_file()

    def put(self, name: str, columns: Columns) -> None:
        """Keep the columns of a shard."""
        if self.folder is None:
            self._kept[name] = columns
        else:
            write_columns(self._path(name), columns)

    def get(self, name: str, *columns: str) -> Columns:
        """Return columns of a shard, all of them without names.

        Raises:
            ValueError: its file is damaged.
        """
        return self._kept[name] if self.folder is None else read_columns(self._path(name), *columns)
