"""The sanity check: does a map change when the network forgets what it learnt?

The layers' weights are put into a random order one after the other, from the output down (cascading
randomisation, Adebayo et al., Sanity Checks for Saliency Maps, 2018, §3.1), and each method's maps are
compared with those of the trained network by Spearman's rank correlation ρ of what their pictures show.

A random *order* of the weights that are there, rather than fresh draws of the layer's initialiser: it
needs no initialiser, it keeps each array's mean and spread, so that signals neither die nor explode on the
way through a deep network, and a map cannot pass merely because the weights became smaller.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing

import numpy as np

from app.faith.parts import Part, put_together
from app.faith.permuting import permuted
from app.faith.ranks import between_images, correlations, ranks
from app.faith.results import Forgetting, Sanity, Stage
from app.faith.run import FaithRun, Tick, counted, no_tick, without_rounding
from app.maps.explainer import Explainer

Ranked = tuple[np.ndarray, np.ndarray]
"""Ranks of what the pictures show, and of the signed maps."""
Done = Callable[[str], None]
"""Is told the method whose maps were just made."""
ROWS = ("place", "ordered", "correlations", "blank", "same")
"""What is found of each map, see `sanity_part`."""
SHUFFLED = "shuffled labels"


def sanity(run: FaithRun, tick: Tick = no_tick) -> tuple[list[Sanity], Forgetting]:
    """Return what becomes of each method's maps while the network forgets, layer by layer.

    `tick` is called after each method of each draw of each stage.

    Raises:
        ValueError: no image, or a network without weights.
    """
    verify_sanity(run)
    parts = list(run.parts())
    done = counted(tick, sum(map(sanity_ticks, parts)))
    return judge_sanity(put_together(sanity_part(part, done) for part in parts), run)


def verify_sanity(run: FaithRun) -> None:
    """Check that there is something to test.

    Raises:
        ValueError: no image, or a network without weights.
    """
    layers = run.explainer.machine.learnt_layers()
    if not run.count or not layers:
        what = "image" if layers else "layer with weights"
        raise ValueError(f"the sanity check needs at least one {what}, and there is none")


def deal(run: FaithRun) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which draw looks at which image of a part: places, the images' rows in the part, draws, (maps,).

    All images are dealt out among the draws in their order, as evenly as may be; if there are fewer images than draws,
    each has several places. What a part gets depends on its images' numbers alone.
    """
    maps = max(run.count, run.draws)
    found = [
        (place, row) for row, number in enumerate(run.own_numbers) for place in range(number, maps, run.count)
    ]
    places, rows = np.array(sorted(found), np.int64).reshape(-1, 2).T
    ends = np.cumsum([maps // run.draws + (draw < maps % run.draws) for draw in range(run.draws)])
    return places, rows, np.searchsorted(ends, places, side="right")


def sanity_ticks(run: FaithRun) -> int:
    """Return how often `sanity_part` says that it made the maps of a method."""
    draws = len(np.unique(deal(run)[2]))
    depth = len(run.explainer.machine.learnt_layers())
    return len(run.methods) * (1 + depth * draws + (run.shuffled is not None))


def sanity_part(run: FaithRun, done: Done) -> Part:
    """Return what becomes of the maps of some images; it depends on them and their numbers alone.

    Returns:
        `place` (maps,); `ordered` (maps, methods), whether the trained network's map has an order; `correlations`
        (maps, methods, stages, 2), ρ of what is shown and with the sign; `blank` (maps, methods, stages), whether the
        later map has no order; `same` (maps, layers), whether the class is still the same. The last stage is the
        network of shuffled labels, if there is one. Sums: `ranks METHOD` (values,), of the images' rows of ranks.
    """
    layers = run.explainer.machine.learnt_layers()
    places, rows, draws = deal(run)
    whole = _ranked(run, run.explainer, np.arange(len(run.images)), done)
    predicted = run.explainer.logits(run.images)
    found = _Compared(len(places), len(run.methods), len(layers) + (run.shuffled is not None))
    same = np.zeros((len(places), len(layers)), bool)
    for draw in np.unique(draws):
        at = np.flatnonzero(draws == draw)
        own = rows[at]
        before = {name: (shown[own], signed[own]) for name, (shown, signed) in whole.items()}
        with closing(forgetting(run.explainer, (run.settings.seed, int(draw)))) as stages:
            for depth, _ in enumerate(stages):
                found.put(at, depth, before, _ranked(run, run.explainer, own, done))
                outputs = run.explainer.logits(run.images[own])
                same[at, depth] = _is_same_class(predicted[own], outputs)
    if run.shuffled:
        before = {name: (shown[rows], signed[rows]) for name, (shown, signed) in whole.items()}
        found.put(np.arange(len(places)), len(layers), before, _ranked(run, run.shuffled, rows, done))
    ordered = [np.any(shown, axis=1)[rows] for shown, _ in whole.values()]
    columns = (places, np.stack(ordered, axis=1), found.correlations, found.blank, same)
    sums = {f"ranks {name}": shown.sum(axis=0) for name, (shown, _) in whole.items()}
    return Part(dict(zip(ROWS, columns, strict=True)), sums)


class _Compared:
    """Maps of the trained network held against later ones, stage by stage."""

    def __init__(self, maps: int, methods: int, stages: int) -> None:
        self.correlations = np.zeros((maps, methods, stages, 2))
        self.blank = np.zeros((maps, methods, stages), bool)

    def put(
        self, at: np.ndarray, stage: int, before: Mapping[str, Ranked], after: Mapping[str, Ranked]
    ) -> None:
        """Keep how alike the maps of some places are."""
        for number, name in enumerate(before):
            for sign in (0, 1):
                alike = correlations(before[name][sign], after[name][sign])
                self.correlations[at, number, stage, sign] = alike
            self.blank[at, number, stage] = ~after[name][0].any(axis=1)


def judge_sanity(part: Part, run: FaithRun) -> tuple[list[Sanity], Forgetting]:
    """Return what follows from what was found of all images, or of those that could be read."""
    order = np.argsort(part.rows["place"])
    place, ordered, alike, blank, same = (part.rows[name][order] for name in ROWS)
    names = [layer.name for layer in run.explainer.machine.learnt_layers()]
    first = place < run.count  # one row an image
    found = []
    for i, method in enumerate(run.methods):
        had = ordered[:, i]
        images, of_order = int(first.sum()), int(had[first].sum())
        between = between_images(part.sums[f"ranks {method.name}"], of_order)
        stages = [
            _stage(name, alike[had, i, k], blank[had, i, k])
            for k, name in enumerate([*names, SHUFFLED][: alike.shape[2]])
        ]
        last = stages.pop() if run.shuffled else None
        found.append(Sanity(method.name, images, len(place), images - of_order, between, tuple(stages), last))
    return found, Forgetting(tuple(names), tuple(same.mean(axis=0).tolist()))


def _stage(name: str, alike: np.ndarray, blank: np.ndarray) -> Stage:
    """Return how alike maps are, (maps, 2); those that were blank before are left out."""
    if not len(alike):
        return Stage(name, 0.0, 0.0, 0.0, 0)
    shown, signed = np.ascontiguousarray(alike.T)
    return Stage(name, float(shown.mean()), float(shown.std()), float(signed.mean()), int(blank.sum()))


def _ranked(run: FaithRun, explainer: Explainer, rows: np.ndarray, done: Done) -> dict[str, Ranked]:
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


def forgetting(explainer: Explainer, seed: tuple[int, int]) -> Generator[str]:
    """Randomise one layer after the other, from the top down, and yield the name of each; all are put back at the end.

    The order of a layer's weights depends on (seed, layer) alone.
    """
    with ExitStack() as stack:
        for number, layer in enumerate(explainer.machine.learnt_layers()):
            stack.enter_context(permuted(layer, (*seed, number)))
            yield layer.name


def staged_maps(run: FaithRun) -> dict[str, list[np.ndarray]]:
    """Return what the pictures of the first image show, (height, width): trained, then stage by stage."""
    maps = {method.name: [run.pixel_values(method, slice(1))[0]] for method in run.methods}
    with closing(forgetting(run.explainer, (run.settings.seed, 0))) as stages:
        for _ in stages:
            for method in run.methods:
                maps[method.name].append(run.pixel_values(method, slice(1))[0])
    return maps


def _is_same_class(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return where the highest score, or the sign of the only one, belongs to the same class, (images,)."""
    if before.shape[1] == 1:
        before, after = (np.concatenate([-z, z], axis=1) for z in (before, after))
    return np.asarray(before.argmax(axis=1) == after.argmax(axis=1))
