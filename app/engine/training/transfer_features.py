"""Features computed once: what the frozen part of a network makes of every picture, kept on disk batch by batch."""

import json
import shutil
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.files.atomic import write_text
from app.files.lock import held_folder
from app.untrusted.json_text import read_json

DONE = "done.json"
OnRows = Callable[[int, int], None]
"""Called with the pictures done and all of them."""
WANTED = "wanted-by-"
"""How the mark in a store begins that a run leaves while it is not finished."""


class FeatureStore:
    """Arrays on disk with a row for each picture, filled from the first row on.

    A store that was interrupted goes on behind its last whole batch. What is on disk is known by its checksum: a store
    that is damaged begins anew.
    """

    def __init__(self, folder: Path, rows: int, shapes: dict[str, tuple[int, ...]]) -> None:
        self.folder, self.rows, self.shapes = folder, rows, shapes
        self.is_damaged = False
        """Whether something was found that cannot be used."""
        self.arrays: dict[str, np.ndarray] = {}
        self._sums: list[int] = []
        self._ends: list[int] = []
        folder.mkdir(parents=True, exist_ok=True)
        if not self._open():
            self._begin()

    @property
    def done(self) -> int:
        """The rows that are filled."""
        return self._ends[-1] if self._ends else 0

    @property
    def size_bytes(self) -> int:
        """What it takes on disk."""
        return sum(array.nbytes for array in self.arrays.values())

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.npy"

    def _open(self) -> bool:
        """Open what an earlier run left; return whether it can be used."""
        if not (self.folder / DONE).exists():
            return False
        try:
            facts = read_json(self.folder / DONE)
            ends, sums = [int(n) for n in facts["ends"]], [int(n) for n in facts["sums"]]
            for name, shape in self.shapes.items():
                self.arrays[name] = np.lib.format.open_memmap(self._file(name), "r+")
                if self.arrays[name].shape != (self.rows, *shape) or self.arrays[name].dtype != np.float32:
                    raise ValueError("arrays of another shape")
            whole = 0
            while (
                whole < len(ends) and self._sum(ends[whole - 1] if whole else 0, ends[whole]) == sums[whole]
            ):
                whole += 1
        except (OSError, ValueError, TypeError, KeyError):
            self.is_damaged = True
            return False
        self.is_damaged = whole < len(ends)
        self._ends, self._sums = ends[:whole], sums[:whole]
        return True

    def _begin(self) -> None:
        (self.folder / DONE).unlink(missing_ok=True)
        needed = sum(4 * self.rows * int(np.prod(shape)) for shape in self.shapes.values())
        free = shutil.disk_usage(self.folder).free
        if needed > free * 0.9:
            raise ValueError(
                f"the features of {self.rows:,} pictures take {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free "
                f"in {self.folder}; take fewer pictures by --per-class, or leave out the second phase by --no-fine-tune"
            )
        for name, shape in self.shapes.items():
            self.arrays[name] = np.lib.format.open_memmap(
                self._file(name), "w+", np.float32, (self.rows, *shape)
            )
        self._ends, self._sums = [], []

    def _sum(self, start: int, end: int) -> int:
        checksum = 0
        for name in sorted(self.arrays):
            checksum = zlib.crc32(np.ascontiguousarray(self.arrays[name][start:end]).data, checksum)
        return checksum

    def add(self, batch: dict[str, np.ndarray]) -> None:
        """Fill the next rows, and note that they are whole."""
        start = self.done
        end = start + len(next(iter(batch.values())))
        for name, values in batch.items():
            self.arrays[name][start:end] = values
            self.arrays[name].flush()  # type: ignore[attr-defined]  # a memmap
        self._sums.append(self._sum(start, end))
        self._ends.append(end)
        write_text(self.folder / DONE, json.dumps({"ends": self._ends, "sums": self._sums}))


def compute_features(
    part: keras.Model,
    names: Sequence[str],
    batches: Iterator[np.ndarray],
    store: FeatureStore,
    progress: OnRows,
) -> float:
    """Fill a store with what the frozen part makes of pictures; return the seconds that this took.

    Args:
        part: from the picture to the tensors that are kept.
        names: what they are called in the store.
        batches: the pictures behind the store's last row, as the network takes them.
        store: where the numbers go.
        progress: is told after each batch.
    """
    begun = time.perf_counter()
    run = frozen_function(part)
    for batch in batches:
        made = keras.tree.flatten(run(tf.convert_to_tensor(batch)))
        store.add({name: np.asarray(values) for name, values in zip(names, made, strict=True)})
        progress(store.done, store.rows)
    return time.perf_counter() - begun


def frozen_function(part: keras.Model) -> Any:
    """Return a function that runs a model at inference, compiled once for batches of any length."""
    given = part.inputs[0]
    signature = [tf.TensorSpec((None, *given.shape[1:]), given.dtype)]
    return tf.function(
        lambda images: part(images, training=False), input_signature=signature, autograph=False
    )


@contextmanager
def wanted(folder: Path, name: str) -> Iterator[Path]:
    """While the block runs, mark a store as one that the run `name` needs; one that is interrupted leaves the mark.

    Nobody removes a store that another process has in use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / f"{WANTED}{name}"
    mark.touch()
    with held_folder(folder, is_shared=True):
        try:
            yield folder
        except Exception:
            mark.unlink(missing_ok=True)  # refused, or diverged: the same would come out again
            raise
    mark.unlink(missing_ok=True)


def is_wanted(folder: Path) -> bool:
    """Return whether a run that uses a store, or was interrupted, has left its mark there."""
    return any(folder.glob(f"{WANTED}*"))


def remove_store(folder: Path) -> None:
    """Remove a store, unless another run has it in use."""
    with suppress(OSError), held_folder(folder, is_shared=False) as is_free:
        if is_free:
            shutil.rmtree(folder, ignore_errors=True)


def forget_others(folder: Path, most: int, only_wanted: bool = False) -> None:
    """Remove the oldest stores beside `folder`, all but a few.

    Args:
        folder: the present one.
        most: how many others may stay.
        only_wanted: let those alone stay that an interrupted run waits for.
    """
    found = [each for each in folder.parent.glob("features-*") if each != folder and each.is_dir()]
    with suppress(OSError):
        found.sort(key=lambda each: each.stat().st_mtime, reverse=True)
        stay = [each for each in found if not only_wanted or is_wanted(each)][:most]
        for old in found:
            if old not in stay:
                remove_store(old)
