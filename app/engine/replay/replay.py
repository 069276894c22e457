"""Replay: any spelling of a model, made a straight list of steps that ends in logits.

A caller's model may fuse its softmax or spell it in four ways, nest a backbone, share a layer, lack an
Input, take several inputs. `replay` walks its graph once and writes down every call of every layer as a
`Step`, nested models unrolled, fused activations split off, weights copied. Running the steps computes
what the model computes (this is asserted); leaving out the head gives the logits; giving the rectifiers
another gradient gives guided maps. The caller's model is never touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import keras
import numpy as np

from app.counting.stored.model_files import is_for_quantities
from app.engine.quiet import first_line
from app.engine.replay.copying import HALF, ReplayError
from app.engine.replay.following import state_kept
from app.engine.replay.graphs import Graph, choose, graph_of
from app.engine.replay.heads import find_head
from app.engine.replay.idioms import put_together
from app.engine.replay.layout import channels_first_slots, takes_channels_first
from app.engine.replay.recorder import Recorder
from app.engine.replay.steps import Head, Replay, Slot, Step

OPEN_SIZES = (32, 96, 224)
"""Sizes to try where a model leaves height and width open: deep ones do not fit small images."""


@dataclass(frozen=True)
class Choice:
    """What of a model is to be explained, where it leaves a choice."""

    image: str | int | None = None
    """Name or number of the input that is the image."""
    output: str | int | None = None
    """Name or number of the output."""
    given: Mapping[str, np.ndarray] | None = None
    """What the other inputs hold, by name, without the batch axis; zeros where nothing is given."""
    is_regression: bool | None = None
    """Whether the output is a quantity and no class score; None: as the loss says, where no softmax or
    sigmoid makes it a class."""
    loss: str = ""
    """Name of the loss that the model's file holds, for a model loaded without compiling it."""


def replay(model: keras.Model, choice: Choice | None = None) -> Replay:
    """Return `model` as a list of steps.

    Raises:
        ReplayError: the model has no graph to walk, several images or outputs and none was chosen,
            or a layer that cannot be copied; or the steps do not compute what the model computes.
    """
    try:
        return _replay(model, choice or Choice())
    except ReplayError:
        raise
    except Exception as error:
        raise ReplayError(
            f"{model.name!r} cannot be taken apart into steps ({first_line(error)[:160]}); "
            "build it of Keras' layers and keras.ops"
        ) from error


def _replay(model: keras.Model, choice: Choice) -> Replay:
    graph = graph_of(model)
    image_index = _find_image(graph, choice.image)
    output_index = choose(graph.output_names(), choice.output, "output")
    recorder = Recorder()
    function = graph.function
    inputs = [recorder.new_slot() for _ in function.inputs]
    output = recorder.record(function, inputs, prefix="")[output_index]
    if not recorder.steps:
        raise ReplayError(f"the model {model.name!r} has no layers between its input and output")
    shape = tuple(function.outputs[output_index].shape)
    output = _as_one_row(recorder, output, shape)
    steps = _needed(put_together(_needed(recorder.steps, output)), output)
    image = inputs[image_index]
    image_shape = tuple(function.inputs[image_index].shape[1:])
    first = takes_channels_first(image_shape, steps, image)
    turned = channels_first_slots(steps, image, first)
    steps = [replace(step, channels_first=step.outputs[0] in turned) for step in steps]
    given, notes = _given(graph, inputs, image_index, choice.given or {})
    loss = choice.loss or _loss(model, graph, output_index)
    result = Replay(
        model.name,
        steps,
        image,
        (*image_shape[1:], image_shape[0]) if first else image_shape,
        output,
        _choose_head(loss, steps, output, choice.is_regression),
        _dtype(steps),
        given,
        first,
        notes,
    )
    _assert_same_function(model, graph, result, output_index)
    return result


def _assert_same_function(model: keras.Model, graph: Graph, result: Replay, output_index: int) -> None:
    """Compare model and replay on two random images.

    Raises:
        ReplayError: they differ by more than rounding.
    """
    for open_size in OPEN_SIZES:
        probes = _probes(result, graph, [n or open_size for n in result.image_shape])
        values = result.start(result.as_input(probes))
        inputs = [values[slot] for slot in sorted(values, key=lambda slot: slot.index)]
        try:
            with state_kept(model):
                outputs = graph.call(model, inputs)
            break
        except Exception:
            if None not in result.image_shape or open_size == OPEN_SIZES[-1]:
                raise
    expected = np.asarray(outputs[output_index], np.float64).reshape(len(probes), -1)
    actual = np.asarray(result.run(values, head=True)[result.output], np.float64)
    half = any(layer.compute_dtype in HALF for layer in model._flatten_layers())
    tolerance = 5e-2 if half else 1e-4
    whole = [i for i in (0, 1) if i == 0 or np.isfinite(expected[i]).all()]  # 0…255 may overflow
    if not np.isfinite(expected[0]).all():
        raise ReplayError(
            f"{model.name!r} puts out values that are not finite for an image of 0…1; check its weights"
        )
    for ours, theirs in zip(actual[whole], expected[whole], strict=True):
        gap = float(np.abs(ours - theirs).max()) / (1.0 + float(np.abs(theirs).max()))
        if not gap <= tolerance:
            raise ReplayError(
                f"the replay of {model.name!r} differs from the model by {gap:.2g}: it contains a layer "
                "that behaves differently each time or when copied; no map is drawn"
            )


