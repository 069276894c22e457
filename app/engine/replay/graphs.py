"""The graph of a model: which call feeds which, for every way of writing a model that has one."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from app.engine.quiet import first_line
from app.engine.replay.copying import ReplayError, SharedLayer
from app.engine.replay.following import followed


class NotFollowedError(ReplayError):
    """The call of a subclassed model asks symbolic tensors for what they do not have."""


@dataclass(frozen=True)
class Graph:
    """A functional graph, and how the model it belongs to is called."""

    function: Any
    """Keras' functional model: its tensors and the calls between them."""
    arguments: Any = None
    """What the model takes, with the function's input tensors in their places."""
    keywords: dict[str, Any] = field(default_factory=dict)

    def input_names(self) -> list[str]:
        """Return what the inputs are called."""
        return [tensor.name for tensor in self.function.inputs]

    def output_names(self) -> list[str]:
        """Return what the outputs are called: their keys, or the layers that they come from."""
        structure = getattr(self.function, "_outputs_struct", None)
        if isinstance(structure, dict) and len(structure) == len(self.function.outputs):
            return sorted(structure)  # the order in which Keras flattens a dict
        names = list(getattr(self.function, "output_names", []))
        return names or [tensor.name for tensor in self.function.outputs]

    def call(self, model: keras.Model, inputs: Sequence[Any]) -> list[Any]:
        """Return the outputs of the caller's own model, flat, for inputs in the order of the graph."""
        values = {id(x): value for x, value in zip(self.function.inputs, inputs, strict=True)}
        arguments, keywords = keras.tree.map_structure(
            lambda x: values.get(id(x), x), (self.arguments, self.keywords)
        )
        return keras.tree.flatten(model(*arguments, **keywords, training=False))


def graph_of(model: keras.Model) -> Graph:
    """Return the functional graph of a model; see `graph_within`.

    A model whose call cannot be followed is a graph of one layer: itself.
    """
    try:
        with graph_within(model) as graph:
            return graph
    except NotFollowedError as error:
        arguments, keywords = _remembered_inputs(model)
        inputs = [x for x in keras.tree.flatten((arguments, keywords)) if isinstance(x, keras.KerasTensor)]
        try:
            outputs = SharedLayer(model)(*arguments, **keywords)
        except Exception:
            raise error from error.__cause__
        return Graph(keras.Model(inputs, outputs, name=model.name), arguments, keywords)


@contextlib.contextmanager
def graph_within(model: keras.Model) -> Iterator[Graph]:
    """Give the functional graph of a model, which inside can tell its configuration.

    A Sequential has one inside. A subclassed model's `call` is followed once with symbolic inputs, which
    works where it uses layers and `keras.ops` alone; its layers are left as they were.

    Raises:
        ReplayError: there is none: it was never built, or its `call` cannot be followed.
    """
    if not isinstance(model, keras.Model):
        raise ReplayError(
            f"expected a model of Keras {keras.__version__}, not {type(model).__module__}."
            f"{type(model).__name__}; save it as .keras or .h5 and load it with Keras 3"
        )
    function = functional_inside(model)
    if function is not None:
        yield Graph(function, (function._inputs_struct,))
        return
    arguments, keywords = _remembered_inputs(model)
    call = contextlib.ExitStack()
    try:
        function = call.enter_context(followed(model, arguments, keywords))
    except Exception as error:
        raise NotFollowedError(
            f"{model.name!r} is a subclassed model ({type(model).__name__}) whose call cannot be followed "
            f"layer by layer ({first_line(error)[:120]}); write it with layers and keras.ops alone, or build it as "
            "a Sequential or functional keras.Model"
        ) from error
    with call:
        yield Graph(function, arguments, keywords)


def functional_inside(model: keras.Model) -> Any:
    """Return the functional graph that a model carries itself; None if it was subclassed.

    Raises:
        ReplayError: a Sequential without one, as it was never built.
    """
    if isinstance(model, keras.Sequential):
        function = getattr(model, "_functional", None)
        if function is None and not model.built:
            raise ReplayError(
                f"the Sequential model {model.name!r} was never built and has no weights to look at; "
                "begin it with keras.Input((height, width, channels)), or call it on an image first"
            )
        return function
    return model if hasattr(model, "_nodes_by_depth") else None


def choose(names: Sequence[str], wanted: str | int | None, what: str) -> int:
    """Return the number of the input or output that is meant.

    Raises:
        ReplayError: none has that name or number, or there are several and none was named.
    """
    listed = ", ".join(names)
    if wanted is None:
        if len(names) == 1:
            return 0
        option = "--head" if what == "output" else "--input"
        raise ReplayError(
            f"the model has {len(names)} {what}s ({listed}); say by {option} which one is meant"
        )
    if isinstance(wanted, str) and wanted in names:
        if list(names).count(wanted) > 1:
            raise ReplayError(f"several {what}s are called {wanted!r}; give a number from 0")
        return list(names).index(wanted)
    if str(wanted).isdecimal() and int(wanted) < len(names):
        return int(wanted)
    raise ReplayError(f"the model has no {what} {wanted!r}; there is {listed}")


def _remembered_inputs(model: keras.Model) -> tuple[Any, dict[str, Any]]:
    """Return symbolic inputs of the shapes that a subclassed model was first called on."""
    config = (model.get_build_config() if model.built else None) or {}
    shapes = config.get("shapes_dict") or {"image_shape": config.get("input_shape")}
    inputs = {
        name.removesuffix("_shape"): _as_inputs(shape, name.removesuffix("_shape"))
        for name, shape in shapes.items()
    }
    if any(value is None for value in inputs.values()):
        raise ReplayError(
            f"{model.name!r} is a subclassed model ({type(model).__name__}) that was never called on an "
            "image, so it has no list of layers to follow; call it on an image first"
        )
    return ((), inputs) if "shapes_dict" in config else (tuple(inputs.values()), {})


def _as_inputs(shape: Any, name: str) -> Any:
    """Return `keras.Input`s for a shape, or for lists and dicts of shapes; None where there is none."""
    if isinstance(shape, dict):
        return {key: _as_inputs(value, key) for key, value in shape.items()}
    if not isinstance(shape, (list, tuple)) or not shape:
        return None
    if all(n is None or isinstance(n, int) for n in shape):
        return keras.Input(tuple(shape)[1:], name=name)
    return [_as_inputs(value, f"{name}_{number}") for number, value in enumerate(shape)]
