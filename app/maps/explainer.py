"""The explainer: a replayed model, with what is compiled for it and the memory that it may take."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

    from app.engine.compiling import CompiledFunction, Tensors
    from app.engine.replay.steps import Replay
    from app.maps.placement import Placement

MEMORY_BYTES = 1 << 30
"""Memory for the tensors of one chunk, unless another is given."""
MOST_ROWS = 1024
"""Rows beyond which a chunk is no faster, only larger."""
COPIES = 3
"""Tensors alive for each one that a step leaves: it, its gradient, and what an operation needs meanwhile."""


@dataclass
class Explainer:
    """Runs functions of images on a replayed model, in chunks that fit into memory."""

    model: "Replay"
    memory_bytes: int = MEMORY_BYTES
    placements: "dict[Hashable, Placement]" = field(default_factory=dict, repr=False)
    """Where the cells of maps lie, once worked out."""
    _compiled: "dict[Hashable, CompiledFunction]" = field(default_factory=dict, repr=False)
    _row_bytes: dict[tuple[int, ...], int] = field(default_factory=dict, repr=False)

    def targets(self, classes: Sequence[int], against: Sequence[int] | None = None) -> np.ndarray:
        """Return t, (images, units): the score that is explained is S = Σ t_u z_u over the logits z.

        For class c it is z_c; for c against d it is z_c − z_d. One sigmoid unit z scores z for its
        class 1 and −z for class 0. Logits are taken, not probabilities: the gradient of a softmax vanishes as
        the network becomes sure, and mixes in all other classes (Simonyan et al. 2014, §2).

        Raises:
            ValueError: a class that the model does not have.
        """
        rows = self._one_hot(classes)
        return rows if against is None else rows - self._one_hot(against)

    def _one_hot(self, classes: Sequence[int]) -> np.ndarray:
        wrong = [c for c in classes if not 0 <= c < self.model.classes]
        if wrong:
            raise ValueError(f"class {wrong[0]} is out of range; there are 0 to {self.model.classes - 1}")
        if self.model.head.is_binary:
            return np.array([[1.0 if c == 1 else -1.0] for c in classes], self.model.dtype)
        return np.eye(self.model.head.units, dtype=self.model.dtype)[list(classes)]

    def rows_at_once(self, size: Sequence[int]) -> int:
        """Return how many images of a size (height, width, …) fit into the memory together."""
        key = tuple(size[:2])
        if key not in self._row_bytes:
            self._row_bytes[key] = _row_bytes(self.model, key)
        return max(1, min(MOST_ROWS, self.memory_bytes // self._row_bytes[key]))

    def apply(
        self,
        key: Hashable,
        function: "Callable[..., Tensors]",
        arrays: Sequence[np.ndarray],
        shared: Sequence[np.ndarray] = (),
    ) -> list[np.ndarray]:
        """Return what `function` makes of the rows of `arrays`, chunk by chunk, put together again.

        Args:
            key: what the function is compiled under, once for each size of image; the same key must
                mean the same function.
            function: takes tensors with a row an image, then `shared`; returns tensors with a row an
                image.
            arrays: the first holds images, (images, height, width, channels).
            shared: arrays that every chunk gets whole; the first axis of each is its number of copies
                of the image, if the function makes copies.

        Raises:
            ValueError: there are no images.
        """
        import tensorflow as tf

        from app.engine.compiling import CompiledFunction

        if not len(arrays[0]):
            raise ValueError("there are no images; give at least one")
        copies = len(shared[0]) if shared else 1
        step = max(1, self.rows_at_once(arrays[0].shape[1:]) // max(copies, 1))
        sizes = tuple(array.shape[1:] for array in (*arrays, *shared))
        compiled = self._compiled.setdefault((key, sizes), CompiledFunction(function))
        common = [tf.convert_to_tensor(self._typed(array)) for array in shared]
        parts = []
        for start in range(0, len(arrays[0]), step):
            rows = [tf.convert_to_tensor(self._typed(a[start : start + step])) for a in arrays]
            parts.append([np.asarray(tensor) for tensor in compiled(*rows, *common)])
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def blocks(self, images: np.ndarray, count: int) -> Iterator[range]:
        """Split `count` copies of every image into blocks that fit into memory, and yield their indices.

        The indices 0…count − 1 come block by block; `apply` then takes fewer images at a time.
        """
        room = self.rows_at_once(images.shape[1:])
        size = max(1, min(count, room // max(1, min(len(images), room))))
        for start in range(0, count, size):
            yield range(start, min(start + size, count))

    def check_size(self, shape: tuple[int, ...]) -> None:
        """Check that a network of open size can take an image of (height, width, channels).

        Raises:
            ValueError: some layer would have no cells left.
        """
        import tensorflow as tf

        model = self.model
        if None not in model.image_shape:
            return
        try:
            model.run(model.start(model.as_input(np.zeros((1, *shape)))))
        except (ValueError, tf.errors.InvalidArgumentError, tf.errors.AbortedError) as error:
            raise ValueError(
                f"the network cannot take a picture of {shape[0]}×{shape[1]}; give a larger one"
            ) from error

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return what the model puts out, its head applied, (images, units)."""

        def function(x: "tf.Tensor") -> "Tensors":
            return (self.model.run(self.model.start(x), head=True)[self.model.output],)

        return self.apply("outputs", function, [images])[0]

    def predicted_classes(self, images: np.ndarray) -> list[int]:
        """Return the class of each image that has the largest probability."""
        return self.model.head.as_probabilities(self.outputs(images)).argmax(axis=1).tolist()

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the scores before the head, (images, units)."""

        def function(x: "tf.Tensor") -> "Tensors":
            return (self.model.run(self.model.start(x))[self.model.output],)

        return self.apply("logits", function, [images])[0]

    def _typed(self, array: np.ndarray) -> np.ndarray:
        return (
            array
            if array.dtype.kind in "iu" and array.ndim == 1
            else array.astype(self.model.dtype, copy=False)
        )


def _row_bytes(model: "Replay", size: tuple[int, ...]) -> int:
    """Return about how many bytes one image takes while a gradient is computed."""
    sizes = [_elements(step.shape[1:]) for step in model.steps]
    if None in sizes:  # an open size: run one image of this one and look
        channels = model.image_shape[-1] or 1
        values = model.run(model.start(model.as_input(np.zeros((1, *size, channels)))))
        sizes = [int(np.prod(value.shape)) for value in values.values()]
    width = 8 if model.dtype == "float64" else 4
    return COPIES * width * max(1, sum(n for n in sizes if n is not None))


def _elements(shape: Sequence[int | None]) -> int | None:
    return None if None in shape else int(np.prod([n or 1 for n in shape]))
