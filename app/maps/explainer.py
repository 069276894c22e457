"""The explainer: a program and the machine that runs it, asked in chunks that fit into memory."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.program.machine import Machine
from app.program.program import Program
from app.program.steps import Rule

if TYPE_CHECKING:
    from app.maps.placement import Placement

MEMORY_BYTES = 1 << 30
"""Memory for the tensors of one chunk, unless another is given."""
COPIES = 3
"""Tensors alive for each one that a step leaves: it, its gradient, and what an operation needs meanwhile."""

Arrays = Sequence[np.ndarray]


@dataclass
class Explainer:
    """Runs functions of images on a network, in chunks that fit into memory."""

    machine: Machine
    memory_bytes: int = MEMORY_BYTES
    placements: "dict[Hashable, Placement]" = field(default_factory=dict, repr=False)
    """Where the cells of maps lie, once worked out."""
    _row_bytes: dict[tuple[int, ...], int] = field(default_factory=dict, repr=False)

    @property
    def model(self) -> Program:
        """The network, as steps."""
        return self.machine.program

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
        height, width = size[:2]
        key = (height, width)
        if key not in self._row_bytes:
            each = 8 if self.model.dtype == "float64" else 4
            self._row_bytes[key] = COPIES * each * max(1, sum(self.machine.sizes(key)))
        return max(1, min(self.machine.most_rows, self.memory_bytes // self._row_bytes[key]))

    def apply(self, function: Callable[..., Arrays], arrays: Arrays, shared: Arrays = ()) -> list[np.ndarray]:
        """Return what `function` makes of the rows of `arrays`, chunk by chunk, put together again.

        Args:
            function: takes arrays with a row an image, then `shared`; returns arrays with a row an image. It asks the
                machine, whose batches are then never too large.
            arrays: the first holds images, (images, height, width, channels).
            shared: arrays that every chunk gets whole; the first axis of each is its number of copies
                of the image, if the function makes copies.

        Raises:
            ValueError: there are no images.
        """
        if not len(arrays[0]):
            raise ValueError("there are no images; give at least one")
        copies = len(shared[0]) if shared else 1
        step = max(1, self.rows_at_once(arrays[0].shape[1:]) // max(copies, 1))
        common = [self._typed(array) for array in shared]
        parts = []
        for start in range(0, len(arrays[0]), step):
            rows = [self._typed(array[start : start + step]) for array in arrays]
            parts.append(function(*rows, *common))
        if len(parts) == 1:
            return list(parts[0])
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
        if None in self.model.image_shape:
            self.machine.sizes((shape[0], shape[1]))

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return what the model puts out, its head applied, (images, units)."""
        return self.apply(lambda x: (self.machine.outputs(x),), [images])[0]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probability of each class, (images, classes); see `Head.as_probabilities`."""
        return self.model.head.as_probabilities(self.outputs(images))

    def predicted_classes(self, images: np.ndarray) -> list[int]:
        """Return the class of each image that has the largest probability."""
        return self.probabilities(images).argmax(axis=1).tolist()

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the scores before the head, (images, units)."""
        return self.apply(lambda x: (self.machine.outputs(x, head=False),), [images])[0]

    def gradients(self, images: np.ndarray, targets: np.ndarray, rule: Rule = "plain") -> np.ndarray:
        """Return ∂S/∂x for each image, signed, (images, height, width, channels).

        Args:
            images: (images, height, width, channels), scaled as the model takes them.
            targets: what is explained, a row an image.
            rule: how a gradient passes the rectifiers.
        """
        return self.apply(lambda x, t: (self.machine.pull_back(x, t, rule=rule),), [images, targets])[0]

    def _typed(self, array: np.ndarray) -> np.ndarray:
        is_index = array.dtype.kind in "iu" and array.ndim == 1
        return array if is_index else array.astype(self.model.dtype, copy=False)
