"""Our maps held against those of tf-keras-vis: the difference, and what explains it."""

import json
from dataclasses import asdict, replace

import numpy as np

from app.faith.results import AGREED_ON, Agreement
from app.faith.run import FaithRun
from app.faith.shards import FaithJob
from app.maps.methods import METHODS
from app.maps.methods.cam import score_cam
from app.maps.placement import Placement
from app.maps.reference import NotOfferedError, reference_maps
from app.shards.columns import ColumnStore
from app.shards.shard import shard_name


def agreement(run: FaithRun) -> list[Agreement]:
    """Return how far each method's raw maps of the first images are from those of tf-keras-vis."""
    first = slice(AGREED_ON)
    run = run.part(run.images[first], run.classes[first], run.own_numbers[first].tolist())
    found = []
    for method in run.methods:
        name = method.name
        try:
            theirs = reference_maps(run.explainer, run.images, run.targets, method, run.settings).raw
        except NotOfferedError as error:
            found.append(Agreement(name, reason=str(error)))
            continue
        ours = run.compute(method).raw
        if name == "gradcam++":
            ours = np.maximum(ours, 0)  # theirs gives no sign
        result = compare(name, ours, theirs)
        if name in EXPLAINED and not result.agrees:
            reason, holds = EXPLAINED[name](run, ours, theirs)
            result = replace(result, reason=reason, is_explained=holds)
        found.append(result)
    return found


def kept_agreement(run: FaithRun, job: FaithJob) -> list[Agreement]:
    """Return the same; what an earlier run left of the same question beside its shards is not done again.

    This process does it alone: there are few images, and another number of cores rounds otherwise.
    """
    store, name = ColumnStore(job.folder), shard_name(0, "agreement", *job.facts, run.own_numbers.tolist())
    if not store.has(name):
        found = [json.dumps(asdict(each)) for each in agreement(run)]
        store.put(name, {"agreement": np.array(found)})
    return [Agreement(**json.loads(text)) for text in store.get(name)["agreement"].tolist()]


def compare(name: str, ours: np.ndarray, theirs: np.ndarray) -> Agreement:
    """Return the difference of two arrays of raw maps."""
    if not np.isfinite(theirs).all():
        return Agreement(name, reason="its map is not finite: it takes e to the power of the score")
    absolute = float(np.abs(ours - theirs).max())
    largest = float(np.abs(ours).max())
    return Agreement(name, absolute, absolute / largest if largest else float(absolute > 0))


def _explain_noise(run: FaithRun, ours: np.ndarray, theirs: np.ndarray) -> tuple[str, bool]:
    """Hold the difference against the noise: two means of n draws differ by √(2 v / n), v their variance."""
    n = run.settings.samples
    variance = run.compute(METHODS["vargrad"]).raw
    expected = np.sqrt((2 * variance / max(n - 1, 1)).mean())
    ratio = float(np.sqrt(((ours - theirs) ** 2).mean()) / expected) if expected else float("inf")
    return (
        f"each draws its own noise; the difference is {ratio:.2f} times what two draws of {n} differ by",
        1 / TWICE <= ratio <= TWICE,
    )


def _explain_stretching(run: FaithRun, ours: np.ndarray, theirs: np.ndarray) -> tuple[str, bool]:
    """Compute our map with the cells stretched from corner to corner, as tf-keras-vis does it."""
    height, width = run.images.shape[1:3]
    rows, columns = ours.shape[1:]
    corners = Placement(
        (np.linspace(0, height - 1, rows), np.linspace(0, width - 1, columns)),
        np.zeros((height, width), bool),
        None,
    )
    stretched = score_cam(run.explainer, run.images, run.targets, corners, run.settings.layer)
    same = compare("", stretched, theirs)
    return (
        "it stretches the maps over the image from corner to corner, ours lie at the centres of what their "
        f"cells see; stretched in its way ours differ from its by {same.relative:.1e}",
        same.agrees,
    )


EXPLAINED = {"smoothgrad": _explain_noise, "scorecam": _explain_stretching}
"""Maps that differ although both are right, and the proof that nothing else makes the difference."""
TWICE = 2.0
"""The noise of some hundred pixels that are not independent is not known better than to a factor of 2."""
