"""The same weights in our network and in keras.applications give the same logits."""

import app.engine  # noqa: F401, I001

import re

import keras
import numpy as np
import pytest

from app.engine.vocabulary import build_model
from models import CATALOGUE

pytestmark = pytest.mark.keras
THEIRS = {
    "vgg16": "VGG16", "vgg19": "VGG19", "resnet50": "ResNet50", "resnet101": "ResNet101",
    "densenet121": "DenseNet121", "densenet169": "DenseNet169",
}  # fmt: skip
NAMES = (
    (r"predictions", "output"),
    (r"^bn$", "last_norm"),
    (r"_bn$", "_norm"),
)
RESNET_BLOCK = (
    (r"^conv(\d)_block(\d+)_0_", r"conv\1_\2_shortcut_"),
    (r"^conv(\d)_block(\d+)_(\d)_", r"conv\1_\2_\3_"),
)
DENSENET_BLOCK = (
    (r"^conv(\d)_block(\d+)_0_norm", r"block\1_\2_narrow_norm"),
    (r"^conv(\d)_block(\d+)_1_conv", r"block\1_\2_narrow_conv"),
    (r"^conv(\d)_block(\d+)_1_norm", r"block\1_\2_norm"),
    (r"^conv(\d)_block(\d+)_2_conv", r"block\1_\2_conv"),
    (r"^pool(\d)_", r"transition\1_"),
)


def our_name(name, network):
    """Return what we call the layer that keras.applications calls `name`."""
    blocks = RESNET_BLOCK if network.startswith("resnet") else DENSENET_BLOCK
    for pattern, ours in (*NAMES, *blocks):
        name = re.sub(pattern, ours, name)
    if network.startswith(
        "densenet"
    ):  # their blocks begin with conv2, their transitions with pool2
        name = re.sub(r"^(block|transition)(\d)", lambda m: f"{m[1]}{int(m[2]) - 1}", name)
    return name


def randomize(model, seed=0):
    """Statistics and biases that are not those of a fresh model."""
    draw = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape
            layer.set_weights([draw.uniform(0.5, 1.5, size), *draw.normal(0, 0.3, (2, *size)),
                               draw.uniform(0.5, 1.5, size)])  # fmt: skip
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(draw.normal(0, 0.1, layer.bias.shape))


def copy_weights(theirs, ours, network):
    """Copy by name; a bias in front of a normalisation is taken off its mean instead."""
    if network.startswith("vgg"):
        ours.set_weights(theirs.get_weights())
        return
    copied = set()
    biases = {}
    for layer in theirs.layers:
        weights = layer.get_weights()
        if not weights:
            continue
        name = our_name(layer.name, network)
        target = ours.get_layer(name)
        if isinstance(layer, keras.layers.Conv2D):
            biases[name.removesuffix("conv")] = weights[1] if len(weights) > 1 else 0
            weights = weights[:1]
        elif isinstance(layer, keras.layers.BatchNormalization) and network.startswith("resnet"):
            weights[2] = weights[2] - biases[name.removesuffix("norm")]
        target.set_weights(weights)
        copied.add(name)
    assert copied == {layer.name for layer in ours.layers if layer.weights}


def logits(network, size, spoiled=""):
    """Return the logits of ours and of theirs for two random images."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    shape = (size, size, 3)
    theirs = getattr(keras.applications, THEIRS[network])(
        weights=None, input_shape=shape, classes=10, classifier_activation=None
    )
    randomize(theirs)
    ours = build_model(CATALOGUE[spoiled or network], 10, shape)
    ours.layers[-1].activation = keras.activations.linear
    copy_weights(theirs, ours, network)
    images = np.random.default_rng(2).normal(size=(2, *shape)).astype("float32")
    return np.asarray(ours(images)), np.asarray(theirs(images))


def check(network, size):
    ours, theirs = logits(network, size)
    assert theirs.std() > 0.01
    assert np.abs(ours - theirs).max() < 1e-4


@pytest.mark.parametrize(
    ("network", "size"), [("vgg16", 32), ("resnet50", 64), ("densenet121", 64)]
)
def test_small_images_give_the_same_logits(network, size):
    check(network, size)


@pytest.mark.slow
@pytest.mark.parametrize("network", THEIRS)
def test_images_of_the_published_size_give_the_same_logits(network):
    check(network, 224)


def test_another_place_of_the_stride_gives_other_logits():
    ours, theirs = logits("resnet50", 64, spoiled="resnet50_v1_5")
    assert np.abs(ours - theirs).max() > 1e-2
