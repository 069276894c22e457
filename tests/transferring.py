"""A small trained network, folders of shapes, and transfers from the one to the other: what tests of transfer share."""

import numpy as np
from picture_folders import make_picture_folder
from PIL import Image, ImageOps

from app.transfer.plan import TransferSettings

FEW = TransferSettings(epochs=10, fine_tune_epochs=6, fine_tune_rate=1e-3)


def make_shapes(folder, count=12):
    """Write circles, and squares on light ground: even a network that knows nothing tells them apart."""
    made = make_picture_folder(folder, count=count, size=(32, 24))
    for path in sorted((made / "square").iterdir()):
        ImageOps.invert(Image.open(path).convert("RGB")).save(path)
    return made


def make_teacher(path):
    """Write a nested network with a normalisation, with weights of its own."""
    import keras

    import app.engine  # noqa: F401

    keras.utils.set_random_seed(1)
    made = keras.layers
    inner = keras.Sequential(
        [
            keras.Input((24, 32, 3)),
            made.Conv2D(6, 3, strides=2, use_bias=False, name="first"),
            made.BatchNormalization(name="norm"),
            made.ReLU(name="relu"),
            made.Conv2D(8, 3, activation="relu", name="second"),
        ],
        name="body",
    )
    image = keras.Input((24, 32, 3), name="image")
    x = made.GlobalAveragePooling2D(name="mean")(inner(image))
    model = keras.Model(image, made.Dense(4, activation="softmax", name="classes")(x), name="teacher")
    model.get_layer("body").get_layer("norm").moving_mean.assign(np.linspace(-1, 1, 6))
    kernel = model.get_layer("body").get_layer("second").kernel
    kernel.assign(6 * kernel)  # features that a head can learn from in a few epochs
    model.save(path)
    return path


def run(data, backbone, folder, settings=FEW, name="shapes", choice=None, **place):
    """Transfer a network, a file or one in memory, to a folder of pictures."""
    from app.commands.data import open_data
    from app.maps.open_model import ModelChoice, OpenModel
    from app.transfer.plan import TransferPlace
    from app.transfer.run import transfer

    opened = OpenModel(ModelChoice(backbone, **(choice or {})))
    return transfer(opened, open_data(data), settings, TransferPlace(folder, name, **place))


def stop_at(monkeypatch, step):
    """Have a training stop at its step of this number, counted over all phases; return what lets it go on."""
    from app.engine.training.transfer_fit import Watch

    steps, watch = [], Watch.on_train_batch_end

    def stop(self, batch, logs=None):
        steps.append(batch)
        if len(steps) == step:
            raise KeyboardInterrupt
        watch(self, batch, logs)

    monkeypatch.setattr(Watch, "on_train_batch_end", stop)
    return lambda: monkeypatch.setattr(Watch, "on_train_batch_end", watch)
