"""The two kinds of cells of Fukushima's neocognitron, the ancestor."""

import numpy as np

from app.scratch.layers.base import Array, Layer, Result, Shape, over_places
from app.scratch.layers.convolution import convolution, depthwise
from app.scratch.windows import slide

NEARNESS = 0.9
SMALLEST = 1e-7
"""The root has no slope at 0, so that less than this counts as this much (Keras' ε)."""


def nearness(size: int) -> Array:
    """Return the fixed weights of an area, which fall by `NEARNESS` with each cell of distance; their sum is 1."""
    places = np.arange(size) - (size - 1) / 2
    weights = NEARNESS ** np.hypot(places[:, None], places)
    return np.asarray(weights / weights.sum(), "float32")[..., None, None]


class SCells(Layer, planes=..., kernel_size=..., selectivity=1.5, rank=3):
    """u = r·φ(e/h − 1), e = 1 + Σ a·x, h = 1 + r/(1 + r)·b·v, v = √(Σ c·x²), φ(x) = max(0, x).

    Excitation against inhibition: cells that answer to a learned feature. a and, for each plane, b are learned; c is
    fixed. ∂u/∂e = r/h and ∂u/∂h = −r·e/h² where a cell answers, 0 elsewhere; ∂v/∂x = c·x/v.
    Source: Fukushima, Neocognitron, 1980, eq. 1 to 5.
    """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the excitatory weights and the inhibitory ones."""
        area = (self.kernel_size, self.kernel_size, shapes[0][-1])
        return {"excitation": (*area, self.planes), "inhibition": (self.planes,)}

    def forward(self, x: Array) -> Result:
        """Return the answers of the planes."""
        a, b, r = self.weights["excitation"], self.weights["inhibition"], self.selectivity
        c = np.broadcast_to(nearness(self.kernel_size) / x.shape[-1], (*a.shape[:3], 1)).astype(x.dtype)
        window, share = slide(x.shape[1:-1], self.kernel_size), r / (1 + r)
        sums, x_by_sums, a_by_sums = convolution(x, a, window)
        squares, x_by_squares, _ = convolution(x * x, c, window)
        e, v = 1 + sums, np.sqrt(np.maximum(squares, SMALLEST))
        h = 1 + share * b * v

        def backward(g: Array) -> tuple[Array, ...]:
            by_e = np.where(e > h, g * r / h, 0)
            by_h = -by_e * e / h
            by_v = share * (by_h * b).sum(axis=-1, keepdims=True)
            by_squares = np.where(squares < SMALLEST, 0, by_v / (2 * v))
            self.learn(excitation=lambda: a_by_sums(by_e), inhibition=lambda: share * over_places(by_h * v))
            return (x_by_sums(by_e) + 2 * x * x_by_squares(by_squares),)

        return r * np.maximum(e / h - 1, 0), backward


class CCells(Layer, kernel_size=..., saturation=0.5, rank=3):
    """u = ψ(e/h − 1), e = 1 + Σ d·x, h the mean of e over the planes, ψ(x) = φ(x)/(α + φ(x)), φ(x) = max(0, x).

    They answer wherever in their area a feature is, each to its own plane; nothing is learned.
    ∂ψ/∂φ = α/(α + φ)²; ∂(e/h)/∂e = 1/h, and −e/h² for h, of which each plane has its share.
    Source: Fukushima, Neocognitron, 1980, eq. 7 to 10.
    """

    def forward(self, x: Array) -> Result:
        """Return the answers of the planes."""
        k, channels, alpha = self.kernel_size, x.shape[-1], self.saturation
        d = np.broadcast_to(nearness(k), (k, k, channels, 1)).astype(x.dtype)
        sums, by_x, _ = depthwise(x, d, slide(x.shape[1:-1], k))
        e = 1 + sums
        h = e.mean(axis=-1, keepdims=True)
        answer = np.maximum(e / h - 1, 0)

        def backward(g: Array) -> tuple[Array, ...]:
            by_ratio = np.where(e > h, g * alpha / (alpha + answer) ** 2, 0)
            by_h = -(by_ratio * e / (h * h)).sum(axis=-1, keepdims=True)
            return (by_x(by_ratio / h + by_h / channels),)

        return answer / (alpha + answer), backward
