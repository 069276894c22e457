"""The sanity check: does a map change when the network forgets what it learnt?

The layers' weights are put into a random order one after the other, from the output down (cascading
randomisation, Adebayo et al., Sanity Checks for Saliency Maps, 2018, §3.1), and each method's maps are
compared with those of the trained network by Spearman's rank correlation ρ of what their pictures show.

A random *order* of the weights that are there, rather than fresh draws of the layer's initialiser: it
needs no initialiser, it keeps each array's mean and spread, so that signals neither die nor explode on the
way through a deep network, and a map cannot pass merely because the weights became smaller.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.faith.importance import pixel_values, shown_values, without_rounding
from app.faith.permuting import learnt_layers, permuted
from app.faith.ranks import between_images, correlations, ranks
from app.faith.sanity_result import Forgetting, Sanity, Stage
from app.faith.ticks import Tick, counted, no_tick
from app.maps.explainer import Explainer
from app.maps.methods.method import Method, Settings
from app.maps.placement import find_unseen


def sanity(
    explainer: Explainer,
    images: np.ndarray,
    classes: Sequence[int],
    methods: Mapping[str, Method],
    settings: Settings,
    draws: int = 5,
    shuffled: Explainer | None = None,
    tick: Tick = no_tick,
) -> tuple[list[Sanity], Forgetting]:
    """Return what becomes of each method's maps while the network forgets, layer by layer.

    Args:
        explainer: the trained network; its weights are as before when this returns or raises.
        images: (images, height, width, channels), scaled as the model takes them.
        classes: the class to explain, one an image; it stays the same for the randomised network.
        methods: which methods, by name.
        settings: theirs; `settings.seed` also decides the random orders.
        draws: networks that are randomised; the images are dealt out among them, and if there are
            fewer images than draws, each is looked at by several.
        shuffled: a network of the same shape trained on shuffled labels, to compare with as well.
        tick: called after each method of each draw of each stage.

    Raises:
        ValueError: no image, or a network without weights.
    """
    layers = learnt_layers(explainer.model)
    if not len(images) or not layers:
        what = "image" if layers else "layer with weights"
        raise ValueError(f"the sanity check needs at least one {what}, and there is none")
    work = len(methods) * (1 + len(layers) * draws + (shuffled is not None))
    targets = explainer.targets(classes)
    check = _Check(explainer, images, targets, methods, settings, counted(tick, work))
    dealt = np.resize(np.arange(len(images)), max(len(images), draws))
    whole = check.ranked(explainer, np.arange(len(images)))
    before = {name: (shown[dealt], signed[dealt]) for name, (shown, signed) in whole.items()}
    predicted = explainer.logits(images)[dealt]
    stages: dict[str, list[Stage]] = {name: [] for name in methods}
    same = []
    for depth, (layer, _) in enumerate(layers, 1):
        after, outputs = check.randomised(depth, np.array_split(dealt, draws))
        same.append(_share_of_same_class(predicted, outputs))
        for name in methods:
            stages[name].append(_compare(layer, before[name], after[name]))
    other = check.ranked(shuffled, dealt) if shuffled else {}
    found = []
    for name in methods:
        rows = whole[name][0]
        blank = len(rows) - int(rows.any(axis=1).sum())
        last = _compare("shuffled labels", before[name], other[name]) if shuffled else None
        found.append(
            Sanity(name, len(images), len(dealt), blank, between_images(rows), tuple(stages[name]), last)
        )
    return found, Forgetting(tuple(name for name, _ in layers), tuple(same))


Ranked = tuple[np.ndarray, np.ndarray]
"""Ranks of what the pictures show, and of the signed maps."""


@dataclass(frozen=True)
class _Check:
    """What stays the same from stage to stage."""

    explainer: Explainer
    images: np.ndarray
    targets: np.ndarray
    methods: Mapping[str, Method]
    settings: Settings
    tick: Callable[[str], None]

    @cached_property
    def seen(self) -> np.ndarray:
        """Which pixels the network looks at at all; elsewhere every map is 0, (height, width)."""
        height, width = self.images.shape[1:3]
        return np.logical_not(find_unseen(self.explainer.model, (height, width)))

    def ranked(self, explainer: Explainer, rows: np.ndarray) -> dict[str, Ranked]:
        """Return the ranks of the maps of some images by each method."""
        result = {}
        for name, method in self.methods.items():
            images, targets = self.images[rows], self.targets[rows]
            computed = method.compute(explainer, images, targets, self.settings)
            shown = shown_values(method, computed)
            signed = without_rounding(computed.raw if method.is_of_cells else computed.raw.sum(axis=-1))
            if not method.is_of_cells:
                shown, signed = shown[:, self.seen], signed[:, self.seen]
            result[name] = (ranks(shown), ranks(signed))
            self.tick(name)
        return result

    def randomised(self, depth: int, deal: Sequence[np.ndarray]) -> tuple[dict[str, Ranked], np.ndarray]:
        """Return the ranks when the top `depth` layers are random, and the scores; a draw for each deal."""
        parts, outputs = [], []
        for draw, rows in enumerate(deal):
            with top_randomised(self.explainer, depth, (self.settings.seed, draw)):
                parts.append(self.ranked(self.explainer, rows))
                outputs.append(self.explainer.logits(self.images[rows]))
        joined = {
            name: (
                np.concatenate([part[name][0] for part in parts]),
                np.concatenate([part[name][1] for part in parts]),
            )
            for name in self.methods
        }
        return joined, np.concatenate(outputs)


@contextmanager
def top_randomised(explainer: Explainer, depth: int, seed: tuple[int, int]) -> Iterator[None]:
    """Randomise the top `depth` layers; the order of a layer's weights depends on (seed, layer) alone."""
    with ExitStack() as stack:
        for number, (_, layer) in enumerate(learnt_layers(explainer.model)[:depth]):
            stack.enter_context(permuted(layer, (*seed, number)))
        yield


def staged_maps(
    explainer: Explainer,
    image: np.ndarray,
    class_index: int,
    methods: Mapping[str, Method],
    settings: Settings,
) -> dict[str, list[np.ndarray]]:
    """Return what the pictures of one image show, (height, width): trained, then stage by stage.

    Args:
        explainer: the trained network.
        image: (height, width, channels).
        class_index: the class to explain.
        methods: which methods, by name.
        settings: theirs.
    """
    images, targets = image[np.newaxis], explainer.targets([class_index])
    maps: dict[str, list[np.ndarray]] = {name: [] for name in methods}
    for depth in range(len(learnt_layers(explainer.model)) + 1):
        with top_randomised(explainer, depth, (settings.seed, 0)):
            for name, method in methods.items():
                maps[name].append(pixel_values(explainer, images, targets, method, settings)[0])
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
