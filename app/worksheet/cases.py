"""A network laid out for questions: each layer with its settings, what it reads, and its numbers.

This is the one place where worksheets look into layers.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.counting.chalkboard import Board
from app.counting.layers import Layer, layer_class
from app.counting.layers.base import apply_layer
from app.counting.rows import Row, Shape
from app.counting.symbols import Symbol

LARGEST_SIZE = 10**15
"""A size beyond this, which only a student's answer can have, is not followed any further."""


@dataclass(frozen=True)
class MapReach:
    """A receptive field away from the borders, along both axes, in pixels of the image."""

    sizes: Shape
    jumps: Shape
    """Pixels between neighbouring positions."""

    def slide(self, layer: Layer) -> "MapReach":
        """Return the reach after a window: r' = r + d·(k − 1)·j and j' = s·j."""
        axes = zip(setting(layer, "window").windows, self.sizes, self.jumps, strict=True)
        sizes, jumps = zip(*(window.widen(size, jump) for window, size, jump in axes), strict=True)
        return MapReach(sizes, jumps)

    def spans(self, layer: Layer) -> Shape:
        """Return the cells from the first to the last tap along each axis."""
        return tuple(window.span for window in setting(layer, "window").windows)

    def working(self, layer: Layer) -> str:
        """Return how the size after a window is worked out: `3 + (3 − 1)·2`, for each axis."""
        spans = self.spans(layer)
        axes = [f"{r} + ({k} − 1)·{j}" for r, k, j in zip(self.sizes, spans, self.jumps, strict=True)]
        return axes[0] if len(set(axes)) == 1 else " and ".join(axes)


@dataclass(frozen=True)
class LayerCase:
    """One layer of the sheet, its inputs as they are or as a student believes them to be."""

    row: Row
    layer: Layer | None
    parents: tuple[str, ...]
    """Names of the rows that are read."""
    inputs: tuple[Shape, ...]
    settings: str
    before: MapReach | None = None
    """The reach of what is read, where it is one and the same for all inputs."""
    reads_kind: str = ""
    """The kind of the layer whose output is read; of the first, where there are several."""
    earlier: Shape | None = None
    """What that layer reads."""

    @property
    def layer_class(self) -> type[Layer]:
        """The class that says what is so of every layer of this kind."""
        return layer_class(self.row.kind)

    @property
    def reads_image(self) -> bool:
        """Whether the layer reads the network's input."""
        return self.reads_kind == "InputLayer"

    @property
    def shape_before_last(self) -> Shape | None:
        """What the layer before reads, where this layer could read it too."""
        alike = self.earlier is not None and list(map(len, self.inputs)) == [len(self.earlier)]
        return self.earlier if alike else None

    @property
    def map_shape(self) -> Shape | None:
        """The map that was flattened to make the input; None where there is none."""
        return self.earlier if self.reads_kind == "Flatten" else None

    def recount(self, inputs: Sequence[Shape] | None = None, **changes: Any) -> Row | None:
        """Return the row with other inputs or settings; None where the layer has no such setting."""
        if self.layer is None or any(setting(self.layer, name) is None for name in changes):
            return None
        layer = changed(self.layer, **changes)
        return count_layer(layer, self.inputs if inputs is None else inputs)

    @property
    def after(self) -> MapReach | None:
        """The reach of the output; None behind a layer that does something else to it."""
        if self.before is None or not self.layer_class.is_taught:
            return None
        if self.layer_class.slides and self.layer is not None:
            return self.before.slide(self.layer)
        return self.before if self.layer_class.keeps_field else None


def setting(layer: Layer | None, name: str, otherwise: Any = None) -> Any:
    """Return a layer's setting by Keras' name for it; a pooling's window is its kernel."""
    window = getattr(layer, "window", None)
    return getattr(layer, name, getattr(window, name, otherwise))


def changed(layer: Layer, **changes: Any) -> Layer:
    """Return a copy of a layer with other settings."""
    other = copy.copy(layer)
    window = getattr(layer, "window", None)
    if window is not None:
        window = vars(other)["window"] = copy.copy(window)
        vars(window).update({name: changes[name] for name in changes if hasattr(window, name)})
    vars(other).update({name: changes[name] for name in changes if hasattr(layer, name)})
    return other


def count_layer(layer: Layer, inputs: Sequence[Shape]) -> Row | None:
    """Return the row that `layer` makes of inputs of these shapes; None if they do not fit."""
    if any(not 0 < n <= LARGEST_SIZE for shape in inputs for n in shape):
        return None
    symbols = [Symbol(Row("input", "InputLayer", tuple(shape))) for shape in inputs]
    try:
        return apply_layer(layer, symbols, "layer").row
    except ValueError:
        return None


def list_cases(board: Board) -> dict[str, LayerCase]:
    """Return the cases of a network by the names of their rows, in the order of the calls."""
    cases: dict[str, LayerCase] = {}
    names: dict[int, str] = {}
    for symbol, row in zip(board.symbols(), board.sheet().rows, strict=True):
        names[symbol.order] = row.name
        parents = tuple(names[parent.order] for parent in symbol.parents)
        reads = [cases[name] for name in parents]
        first = reads[0] if reads else None
        cases[row.name] = LayerCase(
            row,
            symbol.layer,
            parents,
            tuple(case.row.output_shape for case in reads),
            describe(row, symbol.layer),
            reach_before(row, [case.after for case in reads]),
            first.row.kind if first else "",
            first.inputs[0] if first and first.inputs else None,
        )
    return cases


def can_be_worked_out(case: LayerCase) -> bool:
    """Return whether a student can work out the row from what the sheet says."""
    known = case.row.settings or case.layer_class.is_taught
    if case.layer is None or case.row.unknown or setting(case.layer, "channels_first"):
        return False
    if not all((*case.inputs, case.row.output_shape)):
        return False  # a single number has no shape to ask for
    return bool(known)


def describe(row: Row, layer: Layer | None) -> str:
    """Return a layer's settings in words: `32 filters 3×3, stride 2, same`."""
    if row.shared_with:
        return f"the same layer as {row.shared_with}"
    words = [row.settings]
    if layer is not None and not layer.is_trained and "frozen" not in words[0]:
        words.append("frozen")
    return ", ".join(word for word in words if word)


def reach_before(row: Row, reaches: Sequence[MapReach | None]) -> MapReach | None:
    """Return the reach of what a row reads: the larger one where branches of one jump meet."""
    if row.kind == "InputLayer":
        axes = len(row.output_shape) - 1
        return MapReach((1,) * axes, (1,) * axes) if axes == 2 else None
    known = [reach for reach in reaches if reach is not None]
    if not known or len(known) < len(reaches) or len({reach.jumps for reach in known}) > 1:
        return None
    return max(known, key=lambda reach: reach.sizes)
