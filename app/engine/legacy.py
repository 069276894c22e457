"""What Keras 2 wrote into `.h5` files, said in Keras 3's words.

Keras 3 reads most of such a configuration. But it refuses keywords that it no longer has (`groups` of a
depthwise convolution, in every export of Teachable Machine), loses track of nested models, whose calls
were counted from 1, and does not know the layers that Keras 2 made of TensorFlow's own operations. Here a
configuration is rewritten before Keras sees it; nothing in it is executed.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from app.counting.stored.dropped import is_dropped
from app.counting.stored.model_files import Config
from app.engine.legacy_operations import OPERATIONS, replace_operation

MODELS = ("Functional", "Model", "Sequential")
RENAMED = {"Model": "Functional", "SyncBatchNormalization": "BatchNormalization", "ThresholdedReLU": "ReLU"}


def is_keras_2(path: Path) -> bool:
    """Return whether an HDF5 file was written before Keras 3."""
    with h5py.File(path, "r") as file:
        version = file.attrs.get("keras_version", "2")
    return int(str(version.decode() if isinstance(version, bytes) else version).split(".")[0]) < 3


def modernise(config: Config) -> Config:
    """Return the configuration of a model of Keras 2 as Keras 3 reads it; the argument stays as it is.

    Raises:
        ValueError: it holds what Keras 3 has no word for; the message names it.
    """
    config = _plain(copy.deepcopy(config))
    _rewrite(config)
    return config


def _plain(value: Any) -> Any:
    """Return a configuration with numbers that were stored as arrays, and precisions, said plainly."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "ndarray" and "value" in value:
        return value["value"]
    if value.get("class_name") in ("Policy", "PolicyV1"):
        return {
            "module": "keras",
            "class_name": "DTypePolicy",
            "registered_name": None,
            "config": {"name": value["config"]["name"]},
        }
    return {key: _plain(item) for key, item in value.items()}


def _rewrite(entry: Config) -> None:
    """Rewrite the configuration of one layer or model, and of all within it, in place."""
    for key in ("module", "registered_name", "build_config"):
        entry.pop(key, None)
    kind = entry["class_name"] = str(entry["class_name"]).split(">")[-1]
    if isinstance(entry["config"], list):  # a Sequential of Keras before 2.2.3
        entry["config"] = {"name": entry.get("name", "sequential"), "layers": entry["config"]}
    inner = entry["config"]
    if kind in MODELS:
        _rewrite_model(inner)
    else:
        _rewrite_layer(kind, inner)
        for key in ("layer", "backward_layer"):
            if isinstance(inner.get(key), dict):
                _rewrite(inner[key])
                inner[key]["module"] = _home(inner[key]["class_name"])
    entry["class_name"] = RENAMED.get(kind, kind)


def _home(kind: str) -> str:
    """Return the module that Keras 3 asks for where a layer stands inside another."""
    return {"Functional": "keras.src.models.functional", "Sequential": "keras.models"}.get(
        kind, "keras.layers"
    )


def _rewrite_layer(kind: str, inner: Config) -> None:
    if kind != "InputLayer":
        inner.pop("batch_input_shape", None)
    if kind == "ThresholdedReLU":
        inner["threshold"] = inner.pop("theta")
    for key in [key for key, value in inner.items() if is_dropped(kind, key, value)]:
        del inner[key]
    axis = inner.get("axis")
    if isinstance(axis, list) and len(axis) > 1:
        raise ValueError(
            f"the layer {inner.get('name')!r} ({kind}) works over the axes {axis} together; this layer of Keras 3 "
            "takes one axis"
        )
    for key in ("activation", "recurrent_activation"):
        if inner.get(key) == "hard_sigmoid":
            raise ValueError(
                f"its layer {inner.get('name')!r} uses hard_sigmoid, which is another function in Keras 3"
            )


