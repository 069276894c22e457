"""A model in memory, told as a file of it would tell it: its configuration, and the shapes of its weights."""

import contextlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
from keras.src.saving.serialization_lib import ObjectSharingScope

from app.counting.comparison import LayerCount
from app.counting.stored.model_files import Config
from app.counting.stored.weight_files import StoredWeights
from app.engine.measure import count_layers
from app.engine.replay.graphs import NotFollowedError, functional_inside, graph_within
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
    """Return the configuration of a model as its `.keras` file would hold it; see `describe_live`."""
    return describe_live(model).config


@dataclass(frozen=True)
class LiveModel:
    """A model in memory as its file would tell it, and what Keras says of it."""

    config: Config
    """A subclassed model gets the one of the graph that its call makes, or where that cannot be followed, its name
    alone. A layer that cannot describe itself is there with its name alone."""
    weights: StoredWeights
    """The shapes of its weights, by the layers' names (`inner/conv1/weight 0`)."""
    layers: tuple[LayerCount, ...] | None
    """What Keras says of each layer; None where its layers cannot be listed."""


def describe_live(model: keras.Model) -> LiveModel:
    """Return what is to be known of a model in memory.

    Raises:
        ValueError: it is no model of Keras 3, or was never built.
    """
    try:
        with layers_listed(model) as graph:
            with _describable(graph), ObjectSharingScope():
                config: Config = json.loads(graph.to_json())
            arrays, counted = list(_arrays(graph, "")), tuple(count_layers(graph))
        if graph is not model:
            config["config"]["name"] = model_name(model)
    except NotFollowedError:
        kind = type(model).__name__
        config = {"class_name": kind, "module": None, "registered_name": kind, "config": {"name": model.name}}
        arrays, counted = list(_arrays(model, "")), None
    if model.compiled and "compile_config" not in config:
        with contextlib.suppress(Exception):  # a loss of the user's own may not describe itself
            config["compile_config"] = json.loads(json.dumps(model.get_compile_config()))
    optimizer = getattr(model, "optimizer", None)
    kept = [variable.shape for variable in optimizer.variables] if optimizer is not None else []
    weights = StoredWeights(
        tuple((path, shape) for path, shape, _ in arrays),
        sum(math.prod(shape) for shape in kept),
        frozenset(path for path, _, is_trained in arrays if not is_trained),
    )
    return LiveModel(config, weights, counted)


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


def _arrays(
    graph: keras.Model, prefix: str, seen: set[int] | None = None
) -> Iterator[tuple[str, tuple[int, ...], bool]]:
    """Yield path, shape and whether it is trained of each array; a layer in several models has its own once."""
    seen = set() if seen is None else seen
    for layer in graph.layers:
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        inner = functional_inside(layer) if isinstance(layer, keras.Model) else None
        if inner is not None:
            yield from _arrays(layer, f"{prefix}{layer.name}/", seen)
            continue
        trained = {id(weight) for weight in layer.trainable_weights}
        for number, weight in enumerate(layer.weights):
            yield f"{prefix}{layer.name}/weight {number}", tuple(weight.shape), id(weight) in trained
