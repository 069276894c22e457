"""Data sets that Keras downloads, kept in Keras' own cache."""

import keras
import numpy as np

from app.datasets.dataset import Dataset, make_dataset
from app.datasets.sources import KERAS_DATA_SETS
from app.engine.quiet import first_line


def load_keras_dataset(name: str) -> Dataset:
    """Return one of Keras' data sets, downloaded on first use.

    Raises:
        ValueError: the name is unknown, or the download fails.
    """
    if name not in KERAS_DATA_SETS:
        raise ValueError(f"no Keras data set {name!r}; there are {', '.join(KERAS_DATA_SETS)}")
    try:
        pairs = getattr(keras.datasets, name).load_data()
    except Exception as error:
        raise ValueError(
            f"{name} could not be downloaded ({first_line(error)}). Without a network, fetch "
            "its files elsewhere and give their folder, or an .npz file, to --data"
        ) from error
    train, test = ((np.asarray(images), np.asarray(labels)) for images, labels in pairs)
    return make_dataset(name, name, train, test, KERAS_DATA_SETS[name])
