"""Grad-CAM against a closed form and tf-keras-vis; the choice of the map; where cells lie."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from spellings import SIZE, flat, nested

from app.engine.replay import replay
from app.visualisation.cam import find_map, grad_cam, last_spatial_step
from app.visualisation.placement import find_placement, place_cells

pytestmark = pytest.mark.keras
layers = keras.layers


def test_with_global_pooling_it_is_the_class_weighted_sum():
    image = keras.Input((6, 6, 2))
    maps = layers.Conv2D(3, 3, name="conv")(image)
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(maps)))
    images = np.random.default_rng(0).normal(0, 1, (4, 6, 6, 2)).astype("float32")
    cam = grad_cam(replay(model), images, [0, 1, 0, 1])
    activations = keras.Model(image, maps).predict(images, verbose=0)
    weights = model.get_weights()[2]
    for i, c in enumerate([0, 1, 0, 1]):
        expected = activations[i] @ weights[:, c] / 16  # ∂S/∂A_k = w_kc / 16 at each of 16 cells
        np.testing.assert_allclose(cam.signed[i], expected, atol=1e-6)
        np.testing.assert_allclose(cam.cells[i], np.maximum(expected, 0), atol=1e-6)


@pytest.mark.filterwarnings("ignore:The structure of `inputs`")
def test_it_equals_tf_keras_vis():
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    keras.utils.set_random_seed(7)
    model = replay(flat(relu="layer", softmax="layer"))
    linear = model.to_model()
    images = np.random.default_rng(0).uniform(0, 1, (3, *SIZE)).astype("float32")
    last = [layer.name for layer in linear.layers if len(layer.output.shape) == 4][-1]
    theirs = Gradcam(linear, clone=False)(
        CategoricalScore([2, 0, 1]), images, penultimate_layer=last,
        seek_penultimate_conv_layer=False, expand_cam=False, normalize_cam=False,
    )  # fmt: skip
    ours = grad_cam(model, images, [2, 0, 1]).cells
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert ours.max() > 1e-3


def test_the_last_map_is_where_the_branches_meet():
    image = keras.Input((8, 8, 1))
    left = layers.Conv2D(2, 3, padding="same", name="left")(image)
    right = layers.Conv2D(2, 1, name="right")(image)
    right = layers.Conv2D(2, 1, name="right2")(right)
    met = layers.Concatenate(name="met")([right, left])
    x = layers.GlobalAveragePooling2D(keepdims=True)(met)
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(layers.Conv2D(3, 1)(x))))
    assert last_spatial_step(replay(model)).name == "met"


def test_a_layer_inside_a_nested_model_can_be_named():
    model = replay(nested())
    assert find_map(model, "backbone/c1").shape[1:3] == (10, 10)
    with pytest.raises(ValueError, match="'nowhere' is not in the model"):
        find_map(model, "nowhere")
    with pytest.raises(ValueError, match="'d' has no map"):
        find_map(model, "d")


def test_a_network_without_maps_is_refused():
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(image)))
    with pytest.raises(ValueError, match="no layer of the model has a map"):
        grad_cam(replay(model), np.zeros((1, 4, 4, 1)), [0])


def positive_copy(model):
    """The model with all weights one, so that a gradient is positive wherever a pixel is seen."""
    model.set_weights([np.ones_like(w) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_cells_lie_where_their_gradient_comes_from(padding, strides):
    """The witness is the support of the gradient of each cell, in an all-positive network."""
    image = keras.Input((21, 18, 1))
    x = layers.Conv2D(1, 3, strides=strides, padding=padding)(image)
    x = layers.AveragePooling2D(2, padding=padding)(x)
    x = layers.Conv2D(1, (3, 2), dilation_rate=(1, 2), padding="same", name="last")(x)
    model = positive_copy(keras.Model(image, layers.Dense(1)(layers.Flatten()(x))))
    replayed = replay(model)
    step = find_map(replayed, None)
    rows, columns = step.shape[1:3]
    placement = find_placement(replayed, step.outputs[0], (rows, columns), (21, 18))
    seen, whole = np.zeros((21, 18), bool), 0
    import tensorflow as tf

    x = tf.ones((1, 21, 18, 1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        cells = replayed.run(x)[step.outputs[0]]
        targets = {(i, j): cells[0, i, j, 0] for i in range(rows) for j in range(columns)}
    for (i, j), target in targets.items():
        support = np.asarray(tape.gradient(target, x))[0, ..., 0] != 0
        seen |= support
        window = placement.window
        for axis, index in ((0, i), (1, j)):
            touched = np.flatnonzero(support.any(axis=1 - axis))
            middle = placement.centres[axis][index]
            inside = (middle - window[axis] / 2, middle + window[axis] / 2)
            assert inside[0] <= touched[0]
            assert touched[-1] <= inside[1]
            if touched[-1] - touched[0] + 1 == window[axis]:  # not cut off by any border
                whole += 1
                assert (touched[0] + touched[-1]) / 2 == middle
    assert whole
    assert (placement.unseen | seen).all()
    if strides < 3:
        np.testing.assert_array_equal(placement.unseen, ~seen)


def test_a_bright_cell_is_drawn_at_its_centre_not_stretched():
    model = replay(flat())  # 12 → 10 → 5 → 3, fields of 8 pixels 2 apart, centres 3.5, 5.5, 7.5
    step = last_spatial_step(model)
    placement = find_placement(model, step.outputs[0], (3, 3), (12, 12))
    assert placement.centres[0].tolist() == [3.5, 5.5, 7.5]
    assert placement.window == (8, 8)
    cells = np.zeros((3, 3))
    cells[0, 2] = 1
    drawn = place_cells(cells, placement)
    assert np.unravel_index(drawn.argmax(), drawn.shape) == (0, 8)
    assert drawn[3, 8] == drawn.max()
    assert drawn[6:].max() == 0
    assert placement.unseen[:, :].sum() == 0
    covered = placement.covered()  # centres 3.5 to 7.5, half a step of 1 beyond
    assert np.flatnonzero(covered[5]).tolist() == [3, 4, 5, 6, 7, 8]
    assert placement.field_box(0, 2) == (3.5, -0.5, 11.5, 7.5)


def test_a_layer_without_formula_means_stretched_and_says_so():
    image = keras.Input((8, 8, 1))
    resize = layers.Resizing(12, 12, pad_to_aspect_ratio=True)
    x = resize(layers.Conv2D(2, 3)(image))
    model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    placement = find_placement(model, last_spatial_step(model).outputs[0], (12, 12), (8, 8))
    assert placement.window is None
    assert placement.covered().all()
    assert placement.field_box(0, 0) is None
    assert not placement.unseen.any()
    assert placement.centres[0][0] == pytest.approx(-1 / 6)


@pytest.mark.parametrize("name", ["VGG16", "ResNet50", "DenseNet121", "MobileNet", "InceptionV3"])
def test_known_architectures_use_the_map_before_the_pooling(name):
    keras.utils.set_random_seed(0)
    size = 96 if name != "VGG16" else 64
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=5)
    replayed = replay(model)
    step = last_spatial_step(replayed)
    cells = step.shape[1:3]
    assert max(cells) > 1
    images = np.random.default_rng(0).uniform(0, 1, (1, size, size, 3)).astype("float32")
    cam = grad_cam(replayed, images, [3])
    assert cam.cells.shape[1:] == tuple(cells)
    import tensorflow as tf

    maps = model.get_layer(step.name).output
    tail = keras.Model(model.input, [maps, model.output])
    with tf.GradientTape() as tape:
        a, p = tail(tf.constant(images), training=False)
        score = tf.math.log(p[0, 3]) + tf.stop_gradient(0.0)
    # ∂ log p_3 / ∂A = ∂z_3/∂A − Σ_j p_j ∂z_j/∂A: checked through the replay's own logits of all classes
    reference = np.asarray(tape.gradient(score, a))
    x = replayed.as_input(images)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        values = replayed.run(x)
        scores = [values[replayed.output][0, c] for c in range(5)]
    gradients = [np.asarray(tape.gradient(s, values[step.outputs[0]])) for s in scores]
    probabilities = np.asarray(p)[0]
    ours = gradients[3] - sum(q * g for q, g in zip(probabilities, gradients, strict=True))
    np.testing.assert_allclose(ours, reference, atol=1e-5 + 1e-4 * np.abs(reference).max())


def test_cells_that_look_at_one_place_are_averaged_there():
    image = keras.Input((8, 8, 1))
    x = layers.UpSampling2D()(layers.Conv2D(2, 3)(image))
    model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    placement = find_placement(model, last_spatial_step(model).outputs[0], (12, 12), (8, 8))
    assert placement.window == (3, 3)
    rows = np.repeat(np.arange(6.0), 2)[:, None] * np.ones(12)
    placed = place_cells(rows, placement)
    assert placed[:, 0].tolist() == [0, 0, 1, 2, 3, 4, 5, 5]
