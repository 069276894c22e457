"""The input that is the image: as it is, or a matrix, a vector or a series that is made one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from app.counting.rows import shape_text
from app.engine.replay.copying import ReplayError
from app.engine.replay.graphs import Graph, choose
from app.engine.replay.recorder import Recorder
from app.engine.replay.steps import KerasStep
from app.program.heads import keeps_pixels
from app.program.steps import Shape, Slot
from models.pixels import PICTURE_CHANNELS, seems_channels_first

SMALLEST = 14
"""Rows below which a vector is not taken for a picture by itself: MNIST's, halved."""


@dataclass(frozen=True)
class Entrance:
    """Where the image enters a model."""

    image: Slot
    shape: Shape
    """The image's: height, width and channels, or channels first where the model itself takes them so."""
    number: int
    """Which of the model's inputs it is, from 0."""
    steps: tuple[KerasStep, ...] = ()
    """What makes the model's own input of the image; () where the model takes images."""
    notes: tuple[str, ...] = ()
    is_series: bool = False
    """Whether the image is a series: one row, a column for each step."""


def find_entrance(
    graph: Graph,
    recorder: Recorder,
    inputs: Sequence[Slot],
    wanted: str | int | None,
    image_shape: tuple[int, ...] | None,
) -> Entrance:
    """Return where the image enters.

    A matrix of (rows, columns) and a vector of rows · columns [· channels] values are images in disguise: the model's
    own Reshape says of what shape, else they are taken for square ones. Any other matrix is a series of (steps,
    values).

    Args:
        graph: the model's graph.
        recorder: its calls, written down.
        inputs: the slots of its inputs.
        wanted: name or number of the input that is the image.
        image_shape: height, width and channels; None: as the model says, or as guessed.

    Raises:
        ReplayError: no input can be an image, several can and none was chosen, or `image_shape` does not fit.
    """
    shapes: list[Shape] = [tuple(tensor.shape[1:]) for tensor in graph.function.inputs]
    number = _choose_input(graph.input_names(), shapes, wanted)
    slot, shape = inputs[number], shapes[number]
    if any(type(step.operation).__name__ == "Embedding" and slot in step.inputs() for step in recorder.steps):
        raise ReplayError(
            "the model takes words or tokens, which have no gradient; maps are of images and series"
        )
    if len(shape) == 3:
        return Entrance(slot, _sized(shape, image_shape), number)
    if len(shape) == 2 and None in shape:
        shape = _series_shape(shape, image_shape)
    if len(shape) not in (1, 2) or None in shape:
        raise ReplayError(
            f"the model takes inputs of shape {shape}; maps are drawn of images (height, width, channels), and of "
            "matrices, vectors and series whose size is known"
        )
    how = "as it was given"
    if image_shape is None:
        image_shape, how = _read_or_guess(shape, recorder.steps, slot)
    own = [n or 1 for n in shape]
    if math.prod(image_shape) != math.prod(own):
        takes = f"{shape_text(own)}, which are {math.prod(own):,}" if len(own) > 1 else f"{own[0]:,}"
        raise ReplayError(
            f"{shape_text(image_shape)} are {math.prod(image_shape):,} values; the model takes {takes}"
        )
    is_series = image_shape[0] == 1
    note = f"the input of {shape_text(own)} values is taken for an image of {shape_text(image_shape)}, {how}"
    image = recorder.new_slot()
    steps = _disguise(recorder, image, slot, image_shape, shape)
    return Entrance(image, image_shape, number, steps, () if is_series else (note,), is_series)


def _series_shape(shape: Shape, image_shape: tuple[int, ...] | None) -> Shape:
    """Return the shape of a matrix that leaves a size open, as it was asked for: 128×9, or a series 1×128×9.

    Raises:
        ReplayError: it was not asked for, or does not fit.
    """
    asked = None if image_shape is None else image_shape[1:] if image_shape[0] == 1 else image_shape[:2]
    if asked is None or any(have not in (None, want) for have, want in zip(shape, asked, strict=True)):
        size = shape_text(shape)
        raise ReplayError(
            f"the model takes series of {size}; a series of 128 steps is --image-shape 1x128x{shape[1] or 1}"
        )
    return asked


