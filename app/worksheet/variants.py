"""A network with settings of a student's own, which still fit together.

Only `random.Random(text).random()` is drawn from: Python promises that it gives the same numbers in every
version, which it does not promise of `choice`, `sample` or `shuffle`.
"""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from app.counting.chalkboard import Board, nn
from app.counting.layers import Layer
from app.counting.layers.base import apply_layer
from app.counting.rows import Shape
from app.counting.symbols import Symbol
from app.questions.draws import pick
from app.worksheet.cases import changed, count_layer, setting

QUARTERS = (2, 3, 5, 6)
"""Filters and units become this many quarters of what they were."""
OTHER_SIZES = (-4, -2, 2, 4, 6)
OTHER_KERNELS = (-1, 1, 2)


def vary_board(board: Board, random: Random) -> Board:
    """Return the network with other filters, kernels, strides, paddings, units and input size.

    Changes are tried one after the other and kept where every layer still fits. The number of outputs
    stays.
    """
    symbols = board.symbols()
    layers = {id(symbol.layer): symbol.layer for symbol in symbols if symbol.layer is not None}
    shapes = {symbol.order: symbol.shape for symbol in symbols}
    for images in _other_images(symbols, random):
        shapes = _follow(board, layers, shapes | images, moved=set(images)) or shapes
    for key in list(layers):
        for changes in _proposals(layers[key], random):
            trial = layers | {key: changed(layers[key], **changes)}
            followed = _follow(board, trial, shapes, key=key)
            if followed:
                layers, shapes = trial, followed
    return _rebuild(board, symbols, layers, shapes)


def _other_images(symbols: Sequence[Symbol], random: Random) -> Iterable[dict[int, Shape]]:
    """Yield other input shapes; several inputs, or one that is no image, are left alone."""
    images = [symbol for symbol in symbols if symbol.layer is None]
    if len(images) != 1 or len(images[0].shape) != 3:
        return
    height, width, channels = images[0].shape
    smaller = min(height, width)
    more = pick(random, [d for d in OTHER_SIZES if smaller + d > smaller // 2])
    yield {images[0].order: (height + more, width + more, channels)}
    if channels in (1, 3):
        yield {images[0].order: (height + more, width + more, pick(random, (1, 3)))}


def _proposals(layer: Layer, random: Random) -> Iterable[dict[str, Any]]:
    """Yield changes to a layer's settings, each of which may be taken or left."""
    for name in ("filters", "units"):
        number = setting(layer, name)
        if number:
            groups = setting(layer, "groups", 1)
            others = [number * n // 4 // groups * groups for n in QUARTERS]
            others = [other for other in others if other not in (0, number)]
            if others:
                yield {name: pick(random, others)}
    if setting(layer, "kernel_size") and max(setting(layer, "kernel_size")) > 1:
        yield _other_window(layer, random)
        if random.random() < 1 / 3:
            yield {"padding": "valid" if setting(layer, "padding") == "same" else "same"}


def _other_window(layer: Layer, random: Random) -> dict[str, Any]:
    """Return another kernel, or another stride; a pooling keeps its stride equal to its window."""
    kernel, strides = setting(layer, "kernel_size"), setting(layer, "strides")
    if setting(layer, "filters") and random.random() < 1 / 4:
        return {"strides": tuple(1 if max(strides) > 1 else 2 for _ in strides)}
    more = pick(random, OTHER_KERNELS)
    other = tuple(k + more if k + more > 1 else k for k in kernel)
    follows = not setting(layer, "filters") and tuple(kernel) == tuple(strides)
    return {"kernel_size": other} | ({"strides": other} if follows else {})


def _follow(
    board: Board, layers: dict[int, Layer], shapes: dict[int, Shape], moved: Iterable[int] = (), key: int = 0
) -> dict[int, Shape] | None:
    """Return all shapes after a change; None where something does not fit, or the outputs change.

    Args:
        board: the network as it was.
        layers: by their ids in `board`, one of them changed.
        shapes: by the order of the symbols; those of the inputs are as they shall be.
        moved: the orders of the inputs that changed.
        key: the id of the layer that changed.
    """
    followed, moved = dict(shapes), set(moved)
    for symbol in board.symbols():
        orders = [parent.order for parent in symbol.parents]
        if symbol.layer is None or not (id(symbol.layer) == key or moved.intersection(orders)):
            continue
        row = count_layer(layers[id(symbol.layer)], [followed[order] for order in orders])
        if row is None or min(row.output_shape, default=0) < 1:
            return None
        if row.output_shape != followed[symbol.order]:
            moved.add(symbol.order)
        followed[symbol.order] = row.output_shape
    stays = all(followed[symbol.order][-1:] == symbol.shape[-1:] for symbol in board.outputs)
    return followed if stays else None


def _rebuild(
    board: Board, symbols: Sequence[Symbol], layers: dict[int, Layer], shapes: dict[int, Shape]
) -> Board:
    made: dict[int, Symbol] = {}
    for symbol in symbols:
        if symbol.layer is None:
            made[symbol.order] = nn.Input(shapes[symbol.order], name=symbol.row.name)
        else:
            parents = [made[parent.order] for parent in symbol.parents]
            made[symbol.order] = apply_layer(layers[id(symbol.layer)], parents, symbol.row.name)
    inputs, outputs = ([made[symbol.order] for symbol in ends] for ends in (board.inputs, board.outputs))
    return Board(inputs, outputs, board.name)
