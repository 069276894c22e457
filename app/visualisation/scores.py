"""The score of a class: the number whose gradient a map shows."""

from collections.abc import Sequence

import tensorflow as tf

from app.engine.heads import Head


def class_scores(logits: tf.Tensor, classes: Sequence[int], head: Head) -> tf.Tensor:
    """Return the logit of one class for each image, (batch,).

    Logits are taken, not probabilities: the gradient of a softmax vanishes as the network becomes
    sure, and mixes in all other classes. One sigmoid unit z has the score z for its class 1 and −z
    for class 0. Source: Simonyan, Vedaldi and Zisserman 2014, §2.
    """
    if head.is_binary:
        signs = tf.constant([1.0 if c == 1 else -1.0 for c in classes], logits.dtype)
        return logits[:, 0] * signs
    return tf.gather(logits, tf.constant(list(classes)), axis=1, batch_dims=1)
