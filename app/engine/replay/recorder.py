"""The recorder: the calls of a graph written down as steps, nested models unrolled."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from app.engine.replay.copying import HALF, copy_operation, fused_activation, unquantised
from app.engine.replay.following import follow, fresh_inputs, is_of_its_own_kind, is_symbolic
from app.engine.replay.graphs import functional_inside
from app.engine.replay.steps import KerasStep, slots_in
from app.program.steps import Slot


class Recorder:
    """Writes down the calls of a graph, nested graphs unrolled."""

    def __init__(self) -> None:
        self.steps: list[KerasStep] = []
        self._slots = 0
        self._copies: dict[tuple[int, str], keras.Operation] = {}
        self._calls: dict[str, int] = {}
        self._followed: list[Any] = []
        """Graphs traced on the way. They are kept alive because operations are identified by `id()`, which
        Python would reuse."""

    def new_slot(self) -> Slot:
        """Return a slot that nothing uses yet; they are numbered from 1."""
        self._slots += 1
        return Slot(self._slots)

    def record(self, graph: Any, inputs: Sequence[Slot], prefix: str) -> list[Slot]:
        """Write down the calls that lead from `inputs` to the graph's outputs; return their slots."""
        slots = {id(x): slot for x, slot in zip(graph.inputs, inputs, strict=True)}
        places = {
            id(operation): place for place, operation in enumerate(graph.operations)
        }  # as a file lists them
        for depth in sorted(graph._nodes_by_depth, reverse=True):
            for node in sorted(graph._nodes_by_depth[depth], key=lambda node: places[id(node.operation)]):
                if node.is_input or any(id(x) not in slots for x in node.input_tensors):
                    continue
                arguments, keywords = keras.tree.map_structure(
                    lambda v: slots[id(v)] if is_symbolic(v) else _constant(v),
                    (node.arguments.args, node.arguments.kwargs),
                )
                outputs = self._call(node, arguments, keywords, prefix)
                slots.update(zip([id(x) for x in node.outputs], outputs, strict=True))
        return [slots[id(x)] for x in graph.outputs]

    def _call(self, node: Any, arguments: Any, keywords: Any, prefix: str) -> list[Slot]:
        operation = node.operation
        if isinstance(operation, keras.Model):
            function = functional_inside(operation)
            if function is not None:
                inner = _in_order(function, arguments, keywords)
                return self.record(function, inner, f"{prefix}{operation.name}/")
        if isinstance(operation, keras.Layer) and is_of_its_own_kind(operation):
            function = self._follow(node)
            if function is not None:
                inner = slots_in((arguments, keywords))
                return self.record(function, inner, f"{prefix}{operation.name}/")
        return self._step(node, arguments, keywords, self._name(prefix + operation.name))

    def _follow(self, node: Any) -> Any:
        """Return the graph of a call that is written in Python, None where it has none."""
        arguments, keywords = fresh_inputs(node.arguments.args, node.arguments.kwargs)
        try:
            function = follow(node.operation, arguments, keywords)
        except Exception:
            return None  # it is then one step, copied as a whole
        shapes = [x.shape for x in function.outputs]
        if shapes != [x.shape for x in node.outputs]:
            return None
        self._followed.append(function)
        return function

    def _step(self, node: Any, arguments: Any, keywords: Any, name: str) -> list[Slot]:
        operation = node.operation
        if getattr(operation, "_call_has_training_arg", False):
            keywords = {**keywords, "training": False}  # Keras records True for augmentation
        outputs = [self.new_slot() for _ in node.outputs]
        shape = tuple(node.outputs[0].shape)
        activation = fused_activation(operation)
        linear = f"{name}:linear" if activation is not None else name
        copy = self._copy(node)
        before = tuple(node.input_tensors[0].shape) if node.input_tensors else ()
        self.steps.append(
            KerasStep(
                name=linear,
                operation=copy,
                arguments=arguments,
                keywords=keywords,
                outputs=tuple(outputs),
                shape=shape,
                input_shape=before,
            )
        )
        if activation is None:
            return outputs
        after = self.new_slot()
        step = self._activation(operation, activation)
        self.steps.append(
            KerasStep(
                name=name,
                operation=step,
                arguments=(outputs[0],),
                outputs=(after,),
                shape=shape,
                input_shape=shape,
            )
        )
        return [after]

    def _activation(self, layer: Any, function: Any) -> keras.Operation:
        key = (id(layer), "activation")
        if key not in self._copies:
            if isinstance(function, keras.Layer):
                self._copies[key] = copy_operation(function)
            else:
                dtype = "float32" if layer.compute_dtype in HALF else unquantised(layer)
                self._copies[key] = keras.layers.Activation(function, dtype=dtype)
        return self._copies[key]

    def _copy(self, node: Any) -> keras.Operation:
        key = (id(node.operation), "itself")
        if key not in self._copies:
            call = (node.arguments.args, node.arguments.kwargs)
            self._copies[key] = copy_operation(node.operation, call)
        return self._copies[key]

    def _name(self, name: str) -> str:
        self._calls[name] = self._calls.get(name, 0) + 1
        return name if self._calls[name] == 1 else f"{name}:{self._calls[name]}"


def _constant(value: Any) -> Any:
    """Return an argument that is no tensor of the graph, with a variable's numbers taken out of it."""
    if not keras.ops.is_tensor(value) and not isinstance(value, keras.Variable):
        return value
    numbers = keras.ops.convert_to_numpy(value)
    is_half = str(numbers.dtype) in HALF
    return numbers.astype("float32") if is_half else np.array(numbers)


def _in_order(function: Any, arguments: Any, keywords: Any) -> list[Slot]:
    """Return what a nested functional model was called on, in the order of its inputs."""
    given = arguments[0] if arguments else keywords["inputs"]
    wanted = function._inputs_struct
    if isinstance(given, dict) and not isinstance(wanted, dict):
        return [given[tensor.name] for tensor in function.inputs]
    return slots_in(given)
