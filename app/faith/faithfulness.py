"""Faithfulness: do the pixels that a map points at carry the network's decision?

Deletion removes pixels in the order of the map, the highest first, and insertion puts them into an empty
image in the same order, while the probability p of the explained class is watched; the area under p against
the share of the pixels is the measure: small for deletion and large for insertion. Source: Petsiuk, Das
and Saenko, RISE, 2018, §4.2. Two orders that ask no network stand beside every map: random ones, and the
pixels by how far they are from the baseline, that is, by their ink.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from app.engine.compiling import Tensors
from app.faith.importance import pixel_values
from app.faith.ticks import Tick, counted, no_tick
from app.maps.explainer import Explainer
from app.maps.methods.masking import class_probability
from app.maps.methods.method import Method, Settings

INK = "the image itself"
"""The order that asks no network: the pixel furthest from the baseline first."""
CAVEAT = (
    "An image with pixels removed is one that the network was never trained on, so the curves also "
    "measure how it takes strange images. Only areas of the same images, steps and baseline can be compared."
)


@dataclass(frozen=True)
class Curves:
    """Deletion and insertion by one order of the pixels."""

    name: str
    deletion: np.ndarray
    """Probability of the explained class when that share is removed, (images, steps + 1)."""
    insertion: np.ndarray
    """The same when that share is put into an empty image."""
    shares: np.ndarray
    """Share of the pixels, 0…1, (steps + 1,)."""
    blank: int = 0
    """Images whose map has one value everywhere, so that its order is a random one."""
    seconds: float = 0.0
    """Wall time of making the maps of all images."""

    @property
    def deletion_areas(self) -> np.ndarray:
        """Area under the deletion curve of each image, by the trapezoid rule, (images,)."""
        return area(self.deletion, self.shares)

    @property
    def insertion_areas(self) -> np.ndarray:
        """Area under the insertion curve of each image, (images,)."""
        return area(self.insertion, self.shares)

    @property
    def gaps(self) -> np.ndarray:
        """Insertion area minus deletion area of each image, (images,): one number for both."""
        return self.insertion_areas - self.deletion_areas


@dataclass(frozen=True)
class Faithfulness:
    """The curves of methods, and of the orders that ask no network."""

    methods: tuple[Curves, ...]
    random: tuple[Curves, ...]
    """One for each random order."""
    ink: Curves
    empty: float = 0.0
    """Share of the pixels, 0…1, that already have the baseline's value: removing them changes nothing."""

    def band(self, what: str) -> tuple[float, float]:
        """Return the lowest and highest mean area of the random orders; `what`: deletion or insertion."""
        areas = [float(getattr(order, f"{what}_areas").mean()) for order in self.random]
        return min(areas), max(areas)

    def beats_random(self, curves: Curves) -> bool:
        """Whether its deletion area is below those of all random orders and its insertion area above."""
        lowest, highest = self.band("deletion")[0], self.band("insertion")[1]
        return bool(curves.deletion_areas.mean() < lowest and curves.insertion_areas.mean() > highest)

    def sentence(self, curves: Curves) -> str:
        """Return in one sentence what the areas of one order say."""
        (low, high), (least, most) = self.band("deletion"), self.band("insertion")
        deleted = float(curves.deletion_areas.mean())
        inserted = float(curves.insertion_areas.mean())
        falls = "falls faster" if deleted < low else "falls no faster"
        rises = "rises faster" if inserted > most else "rises no faster"
        return (
            f"{curves.name}: when the pixels that it ranks highest are removed, the probability {falls} than "
            f"in random order (area {deleted:.3f}, random {low:.3f} to {high:.3f}); when they are put in, it "
            f"{rises} (area {inserted:.3f}, random {least:.3f} to {most:.3f})"
        )

    def summary(self) -> str:
        """Return in one sentence which methods find what the decision needs."""
        worse = [curves.name for curves in self.methods if not self.beats_random(curves)]
        better = len(self.methods) - len(worse)
        text = (
            f"For {better} of {len(self.methods)} maps the probability falls faster than with every random "
            "order when the pixels that the map ranks highest are removed, and rises faster when they are "
            "put in"
        )
        return f"{text}; not so for {', '.join(worse)}." if worse else f"{text}."


