"""A trained network taken apart for transfer: copied into one flat graph, its feature maps found, its cuts listed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras

from app.engine.quiet import first_line
from app.engine.replay.copying import ReplayError, SharedLayer, copy_operation
from app.engine.replay.following import is_symbolic
from app.engine.replay.graphs import functional_inside, graph_of
from models.pixels import seems_channels_first

OPEN_SIZE = 224
"""Height and width of a network that takes any: what ImageNet's networks are trained on."""
PASSING = (keras.layers.Dropout, keras.layers.SpatialDropout2D, keras.layers.GaussianNoise)
"""Layers that change nothing once a network is trained."""
SURE = ("softmax", "sigmoid")
"""Activations that make probabilities of scores."""


class TransferError(ValueError):
    """The network cannot be transferred; the message says what is in the way and what to do."""


@dataclass(frozen=True)
class Call:
    """One call of one layer, or of an operation."""

    name: str
    """The layer, behind the names of the models that it lies in: `backbone/conv1`."""
    operation: keras.Operation
    inputs: tuple[Any, ...]
    """The tensors that it reads."""
    output: Any
    """The first tensor that it makes."""

    @property
    def has_weights(self) -> bool:
        """Whether it has weights that a training would change, a normalisation's apart."""
        is_norm = isinstance(self.operation, keras.layers.BatchNormalization)
        return bool(getattr(self.operation, "trainable_variables", ())) and not is_norm

    @property
    def cells(self) -> int | None:
        """Rows times columns of its maps; None where it makes none."""
        return cells_of(self.output)


def cells_of(tensor: Any) -> int | None:
    """Return rows times columns of maps, None of what is no map."""
    shape = tuple(tensor.shape)
    if len(shape) != 4 or None in shape[1:]:
        return None
    return int(shape[1] * shape[2])


@dataclass(frozen=True)
class FlatNetwork:
    """A copy of a network in which every layer stands in one graph, nested models unrolled."""

    name: str
    image: Any
    """Its input, a tensor (batch, height, width, channels)."""
    output: Any
    calls: tuple[Call, ...]
    """In the order in which they run; those alone that lead from the image to the output."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of its pictures."""
        height, width, channels = self.image.shape[1:]
        return height, width, channels

    @cached_property
    def _makers(self) -> dict[int, Call]:
        return {id(call.output): call for call in self.calls}

    def behind(self, tensor: Any) -> list[Call]:
        """Return the calls that something of a tensor reaches, in their order."""
        reached, found = {id(tensor)}, []
        for call in self.calls:
            if reached.intersection(map(id, call.inputs)):
                reached.add(id(call.output))
                found.append(call)
        return found

    def before(self, tensor: Any) -> list[Call]:
        """Return the calls that a tensor is made by, in their order."""
        wanted, found = {id(tensor)}, []
        for call in reversed(self.calls):
            if id(call.output) in wanted:
                wanted.update(map(id, call.inputs))
                found.append(call)
        return found[::-1]

    def feature_call(self, layer: str | None = None) -> Call:
        """Return the call whose output a new head reads: that of `layer`, or the last maps before they are lost.

        These are the last maps of more than one cell on the way to the output. Where the classifier itself is a
        convolution, as SqueezeNet's, they are what it reads; where the output is a map, as U-Net's, they are the
        narrowest ones.

        Raises:
            TransferError: there is no such layer, or no layer has maps.
        """
        if layer is not None:
            return self._named(layer)
        spatial = [call for call in self.calls if (call.cells or 0) > 1]
        if not any(call.has_weights for call in spatial):
            raise TransferError(
                f"{self.name} has no feature maps: no convolution of it has maps of more than one cell. Take a "
                "convolutional network, or say by --layer which layer's output is to be used"
            )
        if cells_of(self.output) not in (None, 1):
            least = min(call.cells or 0 for call in spatial)
            return self._heard([call for call in spatial if call.cells == least][-1])
        last = spatial[-1]
        after = self.behind(last.output)
        if self._is_classifier and not any(call.has_weights for call in after):
            weighted = [call for call in self.before(last.output) if call.has_weights][-1]
            if len(weighted.inputs) == 1 and (cells_of(weighted.inputs[0]) or 0) > 1:
                maker = self._makers.get(id(weighted.inputs[0]))
                last = maker if maker is not None else last
        return self._heard(last)

    def _heard(self, call: Call) -> Call:
        """Return the call in front of layers that change nothing once a network is trained."""
        while isinstance(call.operation, PASSING) and id(call.inputs[0]) in self._makers:
            call = self._makers[id(call.inputs[0])]
        return call

    @property
    def _is_classifier(self) -> bool:
        maker = self._makers.get(id(self.output))
        operation = maker.operation if maker else None
        activation = getattr(getattr(operation, "activation", None), "__name__", "")
        return activation in SURE or type(operation).__name__.lower() in SURE

    def _named(self, layer: str) -> Call:
        whole = [call for call in self.calls if call.name == layer]
        found = whole or [call for call in self.calls if call.name.rpartition("/")[2] == layer]
        if not found:
            known = ", ".join(call.name for call in self.calls if (call.cells or 0) > 1 and call.has_weights)
            raise TransferError(
                f"{self.name} has no layer {layer!r}; its layers with maps are {known or 'none'}"
            )
        if len({call.name for call in found}) > 1:
            raise TransferError(f"several layers are called {layer!r}: {', '.join(c.name for c in found)}")
        if len(found[-1].output.shape) not in (2, 4) or None in found[-1].output.shape[1:]:
            shape = "×".join(str(n) for n in found[-1].output.shape[1:])
            raise TransferError(
                f"layer {layer!r} puts out {shape}, which is neither maps nor a row of features"
            )
        return found[-1]

    def is_averaged(self, maps: Any) -> bool:
        """Return whether the network itself makes one number of each map, as a global average does."""
        readers = [call for call in self.behind(maps) if not isinstance(call.operation, PASSING)]
        first = next((call for call in readers if (call.cells or 1) == 1), None)
        if first is None or first.has_weights:
            return False
        return math.prod(first.output.shape[1:]) == first.inputs[0].shape[-1]

    def cuts(self, until: Any) -> list[tuple[int, Any]]:
        """Return where the graph that leads to a tensor can be cut in two: all that crosses is one tensor.

        Returns:
            Pairs of how many of the calls of `before(until)` stand in front of the cut, from 0, and the tensor.
        """
        calls = self.before(until)
        last_use: dict[int, int] = {}
        for place, call in enumerate(calls):
            last_use.update((id(tensor), place) for tensor in call.inputs)
        alive, found = {id(self.image): self.image}, []
        for place in range(len(calls)):
            if len(alive) == 1:
                found.append((place, next(iter(alive.values()))))
            call = calls[place]
            alive[id(call.output)] = call.output
            alive = {key: tensor for key, tensor in alive.items() if last_use.get(key, -1) > place}
            if id(call.output) == id(until):
                break
        return found


