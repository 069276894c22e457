"""Gradients averaged over many versions of an image: SmoothGrad and its kin, and integrated gradients."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from app.maps.explainer import Arrays, Explainer
from app.maps.methods.method import Method, RawMaps, Settings

Moment = Literal["mean", "squared", "variance"]


def smooth_grad(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    samples: int = 20,
    noise: float = 0.2,
    moment: Moment = "mean",
    seed: int = 0,
) -> np.ndarray:
    """Return a moment of the gradient under noise, (images, height, width, channels).

    g_k = ∂S/∂x at x + σ·n_k, with n_k normal and σ = noise·(max x − min x) of the image.
    mean: SmoothGrad, Σ g_k / n (Smilkov et al. 2017). squared: Σ g_k² / n (Hooker et al. 2019).
    variance: VarGrad, Σ (g_k − mean)² / n (Adebayo et al. 2018). The noise is the same for each image
    and depends on (seed, k) alone, so that a map does not depend on the images beside it. A variance
    within the rounding of the gradients is 0.

    Raises:
        ValueError: less than one sample, or a negative noise.
    """
    if samples < 1 or noise < 0:
        raise ValueError(f"SmoothGrad takes a sample or more, and noise from 0; not {samples}, {noise}")
    axes = (1, 2, 3)
    span = images.max(axis=axes, keepdims=True) - images.min(axis=axes, keepdims=True)
    sigma = noise * span

    def points(x: np.ndarray, s: np.ndarray, n: np.ndarray) -> np.ndarray:
        return np.asarray(x[:, None] + s[:, None] * n[None])

    def draw(numbers: range) -> np.ndarray:
        shape = images.shape[1:]
        return np.stack([np.random.default_rng((seed, k)).standard_normal(shape) for k in numbers])

    total, squares = _sums(explainer, [images, sigma, targets], samples, points, draw)
    mean = total / samples
    if moment == "mean":
        return np.asarray(mean)
    square = squares / samples
    return np.asarray(square if moment == "squared" else _variance(mean, square, explainer))


def _variance(mean: np.ndarray, square: np.ndarray, explainer: Explainer) -> np.ndarray:
    """Return square − mean², 0 where it is no more than what rounding makes of equal gradients."""
    variance = square - mean**2
    rounding = 4 * np.finfo(explainer.model.dtype).eps
    share = max(rounding**2, 4 * np.finfo(np.float64).eps)
    return np.where(variance > share * square.max(axis=(1, 2, 3), keepdims=True), variance, 0)


def integrated_gradients(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    steps: int = 50,
    baseline: np.ndarray | float | tuple[float, ...] = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the integrated gradients and how far they are from complete, (images,).

    IG = (x − b) · Σ_k ∂S/∂x at b + α_k (x − b) / n with α_k = (k + ½)/n, the midpoint rule for
    k = 0…n − 1. Their sum should be S(x) − S(b); the gap returned is their sum minus that. Source:
    Sundararajan, Taly and Yan 2017, eq. 1 and proposition 1.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image.
        steps: n.
        baseline: b, a number or an array that fits the images.

    Raises:
        ValueError: less than one step.
    """
    if steps < 1:
        raise ValueError(f"integrated gradients take a step or more, not {steps}")
    images = images.astype(explainer.model.dtype)  # bytes would wrap around below the baseline
    start = np.broadcast_to(np.asarray(baseline, images.dtype), images.shape)

    def points(x: np.ndarray, b: np.ndarray, alphas: np.ndarray) -> np.ndarray:
        return np.asarray(b[:, None] + alphas.reshape(1, -1, 1, 1, 1) * (x - b)[:, None])

    def draw(numbers: range) -> np.ndarray:
        return (np.array(numbers) + 0.5) / steps

    total, _ = _sums(explainer, [images, start, targets], steps, points, draw)
    result = (images - start) * total / steps
    difference = explainer.logits(images) - explainer.logits(np.ascontiguousarray(start))
    gap = result.sum(axis=(1, 2, 3)) - (difference * targets).sum(axis=1)
    return result, gap


def _sums(
    explainer: Explainer,
    arrays: list[np.ndarray],
    count: int,
    points: Callable[..., np.ndarray],
    draw: Callable[[range], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Return Σ g and Σ g² over `count` versions of each image, summed in float64.

    Args:
        explainer: the replayed model.
        arrays: images, a second array for `points`, and targets.
        count: number of versions.
        points: returns the versions (images, copies, height, width, channels) from an image, the second
            array and what `draw` gave for these copies.
        draw: returns what makes the versions with the given numbers different.
    """

    def function(x: np.ndarray, other: np.ndarray, t: np.ndarray, drawn: np.ndarray) -> Arrays:
        made = points(x, other, drawn)
        rows, told = made.reshape(-1, *x.shape[1:]), np.repeat(t, len(drawn), axis=0)
        gradients = explainer.machine.pull_back(rows, told).reshape(made.shape).astype(np.float64)
        return gradients.sum(axis=1), (gradients**2).sum(axis=1)

    total, squares = np.zeros(arrays[0].shape), np.zeros(arrays[0].shape)
    for numbers in explainer.blocks(arrays[0], count):
        sums = explainer.apply(function, arrays, [draw(numbers)])
        total, squares = total + sums[0], squares + sums[1]
    return total, squares


def _integrated(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> RawMaps:
    raw, gaps = integrated_gradients(e, x, t, s.steps, s.baseline)
    said = [
        f"the values sum to {total:.4g}; they should sum to the change of the score from an empty image to this "
        f"one, {total - gap:.4g}"
        for total, gap in zip(raw.sum(axis=(1, 2, 3)), gaps, strict=True)
    ]
    return RawMaps(raw, tuple(said))


def _of_moment(name: str, label: str, source: str, moment: Moment, **facts: Any) -> Method:
    """Return the method that shows a moment of the gradient under noise."""

    def compute(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> RawMaps:
        return RawMaps(smooth_grad(e, x, t, s.samples, s.noise, moment, s.seed))

    return Method(name, label, source, compute, settings=("samples", "noise", "seed"), **facts)


METHODS = (
    _of_moment("smoothgrad", "SmoothGrad", "Smilkov et al. 2017", "mean", witness="saliency.Saliency"),
    _of_moment("smoothgrad-squared", "SmoothGrad squared", "Hooker et al. 2019", "squared"),
    _of_moment("vargrad", "VarGrad", "Adebayo et al. 2018", "variance"),
    Method(
        "integrated",
        "integrated gradients",
        "Sundararajan, Taly and Yan 2017",
        _integrated,
        settings=("steps", "baseline"),
    ),
)
