"""A model in memory, told as a file of it would tell it: its configuration, and the shapes of its weights."""

import contextlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
from keras.src.models.functional import Functional
from keras.src.saving.serialization_lib import ObjectSharingScope

from app.counting.comparison import LayerCount
from app.counting.stored.model_files import Config
from app.counting.stored.weight_files import StoredWeights
from app.engine.measure import count_layers, list_layers
from app.engine.replay.graphs import NotFollowedError, functional_inside, graph_within
from app.files.saved import ModelFacts, find_facts

Array = tuple[str, tuple[int, ...], bool]
"""Path and shape of an array of weights, and whether it is trained."""


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
        if type(model) is keras.Sequential:
            yield model
        elif type(graph.function) is Functional:
            yield graph.function
        else:  # a subclass with a graph of its own, which tells a file nothing but its name
            yield keras.Model(graph.function._inputs_struct, graph.function._outputs_struct)


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
    walk = _Walk()
    try:
        with layers_listed(model) as graph:
            with _describable(graph), ObjectSharingScope():
                config: Config = json.loads(graph.to_json())
            walk.enter(graph)
            counted: tuple[LayerCount, ...] | None = tuple(count_layers(graph))
        own = walk.rest(model)
        if graph is not model:
            config["config"]["name"] = model_name(model)
    except NotFollowedError:
        kind = type(model).__name__
        config = {"class_name": kind, "module": None, "registered_name": kind, "config": {"name": model.name}}
        walk.enter(model)
        own, counted = walk.rest(model), None
    if model.compiled and "compile_config" not in config:
        with contextlib.suppress(Exception):  # a loss of the user's own may not describe itself
            config["compile_config"] = json.loads(json.dumps(model.get_compile_config()))
    optimizer = getattr(model, "optimizer", None)
    kept = [variable.shape for variable in optimizer.variables] if optimizer is not None else []
    weights = StoredWeights(
        tuple((path, shape) for path, shape, _ in (*walk.arrays, *own)),
        sum(math.prod(shape) for shape in kept),
        frozenset(path for path, _, is_trained in (*walk.arrays, *own) if not is_trained),
        tuple(path for path, _, _ in own),
        walk.shared,
    )
    return LiveModel(config, weights, counted)


@contextlib.contextmanager
def _describable(graph: keras.Model) -> Iterator[None]:
    """Let layers and operations without a configuration of their own tell their names; undone at the end."""
    layers = graph._flatten_layers(include_self=False)
    graphs = [functional_inside(each) for each in (graph, *layers) if isinstance(each, keras.Model)]
    operations = [each for found in graphs if found is not None for each in found.operations]
    parts = {id(each): each for each in (*layers, *operations)}
    mute = [each for each in parts.values() if not _describes_itself(each)]
    for layer in mute:
        object.__setattr__(layer, "get_config", lambda name=layer.name: {"name": name})
    try:
        yield
    finally:
        for layer in mute:
            object.__delattr__(layer, "get_config")


def _describes_itself(layer: keras.Operation) -> bool:
    try:
        json.dumps(keras.saving.serialize_keras_object(layer))
    except Exception:
        return False
    return True


@dataclass
class _Walk:
    """The layers of a model, one after the other, each weight met once."""

    arrays: list[Array] = field(default_factory=list)
    """Path, shape and whether it is trained of each array."""
    owners: dict[int, str] = field(default_factory=dict)
    """The layer that each weight was met in first, by the weight's id."""
    shared: dict[str, str] = field(default_factory=dict)
    """Layers that hold nothing but weights that were met before, and the first that holds them."""

    def enter(self, graph: keras.Model) -> None:
        """Walk through the layers of a model, those of nested models too."""
        for name, layer in list_layers(graph):
            if not name.endswith("/"):
                self._look(layer, name)

    def _look(self, layer: keras.Layer, name: str) -> None:
        trained = {id(weight) for weight in layer.trainable_weights}
        fresh = [weight for weight in layer.weights if id(weight) not in self.owners]
        if layer.weights and not fresh:
            self.shared[name] = self.owners[id(layer.weights[0])]
        for number, weight in enumerate(fresh):
            self.owners[id(weight)] = name
            self.arrays.append((f"{name}/weight {number}", tuple(weight.shape), id(weight) in trained))

    def rest(self, model: keras.Model) -> list[Array]:
        """Return the arrays of a model that belong to none of its layers."""
        trained = {id(weight) for weight in model.trainable_weights}
        fresh = [weight for weight in model.weights if id(weight) not in self.owners]
        name = f"{model.name}'s own"
        return [(f"{name}/{i}", tuple(w.shape), id(w) in trained) for i, w in enumerate(fresh)]
