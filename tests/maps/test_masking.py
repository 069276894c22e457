"""Score-CAM, occlusion and guided Grad-CAM against loops over masks, one picture at a time."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import (
    drawn,
    explainer,
    linear,
    logits_of,
    pictures,
    pooled,
    raw_map,
    tape_maps,
    two_convolutions,
)
from spellings import SIZE, flat

from app.program.heads import Head
from app.maps.feature_layers import find_feature_layer
from app.maps.methods.cam import score_cam
from app.maps.methods.masking import class_probability, occlusion
from app.maps.placement import placement_of
from app.maps.placement import find_placement, place_cells

pytestmark = pytest.mark.keras
layers = keras.layers


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def score_cam_by_loop(model, layer, image, weights_of, place):
    """Σ_k p_k A_k, map by map; `weights_of` makes p from logits."""
    maps = tape_maps(model, layer, image[None], np.eye(3)[:1])[0][0]
    result = np.zeros(maps.shape[:2])
    for k in range(maps.shape[-1]):
        mask = place(maps[..., k])
        if mask.max() > mask.min():
            mask = (mask - mask.min()) / (mask.max() - mask.min())
            hidden = image * mask[..., None]
            result += weights_of(logits_of(model, hidden[None]))[0] * maps[..., k]
    return result


@pytest.mark.parametrize("against", [None, 0])
def test_score_cam_is_a_loop_over_masks(against):
    model, images = two_convolutions(), pictures(3)
    explained = explainer(drawn(flat()))
    step = find_feature_layer(explained.model, "c2")
    placement = find_placement(explained.model, step.outputs[0], (3, 3), SIZE[:2])
    actual = raw_map("scorecam", explained, images, [2, 1, 1], against)
    for i, c in enumerate([2, 1, 1]):

        def told(logits, c=c):
            p = softmax(logits)
            return p[:, c] - (0 if against is None else p[:, against])

        expected = score_cam_by_loop(
            model, "c2", images[i], told, lambda cells: place_cells(cells, placement)
        )
        assert np.abs(expected).max() > 1e-2
        np.testing.assert_allclose(actual[i], expected, atol=1e-6)


def test_score_cam_takes_the_score_of_a_quantity():
    model, images = two_convolutions(), pictures(1)
    explained = explainer(model, is_regression=True)
    step = find_feature_layer(explained.model, "c2")
    placement = find_placement(explained.model, step.outputs[0], (3, 3), SIZE[:2])
    expected = score_cam_by_loop(
        model, "c2", images[0], lambda z: z[:, 1], lambda cells: place_cells(cells, placement)
    )
    np.testing.assert_allclose(raw_map("scorecam", explained, images, [1])[0], expected, atol=1e-6)


def test_score_cam_leaves_out_a_map_that_is_the_same_everywhere():
    model = pooled(maps=2)
    kernel, bias, *dense = model.get_weights()
    kernel[..., 1], bias[1] = 0, 1 / 3  # 1/3 everywhere: drawing it over the image only rounds it
    model.set_weights([kernel, bias, *dense])
    images = pictures(2, (6, 6, 2))
    explained = explainer(model)
    targets = explained.targets([0, 1])
    image = keras.Input((6, 6, 2))
    alone = layers.Conv2D(1, 3, name="conv")(image)
    alone = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(alone)))
    alone.set_weights([kernel[..., :1], bias[:1], dense[0][:1], dense[1] + dense[0][1] / 3])
    np.testing.assert_allclose(
        score_cam(explained, images, targets, placement_of(explained, None, images)),
        raw_map("scorecam", explainer(alone), images, [0, 1]),
        atol=1e-6,
    )


def test_the_probability_of_what_is_explained():
    z = np.array([[0.7], [-1.2]])
    p = 1 / (1 + np.exp(-z[:, 0]))
    sigmoid = Head("sigmoid", 1)
    outputs = 1 / (1 + np.exp(-z))
    for target, expected in ((1, p), (-1, 1 - p), (2, 2 * p - 1), (-2, 1 - 2 * p), (0, 0 * p)):
        told = np.full((2, 1), float(target))
        np.testing.assert_allclose(class_probability(outputs, told, sigmoid), expected)
    logits = np.random.default_rng(0).normal(0, 1, (4, 3))
    told = np.array([[1.0, 0, 0], [0, 1, 0], [1, 0, -1], [0, 0, 0]])
    softened = (softmax(logits) * told).sum(axis=1)
    np.testing.assert_allclose(class_probability(softmax(logits), told, Head("softmax", 3)), softened)
    np.testing.assert_allclose(class_probability(logits, told, Head("none", 3)), softened)
    np.testing.assert_allclose(
        class_probability(np.log(softmax(logits)), told, Head("log_softmax", 3)), softened
    )
    several = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(
        class_probability(several, told, Head("sigmoid", 3)), (several * told).sum(axis=1)
    )
    np.testing.assert_allclose(class_probability(logits, told, Head("value", 3)), (logits * told).sum(axis=1))


def occlusion_by_loop(model, image, target, patch, stride, fill):
    """The mean fall of the score over the patches that hide each pixel, patch by patch."""
    height, width, _ = image.shape
    fall, times = np.zeros((height, width)), np.zeros((height, width))
    whole = logits_of(model, image[None])[0] @ target
    for top in sorted({min(t, height - patch[0]) for t in range(0, height, stride)}):
        for left in sorted({min(t, width - patch[1]) for t in range(0, width, stride)}):
            hidden = image.copy()
            hidden[top : top + patch[0], left : left + patch[1]] = fill
            drop = whole - logits_of(model, hidden[None])[0] @ target
            fall[top : top + patch[0], left : left + patch[1]] += drop
            times[top : top + patch[0], left : left + patch[1]] += 1
    assert times.min() > 0
    return fall / times


@pytest.mark.parametrize(
    ("patch", "stride", "fill"), [((5, 4), 3, 0.0), ((12, 12), 5, 0.5), ((4, 4), 4, 1.0)]
)
def test_occlusion_is_a_loop_over_patches(patch, stride, fill):
    model, images = two_convolutions(), pictures(2)
    explained = explainer(model)
    targets = explained.targets([2, 0], [1, 1])
    actual = occlusion(explained, images, targets, patch, stride, fill)
    assert actual.shape == (2, 12, 12, 1)
    for i in range(2):
        expected = occlusion_by_loop(model, images[i], targets[i], patch, stride, fill)
        assert np.abs(expected).max() > 1e-2
        np.testing.assert_allclose(actual[i, ..., 0], expected, atol=1e-5)


def test_occlusion_of_single_pixels_of_a_linear_model_is_gradient_times_input():
    weights = np.random.default_rng(2).normal(0, 1, (4, 5, 2, 3)).astype("float32")
    explained, images = explainer(linear(weights, 0.2)), pictures(2, (4, 5, 2))
    targets = explained.targets([2, 0])
    actual = occlusion(explained, images, targets, (1, 1), 1)
    expected = (images * np.moveaxis(weights[..., [2, 0]], -1, 0)).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_hiding_what_the_network_does_not_use_changes_nothing():
    """The fall is 0 there, not the difference between two roundings of one score."""
    draw = np.random.default_rng(2)
    weights = draw.normal(0, 1, (32, 32, 3, 3)).astype("float32")
    weights[:16] = 0
    explained = explainer(linear(weights))
    for count in (1, 3):
        images = pictures(count, (32, 32, 3), high=255.0)
        values = raw_map("occlusion", explained, images, [0, 1, 2][:count], patch=8, stride=8)
        assert not values[:, :16].any()
        assert np.abs(values[:, 16:]).min() > 0
        alone = explained.logits(images)
        among_others = explained.logits(np.repeat(images, 40, axis=0))[::40]
        if count == 1:  # the rounding is there
            assert np.abs(alone - among_others).max() > 0
    same = raw_map("occlusion", explained, images * 0 + 0.3, [0, 1, 2], baseline=0.3, patch=8)
    assert not same.any()


@pytest.mark.parametrize(
    ("patch", "stride", "message"),
    [
        ((13, 2), 1, "a patch of 13×2 does not fit an image of 12×12"),
        ((0, 2), 1, "does not fit"),
        ((2, 2), 3, "a stride of 3 leaves pixels"),
        ((2, 2), 0, "a stride of 0"),
    ],
)
def test_a_patch_that_leaves_pixels_out_is_refused(patch, stride, message):
    explained = explainer(two_convolutions())
    with pytest.raises(ValueError, match=message):
        occlusion(explained, pictures(1), explained.targets([0]), patch, stride)


def test_guided_grad_cam_is_the_product():
    explained = explainer(drawn(flat()))
    images = pictures(3)
    cells = raw_map("gradcam", explained, images, [0, 2, 1], against=1)
    guided = raw_map("guided", explained, images, [0, 2, 1], against=1)
    step = find_feature_layer(explained.model, None)
    placement = find_placement(explained.model, step.outputs[0], (3, 3), SIZE[:2])
    actual = raw_map("guided-gradcam", explained, images, [0, 2, 1], against=1)
    for i in range(3):
        drawn_cells = place_cells(np.maximum(cells[i], 0), placement)
        np.testing.assert_allclose(actual[i], drawn_cells[..., None] * guided[i], atol=1e-9)
    assert np.abs(actual).max() > 1e-4
    assert cells.min() < 0  # something was cut
