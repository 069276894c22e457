"""Every way to a wanted output size, with the space that was searched."""

from collections.abc import Sequence
from typing import Any

from app.calculate.geometry import ReversibleWindow
from app.calculate.inverse import Way, find_ways, nearest_outputs
from app.calculate.reports.answers import padding_text, settings_data
from app.calculate.searches import Search
from app.calculate.transposing import Transposed
from app.counting.rows import shape_text
from app.show.document import Block, Document, Paragraph, Table


def ways_report(search: Search) -> Document:
    """Return every way there is; where there is none, the nearest sizes that can be reached.

    Raises:
        ValueError: there are more ways than anybody would read.
    """
    height, width = search.wanted[:2]
    axes = (height,) if height == width else (height, width)
    ways = find_ways(search.candidates, axes, search.inputs)
    ways.sort(key=lambda way: [sizes.start for sizes in way.inputs])
    count = sum(way.count for way in ways)
    near = [] if ways else nearest_outputs(search.candidates, axes, search.inputs)
    size = shape_text(search.wanted)
    bounds = "; ".join(f"{what} {bound}" for what, bound in search.space.items())
    blocks: list[Block] = [Paragraph(f"Searched: {bounds}. Square windows; {_inputs_note(axes)}.")]
    if ways:
        title = f"{count:,} {'ways' if count > 1 else 'way'} to {size}"
        blocks.append(_ways_table(title, search.kinds, ways))
        blocks.append(Paragraph(_channels_note(search)))
    else:
        title = f"no way to {size}"
        blocks.append(Paragraph(_nothing_note(size, near)))
    data = {
        "kind": "ways",
        "wanted": list(search.wanted),
        "searched": dict(search.space),
        "count": count,
        "ways": [_way_data(search.kinds, way) for way in ways],
        "nearest": [list(outputs) * (2 // len(outputs)) for outputs in near],
    }
    return Document(title, tuple(blocks), data)


def _inputs_note(axes: Sequence[int]) -> str:
    if len(axes) == 1:
        return "square inputs; each input size with each set of settings is one way"
    return "each pair of input height and width with each set of settings is one way"


def _channels_note(search: Search) -> str:
    if len(search.wanted) < 3:
        return "Any number of channels."
    values = f"{'·'.join(f'{n:,}' for n in search.wanted)}"
    total = search.wanted[0] * search.wanted[1] * search.wanted[2]
    channels = f"{search.wanted[2]:,}"
    source = (
        f"The pool passes channels through, so its input has {channels}."
        if search.kinds == ("pool",)
        else f"The {channels} channels are {channels} filters, whatever the input's channels."
    )
    return f"{source} Flattened: {values} = {total:,} values."


def _nothing_note(size: str, near: Sequence[Sequence[int]]) -> str:
    if not near:
        return f"No way to {size}: no window fits into any of these inputs. Search larger inputs."
    sizes = " and ".join(shape_text(list(outputs) * (2 // len(outputs))) for outputs in near)
    return f"No way to {size}. The nearest that can be reached: {sizes}."


def _ways_table(title: str, kinds: Sequence[str], ways: Sequence[Way]) -> Table:
    columns = ["input"]
    for i, kind in enumerate(kinds):
        columns += [kind, "stride", "padding"] + (["size after it"] if i < len(kinds) - 1 else [])
    rows = []
    for way in ways:
        cells = [_sizes_text(way.inputs)]
        for i, stage in enumerate(way.stages):
            cells += _stage_cells(stage)
            if i < len(way.stages) - 1:
                cells.append(shape_text([sizes[i] for sizes in way.middles] * (2 // len(way.middles))))
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows), title)


def _sizes_text(inputs: Sequence[range]) -> str:
    """Return the input sizes: `28`, `28–29`, for rows and columns `28–29 × 32`."""
    texts = [f"{r[0]:,}" if len(r) == 1 else f"{r[0]:,}–{r[-1]:,}" for r in inputs]
    return " × ".join(texts)


def _stage_cells(stage: ReversibleWindow | Transposed) -> list[str]:
    kernel = shape_text((stage.kernel, stage.kernel))
    if stage.dilation > 1:
        kernel += f" dilated by {stage.dilation}"
    ceil = isinstance(stage, ReversibleWindow) and stage.ceil
    return [kernel, f"{stage.stride}", padding_text(stage.padding, ceil)]


def _way_data(kinds: Sequence[str], way: Way) -> dict[str, Any]:
    stages = []
    for kind, stage in zip(kinds, way.stages, strict=True):
        settings = {name: value[0] for name, value in settings_data([stage]).items()}
        if isinstance(stage, ReversibleWindow):
            settings["ceil"] = stage.ceil
        stages.append({"kind": kind, **settings})
    return {
        "inputs": [[sizes[0], sizes[-1]] for sizes in way.inputs],
        "stages": stages,
        "sizes_between": [list(sizes) for sizes in way.middles],
    }
