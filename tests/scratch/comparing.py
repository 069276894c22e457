"""What a layer or a network in NumPy is held against: Keras in the same precision, and finite differences.

A comparison is a list of `Pair`: what is compared, ours, the other one's. The same `differences` judges all of them.
"""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import contextlib
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

EXACT = 1e-9
"""Of a tensor's largest value: what rounding in double precision may leave after a whole network."""
REFUSALS = (ValueError, TypeError, ZeroDivisionError, RuntimeError, tf.errors.OpError)
"""What Keras and TensorFlow raise where they have no code for a setting."""


@contextlib.contextmanager
def precision(dtype):
    """Let Keras make layers and weights in a precision, for a while."""
    before, floats = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_dtype_policy(dtype)
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
        keras.config.set_floatx(floats)


@dataclass
class Pair:
    """One tensor from two witnesses."""

    what: str
    ours: np.ndarray
    theirs: np.ndarray

    @property
    def difference(self):
        """The largest difference as a share of their largest value; infinite if shapes differ, or only one is 0."""
        if self.ours.shape != self.theirs.shape or not np.isfinite(self.ours).all():
            return np.inf
        off, largest = np.abs(self.ours - self.theirs).max(initial=0), np.abs(self.theirs).max(initial=0)
        return 0.0 if off == 0 else np.inf if largest == 0 else off / largest


def differences(pairs, tolerance=EXACT):
    """Return a line for each pair that is further apart than the tolerance."""
    return [
        f"{pair.what}: {pair.difference:.1e} ({pair.ours.shape}, {pair.theirs.shape})"
        for pair in pairs
        if not pair.difference <= tolerance
    ]


# One layer


def pairs_of(what, ours, theirs):
    """Return pairs of two results of `pull`."""
    (output, inputs, weights), (output_2, inputs_2, weights_2) = ours, theirs
    assert set(weights) <= set(weights_2), f"{what}: gradients by {[*weights]}, weights {[*weights_2]}"
    pairs = [Pair(f"{what}, output", output, output_2)]
    numbered = enumerate(zip(inputs, inputs_2, strict=True))
    pairs += [Pair(f"{what}, gradient by input {n}", *both) for n, both in numbered]
    return pairs + [Pair(f"{what}, gradient by {name}", weights[name], weights_2[name]) for name in weights]


def seeds_for(output, seed=11):
    """Return the coefficients of a random linear function of an output, the same numbers in either precision."""
    return np.random.default_rng(seed).normal(size=output.shape).astype("float32").astype(output.dtype)


def trained(layer):
    """Return the names of the weights that a layer of ours learns, in their order."""
    return [name for name in layer.weights if name not in layer.fixed]


def pull(layer, inputs, training=False):
    """Return output, gradients by the inputs, and by the weights, of a random linear function of the output.

    The layer is ours; a fused activation is part of it.
    """
    layer.clear_gradients()
    output, backward = layer.forward(*inputs, training=training)
    backwards = [backward]
    if layer.activation is not None:
        output, backward = layer.activation.forward(output)
        backwards.insert(0, backward)
    gradients = (seeds_for(output),)
    for backward in backwards:
        gradients = backward(gradients[0])
    assert set(trained(layer)) <= set(layer.gradients) <= set(layer.weights), (layer.kind, [*layer.gradients])
    return output, gradients, dict(layer.gradients)


def pull_keras(layer, inputs, training=False):
    """The same by Keras; `layer` is a layer of Keras, or a list of them, one behind the other."""
    layers = layer if isinstance(layer, list) else [layer]
    x = [tf.constant(array) for array in inputs]
    variables = [weight for each in layers for weight in each.weights]
    watched = [variable.value for variable in variables]
    with tf.GradientTape() as tape:
        tape.watch([x, *watched])  # Keras lets fixed weights go unwatched
        y = x if len(x) > 1 else x[0]
        for each in layers:
            y = each(y, training=training)
        total = tf.reduce_sum(y * seeds_for(y.numpy()))
    inputs, weights = tape.gradient(total, (x, watched), unconnected_gradients="zero")
    named = zip(
        [variable.name for variable in variables], [as_array(gradient) for gradient in weights], strict=True
    )
    return y.numpy(), [as_array(gradient) for gradient in inputs], dict(named)


def as_array(gradient):
    """Return a tensor, or the rows of one, as an array."""
    return tf.convert_to_tensor(gradient).numpy()


def moved(inputs, n, place, step):
    """Return inputs one of which is a step further in one place."""
    copies = [np.array(array) for array in inputs]
    copies[n][place] += step
    return copies


