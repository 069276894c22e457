"""Maps by tf-keras-vis, as raw as our own: an engine that can be chosen, and a second witness.

tf-keras-vis is handed the replayed model, which ends in logits, so that its own search for softmax and
convolution is not needed, and is asked for raw maps: no stretching, no scaling, no cut at zero.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from app.engine.replay.steps import Replay
from app.maps.explainer import Explainer
from app.maps.methods.cam import find_map
from app.maps.methods.methods import METHODS, Computed, Settings


class NotOfferedError(ValueError):
    """tf-keras-vis has no such map of this model; the message says why."""


Reference = Callable[[Any, Any, tf.Tensor, Settings], Any]
"""Takes the model with its maps marked, the score, images and settings; returns raw maps."""
MARKED = "explained_maps"


def _saliency(model: Any, score: Any, images: tf.Tensor, settings: Settings, samples: int) -> Any:
    from tf_keras_vis.saliency import Saliency

    with numpy_seeded(settings.seed):
        return Saliency(model, clone=False)(
            score,
            images,
            smooth_samples=samples,
            smooth_noise=settings.noise,
            keepdims=True,
            gradient_modifier=None,
            normalize_map=False,
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )


def _vanilla(model: Any, score: Any, images: tf.Tensor, settings: Settings) -> Any:
    return _saliency(model, score, images, settings, samples=0)


def _smooth(model: Any, score: Any, images: tf.Tensor, settings: Settings) -> Any:
    return _saliency(model, score, images, settings, samples=settings.samples)


def _activation(kind: str, model: Any, score: Any, images: tf.Tensor, settings: Settings) -> Any:  # noqa: ARG001
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.scorecam import Scorecam

    kinds = {"gradcam": Gradcam, "gradcam++": GradcamPlusPlus, "layercam": Layercam, "scorecam": Scorecam}
    more = {} if kind == "gradcam++" else {"activation_modifier": None}
    model.predict = partial(model.predict, verbose=0)  # Score-CAM would draw a bar
    return kinds[kind](model, clone=False)(
        score,
        images,
        penultimate_layer=model.get_layer(MARKED),
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
        **more,
    )


REFERENCES: dict[str, Reference] = {
    "vanilla": _vanilla,
    "smoothgrad": _smooth,
    "gradcam": partial(_activation, "gradcam"),
    "gradcam++": partial(_activation, "gradcam++"),
    "layercam": partial(_activation, "layercam"),
    "scorecam": partial(_activation, "scorecam"),
}
"""What tf-keras-vis 0.8.7 has, by our names."""


def reference_maps(
    explainer: Explainer, images: np.ndarray, targets: np.ndarray, method: str, settings: Settings
) -> Computed:
    """Return raw maps computed by tf-keras-vis, in the shape of our own.

    Signed, save for Grad-CAM++, whose values below zero tf-keras-vis cuts off.

    Args:
        explainer: the network.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image (`Explainer.targets`).
        method: a name of `METHODS`.
        settings: `samples`, `noise`, `seed` and `layer` count.

    Raises:
        NotOfferedError: tf-keras-vis has no such map, or none of this model; the message says why.
        ValueError: the model has no suitable maps.
    """
    reason = why_not(explainer.model, method)
    if reason:
        raise NotOfferedError(reason)
    uses_maps = METHODS[method].uses_maps
    model = marked_model(explainer.model, settings.layer if uses_maps else None, uses_maps)
    wanted = tf.convert_to_tensor(targets, explainer.model.dtype)

    def score(outputs: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(tf.cast(outputs, wanted.dtype) * wanted, axis=-1)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it hands a list where Keras expects a tensor
        raw = REFERENCES[method](model, score, explainer.model.as_input(images), settings)
    return Computed(np.asarray(raw))


def why_not(model: Replay, method: str) -> str:
    """Return why tf-keras-vis has no such map of this model, "" if it has one."""
    if method not in REFERENCES:
        return "tf-keras-vis has no such map"
    if model.given:
        return "the model takes more than the image, which tf-keras-vis would want maps of, too"
    if model.channels_first:
        return "tf-keras-vis expects the channels last"
    if method == "scorecam" and model.head.kind not in ("softmax", "log_softmax"):
        return "tf-keras-vis weighs by a softmax, and this model does not end in one"
    return ""


def marked_model(model: Replay, layer: str | None, is_marked: bool) -> Any:
    """Return a Keras model that ends in the logits, the maps to be used passed through a layer `MARKED`.

    tf-keras-vis finds a layer's maps by its first call; the layer put in has only one, also where the
    maps come from a shared layer or from no layer at all.
    """
    if not is_marked:
        return model.to_model()
    step = find_map(model, layer)
    stop = model.position(step.outputs[0]) + 1
    image = tf.keras.Input(model.image_shape, name="image", dtype=model.dtype)
    values = model.run({model.image: image}, steps=slice(stop))
    maps = values[step.outputs[0]]
    values[step.outputs[0]] = tf.keras.layers.Identity(name=MARKED, dtype=model.dtype)(maps)
    outputs = model.run(values, steps=slice(stop, None))[model.output]
    return tf.keras.Model(image, outputs, name=f"{model.name}_logits")


@contextmanager
def numpy_seeded(seed: int) -> Iterator[None]:
    """Seed NumPy's global state, from which tf-keras-vis draws its noise, and put it back."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)
