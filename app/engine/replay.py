"""Replay: any spelling of a model, made a straight list of steps that ends in logits.

A caller's model may fuse its softmax or spell it in four ways, nest a backbone, share a layer, lack an
Input. `replay` walks its graph once and writes down every call of every layer as a `Step`, nested
models unrolled, fused activations split off, weights copied. Running the steps computes what the
model computes (this is asserted); leaving out the head gives the logits; giving the rectifiers
another gradient gives guided maps. The caller's model is never touched.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from app.engine.copying import HALF, ReplayError, copy_operation, fused_activation
from app.engine.heads import find_head
from app.engine.steps import Replay, Slot, Step


def replay(model: keras.Model) -> Replay:
    """Return `model` as a list of steps.

    Raises:
        ReplayError: the model has no graph to walk, more than one input or output, or a layer that
            cannot be copied; or the steps do not compute what the model computes.
    """
    recorder = Recorder()
    graph = graph_of(model)
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ReplayError(
            f"the model has {len(graph.inputs)} inputs and {len(graph.outputs)} outputs; make a "
            "keras.Model with the one input and the one output to be explained"
        )
    image_shape = tuple(graph.inputs[0].shape[1:])
    if len(image_shape) != 3:
        raise ReplayError(f"the model takes inputs of shape {image_shape}, not images")
    image = recorder.new_slot()
    (output,) = recorder.record(graph, [image], prefix="")
    if not recorder.steps:
        raise ReplayError(f"the model {model.name!r} has no layers between its input and output")
    if len(graph.outputs[0].shape) != 2:
        raise ReplayError(
            f"the output has the shape {tuple(graph.outputs[0].shape)}; a map needs one score for each "
            "class, (None, classes): end the model with a Flatten or a pooling"
        )
    head = find_head(recorder.steps, output)
    if head.kind == "softmax" and head.units == 1:
        raise ReplayError("the model ends in one softmax unit, which is always 1; use a sigmoid")
    doubles = any(getattr(s.operation, "compute_dtype", "") == "float64" for s in recorder.steps)
    dtype = "float64" if doubles else "float32"
    result = Replay(model.name, recorder.steps, image, image_shape, output, head, dtype)
    _assert_same_function(model, result)
    return result


def graph_of(model: keras.Model) -> Any:
    """Return the functional graph of a model.

    Raises:
        ReplayError: it has none: it is subclassed, or a Sequential that was never built.
    """
    if isinstance(model, keras.Sequential):
        functional = getattr(model, "_functional", None)
        if functional is None:
            raise ReplayError(
                f"the Sequential model {model.name!r} does not know its input shape; "
                "begin it with keras.Input((height, width, channels))"
            )
        return functional
    if not hasattr(model, "_nodes_by_depth"):
        raise ReplayError(
            f"{model.name!r} is a subclassed model ({type(model).__name__}), which has no list of "
            "layers to follow; build it as a Sequential or functional keras.Model"
        )
    return model


class Recorder:
    """Writes down the calls of a graph, nested graphs unrolled."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._slots = 0
        self._copies: dict[tuple[int, str], keras.Operation] = {}
        self._calls: dict[str, int] = {}

    def new_slot(self) -> Slot:
        """Return a slot that nothing uses yet."""
        self._slots += 1
        return Slot(self._slots)

    def record(self, graph: Any, inputs: Sequence[Slot], prefix: str) -> list[Slot]:
        """Write down the calls that lead from `inputs` to the graph's outputs; return their slots."""
        slots = {id(x): slot for x, slot in zip(graph.inputs, inputs, strict=True)}
        for depth in sorted(graph._nodes_by_depth, reverse=True):
            for node in graph._nodes_by_depth[depth]:
                if node.is_input or any(id(x) not in slots for x in node.input_tensors):
                    continue
                arguments, keywords = keras.tree.map_structure(
                    lambda v: slots[id(v)] if isinstance(v, keras.KerasTensor) else v,
                    (node.arguments.args, node.arguments.kwargs),
                )
                outputs = self._call(node, arguments, keywords, prefix)
                slots.update(zip([id(x) for x in node.outputs], outputs, strict=True))
        return [slots[id(x)] for x in graph.outputs]

    def _call(self, node: Any, arguments: Any, keywords: Any, prefix: str) -> list[Slot]:
        operation = node.operation
        if isinstance(operation, keras.Model):
            inner = [v for v in keras.tree.flatten((arguments, keywords)) if isinstance(v, Slot)]
            return self.record(graph_of(operation), inner, f"{prefix}{operation.name}/")
        name = self._name(prefix + operation.name)
        if getattr(operation, "_call_has_training_arg", False):
            keywords = {**keywords, "training": False}  # Keras records True for augmentation
        outputs = [self.new_slot() for _ in node.outputs]
        shape = tuple(node.outputs[0].shape)
        activation = fused_activation(operation)
        linear = f"{name}:linear" if activation is not None else name
        copy = self._copy(operation)
        before = tuple(node.input_tensors[0].shape) if node.input_tensors else ()
        self.steps.append(Step(linear, copy, arguments, keywords, tuple(outputs), shape, before))
        if activation is not None:
            after = self.new_slot()
            own = activation if isinstance(activation, keras.Layer) else None
            step = self._copy(own) if own else self._activation(operation, activation)
            self.steps.append(Step(name, step, (outputs[0],), {}, (after,), shape, shape))
            return [after]
        return outputs

    def _activation(self, layer: Any, function: Any) -> keras.Operation:
        dtype = "float32" if layer.compute_dtype in HALF else layer.dtype_policy
        key = (id(layer), "activation")
        return self._copies.setdefault(key, keras.layers.Activation(function, dtype=dtype))

    def _copy(self, operation: Any) -> keras.Operation:
        key = (id(operation), "itself")
        if key not in self._copies:
            self._copies[key] = copy_operation(operation)
        return self._copies[key]

    def _name(self, name: str) -> str:
        self._calls[name] = self._calls.get(name, 0) + 1
        return name if self._calls[name] == 1 else f"{name}:{self._calls[name]}"


