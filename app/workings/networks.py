"""A whole network on one image, layer by layer; and one number of one layer, opened."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.program.machine import Machine
from app.show.frames.frame import Frame, Grid, Mark, Part, Walk, number_text
from app.workings.cells import Cell, OpenLayer, open_layers, products_by_channel, work_out
from app.workings.maps import MOST_CELLS, Array, View, map_tone, rows_of, times
from app.workings.sums import in_brackets
from app.workings.units import product_columns, row_grid, walk_loss

ALL_SHOWN = 40
"""Numbers of a layer that are all worked out; of a larger one a few are."""
A_FEW = 4
"""Filters or units of a larger layer, those with the largest values."""
DEEP = 30
"""Layers of a network from which on one number of each is worked out."""
PART = 9
"""Rows and columns of a map that are drawn around a number."""
CHOSEN = "What was not given was chosen: the place of the largest number."
CLASSES = ("softmax", "log_softmax", "sigmoid", "none")
"""Heads that tell classes; raw scores are told as what they are, but for a single one."""
MOST_CHANNELS = 3
"""Channels of a window that are drawn: those whose products come to most."""


def walk_cell(
    machine: Machine, image: Array, layer: str, at: Sequence[int] | None = None, unit: int | None = None
) -> Walk:
    """Return the working of one number of one layer.

    Args:
        machine: what runs the network.
        image: (height, width, channels), as the network takes it.
        layer: its name.
        at: row and column, or the step of a series; None: where the largest value is. Of a layer of units, nothing.
        unit: the filter, or the unit; None: the one with the largest value.

    Raises:
        ValueError: there is no such layer, or no such number in it.
    """
    opened = open_layers(machine, image, [layer])[0]
    place = choose_place(opened, at, unit)
    cell = work_out(opened, place)
    frame = cell_frame(cell, f"{opened.name}: {place_text(opened, place)}")
    facts = cell.facts()
    arrays: dict[str, Any] = {
        "output": opened.output,
        **{f"input{i or ''}": x for i, x in enumerate(opened.inputs)},
    }
    return Walk(
        f"{opened.name} ({opened.kind}): {place_text(opened, place)}",
        (frame,),
        (section_text(opened), *(() if at is not None and unit is not None else (CHOSEN,))),
        (agreement(cell),),
        facts,
        arrays,
    )


def agreement(cell: Cell) -> str:
    """Return a sentence that holds the working against the network's own number."""
    kept, value = number_text(cell.kept, 6), number_text(cell.value, 6)
    largest = float(np.abs(cell.layer.output).max()) or 1.0
    if cell.difference <= 1e-5 * largest:
        where = ", before the layer's activation" if cell.layer.is_cut else ""
        return f"The network itself computed {kept} there{where}: the same."
    return f"The network itself computed {kept} there, not {value}: please report this."


def choose_place(layer: OpenLayer, at: Sequence[int] | None, unit: int | None) -> tuple[int, ...]:
    """Return the number that is meant: where nothing is said, the largest.

    Raises:
        ValueError: it is none of the layer's.
    """
    units = layer.output.shape[-1]
    if unit is not None and not 0 <= unit < units:
        what = "units" if layer.output.ndim == 1 else "filters"
        raise ValueError(f"{layer.name} has {what} 0 to {units - 1}, not {unit}")
    if at is None:
        return layer.strongest(unit)
    wanted = layer.output.ndim - 1
    if len(at) != wanted:
        hint = {0: "its numbers have no row and column; say --filter N", 1: "give the step alone"}.get(
            wanted, "give row and column"
        )
        raise ValueError(f"{layer.name} is {times_text(layer.output.shape)}: {hint}")
    words = ("row", "column") if wanted == 2 else ("step",)
    for number, size, word in zip(at, layer.output.shape[:wanted], words, strict=True):
        if not 0 <= number < size:
            raise ValueError(f"{layer.name} has {word}s 0 to {size - 1}, not {number}")
    if unit is None:
        unit = int(np.argmax(layer.output[tuple(at)]))
    return (*at, unit)


def times_text(shape: Sequence[int]) -> str:
    """Return a shape with its sizes: 13×13×64, or 10 units."""
    return f"{shape[0]} unit{'s' if shape[0] != 1 else ''}" if len(shape) == 1 else "×".join(map(str, shape))


