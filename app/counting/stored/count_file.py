"""A model's configuration counted by hand and checked against the weights that belong to it, row by row."""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.counting.comparison import Difference
from app.counting.count import NONE
from app.counting.layers import UnsupportedLayerError
from app.counting.layers.base import sizes_of
from app.counting.rows import Row, Shape, Sheet, Weight, shape_text
from app.counting.stored.model_files import Config, read_config
from app.counting.stored.reader import read_board
from app.counting.stored.weight_files import StoredWeights, read_weights


@dataclass(frozen=True, repr=False)
class StoredCount:
    """What a model says, by hand and from its weights."""

    sheet: Sheet
    """The count by hand; rows without a formula have their parameters from the stored weights."""
    weights: StoredWeights | None
    """Its arrays; None where a file holds a configuration only."""
    differences: tuple[Difference, ...]
    """Every row on which the two disagree."""
    config: Config
    """The configuration, as Keras stores it."""
    note: str = ""
    """What could not be done, if anything."""


def count_file(path: Path, input_shape: Sequence[int] | None = None) -> StoredCount:
    """Return the hand count of a `.keras`, `.h5` or `.json` file and its check against the weights.

    Nothing in the file is executed and no weight is loaded, only their shapes.

    Args:
        path: the file.
        input_shape: sizes for an input that the model leaves open, without the batch axis.

    Raises:
        ValueError: the file is not a whole model, or its shapes do not fit together.
    """
    config = read_config(path)
    weights = read_weights(path, config)
    try:
        return count_config(path.stem, config, weights, input_shape)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        if isinstance(error, UnsupportedLayerError):
            raise UnsupportedLayerError(f"{path}: {error}") from error
        raise ValueError(f"{path}: {error}") from error


def count_config(
    name: str, config: Config, weights: StoredWeights | None, input_shape: Sequence[int] | None = None
) -> StoredCount:
    """Return the hand count of a configuration and its check against the weights.

    Args:
        name: what the model is called where its configuration lists no layers.
        config: as Keras stores it.
        weights: the shapes of its arrays, None where they are not there.
        input_shape: sizes for an input that the model leaves open, without the batch axis.

    Raises:
        ValueError: the shapes do not fit together, or layers are not listed and there are no weights.
    """
    try:
        sheet = read_board(config, strict=False, input_shape=input_shape).sheet()
    except UnsupportedLayerError as error:
        if weights is None:
            raise
        return StoredCount(_list_weights(name, weights), weights, (), config, str(error))
    if weights is None:
        return StoredCount(sheet, None, (), config, "the file holds no weights to compare with")
    rows = tuple(_as_shared(row, weights.shared.get(row.name, "")) for row in sheet.rows)
    sheet = replace(sheet, rows=rows)
    stored = assign(sheet.rows, weights)
    if own := [array for path in weights.own for array in stored.pop(path, [])]:
        row = Row(name, "Model", (), unknown="weights of the model itself, of no layer", is_shape_known=False)
        sheet, stored[name] = replace(sheet, rows=(*sheet.rows, row)), own
    _house(sheet.rows, stored)
    rows = tuple(_fill(row, stored.get(row.name, []), weights.fixed) for row in sheet.rows)
    homeless = _homeless(sheet.rows, stored)
    if homeless and (orphans := [row for row in rows if row.unknown and not row.weights]):
        # arrays of layers that nobody can name are no contradiction: they are what is missing elsewhere
        rows = tuple(replace(row, is_weighed=False) if row in orphans else row for row in rows)
        note = _say_homeless(homeless, stored)
        stored = {name: arrays for name, arrays in stored.items() if name not in homeless}
    else:
        note = ""
    sheet = replace(sheet, rows=rows)
    return StoredCount(sheet, weights, tuple(compare_weights(rows, stored)), config, note)


def _as_shared(row: Row, first: str) -> Row:
    """Return a row whose weights are those of the layer `first`, where there is one, and are counted there."""
    if not first or row.shared_with:
        return row
    return replace(row, trainable=NONE, non_trainable=NONE, weights=(), shared_with=first)


def _house(rows: Sequence[Row], stored: "Assigned") -> None:
    """Give the arrays that belong to no row to the only row without a formula that has none; nobody else lacks any."""
    homeless = _homeless(rows, stored)
    if any(row.weights and not row.unknown and row.name not in stored for row in rows):
        return
    empty = [row.name for row in rows if row.unknown and not row.weights and not stored.get(row.name)]
    if homeless and len(empty) == 1:
        stored[empty[0]] = [array for name in homeless for array in stored.pop(name)]


