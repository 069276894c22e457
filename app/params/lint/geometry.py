"""What can be seen from shapes, fields and counts alone."""

import math
from collections.abc import Iterator

from app.counting.axes import Axis
from app.counting.layers import layer_class
from app.counting.rows import Row, shape_text
from app.params.lint.finding import Finding, Inspection, is_weighted
from app.params.lint.windows import find_losses

SIDES = (("row", "rows"), ("column", "columns"))
FEW_PARAMETERS = 10_000
"""A network with fewer is small, wherever they are."""


def dense_on_map(seen: Inspection) -> Iterator[Finding]:
    """Point at a Dense layer that works at each position of a map, Flatten having been forgotten."""
    for row in seen.rows:
        shape = row.input_shapes[0] if row.input_shapes else ()
        if row.kind == "Dense" and len(shape) >= 3:
            yield Finding(
                row.name,
                "dense on a map",
                f"a Dense layer reads the map {shape_text(shape)}",
                "it works at each position by itself, like a 1×1 convolution: nothing joins the positions",
                "put Flatten or a global pooling in front; if it is meant, write Conv2D with kernel 1",
            )


def unseen_pixels(seen: Inspection) -> Iterator[Finding]:
    """Point at pixels that no output depends on."""
    losing = [row.name for row, _ in find_losses(seen)]
    where = f"the cells are lost at {', '.join(losing)}; see what to do there"
    for name, unseen in seen.sheet.unseen().items():
        if unseen:
            sizes = seen.named[name].output_shape
            lines = [
                f"{len(found)} of {size} {many}"
                for found, size, (_, many) in zip(unseen.lines, sizes, SIDES, strict=False)
                if found
            ]
            of_pixels = f" ({' and '.join(lines)})" if lines else ""
            yield Finding(
                name,
                "pixels never seen",
                f"no output sees {unseen.count:,} of its pixels{of_pixels}",
                "whatever is there cannot change the answer",
                where if losing else "look for a layer that crops the maps or steps over cells",
            )


def field_larger_than_image(seen: Inspection) -> Iterator[Finding]:
    """Point at the first map whose central cell looks beyond the image on both sides."""
    for row in seen.rows:
        for field in row.fields.values():
            for axis, (_, many) in zip(field.axes, SIDES, strict=False):
                if not field.whole and axis.size > axis.pixels and _middle_sees_all(axis):
                    yield Finding(
                        row.name,
                        "field larger than the image",
                        f"from here on the receptive field, {axis.size} {many}, is larger than the image, "
                        f"{axis.pixels} {many}",
                        f"a cell in the middle of the map sees all {many} and padding around them: it no "
                        "longer stands for a place in the image",
                        "use fewer or smaller layers, or larger images",
                    )
                    return


def _middle_sees_all(axis: Axis) -> bool:
    """Return whether the field of the cell in the middle reaches from end to end of the image."""
    return axis.windows[len(axis.windows) // 2] == (0, axis.pixels - 1)


def one_layer_dominates(seen: Inspection) -> Iterator[Finding]:
    """Point at a layer with more than half of all parameters, and 1.5 times an equal share."""
    total = seen.sheet.parameters
    weighted = [row for row in seen.rows if row.parameters and is_weighted(row)]
    if total < FEW_PARAMETERS or len(weighted) < 2:
        return
    for row in weighted:
        share = row.parameters / total
        if share > max(0.5, 1.5 / len(weighted)):
            yield Finding(
                row.name,
                "most parameters in one layer",
                f"it holds {100 * share:.1f} % of all parameters ({row.parameters:,} of {total:,})",
                "it decides the size of the model, and it is where overfitting begins",
                " or ".join(_ways_to_shrink(seen, row)) or "use smaller images",
            )


def _ways_to_shrink(seen: Inspection, row: Row) -> list[str]:
    """Return what would make a layer smaller; the network's outputs stay as many as they are."""
    ways = []
    can_have_fewer = seen.has_weights_behind(row) and not row.kind.startswith("Depthwise")
    reads_image = any(source.kind == "InputLayer" for source in seen.sources(row))
    if row.kind == "Dense":
        if _reads_flattened_map(seen, row):
            ways.append("pool the map before it is flattened (global average pooling, say)")
        elif not reads_image:
            ways.append("give the layer before it fewer units")
        return [*ways, "give it fewer units"] if can_have_fewer else ways
    if max(row.weights[0].shape[:-2], default=1) > 1:
        ways.append("use a smaller kernel")
    if not reads_image:
        ways.append("give the layer before it fewer filters")
    return [*ways, "give it fewer filters"] if can_have_fewer else ways


def _reads_flattened_map(seen: Inspection, row: Row) -> bool:
    """Return whether a layer reads a flattened map of more than one cell, through dropout or not."""
    while len(seen.sources(row)) == 1 and row.kind != "Flatten":
        row = seen.sources(row)[0]
        if not layer_class(row.kind).keeps_values:
            return False
    shapes = row.input_shapes
    return row.kind == "Flatten" and len(shapes[0]) > 1 and math.prod(shapes[0][:-1]) > 1


RULES = (dense_on_map, unseen_pixels, field_larger_than_image, one_layer_dominates)
