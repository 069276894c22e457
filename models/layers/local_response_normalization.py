"""Local response normalisation, which AlexNet, ZFNet and GoogLeNet put between their stages."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="convlab")
class LocalResponseNormalization(keras.layers.Layer):
    """Each value divided by the activity of the channels beside it: y = x / (bias + α·Σ x²)^β.

    The sum runs over the 2·radius + 1 channels around the value's own, fewer at the ends; nothing is
    learned. The defaults are TensorFlow's. The AlexNet paper's k, n, α and β are `bias`,
    2·`depth_radius` + 1, `alpha` and `beta`; Caffe and PyTorch divide their α by n.

    Source: Krizhevsky, Sutskever and Hinton 2012, §3.3.
    """

    def __init__(
        self, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5, **common: Any
    ) -> None:
        super().__init__(**common)
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta

    def build(self, input_shape: Any) -> None:
        """Make sure that there are maps: TensorFlow has the kernel for them alone."""
        if len(input_shape) != 4:
            shape = tuple(input_shape[1:])
            raise ValueError(f"{self.name} takes a map (height, width, channels), not the shape {shape}")

    def call(self, inputs: Any) -> Any:
        """Return the normalised maps; in double precision by the formula, as TensorFlow has no kernel for that."""
        if inputs.dtype != tf.float64:
            return tf.nn.local_response_normalization(
                inputs, self.depth_radius, self.bias, self.alpha, self.beta
            )
        ones = tf.ones((inputs.shape[-1], inputs.shape[-1]), inputs.dtype)
        near = tf.linalg.band_part(ones, self.depth_radius, self.depth_radius)  # which channels lie together
        activity = tf.tensordot(inputs**2, near, 1)
        return inputs * (self.bias + self.alpha * activity) ** -self.beta

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape unchanged."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return all arguments."""
        own = {"depth_radius": self.depth_radius, "bias": self.bias, "alpha": self.alpha, "beta": self.beta}
        return super().get_config() | own
