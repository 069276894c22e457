"""A stored Keras configuration, read onto the chalkboard: what a model file says it contains."""

from typing import Any

from app.counting.chalkboard import Board, Sequential
from app.counting.layers import LAYERS, Layer, UnsupportedLayerError
from app.counting.marks import Mark, make_input

Config = dict[str, Any]

OPERATIONS = {"Relu": "ReLU", "Relu6": "ReLU", "ReLU": "ReLU", "Softmax": "Softmax"}
"""`keras.ops` functions called on a symbolic tensor, and the layer that counts the same."""


def read_board(config: Config) -> Board:
    """Return the network that a model's configuration describes.

    Raises:
        UnsupportedLayerError: a layer, or the model itself, is of a kind that the chalkboard
            does not know; the message names it.
        ValueError: the shapes do not fit together, or the input size is left open.
    """
    inner = config["config"]
    name = inner.get("name", "model") if isinstance(inner, dict) else "model"
    if config["class_name"] == "Sequential":
        entries = inner["layers"] if isinstance(inner, dict) else inner
        return _read_chain(entries, name, config)
    if isinstance(inner, dict) and "input_layers" in inner:
        return _read_graph(inner, name)
    raise UnsupportedLayerError(
        f"{config['class_name']} is a subclassed model: its file does not list its layers"
    )


def make_layer(entry: Config) -> Layer | Board:
    """Return the chalkboard's layer for one entry of a configuration."""
    kind, module = entry["class_name"], entry.get("module") or "keras.layers"
    if "layers" in entry["config"]:
        return read_board(entry)
    if module.startswith("keras.src."):
        kind = OPERATIONS.get(kind, kind + " operation")
    elif module != "keras.layers":
        kind = f"{module}>{kind}"
    if kind not in LAYERS:
        raise UnsupportedLayerError(f"layer {entry['config'].get('name')!r}: no formula for {kind}")
    return LAYERS[kind].from_config(entry["config"])


def _read_input(config: Config) -> Mark:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    if not shape:
        raise UnsupportedLayerError("the model does not store the shape of its input")
    return make_input(shape[1:], config.get("name", "input_layer"))


def _read_chain(entries: list[Config], name: str, config: Config) -> Board:
    if not entries:
        raise ValueError(f"{name} has no layers")
    first = entries[0]
    if first["class_name"] == "InputLayer":
        entries = entries[1:]
        start = _read_input(first["config"])
    elif "batch_input_shape" in first["config"]:
        start = _read_input({"batch_shape": first["config"]["batch_input_shape"]})
    else:
        inner = config["config"]
        shape = inner.get("build_input_shape") if isinstance(inner, dict) else None
        start = _read_input({"batch_shape": shape})
    return Sequential([start, *(make_layer(entry) for entry in entries)], name)


def _read_graph(inner: Config, name: str) -> Board:
    known: dict[tuple[str, int, int], Mark] = {}
    calls: list[tuple[str, int, Layer | Board, list[tuple[str, int, int]]]] = []
    for entry in inner["layers"]:
        label = entry.get("name") or entry["config"]["name"]
        if entry["class_name"] == "InputLayer":
            known[label, 0, 0] = _read_input(entry["config"])
            continue
        layer = make_layer(entry)
        for node, call in enumerate(entry["inbound_nodes"]):
            calls.append((label, node, layer, list(_find_histories(call))))
    while calls:
        ready = [call for call in calls if all(source in known for source in call[3])]
        if not ready:
            raise ValueError(f"{name}: layer {calls[0][0]!r} reads something that is not there")
        for label, node, layer, sources in ready:
            outputs = layer([known[source] for source in sources])
            for index, mark in enumerate([outputs] if isinstance(outputs, Mark) else outputs):
                known[label, node, index] = mark
        calls = [call for call in calls if call not in ready]
    inputs = [known[source] for source in _find_histories(inner["input_layers"])]
    return Board(inputs, [known[s] for s in _find_histories(inner["output_layers"])], name)


def _find_histories(value: Any) -> list[tuple[str, int, int]]:
    """Return every (layer, call, output) that a stored call refers to, in order."""
    if isinstance(value, dict):
        if "keras_history" in value:
            label, node, index = value["keras_history"]
            return [(label, node, index)]
        return [history for item in value.values() for history in _find_histories(item)]
    if isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int):
            return [(value[0], value[1], value[2])]
        return [history for item in value for history in _find_histories(item)]
    return []
