"""The numbers that a model computes in: changed for a while, with the same weights, which stay float32."""

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf


@contextlib.contextmanager
def computing_in(model: keras.Model, policy: str) -> Iterator[None]:
    """Have the layers of a model compute by a policy of Keras, `float32` or `mixed_float16`, inside the block.

    The last layer computes in float32 always: probabilities below 6·10⁻⁸ are 0 in float16, and their logarithm is no
    number. What was compiled before goes on as it was compiled.
    """
    layers = model._flatten_layers()
    before = [(layer, layer.dtype_policy) for layer in layers]
    try:
        for layer, _ in before:
            layer.dtype_policy = "float32" if layer is model.layers[-1] else policy
        yield
    finally:
        for layer, old in before:
            layer.dtype_policy = old


class ValidateInFloat32(keras.callbacks.Callback):
    """Tests a model that learns in float16 in float32, as it will be saved."""

    def __init__(self) -> None:
        super().__init__()
        self._exact = contextlib.ExitStack()

    def on_test_begin(self, logs: object = None) -> None:  # noqa: ARG002
        """Compute in float32."""
        self._exact.enter_context(computing_in(self.model, "float32"))

    def on_test_end(self, logs: object = None) -> None:  # noqa: ARG002
        """Compute as before."""
        self._exact.close()


def has_accelerator() -> bool:
    """Return whether TensorFlow sees a graphics card."""
    return bool(tf.config.list_physical_devices("GPU"))
