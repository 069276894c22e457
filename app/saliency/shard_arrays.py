"""Maps of many pictures as arrays: a file a shard, an index of all, and what is needed to read them again."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.files.atomic import replacing
from app.shards.columns import Columns, column_names, read_columns
from app.show.writers.csv import harmless
from app.untrusted.text import visible

if TYPE_CHECKING:
    from app.maps.explain import Explanation, Map

INDEX = "index.csv"
SHARD_BYTES = 16 << 20
"""Bytes of maps in a shard, at most: a worker has them in memory until it writes them."""
MOST_IN_SHARD = 512
SINGLE = ("image", "error", "predicted", "probability", "explained", "explained_probability")
"""Columns besides those of the maps."""


@dataclass(frozen=True)
class ArrayChoice:
    """What is kept of each map."""

    arrays: bool = False
    """Whether arrays are left, and no pictures."""
    half_precision: bool = False
    """Whether values have 16 bits: the map over its largest magnitude, which is kept with 32."""
    top_cells: int | None = None
    """So many values of each map, those of largest magnitude, and where they are; None: all values."""

    def __post_init__(self) -> None:
        for option, value in (("--half-precision", self.half_precision), ("--top-cells", self.top_cells)):
            if value and not self.arrays:
                raise ValueError(f"{option} says what is kept of maps as arrays; add --arrays")
        if self.top_cells is not None and self.top_cells < 1:
            raise ValueError(f"--top-cells is a number from 1, not {self.top_cells}")

    def to_dict(self) -> dict[str, Any]:
        """Return the choice as plain values."""
        return asdict(self)


def map_values(each: "Map") -> np.ndarray:
    """Return what is kept of a map: cells as they were computed, signed, and of pixels what the picture shows."""
    return each.raw if each.is_of_cells else each.values


def columns_of(
    files: Sequence[str], results: "Sequence[Explanation]", choice: ArrayChoice
) -> dict[str, np.ndarray]:
    """Return the columns of explained pictures.

    Args:
        files: what the pictures are called.
        results: an explanation of each.
        choice: what is kept of each map.

    Returns:
        `image`, `error` (""), `predicted` and `explained` (classes), `probability` and `explained_probability`; and for
        each map, in float32, `METHOD_largest`, its largest magnitude, and `METHOD`, its values, in float16 over that
        magnitude; or `METHOD_top` and `METHOD_place`, the largest values and their numbers, row after row, in a map of
        `METHOD_size`.
    """
    said = [result.prediction for result in results]
    columns: dict[str, np.ndarray] = {
        "image": np.array(files),
        "error": np.array([""] * len(files)),
        "predicted": np.array([each.class_index for each in said], np.int32),
        "probability": np.array([each.probability for each in said]),
        "explained": np.array([each.explained_index for each in said], np.int32),
        "explained_probability": np.array([each.explained_probability for each in said]),
    }
    for i, first in enumerate(results[0].maps):
        values = np.stack([map_values(result.maps[i]) for result in results]).astype(np.float32)
        columns |= map_columns(first.method, values, choice)
    return columns


def map_columns(name: str, values: np.ndarray, choice: ArrayChoice) -> dict[str, np.ndarray]:
    """Return the columns of a kind of map.

    Args:
        name: of its method.
        values: (pictures, rows, columns[, channels]), float32.
        choice: what is kept of it.
    """
    flat = values.reshape(len(values), -1)
    largest = np.abs(flat).max(axis=1)
    columns = {f"{name}_largest": largest}
    divisor = np.where(largest > 0, largest, 1)

    def kept(part: np.ndarray) -> np.ndarray:
        if not choice.half_precision:
            return part
        return (part / divisor.reshape(-1, *[1] * (part.ndim - 1))).astype(np.float16)

    if choice.top_cells is None:
        columns[name] = kept(values)
        return columns
    count = min(choice.top_cells, flat.shape[1])
    places = np.argsort(-np.abs(flat), axis=1, kind="stable")[:, :count]
    columns[f"{name}_size"] = np.tile(np.array(values.shape[1:], np.int32), (len(values), 1))
    columns[f"{name}_place"] = places.astype(np.int32)
    columns[f"{name}_top"] = kept(np.take_along_axis(flat, places, axis=1))
    return columns


def spread_columns(
    columns: Mapping[str, np.ndarray], rows: Sequence[int], files: Sequence[str], errors: Mapping[int, str]
) -> dict[str, np.ndarray]:
    """Return columns with a row for pictures that could not be explained, too: NaN for numbers, and class −1.

    Args:
        columns: of the explained pictures, or of any one picture where there are none.
        rows: which of all pictures these are.
        files: what all are called.
        errors: why the others could not be explained.
    """
    spread = {}
    for name, values in columns.items():
        if name in ("image", "error"):
            continue
        whole = np.full(
            (len(files), *values.shape[1:]), np.nan if values.dtype.kind == "f" else -1, values.dtype
        )
        whole[list(rows)] = values[: len(rows)]
        spread[name] = whole
    said = [errors.get(i, "") for i in range(len(files))]
    return {"image": np.array(files), "error": np.array(said), **spread}


def write_index(folder: Path, names: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Write a table with a row for each picture: where its maps are, and what the network says.

    Args:
        folder: of the shards.
        names: of the shards, in their order.
        classes: what the classes are called.

    Returns:
        The pictures without maps, and why.
    """
    largest = [f"{method}_largest" for method in methods_in(column_names(folder / f"{names[0]}.npz"))]
    failures: dict[str, str] = {}
    heading = ["image", "shard", "row", "predicted", "probability", "explained", "explained_probability"]
    with replacing(folder / INDEX) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*heading, *largest, "error"])
        for name in names:
            columns = read_columns(folder / f"{name}.npz", *SINGLE, *largest)
            failures.update(failures_in(columns))
            table.writerows(_rows(name, columns, classes))
    return failures


def _rows(name: str, columns: Columns, classes: Sequence[str]) -> Iterator[list[Any]]:
    found = [values.tolist() for values in columns.values()]
    for row, (image, error, predicted, p, explained, q, *values) in enumerate(zip(*found, strict=True)):
        said: list[Any] = [""] * (4 + len(values))
        if not error:
            said = [classes[predicted], f"{p:.7g}", classes[explained], f"{q:.7g}"]
            said += [f"{value:.7g}" for value in values]
        yield [harmless(visible(image)), name, row, *said, harmless(visible(error))]


def methods_in(columns: Iterable[str]) -> list[str]:
    """Return the methods whose maps have columns: a network may have no map of cells."""
    return [name.removesuffix("_largest") for name in columns if name.endswith("_largest")]


def failures_in(columns: Columns) -> dict[str, str]:
    """Return the pictures without maps, and why."""
    wrong = np.flatnonzero(columns["error"] != "")
    return {str(columns["image"][i]): str(columns["error"][i]) for i in wrong}
