"""Models as different as people's are: counted as Keras counts them, explained as TensorFlow differentiates them."""

import app.engine  # noqa: F401, I001

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import unlike_models as models

from app.engine.replay.copying import ReplayError
from app.engine.replay.replay import Choice, replay
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.params.counts import count_model
from replaying import images_of, randomise

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method"),
]
FACTS = [0.2, -0.4, 0.6, 0.1, -0.3]


@dataclass(frozen=True)
class Unlike:
    """A model, and what is known of it beforehand."""

    build: Callable[[Any], keras.Model]
    end: Any = "softmax"
    """What it ends in; its twin ends in logits."""
    image: tuple[int, ...] = models.SIZE
    """Height, width and channels of the images that are explained."""
    into: Callable[[Any], Any] = lambda images: images
    """Makes of images what the model takes."""
    label: int = 2
    column: int = 2
    """Of the class, and where its score comes out."""
    head: int = 0
    """The output that is explained."""
    choice: Choice | None = None
    twin: Callable[[], keras.Model] | None = None
    """The model that ends in the scores, if it is not `build(None)`."""
    size: tuple[int, ...] | None = None
    """What it is counted on, if it leaves its size open."""
    brightest: int = 1
    """The largest value of a pixel."""
    quantized: str = ""
    """The mode in which it is quantised, once it has its weights."""
    is_split_stored: bool = True
    """Whether its file says what of it is trained."""
    refused: str = ""
    """What the refusal says, for what has no images to explain."""


MODELS = {
    "a vision transformer": Unlike(models.vision_transformer, is_split_stored=False),
    "attention over patches": Unlike(models.attention_over_patches),
    "several heads": Unlike(models.several_heads, choice=Choice(output="place"), head=1),
    "log_softmax, fused": Unlike(models.plain, "log_softmax"),
    "log_softmax of TensorFlow, fused": Unlike(models.plain, tf.nn.log_softmax),
    "log_softmax as a layer": Unlike(models.spelled(lambda z: keras.layers.Activation("log_softmax")(z))),
    "log_softmax as an operation": Unlike(models.spelled(keras.ops.log_softmax)),
    "GELU and SiLU": Unlike(models.smooth),
    "three Sequentials deep": Unlike(models.three_deep),
    "int8": Unlike(models.with_dense, quantized="int8", is_split_stored=False),
    "an ensemble": Unlike(models.ensemble, twin=lambda: models.ensemble(None)),
    "a U-Net": Unlike(models.u_net, twin=models.u_net_sums),
    "a series": Unlike(models.series, image=(1, 30, 2), into=lambda images: images[:, 0]),
    "a matrix": Unlike(models.matrix, image=(28, 28, 1), into=lambda images: images[..., 0]),
    "a vector": Unlike(models.vector, image=(28, 28, 1), into=lambda images: tf.reshape(images, (-1, 784))),
    "a vector reshaped": Unlike(
        models.vector_reshaped, image=(32, 32, 3), into=lambda images: tf.reshape(images, (-1, 3072))
    ),
    "Resizing inside": Unlike(models.resizing, image=(17, 15, 3), brightest=255),
    "a registered layer": Unlike(models.registered, is_split_stored=False),
    "an unregistered layer": Unlike(models.unregistered, is_split_stored=False),
    "a subclass with weights of its own": Unlike(models.own_weight, is_split_stored=False),
    "a functional subclass": Unlike(models.FunctionalSubclass, is_split_stored=False),
    "a convolution called three times": Unlike(models.called_three_times),
    "a layer inside and outside": Unlike(models.inside_and_outside),
    "a layer in two models": Unlike(models.in_two_models),
    "tied weights": Unlike(models.tied_weights, image=(8, 8, 3)),
    "mixed_float16": Unlike(models.of_policy("mixed_float16")),
    "bfloat16": Unlike(models.of_policy("bfloat16")),
    "Squeeze-and-Excitation": Unlike(models.squeeze_and_excite),
    "a GRU over rows": Unlike(models.rows, is_split_stored=False),
    "channels in front": Unlike(
        models.channels_in_front, into=lambda images: tf.transpose(images, (0, 3, 1, 2))
    ),
    "a regression": Unlike(models.one_quantity, None, label=0, column=0),
    "one sigmoid unit": Unlike(models.one_unit, "sigmoid", label=1, column=0),
    "several labels": Unlike(models.plain, "sigmoid"),
    "normalisations": Unlike(models.normalised),
    "TimeDistributed": Unlike(models.each_in_turn, is_split_stored=False),
    "SpectralNormalization": Unlike(models.spectral),
    "depthwise and separable": Unlike(models.depthwise),
    "a decoder": Unlike(models.decoder),
    "an image and metadata": Unlike(
        models.image_and_metadata,
        into=lambda images: [images, tf.constant([FACTS] * len(images))],
        choice=Choice(given={"facts": FACTS}),
    ),
    "an open size": Unlike(models.any_size, image=(14, 11, 3), size=(14, 11, 3)),
    "a stride in TensorFlow's words": Unlike(models.strided_in_own_words, is_split_stored=False),
    "a stride as an operation": Unlike(models.strided_operation),
    "a volume": Unlike(models.volume, refused="maps are drawn of images"),
    "words": Unlike(models.words, refused="words or tokens"),
}
QUICK = {
    "several heads",
    "an ensemble",
    "a U-Net",
    "an unregistered layer",
    "a subclass with weights of its own",
    "a layer in two models",
    "bfloat16",
    "a stride in TensorFlow's words",
    "words",
}
EXPLAINED = [name for name, unlike in MODELS.items() if not unlike.refused]
REFUSED = [name for name, unlike in MODELS.items() if unlike.refused]


