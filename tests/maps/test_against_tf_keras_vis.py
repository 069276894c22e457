"""Raw maps equal tf-keras-vis' wherever both are defined, on the model that ends in logits."""

import app.engine  # noqa: F401, I001

import numpy as np
import pytest
from map_models import drawn, explainer, pictures, raw_map
from spellings import SIZE, flat
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.saliency import Saliency
from tf_keras_vis.scorecam import Scorecam
from tf_keras_vis.utils.model_modifiers import GuidedBackpropagation
from tf_keras_vis.utils.scores import CategoricalScore

from app.maps.methods.method import combine_channels
from app.maps.methods.cam import score_cam
from app.maps.placement import Placement
from app.maps.methods.sampling import smooth_grad

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore:The structure of `inputs`")]
CLASSES = [2, 0, 1]
IMAGES = pictures(3).astype("float32")


@pytest.fixture(scope="module")
def network():
    explained = explainer(drawn(flat(relu="layer", softmax="layer"), seed=1))
    return explained, explained.model.to_model()


def test_vanilla(network):
    explained, linear = network
    theirs = Saliency(linear, clone=False)(CategoricalScore(CLASSES), IMAGES, normalize_map=False)
    ours = combine_channels(raw_map("vanilla", explained, IMAGES, CLASSES))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert ours.max() > 1e-2


def test_guided():
    explained = explainer(drawn(flat(), seed=1))
    linear = explained.model.to_model()  # its rectifiers are layers with an `activation`
    theirs = Saliency(linear, GuidedBackpropagation())(
        CategoricalScore(CLASSES), IMAGES, normalize_map=False, keepdims=True, gradient_modifier=None
    )
    ours = raw_map("guided", explained, IMAGES, CLASSES)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert np.abs(ours - raw_map("vanilla", explained, IMAGES, CLASSES)).max() > 1e-2


@pytest.mark.parametrize("moment", ["mean", "squared"])
def test_smoothgrad_with_the_same_noise(network, monkeypatch, moment):
    explained, linear = network
    noise = [np.random.default_rng((4, k)).standard_normal(SIZE) for k in range(5)]

    def normal(mean, sigma, shape):
        assert shape == (5, 3, *SIZE)
        return np.asarray(sigma) * np.stack(noise)[:, None]

    monkeypatch.setattr(np.random, "normal", normal)
    theirs = Saliency(linear, clone=False)(
        CategoricalScore(CLASSES),
        IMAGES,
        smooth_samples=5,
        smooth_noise=0.3,
        keepdims=True,
        normalize_map=False,
        gradient_modifier=None if moment == "mean" else np.square,
    )
    ours = smooth_grad(explained, IMAGES, explained.targets(CLASSES), 5, 0.3, moment, seed=4)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert np.abs(ours).max() > 1e-2


@pytest.mark.parametrize(
    ("method", "tool"), [("gradcam", Gradcam), ("gradcam++", GradcamPlusPlus), ("layercam", Layercam)]
)
def test_class_activation(network, method, tool):
    explained, linear = network
    theirs = tool(linear, clone=False)(
        CategoricalScore(CLASSES),
        IMAGES,
        penultimate_layer=last_maps(linear),
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
    )
    ours = np.maximum(raw_map(method, explained, IMAGES, CLASSES), 0)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert ours.max() > 1e-2


def last_maps(model):
    return [layer.name for layer in model.layers if len(layer.output.shape) == 4][-1]


def test_scorecam_with_masks_stretched_by_their_corners(network):
    explained, linear = network
    theirs = Scorecam(linear, clone=False)(
        CategoricalScore(CLASSES),
        IMAGES,
        penultimate_layer=last_maps(linear),
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
    )
    corners = np.arange(3) * (12 - 1) / (3 - 1)  # scipy's zoom puts the outer cells on the border
    placement = Placement((corners, corners), np.zeros((12, 12), bool), None)
    ours = score_cam(explained, IMAGES, explained.targets(CLASSES), placement)
    np.testing.assert_allclose(np.maximum(ours, 0), theirs, atol=1e-5)
    assert ours.max() > 1e-2


def test_the_comparison_would_notice_another_class(network):
    explained, linear = network
    theirs = Saliency(linear, clone=False)(CategoricalScore(CLASSES), IMAGES, normalize_map=False)
    ours = combine_channels(raw_map("vanilla", explained, IMAGES, CLASSES[::-1]))
    assert np.abs(ours - theirs).max() > 1e-2
