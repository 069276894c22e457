"""Initialisation, seen: the spread of the values, and of the gradients, layer by layer of an untrained network."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from app.scratch.build import build_network
from app.scratch.fit import check_size
from app.scratch.initialisers import fans, xavier, xavier_of_the_article
from app.scratch.network import Model
from app.scratch.vocabulary import nn
from models import Network

Array = np.ndarray
SCALES = (("too small", 1 / 3), ("right", 1.0), ("too large", 3.0))
"""What the weights are multiplied with; a third is what article 002 makes of a 3×3 kernel: /9 for /3."""
KINDS = ("dense", "conv")
ACTIVATIONS = ("tanh", "relu")
GAINS = {"tanh": 1.0, "relu": math.sqrt(2)}
"""How much larger than 1/√n weights are to be in front of an activation: a rectifier halves the mean square."""
MOST_SPREAD = 12_000_000
"""Parameters up to which a network is looked at: it runs once forward and once back."""
UNITS, BATCH = 256, 128
"""Units of a dense layer, and samples."""
SIDE, MAPS, FEW = 16, 16, 8
"""Pixels a side, maps of a convolution, and images."""


@dataclass(frozen=True)
class LayerSpread:
    """One layer, with each of the three ways to draw its weights."""

    name: str
    values: tuple[float, ...]
    """Standard deviation of what it puts out."""
    gradients: tuple[float, ...]
    """Standard deviation of the gradient by what it puts out, over that by the last layer's."""


@dataclass(frozen=True)
class Division:
    """Weights drawn normal, and divided by a number: what their variance becomes, and what a kernel makes of it."""

    divisor: int
    stated: str
    """What the variance should be, as a fraction."""
    variance: float
    """As measured."""
    output_variance: float
    """Of the sum of the nine products with values of variance 1."""


