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
    What cannot be traced, as a layer of one's own whose Python asks a tensor for its value, is run as it is for good.

    Args:
        function: of tensors.
        as_it_is: calls before it is compiled; None: `AS_IT_IS`.
    """

    def __init__(self, function: Callable[..., Tensors], as_it_is: float | None = None) -> None:
        self._function, self._as_it_is = function, AS_IT_IS if as_it_is is None else as_it_is
        self._graph: Any = None
        self._calls = 0

    def __call__(self, *tensors: tf.Tensor) -> Tensors:
        """Return what the function returns."""
        calls = self._calls = self._calls + 1  # a name of its own: another thread may call meanwhile
        if calls == self._as_it_is + 1:
            self._graph = _traced(self._function, tensors)
        result: Tensors = (self._graph or self._function)(*tensors)
        return result

    @property
    def traces(self) -> int:
        """How often it was compiled: 0 or 1."""
        return 0 if self._graph is None else int(self._graph.experimental_get_tracing_count())


def _traced(function: Callable[..., Tensors], tensors: Sequence[tf.Tensor]) -> Any:
    """Return a function as a graph; None where it is no graph.

    AutoGraph would take as long again to rewrite our own code, which needs none of it, and does not reach a layer's
    code behind Keras.
    """
    graph = tf.function(function, input_signature=_signature(tensors), autograph=False)
    graph._omit_frequent_tracing_warning = True  # each model has its own, traced once
    try:
        graph.get_concrete_function()
    except Exception:  # whatever a layer of one's own raises: as it is, it did its work so far
        return None
    return graph


def _signature(tensors: Sequence[tf.Tensor]) -> list[tf.TensorSpec]:
    return [tf.TensorSpec((None, *t.shape[1:]) if t.shape.rank else (), t.dtype) for t in tensors]
