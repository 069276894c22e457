"""A new head on a trained network: the parts that are frozen, the parts that learn, and where they meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from app.engine.training.transfer_graph import Call, FlatNetwork, TransferError, cells_of

MOST_FLAT = 4096
"""Numbers of feature maps up to which a head reads each of them; of more it reads the mean of each map."""
DROPOUT = 0.2
"""Share of the features that each step of training leaves out."""


@dataclass(frozen=True)
class Head:
    """What is put on a trained network."""

    classes: int
    one_output: bool = False
    """Whether one unit serves two classes: its output is the probability of the second."""
    dropout: float = DROPOUT
    layer: str | None = None
    """The layer that it reads; None: the last maps."""


@dataclass(frozen=True)
class Learning:
    """What learns in a phase, and what of the network has to run for it."""

    layers: tuple[str, ...]
    """The layers of the trained network that learn, in order; the head always does."""
    cut: Any
    """The tensor where the part begins that runs in each step; all in front of it runs once."""


class TransferNetwork:
    """A copy of a trained network with a new head, of which parts learn.

    Raises:
        TransferError: the network has no feature maps, or its layer is none.
    """

    def __init__(self, flat: FlatNetwork, head: Head, name: str) -> None:
        self.flat, self.head = flat, head
        self.source: Call = flat.feature_call(head.layer)
        """The call whose output the head reads."""
        maps = self.source.output
        self.calls = flat.before(maps)
        """The calls of the trained network that are kept."""
        self.convolutions = list(
            {id(call.operation): call for call in self.calls if _has_kernel(call)}.values()
        )
        """Those with a kernel, a layer once, in order."""
        self.how = self._reduction(maps)
        """What is done to the maps: `average`, `flatten`, or "" where they are a row of features already."""
        self.features, output = self._put_on(maps)
        self.model = keras.Model(flat.image, output, name=name)
        """The whole network."""

    def _reduction(self, maps: Any) -> str:
        if len(maps.shape) == 2:
            return ""
        size = (cells_of(maps) or 1) * int(maps.shape[-1])
        return "average" if self.flat.is_averaged(maps) or size > MOST_FLAT else "flatten"

    def _put_on(self, maps: Any) -> tuple[Any, Any]:
        """Return the row of features, and the output of the new head on it."""
        taken = {call.operation.name for call in self.calls} | {self.flat.image.name}

        def named(name: str) -> str:
            return name if name not in taken else f"new_{named_again(name)}"

        def named_again(name: str) -> str:
            return name if f"new_{name}" not in taken else named_again(f"{name}_")

        layers = keras.layers
        reductions = {"average": layers.GlobalAveragePooling2D, "flatten": layers.Flatten}
        row = reductions[self.how](name=named(f"head_{self.how}"))(maps) if self.how else maps
        x = layers.Dropout(self.head.dropout, name=named("head_dropout"))(row) if self.head.dropout else row
        units, activation = (1, "sigmoid") if self.head.one_output else (self.head.classes, "softmax")
        dense = layers.Dense(
            units, activation=activation, kernel_initializer="zeros", name=named("head_output")
        )
        return row, dense(x)

    @property
    def width(self) -> int:
        """How many features the head reads."""
        return int(self.features.shape[-1])

    def freeze(self) -> Learning:
        """Freeze all but the head."""
        return self._let_learn([])

    def unfreeze(self, count: int) -> Learning:
        """Let the last `count` convolutions learn too; normalisations stay as they are, in inference mode.

        Raises:
            TransferError: there are not so many.
        """
        known = self.convolutions
        if count > len(known):
            raise TransferError(
                f"--unfreeze {count}: {self.flat.name} has {len(known)} convolutions before the head"
            )
        return self._let_learn(known[len(known) - count :])

    def _let_learn(self, chosen: Sequence[Call]) -> Learning:
        learning = {id(call.operation) for call in chosen}
        for call in self.calls:
            if isinstance(call.operation, keras.Layer):
                call.operation.trainable = id(call.operation) in learning
        names = tuple(call.name for call in chosen)
        if not chosen:
            return Learning(names, self.features)
        first = next(place for place, call in enumerate(self.calls) if id(call.operation) in learning)
        _, cut = [each for each in self.flat.cuts(self.source.output) if each[0] <= first][-1]
        return Learning(names, cut)

    def part(self, learning: Learning) -> keras.Model:
        """Return the part of the network that runs in each step of a phase; it shares the network's weights."""
        return keras.Model(learning.cut, self.model.output)

    def before(self, *tensors: Any) -> keras.Model:
        """Return the part that leads from the picture to some tensors."""
        return keras.Model(self.flat.image, list(tensors))

    def last_stage(self, most: int) -> int:
        """Return how many convolutions learn by default: those that make maps of the last size, at most `most`.

        Where the head reads no maps, it is the last layer with weights.
        """
        size = cells_of(self.source.output)
        last = [call for call in self.convolutions if size is not None and call.cells == size]
        return max(1, min(most, len(last)))


def _has_kernel(call: Call) -> bool:
    return call.has_weights and any(len(v.shape) > 1 for v in call.operation.trainable_variables)


def fresh_twin(model: keras.Model) -> keras.Model:
    """Return the same architecture with weights drawn anew; what only rescales pictures keeps its numbers."""
    twin = keras.models.clone_model(model)
    for old, new in zip(model.layers, twin.layers, strict=True):
        new.trainable = True
        if isinstance(old, keras.layers.Normalization):
            new.set_weights(old.get_weights())
            new.finalize_state()
        if isinstance(new, keras.layers.BatchNormalization):
            new.momentum = QUICK
    return twin


QUICK = 0.9
"""Momentum of normalisations in a short training from scratch; with Keras' 0.99 they would hold their beginnings."""


def parameter_counts(model: keras.Model) -> tuple[int, int]:
    """Return how many parameters of a model learn, and how many do not, as Keras has them."""
    learn, rest = model.trainable_variables, model.non_trainable_variables
    count = [
        sum(int(keras.ops.size(v)) for v in each if "seed_generator" not in v.path) for each in (learn, rest)
    ]
    return count[0], count[1]
