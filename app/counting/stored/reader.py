"""A stored Keras configuration, read onto the chalkboard: what a model file says it contains."""

import functools
import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.counting.chalkboard import Board
from app.counting.layers import APPLICATION_LAYERS, CUSTOM_LAYERS, LAYERS, Layer, UnsupportedLayerError
from app.counting.layers.base import apply_layer
from app.counting.layers.unknown import ELEMENTWISE, REDUCTIONS, FurtherOutput, UnknownLayer, make_operation
from app.counting.layers.wrappers import SpectralNormalization, TimeDistributed
from app.counting.rows import Shape, shape_text
from app.counting.stored.dropped import without_dropped
from app.counting.stored.model_files import Config
from app.counting.stored.shared import ID, is_same, mark_shared
from app.counting.symbols import Symbol, make_input

MAX_CALLS = 100_000
"""Calls of layers, nested models unrolled, beyond which a file is refused: it must not hang."""
Source = tuple[str, int, int]
"""Layer, call and output that a stored call refers to."""
WRAPPERS = {wrapper.__name__: wrapper for wrapper in (TimeDistributed, SpectralNormalization)}


class Tensor(NamedTuple):
    """One input of a stored call: where it comes from, and its shape if the file states it."""

    source: Source
    shape: Shape | None


class Call(NamedTuple):
    """One stored call of a layer."""

    label: str
    node: int
    entry: Config
    inputs: list[Tensor]


def read_board(config: Config, strict: bool = True, input_shape: Sequence[int] | None = None) -> Board:
    """Return the network that a model's configuration describes. Nothing in it is executed.

    Args:
        config: the configuration, as `read_config` returns it.
        strict: refuse layers without a formula; otherwise they become rows marked as unknown.
        input_shape: sizes for an input that leaves some open, without the batch axis.

    Raises:
        UnsupportedLayerError: a layer, or the model itself, is of a kind that the chalkboard
            does not know; the message names it.
        ValueError: the shapes do not fit together, an input size is left open, or the configuration
            is damaged.
    """
    try:
        made: list[Symbol] = []
        model = _Model(mark_shared(config), strict, made, {})
        inputs = model.make_inputs(tuple(input_shape) if input_shape else None)
        return Board(inputs, model.call(inputs), model.name, made)
    except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError(
            "the model's configuration is damaged: a value is missing or of another kind than Keras writes"
        ) from error


