"""Maps by tf-keras-vis, as raw as our own: an engine that can be chosen, and a second witness.

tf-keras-vis is handed the replayed model, which ends in logits, so that its own search for softmax and
convolution is not needed, and is asked for raw maps: no stretching, no scaling, no cut at zero.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_layer, find_feature_steps
from app.maps.methods.method import Method, RawMaps, Settings
from app.program.program import Program

if TYPE_CHECKING:
    import tensorflow as tf

    from app.engine.replay.steps import Replay


MARKED = "explained_maps"
"""Name of the layer whose output tf-keras-vis takes for the maps."""


class NotOfferedError(ValueError):
    """tf-keras-vis has no such map of this model; the message says why."""


def reference_maps(
    explainer: Explainer, images: np.ndarray, targets: np.ndarray, method: Method, settings: Settings
) -> RawMaps:
    """Return raw maps computed by tf-keras-vis, in the shape of our own.

    Signed, save for Grad-CAM++, whose values below zero tf-keras-vis cuts off.

    Args:
        explainer: the network.
        images: (images, height, width, channels), scaled as the model takes them.
        targets: what is explained, a row an image (`Explainer.targets`).
        method: which map.
        settings: `samples`, `noise`, `seed` and `layer` count.

    Raises:
        NotOfferedError: tf-keras-vis has no such map, or none of this model; the message says why.
        ValueError: the model has no suitable maps.
    """
    import tensorflow as tf

    from app.engine.replay.plain import as_replay

    reason = why_not(explainer.model, method, settings.layer)
    if reason:
        raise NotOfferedError(reason)
    program = as_replay(explainer.model)
    model = marked_model(program, settings.layer, method.uses_maps)
    wanted = tf.convert_to_tensor(targets, explainer.model.dtype)

    def score(outputs: "tf.Tensor") -> "tf.Tensor":
        return tf.reduce_sum(tf.cast(outputs, wanted.dtype) * wanted, axis=-1)

    module, name = method.witness.split(".")
    model.predict = partial(model.predict, verbose=0)  # Score-CAM would draw a bar
    tool = getattr(import_module(f"tf_keras_vis.{module}"), name)(model, clone=False)
    with warnings.catch_warnings(), numpy_seeded(settings.seed):
        warnings.simplefilter("ignore")  # it hands a list where Keras expects a tensor
        options = _options(method, model, settings)
        return RawMaps(np.asarray(tool(score, program.as_input(images), **options)))


def _options(method: Method, model: Any, settings: Settings) -> dict[str, Any]:
    """Return what keeps tf-keras-vis from stretching, scaling and cutting its maps."""
    import tensorflow as tf

    if not method.uses_maps:
        return {
            "smooth_samples": settings.samples if "samples" in method.settings else 0,
            "smooth_noise": settings.noise,
            "keepdims": True,
            "gradient_modifier": None,
            "normalize_map": False,
            "unconnected_gradients": tf.UnconnectedGradients.ZERO,
        }
    options = {
        "penultimate_layer": model.get_layer(MARKED),
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }
    return options if method.name == "gradcam++" else {**options, "activation_modifier": None}


def why_not(model: Program, method: Method, layer: str | None = None) -> str:
    """Return why tf-keras-vis has no such map of this model, "" if it has one."""
    if not method.witness:
        return "tf-keras-vis has no such map"
    if model.given:
        return "the model takes more than the image, which tf-keras-vis would want maps of, too"
    if model.channels_first:
        return "tf-keras-vis expects the channels last"
    if method.uses_maps and model.is_series:
        return "tf-keras-vis has these maps of pictures alone, not of series"
    if method.uses_maps and len(find_feature_steps(model, layer)) > 1:
        return "tf-keras-vis takes the maps of one layer, and this network has several ways to its output"
    if method.witness == "scorecam.Scorecam" and model.head.kind not in ("softmax", "log_softmax"):
        return "tf-keras-vis weighs by a softmax, and this model does not end in one"
    return ""


def marked_model(model: "Replay", layer: str | None, is_marked: bool) -> Any:
    """Return a Keras model that ends in the logits, the maps to be used passed through a layer `MARKED`.

    tf-keras-vis finds a layer's maps by its first call; the layer put in has only one, also where the
    maps come from a shared layer or from no layer at all.
    """
    if not is_marked:
        return model.to_model()
    import tensorflow as tf

    step = find_feature_layer(model, layer)
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
