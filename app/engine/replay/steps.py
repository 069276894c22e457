"""A model as a straight list of steps, and how it is run."""

from dataclasses import dataclass, field
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from app.engine.replay.fast_gradients import faster
from app.engine.replay.following import is_of_its_own_kind
from app.engine.replay.rectifiers import Rule, activation_name, ceiling, is_left_alone, rectify


@dataclass(frozen=True)
class Slot:
    """Where a tensor is kept while the steps run."""

    index: int


def slots_in(structure: Any) -> list[Slot]:
    """Return the slots among the values of nested lists and dicts."""
    return [value for value in keras.tree.flatten(structure) if isinstance(value, Slot)]


@dataclass(frozen=True)
class Step:
    """One call of one operation."""

    name: str
    """`layer`, `network/layer` inside a nested model, `layer:2` for the second call of a layer."""
    operation: keras.Operation
    arguments: tuple[Any, ...]
    """Positional arguments, with a `Slot` for each tensor."""
    keywords: dict[str, Any]
    outputs: tuple[Slot, ...]
    shape: tuple[int | None, ...]
    """Shape of the first output, with the batch axis."""
    input_shape: tuple[int | None, ...] = ()
    """Shape of the first input, likewise."""
    channels_first: bool = False
    """Whether the maps that it puts out have their channels in front of height and width."""
    is_series: bool = False
    """Whether it puts out (steps, channels), which are maps of one row."""

    @property
    def map_shape(self) -> tuple[int | None, ...]:
        """Rows, columns and channels of the maps that it puts out; () if it puts out none."""
        if self.is_series and len(self.shape) == 3:
            return (1, *self.shape[1:])
        if len(self.shape) != 4:
            return ()
        _, first, second, third = self.shape
        return (second, third, first) if self.channels_first else (first, second, third)

    def to_maps(self, values: Any) -> Any:
        """Return what the step put out as (batch, rows, columns, channels)."""
        if len(self.shape) == 3:
            return values[:, tf.newaxis]
        return tf.transpose(values, (0, 2, 3, 1)) if self.channels_first else values

    def from_maps(self, maps: Any) -> Any:
        """Return maps (batch, rows, columns, channels) in the order in which the step puts them out."""
        if len(self.shape) == 3:
            return maps[:, 0]
        return tf.transpose(maps, (0, 3, 1, 2)) if self.channels_first else maps

    def inputs(self) -> list[Slot]:
        """Return the slots that the step reads."""
        return slots_in((self.arguments, self.keywords))

    def call(self, arguments: Any, keywords: Any) -> Any:
        """Return what the operation makes of tensors, in a better way where there is one."""
        x = keras.tree.flatten((arguments, keywords))[0]
        symbolic = isinstance(x, keras.KerasTensor)
        quick = None if symbolic else faster(self.operation, self.input_shape)
        if quick is None:
            return self.operation(*arguments, **keywords)
        return quick(keras.ops.cast(x, self.operation.compute_dtype))

    def ceiling(self) -> float | None:
        """Return the largest value if the step is a rectifier; None if it is something else."""
        kind = type(self.operation).__name__
        if kind == "Maximum" and len(self.inputs()) == 1:
            return float("inf") if _is_zero(self) else None
        if kind == "Clip" and _is_scalar(self.operation.x_min) and self.operation.x_min == 0:
            highest = self.operation.x_max
            return float(highest) if _is_scalar(highest) else None
        return ceiling(self.operation)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_zero(step: Step) -> bool:
    values = keras.tree.flatten((step.arguments, step.keywords))
    constants = [value for value in values if not isinstance(value, Slot)]
    return bool(constants) and all(np.all(np.asarray(c) == 0) for c in constants)


