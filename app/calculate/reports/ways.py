"""Every way to a wanted output size, with the space that was searched."""

from collections.abc import Sequence
from typing import Any, TypeVar

from app.calculate.geometry import ReversibleWindow
from app.calculate.inverse import Way, find_ways, nearest_outputs
from app.calculate.reports.answers import padding_text, settings_data
from app.calculate.searches import Search
from app.calculate.transposing import Transposed
from app.counting.count import product_count
from app.counting.rows import shape_text
from app.show.document import Block, Document, Paragraph, Table

Value = TypeVar("Value")


def ways_report(search: Search) -> Document:
    """Return every way there is; where there is none, the nearest sizes that can be reached.

    Raises:
        ValueError: there are more ways than anybody would read.
    """
    axes = list(dict.fromkeys(search.wanted))
    ways = find_ways(search.candidates, axes, search.inputs)
    ways.sort(key=lambda way: [sizes.start for sizes in way.inputs])
    count = sum(way.count for way in ways)
    near = [] if ways else nearest_outputs(search.candidates, axes, search.inputs)
    size = shape_text(search.size)
    bounds = "; ".join(f"{what} {bound}" for what, bound in search.space.items())
    blocks: list[Block] = [Paragraph(f"Searched: {bounds}. {_shapes_note(search.wanted)}")]
    if ways:
        title = f"{count:,} {'ways' if count > 1 else 'way'} to {size}"
        blocks.append(_ways_table(title, search, ways))
        blocks.append(Paragraph(_channels_note(search)))
    else:
        title = f"no way to {size}"
        blocks.append(Paragraph(_nothing_note(size, [_on_axes(search.wanted, sizes) for sizes in near])))
    data = {
        "kind": "ways",
        "wanted": list(search.size),
        "searched": dict(search.space),
        "count": count,
        "ways": [_way_data(search, way) for way in ways],
        "nearest": [_on_axes(search.wanted, sizes) for sizes in near],
    }
    return Document(title, tuple(blocks), data)


def _on_axes(wanted: Sequence[int], found: Sequence[Value]) -> list[Value]:
    """Return what was found for each size that is wanted, once, for each axis."""
    by_size = dict(zip(dict.fromkeys(wanted), found, strict=True))
    return [by_size[size] for size in wanted]


def _shapes_note(wanted: Sequence[int]) -> str:
    """Return what is one way: which windows and inputs were tried."""
    if len(wanted) == 1:
        return "Each input size with each set of settings is one way."
    square = "Square" if len(wanted) == 2 else "Cubic"
    if len(set(wanted)) == 1:
        inputs = f"{square.lower()} inputs; each input size with each set of settings is one way"
    elif len(wanted) == 2:
        inputs = "each pair of input height and width with each set of settings is one way"
    else:
        inputs = (
            "axes of one wanted size have one input size; each input with each set of settings is one way"
        )
    return f"{square} windows; {inputs}."


def _channels_note(search: Search) -> str:
    if search.channels is None:
        return "Any number of channels."
    values = product_count(*search.size)
    channels = f"{search.channels:,}"
    source = (
        f"The pool passes channels through, so its input has {channels}."
        if search.kinds == ("pool",)
        else f"The {channels} channels are {channels} filters, whatever the input's channels."
    )
    return f"{source} Flattened: {values.sum_line()} values."


def _nothing_note(size: str, near: Sequence[Sequence[int]]) -> str:
    if not near:
        return f"No way to {size}: no window fits into any of these inputs. Search larger inputs."
    return f"No way to {size}. The nearest that can be reached: {' and '.join(map(shape_text, near))}."


def _ways_table(title: str, search: Search, ways: Sequence[Way]) -> Table:
    columns, rank = ["input"], len(search.wanted)
    for i, kind in enumerate(search.kinds):
        columns += [kind, "stride", "padding"] + (["size after it"] if i < len(search.kinds) - 1 else [])
    rows = []
    for way in ways:
        cells = [_sizes_text(_where_they_differ(search.wanted, way.inputs))]
        for i, stage in enumerate(way.stages):
            cells += _stage_cells(stage, rank)
            if i < len(way.stages) - 1:
                cells.append(shape_text([sizes[i] for sizes in _on_axes(search.wanted, way.middles)]))
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows), title)


def _where_they_differ(wanted: Sequence[int], found: Sequence[Value]) -> list[Value]:
    """Return what was found for each axis; once where all axes are alike."""
    return list(found) if len(found) == 1 else _on_axes(wanted, found)


def _sizes_text(inputs: Sequence[range]) -> str:
    """Return the input sizes: `28`, `28–29`, for axes that differ `28–29 × 32`."""
    texts = [f"{r[0]:,}" if len(r) == 1 else f"{r[0]:,}–{r[-1]:,}" for r in inputs]
    return " × ".join(texts)


def _stage_cells(stage: ReversibleWindow | Transposed, rank: int) -> list[str]:
    kernel = shape_text([stage.kernel] * rank)
    if stage.dilation > 1:
        kernel += f" dilated by {stage.dilation}"
    ceil = isinstance(stage, ReversibleWindow) and stage.ceil
    return [kernel, f"{stage.stride}", padding_text(stage.padding, ceil)]


def _way_data(search: Search, way: Way) -> dict[str, Any]:
    stages = []
    for kind, stage in zip(search.kinds, way.stages, strict=True):
        settings = {name: value[0] for name, value in settings_data([stage]).items()}
        if isinstance(stage, ReversibleWindow):
            settings["ceil"] = stage.ceil
        stages.append({"kind": kind, **settings})
    inputs, middles = (_where_they_differ(search.wanted, found) for found in (way.inputs, way.middles))
    return {
        "inputs": [[sizes[0], sizes[-1]] for sizes in inputs],
        "stages": stages,
        "sizes_between": [list(sizes) for sizes in middles],
    }
