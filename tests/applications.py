"""Networks of keras.applications with random weights, and the files that Keras writes of them."""

import app.engine  # noqa: F401, I001

import h5py
import keras
import numpy as np
from keras.src.applications import densenet, resnet
from keras.src.legacy.saving import legacy_h5_format

import models.densenet
import models.resnet

THEIRS = {
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "resnet50": "ResNet50",
    "resnet101": "ResNet101",
    "resnet152": "ResNet152",
    "densenet121": "DenseNet121",
    "densenet169": "DenseNet169",
    "densenet201": "DenseNet201",
}


def build_theirs(network, size=224, **options):
    """Build one of theirs, with statistics and biases that are not those of a fresh model."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    options = {"classifier_activation": None, "input_shape": (size, size, 3)} | options
    return randomize(getattr(keras.applications, THEIRS[network])(weights=None, **options))


def one_layer_a_block(monkeypatch):
    """Let our builder build small networks."""
    monkeypatch.setitem(models.densenet.BLOCKS, 121, (1, 1, 1, 1))
    monkeypatch.setitem(models.resnet.BLOCKS, 50, (1, 1, 1, 1))


def build_small(network, monkeypatch, **options):
    """Build theirs with one layer in each block, and let our builder do the same."""
    one_layer_a_block(monkeypatch)
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    options = {"classifier_activation": None, "weights": None, "input_shape": (224, 224, 3)} | options
    if network == "densenet121":
        return randomize(densenet.DenseNet([1, 1, 1, 1], **options))

    def stacks(x):
        for stage, filters in enumerate(models.resnet.FILTERS, 2):
            stride = 1 if stage == 2 else 2
            x = resnet.stack_residual_blocks_v1(x, filters, 1, stride, name=f"conv{stage}")
        return x

    return randomize(resnet.ResNet(stacks, False, True, weights_name=None, **options))


def randomize(model, seed=0):
    """Draw what a fresh model has at 0 or 1: biases, scales, means and variances."""
    draw = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape
            layer.set_weights(
                [draw.uniform(0.5, 1.5, size), *draw.normal(0, 0.3, (2, *size)), draw.uniform(0.5, 1.5, size)]
            )
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(draw.normal(0, 0.1, layer.bias.shape))
    return model


def save_legacy(model, path):
    """Write the weights in the layout of the published files."""
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    return path


def random_images(size, count=2):
    """Return images as a network may meet them."""
    return np.random.default_rng(2).normal(size=(count, size, size, 3)).astype("float32")


def logits(model, images):
    """Return what the model puts out before its softmax."""
    model.layers[-1].activation = keras.activations.linear
    return np.asarray(model(images))