def flatten_network(model: keras.Model, image_shape: Sequence[int] | None = None) -> FlatNetwork:
    """Return a copy of a model in one flat graph, with weights of its own; the model is only read.

    Args:
        model: functional, Sequential or subclassed, nested or not.
        image_shape: height, width and channels, where the model takes any size.

    Raises:
        TransferError: it has several inputs or takes no pictures, or a layer cannot be copied.
    """
    try:
        function = graph_of(model).function
    except ReplayError as error:
        raise TransferError(str(error)) from error
    shape = picture_shape(model.name, [tuple(x.shape) for x in function.inputs], image_shape)
    given = function.inputs[0]
    image = keras.Input(shape, name=given._keras_history.operation.name, dtype=str(given.dtype))
    copier = _Copier()
    try:
        outputs = copier.copy(function, [copier.reshape(image, given.shape[1:])], "")
    except TransferError:
        raise
    except Exception as error:
        raise TransferError(
            f"{model.name} cannot be copied layer by layer ({first_line(error)[:160]})"
        ) from error
    flat = FlatNetwork(model.name, image, outputs[0], tuple(copier.calls))
    return FlatNetwork(model.name, image, outputs[0], tuple(flat.before(outputs[0])))


def picture_shape(
    name: str, inputs: Sequence[tuple[int | None, ...]], wanted: Sequence[int] | None = None
) -> tuple[int, int, int]:
    """Return the pictures that a network takes, from the shapes of its inputs with the batch axis.

    Raises:
        TransferError: they are no pictures.
    """
    if len(inputs) != 1:
        raise TransferError(f"{name} has {len(inputs)} inputs; a network that reads one picture is needed")
    sizes = inputs[0][1:]
    said = "×".join("?" if n is None else str(n) for n in sizes)
    if wanted is not None and len(sizes) in (1, 2) and None not in sizes:
        if len(wanted) == 3 and wanted[2] in (1, 3) and math.prod(wanted) == math.prod(n or 0 for n in sizes):
            return wanted[0], wanted[1], wanted[2]
        raise TransferError(f"{name} takes inputs of {said}, not pictures of {'×'.join(map(str, wanted))}")
    if len(sizes) != 3 or sizes[2] not in (1, 3):
        hint = "; channels stand in front" if seems_channels_first(sizes) else ""
        of_pixels = "; if its inputs are the pixels of a picture, say by --image-shape of which size"
        raise TransferError(
            f"{name} takes inputs of {said or 'one number'}{hint}; pictures are height×width×1 or height×width×3"
            f"{of_pixels if len(sizes) in (1, 2) else ''}"
        )
    given = (OPEN_SIZE, OPEN_SIZE, sizes[2]) if wanted is None else tuple(wanted)
    if len(given) != 3 or any(
        n not in (None, m) for n, m in zip(sizes, given, strict=True) if wanted is not None
    ):
        asked = "×".join(map(str, given))
        raise TransferError(f"{name} takes pictures of {said}, not of {asked}")
    height, width, channels = (n or m for n, m in zip(sizes, given, strict=True))
    return int(height), int(width), int(channels)


