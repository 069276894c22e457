"""Maps that a run over many pictures left as arrays, read again: a picture at a time, or a method's maps of all."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.saliency.shard_arrays import failures_in, methods_in
from app.shards.columns import Columns, read_columns


class StoredMaps:
    """The maps in a folder that `python -m app.saliency --images … --arrays` left.

    It has a length and an index: `maps[5]` is the sixth picture, `maps["cat.png"]` the picture of this name; either
    gives its maps by method, float32, (rows, columns) for maps of cells, (height, width) for maps of pixels. Only one
    shard is in memory at a time.

    Args:
        folder: of the run.

    Raises:
        ValueError: the folder has no such maps, or a file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images: list[str] = []
        """What the pictures are called, in their order."""
        self.failures: dict[str, str] = {}
        """Pictures without maps, and why."""
        self._places: list[tuple[str, int]] = []
        for path in sorted(folder.glob("[0-9]*-*.npz")):
            columns = read_columns(path, "image", "error")
            self.images += columns["image"].tolist()
            self.failures |= failures_in(columns)
            self._places += [(path.stem, row) for row in range(len(columns["image"]))]
        if not self.images:
            raise ValueError(
                f"{folder} has no maps as arrays; make them with: python -m app.saliency --images … --arrays"
            )
        self._numbers = {image: number for number, image in enumerate(self.images)}
        self._read = lru_cache(maxsize=1)(lambda name: read_columns(folder / f"{name}.npz"))

    def __repr__(self) -> str:
        return f"<maps of {len(self):,} pictures in {self.folder}: {', '.join(self.methods)}>"

    def __len__(self) -> int:
        return len(self.images)

    @property
    def methods(self) -> list[str]:
        """The maps that there are of each picture."""
        return methods_in(self._read(self._places[0][0]))

    def __getitem__(self, picture: int | str) -> dict[str, np.ndarray]:
        """Return the maps of a picture, by method.

        Raises:
            LookupError: there is no such picture.
        """
        if isinstance(picture, str) and picture not in self._numbers:
            raise KeyError(f"there is no picture {picture!r}; the first is {self.images[0]!r}")
        number = self._numbers[picture] if isinstance(picture, str) else range(len(self))[picture]
        name, row = self._places[number]
        columns = self._read(name)
        return {method: _whole(columns, method, row) for method in self.methods}

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        return (self[number] for number in range(len(self)))


def _whole(columns: Columns, method: str, row: int) -> np.ndarray:
    """Return a map with all of its values: those of 16 bits times the largest, and 0 where none was kept."""
    is_top = f"{method}_top" in columns
    values = columns[f"{method}_top" if is_top else method][row]
    scale = columns[f"{method}_largest"][row] if values.dtype == np.float16 else np.float32(1)
    values = values.astype(np.float32) * scale
    if not is_top:
        return np.asarray(values)
    made = np.zeros(columns[f"{method}_size"][row], np.float32)
    made.reshape(-1)[columns[f"{method}_place"][row]] = values
    return made
