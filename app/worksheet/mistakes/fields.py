"""Mistakes with receptive fields, r' = r + (k − 1)·j."""

import dataclasses
from collections.abc import Callable

from app.counting.rows import Shape
from app.worksheet.cases import LayerCase, changed, setting
from app.worksheet.mistakes.mistake import Recogniser


def along_axes(case: LayerCase, size: Callable[[int, int, int], int]) -> Shape | None:
    """Return `size(r, k, j)` along each axis, k the window's span; None where there is no window."""
    if case.before is None or case.layer is None or not setting(case.layer, "window"):
        return None
    axes = zip(case.before.sizes, case.before.spans(case.layer), case.before.jumps, strict=True)
    return tuple(size(r, k, j) for r, k, j in axes)


def kernel_alone(case: LayerCase) -> Shape | None:
    """Return k."""
    return along_axes(case, lambda _, k, __: k)


def layer_left_out(case: LayerCase) -> Shape | None:
    """Return r."""
    return along_axes(case, lambda r, _, __: r)


def jump_ignored(case: LayerCase) -> Shape | None:
    """Return r + (k − 1)."""
    return along_axes(case, lambda r, k, _: r + k - 1)


def kernel_added_whole(case: LayerCase) -> Shape | None:
    """Return r + k, where the jump is not 1: then it is r + k·j."""
    is_jumping = case.before is not None and set(case.before.jumps) != {1}
    return along_axes(case, lambda r, k, _: r + k) if is_jumping else None


def one_not_subtracted(case: LayerCase) -> Shape | None:
    """Return r + k·j."""
    return along_axes(case, lambda r, k, j: r + k * j)


def field_multiplied(case: LayerCase) -> Shape | None:
    """Return r·k."""
    return along_axes(case, lambda r, k, _: r * k)


def own_stride_counted(case: LayerCase) -> Shape | None:
    """Return r + (k − 1)·j·s."""
    if case.before is None or case.after is None or case.layer is None:
        return None
    return dataclasses.replace(case.before, jumps=case.after.jumps).slide(case.layer).sizes


def dilation_ignored(case: LayerCase) -> Shape | None:
    """Return the field with dilation 1."""
    if case.before is None or case.layer is None:
        return None
    dilation = setting(case.layer, "dilation_rate", (1, 1))
    return case.before.slide(changed(case.layer, dilation_rate=(1,) * len(dilation))).sizes


def jump_for_the_field(case: LayerCase) -> Shape | None:
    """Return j'."""
    return case.after.jumps if case.after else None


def height_and_width_swapped(case: LayerCase) -> Shape | None:
    """Return the field with height and width the other way round."""
    return case.after.sizes[::-1] if case.after else None


def map_for_the_field(case: LayerCase) -> Shape | None:
    """Return the size of the output."""
    return case.row.output_shape[:-1]


FIELD_MISTAKES: dict[Recogniser, str] = {
    kernel_alone: "this is the kernel alone; the layers before widen what it sees",
    layer_left_out: "this is what the input of the layer sees; the layer widens it",
    jump_ignored: "the strides before are ignored; add (k − 1)·j, with j their product",
    kernel_added_whole: "the whole kernel is added; add (k − 1)·j",
    one_not_subtracted: "k·j is added; add (k − 1)·j",
    field_multiplied: "the kernel is multiplied; add (k − 1)·j",
    own_stride_counted: "the layer's own stride is counted; it widens only what comes after",
    dilation_ignored: "the dilation is ignored; the kernel spans d·(k − 1) + 1 cells",
    jump_for_the_field: "this is the distance between neighbours (the jump), not the field",
    height_and_width_swapped: "height and width are swapped; the height comes first",
    map_for_the_field: "this is the size of the output, not what one of its cells sees",
}
