"""Functions of tensors that are compiled once they are known to be called more than once."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Tensors = tuple[tf.Tensor, ...]


class CompiledFunction:
    """A function of tensors: run as it is the first time, as a TensorFlow graph from the second on.

    A single map so never pays for a compilation that takes longer than the map. The graph is traced once:
    the length of every tensor's first axis is left open, so that no number of images asks for another.
    """

    def __init__(self, function: Callable[..., Tensors]) -> None:
        self._function = function
        self._graph: Any = None
        self._was_called = False

    def __call__(self, *tensors: tf.Tensor) -> Tensors:
        """Return what the function returns."""
        if not self._was_called:
            self._was_called = True
            return self._function(*tensors)
        if self._graph is None:
            self._graph = tf.function(self._function, input_signature=_signature(tensors))
            self._graph._omit_frequent_tracing_warning = True  # each model has its own, traced once
        result: Tensors = self._graph(*tensors)
        return result

    @property
    def traces(self) -> int:
        """How often it was compiled: 0 or 1."""
        return 0 if self._graph is None else int(self._graph.experimental_get_tracing_count())


def _signature(tensors: Sequence[tf.Tensor]) -> list[tf.TensorSpec]:
    return [tf.TensorSpec((None, *t.shape[1:]) if t.shape.rank else (), t.dtype) for t in tensors]
