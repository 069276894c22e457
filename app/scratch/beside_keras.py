"""The same weights through NumPy and through Keras: every tensor, forward and backward, side by side."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.scratch.build import build_network
from app.scratch.fit import check_size
from app.scratch.network import Model
from models import Network

Array = np.ndarray
IMAGES = 2
"""How many random images both are given."""
MOST_COMPARED = 12_000_000
"""Parameters up to which a network is compared."""
LIMITS: Mapping[str, float | None] = {"float64": 1e-9, "float32": None}
"""How far they may be apart, by the type of the numbers; float32 has too few digits to set a limit for every tensor."""


@dataclass(frozen=True)
class TensorGap:
    """One tensor as NumPy and Keras have it. Gaps are relative to the tensor's largest value, in Keras."""

    name: str
    """A node, `conv1`, or a weight, `conv1/kernel`."""
    shape: tuple[int, ...]
    largest: float
    """Its largest absolute value."""
    forward: float | None
    """The largest difference of its values; None for a weight, which both were given."""
    backward: float | None
    """The largest difference of the gradient by it, over that gradient's largest; None where there is no gradient."""

    @property
    def worst(self) -> float:
        """The larger of the two."""
        return max((gap for gap in (self.forward, self.backward) if gap is not None), default=0.0)


def compare(network: Network, dtype: str = "float64", seed: int = 0) -> list[TensorGap]:
    """Return how far NumPy and Keras are apart, tensor by tensor, in the order of the network.

    Both are given the same random weights, two random images, and random gradients by the outputs and by the logits.
    By the outputs alone would not do: with random weights a softmax may be so sure of itself (1 − p = 10⁻⁸) that its
    gradient p·(g − Σ p·g) is a difference of nearly equal numbers, and has lost half of its digits in both.

    Raises:
        ValueError: the network is too large, or has a layer that NumPy lacks.
    """
    check_size(network, {}, MOST_COMPARED, "comparing")
    model = build_network(network, seed=seed, dtype=dtype)
    rng = np.random.default_rng(seed)
    disturb(model, rng)
    low, high = network.pixels.range
    images = rng.uniform(low, high, (IMAGES, *model.shapes[model.inputs[0]])).astype(dtype)
    slots = list(dict.fromkeys((*model.outputs, *model.heads.values())))
    seeds = {slot: rng.normal(0, 1, (IMAGES, *model.shapes[slot])).astype(dtype) for slot in slots}
    ours = run_numpy(model, images, seeds)
    theirs = run_keras(network, model, images, seeds, dtype)
    weights = model.weights()
    return [_gap(name, ours[name], theirs[name], name in weights) for name in ours]


Tensors = dict[str, tuple[Array, Array | None]]
"""(values, gradient by them) by the name of a node or a weight; None where nothing depends on them."""


def disturb(model: Model, rng: np.random.Generator) -> None:
    """Move every vector of weights away from 0 or 1, where it begins: a mistake with a bias of 0 would not show."""
    for layer in model.layers:
        for name, weight in layer.weights.items():
            if weight.ndim == 1 and (name not in layer.fixed or name.startswith("moving")):
                factor = rng.uniform(0.5, 1.5, weight.shape)
                shift = 0.0 if "variance" in name else rng.normal(0, 0.1, weight.shape)
                layer.weights[name] = (weight * factor + shift).astype(weight.dtype)


def run_numpy(model: Model, images: Array, seeds: Mapping[int, Array]) -> Tensors:
    """Return every tensor of a network as NumPy works it out; `seeds` are the gradients that enter, by slot."""
    model.clear_gradients()
    run = model.forward(images)
    gradients = run.backward(dict(seeds))
    found: Tensors = {"image": (run.values[model.inputs[0]], gradients.get(model.inputs[0]))}
    weights, by_weights = model.weights(), model.gradients()
    for node in model.nodes:
        found[node.name] = (run.values[node.output], gradients.get(node.output))
        base = node.name.removesuffix(":linear")
        for name in node.layer.weights:
            if name not in node.layer.fixed and f"{base}/{name}" in weights:
                found[f"{base}/{name}"] = (weights[f"{base}/{name}"], by_weights.get(f"{base}/{name}"))
    return found


