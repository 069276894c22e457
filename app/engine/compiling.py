"""Functions of tensors that are compiled once they are known to be called often."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Tensors = tuple[tf.Tensor, ...]
AS_IT_IS = 8
"""Calls before a function is compiled: that takes about as long as eight calls of a small network save, and five of a
large one."""


class CompiledFunction:
    """A function of tensors: run as it is the first times, as a TensorFlow graph after `AS_IT_IS` calls.

    A few maps so never pay for a compilation that takes longer than they. The graph is traced once:
    the length of every tensor's first axis is left open, so that no number of images asks for another.
    """

    def __init__(self, function: Callable[..., Tensors]) -> None:
        self._function = function
        self._graph: Any = None
        self._calls = 0

    def __call__(self, *tensors: tf.Tensor) -> Tensors:
        """Return what the function returns."""
        self._calls += 1
        if self._calls <= AS_IT_IS:
            return self._function(*tensors)
        if self._graph is None:
            return self._compile(tensors)
        result: Tensors = self._graph(*tensors)
        return result

    def _compile(self, tensors: Sequence[tf.Tensor]) -> Tensors:
        """Trace the function, and return what it makes of the tensors.

        Its own code needs no rewriting by AutoGraph, which would take as long again; a layer of one's own whose
        Python asks a tensor for its value does.
        """
        try:
            self._graph = self._as_graph(tensors, autograph=False)
            result: Tensors = self._graph(*tensors)
        except tf.errors.OperatorNotAllowedInGraphError:
            self._graph = self._as_graph(tensors, autograph=True)
            result = self._graph(*tensors)
        return result

    def _as_graph(self, tensors: Sequence[tf.Tensor], autograph: bool) -> Any:
        graph = tf.function(self._function, input_signature=_signature(tensors), autograph=autograph)
        graph._omit_frequent_tracing_warning = True  # each model has its own, traced once
        return graph

    @property
    def traces(self) -> int:
        """How often it was compiled: 0 or 1."""
        return 0 if self._graph is None else int(self._graph.experimental_get_tracing_count())


def _signature(tensors: Sequence[tf.Tensor]) -> list[tf.TensorSpec]:
    return [tf.TensorSpec((None, *t.shape[1:]) if t.shape.rank else (), t.dtype) for t in tensors]
