"""Gradient maps: how much the score of a class changes when a pixel changes.

vanilla: ∂S/∂x (Simonyan, Vedaldi and Zisserman 2014). guided and rectified: the same with another rule
for the gradient of every rectifier (`app.engine.replay.rectifiers`). gradient × input: x · ∂S/∂x (Shrikumar et
al. 2016).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from app.maps.methods.method import Method, RawMaps, Settings

if TYPE_CHECKING:
    import tensorflow as tf

    from app.engine.compiling import Tensors
    from app.engine.replay.rectifiers import Rule
    from app.engine.replay.steps import Replay
    from app.maps.explainer import Explainer


def score_gradient(
    model: "Replay", images: "tf.Tensor", targets: "tf.Tensor", rule: "Rule" = "plain"
) -> "tf.Tensor":
    """Return ∂S/∂x, (images, height, width, channels), for tensors; S = Σ t_u z_u."""
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        logits = model.run(model.start(images), rule)[model.output]
        score = tf.reduce_sum(logits * targets)  # each image's score depends on that image alone
    return tape.gradient(score, images, unconnected_gradients="zero")


def input_gradients(
    explainer: "Explainer", images: np.ndarray, targets: np.ndarray, rule: "Rule" = "plain"
) -> np.ndarray:
    """Return ∂S/∂x for each image, signed, (images, height, width, channels).

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image (`Explainer.targets`).
        rule: how a gradient passes the rectifiers.
    """

    def function(x: "tf.Tensor", t: "tf.Tensor") -> "Tensors":
        return (score_gradient(explainer.model, x, t, rule),)

    return explainer.apply(("gradient", rule), function, [images, targets])[0]


def gradient_times_input(explainer: "Explainer", images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return x · ∂S/∂x, signed; for a linear network without bias it sums to the score."""
    return images * input_gradients(explainer, images, targets)


def _of_rule(name: str, label: str, source: str, rule: "Rule", **facts: Any) -> Method:
    """Return the method that shows the gradient by the pixels, passed through rectifiers by `rule`."""

    def compute(e: "Explainer", x: np.ndarray, t: np.ndarray, s: Settings) -> RawMaps:  # noqa: ARG001
        return RawMaps(input_gradients(e, x, t, rule))

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
    _of_rule("relu", "relu (rectified)", "Zeiler and Fergus 2014", "rectified"),
)