def scaled_kernel(scale: float, gain: float) -> Callable[[tuple[int, ...], np.random.Generator], Array]:
    """Return what draws normal weights of standard deviation scale·gain/√n, n being the fan in.

    With scale 1 and gain 1 that is Xavier's rule, with gain √2 He's.

    >>> draw = scaled_kernel(scale=1.0, gain=math.sqrt(2))
    >>> float(round(draw((50, 4000), np.random.default_rng(0)).std() ** 2 * 50, 1))
    2.0
    """

    def draw(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.normal(0, scale * gain / math.sqrt(fans(shape)[0]), shape)

    return draw


def plain_network(kind: str, activation: str, depth: int) -> Model:
    """Return a network of `depth` alike layers without bias: 256 units each, or 16 maps of 16×16 by 3×3 kernels.

    Raises:
        ValueError: another kind.
    """
    if kind == "dense":
        layers = [
            nn.Dense(UNITS, activation=activation, use_bias=False, name=f"dense{i}")
            for i in range(1, depth + 1)
        ]
        return nn.Sequential([nn.Input((UNITS,), name="input"), *layers], name=f"{depth} dense layers")
    if kind == "conv":
        make = partial(nn.Conv2D, MAPS, 3, padding="same", activation=activation, use_bias=False)
        layers = [make(name=f"conv{i}") for i in range(1, depth + 1)]
        return nn.Sequential(
            [nn.Input((SIDE, SIDE, MAPS), name="input"), *layers], name=f"{depth} convolutions"
        )
    raise ValueError(f"a plain network is of the kind {' or '.join(KINDS)}, not {kind!r}")


def measure_spread(model: Model, gain: float, seed: int, samples: int) -> list[LayerSpread]:
    """Return the spread of values and gradients in every layer with weights, for weights too small, right, too large.

    What enters is normal, of mean 0 and variance 1; so is the gradient that enters at the end, in front of a softmax.

    Args:
        model: a network; its weights are drawn anew.
        gain: see `scaled_kernel`.
        seed: of weights, inputs and gradients.
        samples: how many inputs.
    """
    found = [_spread_once(model, scaled_kernel(scale, gain), seed, samples) for _, scale in SCALES]
    return [
        LayerSpread(name, tuple(one[name][0] for one in found), tuple(one[name][1] for one in found))
        for name in found[0]
    ]


def _spread_once(model: Model, kernel: Any, seed: int, samples: int) -> dict[str, tuple[float, float]]:
    """Return (spread of values, spread of gradients) by the name of the layer."""
    model.initialise(seed, dtype="float64", kernel=kernel)
    rng = np.random.default_rng((seed, samples))
    run = model.forward(*(rng.normal(0, 1, (samples, *model.shapes[slot])) for slot in model.inputs))
    starts = {slot: rng.normal(0, 1, run.values[slot].shape) for slot in ends_of(model)}
    gradients = run.backward(starts)
    end = float(np.concatenate([gradients[slot].ravel() for slot in starts]).std())
    return {
        name: (float(run.values[slot].std()), float(gradients[slot].std()) / end)
        for name, slot in _weighted(model).items()
        if slot in gradients
    }


def ends_of(model: Model) -> list[int]:
    """Return the slots at which gradients enter: the outputs, in front of a softmax or sigmoid what goes into it."""
    return [model.heads.get(slot, slot) for slot in model.outputs]


def _weighted(model: Model) -> dict[str, int]:
    """Return the slot that each layer with a kernel fills, behind its own activation where it has one."""
    fused = {
        node.name for node in model.nodes if f"{node.name}:linear" in {each.name for each in model.nodes}
    }
    ends = set(ends_of(model))
    found = {}
    for node in model.nodes:
        base = node.name.removesuffix(":linear")
        has_kernel = any(name.endswith("kernel") for name in node.layer.weights)
        if (has_kernel and (base not in fused or node.output in ends)) or (
            node.name in fused and base not in found
        ):
            found[base] = node.output
    return found


def uses_rectifiers(model: Model) -> bool:
    """Whether a network has ReLUs, or activations like it."""
    return any(node.layer.ceiling is not None or node.layer.kind == "LeakyReLU" for node in model.nodes)


def spread_of_network(network: Network, seed: int = 0) -> tuple[Model, list[LayerSpread], float]:
    """Return a network of the catalogue, the spread in it and the gain that its activations ask for.

    Raises:
        ValueError: it is too large, or has a layer that NumPy lacks.
    """
    check_size(network, {}, MOST_SPREAD, "looking at it")
    model = build_network(network, seed=seed)
    gain = GAINS["relu"] if uses_rectifiers(model) else GAINS["tanh"]
    return model, measure_spread(model, gain, seed, FEW), gain


def spread_of_plain(
    kind: str, activation: str, depth: int, seed: int = 0
) -> tuple[Model, list[LayerSpread], float]:
    """Return a plain network, the spread in it and the gain that its activation asks for.

    Raises:
        ValueError: another kind or activation.
    """
    if activation not in GAINS:
        raise ValueError(f"the activation is {' or '.join(ACTIVATIONS)}, not {activation!r}")
    model = plain_network(kind, activation, depth)
    samples = BATCH if kind == "dense" else FEW
    return model, measure_spread(model, GAINS[activation], seed, samples), GAINS[activation]


def check_division(seed: int = 0, kernels: int = 50_000) -> tuple[Division, ...]:
    """Return what dividing a 3×3 kernel of normal weights by 9, as article 002 does, and by 3 makes of its variance.

    Var(w/a) = Var(w)/a²: 1/81 for 9, and 1/9, which the article asks for, for 3. The sum of n = 9 products with values
    of variance 1 has the variance n·Var(w).

    >>> [(each.divisor, round(1 / each.variance)) for each in check_division()]
    [(9, 81), (3, 9)]
    """
    ways: Mapping[int, Any] = {9: xavier_of_the_article, 3: xavier}
    found = []
    for divisor, draw in ways.items():
        rng = np.random.default_rng(seed)
        weights = draw((3, 3, 1, kernels), rng)
        values = rng.normal(0, 1, weights.shape)
        sums = (weights * values).sum(axis=(0, 1, 2))
        found.append(Division(divisor, f"1/{divisor**2}", float(weights.var()), float(sums.var())))
    return tuple(found)
