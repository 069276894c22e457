"""Class-activation maps against closed forms, and against their papers' sums written out in NumPy."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import explainer, in_float64, pictures, pooled, raw_map, tape_maps, two_convolutions
from spellings import nested

from app.engine.replay.replay import replay
from app.maps.methods.cam import grad_cam_plus_plus
from app.maps.feature_layers import find_feature_layer, last_spatial_step

pytestmark = pytest.mark.keras
layers = keras.layers
CLASSES = [0, 1, 0, 1]


def by_paper(method, maps, gradients, score):
    """One image's map from A, ∂S/∂A (rows, columns, maps) and S, cell by cell and map by map."""
    rows, columns, count = maps.shape
    cells = [(i, j) for i in range(rows) for j in range(columns)]
    result = np.zeros((rows, columns))
    for k in range(count):
        a, g = maps[..., k], gradients[..., k]
        if method == "gradcam":
            result += sum(g[cell] for cell in cells) / len(cells) * a
        elif method == "gradcam++":
            result += plus_plus_weight(a, g, score, cells) * a
        else:
            for cell in cells:
                slope = max(g[cell], 0) if method == "layercam" else g[cell]
                result[cell] += slope * a[cell]
    return result


def plus_plus_weight(a, g, score, cells):
    """Grad-CAM++, eq. 19: the derivatives are those of Y = e^S, S linear in the maps around A."""
    y = np.exp(score)
    shares = {}
    for cell in cells:
        second, third = y * g[cell] ** 2, y * g[cell] ** 3
        below = 2 * second + sum(a[other] * third for other in cells)
        shares[cell] = second / below if below else 0.0
    whole = sum(shares.values())
    return sum(shares[cell] / (whole or 1) * max(y * g[cell], 0) for cell in cells)


@pytest.fixture(scope="module")
def network():
    """A network in float64, whose maps and gradients have both signs."""
    model = in_float64(two_convolutions)
    return model, explainer(model)


@pytest.mark.parametrize("method", ["gradcam", "gradcam++", "layercam", "hirescam"])
@pytest.mark.parametrize("layer", ["c1", "c2"])
@pytest.mark.parametrize("against", [None, 2])
def test_each_map_is_its_papers_sum(network, method, layer, against):
    model, explained = network
    images = pictures(3)
    targets = explained.targets([0, 1, 1], None if against is None else [against] * 3)
    actual = raw_map(method, explained, images, [0, 1, 1], against, layer=layer)
    maps, gradients, scores = tape_maps(model, layer, images, targets)
    for i in range(3):
        expected = by_paper(method, maps[i], gradients[i], scores[i])
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(actual[i], expected, atol=1e-9)


def test_what_flattens_the_last_maps_leaves_a_gradient_for_each_cell():
    """With S = Σ w·A over all cells and maps, HiResCAM adds up to the score without its bias."""
    model = two_convolutions()
    images = pictures(2)
    weights, bias = model.get_layer("d").get_weights()
    _, gradients, scores = tape_maps(model, "c2", images, np.eye(3)[[2, 1]])
    np.testing.assert_allclose(gradients, weights.T[[2, 1]].reshape(gradients.shape), atol=1e-6)
    actual = raw_map("hirescam", explainer(model), images, [2, 1])
    np.testing.assert_allclose(actual.sum(axis=(1, 2)), scores - bias[[2, 1]], atol=1e-5)


@pytest.mark.parametrize("against", [None, 1])
def test_with_global_pooling_it_is_the_class_weighted_sum(against):
    model, images = pooled(), pictures(4, (6, 6, 2))
    activations = keras.Model(model.input, model.get_layer("conv").output).predict(images, verbose=0)
    assert activations.min() < 0 < activations.max()  # no rectifier: maps of both signs
    weights = model.get_weights()[2]
    explained = explainer(model)
    for method in ("gradcam", "hirescam"):  # the same where the gradient is in every cell the same
        actual = raw_map(method, explained, images, CLASSES, against)
        for i, c in enumerate(CLASSES):
            w = weights[:, c] - (0 if against is None else weights[:, against])
            np.testing.assert_allclose(actual[i], activations[i] @ w / 16, atol=1e-6)
    for i, c in enumerate(CLASSES):
        positive = np.maximum(weights[:, c], 0)
        actual = raw_map("layercam", explained, images, CLASSES)[i]
        np.testing.assert_allclose(actual, activations[i] @ positive / 16, atol=1e-6)


