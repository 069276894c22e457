"""One step of training, and of testing, that all replicas take together."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from app.engine.training.precision import computing_in
from app.engine.training.replicas import Replicas, on_device

DRAWS = 8
"""Room for so many random draws of one layer in one step."""
Loss = Callable[[Any, Any], Any]
"""The loss of each image from labels (count, 1) and outputs (count, units)."""


def loss_of(model: keras.Model) -> Loss:
    """Return the loss that a model was compiled with, as a function that gives that of each image."""
    loss = model.loss
    if isinstance(loss, keras.losses.Loss):
        return loss.call
    found: Loss = keras.losses.get(loss)
    return found


def batch_sums(loss: Loss, labels: Any, outputs: Any, weights: Any) -> tuple[Any, Any]:
    """Return Σ w·loss and Σ w·right over images; the arithmetic of a step, for any backend of Keras.

    Args:
        loss: gives the loss of each image.
        labels: of the images, (count, 1).
        outputs: of the network, (count, units); one unit is the probability of class 1.
        weights: 1 for an image that counts, 0 for one that does not, (count,).
    """
    measure = (
        keras.metrics.binary_accuracy if outputs.shape[-1] == 1 else keras.metrics.sparse_categorical_accuracy
    )
    right = ops.cast(ops.reshape(measure(labels, outputs), (-1,)), "float32")
    losses = ops.cast(ops.reshape(loss(labels, outputs), (-1,)), "float32")
    return ops.sum(weights * losses), ops.sum(weights * right)


class Together:
    """A compiled model that learns on several replicas.

    The loss of a step is Σ w·loss / n over the slice of a replica, with n the images of the whole batch; so the sum of
    all gradients, which every replica gets, is the gradient of the mean over the batch.

    An optimiser that scales the loss has the step computed in float16, tests never. Gradients that are not finite in
    one replica move the weights in none: all wait for the same decision, since each of them waits for all gradients.
    """

    def __init__(self, model: keras.Model, replicas: Replicas) -> None:
        self.model, self.replicas = model, replicas
        self._loss = loss_of(model)
        with replicas.scope():
            model.optimizer.build(model.trainable_variables)
        others = model.non_trainable_variables
        self._seeds = [place for place, each in enumerate(others) if each.name == "seed_generator_state"]
        self._statistics = [place for place in range(len(others)) if place not in self._seeds]
        self._train, self._test = (
            tf.function(step, autograph=False) for step in (self._train_together, self._test_together)
        )

    def train(self, shares: Sequence[Any], count: int, number: int) -> tuple[float, float]:
        """Take a step; return the sum of the losses and how many images were right, over the whole batch.

        Args:
            shares: images, labels and weights of each replica of this process.
            count: images of the whole batch.
            number: of the step, from 0.
        """
        given = self.replicas.hand_out(shares)
        sums = self._train(given, tf.constant(count, tf.float32), tf.constant(number, tf.int64))
        losses, right = np.asarray(sums, np.float64)
        return float(losses), float(right)

    def _train_together(self, share: Any, count: Any, number: Any) -> Any:
        strategy, optimizer = self.replicas.strategy, self.model.optimizer
        scaled = optimizer if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) else None
        with computing_in(self.model, "mixed_float16" if scaled else "float32"):
            gradients, sums, broken, statistics = strategy.run(
                self._differentiate, args=(*share, count, number)
            )
        sums, broken, *statistics = (self.replicas.results(each)[0] for each in (sums, broken, *statistics))

        def learn() -> None:
            strategy.run(self._learn, args=(gradients,))
            if scaled:
                grow_scale(scaled)

        if scaled:
            tf.cond(broken > 0, lambda: halve_scale(scaled), learn)
        else:
            learn()
        others = self.model.non_trainable_variables
        for place, value in zip(self._statistics, statistics, strict=True):
            others[place].assign(value)
        return sums

    def _differentiate(self, images: Any, labels: Any, weights: Any, count: Any, number: Any) -> Any:
        """Return the gradients of a replica, and of all together sums, whether gradients are broken, and statistics."""
        model = self.model
        context = tf.distribute.get_replica_context()
        learning = [tf.convert_to_tensor(each.value) for each in model.trainable_variables]
        others = [tf.convert_to_tensor(each.value) for each in model.non_trainable_variables]
        draw = (number * self.replicas.count + tf.cast(context.replica_id_in_sync_group, tf.int64)) * DRAWS
        for place in self._seeds:
            others[place] = tf.stack([others[place][0], tf.cast(draw, others[place].dtype)])
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(learning)
            outputs, changed, penalties = model.stateless_call(
                learning, others, images, training=True, return_losses=True
            )
            losses, right = batch_sums(self._loss, labels, outputs, weights)
            total = losses / count + sum(penalties) / self.replicas.count
            scaled = model.optimizer.scale_loss(total)
        gradients = tape.gradient(scaled, learning)
        broken = tf.cast(tf.logical_not(_are_finite(gradients)), tf.float32)
        sums = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.stack([total * count, right, broken]))
        return gradients, sums[:2], sums[2], [_mean(context, changed[place]) for place in self._statistics]

    def _learn(self, gradients: Any) -> None:
        """Move the weights; the optimiser adds the gradients up over the replicas."""
        optimizer, variables = self.model.optimizer, self.model.trainable_variables
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            gradients = [None if each is None else each / optimizer.dynamic_scale for each in gradients]
            optimizer = optimizer.inner_optimizer
        optimizer.apply(gradients, variables)

    def test(self, shares: Sequence[Any]) -> np.ndarray:
        """Return the sum of the losses and how many images were right, over the slices of this process."""
        given = self.replicas.hand_out(shares)
        return np.sum(
            [np.asarray(each, np.float64) for each in self.replicas.results(self._test(given))], axis=0
        )

    def _test_together(self, share: Any) -> Any:
        return self.replicas.strategy.run(self._test_replica, args=share)

    def _test_replica(self, images: Any, labels: Any, weights: Any) -> Any:
        return tf.stack(batch_sums(self._loss, labels, self.model(images, training=False), weights))


def grow_scale(optimizer: keras.optimizers.LossScaleOptimizer) -> None:
    """Count a step whose gradients are finite; double the scale of the loss after so many in a row."""
    counted = optimizer.step_counter + 1
    is_time = counted >= optimizer.dynamic_growth_steps
    optimizer.dynamic_scale.assign(optimizer.dynamic_scale * ops.where(is_time, 2.0, 1.0))
    optimizer.step_counter.assign(ops.where(is_time, ops.zeros_like(counted), counted))


def halve_scale(optimizer: keras.optimizers.LossScaleOptimizer) -> None:
    """Note that gradients were not finite: halve the scale of the loss."""
    optimizer.dynamic_scale.assign(optimizer.dynamic_scale * 0.5)
    optimizer.step_counter.assign(0)


def _are_finite(gradients: Sequence[Any]) -> Any:
    return tf.reduce_all([tf.reduce_all(tf.math.is_finite(each)) for each in gradients if each is not None])


def _mean(context: Any, value: Any) -> Any:
    """Return the mean of a statistic over the replicas; what is no number with a fraction is the same in all."""
    if not value.dtype.is_floating:
        return value
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, on_device(value))
