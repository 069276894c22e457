"""Networks counted: one by its name, from a file, or a `keras.Model` in memory."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.counting.counted import open_counted
from app.counting.rows import Row
from app.counting.stored.count_file import StoredCount, count_config
from app.files.saved import own_path
from app.params.results import ModelCount
from models import Network


def count_model(model: Any, input_shape: Sequence[int] | None = None) -> ModelCount:
    """Return the hand count of a network.

    Args:
        model: a name of the catalogue, the path of a model file, or a `keras.Model` in memory.
        input_shape: height, width and channels: for a model that leaves them open, or to try a network on
            another input.

    Raises:
        ValueError: there is no such network or file, or it cannot be counted.
        TypeError: it is none of these three.
    """
    shape = None
    if input_shape is not None:
        if not isinstance(input_shape, Sequence) or not all(hasattr(n, "__index__") for n in input_shape):
            raise TypeError(
                f"input_shape is height, width and channels, as (224, 224, 3), not {input_shape!r}"
            )
        shape = tuple(input_shape) or None
    if isinstance(model, ModelCount):
        return model
    if isinstance(model, Network):
        model = model.name
    if isinstance(model, (str, Path)):
        counted = open_counted(str(own_path(str(model)) or model), shape)
        return ModelCount(counted.name, counted.sheet, counted.network, counted.stored, None, shape)
    return _count_live(model, shape)


def _count_live(model: Any, shape: tuple[int, ...] | None) -> ModelCount:
    """Return the count of a model in memory, which is left as it is."""
    check_live(model)
    from app.engine.live import describe_live, model_name

    name, told = model_name(model), describe_live(model)
    stored = count_config(name, told.config, told.weights, shape)
    if stored.sheet.unknown and told.layers:
        stored = _with_shapes(stored, {layer.name: layer.output_shape for layer in told.layers})
    return ModelCount(name, stored.sheet, None, stored, model, shape, witness=told.layers)


def check_live(model: Any) -> None:
    """Refuse what is no model of Keras 3.

    Raises:
        TypeError: it is something else; the message says what is taken.
    """
    kinds = [f"{kind.__module__}.{kind.__name__}" for kind in type(model).__mro__]
    if not any(kind.startswith("keras.") and kind.endswith(".Model") for kind in kinds):
        hint = (
            "; it is a model of Keras 2: save it as .keras or .h5 and give the file"
            if (any(kind.startswith("tf_keras.") for kind in kinds))
            else ""
        )
        raise TypeError(
            "expected the name of a network, the path of a model file or a keras.Model, "
            f"not {kinds[0].removeprefix('builtins.')}{hint}"
        )


def _with_shapes(stored: StoredCount, shapes: dict[str, tuple[int, ...]]) -> StoredCount:
    """Return the count with the output shapes, which the model knows, in rows that have no formula."""
    rows = tuple(_with_shape(row, shapes) for row in stored.sheet.rows)
    return replace(stored, sheet=replace(stored.sheet, rows=rows))


def _with_shape(row: Row, shapes: dict[str, tuple[int, ...]]) -> Row:
    shape = shapes.get(row.name)
    if row.is_shape_known or shape is None or None in shape:
        return row
    return replace(row, output_shape=shape, is_shape_known=True)
