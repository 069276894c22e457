"""Gradient maps: how much the class score changes when a pixel changes.

vanilla: S_c differentiated by the image (Simonyan, Vedaldi and Zisserman 2014). guided and
rectified: the same with another rule for the gradient of every rectifier (`app.engine.rectifiers`).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import tensorflow as tf

from app.engine.rectifiers import Rule
from app.engine.steps import Replay
from app.visualisation.scores import class_scores

Colour = Literal["max", "mean", "channels"]


def input_gradients(
    model: Replay, images: np.ndarray, classes: Sequence[int], rule: Rule = "plain"
) -> np.ndarray:
    """Return ∂S_c/∂x for each image, signed, (batch, height, width, channels).

    Args:
        model: the replayed model.
        images: (batch, height, width, channels), scaled as the model takes them.
        classes: the class c to explain, one for each image.
        rule: how a gradient passes the rectifiers.
    """
    inputs = model.as_input(images)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        logits = model.run(inputs, rule)[model.output]
        scores = class_scores(logits, classes, model.head)
    gradients = tape.gradient(scores, inputs, unconnected_gradients="zero")
    return np.asarray(gradients)


def combine_channels(gradients: np.ndarray, colour: Colour = "max") -> np.ndarray:
    """Return |gradients| with the colour channels combined, (batch, height, width).

    `max` takes the largest magnitude of the channels, `mean` their mean, and `channels` keeps them
    apart, (batch, height, width, channels).
    """
    magnitudes = np.abs(gradients)
    if colour == "channels":
        return magnitudes
    return np.asarray(magnitudes.max(axis=-1) if colour == "max" else magnitudes.mean(axis=-1))