def named(names):
    """Return the names as parameters, those that are not quick marked slow."""
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in names]
    )


def finished(model, unlike):
    """Give a model its weights, and quantise it if that is what it is about."""
    randomise(model)
    if unlike.quantized:
        model.quantize(unlike.quantized)
    return model


def numbers(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def twin_of(model, unlike):
    """Return the model that ends in the scores, with the same weights."""
    twin = unlike.twin() if unlike.twin else unlike.build(None)
    if unlike.quantized:
        return finished(twin, unlike)
    for ours, theirs in zip(twin.weights, model.weights, strict=True):
        ours.assign(tf.cast(theirs.value, ours.dtype))
    return twin


def gradient_by_tensorflow(twin, unlike, images):
    """Return the gradient of the scores' sum, compiled: there TensorFlow's kernels do no harm."""

    @tf.function
    def gradient(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            scores = keras.tree.flatten(twin(unlike.into(images), training=False))[unlike.head]
            score = tf.reduce_sum(scores[:, unlike.column])
        return tape.gradient(score, images)

    return gradient(tf.constant(images)).numpy()


@named(EXPLAINED)
def test_a_map_is_the_gradient(name):
    unlike = MODELS[name]
    model = finished(unlike.build(unlike.end), unlike)
    images = images_of(2, *unlike.image) * np.float32(unlike.brightest)
    explainer = Explainer(machine_for(model, unlike.choice))
    ours = explainer.gradients(images, explainer.targets([unlike.label] * 2))
    theirs = gradient_by_tensorflow(twin_of(model, unlike), unlike, images)
    largest = np.abs(theirs).max()
    assert largest > 0
    assert np.abs(ours - theirs).max() <= 1e-6 * largest


@named(REFUSED)
def test_what_has_no_image_is_refused(name):
    unlike = MODELS[name]
    with pytest.raises(ReplayError, match=unlike.refused):
        replay(unlike.build(unlike.end))


@named(MODELS)
def test_a_count_is_that_of_keras(tmp_path, name):
    unlike = MODELS[name]
    model = finished(unlike.build(unlike.end), unlike)
    split = (numbers(model.trainable_weights), numbers(model.non_trainable_weights))
    live = count_model(model, unlike.size)
    assert live.parameters == model.count_params() > 0
    assert (live.trainable, live.non_trainable) == split
    assert live.check(), str(live.check())
    model.save(tmp_path / "model.keras")
    stored = count_model(tmp_path / "model.keras", unlike.size)
    assert stored.parameters == model.count_params()
    assert stored.check(), str(stored.check())
    expected = split if unlike.is_split_stored else (None, None)
    assert (stored.trainable, stored.non_trainable) == expected
