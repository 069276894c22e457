"""What Keras says of a model: the second witness for counts, and its predictions."""

import keras
import numpy as np

from app.counting.comparison import LayerCount

BATCH = 1000
"""Images at a time, where only memory matters."""


def count_layers(model: keras.Model) -> list[LayerCount]:
    """Return name, kind, output shape and parameters of each layer, inputs included, from Keras.

    Parameters are counted from the weights' shapes; `summary()` would add the optimiser's state.
    """
    inputs = [
        LayerCount(tensor.name, "InputLayer", tuple(tensor.shape[1:]), 0, 0)
        for tensor in model.inputs
    ]
    layers = [
        LayerCount(
            layer.name,
            type(layer).__name__,
            tuple(layer.output.shape[1:]),
            sum(int(np.prod(w.shape)) for w in layer.trainable_weights),
            sum(int(np.prod(w.shape)) for w in layer.non_trainable_weights),
        )
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    return inputs + layers


def predict_probabilities(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the probability of each class, (count, classes); one unit answers for two."""
    starts = range(0, len(images), BATCH)
    outputs = np.concatenate([model.predict_on_batch(images[i : i + BATCH]) for i in starts])
    return np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Return how often class i (row) was taken for class j (column)."""
    return np.bincount(labels * classes + predictions, minlength=classes**2).reshape(
        classes, classes
    )
