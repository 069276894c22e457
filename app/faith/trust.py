"""Maps tested on many images of a data set: which of them deserve to be believed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.datasets.dataset import Dataset
from app.datasets.samples import fit_data
from app.datasets.streamed import Images
from app.faith.agreement import agreement, kept_agreement
from app.faith.asked import FaithRequest, open_run
from app.faith.report import faith_report, faith_summary
from app.faith.results import AGREED_ON, Results
from app.faith.run import FaithRun
from app.faith.shards import FaithWork, faith_job, reading
from app.faith.testing import draw_results, run_by_workers, run_here
from app.maps.open_model import OpenModel
from app.shards.helpers import Helpers
from app.shards.shard import cut
from app.shards.stored_images import read_or_reason
from app.show.document import Document
from app.show.results import ShowsFigure, ShowsReport


@dataclass(frozen=True, repr=False, eq=False)
class TrustReport(ShowsReport, ShowsFigure):
    """Which maps of a network deserve to be believed, with the numbers behind it."""

    title: str
    how: str
    """How it was made, in words."""
    run: FaithRun
    """With the first images only, those that agreement and the figures look at."""
    results: Results
    first_image: Any
    """The first image as it is drawn, (height, width, channels)."""

    _repr_png_ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = ", ".join(method.name for method in self.run.methods)
        return f"<{self.title}: {names}>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the report: what follows, how it was made, each test with its numbers."""
        return faith_report(self.title, self.run, self.results, self.how)

    def summary(self) -> Document:
        """Return what follows from the tests, in a few lines."""
        return faith_summary(self.title, self.results)

    def figures(self) -> dict[str, Any]:
        """Return the pictures of the tests by name: `sanity` (maps while the network forgets), `stages`, `curves`."""
        return draw_results(self.run, self.results, self.first_image, f"test image {self.run.own_numbers[0]}")

    def draw(self) -> Any:
        """Return the curves of faithfulness, or where they were not measured the stages of sanity.

        Raises:
            ValueError: neither was tested.
        """
        from app.faith.figures import draw_curves, draw_stages

        if self.results.faith:
            return draw_curves(self.results.faith, self.title)
        if self.results.sane:
            return draw_stages(self.results.sane, self.title)
        raise ValueError("agreement with tf-keras-vis has no picture; test sanity or faithfulness")


def run_trust(
    opened: OpenModel,
    data: Dataset,
    asked: FaithRequest,
    how: str = "",
    shuffled: OpenModel | None = None,
    helpers: Helpers | None = None,
) -> TrustReport:
    """Test maps of a model on test images, each explained for its predicted class.

    No image is used twice, and the network's weights are as before at the end. Images are read some at a time.

    Args:
        opened: the model.
        data: the images.
        asked: which tests, of which maps.
        how: the sentence that tells how the report was made.
        shuffled: the same network trained on shuffled labels, compared as one more stage of sanity.
        helpers: who tests besides this process.

    Raises:
        ValueError: the images do not fit, a map that the network does not have, another network, no image that can be
            read, or nobody to do the work.
    """
    started = time.perf_counter()
    asked = replace(asked, count=min(asked.count, len(data.test_images)))
    data = fit_data(data, opened.explainer_by(passes=asked.passes).model.image_shape, opened.ink("auto"))
    images, shape = _first(data.test_images, asked.count), data.image_shape
    read = reading(opened, lambda numbers: _read(images, numbers))
    run = open_run(opened, asked, shape, shuffled)
    head, pixels = _head(run, images, opened)
    job, work = None, FaithWork(run, asked.tests, read)
    if helpers is not None and helpers.workers:
        job, items = faith_job(helpers, opened, asked, images, shuffled)
        results = run_by_workers(job, work, list(enumerate(items)), helpers.workers)
    else:
        results = run_here(work, [(number, number) for number in range(asked.count)])
    if "agree" in asked.tests:
        results.agreed = agreement(head) if job is None else kept_agreement(head, job)
    results.seconds = time.perf_counter() - started
    count = asked.count - len(results.lost)
    title = f"Which map to believe: {opened.name}, {count:,} test images of {data.name}"
    return TrustReport(title, how, head, results, pixels)


def _first(images: Images, count: int) -> Images:
    """Return the first images, unread where they are read when they are asked for."""
    return images[:count] if isinstance(images, np.ndarray) else images.chosen(slice(count))


def _read(images: Images, numbers: Sequence[int]) -> list[np.ndarray | str]:
    """Return images as bytes; what cannot be read, the reason instead."""
    if isinstance(images, np.ndarray):
        return [images[number] for number in numbers]
    return [read_or_reason(images, number) for number in numbers]


def _head(run: FaithRun, images: Images, opened: OpenModel) -> tuple[FaithRun, np.ndarray]:
    """Return the run with the first images that can be read, and the very first as it is drawn.

    Raises:
        ValueError: none of them can be read.
    """
    found: list[tuple[int, np.ndarray | str]] = []
    for some in cut(range(len(images)), AGREED_ON):
        found = list(zip(some, _read(images, some), strict=True))
        if any(isinstance(image, np.ndarray) for _, image in found):
            break
    numbers = [number for number, image in found if isinstance(image, np.ndarray)]
    if not numbers:
        raise ValueError(f"no image could be read: {next((why for _, why in found), 'there is none')}")
    pixels = [image for _, image in found if isinstance(image, np.ndarray)]
    scaled = opened.scaled(np.stack(pixels))
    return run.part(scaled, run.explainer.predicted_classes(scaled), numbers), pixels[0]
