"""A stored Keras configuration, read onto the chalkboard: what a model file says it contains."""

import functools
import heapq
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.counting.chalkboard import Board
from app.counting.layers import (
    APPLICATION_LAYERS,
    CUSTOM_LAYERS,
    LAYERS,
    Layer,
    UnsupportedLayerError,
)
from app.counting.layers.unknown import (
    ELEMENTWISE,
    REDUCTIONS,
    UnknownLayer,
    make_operation,
)
from app.counting.layers.wrappers import SpectralNormalization, TimeDistributed, Wrapper
from app.counting.marks import Mark, apply_layer, make_input
from app.counting.rows import Shape

Config = dict[str, Any]
Source = tuple[str, int, int]
"""Layer, call and output that a stored call refers to."""

WRAPPERS: dict[str, type[Wrapper]] = {
    "TimeDistributed": TimeDistributed, "SpectralNormalization": SpectralNormalization,
}  # fmt: skip


class Tensor(NamedTuple):
    """One input of a stored call: where it comes from, and its shape if the file states it."""

    source: Source
    shape: Shape | None


def read_board(
    config: Config, strict: bool = True, input_shape: Sequence[int] | None = None
) -> Board:
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
        model = _Model(config, strict)
        inputs = model.make_inputs(tuple(input_shape) if input_shape else None)
        return Board(inputs, model.call(inputs), model.name)
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        said = f"{type(error).__name__}: {error}"
        raise ValueError(f"the model's configuration is damaged ({said})") from error


class _Model:
    """A model, or a model inside one, as its configuration lists it; it can be called several times."""

    def __init__(self, config: Config, strict: bool, path: str = "") -> None:
        inner = config["config"]
        self.is_chain = config["class_name"] == "Sequential"
        if not self.is_chain and not (isinstance(inner, dict) and "input_layers" in inner):
            raise UnsupportedLayerError(
                f"{config['class_name']} is a subclassed model: its file does not list its layers"
            )
        self.inner = inner if isinstance(inner, dict) else {"layers": inner}
        self.name, self.strict, self.path = str(self.inner.get("name", "model")), strict, path
        self.entries: list[Config] = self.inner["layers"]
        self.made: dict[str, Layer | _Model] = {}
        if not self.entries:
            raise ValueError(f"{self.name} has no layers")

    def make_inputs(self, wanted: Shape | None) -> list[Mark]:
        """Return fresh marks for the inputs, sizes left open taken from `wanted`."""
        if self.is_chain:
            first = self.entries[0]["config"]
            shape = first.get("batch_shape") or first.get("batch_input_shape")
            shape = shape or self.inner.get("build_input_shape")
            name = first.get("name") if self.entries[0]["class_name"] == "InputLayer" else None
            return [make_input(_fill(shape, wanted), name or "input_layer")]
        return [
            make_input(_fill(_input_shape(self._entries_by_name[label]["config"]), wanted), label)
            for (label, _, _), _ in find_tensors(self.inner["input_layers"])
        ]

    @functools.cached_property
    def _entries_by_name(self) -> dict[str, Config]:
        return {entry.get("name") or entry["config"]["name"]: entry for entry in self.entries}

    def call(self, inputs: Sequence[Mark]) -> list[Mark]:
        """Return the marks of the outputs for the marks of the inputs."""
        return self._call_chain(inputs) if self.is_chain else self._call_graph(inputs)

    def _call_chain(self, inputs: Sequence[Mark]) -> list[Mark]:
        entries = [entry for entry in self.entries if entry["class_name"] != "InputLayer"]
        marks = list(inputs)
        for entry, after in zip(entries, [*entries[1:], None], strict=True):
            label = entry["config"].get("name") or entry["class_name"]
            stated = _drop_batch((after or {}).get("build_config", {}).get("input_shape"))
            marks = self._apply(label, entry, marks, stated)
        return marks

    def _call_graph(self, inputs: Sequence[Mark]) -> list[Mark]:
        known: dict[Source, Mark] = {}
        starts = find_tensors(self.inner["input_layers"])
        if len(starts) != len(inputs):
            raise ValueError(f"{self.name} takes {len(starts)} inputs, not {len(inputs)}")
        for (source, _), mark in zip(starts, inputs, strict=True):
            known[source] = mark
        calls = list(self._list_calls())
        stated = {t.source: t.shape for call in calls for t in call.inputs if t.shape is not None}
        readers: dict[Source, list[int]] = {}
        missing = []
        for index, call in enumerate(calls):
            sources = {tensor.source for tensor in call.inputs} - known.keys()
            missing.append(len(sources))
            for source in sources:
                readers.setdefault(source, []).append(index)
        ready = [index for index, count in enumerate(missing) if not count]  # in the file's order
        while ready:
            call = calls[heapq.heappop(ready)]
            marks = [known[tensor.source] for tensor in call.inputs]
            output = (call.label, call.node, 0)
            for number, mark in enumerate(
                self._apply(call.label, call.entry, marks, stated.get(output))
            ):
                output = (call.label, call.node, number)
                known[output] = mark
                for reader in readers.get(output, ()):
                    missing[reader] -= 1
                    if not missing[reader]:
                        heapq.heappush(ready, reader)
        for index, call in enumerate(calls):
            if missing[index]:
                raise ValueError(
                    f"{self.name}: layer {call.label!r} reads something that is not there"
                )
        return [known[tensor.source] for tensor in find_tensors(self.inner["output_layers"])]

    def _list_calls(self) -> "list[_Call]":
        return [
            _Call(label, node, entry, find_tensors(call))
            for label, entry in self._entries_by_name.items()
            if entry["class_name"] != "InputLayer"
            for node, call in enumerate(entry["inbound_nodes"])
        ]

    def _apply(
        self, label: str, entry: Config, marks: Sequence[Mark], stated: Shape | None
    ) -> list[Mark]:
        """Call one entry, made when it is first called, on `marks`."""
        if label not in self.made:
            self.made[label] = self._make(label, entry, stated)
        layer = self.made[label]
        if isinstance(layer, _Model):
            return layer.call(marks)
        return [apply_layer(layer, marks, self.path + label)]

    def _make(self, label: str, entry: Config, stated: Shape | None) -> "Layer | _Model":
        try:
            if "layers" in entry["config"]:
                return _Model(entry, self.strict, f"{self.path}{label}/")
            return make_layer(entry, stated)
        except UnsupportedLayerError as error:
            if self.strict:
                raise UnsupportedLayerError(f"layer {label!r}: {error}") from error
            return UnknownLayer(entry["class_name"], label, str(error), stated)
        except (ValueError, TypeError) as error:
            raise ValueError(f"layer {label!r} ({entry['class_name']}): {error}") from error


