"""The recorder: the calls of a graph written down as steps, nested models unrolled."""

from collections.abc import Sequence
from typing import Any

import keras

from app.engine.copying import HALF, copy_operation, fused_activation
from app.engine.graphs import graph_of
from app.engine.steps import Slot, Step


class Recorder:
    """Writes down the calls of a graph, nested graphs unrolled."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._slots = 0
        self._copies: dict[tuple[int, str], keras.Operation] = {}
        self._calls: dict[str, int] = {}

    def new_slot(self) -> Slot:
        """Return a slot that nothing uses yet; they are numbered from 1."""
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
            graph = graph_of(operation, node.input_tensors[0].shape)
            return self.record(graph, inner, f"{prefix}{operation.name}/")
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
