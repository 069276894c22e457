"""TensorFlow's own operations inside a model of Keras 2, as the layers that compute the same.

Keras 2 made a layer of kind TFOpLambda of each operation that was called on a symbolic tensor; its
configuration holds the operation's name, its call the other arguments. Keras 3 has no such layer.
"""

from collections.abc import Callable
from typing import Any

from app.counting.stored.model_files import Config

OPERATIONS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod")
"""Kinds of layers that stand for an operation."""

NewLayer = tuple[str, Config]
"""The kind of a layer and its configuration, without the name."""


def _activation(name: str) -> Callable[[Config], NewLayer]:
    return lambda _: ("Activation", {"activation": name})


def _rescaling(scale: Any = 1.0, offset: Any = 0.0) -> NewLayer:
    return "Rescaling", {"scale": scale, "offset": offset}


def _inverse(value: Any) -> Any:
    return [1 / v for v in value] if isinstance(value, list) else 1 / value


def _negative(value: Any) -> Any:
    return [-v for v in value] if isinstance(value, list) else -value


def _mean(arguments: Config) -> NewLayer | None:
    if arguments.get("axis") != [1, 2]:
        return None
    return "GlobalAveragePooling2D", {"keepdims": bool(arguments.get("keepdims"))}


def _cast(arguments: Config) -> NewLayer | None:
    return _rescaling() if str(arguments.get("dtype")).startswith("float") else None


WITH_A_CONSTANT: dict[str, Callable[[Any], NewLayer]] = {
    "math.truediv": lambda y: _rescaling(scale=_inverse(y)),
    "math.divide": lambda y: _rescaling(scale=_inverse(y)),
    "math.multiply": lambda y: _rescaling(scale=y),
    "math.add": lambda y: _rescaling(offset=y),
    "__operators__.add": lambda y: _rescaling(offset=y),
    "math.subtract": lambda y: _rescaling(offset=_negative(y)),
}
WITH_A_TENSOR = {
    "math.multiply": "Multiply",
    "math.add": "Add",
    "__operators__.add": "Add",
    "math.subtract": "Subtract",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
}
ALONE: dict[str, Callable[[Config], NewLayer | None]] = {
    "nn.relu": _activation("relu"),
    "nn.relu6": lambda _: ("ReLU", {"max_value": 6.0}),
    "nn.leaky_relu": lambda a: ("LeakyReLU", {"negative_slope": a.get("alpha", 0.2)}),
    "nn.softmax": lambda a: ("Softmax", {"axis": -1 if a.get("axis") is None else a["axis"]}),
    "nn.log_softmax": _activation("log_softmax"),
    "math.sigmoid": _activation("sigmoid"),
    "nn.sigmoid": _activation("sigmoid"),
    "math.tanh": _activation("tanh"),
    "nn.silu": _activation("silu"),
    "nn.swish": _activation("silu"),
    "nn.elu": _activation("elu"),
    "identity": _activation("linear"),
    "math.reduce_mean": _mean,
    "cast": _cast,
    "compat.v1.squeeze": lambda a: ("Flatten", {}) if a.get("axis") == [1, 2] else None,
    "squeeze": lambda a: ("Flatten", {}) if a.get("axis") == [1, 2] else None,
    "reshape": lambda a: ("Reshape", {"target_shape": a["shape"][1:]}),
    "nn.bias_add": lambda a: _rescaling(offset=a["bias"]) if "bias" in a else None,
}


def replace_operation(entry: Config) -> Config:
    """Return the entry of a layer that computes what an operation's entry asks for.

    Raises:
        ValueError: there is no such layer.
    """
    name = str(entry["config"].get("function", entry["class_name"]))
    calls = entry.get("inbound_nodes", [])
    made = _layer_for(name, calls[0][3] if calls and len(calls[0]) > 3 else {})
    if made is None or len(calls) != 1:
        raise ValueError(f"it calls TensorFlow's operation {name!r} itself, which Keras 3 cannot load")
    kind, inner = made
    source, others = calls[0], calls[0][3] if len(calls[0]) > 3 else {}
    nodes = [[*source[:3], {}]] + ([[*others["y"], {}]] if _is_tensor(others.get("y")) else [])
    return {
        "class_name": kind,
        "config": {"name": entry["name"], **inner},
        "name": entry["name"],
        "inbound_nodes": [nodes],
    }


def _layer_for(name: str, arguments: Config) -> NewLayer | None:
    other = arguments.get("y")
    if _is_tensor(other):
        return (WITH_A_TENSOR[name], {}) if name in WITH_A_TENSOR else None
    if name in WITH_A_CONSTANT and other is not None:
        return WITH_A_CONSTANT[name](other)
    if name == "math.maximum" and other == 0:
        return "Activation", {"activation": "relu"}
    return ALONE[name](arguments) if name in ALONE else None


def _is_tensor(value: Any) -> bool:
    """Return whether an argument is another layer's output, `[layer, call, tensor]`."""
    return isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str)