def _homeless(rows: Sequence[Row], stored: "Assigned") -> list[str]:
    """Return the arrays that belong to no row."""
    names = {row.name for row in rows}
    return [name for name in stored if name not in names]


def _say_homeless(homeless: Sequence[str], stored: "Assigned") -> str:
    numbers = sum(math.prod(shape) for name in homeless for _, shape in stored[name])
    listed = ", ".join(homeless[:MOST_LISTED]) + (", …" if len(homeless) > MOST_LISTED else "")
    return f"{numbers:,} numbers in the file belong to no layer that it lists by name ({listed})"


Assigned = dict[str, list[tuple[str, Shape]]]
"""The stored arrays of each row, by its name: path and shape."""
MOST_LISTED = 4


def assign(rows: Sequence[Row], weights: StoredWeights) -> Assigned:
    """Return the stored arrays of each row; what belongs to no row is listed under its own path.

    An array belongs to the row with the longest name that its path begins with.
    """
    names = {row.name for row in rows if not row.shared_with}
    kinds = {row.name: row.kind for row in rows}
    stored: Assigned = {}
    for path, shape in weights.arrays:
        parts = path.split("/")
        prefixes = ("/".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))
        name = next((prefix for prefix in prefixes if prefix in names), "") or _find_nested(parts[:-1], names)
        name = name or path
        if kinds.get(name) == "SpectralNormalization" and path == f"{name}/0":
            continue  # the kernel, stored a second time
        stored.setdefault(name, []).append((path, shape))
    return stored


def _find_nested(parts: Sequence[str], names: Iterable[str]) -> str:
    """Return the row whose path begins and ends alike, with the same parts in between, if it is one.

    Legacy files leave out the middle of a path through several nested models, or write more.
    """
    found = []
    for name in names:
        path = name.split("/")
        ends_alike = path[0] == parts[0] and path[-1] == parts[-1]
        if ends_alike and (_is_within(parts, path) or _is_within(path, parts)):
            found.append(name)
    return found[0] if len(found) == 1 else ""


def _is_within(parts: Sequence[str], path: Sequence[str]) -> bool:
    """Return whether `parts` stand in `path` in their order, others perhaps between them."""
    rest = iter(path)
    return all(part in rest for part in parts)


def compare_weights(rows: Sequence[Row], stored: Assigned) -> list[Difference]:
    """Return every difference between the arrays that the rows need and those that are stored."""
    differences = []
    left = dict(stored)
    for row in rows:
        theirs = sorted(shape for _, shape in left.pop(row.name, []))
        ours = sorted(tuple(map(int, weight.shape)) for weight in row.weights)
        if ours != theirs and not row.unknown:
            differences.append(Difference(row.name, "weights", _say(ours), _say(theirs), witness="the file"))
    for name, arrays in left.items():
        shapes = sorted(shape for _, shape in arrays)
        differences.append(Difference(name, "weights", "none", _say(shapes), witness="the file"))
    return differences


def _fill(row: Row, arrays: Sequence[tuple[str, Shape]], fixed: frozenset[str] | None) -> Row:
    """Return a row without a formula with the parameters that are stored for it.

    Args:
        row: the row.
        arrays: its arrays, by path and shape.
        fixed: the paths of the arrays that are not trained; None where that is not known.
    """
    if not row.unknown or row.shared_with:
        return row
    is_trained = row.arguments.get("trainable", True) is not False
    weights = tuple(
        Weight(str(i), shape, is_trained and path not in (fixed or ()))
        for i, (path, shape) in enumerate(arrays)
    )
    trained, kept = ([w for w in weights if w.is_trained is kind] for kind in (True, False))
    return replace(
        row,
        weights=weights,
        trainable=sizes_of(trained),
        non_trainable=sizes_of(kept),
        is_weighed=True,
        is_split_known=not weights or fixed is not None or not is_trained,
    )


def _list_weights(name: str, weights: StoredWeights) -> Sheet:
    """Return a sheet with one row for each object of a model whose layers are not listed."""
    reason = "its layers are not listed; counted from the stored weights"
    groups: dict[str, list[Weight]] = {}
    for path, shape in weights.arrays:
        layer, _, number = path.rpartition("/")
        groups.setdefault(layer or name, []).append(Weight(number, shape))
    row = functools.partial(
        Row, kind="?", output_shape=(), unknown=reason, is_shape_known=False, is_split_known=False
    )
    rows = [row(layer, trainable=sizes_of(found), weights=tuple(found)) for layer, found in groups.items()]
    return Sheet(name, tuple(rows), ())


def _say(shapes: Sequence[Shape]) -> str:
    return " + ".join(shape_text(shape) if shape else "1" for shape in shapes) or "none"
