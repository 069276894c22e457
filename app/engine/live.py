"""A model in memory, told as a file of it would tell it: its configuration, and the shapes of its weights."""

import contextlib
import json
import math
from collections.abc import Iterator
from typing import Any

import keras

from app.counting.stored.model_files import Config
from app.counting.stored.weight_files import StoredWeights
from app.engine.replay.graphs import functional_inside, graph_within
from app.files.saved import ModelFacts, find_facts


def live_facts(model: keras.Model) -> ModelFacts:
    """Return what the configuration of a model in memory tells.

    Raises:
        ValueError: it is no model of Keras 3, was never built, or its call cannot be followed.
    """
    return find_facts(model_name(model), live_config(model))


def model_name(model: Any) -> str:
    """Return what a model is called."""
    return str(getattr(model, "name", type(model).__name__))


@contextlib.contextmanager
def layers_listed(model: keras.Model) -> Iterator[keras.Model]:
    """Give the functional graph or the Sequential that lists the layers of a model.

    A subclassed model lists none; its call is followed once, with symbolic inputs, which leaves it as it was.

    Raises:
        ValueError: it is no model of Keras 3, was never built, or its call cannot be followed.
    """
    with graph_within(model) as graph:
        yield model if isinstance(model, keras.Sequential) else graph.function


def live_config(model: keras.Model) -> Config:
    """Return the configuration of a model as its `.keras` file would hold it.

    A subclassed model gets the one of the graph that its call makes. A layer that cannot describe itself is
    there with its name alone.

    Raises:
        ValueError: it is no model of Keras 3, was never built, or its call cannot be followed.
    """
    with layers_listed(model) as graph, _describable(graph):
        config: Config = json.loads(graph.to_json())
    if graph is not model:
        config["config"]["name"] = model_name(model)
    if model.compiled and "compile_config" not in config:
        with contextlib.suppress(Exception):  # a loss of the user's own may not describe itself
            config["compile_config"] = json.loads(json.dumps(model.get_compile_config()))
    return config


@contextlib.contextmanager
def _describable(graph: keras.Model) -> Iterator[None]:
    """Let layers without a configuration of their own tell their names; undone at the end."""
    mute = [layer for layer in graph._flatten_layers(include_self=False) if not _describes_itself(layer)]
    for layer in mute:
        object.__setattr__(layer, "get_config", lambda name=layer.name: {"name": name})
    try:
        yield
    finally:
        for layer in mute:
            object.__delattr__(layer, "get_config")


def _describes_itself(layer: keras.Layer) -> bool:
    try:
        json.dumps(keras.saving.serialize_keras_object(layer))
    except Exception:
        return False
    return True


def live_weights(model: keras.Model) -> StoredWeights:
    """Return the shapes of a model's weights, by the layers' names (`inner/conv1/weight 0`).

    Raises:
        ValueError: it is no model of Keras 3, was never built, or its call cannot be followed.
    """
    optimizer = getattr(model, "optimizer", None)
    kept = [variable.shape for variable in optimizer.variables] if optimizer is not None else []
    with layers_listed(model) as graph:
        arrays = list(_arrays(graph, ""))
    return StoredWeights(
        tuple((path, shape) for path, shape, _ in arrays),
        sum(math.prod(shape) for shape in kept),
        frozenset(path for path, _, is_trained in arrays if not is_trained),
    )


def _arrays(graph: keras.Model, prefix: str) -> Iterator[tuple[str, tuple[int, ...], bool]]:
    """Yield path, shape and whether it is trained of each array."""
    for layer in graph.layers:
        inner = functional_inside(layer) if isinstance(layer, keras.Model) else None
        if inner is not None:
            yield from _arrays(layer, f"{prefix}{layer.name}/")
            continue
        trained = {id(weight) for weight in layer.trainable_weights}
        for number, weight in enumerate(layer.weights):
            yield f"{prefix}{layer.name}/weight {number}", tuple(weight.shape), id(weight) in trained
