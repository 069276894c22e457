"""How large the gradient of the loss is at each depth of a network."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf


class GradientProbe:
    """Measures gradient norms layer by layer, and can train by plain gradient descent in between.

    Batch normalisation works with the batch's own statistics, as in training.
    """

    def __init__(self, model: keras.Model, outputs: Sequence[str]) -> None:
        """Watch the kernels of all convolutions and the outputs of the layers called `outputs`."""
        self.model = model
        self.kernels = [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
        maps = [model.get_layer(name).output for name in outputs]
        self._inner = keras.Model(model.input, [*maps, model.output])
        self._loss = keras.losses.SparseCategoricalCrossentropy()
        self._run = tf.function(self._step)

    def _step(self, images: Any, labels: Any, rate: Any) -> Any:
        with tf.GradientTape() as tape:
            *maps, probabilities = self._inner(images, training=True)
            loss = self._loss(labels, probabilities)
        trained = [variable.value for variable in self.model.trainable_variables]
        kernels = [kernel.value for kernel in self.kernels]
        slopes, of_kernels, of_maps = tape.gradient(loss, (trained, kernels, maps))
        for variable, slope in zip(trained, slopes, strict=True):
            variable.assign_sub(rate * slope)
        norms = [tf.stack([tf.norm(slope) for slope in group]) for group in (of_kernels, of_maps)]
        return loss, *norms

    def measure(self, images: np.ndarray, labels: np.ndarray, rate: float = 0.0) -> dict[str, Any]:
        """Return the loss and the Euclidean norms of its gradient; then take a step down it.

        Args:
            images: (count, height, width, channels), float32.
            labels: class numbers.
            rate: of the step, w ← w − rate·∂L/∂w; 0 leaves the weights alone.

        Returns:
            `loss`, the mean cross-entropy; `kernels` and `outputs`, a norm for each convolution's
            kernel and each watched output over the whole batch, in the order of the network.
        """
        values = self._run(tf.constant(images), tf.constant(labels), tf.constant(rate, tf.float32))
        loss, kernels, outputs = (np.asarray(value, float) for value in values)
        return {"loss": float(loss), "kernels": kernels.tolist(), "outputs": outputs.tolist()}
