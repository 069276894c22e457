"""Any number of any layer: the values that it is made of, their weights, and what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.program.machine import Machine
from app.program.program import NotWrittenError
from app.program.steps import PlainStep, Slot, Step
from app.scratch.layers import LAYERS
from app.scratch.layers.base import Layer
from app.scratch.windows import Window, slide
from app.show.frames.frame import number_text
from app.workings.convolving import place_sum
from app.workings.maps import Array
from app.workings.pooling import largest_of, seen, working
from app.workings.sums import Sum, Term, in_brackets

CONVOLUTIONS = ("Conv2D", "GroupedConv2D", "Conv1D")
POOLINGS = {
    "MaxPooling2D": "max",
    "MaxPooling1D": "max",
    "AveragePooling2D": "mean",
    "AveragePooling1D": "mean",
    "SumPooling2D": "sum",
}
MOST_VALUES = 4_000_000
"""Values of a layer that is worked out by what NumPy's layer does, and not by its own formula."""
EXACT = 1e-6
"""Share of a layer's largest value by which a sum of products may miss a number and still count as its working."""


@dataclass(frozen=True)
class OpenLayer:
    """A layer as it is for one image: what it reads, what it does, what it leaves."""

    name: str
    plain: PlainStep
    """What it does, before its activation."""
    inputs: tuple[Array, ...]
    """What it reads, (rows, columns, channels), (steps, channels) or (units,)."""
    output: Array
    """What it leaves, as the machine has it."""
    activation: PlainStep | None = None
    """Its own activation, where it has one."""
    before: Array | None = field(default=None, repr=False)
    """What it leaves before that."""
    reason: str = ""
    """Why it cannot be worked out; "" where it can."""
    is_cut: bool = False
    """Whether its activation is left out, as that of a network is which has a class for each pixel."""

    @property
    def kind(self) -> str:
        """Name of its class in Keras."""
        return self.plain.call

    @property
    def activation_name(self) -> str:
        """Name of its activation; `linear` where it has none."""
        return self.activation.activation or self.activation.call.lower() if self.activation else "linear"

    def make(self) -> Layer:
        """Return the NumPy layer that computes it in float64, before the activation."""
        return make_layer(self.plain)

    def strongest(self, unit: int | None = None) -> tuple[int, ...]:
        """Return where the largest value stands: row, column and filter, or the unit.

        Args:
            unit: the filter to look in; None: all of them.
        """
        found = self.output if unit is None else self.output[..., unit : unit + 1]
        at = tuple(int(i) for i in np.unravel_index(int(np.argmax(found)), found.shape))
        return at if unit is None else (*at[:-1], unit)


@dataclass(frozen=True)
class Cell:
    """One number of a layer, worked out."""

    layer: OpenLayer
    at: tuple[int, ...]
    rule: str
    """sum: products and a bias. max, mean: a window. function: all numbers of the input at once."""
    lines: tuple[str, ...]
    value: float
    """What the working comes to."""
    one: Sum | None = None
    """The sum, where it is one."""
    window: Window | None = None
    """Where a window stands, where the layer slides one."""
    chosen: tuple[int, ...] | None = None
    """The cell with the largest value, of max-pooling."""

    @property
    def kept(self) -> float:
        """The number that the network computed there."""
        return float(self.layer.output[self.at])

    @property
    def difference(self) -> float:
        """How far the working is from the network's own number."""
        return abs(self.value - self.kept)

    def facts(self) -> dict[str, Any]:
        """Return its numbers as JSON keeps them."""
        found: dict[str, Any] = {
            "layer": self.layer.name,
            "kind": self.layer.kind,
            "at": list(self.at),
            "rule": self.rule,
            "value": self.value,
            "network_value": self.kept,
            "largest_of_layer": float(np.abs(self.layer.output).max()),
        }
        return {**(self.one.facts() if self.one else {}), **found}


def make_layer(step: PlainStep) -> Layer:
    """Return the NumPy layer of a step, in float64."""
    layer = LAYERS[step.call].from_config(dict(step.told))
    layer.weights = {name: np.asarray(array, np.float64) for name, array in step.arrays.items()}
    layer.is_learning = False
    return layer


def _by_layer(machine: Machine) -> dict[str, list[Step]]:
    """Return the steps of each layer: one, or the layer without its activation and the activation.

    What makes one score of the pixels' scores is none of the network's layers.
    """
    found: dict[str, list[Step]] = {}
    program = machine.program
    summed = ("scores", "shares") if program.is_per_pixel else ()
    for step in program.steps:
        if step.name in summed and not step.kind:
            continue
        found.setdefault(step.name.removesuffix(":linear"), []).append(step)
    return found


