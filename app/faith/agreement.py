"""Our maps held against those of tf-keras-vis: the difference, and what explains it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.maps.explainer import Explainer
from app.maps.methods import METHODS
from app.maps.methods.masking import score_cam
from app.maps.methods.method import Settings
from app.maps.placement import Placement
from app.maps.reference import NotOfferedError, reference_maps

ROUNDING = 1e-4
"""Relative difference that float32, with 7 digits, leaves after sums over thousands of terms."""


@dataclass(frozen=True)
class Agreement:
    """Our map beside that of tf-keras-vis."""

    method: str
    absolute: float | None = None
    """The largest difference of two values; None where there is nothing to compare."""
    relative: float | None = None
    """The same divided by the largest magnitude in our maps."""
    reason: str = ""
    """Why there is nothing to compare, or why the two differ by design, with the proof."""
    is_explained: bool = False
    """Whether the proof holds: all of the difference comes from that design."""

    @property
    def agrees(self) -> bool:
        """Whether nothing but rounding lies between the two."""
        return self.relative is not None and self.relative <= ROUNDING

    @property
    def verdict(self) -> str:
        """The result in a few words."""
        if self.absolute is None:
            return "no second witness"
        if self.agrees:
            return "the same map"
        return "differs by design" if self.is_explained else "differs"

    def sentence(self) -> str:
        """Return the result in words."""
        if self.absolute is None:
            return f"{self.method}: {self.verdict}: {self.reason}"
        numbers = f"largest difference {self.absolute:.2g}, {self.relative:.1e} of the largest value"
        if self.agrees:
            return f"{self.method}: tf-keras-vis computes the same map ({numbers})"
        because = self.reason or "nothing explains it; one of the two is wrong"
        return f"{self.method}: tf-keras-vis computes another map ({numbers}): {because}"


def agreement(
    explainer: Explainer,
    images: np.ndarray,
    classes: Sequence[int],
    methods: Sequence[str],
    settings: Settings,
) -> list[Agreement]:
    """Return how far each method's raw maps are from those of tf-keras-vis.

    Args:
        explainer: the network.
        images: (images, height, width, channels), scaled as the model takes them.
        classes: the class to explain, one an image.
        methods: names of `METHODS`.
        settings: theirs.
    """
    targets = explainer.targets(classes)
    found = []
    for name in methods:
        try:
            theirs = reference_maps(explainer, images, targets, METHODS[name], settings).raw
        except NotOfferedError as error:
            found.append(Agreement(name, reason=str(error)))
            continue
        ours = METHODS[name].compute(explainer, images, targets, settings).raw
        if name == "gradcam++":
            ours = np.maximum(ours, 0)  # theirs gives no sign
        result = compare(name, ours, theirs)
        if name in EXPLAINED and not result.agrees:
            reason, holds = EXPLAINED[name](explainer, images, targets, settings, ours, theirs)
            result = replace(result, reason=reason, is_explained=holds)
        found.append(result)
    return found


def compare(name: str, ours: np.ndarray, theirs: np.ndarray) -> Agreement:
    """Return the difference of two arrays of raw maps."""
    if not np.isfinite(theirs).all():
        return Agreement(name, reason="its map is not finite: it takes e to the power of the score")
    absolute = float(np.abs(ours - theirs).max())
    largest = float(np.abs(ours).max())
    return Agreement(name, absolute, absolute / largest if largest else float(absolute > 0))


def _explain_noise(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    settings: Settings,
    ours: np.ndarray,
    theirs: np.ndarray,
) -> tuple[str, bool]:
    """Hold the difference against the noise: two means of n draws differ by √(2 v / n), v their variance."""
    n = settings.samples
    variance = METHODS["vargrad"].compute(explainer, images, targets, settings).raw
    expected = np.sqrt((2 * variance / max(n - 1, 1)).mean())
    ratio = float(np.sqrt(((ours - theirs) ** 2).mean()) / expected) if expected else float("inf")
    return (
        f"each draws its own noise; the difference is {ratio:.2f} times what two draws of {n} differ by",
        1 / TWICE <= ratio <= TWICE,
    )


def _explain_stretching(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    settings: Settings,
    ours: np.ndarray,
    theirs: np.ndarray,
) -> tuple[str, bool]:
    """Compute our map with the cells stretched from corner to corner, as tf-keras-vis does it."""
    height, width = images.shape[1:3]
    rows, columns = ours.shape[1:]
    corners = Placement(
        (np.linspace(0, height - 1, rows), np.linspace(0, width - 1, columns)),
        np.zeros((height, width), bool),
        None,
    )
    same = compare("", score_cam(explainer, images, targets, corners, settings.layer), theirs)
    return (
        "it stretches the maps over the image from corner to corner, ours lie at the centres of what their "
        f"cells see; stretched in its way ours differ from its by {same.relative:.1e}",
        same.agrees,
    )


EXPLAINED = {"smoothgrad": _explain_noise, "scorecam": _explain_stretching}
"""Maps that differ although both are right, and the proof that nothing else makes the difference."""
TWICE = 2.0
"""The noise of some hundred pixels that are not independent is not known better than to a factor of 2."""
