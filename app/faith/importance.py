"""What the picture of a map says of each pixel or cell, as one number that is never negative."""

import numpy as np

from app.maps.explainer import Explainer
from app.maps.methods.gradients import combine_channels
from app.maps.methods.method import Method, RawMaps, Settings
from app.maps.placement import place_cells, placement_of

ROUNDING = 1e-5
"""Share of a map's largest value below which float32 arithmetic leaves nothing but rounding."""


def shown_values(method: Method, computed: RawMaps) -> np.ndarray:
    """Return what the pictures show, (images, height, width) or (images, rows, columns).

    For a map that shows magnitudes it is |raw|, its largest over the channels; for one that shows what
    speaks for the class it is max(0, Σ raw). Values below `ROUNDING` of an image's largest count as 0.
    """
    raw = computed.raw
    if method.is_of_cells:
        values = np.maximum(raw, 0)
    elif method.shows == "positive":
        values = np.maximum(raw.sum(axis=-1), 0)
    else:
        values = combine_channels(raw)
    return without_rounding(values)


def without_rounding(values: np.ndarray) -> np.ndarray:
    """Return maps with values of nearly 0, beside the map's largest magnitude, made 0."""
    magnitudes = np.abs(values)
    largest = magnitudes.reshape(len(values), -1).max(axis=1).reshape(-1, 1, 1)
    return np.where(magnitudes <= ROUNDING * largest, 0, values)


def pixel_values(
    explainer: Explainer, images: np.ndarray, targets: np.ndarray, method: Method, settings: Settings
) -> np.ndarray:
    """Return what a method's pictures say of each pixel, (images, height, width).

    Cells are placed where they look; a pixel that no cell sees gets 0.
    """
    computed = method.compute(explainer, images, targets, settings)
    values = shown_values(method, computed)
    if not method.is_of_cells:
        return values
    return without_rounding(place_cells(values, placement_of(explainer, settings.layer, images)))