def _choose_input(names: Sequence[str], shapes: Sequence[Shape], wanted: str | int | None) -> int:
    if wanted is not None:
        return choose(names, wanted, "input")
    for rank in (3, 2, 1):
        found = [i for i, shape in enumerate(shapes) if len(shape) == rank]
        if len(found) == 1:
            return found[0]
        if found:
            return found[choose([names[i] for i in found], None, "input")]
    return 0


def _sized(shape: Shape, image_shape: tuple[int, ...] | None) -> Shape:
    """Return the shape of an image, what it leaves open as it was asked for."""
    if image_shape is None:
        return shape
    asked = (image_shape[2], *image_shape[:2]) if seems_channels_first(shape) else image_shape
    if any(have not in (None, want) for have, want in zip(shape, asked, strict=True)):
        size = shape_text(shape)
        raise ReplayError(f"the model takes images of {size}, not {shape_text(image_shape)}")
    return asked


def _read_or_guess(shape: Shape, steps: Sequence[KerasStep], slot: Slot) -> tuple[tuple[int, ...], str]:
    """Return the shape of the image that a matrix or vector is, and how it is known.

    Raises:
        ReplayError: nothing tells.
    """
    inside = _shape_inside(steps, slot)
    if inside is not None:
        return inside, "as the model reshapes it"
    known = tuple(n or 1 for n in shape)
    if len(shape) == 2:
        if known[0] == known[1] and known[0] >= SMALLEST:
            return (*known, 1), "being square"
        return (1, *known), ""
    for channels in (1, 3):
        side = math.isqrt(known[0] // channels)
        if side >= SMALLEST and side * side * channels == known[0]:
            return (side, side, channels), "the square that it fills"
    raise ReplayError(
        f"the model takes {known[0]:,} values, not images; where they are the pixels of one, give its height, "
        "width and channels: --image-shape"
    )


def _shape_inside(steps: Sequence[KerasStep], slot: Slot) -> tuple[int, ...] | None:
    """Return height, width and channels of the image into which a model itself reshapes its input."""
    for step in steps:
        if slot not in step.inputs():
            continue
        shape = step.shape[1:]
        if not keeps_pixels(step) or None in shape:
            return None
        if len(shape) == 3:
            sizes = tuple(n or 1 for n in shape)
            sizes = (*sizes[1:], sizes[0]) if seems_channels_first(sizes) else sizes
            return sizes if sizes[2] in PICTURE_CHANNELS and min(sizes[:2]) > 1 else None
        slot = step.outputs[0]
    return None


def _disguise(
    recorder: Recorder, image: Slot, slot: Slot, image_shape: tuple[int, ...], shape: Shape
) -> tuple[KerasStep, ...]:
    """Return the steps that make the model's own input of an image; channels in front where it wants them so."""
    steps, before, now = [], image, image_shape
    if _turns_inside(recorder.steps, slot) and image_shape[2] > 1:
        turned = recorder.new_slot()
        now = (image_shape[2], *image_shape[:2])
        layer: Any = keras.layers.Permute((3, 1, 2), autocast=False)
        steps.append(_step("image/turned", layer, image, turned, (None, *now), (None, *image_shape)))
        before = turned
    layer = keras.layers.Reshape(tuple(n or 1 for n in shape), autocast=False)
    steps.append(_step("image/values", layer, before, slot, (None, *shape), (None, *now)))
    return tuple(steps)


def _step(name: str, layer: Any, source: Slot, slot: Slot, shape: Shape, before: Shape) -> KerasStep:
    return KerasStep(
        name=name, operation=layer, arguments=(source,), outputs=(slot,), shape=shape, input_shape=before
    )


def _turns_inside(steps: Sequence[KerasStep], slot: Slot) -> bool:
    """Return whether a model reshapes its input into an image with the channels in front."""
    for step in steps:
        if slot in step.inputs():
            if len(step.shape) == 4:
                return seems_channels_first(step.shape[1:])
            slot = step.outputs[0]
    return False
