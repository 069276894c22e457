"""Faithfulness: do the pixels that a map points at carry the network's decision?

Deletion removes pixels in the order of the map, the highest first, and insertion puts them into an empty
image in the same order, while the probability p of the explained class is watched; the area under p against
the share of the pixels is the measure: small for deletion and large for insertion. Source: Petsiuk, Das
and Saenko, RISE, 2018, §4.2. Two orders that ask no network stand beside every map: random ones, and the
pixels by how far they are from the baseline, that is, by their ink.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from app.faith.parts import Part, put_together
from app.faith.results import SIDES, Curves, Faithfulness, areas_under
from app.faith.run import FaithRun, Tick, counted, no_tick
from app.maps.explainer import Arrays
from app.maps.methods.masking import class_probability

INK = "the image itself"
"""The order that asks no network: the pixel furthest from the baseline first."""
STEPS = 16
"""Steps from the whole image to the empty one."""
RANDOM_ORDERS = 5
"""Random orders that the band is made of."""
ROWS = ("areas", "constant")
"""What is found of each image, see `faithfulness_part`."""


def faithfulness(
    run: FaithRun, steps: int = STEPS, random_orders: int = RANDOM_ORDERS, tick: Tick = no_tick
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
    verify_faithfulness(run, steps, random_orders)
    parts = list(run.parts())
    done = counted(tick, len(parts) * faithfulness_ticks(run, random_orders))
    found = put_together(faithfulness_part(part, done, steps, random_orders) for part in parts)
    return judge_faithfulness(found, run, steps, random_orders)


def verify_faithfulness(run: FaithRun, steps: int = STEPS, random_orders: int = RANDOM_ORDERS) -> None:
    """Check that there is something to test.

    Raises:
        ValueError: no image, fewer than one step or order, or a network that puts out quantities.
    """
    if run.explainer.model.head.kind == "value":
        raise ValueError(
            "faithfulness watches the probability of a class, and this network computes quantities; ask for "
            "the other tests alone"
        )
    if not run.count or steps < 1 or random_orders < 1:
        raise ValueError(
            f"faithfulness needs images, steps and random orders, not {run.count}, {steps} and "
            f"{random_orders}"
        )


def faithfulness_ticks(run: FaithRun, random_orders: int = RANDOM_ORDERS) -> int:
    """Return how often `faithfulness_part` says that it is done with an order."""
    return random_orders + len(run.methods) + 1


def faithfulness_part(
    run: FaithRun, done: Callable[[str], None], steps: int = STEPS, random_orders: int = RANDOM_ORDERS
) -> Part:
    """Return the curves of some images; they depend on them and their numbers alone.

    Returns:
        `areas` (images, orders, 2), under the curves of deletion and insertion; `constant` (images, orders), whether
        the order is that of a map with one value everywhere. Orders are random ones, the methods' and the ink's. Sums:
        `curves` (orders, 2, steps + 1); `empty` (2,), pixels that have the baseline's value, and all pixels; `seconds`
        (methods,), of making the maps.
    """
    seconds: list[float] = []
    areas, constant, curves = [], [], []
    for name, values, seed in _orders(run, random_orders, seconds):
        both = curves_of(run, values, steps, seed)
        areas.append(np.stack([areas_under(curve, shares_of(run, steps)) for curve in both], axis=-1))
        curves.append([curve.sum(axis=0, dtype=np.float64) for curve in both])
        flat = values.reshape(len(values), -1)
        constant.append(flat.max(axis=1) == flat.min(axis=1))
        done(name)
    empty = np.array([np.count_nonzero(_ink(run) == 0), run.images[..., 0].size])
    rows = dict(zip(ROWS, (np.stack(areas, axis=1), np.stack(constant, axis=1)), strict=True))
    return Part(rows, {"curves": np.array(curves), "empty": empty, "seconds": np.array(seconds)})


def _orders(run: FaithRun, random_orders: int, seconds: list[float]) -> Iterator[tuple[str, np.ndarray, int]]:
    """Yield each order: its name, values (images, height, width), the seed of equal ones; methods leave their time."""
    seed, blank = run.settings.seed, np.zeros(run.images.shape[:3])
    for k in range(random_orders):
        yield "random", blank, seed + 1 + k
    for method in run.methods:
        started = time.perf_counter()
        values = run.pixel_values(method)
        seconds.append(time.perf_counter() - started)
        yield method.name, values, seed
    yield INK, _ink(run), seed


def _ink(run: FaithRun) -> np.ndarray:
    return np.asarray(np.abs(run.images - run.settings.baseline).max(axis=-1))


def judge_faithfulness(
    part: Part, run: FaithRun, steps: int = STEPS, random_orders: int = RANDOM_ORDERS
) -> Faithfulness:
    """Return what follows from what was found of all images, or of those that could be read."""
    areas, constant = (part.rows[name] for name in ROWS)
    means = part.sums["curves"] / len(areas)
    names = ["random"] * random_orders + [method.name for method in run.methods] + [INK]
    orders = [
        Curves(
            name,
            dict(zip(SIDES, means[i], strict=True)),
            shares_of(run, steps),
            {side: areas[:, i, k].copy() for k, side in enumerate(SIDES)},
            int(constant[:, i].sum()),
        )
        for i, name in enumerate(names)
    ]
    maps = [
        replace(curves, seconds=float(seconds), made_of="cells" if method.is_of_cells else "pixels")
        for curves, method, seconds in zip(
            orders[random_orders:-1], run.methods, part.sums["seconds"], strict=True
        )
    ]
    empty, pixels = part.sums["empty"]
    return Faithfulness(tuple(maps), tuple(orders[:random_orders]), orders[-1], float(empty / pixels))


def shares_of(run: FaithRun, steps: int) -> np.ndarray:
    """Return the share of the pixels at each step, 0…1, (steps + 1,): each is a whole number of pixels."""
    pixels = int(np.prod(run.images.shape[1:3]))
    return np.asarray(np.rint(np.linspace(0, pixels, steps + 1)) / pixels)


def curves_of(run: FaithRun, values: np.ndarray, steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return curves of deletion and insertion in the order that `values` give, the highest first.

    Args:
        run: the images.
        values: (images, height, width).
        steps: from the whole image to the empty one.
        seed: decides the order of equal values.

    Returns:
        The probability of the explained class at each step, (images, steps + 1), twice.
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

    arrays = [run.images, pixel_places(values, seed, run.own_numbers)]
    shared = [counts, np.array([run.settings.baseline])]
    told = np.repeat(run.targets, len(counts), axis=0)
    deletion, insertion = (
        class_probability(outputs.reshape(-1, units), told, machine.program.head).reshape(-1, len(counts))
        for outputs in run.explainer.apply(function, arrays, shared)
    )
    return deletion, insertion


def pixel_places(values: np.ndarray, seed: int, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the place of each pixel in the order, 0 for the highest value; equal ones at random.

    Image number n takes the n-th stretch of the random numbers that a seed gives, so that its order depends on the
    seed and the number alone.

    Args:
        values: (images, height, width).
        seed: decides the order of equal values.
        numbers: of the images, from 0.
    """
    rows = values.reshape(len(values), -1)
    chance = np.empty(rows.shape)
    for row, number in zip(chance, numbers, strict=True):
        stretch = np.random.PCG64(seed)
        stretch.advance(int(number) * row.size)
        row[:] = np.random.Generator(stretch).random(row.size)
    order = np.lexsort((chance, -rows), axis=-1)
    places = np.empty(rows.shape)
    np.put_along_axis(places, order, np.arange(rows.shape[1])[None, :], axis=1)
    return places.reshape(values.shape)
