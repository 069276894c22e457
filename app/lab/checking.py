"""What a page checks itself by when it opens: Keras' answers to its images, and checksums of its weights."""

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from app.lab.encoded import as_text
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_steps

LARGE = 40_000
"""Values of an image from which gradients are kept of the first two images alone."""
TOLERANCE, HALF_TOLERANCE = 1e-5, 2e-2
"""Of the largest value: how far the page's numbers may lie from Keras', with weights as they are and halved."""


def keras_words() -> str:
    """Return who computed what the page is held to: `Keras 3.15.1, TensorFlow 2.21.0`."""
    import keras
    import tensorflow as tf

    return f"Keras {keras.__version__}, TensorFlow {tf.__version__}"


def keras_answers(
    explainer: Explainer, probes: np.ndarray, written: Mapping[str, Any], *, is_half: bool
) -> dict[str, Any]:
    """Return what Keras says of images, for the likeliest class of each, and the CRC-32 of each array's text.

    Args:
        explainer: the model in TensorFlow.
        probes: images, (images, height, width, channels).
        written: the network as it stands in the page.
        is_half: whether its weights were rounded. A rounded weight may move a pooling's maximum, and then some
            gradients jump; so they are not compared.
    """
    outputs = explainer.outputs(probes)
    classes = explainer.model.head.as_probabilities(outputs).argmax(axis=1).tolist()
    few = probes[:2] if math.prod(probes.shape[1:]) > LARGE else probes
    targets = explainer.targets(classes[: len(few)])
    found = {"outputs": outputs}
    if not is_half:
        found["gradients"] = explainer.gradients(few, targets)
    if has_maps(explainer):
        from app.maps.methods.cam import class_activation, grad_cam

        found["cells"] = class_activation(explainer, few, targets, grad_cam)
    return {
        "by": keras_words(),
        "count": len(probes),
        "classes": classes,
        "tolerance": HALF_TOLERANCE if is_half else TOLERANCE,
        "sums": {name: zlib.crc32(each["data"].encode("ascii")) for name, each in written["arrays"].items()},
        **{name: as_text(values, "<f4") for name, values in found.items()},
    }


def has_maps(explainer: Explainer) -> bool:
    """Return whether a layer has maps of more than one cell, which Grad-CAM needs."""
    try:
        return bool(find_feature_steps(explainer.model, None))
    except ValueError:
        return False