def faithfulness(
    explainer: Explainer,
    images: np.ndarray,
    classes: Sequence[int],
    methods: Mapping[str, Method],
    settings: Settings,
    steps: int = 16,
    random_orders: int = 5,
    tick: Tick = no_tick,
) -> Faithfulness:
    """Return deletion and insertion curves for each method, random orders and the order of the ink.

    Args:
        explainer: the network.
        images: (images, height, width, channels), scaled as the model takes them.
        classes: the class whose probability is watched, one an image.
        methods: which methods, by name.
        settings: theirs; `settings.baseline` is what a removed pixel becomes, `settings.seed` decides ties
            and random orders.
        steps: steps from the whole image to the empty one.
        random_orders: how many random orders the band is made of.
        tick: called after each order.

    Raises:
        ValueError: no image, fewer than one step or order, or a network that puts out quantities.
    """
    if explainer.model.head.kind == "value":
        raise ValueError(
            "faithfulness watches the probability of a class, and this network puts out quantities; ask for "
            "the other tests alone"
        )
    if not len(images) or steps < 1 or random_orders < 1:
        raise ValueError(
            f"faithfulness needs images, steps and random orders, not {len(images)}, {steps} and "
            f"{random_orders}"
        )
    targets = explainer.targets(classes)
    blank = np.zeros(images.shape[:3])
    ink = np.abs(images - settings.baseline).max(axis=-1)

    done = counted(tick, random_orders + len(methods) + 1)

    def measured(name: str, values: np.ndarray, seed: int = settings.seed) -> Curves:
        how = (name, seed, steps, settings.baseline)
        curves = curves_of(explainer, images, targets, values, how)
        done(name)
        return curves

    random = [measured("random", blank, settings.seed + 1 + k) for k in range(random_orders)]
    maps = []
    for name, method in methods.items():
        started = time.perf_counter()
        values = pixel_values(explainer, images, targets, method, settings)
        seconds = time.perf_counter() - started
        maps.append(replace(measured(name, values), seconds=seconds))
    return Faithfulness(tuple(maps), tuple(random), measured(INK, ink), float((ink == 0).mean()))


def curves_of(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    values: np.ndarray,
    how: tuple[str, int, int, float | tuple[float, ...]],
) -> Curves:
    """Return the curves of the order that `values` (images, height, width) give.

    Args:
        explainer: the network.
        images: the images.
        targets: what is explained, a row an image.
        values: the highest goes first; equal ones in random order.
        how: name, seed for equal values, steps, baseline.
    """
    name, seed, steps, baseline = how
    places = pixel_places(values, seed)
    counts = np.rint(np.linspace(0, values[0].size, steps + 1))

    def function(x: tf.Tensor, p: tf.Tensor, n: tf.Tensor, b: tf.Tensor) -> Tensors:
        gone = tf.cast(p[:, None] < n[None, :, None, None], x.dtype)[..., None]
        made = []
        for mask in (gone, 1 - gone):
            rows = tf.reshape(x[:, None] * (1 - mask) + b[0] * mask, (-1, *x.shape[1:]))
            outputs = explainer.model.run(explainer.model.start(rows), head=True)
            outputs = outputs[explainer.model.output]
            made.append(tf.reshape(outputs, (-1, tf.shape(n)[0], targets.shape[1])))
        return tuple(made)

    shared = [counts, np.array([baseline])]
    told = np.repeat(targets, len(counts), axis=0)
    deletion, insertion = (
        class_probability(outputs.reshape(-1, targets.shape[1]), told, explainer.model.head).reshape(
            len(images), len(counts)
        )
        for outputs in explainer.apply("curves", function, [images, places], shared)
    )
    flat = values.reshape(len(values), -1)
    constant = int((flat.max(axis=1) == flat.min(axis=1)).sum())
    return Curves(name, deletion, insertion, counts / values[0].size, constant)


def pixel_places(values: np.ndarray, seed: int) -> np.ndarray:
    """Return the place of each pixel in the order, 0 for the highest value; equal ones at random.

    An image's order does not depend on the images after it.
    """
    rows = values.reshape(len(values), -1)
    chance = np.random.default_rng(seed).random(rows.shape)
    order = np.lexsort((chance, -rows), axis=-1)
    places = np.empty(rows.shape)
    np.put_along_axis(places, order, np.arange(rows.shape[1])[None, :], axis=1)
    return places.reshape(values.shape)


def area(curves: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return Σ (p_k + p_{k+1}) / 2 · (s_{k+1} − s_k) for each curve, (images,): 0…1."""
    return np.asarray(((curves[:, 1:] + curves[:, :-1]) / 2 * np.diff(shares)).sum(axis=1))