def pull_by_differences(layer, inputs, training=False, step=1e-6):
    """The same as `pull`, the gradients by central differences: (f(x + h) − f(x − h)) / 2h, value by value."""
    output, *_ = pull(layer, inputs, training)
    seeds = seeds_for(output)

    def function(arrays):
        result, _ = layer.forward(*arrays, training=training)
        if layer.activation is not None:
            result, _ = layer.activation.forward(result)
        return float((result * seeds).sum())

    def slope(shape, at):
        gradient = np.zeros(shape)
        for place in np.ndindex(*shape):
            gradient[place] = (at(place, step) - at(place, -step)) / (2 * step)
        return gradient

    by_inputs = [
        slope(array.shape, lambda place, h, n=n: function(moved(inputs, n, place, h)))
        for n, array in enumerate(inputs)
    ]
    by_weights = {}
    for name in layer.gradients:
        weight = layer.weights[name]

        def at(place, h, name=name, weight=weight):
            layer.weights[name] = moved([weight], 0, place, h)[0]
            return function(inputs)

        by_weights[name] = slope(weight.shape, at)
        layer.weights[name] = weight
    return output, by_inputs, by_weights


# Random weights


def random_weight(name, shape, draw):
    """Return weights of every sign that float32 holds exactly; variances and gains are positive."""
    if "variance" in name or "gamma" in name:
        values = draw.uniform(0.5, 1.5, shape)
    elif name in ("excitation", "inhibition"):  # they are never negative
        values = draw.uniform(0, 1, shape) * (2 / max(1, np.prod(shape[:-1])))
    elif "kernel" in name:
        values = draw.uniform(-1, 1, shape) * np.sqrt(6 / np.prod(shape[:-1]))
    else:
        values = draw.uniform(-0.5, 0.5, shape)
    return values.astype("float32")


def randomise(layer, seed=1):
    """Give a layer or model of Keras random weights, but for fixed codes and counts, and return it."""
    draw = np.random.default_rng(seed)
    for variable in layer.weights:
        if variable.name not in ("codes", "count", "mean", "variance"):
            variable.assign(random_weight(variable.name, tuple(variable.shape), draw))
    return layer


def take_weights(ours, theirs):
    """Give a layer of ours the weights of one of Keras, in its order."""
    arrays = [variable.numpy() for variable in theirs.weights]
    assert [(*array.shape,) for array in ours.weights.values()] == [array.shape for array in arrays]
    assert list(ours.weights) == [variable.name for variable in theirs.weights]
    for name, array in zip(ours.weights, arrays, strict=True):
        ours.weights[name] = array


# Whole networks


@dataclass
class Record:
    """What a model of Keras computed: a name and a tensor for each node, and the layer of each node's weights."""

    names: list = field(default_factory=list)
    values: list = field(default_factory=list)
    layers: dict = field(default_factory=dict)

    def note(self, name, value, layer=None):
        """Note a node's value as a tensor of its own, so that a gradient by it is its own too."""
        self.names.append(name)
        self.values.append(tf.identity(value))
        if layer is not None:
            self.layers[name] = layer
        return self.values[-1]

    def fresh(self, name):
        """Return a name for another call: `conv1:2` for the second of `conv1`."""
        calls = [
            n for n in self.names if n == name or (n.startswith(f"{name}:") and n[len(name) + 1 :].isdigit())
        ]
        return f"{name}:{len(calls) + 1}" if calls else name


def run_keras(model, inputs, record, training=False, prefix=""):
    """Run a model of Keras call by call, nested models too, fused activations apart; return the outputs."""
    function = model._functional if isinstance(model, keras.Sequential) else model
    known = {id(symbol): x for symbol, x in zip(function.inputs, inputs, strict=True)}
    for depth in sorted(function._nodes_by_depth, reverse=True):
        for node in function._nodes_by_depth[depth]:
            if node.is_input:
                continue
            layer, arguments = node.operation, [known[id(symbol)] for symbol in node.input_tensors]
            if isinstance(layer, keras.Model):
                outputs = run_keras(layer, arguments, record, training, f"{prefix}{layer.name}/")
            else:
                outputs = [run_layer(layer, arguments, record, training, record.fresh(prefix + layer.name))]
            known.update(zip([id(symbol) for symbol in node.outputs], outputs, strict=True))
    return [known[id(symbol)] for symbol in function.outputs]


