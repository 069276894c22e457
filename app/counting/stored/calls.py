"""The calls that a stored functional model lists: which layer reads which tensors."""

from typing import Any, NamedTuple

from app.counting.rows import Shape

Config = dict[str, Any]
Source = tuple[str, int, int]
"""Layer, call and output that a stored call refers to."""


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
    counted = {label: len(entry.get("inbound_nodes", ())) for label, entry in entries.items()}
    named = {tensor.source[:2] for call in calls for tensor in call.inputs}
    late = {
        label
        for label, entry in entries.items()
        if is_graph(entry) and (label, counted[label]) in named and (label, 0) not in named
    }
    return [call._replace(inputs=[_earlier(t, late) for t in call.inputs]) for call in calls]


def find_outputs(stored: Any, entries: dict[str, Config]) -> list[Tensor]:
    """Return a model's outputs; Keras counts the calls of nested functional models from 1 here."""
    late = {label for label, entry in entries.items() if is_graph(entry)}
    return [_earlier(tensor, late) for tensor in find_tensors(stored)]


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