def _rewrite_model(inner: Config) -> None:
    """Rewrite the layers of a model, their names, and the calls that name them."""
    layers = inner["layers"]
    if "input_layers" not in inner:
        _begin_with_input(layers)
    shapes = {layer["config"].get("name"): layer["config"].get("query_shape") for layer in layers}
    for number, layer in enumerate(layers):
        if layer["class_name"] in OPERATIONS:
            layers[number] = layer = replace_operation(layer)
        _rewrite(layer)
        for named in (layer, layer["config"]):
            if isinstance(named.get("name"), str):
                named["name"] = _name(named["name"])
    for reference in [*_calls(inner), *_ends(inner)]:
        reference[0] = _name(reference[0])
    _count_from_zero(inner)
    for key in ("input_layers", "output_layers"):
        tensors = inner.get(key)
        if isinstance(tensors, list) and len(tensors) == 1 and isinstance(tensors[0], list):
            inner[key] = tensors[0]  # one tensor, not a list of one
    for layer in layers:
        if layer["class_name"] == "MultiHeadAttention":
            shape = shapes.get(layer["config"]["name"])
            layer["inbound_nodes"] = [_named_tensors(node, shape) for node in layer["inbound_nodes"]]


def _named_tensors(node: Any, shape: Any) -> Any:
    """Return a call of attention in Keras 3's form: Keras 3 does not find the tensors among named arguments."""
    if not isinstance(node, list) or len(node) != 1 or not isinstance(node[0], list):
        return node
    label, call, index, *named = node[0]

    def tensor(reference: Any) -> Any:
        if not (isinstance(reference, list) and len(reference) == 3 and isinstance(reference[0], str)):
            return reference
        settings = {"shape": shape, "dtype": "float32", "keras_history": reference}
        return {"class_name": "__keras_tensor__", "config": settings}

    keywords = {key: tensor(value) for more in named for key, value in more.items()}
    return {"args": [tensor([label, call, index])], "kwargs": keywords}


def _begin_with_input(layers: list[Config]) -> None:
    """Give a Sequential whose first layer knows the shape an input: Keras 3 would count its batch axis."""
    first: Config = layers[0] if layers else {"class_name": "InputLayer"}
    if first["class_name"] != "InputLayer" and "batch_input_shape" in first["config"]:
        shape, name = first["config"]["batch_input_shape"], f"{first['config']['name']}_input"
        settings = {"batch_input_shape": shape, "name": name}
        layers.insert(0, {"class_name": "InputLayer", "config": settings})


def _count_from_zero(inner: Config) -> None:
    """Count the calls of nested models from 0: in Keras 2 call 0 was how they were made."""
    from_one = {
        layer["name"]: layer["class_name"] == "Functional"
        for layer in inner["layers"]
        if _counts_from_one(layer, inner)
    }
    for call in _calls(inner):
        call[1] -= int(call[0] in from_one)
    for end in _ends(inner):
        end[1] -= int(end[0] in from_one and not from_one[end[0]])  # Keras 3 does so for the others


def _counts_from_one(layer: Config, inner: Config) -> bool:
    """Return whether the calls of a nested model are counted from 1."""
    if layer["class_name"] not in MODELS or not layer.get("inbound_nodes"):
        return False
    name = layer["name"]
    used = [call[1] for call in [*_calls(inner), *_ends(inner)] if call[0] == name]
    return max(used, default=0) >= len(layer["inbound_nodes"])


def _calls(inner: Config) -> Iterator[list[Any]]:
    """Yield the references to other layers' outputs, `[name, call, tensor, …]`, in a graph."""
    for layer in inner["layers"]:
        for node in layer.get("inbound_nodes", []):
            yield from (call for call in node if isinstance(call, list))


def _ends(inner: Config) -> Iterator[list[Any]]:
    """Yield the references that name a graph's inputs and outputs."""
    waiting = [inner.get("input_layers", []), inner.get("output_layers", [])]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif value and isinstance(value[0], str):
            yield value
        else:
            waiting.extend(value)


def _name(name: str) -> str:
    """Return a name as Keras 3 allows it: without the slashes that stood for a scope."""
    return name.replace("/", "_")