class _Copier:
    """Calls a copy of each layer of a graph on new tensors; a layer that is called twice has one copy."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._copies: dict[int, keras.Operation] = {}
        self._names: set[str] = set()

    def reshape(self, image: Any, sizes: Sequence[int | None]) -> Any:
        """Return a picture as a network takes it: as it is, or as the matrix or the vector of its pixels."""
        if len(sizes) == 3:
            return image
        layer = keras.layers.Reshape(tuple(sizes), name=self._free_name("", "pixels"))
        self.calls.append(Call(layer.name, layer, (image,), layer(image)))
        return self.calls[-1].output

    def copy(self, function: Any, inputs: Sequence[Any], prefix: str) -> list[Any]:
        """Return the outputs of a graph for other inputs."""
        tensors = {id(x): new for x, new in zip(function.inputs, inputs, strict=True)}
        for node in _nodes(function):
            if node.is_input or any(id(x) not in tensors for x in node.input_tensors):
                continue
            arguments, keywords = keras.tree.map_structure(
                lambda value: tensors[id(value)] if is_symbolic(value) else value,
                (node.arguments.args, node.arguments.kwargs),
            )
            outputs = self._call(node, arguments, keywords, prefix)
            tensors.update(zip(map(id, node.outputs), outputs, strict=True))
        return [tensors[id(x)] for x in function.outputs]

    def _call(self, node: Any, arguments: Any, keywords: dict[str, Any], prefix: str) -> list[Any]:
        operation = node.operation
        inputs = [x for x in keras.tree.flatten((arguments, keywords)) if is_symbolic(x)]
        inner = functional_inside(operation) if isinstance(operation, keras.Model) else None
        if inner is not None:
            return self.copy(inner, inputs, f"{prefix}{operation.name}/")
        keywords = {key: value for key, value in keywords.items() if key != "training"}
        twin = self._twin(node, prefix)
        outputs = keras.tree.flatten(twin(*arguments, **keywords))
        self.calls.append(Call(prefix + operation.name, twin, tuple(inputs), outputs[0]))
        return outputs

    def _twin(self, node: Any, prefix: str) -> keras.Operation:
        operation = node.operation
        if id(operation) not in self._copies:
            call = (node.arguments.args, node.arguments.kwargs)
            twin = copy_operation(operation, call, with_activation=True)
            if isinstance(twin, SharedLayer):
                raise TransferError(f"layer {operation.name!r} of {prefix or 'the model'} cannot be copied")
            twin.name = self._free_name(prefix, operation.name)
            self._copies[id(operation)] = twin
        return self._copies[id(operation)]

    def _free_name(self, prefix: str, name: str) -> str:
        """Return the layer's own name, or where that is taken one with the models that it lies in."""
        for candidate in (name, f"{prefix}{name}".replace("/", "_")):
            if candidate not in self._names:
                break
        else:
            numbered = (f"{candidate}_{n}" for n in range(2, 1 << 20))
            candidate = next(each for each in numbered if each not in self._names)
        self._names.add(candidate)
        return candidate


def _nodes(function: Any) -> Iterator[Any]:
    """Yield the calls of a graph in an order in which they can run, as a file lists them."""
    places = {id(operation): place for place, operation in enumerate(function.operations)}
    for depth in sorted(function._nodes_by_depth, reverse=True):
        yield from sorted(function._nodes_by_depth[depth], key=lambda node: places[id(node.operation)])
