"""What is asked of the tests of faith, and the model made ready for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.datasets.dataset import black_pixel
from app.faith.run import FaithRun
from app.files.saved import ModelFacts
from app.maps.methods import METHODS
from app.maps.methods.method import Method, Settings
from app.maps.open_model import OpenModel

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

    @property
    def passes(self) -> int:
        """About how often the network is run; it decides who runs it."""
        return self.count * PASSES


def open_run(
    opened: OpenModel, asked: FaithRequest, shape: tuple[int, int, int], shuffled: OpenModel | None = None
) -> FaithRun:
    """Return the tests of a model, without an image yet.

    Args:
        opened: the model.
        asked: which tests, of which maps; its count is that of the images that there are.
        shape: of an image.
        shuffled: the same network trained on shuffled labels.

    Raises:
        ValueError: a map that the network does not have, or another network.
    """
    chosen = choose_methods(opened.facts, asked.methods)
    explainer = opened.explainer_by(passes=asked.passes)
    forgetful = None if shuffled is None else shuffled.explainer_by(passes=asked.passes)
    if forgetful and forgetful.model.classes != explainer.model.classes:
        raise ValueError(
            f"{opened.facts} has {explainer.model.classes} classes and --shuffled "
            f"{forgetful.model.classes}; it must be the same network"
        )
    for each in (explainer, forgetful):
        if each:
            each.machine.compute_alike(asked.passes)
    settings = Settings(layer=asked.layer, baseline=black_pixel(opened.pixels, shape[-1]), seed=asked.seed)
    none = np.empty((0, *shape), np.float32)
    return FaithRun(explainer, none, (), chosen, settings, asked.draws, forgetful, (), asked.count)


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
