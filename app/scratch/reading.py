"""A model's file read as a program: its configuration and its arrays, and nothing of it made or run by Keras."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.counting.layers.merging import Merge
from app.counting.rows import shape_text
from app.counting.stored.model_files import Config, find_foreign_classes
from app.counting.stored.reader import is_model, read_board
from app.counting.stored.weight_files import read_arrays
from app.counting.symbols import Symbol
from app.program.heads import as_asked, find_head
from app.program.program import NotWrittenError, Program, doubt_weights
from app.program.steps import PlainStep, Slot
from app.scratch.calls import plain, told
from app.scratch.layers import LAYERS
from app.scratch.layers.base import Layer
from models.pixels import seems_channels_first

DTYPES = ("float32", "float64")
"""Numbers in which NumPy computes."""


def read_program(path: Path, config: Config, loss: str = "", is_quantity: bool | None = None) -> Program:
    """Return the model in a file as a program of plain steps.

    Args:
        path: a `.keras` or `.h5` file.
        config: its configuration, as `read_config` returns it.
        loss: name of the loss that it was trained with, "" if it is not known.
        is_quantity: whether quantities come out; None: as the loss says.

    Raises:
        NotWrittenError: it is no chain or graph of layers that NumPy has, from one image to one row of outputs, or its
            weights do not fit its layers; the message says which.
        ValueError: the file is damaged.
    """
    _verify_of_keras(config)
    try:
        board = read_board(config)
    except ValueError as error:
        raise NotWrittenError(str(error)) from error
    if len(board.inputs) != 1 or len(board.outputs) != 1:
        raise NotWrittenError(
            f"it has {len(board.inputs)} inputs and {len(board.outputs)} outputs, not one of each"
        )
    image, output = board.inputs[0], board.outputs[0]
    if len(image.shape) != 3 or seems_channels_first(image.shape):
        raise NotWrittenError(f"it takes {shape_text(image.shape)}, not images with their channels last")
    if len(output.shape) != 1:
        raise NotWrittenError(f"it puts out {shape_text(output.shape)}, not a row of classes")
    writer = _Writer(read_arrays(path, config))
    for symbol in board.symbols():
        if symbol.layer is not None:
            writer.write(symbol)
    writer.check_all_used()
    slot = writer.slots[output.order]
    head = as_asked(find_head(writer.steps, slot), is_quantity, loss)
    notes = doubt_weights(writer.counts)
    entry = writer.slots[image.order]
    return Program(
        board.name, writer.steps, entry, image.shape, slot, head, writer.dtype, notes=notes, entry=entry
    )


class _Writer:
    """Writes the calls of a board down as steps, each with the arrays of its layer."""

    def __init__(self, arrays: Mapping[str, Sequence[np.ndarray]]) -> None:
        self.steps: list[PlainStep] = []
        self.slots: dict[int, Slot] = {}
        self.counts: dict[str, int] = {}
        """Numbers that are NaN or infinite, by layer."""
        self.dtype = "float32"
        self._stored, self._unused = arrays, set(arrays)
        self._made: set[int] = set()
        self._names: set[str] = set()
        self._numbers = itertools.count(1)

    def write(self, symbol: Symbol) -> None:
        """Write one call down, its own activation as a step behind it."""
        name, shapes = symbol.row.name, [parent.shape for parent in symbol.parents]
        if name in self._names or id(symbol.layer) in self._made:
            raise NotWrittenError(f"layer {name!r} is called several times, and Keras numbers its calls")
        self._names.add(name)
        if isinstance(symbol.layer, Merge) and len(shapes) < 2:  # an .h5 file does not keep the number
            raise NotWrittenError(
                f"{name!r} is a {symbol.row.kind} with a number that the file does not hold"
            )
        layer, arrays = self._layer(symbol, shapes)
        linear = name if layer.activation is None else f"{name}:linear"
        reads = tuple(self._slot(parent) for parent in symbol.parents)
        slot = self._step(linear, layer, reads, symbol.shape, shapes[0], arrays)
        if layer.activation is not None:
            slot = self._step(name, plain(layer.activation), (slot,), symbol.shape, symbol.shape, {})
        self.slots[symbol.order] = slot

    def _slot(self, symbol: Symbol) -> Slot:
        if symbol.order not in self.slots:  # the image
            self.slots[symbol.order] = Slot(next(self._numbers))
        return self.slots[symbol.order]

    def _step(
        self,
        name: str,
        layer: Layer,
        reads: tuple[Slot, ...],
        shape: Sequence[int],
        before: Sequence[int],
        arrays: Mapping[str, np.ndarray],
    ) -> Slot:
        slot = Slot(next(self._numbers))
        self.steps.append(
            PlainStep(
                name=name,
                call=layer.kind,
                told=told(layer),
                reads=reads,
                outputs=(slot,),
                shape=(None, *shape),
                input_shape=(None, *before),
                arrays=arrays,
            )
        )
        return slot

    def _layer(
        self, symbol: Symbol, shapes: Sequence[tuple[int, ...]]
    ) -> tuple[Layer, dict[str, np.ndarray]]:
        """Return the layer of a call, made when it is first called, and its arrays by name."""
        row = symbol.row
        assert symbol.layer is not None
        dtype = _dtype(symbol.layer.arguments)
        if dtype not in DTYPES:
            raise NotWrittenError(
                f"layer {row.name!r} computes in {dtype}, and NumPy in {' and '.join(DTYPES)} alone"
            )
        try:
            layer = as_plain(row.kind, symbol.layer.arguments)
        except NotWrittenError as error:
            raise NotWrittenError(f"layer {row.name!r}: {error}") from error
        if dtype == "float64":
            self.dtype = dtype
        wanted = layer.weight_shapes(*shapes)
        stored = self._stored.get(row.name, ())
        self._unused.discard(row.name)
        if [tuple(array.shape) for array in stored] != [tuple(shape) for shape in wanted.values()]:
            has, wants = (
                ", ".join(map(shape_text, found)) or "none"
                for found in ([array.shape for array in stored], wanted.values())
            )
            raise NotWrittenError(
                f"the weights of layer {row.name!r} do not fit: the file holds {has}, not {wants}"
            )
        odd = [a.dtype for n, a in zip(wanted, stored, strict=True) if a.dtype.kind != "f" and n != "count"]
        if odd:
            raise NotWrittenError(
                f"the weights of layer {row.name!r} are stored as {odd[0]}, which are no fractions"
            )
        self.counts[row.name] = sum(int(np.count_nonzero(~np.isfinite(array))) for array in stored)
        arrays = dict(zip(wanted, stored, strict=True))
        self._made.add(id(symbol.layer))
        return layer, arrays

    def check_all_used(self) -> None:
        """Refuse a file that holds more than its layers use."""
        if self._unused:
            raise NotWrittenError(f"the file holds weights of {min(self._unused)!r}, which no layer uses")


def as_plain(kind: str, config: Mapping[str, Any]) -> Layer:
    """Return the NumPy layer of a kind, told what Keras' configuration says.

    Raises:
        NotWrittenError: NumPy has no such layer, or not with such a setting.
    """
    if kind not in LAYERS:
        raise NotWrittenError(f"{kind or 'a layer of its own'}: NumPy has no code for it")
    try:
        return plain(LAYERS[kind].from_config(dict(config)))
    except ValueError as error:
        raise NotWrittenError(str(error)) from error


def _dtype(config: Mapping[str, Any]) -> str:
    """Return the name of the numbers that a layer computes in, as Keras writes it."""
    policy = config.get("dtype") or "float32"
    if isinstance(policy, Mapping):
        inner = policy.get("config")
        policy = inner.get("name") if isinstance(inner, Mapping) else inner
    return str(policy)[:40]


MODELS = ("Sequential", "Functional", "Model")
"""Classes of models that do what their layers do, and nothing else."""


def _verify_of_keras(config: Config) -> None:
    """Refuse a model with a class of somebody's own, whatever it is called: what it does, its file does not tell.

    Raises:
        NotWrittenError: there is one; the message names it.
    """
    kept = {
        key: config.get(key) for key in ("module", "class_name", "config", "registered_name") if key in config
    }
    foreign = [*find_foreign_classes(kept), *_foreign_models(kept)]
    if foreign:
        raise NotWrittenError(f"it contains {foreign[0]}, which is not of Keras' own")


def _foreign_models(value: Any) -> Iterator[str]:
    """Yield the names of the classes of models that are none of Keras'."""
    if isinstance(value, list):
        for item in value:
            yield from _foreign_models(item)
    elif isinstance(value, dict):
        if is_model(value) and value.get("class_name") not in MODELS:
            yield str(value.get("class_name"))
        yield from _foreign_models(list(value.values()))
