"""Data sets that Keras downloads, kept in Keras' own cache."""

import keras
import numpy as np

from app.datasets.dataset import Dataset, make_dataset
from models.cifar_resnet import CIFAR10

FASHION = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)

CLASS_NAMES: dict[str, tuple[str, ...] | None] = {
    "fashion_mnist": FASHION,
    "cifar10": CIFAR10,
    "cifar100": None,
}


def load_keras_dataset(name: str) -> Dataset:
    """Return one of Keras' data sets, downloaded on first use.

    Raises:
        ValueError: the name is unknown, or the download fails.
    """
    if name not in CLASS_NAMES:
        raise ValueError(f"no Keras data set {name!r}; there are {', '.join(CLASS_NAMES)}")
    try:
        train, test = getattr(keras.datasets, name).load_data()
    except Exception as error:
        raise ValueError(
            f"{name} could not be downloaded ({str(error).splitlines()[0]}). Without a network, fetch "
            "its files elsewhere and give their folder, or an .npz file, to --data"
        ) from error
    arrays = [np.asarray(array) for pair in (train, test) for array in pair]
    return make_dataset(name, name, (arrays[0], arrays[1]), (arrays[2], arrays[3]), CLASS_NAMES[name])
