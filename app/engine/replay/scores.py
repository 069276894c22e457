"""One score for each class, whatever a model puts out: a row of them, or one for every pixel.

Of a segmentation, z_ic the logit of class c at pixel i, the score that is explained is the sum over the pixels that the
network puts into the class, S_c = Σ z_ic over the i with c = argmax z_i (Vinogradova et al., Towards interpretable
semantic segmentation, 2020); of a mask, one unit z_i a pixel, S_1 = Σ z_i over z_i > 0 and S_0 = −Σ z_i over the rest.
What stands for the probability of a class is its share of the pixels. Or one pixel alone is explained, as an image is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras

from app.counting.rows import shape_text
from app.engine.replay.copying import ReplayError
from app.engine.replay.recorder import Recorder
from app.engine.replay.steps import KerasStep
from app.program.heads import Head, as_asked, find_head
from app.program.steps import Shape, Slot


class PixelScores(keras.Layer):
    """S_c of (batch, …, units), (batch, classes): the sum of a class's logits over the pixels put into it."""

    def __init__(self, axis: int, kind: str) -> None:
        super().__init__(autocast=False, trainable=False)
        self.axis, self.kind = axis, kind

    def call(self, logits):  # type: ignore[no-untyped-def]
        """Return the scores."""
        logits, own = _own_pixels(logits, self.axis, self.kind)
        return keras.ops.sum(logits * own, axis=1)


class PixelShares(keras.Layer):
    """The share of the pixels that are put into each class, (batch, classes); `scores` are only passed by."""

    def __init__(self, axis: int, kind: str) -> None:
        super().__init__(autocast=False, trainable=False)
        self.axis, self.kind = axis, kind

    def call(self, scores, logits):  # type: ignore[no-untyped-def]  # noqa: ARG002
        """Return the shares."""
        return keras.ops.mean(_own_pixels(logits, self.axis, self.kind)[1], axis=1)


class PixelAt(keras.Layer):
    """What an output holds at one pixel, (batch, units)."""

    def __init__(self, at: tuple[int, int], axis: int) -> None:
        super().__init__(autocast=False, trainable=False)
        self.at, self.axis = at, axis

    def check(self, sizes: Shape) -> None:
        """Check that an output of so many rows and columns has the pixel.

        Raises:
            ReplayError: it has not.
        """
        if any(n is not None and i >= n for i, n in zip(self.at, sizes, strict=True)):
            size = shape_text(sizes)
            raise ReplayError(
                f"there is no row {self.at[0]}, column {self.at[1]} in the output: it has {size} pixels, from 0, 0"
            )

    def call(self, outputs):  # type: ignore[no-untyped-def]
        """Return the pixel."""
        outputs = keras.ops.moveaxis(outputs, self.axis, -1)
        self.check(tuple(outputs.shape[1:-1]))
        return outputs[:, self.at[0], self.at[1]]


def _own_pixels(logits, axis: int, kind: str):  # type: ignore[no-untyped-def]
    """Return logits as (batch, pixels, classes), and 1 where a pixel is put into a class, 0 elsewhere."""
    logits = keras.ops.moveaxis(logits, axis, -1)
    units = logits.shape[-1]
    logits = keras.ops.reshape(logits, (keras.ops.shape(logits)[0], -1, units))
    if kind == "value":
        return logits, keras.ops.ones_like(logits)
    if units == 1:
        logits = keras.ops.concatenate([-logits, logits], axis=-1)
        above = logits[..., 1:] > 0
        own = keras.ops.concatenate([keras.ops.logical_not(above), above], axis=-1)
    elif kind == "sigmoid":
        own = logits > 0
    else:
        own = keras.ops.equal(logits, keras.ops.max(logits, axis=-1, keepdims=True))
    return logits, keras.ops.cast(own, logits.dtype)


@dataclass(frozen=True)
class Scores:
    """Where the scores of the classes come out."""

    output: Slot
    head: Head
    steps: tuple[KerasStep, ...] = ()
    """What makes them of the model's own output."""
    notes: tuple[str, ...] = ()
    is_per_pixel: bool = False
    """Whether the output has a score of each class for every pixel."""


