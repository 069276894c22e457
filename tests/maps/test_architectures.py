"""keras.applications with random weights: maps against a tape run on the application itself."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import explainer, pictures, raw_map, tape_gradient, tape_maps

from app.maps.feature_layers import last_spatial_step

pytestmark = [pytest.mark.keras, pytest.mark.slow, pytest.mark.usefixtures("eagerly")]

ARCHITECTURES = [
    ("MobileNet", 64, "conv_pw_13_relu"),
    ("MobileNetV2", 64, "out_relu"),
    ("MobileNetV3Small", 64, None),
    ("DenseNet121", 64, "relu"),
    ("ResNet50", 64, "conv5_block3_out"),
    ("ResNet50V2", 64, "post_relu"),
    ("VGG16", 64, "block5_pool"),
    ("Xception", 71, "block14_sepconv2_act"),
    ("InceptionV3", 107, "mixed10"),
    ("EfficientNetB0", 64, "top_activation"),
    ("EfficientNetV2B0", 64, "top_activation"),
    ("NASNetMobile", 64, None),
    ("ConvNeXtTiny", 64, None),
]
"""Name, side of the images, and the last layer with a map of more than one cell; where Keras numbers that
layer, it is found as what the last global pooling reads."""


def build(name, size, activation):
    keras.utils.set_random_seed(0)
    return getattr(keras.applications, name)(
        weights=None, input_shape=(size, size, 3), classes=4, classifier_activation=activation
    )


def pooled_layer(model):
    pooling = [x for x in model.layers if isinstance(x, keras.layers.GlobalAveragePooling2D)][-1]
    return pooling.input._keras_history.operation.name


@pytest.mark.parametrize(("name", "size", "layer"), ARCHITECTURES)
def test_maps_agree_with_a_tape_on_the_application(name, size, layer):
    model, logits = build(name, size, "softmax"), build(name, size, None)
    logits.set_weights(model.get_weights())
    explained = explainer(model)
    images = pictures(2, (size, size, 3), high=255.0)
    images = images.astype("float32")
    targets = explained.targets([3, 1])

    step = last_spatial_step(explained.model)
    # the twin's numbered layers have other numbers: the same place among its operations
    place = [x.name for x in model.operations].index(layer or pooled_layer(model))
    assert step.name == model.operations[place].name
    maps, gradients, _ = tape_maps(logits, logits.operations[place].name, images, targets)
    assert min(maps.shape[1:3]) > 1
    expected = np.einsum("brck,bk->brc", maps, gradients.mean(axis=(1, 2)))
    assert_close(raw_map("gradcam", explained, images, [3, 1]), expected)

    assert_close(raw_map("vanilla", explained, images, [3, 1]), tape_gradient(logits, images, targets))
    total = sum(tape_gradient(logits, (k + 0.5) / 3 * images, targets) for k in range(3))
    assert_close(raw_map("integrated", explained, images, [3, 1], steps=3), images * total / 3)


def assert_close(actual, expected):
    """Each image's map, to a hundred-thousandth of its largest value."""
    for ours, theirs in zip(actual, expected, strict=True):
        largest = np.abs(theirs).max()
        assert largest > 0
        np.testing.assert_allclose(ours / largest, theirs / largest, atol=1e-5)
