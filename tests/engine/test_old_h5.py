"""`.h5` files as Keras 2.0 to 2.2 wrote them, with TensorFlow or Theano behind: three spellings of one network."""

import app.engine  # noqa: F401, I001

import itertools
import json

import h5py
import numpy as np
import pytest

from app.engine.store import load_model
from app.params.counts import count_model

pytestmark = pytest.mark.keras
IMAGE = {"batch_input_shape": [None, 8, 7, 1], "dtype": "float32"}
LAYERS = [
    ("Conv2D", {"name": "conv2d_1", "filters": 2, "kernel_size": [3, 3], "activation": "relu"}),
    ("BatchNormalization", {"name": "batch_normalization_1", "axis": -1, "epsilon": 0.001}),
    ("MaxPooling2D", {"name": "max_pooling2d_1", "pool_size": [2, 2], "strides": [2, 2]}),
    ("Dropout", {"name": "dropout_1", "rate": 0.25, "noise_shape": None, "seed": None}),
    ("Flatten", {"name": "flatten_1"}),
    ("Dense", {"name": "dense_1", "units": 3, "activation": "softmax"}),
]


def layers(first=None):
    """Return the layers; the first of a Sequential says what enters."""
    listed = [{"class_name": kind, "config": {"trainable": True, **settings}} for kind, settings in LAYERS]
    listed[0]["config"].update(first or {})
    return listed


def graph():
    entries = [{"class_name": "InputLayer", "config": {"name": "input_1", **IMAGE}, "inbound_nodes": []}]
    entries += [{**layer, "inbound_nodes": []} for layer in layers()]
    for before, entry in itertools.pairwise(entries):
        entry["inbound_nodes"] = [[[before["config"]["name"], 0, 0, {}]]]
    for entry in entries:
        entry["name"] = entry["config"]["name"]
    ends = {"input_layers": [["input_1", 0, 0]], "output_layers": [["dense_1", 0, 0]]}
    return {"class_name": "Model", "config": {"name": "model_1", "layers": entries, **ends}}


SPELLINGS = {
    "2.0.8, a list": (lambda: {"class_name": "Sequential", "config": layers(IMAGE)}, "2.0.8", b"theano"),
    "2.2.4, with a name": (
        lambda: {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": layers(IMAGE)}},
        "2.2.4",
        b"tensorflow",
    ),
    "2.1.6, a graph": (graph, "2.1.6", b"tensorflow"),
}


def weights():
    draw = np.random.default_rng(0)
    shapes = {
        "conv2d_1": {"kernel": (3, 3, 1, 2), "bias": (2,)},
        "batch_normalization_1": {"gamma": (2,), "beta": (2,), "moving_mean": (2,), "moving_variance": (2,)},
        "dense_1": {"kernel": (12, 3), "bias": (3,)},
    }
    return {
        layer: {name: draw.uniform(0.2, 1, shape).astype("float32") for name, shape in arrays.items()}
        for layer, arrays in shapes.items()
    }


@pytest.fixture(params=SPELLINGS)
def old_file(request, tmp_path):
    make, version, backend = SPELLINGS[request.param]
    path = tmp_path / "old.hdf5"
    with h5py.File(path, "w") as file:
        file.attrs.update({"model_config": json.dumps(make()).encode(), "keras_version": version.encode()})
        file.attrs["backend"] = backend
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [settings["name"].encode() for _, settings in LAYERS]
        for _, settings in LAYERS:
            layer = group.create_group(settings["name"])
            arrays = weights().get(settings["name"], {})
            layer.attrs["weight_names"] = [f"{settings['name']}/{name}:0".encode() for name in arrays]
            for name, array in arrays.items():
                layer[f"{settings['name']}/{name}:0"] = array
    return path


def test_it_is_counted(old_file):
    count = count_model(old_file)
    assert (count.parameters, count.trainable, count.non_trainable) == (20 + 8 + 39, 63, 4)
    assert count.check()


def test_it_computes_what_its_weights_say(old_file):
    """The forward pass written out with NumPy."""
    images = np.random.default_rng(1).uniform(0, 1, (2, 8, 7, 1)).astype("float32")
    w = weights()
    maps = np.zeros((2, 6, 5, 2))
    for row, column in np.ndindex(6, 5):
        patch = images[:, row : row + 3, column : column + 3]
        maps[:, row, column] = np.tensordot(patch, w["conv2d_1"]["kernel"], 3) + w["conv2d_1"]["bias"]
    maps = np.maximum(maps, 0)
    norm = w["batch_normalization_1"]
    maps = (maps - norm["moving_mean"]) / np.sqrt(norm["moving_variance"] + 0.001) * norm["gamma"] + norm[
        "beta"
    ]
    pooled = maps[:, :6, :4].reshape(2, 3, 2, 2, 2, 2).max(axis=(2, 4))
    logits = pooled.reshape(2, 12) @ w["dense_1"]["kernel"] + w["dense_1"]["bias"]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(load_model(old_file)(images), expected, rtol=1e-4)
