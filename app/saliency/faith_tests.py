"""The tests of faith, for images and maps that were explained."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.dataset import Dataset
from app.faith.report import report_blocks
from app.faith.results import Results
from app.faith.run import FaithRun
from app.faith.testing import draw_results, run_tests
from app.maps.methods import METHODS
from app.saliency.run import MapRun
from app.show.document import Block

if TYPE_CHECKING:
    from app.maps.explain import Explanation

COMPANY = 50
"""Test images that stand beside the explained ones: a verdict on one image alone would say little."""
RANDOMISED = 25
"""Times that the maps of each are made again, about, for networks that forget."""


@dataclass(frozen=True)
class MapTests:
    """What was tested, and what the tests found."""

    run: FaithRun
    results: Results

    def labels(self) -> dict[str, str]:
        """Return what is written into the picture, by method: only of methods that fail."""
        return {each.method: each.label for each in self.results.sane if each.fails}

    def sentences(self) -> list[str]:
        """Return what was found, a line for each method and test."""
        lines = [each.sentence() for each in self.results.sane]
        faith = self.results.faith
        if faith is not None:
            lines += [faith.sentence(curves) for curves in faith.methods]
        lines += [each.sentence() for each in self.results.agreed]
        return lines

    def blocks(self) -> list[Block]:
        """Return the same as parts of a report, with all numbers."""
        return report_blocks(self.run, self.results)

    def figures(self, pixels: np.ndarray, title: str) -> dict[str, Any]:
        """Return the pictures of the tests, by name."""
        return draw_results(self.run, self.results, pixels, title)


def run_map_tests(
    run: MapRun, explained: "Sequence[Explanation]", names: Sequence[str], data: Dataset
) -> MapTests:
    """Return what the named tests find: `sanity`, `faithfulness`, `agree`.

    The explained images come first; where test images of `data` fit the model, some of them keep company.
    """
    opened, question = run.opened, run.question
    run = replace(run, images=COMPANY * RANDOMISED)
    images = np.stack([result.image for result in explained])
    classes = [result.prediction.explained_index for result in explained]
    if data.is_of_files:
        data = data.fitted(images.shape[1:], opened.ink("auto"))
    if data.image_shape == images.shape[1:]:
        others = opened.scaled(data.test_images[:COMPANY])
        images = np.concatenate([images, others])
        classes += run.explainer.predicted_classes(others)
    settings = question.settings(opened, images.shape[-1])
    methods = [METHODS[name] for name in question.chosen_methods]
    faith = FaithRun(run.explainer, images, classes, methods, settings)
    return MapTests(faith, run_tests(faith, names))
