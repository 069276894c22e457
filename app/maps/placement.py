"""Class-activation cells drawn where they look: at the centres of their receptive fields.

Stretching a map over the image puts its cells at wrong places wherever a network lost its border to
valid padding: by up to half a window.

Only where each cell sees the whole image are the cells spread evenly over it: the centre of a window that reaches far
beyond the image says little of where a cell looks. In EfficientNet-Lite0, whose strides pad the right and the bottom
more, these centres lie 15 pixels further there than evenly spread cells. On nine photographs the gradients of all but
the outer cells came from places 13 pixels away from the centres of the windows, and 8 from the spread ones.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.counting.axes import Axis, Seen
from app.counting.fields import Field
from app.counting.layers import LAYERS, Layer, UnsupportedLayerError
from app.counting.layers.base import apply_layer
from app.counting.symbols import Symbol, make_input
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_layer
from app.maps.verdict import without_patterns
from app.program.heads import keeps_pixels
from app.program.program import Program
from app.program.steps import Slot, Step

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels; pixel i reaches from i − ½ to i + ½."""


@dataclass(frozen=True)
class Placement:
    """Where the cells of a map lie on the image."""

    centres: tuple[np.ndarray, np.ndarray]
    """Centre of each row and each column of cells, in pixels; pixel i has its centre at i."""
    unseen: np.ndarray
    """(height, width), true where no cell sees the pixel, and not only because a layer skips some rows or columns."""
    window: tuple[int, int] | None
    """Height and width that one cell sees; None where the fields are not known."""
    is_spread: bool = False
    """Whether each cell sees the whole image, so that the cells are spread evenly over it."""

    @property
    def is_series(self) -> bool:
        """Whether the image is a series of one row."""
        return self.unseen.shape[0] == 1

    @cached_property
    def matrices(self) -> tuple[np.ndarray, np.ndarray]:
        """R and C, (height, rows) and (width, columns): cells M lie on the image as R M Cᵀ."""
        height, width = self.unseen.shape
        return _interpolation(height, self.centres[0]), _interpolation(width, self.centres[1])

    def field_box(self, row: int, column: int) -> Box | None:
        """Return left, top, right and bottom of what one cell sees, cut at the image's edges."""
        if self.window is None:
            return None
        ends = []
        for axis, index in ((1, column), (0, row)):
            middle, half = float(self.centres[axis][index]), self.window[axis] / 2
            ends.append((max(middle - half, -0.5), min(middle + half, self.unseen.shape[axis] - 0.5)))
        (left, right), (top, bottom) = ends
        return left, top, right, bottom


def is_whole(box: Box, shape: tuple[int, ...]) -> bool:
    """Return whether a frame would only run around an image of (height, width, …)."""
    return box == (-0.5, -0.5, shape[1] - 0.5, shape[0] - 0.5)


def place_cells(cells: np.ndarray, placement: Placement) -> np.ndarray:
    """Return maps the size of the image: linear between the centres, constant beyond the outer ones.

    Args:
        cells: (…, rows, columns).
        placement: where they lie. Pixels that no cell sees get 0.
    """
    rows, columns = placement.matrices
    return np.where(placement.unseen, 0, rows @ cells @ columns.T)


def _interpolation(size: int, centres: np.ndarray) -> np.ndarray:
    """Return the share of each cell in each pixel, (size, cells); a row sums to 1.

    Cells that look at one place (upsampled ones) are averaged.
    """
    places, cells = np.unique(centres, return_inverse=True)
    means = np.eye(len(places))[cells] / np.bincount(cells)[cells][:, None]  # (cells, places)
    pixels = np.arange(size)
    shares = np.stack([np.interp(pixels, places, row) for row in np.eye(len(places))], axis=1)
    return shares @ means.T


def placement_of(explainer: Explainer, layer: str | None, images: np.ndarray) -> Placement:
    """Return where the cells of a layer's maps lie on images of this size."""
    model, step = explainer.model, find_feature_layer(explainer.model, layer)
    size = (images.shape[1], images.shape[2])
    key = (step.outputs[0], size)
    if key not in explainer.placements:
        rows, columns, _ = step.map_shape
        if rows is None or columns is None:  # an open size: look at the maps of one image of this size
            rows, columns = explainer.machine.maps(images[:1], [step])[0].shape[1:3]
        explainer.placements[key] = find_placement(model, step.outputs[0], (int(rows), int(columns)), size)
    return explainer.placements[key]


