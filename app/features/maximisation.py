"""Activation maximisation: an input, made from noise, that a class or a map answers to most.

Gradient ascent of x on S(x)/G − TV(x) − Norm(x), x held inside the pixels' range (Erhan et al. 2009;
Simonyan et al. 2014, §2). Optimiser, regularisers and input modifiers are those of tf-keras-vis. S is the
logit of a class, or the central cell of a map before its rectifier: behind it a silent cell would have no
gradient to climb, and the mean over a whole map would be blind to edges, whose two signs cancel. G is
Σ |∂S/∂x| at the noise where x begins, so that one weight of a regulariser means the same for a logit, a map
and every network: with a norm of ¼ a pixel must be worth ¼ of what pixels are worth on average.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
from tf_keras_vis.activation_maximization import ActivationMaximization
from tf_keras_vis.activation_maximization.input_modifiers import Jitter, Rotate2D
from tf_keras_vis.activation_maximization.regularizers import Norm, TotalVariation2D

from app.engine.replay.cutting import cut_model
from app.engine.replay.plain import as_replay
from app.features.feature_maps import check_units
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_layer
from app.maps.reference import numpy_seeded
from app.program.program import Program
from app.program.steps import Step

LARGE = 64
"""Height from which an image counts as a photograph, with tf-keras-vis' own settings."""
OPEN_SIZE = 224
"""Height and width where the model leaves them open."""


@dataclass(frozen=True)
class Climb:
    """How the input is made. Numbers are for pixels of 0…1 and are scaled to others."""

    steps: int = 100
    rate: float = 0.02
    """Learning rate of RMSprop."""
    memory: float = 0.99
    """ρ of RMSprop."""
    total_variation: float = 0.75
    """Weight of the mean difference between neighbouring pixels."""
    norm: float = 0.25
    """Weight of the mean |pixel|."""
    jitter: int = 0
    """Each step rolls the image by up to so many pixels, and does not roll it back."""
    rotation: float = 0.0
    """Each step turns it by up to so many degrees, which blurs it a little."""
    seed: int = 0

    def __post_init__(self) -> None:
        numbers = (self.rate, self.total_variation, self.norm, self.rotation)
        if self.steps < 1 or self.rate <= 0 or min(*numbers, self.jitter) < 0:
            raise ValueError(f"steps and rate must be above 0 and weights not below it: {self}")

    def words(self) -> str:
        """Return the settings in words."""
        return (
            f"{self.steps} steps; total variation {self.total_variation:g}, norm {self.norm:g}, "
            f"jitter {self.jitter}, rotation {self.rotation:g}°, seed {self.seed}"
        )


def default_climb(height: int, is_of_class: bool) -> Climb:
    """Return settings for images of a height.

    Small ones stand still: rolling and turning 28×28 pixels a hundred times blurs every stroke away. Large
    ones get tf-keras-vis' steps and rate, which are for 224×224 pixels of 0…255; and, for a class, its
    jitter and rotation, which would roll away what one cell looks at.
    """
    if height < LARGE:
        return Climb()
    large = Climb(200, 1 / 255, 0.999)
    return replace(large, jitter=4, rotation=1.0) if is_of_class else large


def settle_climb(model: Program, is_of_class: bool, given: Mapping[str, Any]) -> Climb:
    """Return the settings for a model's images: as given, the defaults where None was given."""
    default = default_climb(model.image_shape[0] or OPEN_SIZE, is_of_class)
    return replace(default, **{key: value for key, value in given.items() if value is not None})


@dataclass(frozen=True)
class MaximisedInput:
    """One input that was made, and what it does to the network."""

    image: np.ndarray
    """(height, width, channels), within the pixels' range."""
    start: float
    """S of the noise it began with."""
    score: float
    """S of the image."""
    probabilities: np.ndarray
    """(classes,): what the network says of it (`Head.as_probabilities`)."""


def maximise_classes(
    explainer: Explainer, classes: Sequence[int], pixel_range: tuple[float, float], climb: Climb | None = None
) -> list[MaximisedInput]:
    """Return for each class an input with a large logit.

    Args:
        explainer: the replayed model.
        classes: numbers of classes, each climbed for by itself, as many at once as fit into the memory.
        pixel_range: what black and white are worth to the network.
        climb: how; `default_climb` if it is None.

    Raises:
        ValueError: a class out of range.
    """
    targets = explainer.targets(classes)
    return _climb_all(explainer, None, lambda logits: logits, targets, pixel_range, climb)