def _probes(result: Replay, graph: Graph, size: list[int]) -> np.ndarray:
    """Return one image of 0…1 and one of 0…255, for a model that rescales by itself."""
    probes = np.random.default_rng(0).uniform(0, 1, (2, *size))
    probes[1] *= 255
    kind = str(graph.function.inputs[result.image.index - 1].dtype)
    return np.floor(probes) if "int" in kind else probes


def _find_image(graph: Graph, wanted: str | int | None) -> int:
    names = graph.input_names()
    shapes = [tuple(tensor.shape[1:]) for tensor in graph.function.inputs]
    images = [i for i, shape in enumerate(shapes) if len(shape) == 3]
    if not images:
        raise ReplayError(f"the model takes inputs of shape {shapes[0]}, not images")
    if wanted is None and len(images) == 1:
        return images[0]
    index = choose(names, wanted, "input")
    if index not in images:
        raise ReplayError(f"the input {names[index]!r} has the shape {shapes[index]}, not an image's")
    return index


def _as_one_row(recorder: Recorder, output: Slot, shape: tuple[int | None, ...]) -> Slot:
    """Return the slot of the scores as (batch, classes), a step added where they had another shape.

    Raises:
        ReplayError: they are not one score for each class.
    """
    if len(shape) == 2:
        return output
    if len(shape) == 0 or set(shape[1:-1]) > {1} or any(n != 1 for n in shape[1:-1]):
        raise ReplayError(
            f"the output has the shape {shape}; a map needs one score for each class, (None, classes): "
            "end the model with a Flatten or a pooling"
        )
    units = 1 if len(shape) == 1 else shape[-1]
    after = recorder.new_slot()
    layer = keras.layers.Reshape((units,), autocast=False)
    recorder.steps.append(Step("scores", layer, (output,), {}, (after,), (None, units), shape))
    return after


def _needed(steps: list[Step], output: Slot) -> list[Step]:
    """Return the steps that lead to `output`."""
    wanted, kept = {output}, []
    for step in reversed(steps):
        if wanted.intersection(step.outputs):
            wanted.update(step.inputs())
            kept.append(step)
    return kept[::-1]


def _choose_head(loss: str, steps: list[Step], output: Slot, is_regression: bool | None) -> Head:
    head = find_head(steps, output)
    if head.kind == "softmax" and head.units == 1:
        raise ReplayError("the model ends in one softmax unit, which is always 1; use a sigmoid")
    if is_regression is None:
        is_regression = head.kind == "none" and is_for_quantities(loss)
    return Head("value", head.units) if is_regression else head


def _loss(model: keras.Model, graph: Graph, output_index: int) -> str:
    """Return the name of the loss that an output was compiled with; "" if there is none."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, dict):
        loss = loss.get(graph.output_names()[output_index])
    elif isinstance(loss, (list, tuple)):
        loss = loss[output_index] if output_index < len(loss) else None
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", None) or loss or "")


def _dtype(steps: list[Step]) -> str:
    doubles = any(getattr(step.operation, "compute_dtype", "") == "float64" for step in steps)
    return "float64" if doubles else "float32"


def _given(
    graph: Graph, inputs: list[Slot], image_index: int, chosen: Mapping[str, np.ndarray]
) -> tuple[dict[Slot, np.ndarray], tuple[str, ...]]:
    """Return what the inputs besides the image hold, with the batch axis, and notes on what was not said.

    Raises:
        ReplayError: a name that is no input, or a value of the wrong shape.
    """
    names = graph.input_names()
    unknown = [name for name in chosen if name not in names or name == names[image_index]]
    if unknown:
        raise ReplayError(f"the model has no other input {unknown[0]!r}; there is {', '.join(names)}")
    given, notes = {}, []
    for index, (name, tensor, slot) in enumerate(zip(names, graph.function.inputs, inputs, strict=True)):
        if index == image_index:
            continue
        shape = tuple(n or 1 for n in tensor.shape[1:])
        value = np.asarray(chosen.get(name, np.zeros(shape)))
        if value.shape != shape:
            raise ReplayError(f"the input {name!r} takes the shape {shape}, not {value.shape}")
        if name not in chosen:
            notes.append(f"the input {name} is held at 0")
        given[slot] = value[np.newaxis].astype(str(tensor.dtype))
    return given, tuple(notes)