def test_plus_plus_has_no_pole_and_no_overflow():
    # 2 + g ΣA = 0 in the second map, g³ below what a float holds in the third, e^S above it
    maps = np.stack([np.full((2, 2), 0.5), np.full((2, 2), 1.0), np.full((2, 2), 0.25)], -1)[None]
    gradients = np.broadcast_to(np.array([1.0, -0.5, 1e-18]), maps.shape)
    for score in (0.0, 200.0, -200.0):
        single = [np.float32(maps), np.float32(gradients), np.float32([score])]
        values = np.asarray(grad_cam_plus_plus(*single))
        assert np.isfinite(values).all()
        held = np.exp(np.clip(score, -50, 50))
        np.testing.assert_allclose(values, 0.5 * held, rtol=1e-5)


@pytest.mark.parametrize("layer", ["c1", "c2"])
def test_eigen_cam_is_the_projection_on_the_first_principal_direction(network, layer):
    model, explained = network
    images = pictures(3)
    maps = tape_maps(model, layer, images, np.eye(3))[0]
    actual = raw_map("eigencam", explained, images, [0, 1, 2], layer=layer)
    for i in range(3):
        cells = maps[i].reshape(-1, maps.shape[-1])
        values, vectors = np.linalg.eigh(cells.T @ cells)
        assert values[-1] > 1.01 * values[-2]  # one first direction
        projected = cells @ vectors[:, -1]
        projected *= np.sign(projected.sum())
        np.testing.assert_allclose(actual[i].ravel(), projected, atol=1e-9)
    other = raw_map("eigencam", explained, images, [2, 2, 0], layer=layer)
    np.testing.assert_array_equal(other, actual)  # it asks for no class


def test_eigen_cam_of_weights_that_are_not_numbers_is_refused():
    model = pooled()
    explained = explainer(model)
    explained.model.steps[0].operation.kernel.assign(np.full((3, 3, 2, 3), np.nan))
    with pytest.raises(ValueError, match="not finite"):
        raw_map("eigencam", explained, pictures(1, (6, 6, 2)), [0])


def test_the_last_map_is_where_the_branches_meet():
    image = keras.Input((8, 8, 1))
    left = layers.Conv2D(2, 3, padding="same", name="left")(image)
    right = layers.Conv2D(2, 1, name="right")(image)
    right = layers.Conv2D(2, 1, name="right2")(right)
    met = layers.Concatenate(name="met")([right, left])
    x = layers.GlobalAveragePooling2D(keepdims=True)(met)
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(layers.Conv2D(3, 1)(x))))
    assert last_spatial_step(replay(model)).name == "met"


def test_maps_of_another_input_are_not_the_images():
    image, mask = keras.Input((8, 8, 1), name="image"), keras.Input((8, 8, 1), name="mask")
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, name="seen")(image))
    y = layers.Conv2D(2, 3, name="deep2")(layers.Conv2D(2, 3, name="deep1")(mask))
    both = layers.Concatenate()([x, layers.GlobalAveragePooling2D()(y)])
    explained = explainer(keras.Model([image, mask], layers.Dense(2)(both)), image="image")
    assert last_spatial_step(explained.model).name == "seen"
    with pytest.raises(ValueError, match="'deep2' has no map of the image"):
        find_feature_layer(explained.model, "deep2")


def test_a_layer_inside_a_nested_model_can_be_named():
    model = replay(nested())
    assert find_feature_layer(model, "backbone/c1").shape[1:3] == (10, 10)
    with pytest.raises(ValueError, match="'nowhere' is not in the model"):
        find_feature_layer(model, "nowhere")
    with pytest.raises(ValueError, match="'d' has no map"):
        find_feature_layer(model, "d")


@pytest.mark.parametrize("method", ["gradcam", "eigencam", "scorecam", "guided-gradcam"])
def test_a_network_without_maps_is_refused(method):
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(image)))
    with pytest.raises(ValueError, match="no layer of the model has a map"):
        raw_map(method, explainer(model), np.zeros((1, 4, 4, 1)), [0])


def test_a_shared_layer_has_a_map_for_each_call():
    image = keras.Input((8, 8, 1))
    shared = layers.Conv2D(1, 3, padding="same", name="shared")
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(shared(shared(image)))))
    explained, images = explainer(model), pictures(1, (8, 8, 1))
    once = shared(images)
    for layer, maps in (("shared", once), ("shared:2", shared(once))):
        actual = raw_map("layercam", explained, images, [1], layer=layer)
        _, gradients, _ = maps_by_parts(model, shared, layer, maps)
        expected = np.maximum(gradients, 0) * np.asarray(maps)
        np.testing.assert_allclose(actual, expected[..., 0], atol=1e-6)


def maps_by_parts(model, shared, layer, maps):
    """∂z_1/∂A for the first or the second call of the shared convolution."""
    import tensorflow as tf

    dense = model.layers[-1]
    with tf.GradientTape() as tape:
        tape.watch(maps)
        last = shared(maps) if layer == "shared" else maps
        score = dense(tf.reshape(last, (1, -1)))[0, 1]
    return maps, np.asarray(tape.gradient(score, maps)), score