OPEN_SIZES = (32, 96, 224)
"""Sizes to try where a model leaves height and width open: deep ones do not fit small images."""


def _assert_same_function(model: keras.Model, result: Replay) -> None:
    """Compare model and replay on two random images.

    Raises:
        ReplayError: they differ by more than rounding.
    """
    for open_size in OPEN_SIZES:
        probes = _probes(model, [n or open_size for n in result.image_shape])
        try:
            outputs = keras.tree.flatten(model(result.as_input(probes), training=False))
            break
        except Exception:
            if None not in result.image_shape or open_size == OPEN_SIZES[-1]:
                raise
    expected = np.asarray(outputs[0], np.float64)
    actual = np.asarray(result.run(result.as_input(probes), head=True)[result.output], np.float64)
    half = any(layer.compute_dtype in HALF for layer in model._flatten_layers())
    tolerance = 5e-2 if half else 1e-4
    whole = [i for i in (0, 1) if i == 0 or np.isfinite(expected[i]).all()]  # 0…255 may overflow
    for ours, theirs in zip(actual[whole], expected[whole], strict=True):
        gap = float(np.abs(ours - theirs).max()) / (1.0 + float(np.abs(theirs).max()))
        if not gap <= tolerance:
            raise ReplayError(
                f"the replay of {model.name!r} differs from the model by {gap:.2g}: it contains a layer "
                "that behaves differently each time or when copied; no map is drawn"
            )


def _probes(model: keras.Model, size: list[int]) -> np.ndarray:
    """Return one image of 0…1 and one of 0…255, for a model that rescales by itself."""
    probes = np.random.default_rng(0).uniform(0, 1, (2, *size))
    probes[1] *= 255
    return np.floor(probes) if "int" in str(model.inputs[0].dtype) else probes
