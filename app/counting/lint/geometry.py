"""What can be seen from shapes, windows and counts alone."""

from collections.abc import Iterator

from app.counting.lint.finding import Finding, Inspection, is_weighted
from app.counting.rows import Row
from app.counting.windows import Window, find_windows

SIDES = (("row", "rows"), ("column", "columns"))


def dense_on_map(seen: Inspection) -> Iterator[Finding]:
    """Point at a Dense layer that works at each position of a map, Flatten having been forgotten."""
    for row in seen.rows:
        shape = row.input_shapes[0] if row.input_shapes else ()
        if row.kind == "Dense" and len(shape) >= 3:
            size = "×".join(map(str, shape))
            yield Finding(
                row.name, "dense on a map", f"a Dense layer reads the map {size}",
                "it works at each position by itself, like a 1×1 convolution: nothing joins the positions",
                "put Flatten or a global pooling in front; if it is meant, write Conv2D with kernel 1",
            )  # fmt: skip


def dropped_cells(seen: Inspection) -> Iterator[Finding]:
    """Point at rows or columns at the end of a map that no window reaches."""
    for row, windows in _sliding(seen):
        dropped = [(window.dropped, *side) for window, side in zip(windows, SIDES, strict=False)
                   if window.dropped]  # fmt: skip
        if dropped:
            what = " and ".join(f"the last {n} {many if n > 1 else one}" if n > 1 else f"the last {one}"
                                for n, one, many in dropped)  # fmt: skip
            yield Finding(
                row.name, "cells dropped", f"no window reaches {what} of its input",
                f"{windows[0].inputs} cells do not divide into windows of {windows[0].span:g} every "
                f"{windows[0].stride:g}; what lies there is lost",
                "use padding='same', pad the image, or choose a size that divides",
            )  # fmt: skip


def skipped_cells(seen: Inspection) -> Iterator[Finding]:
    """Point at windows that step further than they are wide."""
    for row, windows in _sliding(seen):
        for window in windows:
            if window.stride > window.span:
                yield Finding(
                    row.name, "cells skipped",
                    f"its stride {window.stride:g} is larger than its window {window.span:g}",
                    "the cells in between are computed and then never read",
                    "use a window at least as large as the stride, or pool first",
                )  # fmt: skip
                break


def window_larger_than_input(seen: Inspection) -> Iterator[Finding]:
    """Point at windows that are mostly padding because the map is smaller than they are."""
    for row, windows in _sliding(seen):
        for window in windows:
            if window.span > window.inputs:
                yield Finding(
                    row.name, "window larger than its input",
                    f"a window of {window.span:g} slides over {window.inputs} cells",
                    "some of its weights only ever meet padding: they cannot learn anything",
                    "use a smaller kernel here, or fewer reductions before it",
                )  # fmt: skip
                break


def unseen_pixels(seen: Inspection) -> Iterator[Finding]:
    """Point at pixels that no output depends on."""
    for name, unseen in seen.sheet.unseen().items():
        if unseen:
            sizes = seen.named[name].output_shape
            lines = [f"{len(found)} of {size} {many}" for found, size, (_, many)
                     in zip(unseen.lines, sizes, SIDES, strict=False) if found]  # fmt: skip
            of_pixels = f" ({' and '.join(lines)})" if lines else ""
            yield Finding(
                name, "pixels never seen", f"no output sees {unseen.count:,} of its pixels{of_pixels}",
                "whatever is there cannot change the answer",
                "use padding='same' in the poolings, or an input size that the strides divide",
            )  # fmt: skip


def field_larger_than_image(seen: Inspection) -> Iterator[Finding]:
    """Point at the first map whose cells would look beyond the image on both sides."""
    for row in seen.rows:
        for field in row.fields.values():
            too_large = [axis for axis in field.axes if axis.size > axis.pixels]
            if too_large and not field.whole:
                axis = too_large[0]
                yield Finding(
                    row.name, "field larger than the image",
                    f"from here on a cell's receptive field, {axis.size}, is larger than the image, "
                    f"{axis.pixels}",
                    "every cell sees the whole image and padding around it: positions lose their meaning",
                    "use fewer or smaller layers, or larger images",
                )  # fmt: skip
                return


def one_layer_dominates(seen: Inspection) -> Iterator[Finding]:
    """Point at a layer with more than half of all parameters, and 1.5 times an equal share."""
    total = seen.sheet.parameters
    weighted = [row for row in seen.rows if row.parameters and is_weighted(row)]
    for row in weighted:
        share = row.parameters / total
        if len(weighted) > 1 and share > max(0.5, 1.5 / len(weighted)):
            yield Finding(
                row.name, "most parameters in one layer",
                f"it holds {100 * share:.1f} % of all parameters ({row.parameters:,} of {total:,})",
                "it decides the size of the model, and it is where overfitting begins",
                "pool before it (a global average pooling, say), or give it fewer units",
            )  # fmt: skip


def _sliding(seen: Inspection) -> Iterator[tuple[Row, tuple[Window, ...]]]:
    """Yield every row whose window slides with a step of whole cells, and its windows."""
    for row in seen.rows:
        if row.kind.startswith(("Conv", "Depthwise", "Separable")) or "Pooling" in row.kind:
            windows = find_windows(row, seen.named)
            if windows and all(window.stride >= 1 for window in windows):
                yield row, windows


RULES = (
    dense_on_map, dropped_cells, skipped_cells, window_larger_than_input, unseen_pixels,
    field_larger_than_image, one_layer_dominates,
)  # fmt: skip
