"""The sanity check: does a map change when the network forgets what it learnt?

The layers' weights are put into a random order one after the other, from the output down (cascading
randomisation, Adebayo et al., Sanity Checks for Saliency Maps, 2018, §3.1), and each method's maps are
compared with those of the trained network by Spearman's rank correlation ρ of what their pictures show.

A random *order* of the weights that are there, rather than fresh draws of the layer's initialiser: it
needs no initialiser, it keeps each array's mean and spread, so that signals neither die nor explode on the
way through a deep network, and a map cannot pass merely because the weights became smaller.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import numpy as np

from app.faith.permuting import permuted
from app.faith.ranks import between_images, correlations, ranks
from app.faith.results import Forgetting, Sanity, Stage
from app.faith.run import FaithRun, Tick, counted, no_tick, without_rounding
from app.maps.explainer import Explainer

Ranked = tuple[np.ndarray, np.ndarray]
"""Ranks of what the pictures show, and of the signed maps."""


def sanity(run: FaithRun, tick: Tick = no_tick) -> tuple[list[Sanity], Forgetting]:
    """Return what becomes of each method's maps while the network forgets, layer by layer.

    `tick` is called after each method of each draw of each stage.

    Raises:
        ValueError: no image, or a network without weights.
    """
    layers = run.explainer.machine.learnt_layers()
    if not len(run.images) or not layers:
        what = "image" if layers else "layer with weights"
        raise ValueError(f"the sanity check needs at least one {what}, and there is none")
    done = counted(tick, len(run.methods) * (1 + len(layers) * run.draws + (run.shuffled is not None)))
    dealt = np.resize(np.arange(len(run.images)), max(len(run.images), run.draws))
    whole = _ranked(run, run.explainer, np.arange(len(run.images)), done)
    before = {name: (shown[dealt], signed[dealt]) for name, (shown, signed) in whole.items()}
    predicted = run.explainer.logits(run.images)[dealt]
    stages: dict[str, list[Stage]] = {name: [] for name in whole}
    same = []
    for depth, layer in enumerate(layers, 1):
        after, outputs = _randomised(run, depth, np.array_split(dealt, run.draws), done)
        same.append(_share_of_same_class(predicted, outputs))
        for name in whole:
            stages[name].append(_compare(layer.name, before[name], after[name]))
    other = _ranked(run, run.shuffled, dealt, done) if run.shuffled else {}
    found = []
    for name, (rows, _) in whole.items():
        blank = len(rows) - int(rows.any(axis=1).sum())
        last = _compare("shuffled labels", before[name], other[name]) if other else None
        found.append(
            Sanity(name, len(rows), len(dealt), blank, between_images(rows), tuple(stages[name]), last)
        )
    return found, Forgetting(tuple(layer.name for layer in layers), tuple(same))


def _ranked(
    run: FaithRun, explainer: Explainer, rows: np.ndarray, done: Callable[[str], None]
) -> dict[str, Ranked]:
    """Return the ranks of the maps that a network gives some images, by method."""
    result = {}
    for method in run.methods:
        raw = run.compute(method, rows, explainer).raw
        shown, signed = (without_rounding(method.picture(raw, is_signed=sign)) for sign in (False, True))
        if not method.is_of_cells:
            shown, signed = shown[:, run.seen], signed[:, run.seen]
        result[method.name] = (ranks(shown), ranks(signed))
        done(method.name)
    return result


def _randomised(
    run: FaithRun, depth: int, deal: Sequence[np.ndarray], done: Callable[[str], None]
) -> tuple[dict[str, Ranked], np.ndarray]:
    """Return the ranks when the top `depth` layers are random, and the scores; a draw for each deal."""
    parts, outputs = [], []
    for draw, rows in enumerate(deal):
        with top_randomised(run.explainer, depth, (run.settings.seed, draw)):
            parts.append(_ranked(run, run.explainer, rows, done))
            outputs.append(run.explainer.logits(run.images[rows]))
    joined = {}
    for name in parts[0]:
        shown, signed = zip(*(part[name] for part in parts), strict=True)
        joined[name] = (np.concatenate(shown), np.concatenate(signed))
    return joined, np.concatenate(outputs)


@contextmanager
def top_randomised(explainer: Explainer, depth: int, seed: tuple[int, int]) -> Iterator[None]:
    """Randomise the top `depth` layers; the order of a layer's weights depends on (seed, layer) alone."""
    with ExitStack() as stack:
        for number, layer in enumerate(explainer.machine.learnt_layers()[:depth]):
            stack.enter_context(permuted(layer, (*seed, number)))
        yield


def staged_maps(run: FaithRun) -> dict[str, list[np.ndarray]]:
    """Return what the pictures of the first image show, (height, width): trained, then stage by stage."""
    maps: dict[str, list[np.ndarray]] = {method.name: [] for method in run.methods}
    for depth in range(len(run.explainer.machine.learnt_layers()) + 1):
        with top_randomised(run.explainer, depth, (run.settings.seed, 0)):
            for method in run.methods:
                maps[method.name].append(run.pixel_values(method, slice(1))[0])
    return maps


def _compare(name: str, before: Ranked, after: Ranked) -> Stage:
    """Return how alike the maps are, images whose map was blank before left out."""
    had = before[0].any(axis=1)
    if not had.any():
        return Stage(name, 0.0, 0.0, 0.0, 0)
    shown = correlations(before[0], after[0])[had]
    signed = correlations(before[1], after[1])[had]
    blank = int(np.count_nonzero(had) - np.count_nonzero(after[0][had].any(axis=1)))
    return Stage(name, float(shown.mean()), float(shown.std()), float(signed.mean()), blank)


def _share_of_same_class(before: np.ndarray, after: np.ndarray) -> float:
    """Return how often the highest score, or the sign of the only one, belongs to the same class."""
    if before.shape[1] == 1:
        before, after = (np.concatenate([-z, z], axis=1) for z in (before, after))
    return float(np.mean(before.argmax(axis=1) == after.argmax(axis=1)))