def find_placement(model: Program, slot: Slot, cells: tuple[int, int], image: tuple[int, int]) -> Placement:
    """Return where the cells of the map in `slot` lie on an image of the given height and width."""
    field = find_field(model, slot, image)
    spread = tuple((np.arange(n) + 0.5) * size / n - 0.5 for n, size in zip(cells, image, strict=True))
    if field is None or field.cells != cells:
        return Placement((spread[0], spread[1]), np.zeros(image, bool), None)
    rows, columns = (np.asarray(axis.centres()) for axis in field.axes)
    height, width = field.window_sizes()
    unseen = without_patterns(~seen_pixels(field))
    if height >= 2 * image[0] and width >= 2 * image[1]:
        return Placement((spread[0], spread[1]), unseen, (height, width), is_spread=True)
    return Placement((rows, columns), unseen, (height, width))


def find_unseen(model: Program, image: tuple[int, int]) -> np.ndarray:
    """Return which pixels lie outside everything that the output reads, (height, width).

    Nothing is claimed where a layer has no known field.
    """
    field = find_field(model, model.output, image)
    if field is None:
        return np.zeros(image, bool)
    return ~seen_pixels(field)


def seen_pixels(field: Field) -> np.ndarray:
    """Return which pixels at least one cell sees, (height, width)."""
    rows, columns = (axis.pixels for axis in field.axes)
    seen = np.zeros((rows, columns), bool)
    for tall, wide in field.seen():
        seen |= np.logical_and.outer(_as_mask(tall, rows), _as_mask(wide, columns))
    return seen


def _as_mask(seen: Seen, size: int) -> np.ndarray:
    first, bits = seen
    return np.array([bits << first >> pixel & 1 for pixel in range(size)], bool)


def find_field(model: Program, slot: Slot, image: tuple[int, int]) -> Field | None:
    """Return the receptive field of the map in `slot`; None if a layer before it has no formula."""
    channels = model.image_shape[-1] or 1
    shape = (channels, *image) if model.channels_first else (*image, channels)
    symbols: dict[Slot, Symbol] = {}
    whole: dict[Slot, Symbol] = {}
    """The image, where it only has another shape for a while: what a later reshape makes of it again."""
    if model.is_series:
        symbols[model.entry] = make_input(shape[1:], "image")
    else:
        symbols[model.image] = whole[model.entry] = make_input(shape, "image")
    for other, value in model.given.items():
        symbols[other] = make_input(value.shape[1:], f"given_{other.index}")
    for step in model.steps[model.entered :]:
        inputs, output = step.inputs(), step.outputs[0]
        as_image = whole.get(inputs[0]) if inputs else None
        if as_image is not None and model.image not in inputs and keeps_pixels(step):
            whole[output] = as_image
            if step.shape[1:] == as_image.shape:
                symbols[output] = as_image
                continue
        layer = _layer_on_paper(step)
        if layer is not None and output not in symbols and all(source in symbols for source in inputs):
            try:
                symbols[output] = apply_layer(layer, [symbols[source] for source in inputs])
            except ValueError:
                continue  # the chalkboard cannot follow this layer, so neither what it feeds
        if slot in step.outputs:
            break
    field = symbols[slot].fields.get("image") if slot in symbols else None
    if field is None or not model.is_series:
        return field
    return Field(tuple((Axis.of_image(1), *part) for part in field.parts), field.whole)


def _layer_on_paper(step: Step) -> Layer | None:
    """Return the chalkboard's layer for a step, None where it has none."""
    if step.activation or step.ceiling() is not None:
        return Layer()
    if step.kind not in LAYERS:
        return None
    config = dict(step.settings)
    if step.kind == "Concatenate" and step.channels_first:  # on paper channels stand behind
        axis = {1: -1, 2: 1, 3: 2}[config["axis"] % 4]
        config = {"axis": axis, "data_format": "channels_first", "name": config["name"]}
    try:
        return LAYERS[step.kind].from_config(config)
    except UnsupportedLayerError:
        return None