def maximise_maps(
    explainer: Explainer,
    layer: str,
    units: Sequence[int],
    pixel_range: tuple[float, float],
    climb: Climb | None = None,
) -> list[MaximisedInput]:
    """Return for each map of a layer an input for which its central cell is large, before the rectifier.

    Args:
        explainer: the replayed model.
        layer: name of the step.
        units: numbers of maps, from 0.
        pixel_range: what black and white are worth to the network.
        climb: how; `default_climb` if it is None.

    Raises:
        ValueError: there is no such layer or map.
    """
    step = before_rectifier(explainer.model, find_feature_layer(explainer.model, layer))
    count = check_units(step, layer, units)

    def read(maps: tf.Tensor) -> tf.Tensor:
        row, column = central_cell(*maps.shape[1:3])
        return maps[:, row, column]

    targets = np.eye(count, dtype=explainer.model.dtype)[list(units)]
    return _climb_all(explainer, step, read, targets, pixel_range, climb)


def central_cell(rows: int, columns: int) -> tuple[int, int]:
    """Return row and column of the cell in the middle of a map; of two the later."""
    return rows // 2, columns // 2


def before_rectifier(model: Program, step: Step) -> Step:
    """Return the step that a rectifier reads; the step itself if it is no rectifier."""
    if step.ceiling() is None:
        return step
    source = step.inputs()[0]
    return next((s for s in model.steps if source in s.outputs), step)


def _climb_all(
    explainer: Explainer,
    step: Step | None,
    read: Callable[[tf.Tensor], tf.Tensor],
    targets: np.ndarray,
    pixel_range: tuple[float, float],
    climb: Climb | None,
) -> list[MaximisedInput]:
    """Make an input for each row t of `targets`, with S = Σ t · read(what the model puts out)."""
    model = explainer.model
    height, width, channels = (
        n or d for n, d in zip(model.image_shape, (OPEN_SIZE, OPEN_SIZE, 3), strict=True)
    )
    how = climb or default_climb(height, step is None)
    noise = _noise((height, width, channels), pixel_range, how.seed).astype(model.dtype)
    program = as_replay(model)  # tf-keras-vis climbs on TensorFlow, whoever runs the rest
    stop = None if step is None else program.steps[model.position(step.outputs[0])]
    cut, result = cut_model(program, stop), []
    size = explainer.rows_at_once(noise.shape)
    for rows in np.split(targets, range(size, len(targets), size)):

        def scores(outputs: tf.Tensor, rows: np.ndarray = rows) -> tf.Tensor:
            return tf.reduce_sum(read(outputs) * rows, axis=-1)

        starts = np.repeat(noise[np.newaxis], len(rows), axis=0)
        images = _climb(cut, scores, starts, pixel_range, how)
        before, after = (np.asarray(scores(cut([tf.constant(x)]))) for x in (starts, images))
        said = model.head.as_probabilities(explainer.outputs(images))
        result += [
            MaximisedInput(image, float(first), float(last), row)
            for image, first, last, row in zip(images, before, after, said, strict=True)
        ]
    return result


def _climb(
    cut: Any,
    scores: Callable[[Any], tf.Tensor],
    starts: np.ndarray,
    pixel_range: tuple[float, float],
    how: Climb,
) -> np.ndarray:
    """Return where the ascent ends for each start."""
    low, high = map(float, pixel_range)
    worth = _worth(cut, scores, starts) * (high - low)
    with numpy_seeded(how.seed):
        made = ActivationMaximization(cut, clone=False)(
            lambda outputs: scores(outputs) / worth,
            starts,
            (low, high),
            _modifiers(how, low, high),
            _regularizers(how, high - low),
            how.steps,
            tf.optimizers.RMSprop(how.rate * (high - low), how.memory),
        )
    return np.asarray(made)


def _worth(cut: Any, scores: Callable[[Any], tf.Tensor], noise: np.ndarray) -> tf.Tensor:
    """Return G, (images,); 1 where no pixel is worth anything."""
    x = tf.constant(noise)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(scores(cut([x])))
    slopes = tape.gradient(total, x, unconnected_gradients="zero")
    sums = tf.reduce_sum(tf.abs(slopes), axis=(1, 2, 3))
    return tf.where(sums > 0, sums, tf.ones_like(sums))


def _noise(shape: tuple[int, int, int], pixel_range: tuple[float, float], seed: int) -> np.ndarray:
    """Return weak noise to begin with: grey images begin dark, coloured ones in the middle."""
    low, high = pixel_range
    share = np.random.default_rng(seed).uniform(0, 0.2, shape)
    return np.asarray(low + (share if shape[-1] == 1 else share + 0.4) * (high - low))


def _modifiers(how: Climb, low: float, high: float) -> list[Any]:
    """Return tf-keras-vis' input modifiers, and one that keeps the pixels in their range."""
    modifiers: list[Any] = [Jitter(how.jitter)] if how.jitter else []
    if how.rotation:
        turn = Rotate2D(how.rotation)
        turn.random_generator = np.random.default_rng(how.seed)
        modifiers.append(turn)
    return [*modifiers, lambda x: tf.clip_by_value(x, low, high)]


def _regularizers(how: Climb, span: float) -> list[Any]:
    return [TotalVariation2D(how.total_variation / span), Norm(how.norm / span, p=1)]
