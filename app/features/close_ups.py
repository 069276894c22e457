"""Close-ups: what the strongest cell of a map sees of an image, and what of it the cell answers to."""

import numpy as np

from app.features.deconvolution import project_unit
from app.features.results import CloseUp
from app.maps.explainer import Explainer
from app.maps.placement import Placement, placement_of


def close_ups(explainer: Explainer, images: np.ndarray, layer: str, unit: int) -> list[CloseUp]:
    """Return a close-up of each image for one map of a layer.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        layer: name of the step.
        unit: number of the map, from 0.

    Raises:
        ValueError: there is no such layer or map.
    """
    back, found = project_unit(explainer, images, layer, unit)
    placement = placement_of(explainer, layer, images)
    result = []
    for image, colours, (value, row, column) in zip(images, back, found, strict=True):
        cell, flat = (int(row), int(column)), colours.sum(axis=-1)
        result.append(
            CloseUp(
                float(value),
                cell,
                crop(image, placement, *cell),
                flat,
                crop(flat, placement, *cell),
                placement.field_box(*cell),
            )
        )
    return result


def crop(values: np.ndarray, placement: Placement, row: int, column: int) -> np.ndarray:
    """Return what one cell sees of an image: float, NaN where its window hangs over the edge.

    Args:
        values: (height, width[, channels]).
        placement: where the cells of the layer lie.
        row: row of the cell.
        column: its column.

    Returns:
        An array with the size of the window, so that crops of one layer can stand side by side; the
        whole image where fields are not known or a cell sees more than the image.
    """
    height, width = values.shape[:2]
    if placement.window is None or (placement.window[0] > height and placement.window[1] > width):
        return values.astype(float)
    result = np.full((*placement.window, *values.shape[2:]), np.nan)
    slices = []
    for axis, index in ((0, row), (1, column)):
        size, window = values.shape[axis], placement.window[axis]
        first = round(float(placement.centres[axis][index]) - (window - 1) / 2)
        low, high = max(first, 0), min(first + window, size)
        slices.append((slice(low - first, high - first), slice(low, high)))
    (into_rows, rows), (into_columns, columns) = slices
    result[into_rows, into_columns] = values[rows, columns]
    return result