def run_keras(
    network: Network, model: Model, images: Array, seeds: Mapping[int, Array], dtype: str
) -> Tensors:
    """Return the same tensors, by the same names, as Keras works them out with NumPy's weights.

    The wiring is that of Keras' own graph; a fused activation is called after its layer, so that both are seen.
    """
    import app.engine  # noqa: F401, I001 - it quietens TensorFlow, and so comes first
    import keras
    import tensorflow as tf
    from app.engine.build import build_model

    with _computing_in(dtype):
        theirs = build_model(network)
    walk = _Walk({node.name: node.layer for node in model.nodes})
    image = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(image)
        outputs = walk.run(theirs, [image], "")
    tensors = {"image": image, **walk.tensors, **walk.variables}
    watched = {name: getattr(tensor, "value", tensor) for name, tensor in tensors.items()}
    names = {node.output: node.name for node in model.nodes}
    ends = dict(zip(model.outputs, outputs, strict=True))  # the outputs are Keras' own
    starts = [ends[slot] if slot in ends else walk.tensors[names[slot]] for slot in seeds]
    entering = [tf.convert_to_tensor(seed) for seed in seeds.values()]
    gradients = tape.gradient(starts, watched, output_gradients=entering)
    return {
        name: (
            keras.ops.convert_to_numpy(tensor),
            None if gradients[name] is None else keras.ops.convert_to_numpy(gradients[name]),
        )
        for name, tensor in watched.items()
    }


class _Walk:
    """Calls the layers of a Keras model one by one, on tensors, with the weights of NumPy's layers.

    Args:
        layers: NumPy's layers by the names of their nodes.
    """

    def __init__(self, layers: Mapping[str, Any]) -> None:
        self.layers = layers
        self.tensors: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self._calls: dict[str, int] = {}

    def run(self, model: Any, inputs: list[Any], prefix: str) -> list[Any]:
        """Return the outputs of a model; nested ones are walked through too."""
        import keras

        graph = getattr(model, "_functional", None) or model
        values = {id(symbol): value for symbol, value in zip(graph.inputs, inputs, strict=True)}
        for depth in sorted(graph._nodes_by_depth, reverse=True):
            for node in graph._nodes_by_depth[depth]:
                if node.is_input:
                    continue
                arguments, keywords = keras.tree.map_structure(
                    lambda x: values[id(x)] if isinstance(x, keras.KerasTensor) else x,
                    (node.arguments.args, node.arguments.kwargs),
                )
                name = f"{prefix}{node.operation.name}"
                if isinstance(node.operation, keras.Model):
                    outputs = self.run(node.operation, keras.tree.flatten(arguments), f"{name}/")
                else:
                    outputs = [self._call(node.operation, arguments, keywords, self._name(name))]
                values.update({id(x): value for x, value in zip(node.outputs, outputs, strict=True)})
        return [values[id(symbol)] for symbol in graph.outputs]

    def _call(self, layer: Any, arguments: Any, keywords: Any, name: str) -> Any:
        """Return what a layer puts out; keep it, and what its fused activation is given."""
        import keras

        linear = f"{name}:linear" if f"{name}:linear" in self.layers else name
        if name.partition(":")[0] == name and self.layers[linear].weights:
            layer.set_weights(list(self.layers[linear].weights.values()))
            self.variables |= {
                f"{name}/{key}": variable
                for key, variable in zip(self.layers[linear].weights, layer.weights, strict=True)
                if key not in self.layers[linear].fixed
            }
        if layer._call_has_training_arg:
            keywords = {**keywords, "training": False}
        if linear == name:
            self.tensors[name] = layer(*arguments, **keywords)
            return self.tensors[name]
        activation, layer.activation = layer.activation, keras.activations.linear
        self.tensors[linear] = layer(*arguments, **keywords)
        layer.activation = activation
        self.tensors[name] = activation(self.tensors[linear])
        return self.tensors[name]

    def _name(self, name: str) -> str:
        self._calls[name] = self._calls.get(name, 0) + 1
        return name if self._calls[name] == 1 else f"{name}:{self._calls[name]}"


@contextmanager
def _computing_in(dtype: str) -> Iterator[None]:
    """Inside, Keras makes layers that compute in this type."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _gap(
    name: str, ours: tuple[Array, Array | None], theirs: tuple[Array, Array | None], is_weight: bool
) -> TensorGap:
    values, expected = ours[0], theirs[0]
    if values.shape != expected.shape:
        raise ValueError(f"{name} has the shape {values.shape} in NumPy and {expected.shape} in Keras")
    shape = expected.shape if is_weight else expected.shape[1:]
    forward = None if is_weight else _relative(values, expected)
    backward = None
    if ours[1] is not None or theirs[1] is not None:
        zeros = np.zeros_like(expected)
        backward = _relative(zeros if ours[1] is None else ours[1], zeros if theirs[1] is None else theirs[1])
    return TensorGap(name, shape, float(np.abs(expected).max(initial=0)), forward, backward)


def _relative(ours: Array, theirs: Array) -> float:
    """Return the largest difference over the largest value; NaN anywhere makes it infinite."""
    gap = float(np.abs(np.asarray(ours, float) - theirs).max(initial=0))
    largest = float(np.abs(theirs).max(initial=0))
    if not np.isfinite(gap):
        return float("inf")
    return gap / largest if largest else gap