def find_scores(
    steps: list[KerasStep],
    recorder: Recorder,
    output: Slot,
    shape: Shape,
    axis: int,
    at: tuple[int, int] | None = None,
    is_quantity: bool | None = None,
    loss: str = "",
) -> Scores:
    """Return the scores of an output of `shape`, (batch, …), the classes along `axis`.

    Args:
        steps: the steps of the model.
        recorder: gives new slots.
        output: the slot of what the model puts out.
        shape: its shape.
        axis: where the classes stand.
        at: row and column of the one pixel to explain, where there are pixels.
        is_quantity: whether quantities come out; None: as the loss says, where no softmax or sigmoid makes classes.
        loss: name of the loss that the model was trained with, "" if it is not known.

    Raises:
        ReplayError: there is no such pixel, or the model ends in one softmax unit.
    """
    maker = _Maker(steps, recorder, shape, axis)
    places = [n for i, n in enumerate(shape) if i not in (0, axis % max(len(shape), 1))]
    is_row = set(places) <= {1}
    if is_row and at is not None:
        raise ReplayError(
            "--at belongs to outputs with a class for each pixel; this one has a class for the image"
        )
    if is_row and len(shape) == 2:
        found = Scores(output, find_head(steps, output))
    elif is_row:
        units = 1 if len(shape) < 2 else shape[axis]
        step = maker.step("scores", keras.layers.Reshape((units,), autocast=False), (output,), (None, units))
        found = Scores(step.outputs[0], find_head([*steps, step], step.outputs[0]), (step,))
    head = found.head if is_row else find_head(steps, output, axis)
    try:
        head = as_asked(head, is_quantity, loss)
    except ValueError as error:
        raise ReplayError(str(error)) from error
    if is_row:
        return replace(found, head=head)
    return maker.all_pixels(output, head) if at is None else maker.one_pixel(output, head, at)


@dataclass(frozen=True)
class _Maker:
    """Makes scores of an output with a class for each pixel."""

    steps: list[KerasStep]
    recorder: Recorder
    shape: Shape
    axis: int

    def one_pixel(self, output: Slot, head: Head, at: tuple[int, int]) -> Scores:
        """Return the scores at one pixel."""
        sizes = self.shape[2:] if self.axis == 1 else self.shape[1:-1]
        if len(sizes) != 2:
            raise ReplayError("--at names a row and a column; the pixels of this output lie in one line")
        layer = PixelAt(at, self.axis)
        layer.check(sizes)
        step = self.step("scores", layer, (output,), (None, head.units))
        note = f"explained is the output at row {at[0]}, column {at[1]}"
        return Scores(step.outputs[0], head, (step,), (note,), is_per_pixel=True)

    def all_pixels(self, output: Slot, head: Head) -> Scores:
        """Return the scores summed over the pixels."""
        shape, axis = self.shape, self.axis
        filled = {slot: step for step in self.steps for slot in step.outputs}
        logits, before = output, shape
        if head.slot is not None:
            logits = filled[head.slot].inputs()[0]
            before = filled[head.slot].input_shape
            axis = axis if len(before) == len(shape) else -1
        units = 2 if head.units == 1 and head.kind != "value" else head.units
        row = (None, units)
        scores = self.step("scores", PixelScores(axis, head.kind), (logits,), row, before)
        places = [n for i, n in enumerate(shape) if i not in (0, axis % len(shape))]
        size = "all its" if None in places else shape_text(places)
        if head.kind == "value":
            several = f"{head.units} values" if head.units > 1 else "a value"
            note = f"the output has {several} for each of {size} pixels: explained is the sum over them"
            return Scores(scores.outputs[0], Head("value", units), (scores,), (note,), is_per_pixel=True)
        both = (scores.outputs[0], logits)
        shares = self.step("shares", PixelShares(axis, head.kind), both, row, row)
        what = f"{head.units} values, read as scores of classes," if head.kind == "none" else "a class"
        what = what if head.units > 1 else "one unit, read as a mask,"
        note = f"the output has {what} for each of {size} pixels: explained is the sum over those put into the class"
        head = Head("pixels", units, shares.outputs[0])
        return Scores(shares.outputs[0], head, (scores, shares), (note,), is_per_pixel=True)

    def step(
        self,
        name: str,
        layer: keras.Layer,
        arguments: Sequence[Slot],
        shape: Shape,
        before: Shape | None = None,
    ) -> KerasStep:
        """Return a step of its own."""
        slot = self.recorder.new_slot()
        return KerasStep(
            name=name,
            operation=layer,
            arguments=tuple(arguments),
            outputs=(slot,),
            shape=shape,
            input_shape=before or self.shape,
        )
