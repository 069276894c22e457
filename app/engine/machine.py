"""TensorFlow as the machine that runs a program."""

import math
from collections.abc import Callable, Hashable, Sequence

import keras
import numpy as np
import tensorflow as tf

from app.engine.compiling import AS_IT_IS, CompiledFunction, Tensors
from app.engine.replay.plain import plain_step
from app.engine.replay.replay import Choice, replay
from app.engine.replay.steps import KerasStep, Replay
from app.program.machine import LearntLayer
from app.program.steps import PlainStep, Rule, Slot

Array = np.ndarray


class TensorFlowMachine:
    """Runs a replayed model: a call as it is the first times, as a compiled graph once there were several."""

    name = "TensorFlow"
    most_rows = 1024

    def __init__(self, program: Replay) -> None:
        self.program = program
        self.compiled: dict[Hashable, CompiledFunction] = {}
        """Functions by what they do, of which slots, and the sizes that they do it for."""
        self._as_it_is: float | None = None

    def compute_alike(self, batches: int) -> None:
        """Compile each function before its first call where many batches are coming, and none where few are."""
        as_it_is: float = 0 if batches > AS_IT_IS else math.inf
        if as_it_is != self._as_it_is:
            self._as_it_is = as_it_is
            self.compiled.clear()

    def outputs(self, images: Array, head: bool = True) -> Array:
        """Return what the program puts out, (images, units); its logits without the head."""
        program = self.program

        def function(x: tf.Tensor) -> Tensors:
            return (program.run(program.start(x), head=head)[program.output],)

        return self._call(("outputs", head), function, images)[0]

    def maps(self, images: Array, steps: Sequence[KerasStep]) -> list[Array]:
        """Return what steps put out, each (images, rows, columns, maps)."""
        program = self.program
        stop = 1 + max(program.position(step.outputs[0]) for step in steps)

        def function(x: tf.Tensor) -> Tensors:
            values = program.run(program.start(x), steps=slice(stop))
            return tuple(step.to_maps(values[step.outputs[0]]) for step in steps)

        return self._call(("maps", *(step.outputs for step in steps)), function, images)

    def values(self, images: Array, slots: Sequence[Slot]) -> list[Array]:
        """Return what slots hold, each (images, …) with the channels last."""
        program = self.program
        filled = {slot: step for step in program.steps for slot in step.outputs}
        stop = max((program.position(slot) + 1 for slot in slots if slot in filled), default=0)
        turned = {slot for slot in slots if slot in filled and filled[slot].channels_first}
        turned |= {program.image} if program.channels_first else set()

        def function(x: tf.Tensor) -> Tensors:
            held = program.run(program.start(x), head=True, steps=slice(stop))
            return tuple(
                tf.transpose(held[slot], (0, 2, 3, 1)) if slot in turned else tf.identity(held[slot])
                for slot in slots
            )

        return self._call(("values", *slots), function, images)

    def plain(self, step: KerasStep) -> PlainStep:
        """Return one of its steps as data, with the channels last.

        Raises:
            NotWrittenError: NumPy has no such layer.
        """
        return plain_step(step, {})

    def pull_back(
        self, images: Array, seeds: Array, step: KerasStep | None = None, rule: Rule = "plain"
    ) -> Array:
        """Return Σ seed · ∂v/∂x over the values v of a step, by the pixels x of each image."""
        program = self.program
        stop = len(program.steps) if step is None else program.position(step.outputs[0]) + 1

        def function(x: tf.Tensor, seed: tf.Tensor) -> Tensors:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                values = program.run(program.start(x), rule, steps=slice(stop))
                made = values[program.output] if step is None else step.to_maps(values[step.outputs[0]])
                score = tf.reduce_sum(made * seed)  # each image's part depends on that image alone
            return (tape.gradient(score, x, unconnected_gradients="zero"),)

        key = ("pull back", rule, step and step.outputs)
        return self._call(key, function, images, seeds)[0]

    def maps_and_gradients(
        self, images: Array, targets: Array, steps: Sequence[KerasStep]
    ) -> tuple[Array, Array, Array]:
        """Return A and ∂S/∂A, (images, rows, columns, maps), and S, (images,)."""
        run = self._behind if len(steps) == 1 else self._side_by_side

        def function(x: tf.Tensor, t: tf.Tensor) -> Tensors:
            return run(x, t, steps)

        key = ("maps and gradients", *(step.outputs for step in steps))
        maps, gradients, scores = self._call(key, function, images, targets)
        return maps, gradients, scores

    def _behind(self, images: tf.Tensor, targets: tf.Tensor, steps: Sequence[KerasStep]) -> Tensors:
        """What comes before the maps of a single step is run without a gradient."""
        program, (step,) = self.program, steps
        after = program.position(step.outputs[0]) + 1
        values = program.run(program.start(images), steps=slice(after))
        maps = tf.identity(step.to_maps(values[step.outputs[0]]))  # not what dropout only passes on
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(maps)
            values[step.outputs[0]] = step.from_maps(maps)
            logits = program.run(values, steps=slice(after, None))[program.output]
            scores = tf.reduce_sum(logits * targets, axis=-1)
        return maps, tape.gradient(scores, maps, unconnected_gradients="zero"), scores

    def _side_by_side(self, images: tf.Tensor, targets: tf.Tensor, steps: Sequence[KerasStep]) -> Tensors:
        program = self.program
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            values = program.run(program.start(images))
            scores = tf.reduce_sum(values[program.output] * targets, axis=-1)
        slots = [values[step.outputs[0]] for step in steps]
        gradients = tape.gradient(scores, slots, unconnected_gradients="zero")
        maps, turned = (
            tf.concat([step.to_maps(value) for step, value in zip(steps, found, strict=True)], -1)
            for found in (slots, gradients)
        )
        return maps, turned, scores

    def sizes(self, size: tuple[int, int]) -> list[int]:
        """Return how many values a step keeps for one image of a height and width, step by step.

        Raises:
            ValueError: the network cannot take an image of that size.
        """
        program = self.program
        shapes = [[n for n in step.shape[1:] if n is not None] for step in program.steps]
        if all(len(shape) == len(step.shape) - 1 for shape, step in zip(shapes, program.steps, strict=True)):
            return [math.prod(shape) for shape in shapes]
        image = np.zeros((1, *size, program.image_shape[-1] or 1))  # an open size: run one image and look
        try:
            values = program.run(program.start(program.as_input(image)))
        except (ValueError, tf.errors.InvalidArgumentError, tf.errors.AbortedError) as error:
            raise ValueError(
                f"the network cannot take a picture of {size[0]}×{size[1]}; give a larger one"
            ) from error
        return [int(np.prod(value.shape)) for value in values.values()]

    def learnt_layers(self) -> list[LearntLayer]:
        """Return the layers that hold weights, from the output down, each once."""
        found: dict[int, LearntLayer] = {}
        for step in reversed(self.program.steps):
            layer = step.operation
            if isinstance(layer, keras.Layer) and not isinstance(layer, keras.layers.Normalization):
                variables = [
                    v for v in layer.weights if "float" in str(v.dtype)
                ]  # no counter, no random state
                if variables:
                    found.setdefault(id(layer), _learnt(step.name.removesuffix(":linear"), variables))
        return list(found.values())

    def _call(self, key: Hashable, function: Callable[..., Tensors], *arrays: Array) -> list[Array]:
        sizes = tuple(array.shape[1:] for array in arrays)
        compiled = self.compiled.setdefault((key, sizes), CompiledFunction(function, self._as_it_is))
        tensors = [tf.convert_to_tensor(np.asarray(array, self.program.dtype)) for array in arrays]
        return [np.asarray(tensor) for tensor in compiled(*tensors)]


def machine_for(model: keras.Model, choice: Choice | None = None) -> TensorFlowMachine:
    """Return TensorFlow with a model, replayed.

    Raises:
        ReplayError: the model cannot be replayed.
    """
    return TensorFlowMachine(replay(model, choice))


def _learnt(name: str, variables: Sequence[keras.Variable]) -> LearntLayer:
    """Graphs read the variables when they run, so that nothing is compiled again."""

    def read() -> list[Array]:
        return [np.copy(variable.numpy()) for variable in variables]

    def write(arrays: Sequence[Array]) -> None:
        for variable, values in zip(variables, arrays, strict=True):
            variable.assign(values)

    return LearntLayer(name, read, write)
