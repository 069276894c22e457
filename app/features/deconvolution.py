"""ZFNet's deconvolutional network: what in the image a unit of a layer answers to."""

import numpy as np
import tensorflow as tf

from app.engine.compiling import Tensors
from app.features.feature_maps import check_units
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_layer, run_to


def project_unit(
    explainer: Explainer, images: np.ndarray, layer: str, unit: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the strongest cell of one map, carried back to the image, and its place.

    The cell's activation is kept, everything else in the layer set to 0. On the way back a convolution is its
    transpose without bias, a max-pooling puts each value where its maximum was (the switches), and a
    rectifier passes what is positive. Source: Zeiler and Fergus 2014, §2.1.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        layer: name of the step.
        unit: number of the map, from 0.

    Returns:
        (images, height, width, channels), signed; and value, row and column of the cell, (images, 3).

    Raises:
        ValueError: there is no such layer or map.
    """
    step = find_feature_layer(explainer.model, layer)
    check_units(step, layer, [unit])

    def function(x: tf.Tensor, number: tf.Tensor) -> Tensors:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            one = tf.gather(run_to(explainer.model, step, x, "rectified"), number[0], axis=-1)
            flat = tf.reshape(one, (tf.shape(x)[0], -1))
            place = tf.argmax(flat, axis=1)  # the first of several: one cell alone goes back
            strongest = tf.gather(flat, place, batch_dims=1)
            # the gradient of v²/2 is v: the activation itself goes back
            energy = tf.reduce_sum(strongest**2) / 2
        width = tf.cast(tf.shape(one)[2], tf.int64)
        found = [tf.cast(n, x.dtype) for n in (place // width, place % width)]
        back = tape.gradient(energy, x, unconnected_gradients="zero")
        return back, tf.stack([strongest, *found], axis=1)

    back, place = explainer.apply(("unit", layer), function, [images], [np.array([unit])])
    return back, place