def place_text(layer: OpenLayer, place: tuple[int, ...]) -> str:
    """Return which number of a layer it is, in words."""
    if len(place) == 1:
        return f"unit {place[0]}"
    if len(place) == 2:
        return f"step {place[0]}, filter {place[1]}"
    word = "filter" if "Conv" in layer.kind else "channel"
    return f"row {place[0]}, column {place[1]}, {word} {place[2]}"


def section_text(layer: OpenLayer) -> str:
    """Return what a layer is, in a line: `conv2: Conv2D 3×3 and ReLU, 13×13×64 to 11×11×64`."""
    told = layer.plain.told
    size = told.get("kernel_size") or told.get("pool_size")
    sizes = (
        f" {'×'.join(map(str, size))}"
        if isinstance(size, (list, tuple))
        else f" {size}×{size}"
        if size
        else ""
    )
    name = layer.activation_name
    activation = "" if name == "linear" else f" and {'ReLU' if name == 'relu' else name}"
    shapes = " and ".join(times_text(x.shape) for x in layer.inputs)
    activation += ", before its activation" if layer.is_cut else ""
    return f"{layer.name}: {layer.kind}{sizes}{activation}, {shapes} to {times_text(layer.output.shape)}"


def cell_frame(cell: Cell, title: str, section: str = "", shown: int | None = None) -> Frame:
    """Return one number of a layer as a frame: what is read, the weights, the result.

    Args:
        cell: the number, worked out.
        title: of the frame.
        section: of the frame.
        shown: how many numbers of the layer's map are known by now; None: all.
    """
    if cell.window is not None and cell.layer.inputs[0].ndim == 3:
        parts = _window_parts(cell)
    elif cell.one is not None and len(cell.one.terms) > 1:
        parts = product_columns(cell.one)
    elif cell.one is not None:
        parts = [Grid("input", [[term.value] for term in cell.one.terms] or [[0.0]])]
    else:
        parts = _input_parts(cell.layer)
    parts += ["→", _result(cell, shown)]
    return Frame(title, tuple(parts), cell.lines, section)


def _view(cell: Cell) -> View:
    """Return the window's place and some around it: fewer where several channels are drawn."""
    window, channels = cell.window, cell.layer.inputs[0].shape[-1]
    assert window is not None
    around = 1 if cell.one is not None and channels > 1 else 4
    most = 2 * around + 1
    ranges = []
    for size, at in zip(window.outputs, cell.at, strict=False):
        first = min(max(at - around, 0), max(size - most, 0))
        ranges.append(range(first, min(first + most, size)))
    return View(window, *ranges)


def _window_parts(cell: Cell) -> list[Part]:
    x, view, place = cell.layer.inputs[0], _view(cell), (cell.at[0], cell.at[1])
    assert cell.window is not None
    channels, largest = x.shape[-1], float(np.abs(x).max())
    if cell.one is None:  # pooling
        above, left = cell.window.borders[0][0], cell.window.borders[1][0]
        chosen = [(cell.chosen[0] + above, cell.chosen[1] + left)] if cell.chosen else []
        name = "map" if channels == 1 else f"map, channel {cell.at[-1]}"
        return [view.grid(name, x[..., cell.at[-1]], place, map_tone(x), largest, fill=None, chosen=chosen)]
    by_channel = products_by_channel(cell.one)
    drawn = sorted([*by_channel][:MOST_CHANNELS])
    parts: list[Part] = []
    for channel in drawn:
        weights = np.array([term.weight for term in cell.one.terms if term.at[-1] == channel])
        kernel = weights.reshape(cell.window.size)
        name = "image" if channels == 1 else f"channel {channel}"
        parts += [
            *(["+"] if parts else []),
            view.grid(name, x[..., channel], place, map_tone(x), largest),
            "×",
            Grid("kernel" if channels == 1 else f"kernel for channel {channel}", rows_of(kernel)),
        ]
    if len(by_channel) > len(drawn):
        rest = sum(total for channel, total in by_channel.items() if channel not in drawn)
        others = len(by_channel) - len(drawn)
        parts.append(f"+ {in_brackets(rest)} from {others} other channel{'s' if others > 1 else ''}")
    return parts


