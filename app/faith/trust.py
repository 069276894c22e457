"""Maps tested on many images of a data set: which of them deserve to be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.datasets.dataset import Dataset, black_pixel
from app.datasets.samples import fit_data
from app.faith.report import faith_report, faith_summary
from app.faith.results import Results
from app.faith.run import FaithRun
from app.faith.testing import draw_results, run_tests
from app.files.saved import ModelFacts
from app.maps.methods import METHODS
from app.maps.methods.method import Method, Settings
from app.maps.open_model import OpenModel
from app.show.document import Document
from app.show.results import ShowsFigure, ShowsReport

TESTS = ("sanity", "faithfulness", "agree")
PASSES = 1000
"""How often the network is run for each image, about: all maps of it, again for each randomised network, and curves."""


@dataclass(frozen=True)
class FaithRequest:
    """What is to be tested, and how."""

    count: int = 100
    """The first so many test images."""
    tests: Sequence[str] = TESTS
    methods: Sequence[str] = ()
    """Names of maps; (): all that the network allows."""
    layer: str | None = None
    """Whose maps the class-activation maps use; the last spatial ones if it is None."""
    draws: int = 5
    """Randomised networks."""
    seed: int = 0


@dataclass(frozen=True, repr=False, eq=False)
class TrustReport(ShowsReport, ShowsFigure):
    """Which maps of a network deserve to be believed, with the numbers behind it."""

    title: str
    how: str
    """How it was made, in words."""
    run: FaithRun
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
        return draw_results(self.run, self.results, self.first_image, "test image 0")

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
    opened: OpenModel, data: Dataset, asked: FaithRequest, how: str = "", shuffled: OpenModel | None = None
) -> TrustReport:
    """Test maps of a model on test images, each explained for its predicted class.

    No image is used twice, and the network's weights are as before at the end.

    Args:
        opened: the model.
        data: the images.
        asked: which tests, of which maps.
        how: the sentence that tells how the report was made.
        shuffled: the same network trained on shuffled labels, compared as one more stage of sanity.

    Raises:
        ValueError: the images do not fit, a map that the network does not have, or another network.
    """
    chosen = choose_methods(opened.facts, asked.methods)
    passes = asked.count * PASSES
    explainer = opened.explainer_by(passes=passes)
    forgetful = None if shuffled is None else shuffled.explainer_by(passes=passes)
    if forgetful and forgetful.model.classes != explainer.model.classes:
        raise ValueError(
            f"{opened.facts} has {explainer.model.classes} classes and --shuffled "
            f"{forgetful.model.classes}; it must be the same network"
        )
    data = fit_data(data, explainer.model.image_shape, opened.ink("auto"))
    images = opened.scaled(data.test_images[: asked.count])
    black = black_pixel(opened.pixels, images.shape[-1])
    settings = Settings(layer=asked.layer, baseline=black, seed=asked.seed)
    classes = explainer.predicted_classes(images)
    run = FaithRun(explainer, images, classes, chosen, settings, asked.draws, forgetful)
    title = f"Which map to believe: {opened.name}, {len(images):,} test images of {data.name}"
    return TrustReport(title, how, run, run_tests(run, asked.tests), data.test_images[0])


def choose_methods(facts: ModelFacts, names: Sequence[str]) -> list[Method]:
    """Return the methods to test, each once; without names all that the network allows.

    Raises:
        ValueError: a method needs maps that the network does not have.
    """
    methods = [METHODS[name] for name in dict.fromkeys(names or METHODS)]
    impossible = [] if facts.has_convolution else [method for method in methods if method.uses_maps]
    if names and impossible:
        raise ValueError(
            f"{facts} has no convolution, so no maps for {impossible[0].title}; try --method vanilla"
        )
    return [method for method in methods if method not in impossible]