def open_layers(machine: Machine, image: Array, names: Sequence[str] | None = None) -> list[OpenLayer]:
    """Return layers as they are for one image.

    Args:
        machine: what runs the network.
        image: (height, width, channels), as the network takes it.
        names: of the layers; None: all.

    Raises:
        ValueError: there is no such layer.
    """
    by_layer = _by_layer(machine)
    chosen = list(by_layer) if names is None else [as_layer_name(name, list(by_layer)) for name in names]
    slots: dict[Slot, None] = {}
    for name in chosen:
        for step in by_layer[name]:
            slots.update(dict.fromkeys((*step.inputs(), step.outputs[0])))
    found = machine.values(image[np.newaxis], list(slots))
    held = {slot: np.asarray(array[0], np.float64) for slot, array in zip(slots, found, strict=True)}
    return [_open(machine, name, by_layer[name], held) for name in chosen]


def as_layer_name(name: str, known: Sequence[str]) -> str:
    """Return a layer's name as the program has it.

    Raises:
        ValueError: there is no such layer.
    """
    if name in known:
        return name
    ends = [each for each in known if each.endswith("/" + name)]
    if len(ends) == 1:
        return ends[0]
    raise ValueError(f"there is no layer {name!r}; there are {', '.join(known)}")


def _open(machine: Machine, name: str, steps: list[Step], held: dict[Slot, Array]) -> OpenLayer:
    first, last = steps[0], steps[-1]
    try:
        plain = [machine.plain(step) for step in steps[:1] + (steps[-1:] if len(steps) > 1 else [])]
    except NotWrittenError as error:
        plain = [PlainStep(name=name, call=first.kind or "a layer", outputs=first.outputs, shape=first.shape)]
        inputs = tuple(held[slot] for slot in first.inputs())
        return OpenLayer(name, plain[0], inputs, held[last.outputs[0]], reason=str(error))
    is_activated = len(plain) > 1
    return OpenLayer(
        name,
        plain[0],
        tuple(held[slot] for slot in first.inputs()),
        held[last.outputs[0]],
        plain[1] if is_activated else None,
        held[first.outputs[0]] if is_activated else None,
        is_cut=not is_activated and first.name.endswith(":linear"),
    )


def work_out(layer: OpenLayer, at: Sequence[int]) -> Cell:
    """Return one number of a layer, worked out from what the layer reads.

    Args:
        layer: the layer, open for an image.
        at: row, column and filter; the step and filter of a series; or the number of a unit.

    Raises:
        ValueError: there is no such number in the layer, NumPy has no layer of its kind, or it is too large.
    """
    place = as_place(layer, at)
    if layer.reason:
        raise ValueError(f"the layer {layer.name!r} cannot be worked out: {layer.reason}")
    if layer.kind in CONVOLUTIONS or layer.kind in ("DepthwiseConv2D", "DepthwiseConv1D"):
        return _of_convolution(layer, place)
    if layer.kind == "Dense":
        return _of_dense(layer, place)
    if layer.kind in POOLINGS:
        return _of_pooling(layer, place)
    if layer.plain.activation and layer.plain.activation != "softmax":
        return _of_activation(layer, place)
    return _of_anything(layer, place)


def as_place(layer: OpenLayer, at: Sequence[int]) -> tuple[int, ...]:
    """Return where a number stands in a layer's output.

    Raises:
        ValueError: it stands nowhere.
    """
    shape, place = layer.output.shape, tuple(at)
    words = {3: "row, column and filter", 2: "step and filter", 1: "the unit"}
    if len(place) != len(shape):
        raise ValueError(
            f"{layer.name} is {'×'.join(map(str, shape))}: say {words.get(len(shape), 'a place')} of a number"
        )
    for number, size, word in zip(
        place, shape, words[len(shape)].replace(" and", ",").split(", "), strict=True
    ):
        if not 0 <= number < size:
            raise ValueError(
                f"{layer.name} has {word}s 0 to {size - 1}, not {number}".replace("the units", "units")
            )
    return place


def _rows(array: Array) -> Array:
    """Return maps as (rows, columns, channels): a series is a map of one row."""
    return array[np.newaxis] if array.ndim == 2 else array


