"""The graph of a model: which call feeds which, for every way of writing a model that has one."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from app.engine.copying import ReplayError


def graph_of(model: keras.Model, shape: Sequence[int | None] | None = None) -> Any:
    """Return the functional graph of a model.

    A Sequential has one inside. A subclassed model's `call` is followed once with symbolic inputs, which
    works where it uses layers and `keras.ops` alone; its layers are left as they were.

    Args:
        model: the model.
        shape: what it is called on, with the batch axis, where the model itself does not know.

    Raises:
        ReplayError: there is none: it was never built, or its `call` cannot be followed.
    """
    if isinstance(model, keras.Sequential):
        functional = getattr(model, "_functional", None)
        if functional is None:
            raise ReplayError(
                f"the Sequential model {model.name!r} was never built and has no weights to look at; "
                "begin it with keras.Input((height, width, channels)), or call it on an image first"
            )
        return functional
    if hasattr(model, "_nodes_by_depth"):
        return model
    return _trace(model, shape or _remembered_shape(model))


def input_names(graph: Any) -> list[str]:
    """Return what the inputs of a graph are called."""
    return [tensor.name for tensor in graph.inputs]


def output_names(graph: Any) -> list[str]:
    """Return what the outputs of a graph are called: their keys, or the layers they come from."""
    structure = getattr(graph, "_outputs_struct", None)
    if isinstance(structure, dict) and len(structure) == len(graph.outputs):
        return sorted(structure)  # the order in which Keras flattens a dict
    return list(getattr(graph, "output_names", [])) or [tensor.name for tensor in graph.outputs]


def choose(names: Sequence[str], wanted: str | int | None, what: str) -> int:
    """Return the number of the input or output that is meant.

    Raises:
        ReplayError: none has that name or number, or there are several and none was named.
    """
    listed = ", ".join(names)
    if wanted is None:
        if len(names) == 1:
            return 0
        raise ReplayError(f"the model has {len(names)} {what}s ({listed}); say which one is meant")
    if isinstance(wanted, str) and wanted in names:
        return list(names).index(wanted)
    if str(wanted).isdecimal() and int(wanted) < len(names):
        return int(wanted)
    raise ReplayError(f"the model has no {what} {wanted!r}; there is {listed}")


def call_model(model: keras.Model, graph: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the outputs of the caller's own model, flat, for inputs in the order of its graph."""
    structure = getattr(graph, "_inputs_struct", None)
    packed = inputs[0] if len(inputs) == 1 else list(inputs)
    if isinstance(structure, (dict, list, tuple)):
        packed = keras.tree.pack_sequence_as(structure, list(inputs))
    return keras.tree.flatten(model(packed, training=False))


def _remembered_shape(model: keras.Model) -> tuple[int | None, ...]:
    config = model.get_build_config() if model.built else None
    shape = (config or {}).get("input_shape")
    if not shape or not all(n is None or isinstance(n, int) for n in shape):
        raise ReplayError(
            f"{model.name!r} is a subclassed model ({type(model).__name__}) that was never called on one "
            "image tensor, so it has no list of layers to follow; call it on an image first"
        )
    return tuple(shape)


def _trace(model: keras.Model, shape: Sequence[int | None]) -> Any:
    image = keras.Input(tuple(shape)[1:], name="image")
    keywords = {"training": False} if getattr(model, "_call_has_training_arg", False) else {}
    try:
        with _nodes_kept(model):
            return keras.Model(image, model.call(image, **keywords))
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ReplayError(
            f"{model.name!r} is a subclassed model ({type(model).__name__}) whose call cannot be followed "
            f"layer by layer ({reason[:120]}); build it as a Sequential or functional keras.Model"
        ) from error


@contextlib.contextmanager
def _nodes_kept(model: keras.Model) -> Iterator[None]:
    """Take back what symbolic calls note down in the caller's layers."""
    lists = [
        nodes
        for layer in model._flatten_layers()
        for nodes in (layer._inbound_nodes, layer._outbound_nodes)
    ]
    lengths = [len(nodes) for nodes in lists]
    try:
        yield
    finally:
        for nodes, length in zip(lists, lengths, strict=True):
            del nodes[length:]