class _Call(NamedTuple):
    """One stored call of a layer."""

    label: str
    node: int
    entry: Config
    inputs: list[Tensor]


def make_layer(entry: Config, stated: Shape | None = None) -> Layer:
    """Return the chalkboard's layer for one entry of a configuration.

    Args:
        entry: the entry, as Keras stores it.
        stated: the output's shape, if the file states it; operations need it.

    Raises:
        UnsupportedLayerError: there is no formula for it.
    """
    kind, module = entry["class_name"], entry.get("module") or "keras.layers"
    config = entry["config"]
    own = (entry.get("registered_name") or kind).removeprefix("convlab>")
    if own in CUSTOM_LAYERS and f"convlab>{own}" in (kind, entry.get("registered_name")):
        return CUSTOM_LAYERS[own].from_config(config)
    is_operation = module.startswith("keras.src.ops") or (
        "module" not in entry and kind not in LAYERS and kind in ELEMENTWISE | REDUCTIONS
    )  # legacy files name no module
    if is_operation:
        return make_operation(kind, config, stated, config.get("name"))
    if kind in WRAPPERS and module == "keras.layers":
        return WRAPPERS[kind](make_layer(config["layer"]), config.get("name"))
    known = LAYERS if module == "keras.layers" else {}
    if module.startswith("keras.src.applications"):
        known = APPLICATION_LAYERS
    if kind not in known:
        named = kind if module == "keras.layers" else f"{module}>{kind}"
        raise UnsupportedLayerError(f"no formula for {named}")
    return known[kind].from_config(config)


def find_tensors(value: Any) -> list[Tensor]:
    """Return every tensor that a stored call refers to, in order."""
    if isinstance(value, dict):
        if "keras_history" in value:
            label, node, index = value["keras_history"]
            return [Tensor((label, node, index), _drop_batch(value.get("shape")))]
        return [tensor for item in value.values() for tensor in find_tensors(item)]
    if isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int):
            return [Tensor((value[0], value[1], value[2]), None)]
        return [tensor for item in value for tensor in find_tensors(item)]
    return []


def _drop_batch(shape: Any) -> Shape | None:
    """Return a stored shape without its batch axis; None if it leaves a size open."""
    if not isinstance(shape, list) or not shape or not all(type(n) is int for n in shape[1:]):
        return None
    return tuple(shape[1:])


def _input_shape(config: Config) -> Any:
    return config.get("batch_shape") or config.get("batch_input_shape")


def _fill(stored: Any, wanted: Shape | None) -> Shape:
    """Return an input's shape without its batch axis, sizes left open taken from `wanted`."""
    if not isinstance(stored, list | tuple) or not stored:
        if wanted is None:
            raise UnsupportedLayerError("the model does not store the shape of its input")
        return wanted
    shape = tuple(stored[1:])
    if None not in shape or wanted is None:
        return shape
    agree = len(shape) == len(wanted) and all(
        n in (None, w) for n, w in zip(shape, wanted, strict=True)
    )
    if not agree:
        takes = "×".join("?" if n is None else str(n) for n in shape)
        raise ValueError(f"the model takes {takes}, not {'×'.join(map(str, wanted))}")
    return wanted