def layer_window(layer: OpenLayer) -> Window:
    """Return where the window of a convolution or pooling stands on the map."""
    x = _rows(layer.inputs[0])
    told: Any = layer.make()
    sizes = getattr(told, "kernel_size", None) or told.pool_size
    strides = told.strides or sizes
    steps = getattr(told, "dilation_rate", 1)
    is_series = layer.inputs[0].ndim == 2
    if not is_series:
        return slide(x.shape[:2], sizes, strides, told.padding, steps)
    own = slide(layer.inputs[0].shape[:1], sizes, strides, told.padding, steps)
    return slide(x.shape[:2], (1, *own.size), (1, *own.strides), ((0, 0), *own.borders), (1, *own.dilation))


def _of_convolution(layer: OpenLayer, place: tuple[int, ...]) -> Cell:
    window, x = layer_window(layer), _rows(layer.inputs[0])
    arrays = {name: np.asarray(array, np.float64) for name, array in layer.plain.arrays.items()}
    kernel, f = _kernel_of(layer, arrays, place[-1])
    bias = arrays.get("bias")
    at = (0, *place[:-1]) if len(place) == 2 else place[:-1]
    one = place_sum(
        x[..., f], kernel, window, (at[0], at[1], 0), None if bias is None else float(bias[place[-1]])
    )
    first = f.start
    terms = tuple(Term((*t.at[:2], t.at[2] + first), t.value, t.weight, t.is_border) for t in one.terms)
    return _of_sum(layer, place, Sum(terms, one.bias), window)


def _kernel_of(layer: OpenLayer, arrays: dict[str, Array], f: int) -> tuple[Array, slice]:
    """Return the kernel of one filter, (rows, columns, channels, 1), and the channels that it reads."""
    if "depthwise_kernel" in arrays or layer.kind.startswith("Depthwise"):
        kernel = next(iter(v for k, v in arrays.items() if "kernel" in k))
        kernel = kernel[np.newaxis] if kernel.ndim == 3 else kernel
        multiplier = kernel.shape[-1]
        c, m = divmod(f, multiplier)
        return kernel[:, :, c : c + 1, m : m + 1], slice(c, c + 1)
    kernel = arrays["kernel"]
    kernel = kernel[np.newaxis] if kernel.ndim == 3 else kernel
    depth, filters = kernel.shape[2:]
    groups = layer.inputs[0].shape[-1] // depth
    first = f // (filters // groups) * depth
    return kernel[..., f : f + 1], slice(first, first + depth)


def _of_dense(layer: OpenLayer, place: tuple[int, ...]) -> Cell:
    arrays = {name: np.asarray(array, np.float64) for name, array in layer.plain.arrays.items()}
    x, weights, bias = layer.inputs[0][place[:-1]], arrays["kernel"][:, place[-1]], arrays.get("bias")
    terms = tuple(
        Term((*place[:-1], i), float(v), float(w)) for i, (v, w) in enumerate(zip(x, weights, strict=True))
    )
    return _of_sum(layer, place, Sum(terms, None if bias is None else float(bias[place[-1]])))


def _of_sum(layer: OpenLayer, place: tuple[int, ...], one: Sum, window: Window | None = None) -> Cell:
    if layer.activation is None:
        return Cell(layer, place, "sum", one.lines(), one.value, one, window)
    name = layer.activation_name
    if name in ("softmax", "log_softmax", "prelu", "crelu"):
        lines, value = _of_softmax(layer, place, one) if name == "softmax" else _of_whole(layer, place, name)
        return Cell(layer, place, "sum", (*one.lines(), *lines), value, one, window)
    own = make_layer(layer.activation)

    def function(x: float) -> float:
        return float(own.forward(np.full((1, 1), x))[0][0, 0])

    done = Sum(one.terms, one.bias, name, function)
    return Cell(layer, place, "sum", done.lines(), done.value, done, window)


def _of_softmax(layer: OpenLayer, place: tuple[int, ...], one: Sum) -> tuple[tuple[str, ...], float]:
    """Return the last lines of a unit before a softmax: its power, by the sum of all."""
    assert layer.before is not None
    z = layer.before[place[:-1]].copy()
    z[place[-1]] = one.value
    powers = np.exp(z - z.max())
    value = float(powers[place[-1]] / powers.sum())
    text = f"softmax: e^({number_text(one.value)} − {in_brackets(float(z.max()))}) / {number_text(float(powers.sum()))}"
    return (f"{text} = {number_text(value)}",), value


