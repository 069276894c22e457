"""The tests of faith, run as they were asked for, and their pictures."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.faith.results import Results
from app.faith.run import FaithRun
from app.show.progress import Progress
from app.show.tables import make_console


def run_tests(run: FaithRun, wanted: Sequence[str]) -> Results:
    """Run the tests named in `wanted`: sanity, faithfulness, agree."""
    from app.faith.agreement import agreement
    from app.faith.faithfulness import faithfulness
    from app.faith.sanity import sanity

    started, results = time.perf_counter(), Results()
    if "sanity" in wanted:
        with Progress(make_console(), "sanity", 1.0, amount="share") as progress:
            results.sane, results.forgetting = sanity(run, progress.update)
    if "faithfulness" in wanted:
        with Progress(make_console(), "faithfulness", 1.0, amount="share") as progress:
            results.faith = faithfulness(run, tick=progress.update)
    if "agree" in wanted:
        results.agreed = agreement(run)
    results.seconds = time.perf_counter() - started
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
    count = len(run.images)
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