class _Model:
    """A model, or a model inside one, as its configuration lists it; it can be called several times."""

    def __init__(
        self, config: Config, strict: bool, symbols: list[Symbol], shared: dict[Any, Any], path: str = ""
    ) -> None:
        inner = config["config"]
        self.is_chain = config["class_name"] == "Sequential"
        if not self.is_chain and not is_graph(config):
            raise UnsupportedLayerError(
                f"{config['class_name']} is a subclassed model: its file does not list its layers"
            )
        self.inner = inner if isinstance(inner, dict) else {"layers": inner}
        self.name, self.strict, self.path = as_text(self.inner.get("name", "model")), strict, path
        self.symbols = symbols
        """Every symbol made so far, in this model and all around and inside it."""
        self.shared: dict[Any, tuple[Config, Layer | _Model]] = shared
        """Layers that stand in several models, by their id, with the entry that made them; one for all models."""
        self.entries: list[Config] = self.inner["layers"]
        self.made: dict[str, Layer | _Model] = {}
        if not self.entries:
            raise ValueError(f"{self.name} has no layers")

    def make_inputs(self, wanted: Shape | None) -> list[Symbol]:
        """Return fresh symbols for the inputs, sizes left open taken from `wanted`."""
        if self.is_chain:
            first = self.entries[0]["config"]
            shape = _input_shape(first) or self.inner.get("build_input_shape")
            name = first.get("name") if self.entries[0]["class_name"] == "InputLayer" else None
            return [make_input(_fill(shape, wanted), as_text(name or "input_layer"))]
        labels = [tensor.source[0] for tensor in find_tensors(self.inner["input_layers"])]
        shapes = [_input_shape(self._entries_by_name[label]["config"]) for label in labels]
        open_ones = [shape for shape in shapes if not shape or None in shape[1:]]
        return [
            make_input(_fill(shape, wanted if shape in open_ones or len(shapes) == 1 else None), label)
            for shape, label in zip(shapes, labels, strict=True)
        ]

    @functools.cached_property
    def _entries_by_name(self) -> dict[str, Config]:
        return {as_text(entry.get("name") or entry["config"]["name"]): entry for entry in self.entries}

    def call(self, inputs: Sequence[Symbol]) -> list[Symbol]:
        """Return the symbols of the outputs for the symbols of the inputs."""
        return self._call_chain(inputs) if self.is_chain else self._call_graph(inputs)

    def _call_chain(self, inputs: Sequence[Symbol]) -> list[Symbol]:
        entries = [entry for entry in self.entries if entry["class_name"] != "InputLayer"]
        symbols = list(inputs)
        following: list[Config] = [*entries[1:], {}]
        for entry, after in zip(entries, following, strict=False):
            label = as_text(entry["config"].get("name") or entry["class_name"])
            stated = drop_batch((after.get("build_config") or {}).get("input_shape"))
            symbols = self._apply(label, entry, symbols, stated)
        return symbols

    def _call_graph(self, inputs: Sequence[Symbol]) -> list[Symbol]:
        known: dict[Source, Symbol] = {}
        starts = find_tensors(self.inner["input_layers"])
        if len(starts) != len(inputs):
            raise ValueError(f"{self.name} takes {len(starts)} inputs, not {len(inputs)}")
        for (source, _), symbol in zip(starts, inputs, strict=True):
            known[source] = symbol
        calls = list_calls(self._entries_by_name)
        outputs = find_outputs(self.inner["output_layers"], self._entries_by_name)
        wanted: dict[tuple[str, int], dict[int, Shape | None]] = {}
        for tensor in [t for call in calls for t in call.inputs] + outputs:
            label, node, index = tensor.source
            shapes = wanted.setdefault((label, node), {})
            shapes[index] = tensor.shape or shapes.get(index)
        for call in _in_order(calls, known, self.name):
            symbols = [known[tensor.source] for tensor in call.inputs]
            shapes = wanted.get((call.label, call.node), {})
            made = self._apply(call.label, call.entry, symbols, shapes.get(0))
            if len(made) == 1:
                made += self._further(made[0], max(shapes, default=0), shapes)
            for index, symbol in enumerate(made):
                known[call.label, call.node, index] = symbol
        return [known[tensor.source] for tensor in outputs]

    def _further(self, first: Symbol, last: int, shapes: dict[int, Shape | None]) -> list[Symbol]:
        """Return the second to the last output of a call that makes several."""
        found = []
        for index in range(1, min(last, MAX_CALLS) + 1):
            name = f"{first.row.name}[{index}]"
            layer = FurtherOutput(first.row.kind, name, shapes.get(index))
            found.append(apply_layer(layer, [first], name))
        self.symbols += found
        return found

    def _apply(
        self, label: str, entry: Config, symbols: Sequence[Symbol], stated: Shape | None
    ) -> list[Symbol]:
        """Call one entry, made when it is first called, on `symbols`."""
        if label not in self.made:
            self.made[label] = self._make(label, entry, stated)
        layer = self.made[label]
        if isinstance(layer, _Model):
            return layer.call(symbols)
        if len(self.symbols) >= MAX_CALLS:
            raise ValueError(f"the model calls its layers more than {MAX_CALLS:,} times")
        symbol = apply_layer(layer, symbols, self.path + label)
        self.symbols.append(symbol)
        return [symbol]

    def _make(self, label: str, entry: Config, stated: Shape | None) -> "Layer | _Model":
        """Return the layer of an entry: one that stands elsewhere too is made once."""
        number = entry.get(ID)
        if number is None:
            return self._make_anew(label, entry, stated)
        if number in self.shared and is_same(self.shared[number][0], entry):
            return self.shared[number][1]
        made = self._make_anew(label, entry, stated)
        self.shared[number] = entry, made
        return made

    def _make_anew(self, label: str, entry: Config, stated: Shape | None) -> "Layer | _Model":
        try:
            if "layers" in entry["config"]:
                return _Model(entry, self.strict, self.symbols, self.shared, f"{self.path}{label}/")
            return make_layer(entry, stated)
        except UnsupportedLayerError as error:
            if self.strict:
                raise UnsupportedLayerError(f"layer {label!r}: {error}") from error
            return make_unknown(entry, label, str(error), stated)
        except (ValueError, TypeError) as error:
            raise ValueError(f"layer {label!r} ({entry['class_name']}): {error}") from error