def _of_whole(layer: OpenLayer, place: tuple[int, ...], name: str) -> tuple[tuple[str, ...], float]:
    assert layer.before is not None
    assert layer.activation is not None
    value = float(make_layer(layer.activation).forward(layer.before[np.newaxis])[0][0][place])
    return (f"{name}: {number_text(value)}",), value


def _of_pooling(layer: OpenLayer, place: tuple[int, ...]) -> Cell:
    window, x, kind = layer_window(layer), _rows(layer.inputs[0]), POOLINGS[layer.kind]
    at = (0, *place[:-1]) if len(place) == 2 else place[:-1]
    cells = seen(x, window, (at[0], at[1]), place[-1])
    values = [value for _, value in cells]
    y = {"max": max(values), "mean": sum(values) / len(values), "sum": sum(values)}[kind]
    best = largest_of(cells) if kind == "max" else None
    return Cell(layer, place, kind, working(kind, cells, y, best), y, window=window, chosen=best)


def _of_activation(layer: OpenLayer, place: tuple[int, ...]) -> Cell:
    x = layer.inputs[0]
    y = float(layer.make().forward(x[np.newaxis])[0][0][place])
    name = layer.plain.activation
    title = "ReLU" if name == "relu" else name
    one = Sum((Term(place, float(x[place]), 1.0),), None, name, lambda _: y)
    return Cell(
        layer, place, "function", (f"{title}({number_text(float(x[place]))}) = {number_text(y)}",), y, one
    )


def _of_anything(layer: OpenLayer, place: tuple[int, ...]) -> Cell:
    """Work out a number of a layer of any kind by what the NumPy layer does, forward and backward.

    Of a layer that is linear, ∂y/∂x is the weight with which x enters y, so that Σ ∂y/∂x·x and what it leaves for an
    input of zeros add up to y. Where they do not, the number is a function of all that is read, and no sum.
    """
    if sum(x.size for x in layer.inputs) + layer.output.size > MOST_VALUES:
        raise ValueError(f"{layer.name} ({layer.kind}) holds too many numbers to be worked out one by one")
    own = layer.make()
    batch = [x[np.newaxis] for x in layer.inputs]
    y, back = own.forward(*batch)
    chosen = np.zeros_like(y)
    chosen[(0, *place)] = 1.0
    value = float(y[(0, *place)])
    if layer.kind == "Softmax" or layer.plain.activation == "softmax":
        return _softmax_alone(layer, place)
    weights = back(chosen)
    constant = float(own.forward(*[np.zeros_like(x) for x in batch])[0][(0, *place)])
    terms = []
    for source, (x, w) in enumerate(zip(layer.inputs, weights, strict=True)):
        for at in np.argwhere(w[0] != 0):
            where = tuple(int(i) for i in at)
            terms.append(Term(where, float(x[where]), float(w[0][where]), source=source))
    one = Sum(tuple(terms), constant if constant else None)
    scale = max(abs(value), float(np.abs(y).max()) * EXACT, 1e-12)
    if abs(one.before - value) > EXACT * max(scale, 1.0):
        read = sum(int(np.count_nonzero(w)) for w in weights)
        line = f"{layer.kind} makes it of {read:,} numbers at once; it is no sum of products: {number_text(value)}"
        return _finish(layer, place, Cell(layer, place, "function", (line,), value))
    return _of_sum(layer, place, one)


def _softmax_alone(layer: OpenLayer, place: tuple[int, ...]) -> Cell:
    z = layer.inputs[0][place[:-1]]
    powers = np.exp(z - z.max())
    value = float(powers[place[-1]] / powers.sum())
    here, highest = number_text(float(z[place[-1]])), in_brackets(float(z.max()))
    line = f"softmax: e^({here} − {highest}) / {number_text(float(powers.sum()))} = {number_text(value)}"
    return Cell(layer, place, "function", (line,), value)


def _finish(layer: OpenLayer, place: tuple[int, ...], cell: Cell) -> Cell:
    if layer.activation is None:
        return cell
    value = float(make_layer(layer.activation).forward(np.full((1, 1), cell.value))[0][0, 0])
    line = f"{layer.activation_name}({number_text(cell.value)}) = {number_text(value)}"
    return Cell(layer, place, cell.rule, (*cell.lines, line), value)


def products_by_channel(one: Sum) -> dict[int, float]:
    """Return what the products of each channel come to, the largest first."""
    found: dict[int, float] = {}
    for term in one.terms:
        found[term.at[-1]] = found.get(term.at[-1], 0.0) + term.product
    return dict(sorted(found.items(), key=lambda item: -abs(item[1])))
