"""How a network is written down: layers are called on symbols, and the calls become a list of nodes."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.counting.symbols import snake_case
from app.program.steps import PlainStep, Slot
from app.scratch.layers.base import Layer, Shape


@dataclass(frozen=True)
class Node:
    """One call of one layer. What is computed lies in slots, which are numbered."""

    name: str
    """`layer`, `network/layer` inside a nested network, `layer:2` for the second call of a layer; `layer:linear` is a
    layer before its own activation."""
    layer: Layer
    inputs: tuple[int, ...]
    """Slots that it reads."""
    output: int
    """The slot that it fills."""
    shape: Shape
    """Of the output, without the batch axis."""


@dataclass(eq=False)
class Call:
    """A layer, or a whole network, called on symbols; an input of a network is a call of nothing."""

    layer: Any
    """None for an input."""
    inputs: tuple["Symbol", ...] = ()
    outputs: list["Symbol"] = field(default_factory=list)

    def make(self, shape: Shape, name: str) -> "Symbol":
        """Return the symbol of the next output."""
        self.outputs.append(Symbol(shape, name, self))
        return self.outputs[-1]


@dataclass(eq=False)
class Symbol:
    """What stands for an array while a network is written down: its shape, and the call that makes it."""

    shape: Shape
    name: str
    made_by: Call

    @property
    def layer(self) -> Any:
        """The layer or network that makes it; None for an input."""
        return self.made_by.layer

    @property
    def parents(self) -> "tuple[Symbol, ...]":
        """The symbols that it is made of."""
        return self.made_by.inputs

    def pass_to(self, layer: Layer, inputs: Sequence["Symbol"]) -> "Symbol":
        """Return the symbol of what a layer makes of some: it tries how long an output is on no images at all."""
        output, _ = layer.forward(*[np.empty((0, *symbol.shape), "float32") for symbol in inputs])
        return Call(layer, tuple(inputs)).make(output.shape[1:], layer.name or snake_case(layer.kind))


def Input(shape: Sequence[int], name: str | None = None, **_: Any) -> Symbol:  # noqa: N802
    """Return the symbol of an input of a network, (height, width, channels) or whatever a first layer takes.

    Raises:
        ValueError: a size is missing, or below 1.
    """
    shape = tuple(shape)
    if not all(isinstance(n, int) and n > 0 for n in shape):
        raise ValueError(f"the shape of an input must be made of whole numbers from 1, not {shape}")
    return Call(None).make(shape, name or "input_layer")


def plain_name(name: str) -> str:
    """Return the name of a call without what tells it from other calls: `conv` of `conv:2:linear`."""
    return re.sub(r"(:\d+)?(:linear)?$", "", name)


def in_order(starts: Sequence[Symbol], ends: Sequence[Symbol]) -> list[Call]:
    """Return the calls between symbols in the order in which Keras lists its layers: by depth, the deepest first.

    The depth of a call is the number of calls that lead from it to an output, the longest way.
    """
    given = {id(symbol) for symbol in starts}
    finished: dict[int, Call] = {}
    begun: set[int] = set()
    places: dict[int, int] = {}
    """Of layers, in the order in which they are met on the way from the outputs; it decides among equal depths."""
    waiting = [(symbol, False) for symbol in reversed(ends)]
    while waiting:
        symbol, is_left = waiting.pop()
        call = symbol.made_by
        if is_left:
            finished[id(call)] = call
        elif id(call) not in begun and (call.layer is None or id(symbol) not in given):
            begun.add(id(call))
            places.setdefault(id(call.layer or call), len(places))
            waiting.append((symbol, True))
            waiting.extend((parent, False) for parent in reversed(call.inputs))
    depths: dict[int, int] = {}
    of_layers: dict[int, int] = {}
    for key, call in reversed(finished.items()):
        layer = id(call.layer or call)  # one that is called again is as deep as its deepest call so far
        depths[key] = of_layers[layer] = depth = max(depths.get(key, 0), of_layers.get(layer, 0))
        for parent in call.inputs:
            before = id(parent.made_by)
            if before in finished:
                depths[before] = max(depth + 1, depths.get(before, 0))
    return [
        finished[key]
        for key in sorted(depths, key=lambda k: (-depths[k], places[id(finished[k].layer or finished[k])]))
    ]


class Recorder:
    """Writes calls down as nodes: nested networks unrolled, activations of layers as calls of their own."""

    def __init__(self, inputs: Sequence[Symbol]) -> None:
        self.nodes: list[Node] = []
        self.shapes: dict[int, Shape] = {}
        self.slots: dict[int, int] = {}
        """Slot by symbol."""
        self._names: dict[int, str] = {}
        """Name by layer."""
        self._calls: Counter[str] = Counter()
        for symbol in inputs:
            self.slots[id(symbol)] = self._slot(symbol.shape)

    def record(self, call: Call) -> None:
        """Write one call down, unless it is an input or reads what is not there."""
        if call.layer is None or any(id(symbol) not in self.slots for symbol in call.inputs):
            return
        reads = [self.slots[id(symbol)] for symbol in call.inputs]
        if not isinstance(call.layer, Layer):
            outputs = self._unroll(call.layer, reads)
        else:
            outputs = [self._write(call.layer, reads, call.outputs[0].shape)]
        self.slots.update(zip(map(id, call.outputs), outputs, strict=True))

    def _write(self, layer: Layer, reads: Sequence[int], shape: Shape) -> int:
        """Write a layer's call down, and behind it its activation; return the slot that is filled last."""
        name = self._number(layer, self._name(layer))
        if layer.activation is None:
            return self._node(name, layer, reads, shape)
        linear = self._node(f"{name}:linear", layer, reads, shape)
        return self._node(name, layer.activation, [linear], shape)

    def _unroll(self, model: Any, reads: Sequence[int]) -> list[int]:
        """Write the calls of a nested network down again; return the slots of its outputs."""
        slots, before, name = dict(zip(model.inputs, reads, strict=True)), "", ""
        for node in model.nodes:
            plain = f"{model.name}/{plain_name(node.name)}"
            if before != f"{plain}:linear":  # else it is the activation of the node before
                name = self._number(node.layer, plain)
            before = f"{plain}:linear" if node.name.endswith(":linear") else plain
            ending = ":linear" if node.name.endswith(":linear") else ""
            inner = [slots[slot] for slot in node.inputs]
            slots[node.output] = self._node(name + ending, node.layer, inner, node.shape)
        return [slots[slot] for slot in model.outputs]

    def _node(self, name: str, layer: Layer, reads: Sequence[int], shape: Shape) -> int:
        slot = self._slot(shape)
        self.nodes.append(Node(name, layer, tuple(reads), slot, shape))
        return slot

    def _slot(self, shape: Shape) -> int:
        self.shapes[len(self.shapes) + 1] = shape
        return len(self.shapes)

    def _name(self, layer: Layer) -> str:
        """Return a layer's name; one without is called after its kind, and numbered."""
        base, taken = snake_case(layer.kind), set(self._names.values())
        free = (f"{base}_{i}" if i else base for i in itertools.count())
        return layer.name or self._names.get(id(layer)) or next(name for name in free if name not in taken)

    def _number(self, layer: Layer, name: str) -> str:
        """Return the name of a layer's next call: `conv`, `conv:2`.

        Raises:
            ValueError: another layer is called so.
        """
        if self._names.setdefault(id(layer), name) != name or name in self._others(layer):
            raise ValueError(f"two layers are called {name!r}; each needs a name of its own")
        self._calls[name] += 1
        return name if self._calls[name] == 1 else f"{name}:{self._calls[name]}"

    def _others(self, layer: Layer) -> set[str]:
        return {name for key, name in self._names.items() if key != id(layer)}


def as_step(node: Node, shapes: Mapping[int, Shape]) -> PlainStep:
    """Return a node as a step of a program; the arrays are the layer's own.

    Args:
        node: the call.
        shapes: of what lies in each slot.
    """
    layer = plain(node.layer)
    return PlainStep(
        name=node.name,
        call=layer.kind,
        told=told(layer),
        reads=tuple(map(Slot, node.inputs)),
        outputs=(Slot(node.output),),
        shape=(None, *node.shape),
        input_shape=(None, *shapes[node.inputs[0]]),
        arrays=node.layer.weights,
    )


def plain(layer: Layer) -> Layer:
    """Return the layer that an activation called by its name is, where it is one: ReLU or Softmax."""
    inner = getattr(layer, "inner", None)
    return inner if inner is not None and inner.kind in ("ReLU", "Softmax") else layer


def told(layer: Layer) -> dict[str, Any]:
    """Return a layer's settings for a step of its own; the activation is another step."""
    is_fused = "activation" in layer.settings and layer.kind != "Activation"
    return layer.settings | ({"activation": None} if is_fused else {})
