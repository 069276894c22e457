"""Mistakes that are the right count of another layer: one with other settings, or with another input."""

from app.counting.layers.convolution import GroupedConvolution
from app.counting.rows import Row, Shape
from app.worksheet.cases import LayerCase, setting


def is_padded(case: LayerCase) -> bool:
    """Return whether the window runs over a padded map."""
    return setting(case.layer, "padding") == "same"


def is_convolution(case: LayerCase) -> bool:
    """Return whether the layer is a convolution in which every filter reads its whole group."""
    return issubclass(case.layer_class, GroupedConvolution)


def is_pooling(case: LayerCase) -> bool:
    """Return whether the layer is a pooling with a window."""
    return case.layer_class.family == "Pooling" and case.layer_class.slides


def is_colour_image(case: LayerCase) -> bool:
    """Return whether the layer reads an image of three channels."""
    return case.reads_image and case.inputs[0][-1] == 3


def with_depth(case: LayerCase, channels: int) -> tuple[Shape, ...]:
    """Return the inputs with another number of channels."""
    return tuple((*shape[:-1], channels) for shape in case.inputs)


def padding_ignored(case: LayerCase) -> Row | None:
    """Return the count with valid padding where the layer pads."""
    return case.recount(padding="valid") if is_padded(case) else None


def stride_ignored(case: LayerCase) -> Row | None:
    """Return the count with stride 1."""
    return case.recount(strides=(1,) * len(setting(case.layer, "strides", ())))


def dilation_ignored(case: LayerCase) -> Row | None:
    """Return the count with dilation 1."""
    return case.recount(dilation_rate=(1,) * len(setting(case.layer, "dilation_rate", ())))


def groups_ignored(case: LayerCase) -> Row | None:
    """Return the count with filters that read every channel, not c/g only."""
    return case.recount(groups=1)


def depth_forgotten(case: LayerCase) -> Row | None:
    """Return the count with one channel instead of c."""
    if not is_convolution(case) or is_colour_image(case):
        return None
    return case.recount(with_depth(case, 1), groups=1)


def colour_forgotten(case: LayerCase) -> Row | None:
    """Return the count with one channel instead of three."""
    colour = is_colour_image(case) and is_convolution(case)
    return case.recount(with_depth(case, 1), groups=1) if colour else None


def flatten_forgotten(case: LayerCase) -> Row | None:
    """Return the count with c inputs: only the channels of the map that was flattened."""
    if case.map_shape is None or case.row.kind != "Dense":
        return None
    return case.recount([case.map_shape[-1:]])


def layer_before_skipped(case: LayerCase) -> Row | None:
    """Return the count with what the layer before reads as the input."""
    return case.recount([shape]) if (shape := case.shape_before_last) else None