def _input_parts(layer: OpenLayer) -> list[Part]:
    x = layer.inputs[0]
    return [row_grid("input", x)] if x.ndim == 1 and x.size <= MOST_CELLS else [_map_grid("input", x, None)]


def _map_grid(caption: str, x: Array, place: tuple[int, ...] | None, shown: int | None = None) -> Grid:
    """Return one channel of a map, or as much of it as can be read."""
    rows = x if x.ndim == 2 else x[..., place[-1] if place else 0] if x.ndim == 3 else x[np.newaxis]
    firsts, spans = [], []
    most = MOST_CELLS if place is None else PART
    for axis, size in enumerate(rows.shape):
        at = place[axis] if place and axis < len(place) else 0
        first = min(max(at - most // 2, 0), max(size - most, 0))
        firsts.append(first)
        spans.append(slice(first, min(first + most, size)))
    part = rows[spans[0], spans[1]]
    marks: tuple[Mark, ...] = ()
    if place:
        marks = (Mark("result", ((place[0] - firsts[0], place[1] - firsts[1]),)),)
    note = ""
    if part.shape != rows.shape:
        ends = [first + size - 1 for first, size in zip(firsts, part.shape, strict=True)]
        note = f"rows {firsts[0]} to {ends[0]}, columns {firsts[1]} to {ends[1]} of {times(rows.shape)}"
    largest = float(np.abs(x).max())
    return Grid(
        caption,
        rows_of(part),
        marks,
        map_tone(x),
        largest,
        first=(firsts[0], firsts[1]),
        shown=shown,
        note=note,
    )


def _result(cell: Cell, shown: int | None) -> Grid:
    output = cell.layer.output
    if output.ndim == 1:
        if output.size > 100:
            return Grid(f"unit {cell.at[0]}", [[cell.kept]], (Mark("result", ((0, 0),)),))
        return row_grid("output", output, cell.at[0], shown, role="result")
    if output.ndim == 2:
        return Grid(f"step {cell.at[0]}, filter {cell.at[1]}", [[cell.kept]], (Mark("result", ((0, 0),)),))
    name = "feature map" if output.shape[-1] == 1 else f"map {cell.at[-1]}"
    return _map_grid(name, output, cell.at, shown)


def walk_network(
    machine: Machine, image: Array, name: str, classes: Sequence[str] = (), label: int | None = None
) -> Walk:
    """Return the steps of a whole network on one image: layer by layer, the last of them its prediction and loss.

    Of a small layer every number is worked out, of a larger one those with the largest values.

    Args:
        machine: what runs the network.
        image: (height, width, channels), as the network takes it.
        name: what the network is called.
        classes: what its classes are called.
        label: the right class; None: it is not known, and there is no loss.

    A layer that NumPy has not is named, and passed over.
    """
    layers = open_layers(machine, image)
    most = A_FEW if len(layers) <= DEEP else 1
    frames = [Frame("the image", (_map_grid("image", image, None),), (image_text(image),), "the image")]
    told = []
    for layer in layers:
        found, cells = layer_frames(layer, most)
        frames += found
        told.append({"section": section_text(layer), "cells": [cell.facts() for cell in cells]})
    output = layers[-1].output
    head, conclusion = machine.program.head, []
    if machine.program.is_per_pixel:
        conclusion.append("The network has a class for each pixel; its last activation is left out here.")
    elif output.ndim == 1 and head.kind == "none" and not head.is_binary:
        best = int(output.argmax())
        conclusion.append(
            f"The largest output is {number_text(float(output[best]))}, of {_class(best, classes)}."
        )
    elif output.ndim == 1 and head.kind in CLASSES:
        probabilities = head.as_probabilities(output[np.newaxis])[0]
        conclusion.append(prediction_text(probabilities, classes))
        if label is not None and abs(probabilities.sum() - 1) < 1e-3:
            frame, sentence = _loss(probabilities, head.is_binary, label, classes)
            frames.append(frame)
            conclusion.append(sentence)
    facts = {"network": name, "layers": told, "output": output.tolist() if output.ndim == 1 else None}
    intro = f"One image goes through {len(layers)} layers. Of a layer with many numbers the largest are worked out."
    arrays = {"image": image, **{layer.name.replace("/", "_"): layer.output for layer in layers}}
    return Walk(f"{name}, number by number", tuple(frames), (intro,), tuple(conclusion), facts, arrays)


def image_text(image: Array) -> str:
    """Return the size of an image and the range of its numbers."""
    low, high = number_text(float(image.min())), number_text(float(image.max()))
    return f"{times(image.shape)}, numbers from {low} to {high}"


def prediction_text(probabilities: Array, classes: Sequence[str]) -> str:
    """Return what the network predicts, in a sentence."""
    best = int(probabilities.argmax())
    share = float(probabilities[best])
    text = "over 0.9999" if share > 0.9999 else number_text(share)
    return f"The network says {_class(best, classes)}, with a probability of {text}."


def _class(number: int, classes: Sequence[str]) -> str:
    name = classes[number] if number < len(classes) else str(number)
    return name if name != str(number) else f"class {number}"


def _loss(probabilities: Array, is_binary: bool, label: int, classes: Sequence[str]) -> tuple[Frame, str]:
    """Return the loss of a prediction: its frame, and a sentence."""
    if is_binary:
        walk, at = walk_loss("log", [float(probabilities[1])], [float(label)]), 0
    else:
        walk, at = walk_loss("cross-entropy", probabilities, [label]), label
    found = walk.frames[at]
    frame = Frame("the loss", found.parts, (walk.introduction[0], *found.working), "loss")
    return frame, f"Right is {_class(label, classes)}: the loss is {number_text(walk.facts['loss'])}."


def layer_frames(layer: OpenLayer, most: int) -> tuple[list[Frame], list[Cell]]:
    """Return the frames of a layer, and the numbers that they work out.

    Args:
        layer: open for an image.
        most: filters or units of a layer that is not small.
    """
    section, output = section_text(layer), layer.output
    if layer.reason:
        return [Frame(layer.name, (*_input_parts(layer),), (f"not worked out: {layer.reason}",), section)], []
    if len(layer.inputs) == 1 and output.size == layer.inputs[0].size and layer.activation is None:
        if output.shape == layer.inputs[0].shape and np.array_equal(output, layer.inputs[0]):
            return [Frame(layer.name, (*_input_parts(layer),), ("nothing changes here",), section)], []
        if layer.kind in ("Flatten", "Reshape"):
            return [_flattened(layer, section)], []
    places = shown_places(layer, most)
    frames, cells = [], []
    is_all = len(places) == output.size
    for number, place in enumerate(places):
        cell = work_out(layer, place)
        per_map = math.prod(output.shape[:-1])
        shown = number % per_map + 1 if is_all and output.ndim == 3 else number + 1 if is_all else None
        frames.append(cell_frame(cell, place_text(layer, place), section, shown))
        cells.append(cell)
    return frames, cells


def shown_places(layer: OpenLayer, most: int) -> list[tuple[int, ...]]:
    """Return which numbers of a layer are worked out: all of a small one, filter by filter, else the largest."""
    output = layer.output
    units = output.shape[-1]
    if output.size <= ALL_SHOWN:
        return [(*at, unit) for unit in range(units) for at in np.ndindex(output.shape[:-1])]
    flat = output.reshape(-1, units)
    order = np.argsort(-flat.max(axis=0), kind="stable")[:most]
    return [layer.strongest(int(unit)) for unit in order]


def _flattened(layer: OpenLayer, section: str) -> Frame:
    x, y = layer.inputs[0], layer.output
    count = f"{times_text(x.shape)} numbers become {y.size:,} in a row"
    parts: list[Part] = []
    if x.ndim == 3 and x.size <= ALL_SHOWN:
        parts = [
            Grid(f"map {c}", rows_of(x[..., c]), tone=map_tone(x), largest=float(np.abs(x).max()))
            for c in range(x.shape[-1])
        ]
    else:
        parts = _input_parts(layer)
    shown = y.ravel()[:MOST_CELLS]
    grid = row_grid("column", shown, width=10 if y.size > 10 else y.size)
    order = "row by row, and at each place channel by channel" if x.ndim == 3 else "in their order"
    return Frame(layer.name, (*parts, "→", grid), (f"{count}, {order}",), section)
