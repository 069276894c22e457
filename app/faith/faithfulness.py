"""Faithfulness: do the pixels that a map points at carry the network's decision?

Deletion removes pixels in the order of the map, the highest first, and insertion puts them into an empty
image in the same order, while the probability p of the explained class is watched; the area under p against
the share of the pixels is the measure: small for deletion and large for insertion. Source: Petsiuk, Das
and Saenko, RISE, 2018, §4.2. Two orders that ask no network stand beside every map: random ones, and the
pixels by how far they are from the baseline, that is, by their ink.
"""

import time
from dataclasses import replace

import numpy as np

from app.faith.results import Curves, Faithfulness
from app.faith.run import FaithRun, Tick, counted, no_tick
from app.maps.explainer import Arrays
from app.maps.methods.masking import class_probability

INK = "the image itself"
"""The order that asks no network: the pixel furthest from the baseline first."""


def faithfulness(
    run: FaithRun, steps: int = 16, random_orders: int = 5, tick: Tick = no_tick
) -> Faithfulness:
    """Return deletion and insertion curves for each method, random orders and the order of the ink.

    Args:
        run: what is tested.
        steps: steps from the whole image to the empty one.
        random_orders: how many random orders the band is made of.
        tick: called after each order.

    Raises:
        ValueError: no image, fewer than one step or order, or a network that puts out quantities.
    """
    images, seed = run.images, run.settings.seed
    if run.explainer.model.head.kind == "value":
        raise ValueError(
            "faithfulness watches the probability of a class, and this network computes quantities; ask for "
            "the other tests alone"
        )
    if not len(images) or steps < 1 or random_orders < 1:
        raise ValueError(
            f"faithfulness needs images, steps and random orders, not {len(images)}, {steps} and "
            f"{random_orders}"
        )
    done = counted(tick, random_orders + len(run.methods) + 1)

    def measured(name: str, values: np.ndarray, seed: int = seed) -> Curves:
        curves = curves_of(run, name, values, steps, seed)
        done(name)
        return curves

    blank = np.zeros(images.shape[:3])
    random = [measured("random", blank, seed + 1 + k) for k in range(random_orders)]
    maps = []
    for method in run.methods:
        started = time.perf_counter()
        values = run.pixel_values(method)
        seconds = time.perf_counter() - started
        made_of = "cells" if method.is_of_cells else "pixels"
        maps.append(replace(measured(method.name, values), seconds=seconds, made_of=made_of))
    ink = np.abs(images - run.settings.baseline).max(axis=-1)
    return Faithfulness(tuple(maps), tuple(random), measured(INK, ink), float((ink == 0).mean()))


def curves_of(run: FaithRun, name: str, values: np.ndarray, steps: int, seed: int) -> Curves:
    """Return the curves of the order that `values` (images, height, width) give, the highest first.

    `seed` decides the order of equal values.
    """
    machine, units = run.explainer.machine, run.targets.shape[1]
    counts = np.rint(np.linspace(0, values[0].size, steps + 1))

    def function(x: np.ndarray, p: np.ndarray, n: np.ndarray, b: np.ndarray) -> Arrays:
        gone = (p[:, None] < n[None, :, None, None]).astype(x.dtype)[..., None]
        made = []
        for mask in (gone, 1 - gone):
            rows = (x[:, None] * (1 - mask) + b[0] * mask).reshape(-1, *x.shape[1:])
            made.append(machine.outputs(rows).reshape(-1, len(n), units))
        return made

    arrays = [run.images, pixel_places(values, seed)]
    shared = [counts, np.array([run.settings.baseline])]
    told = np.repeat(run.targets, len(counts), axis=0)
    deletion, insertion = (
        class_probability(outputs.reshape(-1, units), told, machine.program.head).reshape(-1, len(counts))
        for outputs in run.explainer.apply(function, arrays, shared)
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
