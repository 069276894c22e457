"""Where the channels stand: behind height and width, or in front of them."""

from collections.abc import Sequence

from app.engine.replay.steps import KerasStep
from app.program.steps import Slot
from models.pixels import seems_channels_first


def takes_channels_first(shape: Sequence[int | None], steps: Sequence[KerasStep], image: Slot) -> bool:
    """Return whether an image of `shape` has its channels in front.

    The first layer that says where its channels stand decides, unless the image is turned before it;
    where none says, the shape does: 3×224×224 has them in front.
    """
    reached = {image}
    for step in steps:
        if not reached.intersection(step.inputs()):
            continue
        data_format = _data_format(step)
        if data_format is not None:
            return data_format == "channels_first"
        if len(step.shape) != 4 or _axes_of_a_turn(step):
            break
        reached.update(step.outputs)
    return seems_channels_first(shape)


def channels_first_slots(steps: Sequence[KerasStep], image: Slot, first: bool) -> set[Slot]:
    """Return the slots whose maps have their channels in front."""
    slots = {image} if first else set()
    for step in steps:
        data_format = _data_format(step)
        turn = _axes_of_a_turn(step)
        came_first = bool(slots.intersection(step.inputs()))
        if turn:
            channel = 1 if came_first else 3
            is_first = turn[1] == channel
        else:
            is_first = came_first if data_format is None else data_format == "channels_first"
        if is_first and len(step.shape) == 4:
            slots.update(step.outputs)
    return slots


def _data_format(step: KerasStep) -> str | None:
    """Return where a step's layer says that the channels stand, None if it does not care."""
    layer = step.operation
    if len(step.input_shape) != 4:
        return None
    return getattr(layer, "data_format", None)


def _axes_of_a_turn(step: KerasStep) -> tuple[int, ...]:
    """Return the order of axes that a Permute or transpose makes, () for any other step."""
    kind = type(step.operation).__name__
    if len(step.shape) != 4 or len(step.input_shape) != 4:
        return ()
    if kind == "Permute":
        return (0, *step.operation.dims)
    if kind == "Transpose":
        return tuple(axis % 4 for axis in step.operation.axes or (3, 2, 1, 0))
    return ()
