"""A program whose steps call Keras' operations, and how it is run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from app.engine.replay.calling import call_operation
from app.engine.replay.fast_gradients import faster
from app.engine.replay.following import is_of_its_own_kind
from app.engine.replay.rectifiers import activation_name, rectify
from app.program.program import Program
from app.program.steps import Rule, Slot, Step, ceiling


def slots_in(structure: Any) -> list[Slot]:
    """Return the slots among the values of nested lists and dicts."""
    return [value for value in keras.tree.flatten(structure) if isinstance(value, Slot)]


@dataclass(frozen=True, kw_only=True)
class KerasStep(Step):
    """One call of one operation of Keras."""

    operation: keras.Operation
    arguments: tuple[Any, ...] = ()
    """Positional arguments, with a `Slot` for each tensor."""
    keywords: dict[str, Any] = field(default_factory=dict)

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
            return call_operation(self.operation, arguments, keywords)
        return quick(keras.ops.cast(x, self.operation.compute_dtype))

    @property
    def kind(self) -> str:
        """Name of the class of Keras, or of ours; "" where the operation is written elsewhere."""
        kind = type(self.operation)
        return kind.__name__ if kind.__module__.startswith(KNOWN) else ""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the operation was told."""
        operation = self.operation
        if isinstance(operation, keras.Layer):
            config: dict[str, Any] = operation.get_config()
            return config
        return {name: value for name, value in vars(operation).items() if not name.startswith("_")}

    @property
    def activation(self) -> str:
        """Name of the function that an activation applies; "" for any other step."""
        return activation_name(self.operation)

    def kernel(self) -> Any:
        """Return a convolution's array of weights, None for other steps."""
        depthwise = getattr(self.operation, "depthwise_kernel", None)
        kernel = getattr(self.operation, "kernel", None) if depthwise is None else depthwise
        return None if kernel is None else np.asarray(kernel)

    def ceiling(self) -> float | None:
        """Return the largest value if the step is a rectifier; None if it is something else."""
        kind = type(self.operation).__name__
        if kind == "Maximum" and len(self.inputs()) == 1:
            return float("inf") if _is_zero(self) else None
        if kind == "Clip" and _is_scalar(self.operation.x_min) and self.operation.x_min == 0:
            highest = self.operation.x_max
            return float(highest) if _is_scalar(highest) else None
        return ceiling(self.activation)


KNOWN = ("keras.src.", "models.layers.")
"""Modules whose operations are known by name."""


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_zero(step: KerasStep) -> bool:
    values = keras.tree.flatten((step.arguments, step.keywords))
    constants = [value for value in values if not isinstance(value, Slot)]
    return bool(constants) and all(np.all(np.asarray(c) == 0) for c in constants)


@dataclass
class Replay(Program):
    """A program whose steps call Keras' operations."""

    steps: list[KerasStep]

    def not_looked_into(self) -> list[str]:
        """Return the kinds of the layers that may hold rectifiers out of the rules' reach."""
        wrapped = (keras.layers.Wrapper, keras.layers.RNN)
        return [
            type(step.operation).__name__
            for step in self.steps
            if isinstance(step.operation, keras.layers.Layer)
            and (isinstance(step.operation, wrapped) or is_of_its_own_kind(step.operation))
        ]

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
            if len(step.inputs()) == 1 and outputs is values[step.inputs()[0]] and tf.is_tensor(outputs):
                outputs = tf.identity(
                    outputs
                )  # so that a gradient by it is not by whatever else reads the same
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


def _fill(structure: Any, values: dict[Slot, Any]) -> Any:
    return keras.tree.map_structure(
        lambda value: values[value] if isinstance(value, Slot) else value, structure
    )
