"""A network with settings of a student's own, which still fit together.

Only `random.Random(text).random()` is drawn from: Python promises that it gives the same numbers in every
version, which it does not promise of `choice`, `sample` or `shuffle`.
"""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, TypeVar

from app.counting.chalkboard import Board, nn
from app.counting.layers import Layer
from app.counting.marks import Mark, apply_layer
from app.counting.rows import Shape
from app.counting.worksheets.cases import changed, count_layer, setting

T = TypeVar("T")
QUARTERS = (2, 3, 5, 6)
"""Filters and units become this many quarters of what they were."""
OTHER_SIZES = (-4, -2, 2, 4, 6)
OTHER_KERNELS = (-1, 1, 2)


def pick(random: Random, choices: Sequence[T]) -> T:
    """Return one of `choices`, each as likely as the others."""
    return choices[int(random.random() * len(choices))]


def vary_board(board: Board, random: Random) -> Board:
    """Return the network with other filters, kernels, strides, paddings, units and input size.

    Changes are tried one after the other and kept where every layer still fits. The number of outputs
    stays.
    """
    marks = board.marks()
    layers = {id(mark.layer): mark.layer for mark in marks if mark.layer is not None}
    images = {mark.order: mark.shape for mark in marks if mark.layer is None}
    for trial in _other_images(images, random):
        images = trial if _fits(marks, layers, trial) else images
    last = {id(mark.layer) for mark in board.outputs}
    for key in list(layers):
        for changes in _proposals(layers[key], key in last, random):
            trial_layers = layers | {key: changed(layers[key], **changes)}
            layers = trial_layers if _fits(marks, trial_layers, images) else layers
    return _rebuild(board, marks, layers, images)


def _other_images(images: dict[int, Shape], random: Random) -> Iterable[dict[int, Shape]]:
    """Yield other input shapes; several inputs, or one that is no image, are left alone."""
    if len(images) != 1:
        return
    ((order, shape),) = images.items()
    if len(shape) != 3:
        return
    more = pick(random, [d for d in OTHER_SIZES if min(shape[:2]) + d > min(shape[:2]) // 2])
    channels = pick(random, (1, 3)) if shape[2] in (1, 3) else shape[2]
    yield {order: (shape[0] + more, shape[1] + more, shape[2])}
    yield {order: (shape[0] + more, shape[1] + more, channels)}


def _proposals(layer: Layer, is_output: bool, random: Random) -> Iterable[dict[str, Any]]:
    """Yield changes to a layer's settings, each of which may be taken or left."""
    for name in ("filters", "units"):
        number = setting(layer, name)
        if number and not is_output:
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


def _fits(marks: Sequence[Mark], layers: dict[int, Layer], images: dict[int, Shape]) -> bool:
    """Return whether every layer takes the shapes that reach it, and maps stay maps."""
    shapes = dict(images)
    for mark in marks:
        if mark.layer is None:
            continue
        row = count_layer(layers[id(mark.layer)], [shapes[parent.order] for parent in mark.parents])
        if row is None or min(row.output_shape, default=0) < 1:
            return False
        shapes[mark.order] = row.output_shape
    return True


def _rebuild(
    board: Board, marks: Sequence[Mark], layers: dict[int, Layer], images: dict[int, Shape]
) -> Board:
    made: dict[int, Mark] = {}
    for mark in marks:
        if mark.layer is None:
            made[mark.order] = nn.Input(images[mark.order], name=mark.row.name)
        else:
            parents = [made[parent.order] for parent in mark.parents]
            made[mark.order] = apply_layer(layers[id(mark.layer)], parents, mark.row.name)
    inputs, outputs = (
        [made[mark.order] for mark in ends] for ends in (board.inputs, board.outputs)
    )
    return Board(inputs, outputs, board.name)
