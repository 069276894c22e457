"""ZFNet's deconvolutional network: what in the image a unit of a layer answers to."""

import numpy as np

from app.features.feature_maps import check_units
from app.maps.explainer import Arrays, Explainer
from app.maps.feature_layers import find_feature_layer


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

    def function(x: np.ndarray) -> Arrays:
        (maps,) = explainer.machine.maps(x, [step])
        one = maps[..., unit].reshape(len(x), -1)
        place = one.argmax(axis=1)  # the first of several: one cell alone goes back
        strongest = np.take_along_axis(one, place[:, None], axis=1)
        seeds = np.zeros_like(maps)
        rows, columns = np.divmod(place, maps.shape[2])
        seeds[np.arange(len(x)), rows, columns, unit] = strongest[:, 0]  # the activation itself goes back
        back = explainer.machine.pull_back(x, seeds, step, "rectified")
        return back, np.column_stack([strongest, rows, columns])

    back, place = explainer.apply(function, [images])
    return back, place