@dataclass(frozen=True)
class Head:
    """What stands between the logits and the output."""

    kind: Literal["softmax", "log_softmax", "sigmoid", "none", "value", "pixels"]
    """`none`: raw class scores. `value`: quantities, not scores of classes. `pixels`: shares of the pixels."""
    units: int
    slot: Slot | None = None
    """The slot that the softmax or sigmoid fills; None where there is neither."""

    @property
    def is_binary(self) -> bool:
        """Whether one unit answers for two classes: with a sigmoid, or as its logit without."""
        return self.kind in ("sigmoid", "none") and self.units == 1

    def as_probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Return what a model with this head puts out, (batch, units), as (batch, classes).

        One sigmoid unit p becomes 1 − p and p, one raw unit that of its sigmoid. Raw scores without a
        head become their softmax, unless they already are probabilities, made in a way of their own.
        Quantities have no probability and stay as they are, as do shares of pixels.
        """
        if self.is_binary:
            if self.kind == "none":
                outputs = 1 / (1 + np.exp(-outputs))
            return np.concatenate([1 - outputs, outputs], axis=-1)
        if self.kind == "log_softmax":
            return np.asarray(np.exp(outputs))
        if self.kind == "none" and not looks_like_probabilities(outputs):
            if looks_like_votes(outputs):
                return np.asarray(outputs / outputs.sum(axis=-1, keepdims=True))
            shifted = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
        return outputs


def looks_like_probabilities(outputs: np.ndarray) -> bool:
    """Return whether every row lies in 0…1 and sums to 1, over more than one unit."""
    if outputs.shape[-1] < 2 or outputs.min() < 0:
        return False
    return bool(np.allclose(outputs.sum(axis=-1), 1, atol=1e-3))


def looks_like_votes(outputs: np.ndarray) -> bool:
    """Return whether every row is a sum of as many probabilities as it sums to: an ensemble that adds, not averages."""
    if outputs.shape[-1] < 2 or outputs.min() < 0:
        return False
    totals = outputs.sum(axis=-1)
    members = np.rint(totals[0])
    return bool(members > 1 and np.allclose(totals, members, atol=1e-3))


@dataclass
class Replay:
    """A model as a list of steps."""

    name: str
    steps: list[Step]
    image: Slot
    image_shape: tuple[int | None, ...]
    """Height, width and channels of an image, in this order whatever the model's own is."""
    output: Slot
    head: Head
    dtype: str
    """Type in which gradients are computed: float32, or float64."""
    given: dict[Slot, np.ndarray] = field(default_factory=dict)
    """What the other inputs hold, if there are any: one value each, repeated over the batch."""
    channels_first: bool = False
    """Whether the model takes channels, height, width."""
    notes: tuple[str, ...] = ()
    """What had to be assumed of the model, in words."""
    entry: Slot = Slot(0)
    """The slot of the model's own input: the image's, or what the first steps make of it."""
    is_per_pixel: bool = False
    """Whether the output has a score of each class for every pixel."""

    @property
    def is_series(self) -> bool:
        """Whether its image is a series: one row, a column for each step."""
        return self.image_shape[0] == 1 and self.entry != self.image

    @property
    def entered(self) -> int:
        """How many of the first steps make the model's own input of the image."""
        return 0 if self.entry == self.image else self.position(self.entry) + 1

    @property
    def classes(self) -> int:
        """The number of classes; one sigmoid unit answers for two."""
        return 2 if self.head.is_binary else self.head.units

    def rectifiers(self) -> tuple[int, list[str]]:
        """Return how many ReLUs there are, and the kinds of activations the rules leave alone."""
        found = sum(step.ceiling() is not None for step in self.steps)
        alone = [_kind(step) for step in self.steps if is_left_alone(step.operation)]
        return found, alone

    def not_looked_into(self) -> list[str]:
        """Return the kinds of the layers that may hold rectifiers out of the rules' reach."""
        wrapped = (keras.layers.Wrapper, keras.layers.RNN)
        return [
            type(step.operation).__name__
            for step in self.steps
            if isinstance(step.operation, keras.layers.Layer)
            and (isinstance(step.operation, wrapped) or is_of_its_own_kind(step.operation))
        ]

    def position(self, slot: Slot) -> int:
        """Return the number of the step that fills a slot, from 0."""
        return next(i for i, step in enumerate(self.steps) if slot in step.outputs)

    def start(self, images: Any) -> dict[Slot, Any]:
        """Return what the slots hold before the first step.

        Args:
            images: (batch, height, width, channels), scaled as the model takes them.
        """
        turned = tf.transpose(images, (0, 3, 1, 2)) if self.channels_first else images
        batch = tf.shape(images)[0]
        others = {
            slot: tf.repeat(tf.convert_to_tensor(value), batch, axis=0) for slot, value in self.given.items()
        }
        return {self.image: turned, **others}

    def run(
        self, values: dict[Slot, Any], rule: Rule = "plain", head: bool = False, steps: slice = slice(None)
    ) -> dict[Slot, Any]:
        """Run steps on a batch and return `values` with what each slot then holds.

        Args:
            values: what the slots hold before: `start(images)`, or what other steps have left.
            rule: the gradient of the rectifiers.
            head: apply the softmax or sigmoid; otherwise the output slot holds logits.
            steps: which steps; all of them by default.
        """
        values = dict(values)
        for step in self.steps[steps]:
            if step.outputs[0] == self.head.slot and not head:
                values[step.outputs[0]] = values[step.inputs()[0]]
                continue
            arguments, keywords = _fill((step.arguments, step.keywords), values)
            upper = step.ceiling()
            if rule != "plain" and upper is not None:
                outputs = rectify(rule, upper)(values[step.inputs()[0]])
            else:
                outputs = step.call(arguments, keywords)
            values.update(zip(step.outputs, keras.tree.flatten(outputs), strict=True))
        if self.output in values:
            values[self.output] = keras.ops.cast(values[self.output], self.dtype)
        return values

    def logits(self, images: Any) -> np.ndarray:
        """Return the class scores before the softmax or sigmoid, (batch, units)."""
        return np.asarray(self.run(self.start(self.as_input(images)))[self.output])

    def probabilities(self, images: Any) -> np.ndarray:
        """Return the probability of each class, (batch, classes); see `Head.as_probabilities`."""
        outputs = np.asarray(self.run(self.start(self.as_input(images)), head=True)[self.output])
        return self.head.as_probabilities(outputs)

    def as_input(self, images: Any) -> tf.Tensor:
        """Return images as a tensor of the type in which the model computes."""
        return tf.convert_to_tensor(np.asarray(images), dtype=self.dtype)

    def to_model(self) -> keras.Model:
        """Return a functional Keras model that ends in the logits.

        Raises:
            ValueError: the model has other inputs than the image, which have no place in it.
        """
        if self.given:
            raise ValueError("a model with several inputs cannot be written as one of the image alone")
        shape = self.image_shape
        if self.channels_first:
            shape = (shape[2], shape[0], shape[1])
        image = keras.Input(shape, name="image", dtype=self.dtype)
        return keras.Model(image, self.run({self.image: image})[self.output], name=f"{self.name}_logits")


def _kind(step: Step) -> str:
    """Return what an activation is called: its function's name, or its layer's class."""
    if activation_name(step.operation) == "thresholded_relu":
        return "ReLU with a threshold"
    function = getattr(step.operation, "activation", None)
    return str(getattr(function, "__name__", type(step.operation).__name__))


def _fill(structure: Any, values: dict[Slot, Any]) -> Any:
    return keras.tree.map_structure(
        lambda value: values[value] if isinstance(value, Slot) else value, structure
    )
