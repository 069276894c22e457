"""A replay as a Keras model that ends where one likes, for tools that want a Keras model."""

import keras
import tensorflow as tf

from app.engine.replay.steps import KerasStep, Replay


class Steps(keras.Layer):
    """The steps of a replay, up to one of them, as a single layer without weights of its own.

    Whatever the model's own spelling, it takes (batch, height, width, channels) and gives maps as (batch,
    rows, columns, maps); other inputs are held at what the replay was given.
    """

    def __init__(self, model: Replay, step: KerasStep | None = None) -> None:
        super().__init__(dtype=model.dtype, trainable=False)
        self._model, self._step = model, step
        self._compiled = tf.function(self._run)

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return the logits, or what the step puts out."""
        return self._compiled(images)

    def _run(self, images: tf.Tensor) -> tf.Tensor:
        model, step = self._model, self._step
        if step is None:
            return model.run(model.start(images))[model.output]
        stop = model.position(step.outputs[0]) + 1
        values = model.run(model.start(images), steps=slice(stop))
        return step.to_maps(values[step.outputs[0]])


def cut_model(model: Replay, step: KerasStep | None = None) -> keras.Model:
    """Return a functional Keras model of one image that ends in a step's maps, or in the logits."""
    image = keras.Input(model.image_shape, name="image", dtype=model.dtype)
    return keras.Model([image], Steps(model, step)(image))
