"""A replay written as plain steps, and plain steps called by Keras: one program, whichever machine runs it."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from app.engine.replay.steps import KerasStep, Replay
from app.program.program import NotWrittenError, Program
from app.program.steps import PlainStep, Slot
from app.scratch.calls import told
from app.scratch.layers.base import Layer
from app.scratch.reading import as_plain
from models import layers as own_layers

OPERATIONS = ("Add", "Subtract", "Multiply", "Maximum", "Minimum")
"""Operations of `keras.ops` on two tensors that are layers, too."""


def as_program(replay: Replay) -> Program:
    """Return a replay as a program of plain steps, with the numbers of its weights.

    Raises:
        NotWrittenError: a layer is none that NumPy has, or the model takes or gives something else than an image and a
            row of classes; the message names it.
    """
    if replay.channels_first or replay.given or replay.is_per_pixel or replay.is_series:
        raise NotWrittenError(
            "plain steps are of models that take one image, channels last, and put out one row of classes"
        )
    if any(step.channels_first for step in replay.steps):
        raise NotWrittenError("some of its layers have their channels in front of height and width")
    if None in replay.image_shape:
        raise NotWrittenError("the model leaves the size of its images open")
    arrays: dict[int, Mapping[str, np.ndarray]] = {}
    steps = [plain_step(step, arrays) for step in replay.steps]
    return Program(
        replay.name,
        steps,
        replay.image,
        replay.image_shape,
        replay.output,
        replay.head,
        replay.dtype,
        notes=replay.notes,
        entry=replay.entry,
    )


def plain_step(step: KerasStep, arrays: dict[int, Mapping[str, np.ndarray]]) -> PlainStep:
    """Return one step as data.

    Args:
        step: the step.
        arrays: the weights of layers that were read before, by the layer; those of this one are added.

    Raises:
        NotWrittenError: NumPy has no such layer.
    """
    try:
        layer = _plain_layer(step)
        key = id(step.operation)
        if key not in arrays:
            arrays[key] = _arrays(step, layer)
    except NotWrittenError as error:
        raise NotWrittenError(f"layer {step.name!r}: {error}") from error
    return PlainStep(
        name=step.name,
        call=layer.kind,
        told=told(layer),
        reads=tuple(step.inputs()),
        outputs=step.outputs,
        shape=step.shape,
        input_shape=step.input_shape,
        arrays=arrays[key],
    )


def _plain_layer(step: KerasStep) -> Layer:
    """Return the NumPy layer that computes what a step does."""
    highest, kind = step.ceiling(), step.kind
    if highest is not None:
        return as_plain("ReLU", {"max_value": None if highest == float("inf") else highest})
    if isinstance(step.operation, keras.Layer) and kind not in ("Activation", ""):
        return as_plain(kind, _channels_last(step.settings))
    if step.activation == "softmax":
        return as_plain("Softmax", {"axis": step.settings.get("axis", -1)})
    if step.activation:
        return as_plain("Activation", {"activation": step.activation})
    if kind in OPERATIONS and len(step.inputs()) == 2:
        return as_plain(kind, {})
    raise NotWrittenError(f"{kind or type(step.operation).__name__}: NumPy has no code for it")


def _channels_last(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a layer as they are for maps with their channels last."""
    if settings.get("data_format") != "channels_first":
        return settings
    return {**settings, "data_format": "channels_last"}


def _arrays(step: KerasStep, layer: Layer) -> Mapping[str, np.ndarray]:
    operation = step.operation
    if not isinstance(operation, keras.Layer):
        return {}
    if isinstance(operation, keras.layers.Normalization):
        if operation.input_mean is not None:  # told, and no weights
            return {}
        held = {name: np.asarray(getattr(operation, name)) for name in ("mean", "variance")}
        counted = {name: values.reshape(-1) for name, values in held.items()}
        return {**counted, "count": np.zeros((), "float32")}
    names = layer.weight_shapes(tuple(n or 1 for n in step.input_shape[1:]))
    values = [weight for weight in operation.get_weights() if weight.dtype.kind == "f"]
    if len(names) != len(values):
        raise NotWrittenError(f"{step.kind} has {len(values)} arrays, not {', '.join(names) or 'none'}")
    return dict(zip(names, values, strict=True))


def as_replay(program: Program) -> Replay:
    """Return a program whose steps call Keras: itself if they do.

    Raises:
        NotWrittenError: Keras has no layer like one of its steps.
    """
    if isinstance(program, Replay):
        return program
    layers: dict[int, keras.Layer] = {}
    shapes: dict[Slot, tuple[int | None, ...]] = {program.image: (None, *program.image_shape)}
    steps = []
    for step in program.steps:
        assert isinstance(step, PlainStep)
        shapes[step.outputs[0]] = step.shape
        key = id(step.arrays) if step.arrays else id(step)
        if key not in layers:
            layers[key] = _keras_layer(step, [shapes[slot] for slot in step.reads], program.dtype)
        reads: Any = step.reads if len(step.reads) == 1 else (list(step.reads),)
        steps.append(
            KerasStep(
                name=step.name,
                operation=layers[key],
                arguments=tuple(reads),
                outputs=step.outputs,
                shape=step.shape,
                input_shape=step.input_shape,
            )
        )
    return Replay(
        program.name,
        steps,
        program.image,
        program.image_shape,
        program.output,
        program.head,
        program.dtype,
        notes=program.notes,
        entry=program.entry,
    )


def _keras_layer(step: PlainStep, shapes: list[tuple[int | None, ...]], dtype: str) -> keras.Layer:
    kind = getattr(own_layers, step.call, None) or getattr(keras.layers, step.call, None)
    if kind is None:
        raise NotWrittenError(f"layer {step.name!r} is a {step.call}, which Keras does not have")
    config = {**step.told, "dtype": dtype}
    if step.call == "Normalization" and step.arrays:
        config |= {name: step.arrays[name].tolist() for name in ("mean", "variance")}
    try:
        layer = kind.from_config(config)
        layer.build(shapes[0] if len(shapes) == 1 else shapes)
        if step.call != "Normalization":
            layer.set_weights(list(step.arrays.values()))
    except (TypeError, ValueError) as error:
        raise NotWrittenError(
            f"layer {step.name!r} ({step.call}): Keras does not take it: {error}"
        ) from error
    return layer
