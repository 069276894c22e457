"""Gradient maps: how much the score of a class changes when a pixel changes.

vanilla: ∂S/∂x (Simonyan, Vedaldi and Zisserman 2014). guided and rectified: the same with another rule
for the gradient of every rectifier (`app.program.steps.Rule`). gradient × input: x · ∂S/∂x (Shrikumar et
al. 2016).
"""

from typing import Any

import numpy as np

from app.maps.explainer import Explainer
from app.maps.methods.method import Method, RawMaps, Settings
from app.program.steps import Rule


def gradient_times_input(explainer: Explainer, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return x · ∂S/∂x, signed; for a linear network without bias it sums to the score."""
    return images * explainer.gradients(images, targets)


def _of_rule(name: str, label: str, source: str, rule: Rule, **facts: Any) -> Method:
    """Return the method that shows the gradient by the pixels, passed through rectifiers by `rule`."""

    def compute(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> RawMaps:  # noqa: ARG001
        return RawMaps(e.gradients(x, t, rule))

    return Method(name, label, source, compute, formula="|∂S/∂x|", rule=rule, is_of_article=True, **facts)


METHODS = (
    _of_rule("vanilla", "vanilla gradient", "Simonyan et al. 2014", "plain", witness="saliency.Saliency"),
    Method(
        "gradient-input",
        "gradient × input",
        "Shrikumar et al. 2016",
        lambda e, x, t, s: RawMaps(gradient_times_input(e, x, t)),  # noqa: ARG005
    ),
    _of_rule("guided", "guided gradient", "Springenberg et al. 2015", "guided"),
    _of_rule("relu", "rectified gradient", "Zeiler and Fergus 2014", "rectified"),
)
