"""Models of many kinds exported to each format: the largest difference from Keras, or why there is none."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.show.document import Table
from app.show.writers.markdown import write_table

FORMATS = ("saved_model", "onnx", "litert")
COLUMNS = ("model", "parameters", "SavedModel", "ONNX", "LiteRT")
PICTURES = 100
FOLDERS: list[tempfile.TemporaryDirectory] = []
"""Of model files; they go when Python ends."""


def run() -> None:
    """Print the table of docs/export.md, a line for each model as it is done."""
    rows = []
    for name in MODELS:
        rows.append(row_of(name))
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    print(write_table(Table(COLUMNS, tuple(rows), numbers=(1,))))


def row_of(name: str) -> tuple[str, ...]:
    """Return the row of one model: what it is, its parameters, and what each format gave."""
    import app.engine  # noqa: F401  (imports TensorFlow without its chatter)
    from app.maps.open_model import ModelChoice, OpenModel

    # isort: split
    import keras

    keras.utils.set_random_seed(0)
    made = MODELS[name]()
    opened = OpenModel(ModelChoice(made))
    model = made if opened.facts.path is None else None
    if model is None:
        from app.engine.store import load_model

        model = load_model(opened.facts.path)
    return (name, f"{model.count_params():,}", *(_tried(opened, format) for format in FORMATS))


def _tried(opened: Any, format: str) -> str:
    """Return the largest difference, or why the format cannot hold the model."""
    from app.commands.door import CheckFailedError
    from app.export.run import export_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / {"onnx": "m.onnx", "litert": "m.tflite"}.get(format, "m")
        try:
            exported = export_model(opened, format, path, count=PICTURES)
        except (ValueError, CheckFailedError) as error:
            return f"no: {error}"
    found = exported.agreement
    if found.says_little:
        return "outputs that are the same for all pictures"
    alone = " (one at a time)" if found.batches == (1,) else ""
    return ("equal" if not found.difference else f"{found.difference:.0e}") + alone


def _layers() -> Any:
    import keras

    return keras.layers


def _old_file() -> str:
    """A model in the older HDF5 format, which has the project's own layers in it."""
    import warnings

    from app.engine.build import build_model
    from models import find_network

    FOLDERS.append(tempfile.TemporaryDirectory())
    path = Path(FOLDERS[-1].name) / "older.h5"
    with warnings.catch_warnings(action="ignore"):
        build_model(find_network("lenet5_modern")).save(path)
    return str(path)


def _own_layers() -> Any:
    from app.engine.build import nn

    return nn.Sequential(
        [
            nn.Input((32, 32, 3)),
            nn.GroupedConv2D(8, 5, groups=1, activation="relu"),
            nn.LocalResponseNormalization(),
            nn.MaxPooling2D(3, strides=2),
            nn.GroupedConv2D(16, 3, groups=2, activation="relu"),
            nn.Conv2D(16, 3, groups=4),
            nn.Flatten(),
            nn.Dense(5, activation="softmax"),
        ]
    )


def _mobile() -> Any:
    """MobileNetV2 with the statistics of some pictures: fresh ones tell no picture from another."""
    import keras
    import numpy as np

    from app.export.pictures import random_pictures

    model = keras.applications.MobileNetV2((96, 96, 3), weights=None, classes=10)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for momentum in (0.0, 0.99):
        for layer in norms:
            layer.momentum = momentum
        if not momentum:
            model(np.float32(random_pictures((96, 96, 3), 8)) / 255, training=True)
    return model


def _nested() -> Any:
    import keras

    layers = _layers()
    body = keras.Sequential([layers.Input((32, 32, 3)), layers.Conv2D(8, 3), layers.GlobalAveragePooling2D()])
    return keras.Sequential([layers.Input((32, 32, 3)), body, layers.Dense(3, activation="softmax")])


def _augmented() -> Any:
    import keras

    layers = _layers()
    return keras.Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.RandomFlip(),
            layers.RandomRotation(0.1),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.GlobalMaxPooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def _any_size() -> Any:
    import keras

    layers = _layers()
    return keras.Sequential(
        [
            layers.Input((None, None, 3)),
            layers.Conv2D(8, 3, activation="relu6", strides=2),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def _two_inputs() -> Any:
    import keras

    layers = _layers()
    picture, facts = layers.Input((16, 16, 3), name="picture"), layers.Input((4,), name="facts")
    found = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(picture))
    joined = layers.Concatenate()([found, layers.Dense(3)(facts)])
    kind = layers.Dense(2, activation="softmax", name="kind")(joined)
    return keras.Model([picture, facts], [kind, layers.Dense(1, name="size")(joined)])


def _autoencoder() -> Any:
    import keras

    layers = _layers()
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]
    )


def _mixed() -> Any:
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        return _nested()
    finally:
        keras.config.set_dtype_policy(before)


def _recurrent(layer: str) -> Any:
    import keras

    layers = _layers()
    return keras.Sequential(
        [layers.Input((28, 28)), getattr(layers, layer)(16), layers.Dense(10, activation="softmax")]
    )


def _attention() -> Any:
    import keras

    layers = _layers()
    image = layers.Input((16, 16, 3))
    patches = layers.Reshape((16, 8))(layers.Conv2D(8, 4, strides=4)(image))
    seen = layers.LayerNormalization()(layers.MultiHeadAttention(2, 4)(patches, patches))
    return keras.Model(image, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling1D()(seen)))


def _spectrum() -> Any:
    import keras

    layers = _layers()
    image = layers.Input((16, 16, 1))
    real, _ = keras.ops.fft2((image[..., 0], image[..., 0] * 0))
    return keras.Model(image, layers.Dense(2)(layers.Flatten()(real)))


MODELS: dict[str, Callable[[], Any]] = {
    "mnist": lambda: "mnist",
    "x_or_not_x, one sigmoid unit": lambda: "x_or_not_x",
    "lenet5, exact": lambda: "lenet5",
    "lecun1989": lambda: "lecun1989",
    "efficientnet_lite0": lambda: "efficientnet_lite0",
    "keras.applications' MobileNetV2": _mobile,
    "a .h5 file": _old_file,
    "grouped convolutions, response normalisation": _own_layers,
    "a model in a model": _nested,
    "augmentation and dropout inside": _augmented,
    "pictures of any size": _any_size,
    "two inputs, two outputs": _two_inputs,
    "an autoencoder": _autoencoder,
    "attention": _attention,
    "mixed precision (float16)": _mixed,
    "LSTM": lambda: _recurrent("LSTM"),
    "GRU": lambda: _recurrent("GRU"),
    "a Fourier transform": _spectrum,
}
"""Makers of models: a name, a file or a model in memory."""
