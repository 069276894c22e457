"""NumPy as the machine that runs a program: for small networks, long before TensorFlow would be imported."""

import math
from collections.abc import Sequence

import numpy as np

from app.program.machine import LearntLayer
from app.program.program import NotWrittenError, Program, not_finite
from app.program.steps import PlainStep, Rule, Slot, Step
from app.scratch.layers import LAYERS
from app.scratch.layers.base import Layer
from app.scratch.network import Model, Node

Array = np.ndarray
MOST_PARAMETERS = 12_000_000
"""Weights up to which a network counts as small."""
A_VALUE = 20
"""Multiply-accumulates in the time that a value of any map takes."""
MOST_PRODUCTS = 4_000_000_000
"""Multiply-accumulates of one image up to which NumPy is asked at all."""


class NumpyMachine:
    """Runs a program of plain steps with the layers of `app.scratch`.

    Raises:
        NotWrittenError: a step is of a kind that NumPy does not have, or the network is too large.
    """

    name = "NumPy"
    most_rows = 32

    def __init__(self, program: Program) -> None:
        self.program = program
        self._layers: dict[int, Layer] = {}
        steps = [_plain(step) for step in program.steps]
        weights = sum(
            np.size(a) for s in {id(s.arrays): s for s in steps}.values() for a in s.arrays.values()
        )
        if weights > MOST_PARAMETERS:
            raise NotWrittenError(
                f"it has {weights:,} parameters; NumPy takes networks of up to {MOST_PARAMETERS:,}"
            )
        self.products = sum(map(_products, steps))
        """Multiply-accumulates of one image, forward."""
        if self.products > MOST_PRODUCTS:
            raise NotWrittenError(
                f"it takes about {self.products:,} multiply-accumulates an image; NumPy is for up to {MOST_PRODUCTS:,}"
            )
        nodes = [self._node(step) for step in steps]
        shapes = {program.image.index: tuple(n or 0 for n in program.image_shape)}
        ends = (program.image.index,), (program.output.index,)
        self.network = Model.of_nodes(nodes, *ends, shapes, program.name)
        """The same as a network of `app.scratch`; its layers work out no gradients by weights."""
        self._head = () if program.head.slot is None else (program.head.slot.index,)

    def _node(self, step: PlainStep) -> Node:
        key = id(step.arrays) if step.arrays else id(step)
        if key not in self._layers:
            layer = LAYERS[step.call].from_config(dict(step.told))
            layer.weights = {name: np.asarray(a, self.program.dtype) for name, a in step.arrays.items()}
            layer.is_learning = False
            self._layers[key] = layer
        shape = tuple(n or 0 for n in step.shape[1:])
        reads = tuple(slot.index for slot in step.reads)
        return Node(step.name, self._layers[key], reads, step.outputs[0].index, shape)

    def compute_alike(self, batches: int) -> None:
        """Do nothing: NumPy computes every batch in the same way."""

    def outputs(self, images: Array, head: bool = True) -> Array:
        """Return what the program puts out, (images, units); its logits without the head."""
        run = self.network.forward(self._typed(images), skipped=() if head else self._head, keep=())
        return np.asarray(run.values[self.program.output.index])

    def maps(self, images: Array, steps: Sequence[Step]) -> list[Array]:
        """Return what steps put out, each (images, rows, columns, maps)."""
        slots = [step.outputs[0].index for step in steps]
        run = self.network.forward(self._typed(images), upto=slots, skipped=self._head, keep=slots)
        return [run.values[slot] for slot in slots]

    def values(self, images: Array, slots: Sequence[Slot]) -> list[Array]:
        """Return what slots hold, each (images, …)."""
        wanted = [slot.index for slot in slots]
        run = self.network.forward(self._typed(images), upto=wanted, keep=wanted)
        return [np.asarray(run.values[slot]) for slot in wanted]

    def plain(self, step: Step) -> PlainStep:
        """Return one of its steps, which are data."""
        return _plain(step)

    def pull_back(self, images: Array, seeds: Array, step: Step | None = None, rule: Rule = "plain") -> Array:
        """Return Σ seed · ∂v/∂x over the values v of a step, by the pixels x of each image."""
        slot = (self.program.output if step is None else step.outputs[0]).index
        images = self._typed(images)
        run = self.network.forward(images, upto=(slot,), rule=rule, skipped=self._head)
        image = self.program.image.index
        found = run.backward({slot: self._typed(seeds)}, until=(image,))
        return found.get(image, np.zeros_like(images))

    def maps_and_gradients(
        self, images: Array, targets: Array, steps: Sequence[Step]
    ) -> tuple[Array, Array, Array]:
        """Return A and ∂S/∂A, (images, rows, columns, maps), and S, (images,)."""
        slots = [step.outputs[0].index for step in steps]
        run = self.network.forward(self._typed(images), skipped=self._head)
        logits, seeds = run.values[self.program.output.index], self._typed(targets)
        found = run.backward({self.program.output.index: seeds}, until=slots)
        maps = [run.values[slot] for slot in slots]
        gradients = [found.get(slot, np.zeros_like(a)) for slot, a in zip(slots, maps, strict=True)]
        return np.concatenate(maps, -1), np.concatenate(gradients, -1), (logits * seeds).sum(axis=-1)

    def learnt_layers(self) -> list[LearntLayer]:
        """Return the layers that hold weights, from the output down, each once."""
        found: dict[int, LearntLayer] = {}
        for node in reversed(self.network.nodes):
            if node.layer.weights and node.layer.kind != "Normalization":
                found.setdefault(id(node.layer), _learnt(node.name.removesuffix(":linear"), node.layer))
        return list(found.values())

    def sizes(self, size: tuple[int, int]) -> list[int]:  # noqa: ARG002
        """Return how many values a step keeps for one image, step by step; a convolution keeps its windows too."""
        found = []
        for step in self.program.steps:
            kernel = step.kernel()
            window = math.prod(kernel.shape[:-1]) if kernel is not None and kernel.ndim == 4 else 0
            cells = math.prod(n or 1 for n in step.shape[1:])
            found.append(cells + window * cells // max(step.shape[-1] or 1, 1))
        return found

    def check(self) -> None:
        """Refuse a network that puts out values that are not finite for an image of 0…1.

        Raises:
            ValueError: it does.
        """
        shape = [n or 1 for n in self.program.image_shape]
        probe = np.random.default_rng(0).uniform(0, 1, (1, *shape))
        with np.errstate(all="ignore"):
            is_finite = np.isfinite(self.outputs(probe)).all()
        if not is_finite:
            raise ValueError(not_finite(self.program.name, self.program.notes))

    def _typed(self, array: Array) -> Array:
        return np.asarray(array, self.program.dtype)


def _plain(step: Step) -> PlainStep:
    if not isinstance(step, PlainStep):
        raise NotWrittenError(f"layer {step.name!r} is no plain step")
    if step.kind not in LAYERS:
        raise NotWrittenError(f"layer {step.name!r} is a {step.kind}, for which NumPy has no code")
    return step


def _products(step: PlainStep) -> int:
    """Return the multiply-accumulates of a step: each weight of a kernel is used once for each cell of its maps.

    A value that is only moved or changed counts as so many as take NumPy as long.
    """
    kernels = [np.size(array) for name, array in step.arrays.items() if "kernel" in name]
    shape = step.input_shape if step.call == "Conv2DTranspose" else step.shape
    values = math.prod(n or 1 for n in step.shape[1:])
    return sum(kernels) * math.prod(n or 1 for n in shape[1:-1]) + A_VALUE * values


def _learnt(name: str, layer: Layer) -> LearntLayer:
    def write(arrays: Sequence[Array]) -> None:
        layer.weights = dict(zip(layer.weights, arrays, strict=True))

    return LearntLayer(name, lambda: [array.copy() for array in layer.weights.values()], write)