def _in_order(calls: list[Call], known: Mapping[Source, Symbol], name: str) -> Iterator[Call]:
    """Yield each call once all that it reads has been made, otherwise in the file's order.

    Raises:
        ValueError: some calls never become ready.
    """
    readers: dict[tuple[str, int], list[int]] = {}
    missing = []
    given = {source[:2] for source in known}
    for index, call in enumerate(calls):
        sources = {tensor.source[:2] for tensor in call.inputs} - given
        missing.append(len(sources))
        for source in sources:
            readers.setdefault(source, []).append(index)
    ready = [index for index, count in enumerate(missing) if not count]
    while ready:
        call = calls[heapq.heappop(ready)]
        yield call
        for reader in readers.get((call.label, call.node), ()):
            missing[reader] -= 1
            if not missing[reader]:
                heapq.heappush(ready, reader)
    for index, call in enumerate(calls):
        if missing[index]:
            raise ValueError(f"{name}: layer {call.label!r} reads something that is not there")


def _input_shape(config: Config) -> Any:
    return config.get("batch_shape") or config.get("batch_input_shape")


def _fill(stored: Any, wanted: Shape | None) -> Shape:
    """Return an input's shape without its batch axis, sizes left open taken from `wanted`."""
    if not isinstance(stored, list | tuple) or not stored:
        if wanted is None:
            raise UnsupportedLayerError("the model does not store the shape of its input")
        return wanted
    shape = tuple(stored[1:])
    if wanted is None:
        if None in shape:
            example = tuple(n or (224 if len(shape) == 3 else 16) for n in shape)
            open_sizes = "×".join("?" if n is None else str(n) for n in shape)
            raise ValueError(
                f"the input {open_sizes} leaves a size open and a count needs all of them; give them "
                f"with --input-shape {'x'.join(map(str, example))}, or in Python input_shape={example}"
            )
        return shape
    agree = len(shape) == len(wanted) and all(n in (None, w) for n, w in zip(shape, wanted, strict=True))
    if not agree:
        takes = "×".join("?" if n is None else str(n) for n in shape)
        raise ValueError(f"the model takes {takes}, not {shape_text(wanted)}")
    return wanted


def list_calls(entries: dict[str, Config]) -> list[Call]:
    """Return every call of a functional model's layers, in the file's order.

    Keras 2 counts the calls of a nested model from 1; here they all begin at 0.
    """
    calls = [
        Call(label, node, entry, _find_inputs(entry["class_name"], call))
        for label, entry in entries.items()
        if entry["class_name"] != "InputLayer"
        for node, call in enumerate(entry["inbound_nodes"])
    ]
    named = [tensor.source for call in calls for tensor in call.inputs]
    late = {
        label
        for label, entry in entries.items()
        if is_model(entry) and _is_beyond(label, entry, named) and (label, 0) not in {s[:2] for s in named}
    }
    return [call._replace(inputs=[_earlier(t, late) for t in call.inputs]) for call in calls]


def find_outputs(stored: Any, entries: dict[str, Config]) -> list[Tensor]:
    """Return a model's outputs; Keras counts the calls of nested functional models from 1 here.

    Those of a nested Sequential were counted from 1 by Keras 2 only.
    """
    found = find_tensors(stored)
    if not found:
        raise ValueError("it names no output")
    named = [tensor.source for tensor in found]
    late = {
        label
        for label, entry in entries.items()
        if is_graph(entry) or (is_model(entry) and _is_beyond(label, entry, named))
    }
    return [_earlier(tensor, late) for tensor in found]


def is_model(entry: Config) -> bool:
    """Return whether an entry is a model inside a model."""
    inner = entry.get("config")
    return isinstance(inner, list) or (isinstance(inner, dict) and "layers" in inner)


def _is_beyond(label: str, entry: Config, named: Sequence[Source]) -> bool:
    """Return whether a call is named that a layer does not have when they are counted from 0."""
    count = len(entry.get("inbound_nodes") or ())
    return any(source[0] == label and source[1] >= count for source in named)


