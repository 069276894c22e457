"""Following a call: what a layer or model written in Python does, seen by calling it once symbolically."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

TAKEN_AS_THEY_ARE = ("keras.", "models.layers.", "app.engine.")
"""Modules whose layers are taken as they are."""


PASSING_ON = (keras.layers.Lambda, keras.layers.SpectralNormalization)
"""Layers of Keras that only pass on to what they hold."""


def is_of_its_own_kind(operation: keras.Operation) -> bool:
    """Return whether what a layer computes is written outside Keras."""
    call = type(operation).call
    module = str(getattr(call, "__module__", ""))
    return isinstance(operation, PASSING_ON) or not module.startswith(TAKEN_AS_THEY_ARE)


def follow(layer: keras.Layer, arguments: Any, keywords: dict[str, Any]) -> keras.Model:
    """Return the functional graph of one call of `layer` at inference; see `followed`."""
    with followed(layer, arguments, keywords) as graph:
        return graph


@contextlib.contextmanager
def followed(layer: keras.Layer, arguments: Any, keywords: dict[str, Any]) -> Iterator[keras.Model]:
    """Give the functional graph of one call of `layer` at inference.

    Inside, the layers remember the call, so that the graph can tell its configuration; then they forget it.

    Args:
        layer: a layer or model whose `call` uses layers and `keras.ops` alone; it is left as it was.
        arguments: positional arguments, with a symbolic tensor for each input.
        keywords: keyword arguments, likewise.

    Raises:
        Exception: whatever its `call` raises where it asks a symbolic tensor for what that does not have.
    """
    inputs = [v for v in keras.tree.flatten((arguments, keywords)) if is_symbolic(v)]
    keywords = {key: value for key, value in keywords.items() if key != "training"}
    if getattr(layer, "_call_has_training_arg", False):
        keywords["training"] = False
    with state_kept(layer), unchanged(layer):
        yield keras.Model(inputs, layer.call(*arguments, **keywords))


def fresh_inputs(arguments: Any, keywords: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the arguments of a call with a new input in place of each symbolic tensor."""
    result: tuple[Any, dict[str, Any]] = keras.tree.map_structure(
        lambda v: keras.Input(batch_shape=v.shape, dtype=v.dtype) if is_symbolic(v) else v,
        (arguments, keywords),
    )
    return result


def is_symbolic(value: Any) -> bool:
    """Return whether a value is a tensor of a graph, which has a shape but no numbers."""
    return isinstance(value, keras.KerasTensor)


@contextlib.contextmanager
def state_kept(layer: keras.Layer) -> Iterator[None]:
    """Give back what a call changes: counters, and the states of random numbers and recurrent layers."""
    before = [(variable, variable.numpy()) for variable in layer.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in before:
            if not np.array_equal(variable.numpy(), value):
                variable.assign(value)


@contextlib.contextmanager
def unchanged(layer: keras.Layer) -> Iterator[None]:
    """Take back what symbolic calls note down in the caller's layers."""
    layers = layer._flatten_layers()
    lists = [noted for each in layers for noted in (each._inbound_nodes, each._outbound_nodes, each._losses)]
    before = [list(noted) for noted in lists]
    try:
        yield
    finally:
        for noted, content in zip(lists, before, strict=True):
            noted[:] = content