def run_layer(layer, arguments, record, training, name):
    """Run a layer, its fused activation apart."""
    x = arguments if len(arguments) > 1 or isinstance(layer, keras.layers.Concatenate) else arguments[0]
    fused = getattr(layer, "activation", None) if not isinstance(layer, keras.layers.Activation) else None
    if fused in (None, keras.activations.linear):
        return record.note(name, layer(x, training=training), layer)
    layer.activation = keras.activations.linear
    try:
        value = record.note(f"{name}:linear", layer(x, training=training), layer)
    finally:
        layer.activation = fused
    return record.note(name, fused(value))


@dataclass
class Traced:
    """Values and gradients of a network: by name of the node, and by node and weight."""

    values: dict
    by_values: dict
    by_weights: dict
    by_images: list
    outputs: list
    chosen: list
    """The nodes of whose values the random linear function is."""
    layers: dict

    def tensors(self):
        """Return all of them, named."""
        named = {f"{name}, value": value for name, value in self.values.items()}
        named |= {f"{name}, gradient by the value": value for name, value in self.by_values.items()}
        named |= {f"{name}, gradient by the weight": value for name, value in self.by_weights.items()}
        named |= {f"image {n}, gradient": value for n, value in enumerate(self.by_images)}
        return named | {f"output {n}": value for n, value in enumerate(self.outputs)}


def trace_keras(model, images, training=False):
    """Return values and gradients of a random linear function of what a Keras model's outputs and last nodes hold.

    The last but one is there for a softmax at the end: the logits' gradient is not all lost where it saturates.
    """
    x = [tf.constant(image) for image in images]
    record = Record()
    with tf.GradientTape() as tape:
        tape.watch([x, *[variable.value for variable in model.weights]])
        outputs = run_keras(model, x, record, training)
        named = dict(zip(record.names, record.values, strict=True))
        last = [name for output in outputs for name, value in named.items() if value is output]
        chosen = list(dict.fromkeys([*last, *record.names[-2:]]))
        total = sum(tf.reduce_sum(named[name] * seeds_for(named[name].numpy())) for name in chosen)
    kept = {}  # a shared layer's weights are named by its first call
    for name, layer in record.layers.items():
        if not any(layer is record.layers[earlier.rpartition("/")[0]] for earlier in kept):
            kept |= {f"{name}/{variable.name}": variable for variable in layer.weights}
    sources = (x, record.values, [variable.value for variable in kept.values()])
    by_images, by_values, by_weights = tape.gradient(total, sources, unconnected_gradients="zero")
    return Traced(
        {name: value.numpy() for name, value in named.items()},
        dict(zip(record.names, map(as_array, by_values), strict=True)),
        dict(zip(kept, map(as_array, by_weights), strict=True)),
        [as_array(gradient) for gradient in by_images],
        [output.numpy() for output in outputs],
        chosen,
        record.layers,
    )


def trace(network, images, chosen, training=False):
    """Return the same of a network of ours, the function of the same nodes."""
    named = {node.name: node for node in network.nodes}
    assert len(named) == len(network.nodes), "two nodes have one name"
    for layer in network.layers:
        layer.clear_gradients()
    run = network.forward(*images, training=training)
    given = {named[name].output: seeds_for(run.values[named[name].output]) for name in chosen}
    gradients = run.backward(given)
    weights, seen = {}, set()
    for node in network.nodes:
        if id(node.layer) not in seen:
            seen.add(id(node.layer))
            weights |= {f"{node.name}/{name}": g for name, g in node.layer.gradients.items()}
    return Traced(
        {name: run.values[node.output] for name, node in named.items()},
        {name: gradients[node.output] for name, node in named.items()},
        weights,
        [gradients[slot] for slot in network.inputs],
        [run.values[slot] for slot in network.outputs],
        chosen,
        {name: node.layer for name, node in named.items()},
    )


def take_network_weights(network, theirs):
    """Give a network of ours the weights that Keras' layers hold, node by node."""
    ours = {node.name: node.layer for node in network.nodes}
    for name, layer in theirs.items():
        take_weights(ours[name], layer)


def pairs_of_networks(ours, theirs):
    """Return pairs of two traces, all tensors of both; but of the weights that training leaves alone only as we say."""
    one, other = ours.tensors(), theirs.tensors()
    fixed = {
        f"{node}/{variable.name}, gradient by the weight"
        for node, layer in theirs.layers.items()
        for variable in layer.non_trainable_weights
    }
    apart = (set(one) ^ set(other)) - (fixed - set(one))
    assert not apart, sorted(apart)[:8]
    return [Pair(name, one[name], other[name]) for name in one]