def is_graph(entry: Config) -> bool:
    """Return whether an entry is a functional model inside a model."""
    inner = entry.get("config")
    return isinstance(inner, dict) and "input_layers" in inner


def _earlier(tensor: Tensor, late: set[str]) -> Tensor:
    label, node, index = tensor.source
    if label not in late or not node:
        return tensor
    return Tensor((label, node - 1, index), tensor.shape)


def _find_inputs(kind: str, call: Any) -> list[Tensor]:
    """Return the tensors that a call reads, masks left out; attention's by their names."""
    if not isinstance(call, dict):
        found = find_tensors(call)
        extra = [item[3] for item in call if isinstance(item, list) and len(item) > 3]
        return found + [t for more in extra for t in _find_named(more)]
    arguments, named = list(call.get("args", ())), dict(call.get("kwargs", {}))
    if kind == "MultiHeadAttention":
        given = dict(zip(("query", "value", "key"), arguments, strict=False)) | named
        return [t for name in ("query", "value", "key") for t in find_tensors(given.get(name))]
    return find_tensors(arguments) + _find_named(named)


def _find_named(named: Any) -> list[Tensor]:
    if not isinstance(named, dict):
        return []
    return [t for name, value in named.items() if not name.endswith("mask") for t in find_tensors(value)]


def find_tensors(value: Any) -> list[Tensor]:
    """Return every tensor that a stored value refers to, in order."""
    if isinstance(value, dict):
        if "keras_history" in value:
            label, node, index = value["keras_history"]
            return [Tensor((label, node, index), drop_batch(value.get("shape")))]
        # Keras takes the items of a dict in the order of their names
        return [tensor for key in sorted(value) for tensor in find_tensors(value[key])]
    if isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int):
            return [Tensor((value[0], value[1], value[2]), None)]
        return [tensor for item in value for tensor in find_tensors(item)]
    return []


def drop_batch(shape: Any) -> Shape | None:
    """Return a stored shape without its batch axis; None if it leaves a size open."""
    if not isinstance(shape, list) or not shape or not all(type(n) is int for n in shape[1:]):
        return None
    return tuple(shape[1:])


def as_text(value: Any) -> str:
    """Return a stored name.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(value, str):
        raise TypeError("a name that is no text")
    return value


def make_layer(entry: Config, stated: Shape | None = None) -> Layer:
    """Return the chalkboard's layer for one entry of a configuration.

    Args:
        entry: the entry, as Keras stores it.
        stated: the output's shape, if the file states it; operations need it.

    Raises:
        UnsupportedLayerError: there is no formula for it.
    """
    kind, module = as_text(entry["class_name"]), as_text(entry.get("module") or "keras.layers")
    config = without_dropped(kind, entry["config"])
    registered = entry.get("registered_name")
    own = str(registered or kind).removeprefix("convlab>")
    if own in CUSTOM_LAYERS and f"convlab>{own}" in (kind, registered):
        return CUSTOM_LAYERS[own].from_config(config)
    is_operation = module.startswith("keras.src.ops") or (
        "module" not in entry and kind not in LAYERS and kind in ELEMENTWISE | REDUCTIONS
    )  # legacy files name no module
    if is_operation:
        return make_operation(kind, config, stated, config.get("name"))
    if kind in WRAPPERS and module == "keras.layers":
        wrapper = WRAPPERS[kind](make_layer(config["layer"]), config.get("name"))
        wrapper.arguments = config
        return wrapper
    known = LAYERS if module == "keras.layers" else {}
    if module.startswith("keras.src.applications"):
        known = APPLICATION_LAYERS
    if kind not in known:
        named = kind if module == "keras.layers" else f"{module}>{kind}"
        raise UnsupportedLayerError(f"no formula for {named}")
    return known[kind].from_config(config)


def make_unknown(entry: Config, label: str, reason: str, stated: Shape | None) -> UnknownLayer:
    """Return the row's layer for an entry without a formula; `reason` says why there is none."""
    layer = UnknownLayer(as_text(entry["class_name"]), label, reason, stated)
    layer.arguments = entry["config"]
    return layer
