"""The tests of faith, run as they were asked for, and their pictures."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.faith.faithfulness import judge_faithfulness, verify_faithfulness
from app.faith.results import Results
from app.faith.run import IMAGES, FaithRun
from app.faith.sanity import judge_sanity, verify_sanity
from app.faith.shards import FaithJob, FaithWork, Found, Item, Pictures
from app.shards.columns import ColumnStore
from app.shards.dask_workers import WorkersChoice
from app.shards.running import run_job
from app.shards.shard import Shard, cut, shard_name
from app.shards.stored_images import identity
from app.show.progress import Progress
from app.show.tables import make_console

NOBODY = WorkersChoice()


def run_tests(run: FaithRun, wanted: Sequence[str]) -> Results:
    """Run the tests named in `wanted` on images in memory: sanity, faithfulness, agree."""
    from app.faith.agreement import agreement

    def read(items: Sequence[Item]) -> tuple[Pictures, dict[int, str]]:
        numbers = [number for number, _ in items]
        return (numbers, run.images[numbers], [run.classes[number] for number in numbers]), {}

    started = time.perf_counter()
    items: list[Item] = [(number, number) for number in range(run.count)]
    results = run_here(FaithWork(run, wanted, read), items)
    if "agree" in wanted:
        results.agreed = agreement(run)
    results.seconds = time.perf_counter() - started
    return results


def run_here(work: FaithWork, items: Sequence[Item]) -> Results:
    """Do the tests that are done image by image, sanity and faithfulness, in this process, and return what follows.

    Nothing is written, and besides a few numbers an image nothing is kept.

    Raises:
        ValueError: there is nothing to test, or no image could be read.
    """
    _verify(work)
    found = Found()
    work.keep = lambda name, columns: found.take(columns)  # noqa: ARG005
    if work.tests:
        _do(work, [Shard(shard_name(i), part) for i, part in enumerate(cut(items, IMAGES))], 0, None, NOBODY)
    return _judge(work, found)


def run_by_workers(job: FaithJob, work: FaithWork, items: Sequence[Item], workers: WorkersChoice) -> Results:
    """Have workers do the same, shard by shard; what an earlier run left of the same question is not done again.

    Raises:
        ValueError: there is nothing to test, no image could be read, or nobody can do the work.
    """
    _verify(work)
    found, store, shards = Found(), ColumnStore(job.folder), []
    for number, part in enumerate(cut(items, IMAGES) if work.tests else ()):
        known = [identity(item) for _, item in part]
        shards.append(Shard(shard_name(number, *job.facts, known), part))
    waiting = [shard for shard in shards if not store.has(shard.name)]
    before = len(items) - sum(len(shard.items) for shard in waiting)
    _do(work, waiting, before, job, workers)
    for shard in shards:
        found.take(store.get(shard.name))
    return _judge(work, found)


def _verify(work: FaithWork) -> None:
    for test, verify in (("sanity", verify_sanity), ("faithfulness", verify_faithfulness)):
        if test in work.tests:
            verify(work.run)


def _do(
    work: FaithWork, shards: Sequence[Shard], before: int, job: FaithJob | None, workers: WorkersChoice
) -> None:
    """Do shards, and show how far they are; a batch takes long, so that its parts are shown, too."""
    total = before + sum(len(shard.items) for shard in shards)
    with Progress(make_console(stderr=True), "images", total, before, waits=True, is_steady=True) as progress:
        for _ in run_job(
            job, lambda: work, iter(shards), workers, lambda done: progress.update(before + done)
        ):
            pass


def _judge(work: FaithWork, found: Found) -> Results:
    """Return what follows from what was found of all images."""
    results = Results(lost=dict(sorted(found.lost.items())))
    if "sanity" in work.tests:
        results.sane, results.forgetting = judge_sanity(found.part("sanity"), work.run)
    if "faithfulness" in work.tests:
        results.faith = judge_faithfulness(found.part("faithfulness"), work.run)
    return results


def draw_results(run: FaithRun, results: Results, pixels: np.ndarray, title: str) -> dict[str, Any]:
    """Return the pictures of what was tested, by name: sanity, stages, curves.

    Args:
        run: what was tested.
        results: what came out.
        pixels: the first image of the run as it is to be drawn, (height, width, channels).
        title: what that image is called.
    """
    from app.faith.figures import draw_curves, draw_forgetting, draw_stages
    from app.faith.sanity import staged_maps

    figures = {}
    count = run.count - len(results.lost)
    about = f"{run.explainer.model.name}, {count:,} image{'s' if count > 1 else ''}"
    if results.sane:
        heading = f"Which maps change when {run.explainer.model.name} forgets? Maps of {title}"
        figures["sanity"] = draw_forgetting(pixels, staged_maps(run), results.sane, heading, ~run.seen)
        figures["stages"] = draw_stages(results.sane, f"Which maps change when the network forgets? {about}")
    if results.faith:
        figures["curves"] = draw_curves(
            results.faith, f"Do maps find the pixels that the decision needs? {about}"
        )
    return figures
