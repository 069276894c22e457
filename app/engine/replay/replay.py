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

from app.engine.quiet import first_line
from app.engine.replay.copying import HALF, ReplayError
from app.engine.replay.entrance import find_entrance
from app.engine.replay.following import state_kept
from app.engine.replay.graphs import Graph, choose, graph_of
from app.engine.replay.idioms import put_together
from app.engine.replay.layout import channels_first_slots, takes_channels_first
from app.engine.replay.recorder import Recorder
from app.engine.replay.scores import find_scores
from app.engine.replay.steps import KerasStep, Replay
from app.program.heads import Head
from app.program.program import doubt_weights, not_finite
from app.program.steps import Slot

OPEN_SIZES = (32, 96, 224)
"""Sizes to try where a model leaves height and width open: deep ones do not fit small images."""


@dataclass(frozen=True)
class Choice:
    """What of a model is to be explained, where it leaves a choice."""

    image: str | int | None = None
    """Name or number of the input that is the image."""
    image_shape: tuple[int, ...] | None = None
    """Height, width and channels of the image, where the model does not say them."""
    output: str | int | None = None
    """Name or number of the output."""
    at: tuple[int, int] | None = None
    """Row and column of the one place of the output to explain, where it has a class for each."""
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
    output_index = choose(graph.output_names(), choice.output, "output")
    recorder = Recorder()
    function = graph.function
    inputs = [recorder.new_slot() for _ in function.inputs]
    output = recorder.record(function, inputs, prefix="")[output_index]
    if not recorder.steps:
        raise ReplayError(f"the model {model.name!r} has no layers between its input and output")
    entrance = find_entrance(graph, recorder, inputs, choice.image, choice.image_shape)
    steps = _needed(put_together(_needed([*entrance.steps, *recorder.steps], output)), output)
    first = not entrance.is_series and takes_channels_first(entrance.shape, steps, entrance.image)
    turned = channels_first_slots(steps, entrance.image, first)
    steps = [
        replace(step, channels_first=step.outputs[0] in turned, is_series=entrance.is_series)
        for step in steps
    ]
    given, notes = _given(graph, inputs, entrance.number, choice.given or {})
    sized = entrance.shape
    whole = Replay(
        model.name,
        steps,
        entrance.image,
        (*sized[1:], sized[0]) if first else sized,
        output,
        Head("none", 0),
        _dtype(steps),
        given,
        first,
        (*entrance.notes, *notes, *doubt_weights(bad_weights(model))),
        inputs[entrance.number],
    )
    _assert_same_function(model, graph, whole, inputs, output_index)
    axis, shape = 1 if output in turned else -1, tuple(function.outputs[output_index].shape)
    loss = choice.loss or _loss(model, graph, output_index)
    scores = find_scores(steps, recorder, output, shape, axis, choice.at, choice.is_regression, loss)
    return replace(
        whole,
        steps=_needed([*steps, *scores.steps], scores.output),
        output=scores.output,
        head=scores.head,
        notes=(*whole.notes, *scores.notes),
        is_per_pixel=scores.is_per_pixel,
    )


def bad_weights(model: keras.Model) -> dict[str, int]:
    """Return how many weights of each layer are NaN or infinite, by the layer's path."""
    counts: dict[str, int] = {}
    for weight in model.weights:
        is_suspicious = not np.isfinite(float(keras.ops.sum(weight)))  # quick; a sum may also overflow
        if is_suspicious and keras.backend.is_float_dtype(weight.dtype):
            layer = weight.path.rpartition("/")[0]
            wrong = keras.ops.count_nonzero(keras.ops.logical_not(keras.ops.isfinite(weight)))
            counts[layer] = counts.get(layer, 0) + int(wrong)
    return counts


def _assert_same_function(
    model: keras.Model, graph: Graph, result: Replay, inputs: list[Slot], output_index: int
) -> None:
    """Compare model and replay on two random images.

    Raises:
        ReplayError: they differ by more than rounding.
    """
    for open_size in OPEN_SIZES:
        probes = _probes(result, graph, [n or open_size for n in result.image_shape])
        values = result.start(result.as_input(probes))
        before = result.run(values, steps=slice(result.entered))
        try:
            with state_kept(model):
                outputs = graph.call(model, [before[slot] for slot in inputs])
            break
        except Exception:
            if None not in result.image_shape or open_size == OPEN_SIZES[-1]:
                raise
    expected = np.asarray(outputs[output_index], np.float64).reshape(len(probes), -1)
    actual = np.asarray(result.run(values, head=True)[result.output], np.float64).reshape(len(probes), -1)
    half = any(layer.compute_dtype in HALF for layer in model._flatten_layers())
    tolerance = 5e-2 if half else 1e-4
    whole = [i for i in (0, 1) if i == 0 or np.isfinite(expected[i]).all()]  # 0…255 may overflow
    if not np.isfinite(expected[0]).all():
        raise ReplayError(not_finite(model.name, doubt_weights(bad_weights(model))))
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
    kind = str(graph.function.inputs[result.entry.index - 1].dtype)
    return np.floor(probes) if "int" in kind else probes


def _needed(steps: list[KerasStep], output: Slot) -> list[KerasStep]:
    """Return the steps that lead to `output`."""
    wanted, kept = {output}, []
    for step in reversed(steps):
        if wanted.intersection(step.outputs):
            wanted.update(step.inputs())
            kept.append(step)
    return kept[::-1]


def _loss(model: keras.Model, graph: Graph, output_index: int) -> str:
    """Return the name of the loss that an output was compiled with; "" if there is none."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, dict):
        loss = loss.get(graph.output_names()[output_index])
    elif isinstance(loss, (list, tuple)):
        loss = loss[output_index] if output_index < len(loss) else None
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", None) or loss or "")


def _dtype(steps: list[KerasStep]) -> str:
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
