"""A network as a list of calls: run forward in their order, and backward in the opposite one.

Backpropagation is no more than that. Each call leaves a function that turns the gradient by its output into the
gradients by its inputs; a value that is read twice gets the sum of both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from app.program.heads import find_head
from app.program.steps import Rule, Slot
from app.scratch.calls import Call, Input, Node, Recorder, Symbol, as_step, in_order, plain_name
from app.scratch.initialisers import Initialiser
from app.scratch.layers.base import Array, Backward, Layer, Shape

__all__ = ["Input", "Model", "Node", "Run", "Sequential", "Symbol"]


class Model:
    """Everything between some inputs and some outputs.

    >>> from app.scratch.vocabulary import nn
    >>> image = nn.Input((8, 8, 1))
    >>> x = nn.Conv2D(4, 3, activation="relu", name="conv")(image)
    >>> model = nn.Model(image, nn.Dense(2, name="output")(nn.Flatten(name="flatten")(x)))
    >>> [node.name for node in model.nodes]
    ['conv:linear', 'conv', 'flatten', 'output']
    >>> run = model.forward(np.ones((5, 8, 8, 1)))
    >>> gradients = run.backward({"output": np.ones((5, 2))})
    >>> gradients[model.inputs[0]].shape
    (5, 8, 8, 1)
    """

    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    shapes: dict[int, Shape]
    """Of what lies in each slot, without the batch axis."""

    def __init__(
        self, inputs: Symbol | Sequence[Symbol], outputs: Symbol | Sequence[Symbol], name: str = "model"
    ) -> None:
        self.name = name
        starts, ends = _as_list(inputs), _as_list(outputs)
        recorder = Recorder(starts)
        for call in in_order(starts, ends):
            recorder.record(call)
        lost = [symbol.name for symbol in ends if id(symbol) not in recorder.slots]
        if lost:
            raise ValueError(
                f"{name}: the output {lost[0]} depends on an input that the network is not given"
            )
        self.nodes, self.shapes = tuple(recorder.nodes), recorder.shapes
        self.inputs = tuple(recorder.slots[id(symbol)] for symbol in starts)
        self.outputs = tuple(recorder.slots[id(symbol)] for symbol in ends)

    @classmethod
    def of_nodes(
        cls,
        nodes: Iterable[Node],
        inputs: Sequence[int],
        outputs: Sequence[int],
        shapes: dict[int, Shape],
        name: str = "model",
    ) -> "Model":
        """Return the network of calls that are written down already; `shapes` are those of the inputs."""
        model = Model.__new__(Model)
        model.name, model.nodes = name, tuple(nodes)
        model.inputs, model.outputs = tuple(inputs), tuple(outputs)
        model.shapes = {**shapes, **{node.output: node.shape for node in model.nodes}}
        return model

    @property
    def layers(self) -> list[Layer]:
        """Return the layers, each once, in the order of their first calls; activations of their own among them."""
        return list({id(node.layer): node.layer for node in self.nodes}.values())

    @property
    def parameters(self) -> int:
        """Return how many numbers its weights hold."""
        return sum(array.size for layer in self.layers for array in layer.weights.values())

    @property
    def dtype(self) -> np.dtype:
        """Return the type of its weights; float32 without any."""
        arrays = [array for layer in self.layers for array in layer.weights.values()]
        return arrays[0].dtype if arrays else np.dtype("float32")

    def initialise(self, seed: int = 0, dtype: Any = None, kernel: str | Initialiser | None = None) -> Self:
        """Draw all weights again; the same seed draws the same.

        Args:
            seed: of the generator.
            dtype: type of the weights; None: as they are.
            kernel: how all kernels are drawn, by name or as a function; None: as each layer has it.
        """
        rng, dtype = np.random.default_rng(seed), dtype or self.dtype
        for node in {id(node.layer): node for node in reversed(self.nodes)}.values():
            node.layer.weights = {}
        done: set[int] = set()
        for node in self.nodes:
            if id(node.layer) not in done:
                done.add(id(node.layer))
                shapes = [self.shapes[slot] for slot in node.inputs]
                node.layer.build(*shapes, rng=rng, dtype=dtype, kernel=kernel)
        return self

    def astype(self, dtype: Any) -> Self:
        """Make its weights numbers of another type."""
        for layer in self.layers:
            layer.weights = {name: array.astype(dtype) for name, array in layer.weights.items()}
        return self

    def weights(self) -> dict[str, Array]:
        """Return all weights by `layer/weight`; the arrays themselves, not copies."""
        return {f"{name}/{key}": a for name, layer in self._named() for key, a in layer.weights.items()}

    def gradients(self) -> dict[str, Array]:
        """Return the gradients by the weights, by the same names, as far as they were worked out."""
        return {f"{name}/{key}": a for name, layer in self._named() for key, a in layer.gradients.items()}

    def clear_gradients(self) -> None:
        """Forget the gradients by the weights."""
        for layer in self.layers:
            layer.clear_gradients()

    def set_weights(self, weights: dict[str, Array]) -> None:
        """Take all weights, as `weights` gives them; they keep the type that the network has.

        Raises:
            ValueError: one is missing, too many, or of another shape.
        """
        have = self.weights()
        wrong = sorted(have.keys() ^ weights.keys()) or [
            k for k in have if have[k].shape != np.shape(weights[k])
        ]
        if wrong:
            found = np.shape(weights[wrong[0]]) if wrong[0] in weights else "nothing"
            wanted = have[wrong[0]].shape if wrong[0] in have else "nothing"
            raise ValueError(f"{self.name}: {wrong[0]} should be {wanted}, and is {found}")
        for name, layer in self._named():
            layer.weights = {
                key: np.array(weights[f"{name}/{key}"], a.dtype) for key, a in layer.weights.items()
            }

    def forward(
        self,
        *images: Any,
        training: bool = False,
        rule: Rule = "plain",
        upto: Collection[int] | None = None,
        skipped: Collection[int] = (),
        keep: Collection[int] | None = None,
    ) -> "Run":
        """Run the network on a batch of images for each of its inputs.

        Args:
            images: (batch, height, width, channels), or what the inputs are.
            training: whether dropout drops and batch normalisation looks at the batch.
            rule: how gradients will pass the rectifiers.
            upto: slots behind which nothing is computed.
            skipped: slots that pass on what would be turned into their values; `heads`, so that logits come out.
            keep: slots whose values are kept, the outputs besides; all of them, and the way back, if it is None.

        Raises:
            ValueError: the images are not of the shape that the network takes.
        """
        values = dict(zip(self.inputs, self._fitting(images), strict=True))
        wanted = self.outputs if upto is None else upto
        nodes = self._leading_to(wanted)
        return self._run(nodes, values, training, rule, skipped, None if keep is None else {*keep, *wanted})

    def run(
        self,
        values: dict[int, Array],
        nodes: slice = slice(None),
        training: bool = False,
        rule: Rule = "plain",
    ) -> "Run":
        """Run some of the calls, from values that are there, by slot."""
        return self._run(self.nodes[nodes], dict(values), training, rule, set(), None)

    def __call__(self, inputs: Any) -> Any:
        """Return the symbols of its outputs, or what it puts out for arrays; one, or a list of them."""
        several = _as_list(inputs)
        if isinstance(several[0], Symbol):
            if [symbol.shape for symbol in several] != [self.shapes[slot] for slot in self.inputs]:
                raise ValueError(f"{self.name} takes {self._takes()}, not {[s.shape for s in several]}")
            call = Call(self, tuple(several))
            found: list[Any] = [call.make(self.shapes[slot], self.name) for slot in self.outputs]
        else:
            found = list(self.forward(*several, keep=()).outputs)
        return found[0] if len(found) == 1 else found

    def _run(
        self,
        nodes: Sequence[Node],
        values: dict[int, Array],
        training: bool,
        rule: Rule,
        skipped: Collection[int],
        keep: Collection[int] | None,
    ) -> "Run":
        ways: list[tuple[Node, Backward]] = []
        last = {slot: node for node in nodes for slot in node.inputs}
        for node in nodes:
            inputs = [values[slot] for slot in node.inputs]
            back: Backward = _unchanged
            if node.output in skipped:
                output = inputs[0]
            elif node.layer.ceiling is not None:
                output, back = node.layer.forward(*inputs, training=training, rule=rule)
            else:
                output, back = node.layer.forward(*inputs, training=training)
            values[node.output] = output
            if keep is None:
                ways.append((node, back))
                continue
            for slot in node.inputs:
                if last[slot] is node and slot not in keep:
                    values.pop(slot, None)
        return Run(self, values, ways if keep is None else None)

    def _fitting(self, images: Sequence[Any]) -> list[Array]:
        arrays = [np.asarray(image) for image in images]
        arrays = [array if array.dtype.kind == "f" else array.astype(self.dtype) for array in arrays]
        shapes = [array.shape[1:] for array in arrays]
        wanted = [self.shapes[slot] for slot in self.inputs]
        fits = len(shapes) == len(wanted) and all(
            len(a) == len(b) and all(n == m or not m for n, m in zip(a, b, strict=True))
            for a, b in zip(shapes, wanted, strict=True)
        )
        if not fits:
            raise ValueError(
                f"{self.name} takes batches of {self._takes()}, not arrays {[a.shape for a in arrays]}"
            )
        return arrays

    def _takes(self) -> str:
        return " and ".join("×".join(map(str, self.shapes[slot])) for slot in self.inputs)

    def _leading_to(self, slots: Collection[int]) -> list[Node]:
        """Return the calls that some slots depend on."""
        needed, found = set(slots), []
        for node in reversed(self.nodes):
            if node.output in needed:
                needed.update(node.inputs)
                found.append(node)
        return found[::-1]

    @cached_property
    def heads(self) -> dict[int, int]:
        """By the slot that a softmax or sigmoid at the end fills, the slot with its logits."""
        steps = [as_step(node, self.shapes) for node in self.nodes]
        filled = {node.output: node for node in self.nodes}
        found = [find_head(steps, Slot(slot)).slot for slot in self.outputs if slot in filled]
        return {slot.index: filled[slot.index].inputs[0] for slot in found if slot is not None}

    def _named(self) -> list[tuple[str, Layer]]:
        """Return the layers that hold weights, by the name of their first call."""
        first = {id(node.layer): node for node in reversed(self.nodes) if node.layer.weights}
        return [(plain_name(n.name), n.layer) for n in self.nodes if first.get(id(n.layer)) is n]


class Sequential(Model):
    """A chain of layers, the first of them an `Input`.

    Raises:
        ValueError: there are none, or the first is no `Input`.
    """

    def __init__(self, layers: Sequence[Any], name: str = "sequential") -> None:
        if not layers or not isinstance(layers[0], Symbol):
            raise ValueError(f"{name}: the first layer must be an Input, to know the image's size")
        symbol = layers[0]
        for layer in layers[1:]:
            symbol = layer(symbol)
            if not isinstance(symbol, Symbol):
                raise ValueError(f"{name}: a network with several outputs cannot be in a chain")
        super().__init__(layers[0], symbol, name)


@dataclass
class Run:
    """What a network computed, slot by slot, and the way back."""

    model: Model
    values: dict[int, Array]
    ways: list[tuple[Node, Backward]] | None = field(repr=False)

    def __getitem__(self, name: str) -> Array:
        """Return what the call of a name left."""
        return self.values[self.slot(name)]

    @property
    def outputs(self) -> tuple[Array, ...]:
        """What the network puts out, as far as it was computed."""
        return tuple(self.values[slot] for slot in self.model.outputs if slot in self.values)

    def slot(self, key: int | str) -> int:
        """Return the slot that a call of a name fills, or the slot itself.

        Raises:
            ValueError: the run left nothing there.
        """
        named = {node.name: node.output for node in self.model.nodes}
        found = named.get(key, -1) if isinstance(key, str) else key
        if found not in self.values:
            raise ValueError(f"the run left nothing in {key!r}; there are {', '.join(named)}")
        return found

    def backward(self, gradients: Mapping[Any, Array], until: Collection[int] = ()) -> dict[int, Array]:
        """Lead gradients back; those by the weights are added up in the layers that learn.

        Args:
            gradients: ∂L/∂(value), by slot or by name, of the shape that the value has.
            until: slots at which it is enough to arrive; all of them if there are none.

        Returns:
            ∂L/∂(value) by every slot on the way, the given ones among them.

        Raises:
            ValueError: the run did not keep its way back, there is no such value, or it has another shape.
        """
        if self.ways is None:
            raise ValueError(f"{self.model.name} was run without keeping its values, so there is no way back")
        ways, found = self.ways, {self.slot(key): np.asarray(gradient) for key, gradient in gradients.items()}
        for slot, gradient in found.items():
            if gradient.shape != self.values[slot].shape:
                raise ValueError(
                    f"a gradient by a value of shape {self.values[slot].shape} is not {gradient.shape}"
                )
        if until:
            behind = set(until)
            for node, _ in ways:
                if not behind.isdisjoint(node.inputs):
                    behind.add(node.output)
            ways = [(node, back) for node, back in ways if not behind.isdisjoint(node.inputs)]
        for node, back in reversed(ways):
            if node.output not in found:
                continue
            for slot, gradient in zip(node.inputs, back(found[node.output]), strict=True):
                found[slot] = found[slot] + gradient if slot in found else gradient
        return found


def _unchanged(gradient: Array) -> tuple[Array, ...]:
    return (gradient,)


def _as_list(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given]
