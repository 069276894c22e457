"""A variational auto-encoder trained anew for each seed: its loss in two parts, its steps, its measures.

Source: Kingma and Welling, Auto-encoding variational Bayes, 2014, equation 10 and appendix B.
"""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.datasets.dataset import Dataset
from app.engine.training.fit import DivergedError
from app.experiment.trials import draw_weights

SMALLEST = 1e-7
"""Probabilities are kept so far from 0 and 1, so that no logarithm is infinite."""
BENDS = 2.0
"""Standard deviation of the biases of the decoder's first layer before training."""
TEST_BATCH = 500


def reconstruction_loss(images: Any, pictures: Any) -> Any:
    """Return R = −Σ [x ln p + (1 − x) ln(1 − p)] over the pixels of each image, (images,), in nats.

    Args:
        images: x, (images, height, width, channels), 0…1.
        pictures: p, likewise, what the decoder puts out.
    """
    p = tf.clip_by_value(pictures, SMALLEST, 1 - SMALLEST)
    each = images * tf.math.log(p) + (1 - images) * tf.math.log(1 - p)
    return -tf.reduce_sum(each, axis=(1, 2, 3))


def kl_divergence(mean: Any, log_variance: Any) -> Any:
    """Return D = ½ Σ (μ² + σ² − 1 − ln σ²) over the latent numbers of each image, (images,), in nats.

    It is the Kullback-Leibler divergence of the normal distribution N(μ, σ²), in which an image is encoded, from
    N(0, 1).

    Args:
        mean: μ, (images, latent numbers).
        log_variance: ln σ², likewise.
    """
    each = mean**2 + tf.exp(log_variance) - 1 - log_variance
    return tf.reduce_sum(each, axis=1) / 2


class VariationalTrials:
    """An auto-encoder that puts out picture, mean and log variance, trained anew for each seed by Adam."""

    def __init__(self, model: keras.Model, data: Dataset, rate: float, batch_size: int) -> None:
        self.model, self.data, self.rate = model, data, rate
        self.batch_size = min(batch_size, len(data.train_images))
        self.optimizer = keras.optimizers.Adam(rate)
        self.optimizer.build(model.trainable_variables)
        self._step = tf.function(self._learn)
        self._measure = tf.function(self._losses)

    def _losses(self, images: Any) -> tuple[Any, Any]:
        """Return both parts of the loss, means over the images; ε is drawn once for each of them."""
        picture, mean, log_variance = self.model(images, training=True)
        parts = reconstruction_loss(images, picture), kl_divergence(mean, log_variance)
        return tf.reduce_mean(parts[0]), tf.reduce_mean(parts[1])

    def _learn(self, images: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            reconstruction, divergence = self._losses(images)
            loss = reconstruction + divergence
        variables = self.model.trainable_variables
        slopes = tape.gradient(loss, [variable.value for variable in variables])
        self.optimizer.apply(slopes, variables)
        return reconstruction, divergence

    def train(self, seed: int, epochs: int, advance: Callable[[float], None]) -> list[dict[str, float]]:
        """Return reconstruction, divergence and seconds of each epoch, averages while it was trained.

        The rate of learning falls linearly to 0.

        Raises:
            DivergedError: the loss is not finite.
        """
        self._draw_weights(seed)
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        self._draw_noise_from(seed)
        steps = len(self.data.train_images) // self.batch_size
        history = []
        for epoch in range(epochs):
            started, losses = time.perf_counter(), []
            for step, batch in enumerate(self._batches(seed, epoch), 1):
                self.optimizer.learning_rate = self.rate * (1 - (epoch * steps + step - 1) / (epochs * steps))
                losses.append([float(part) for part in self._step(tf.constant(batch))])
                if not math.isfinite(sum(losses[-1])):
                    raise DivergedError(
                        f"the loss became {sum(losses[-1])} in epoch {epoch + 1}, step {step}"
                    )
                advance((epoch + step / steps) / epochs)
            reconstruction, divergence = np.mean(losses, axis=0)
            seconds = time.perf_counter() - started
            history.append(
                {"reconstruction": float(reconstruction), "divergence": float(divergence), "seconds": seconds}
            )
        return history

    def _draw_weights(self, seed: int) -> None:
        """Give every layer fresh weights, and the units that read z the biases b of a normal distribution.

        Such a unit bends where w·z + b = 0. With b = 0 all would bend in the origin, and the decoder could tell
        latent points apart by their direction alone: trained so, one half of the plane stays empty.
        """
        draw_weights(self.model, seed, "he")
        bias = self.model.get_layer("decoder_hidden").bias
        bias.assign(np.random.default_rng(seed).normal(0, BENDS, bias.shape))

    def _draw_noise_from(self, seed: int) -> None:
        for variable in self.model.variables:
            if variable.name == "seed_generator_state":
                variable.assign([seed, 0])

    def _batches(self, seed: int, epoch: int) -> Iterator[np.ndarray]:
        """Yield whole batches in the order of the seed and the epoch; what is left over waits for another epoch."""
        images = self.data.train_images
        order = np.random.default_rng([seed, epoch]).permutation(len(images))
        for start in range(0, len(images) - self.batch_size + 1, self.batch_size):
            yield as_input(images[order[start : start + self.batch_size]])

    def test(self, seed: int) -> dict[str, float]:
        """Return both parts of the loss, means over the test images, with ε drawn once for each."""
        self._draw_noise_from(seed)
        images, parts, sizes = as_input(np.asarray(self.data.test_images)), [], []
        for start in range(0, len(images), TEST_BATCH):
            batch = images[start : start + TEST_BATCH]
            parts.append([float(part) for part in self._measure(tf.constant(batch))])
            sizes.append(len(batch))
        reconstruction, divergence = np.average(parts, axis=0, weights=sizes)
        return {"reconstruction": float(reconstruction), "divergence": float(divergence)}

    def encode(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pictures made again from the means, as bytes, and the means, (images, latent numbers)."""
        picture, mean, _ = _in_batches(self.model, as_input(images))
        return as_bytes(picture), mean

    def decode(self, points: np.ndarray) -> np.ndarray:
        """Return the pictures, as bytes, that the decoder makes of latent points, (points, latent numbers)."""
        decoder = keras.Model(self.model.get_layer("z").output, self.model.outputs[0])
        return as_bytes(_in_batches(decoder, points.astype(np.float32))[0])


def _in_batches(model: keras.Model, inputs: np.ndarray) -> list[np.ndarray]:
    """Return each output of a model, which does not train, for all inputs."""
    batches = (inputs[start : start + TEST_BATCH] for start in range(0, len(inputs), TEST_BATCH))
    parts = [keras.tree.flatten(model(tf.constant(batch), training=False)) for batch in batches]
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def as_input(images: np.ndarray) -> np.ndarray:
    """Return bytes as the network takes them, 0…1."""
    return images.astype(np.float32) / 255


def as_bytes(pictures: np.ndarray) -> np.ndarray:
    """Return pictures of 0…1 as bytes."""
    return np.rint(np.asarray(pictures) * 255).astype(np.uint8)
