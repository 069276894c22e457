"""Where cells lie: at the centres of what they see, which the support of their gradients shows."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf
from spellings import flat

from app.engine.replay.replay import replay
from app.maps.feature_layers import find_feature_layer, last_spatial_step
from app.maps.placement import Placement, find_placement, place_cells

pytestmark = pytest.mark.keras
layers = keras.layers


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
    step = find_feature_layer(replayed, None)
    rows, columns = step.shape[1:3]
    placement = find_placement(replayed, step.outputs[0], (rows, columns), (21, 18))
    seen, whole = np.zeros((21, 18), bool), 0
    for (i, j), support in supports(replayed, step, (21, 18)).items():
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


def supports(model, step, size):
    """The pixels that each cell's gradient reaches."""
    rows, columns = step.shape[1:3]
    x = tf.ones((1, *size, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        cells = model.run(model.start(x))[step.outputs[0]]
        flat_cells = tf.reshape(cells, (rows * columns,))
    jacobian = np.asarray(tape.jacobian(flat_cells, x)).reshape(rows, columns, *size)
    return {(i, j): jacobian[i, j] != 0 for i in range(rows) for j in range(columns)}


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
    edge = np.zeros((3, 3))
    edge[2, 2] = 1
    assert place_cells(edge, placement)[8:, 8:].min() == 1  # cells at the border reach the border
    assert placement.field_box(0, 2) == (3.5, -0.5, 11.5, 7.5)


def test_placing_cells_is_two_loops_of_linear_interpolation():
    draw = np.random.default_rng(0)
    rows, columns = np.array([1.5, 4.0, 4.0, 9.0]), np.array([2.0, 3.5])
    unseen = np.zeros((12, 7), bool)
    unseen[:, 6] = True
    cells = draw.normal(0, 1, (2, 4, 2))
    drawn = place_cells(cells, Placement((rows, columns), unseen, (3, 3)))
    for image in range(2):
        for y in range(12):
            for x in range(7):
                across = [np.interp(x, columns, row) for row in cells[image]]
                places = [1.5, 4.0, 9.0]  # the second and the third row look at one place
                down = np.interp(y, places, [across[0], (across[1] + across[2]) / 2, across[3]])
                expected = 0 if x == 6 else down
                assert drawn[image, y, x] == pytest.approx(expected, abs=1e-12)


def test_channels_in_front_lie_at_the_same_places():
    placements = []
    for data_format in ("channels_last", "channels_first"):
        size = (15, 12, 2) if data_format == "channels_last" else (2, 15, 12)
        image = keras.Input(size)
        x = layers.Conv2D(3, 3, strides=2, data_format=data_format)(image)
        x = layers.MaxPooling2D(2, data_format=data_format, name="last")(x)
        model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
        step = find_feature_layer(model, "last")
        assert step.map_shape == (3, 2, 3)
        placements.append(find_placement(model, step.outputs[0], (3, 2), (15, 12)))
    last, first = placements
    for ours, theirs in zip(first.centres, last.centres, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(first.unseen, last.unseen)
    assert first.window == last.window == (5, 5)


def test_a_layer_without_formula_means_stretched_and_says_so():
    image = keras.Input((8, 8, 1))
    resize = layers.Resizing(12, 12, pad_to_aspect_ratio=True)
    x = resize(layers.Conv2D(2, 3)(image))
    model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    placement = find_placement(model, last_spatial_step(model).outputs[0], (12, 12), (8, 8))
    assert placement.window is None
    assert placement.field_box(0, 0) is None
    assert not placement.unseen.any()
    assert placement.centres[0][0] == pytest.approx(-1 / 6)


def test_cells_that_look_at_one_place_are_averaged_there():
    image = keras.Input((8, 8, 1))
    x = layers.UpSampling2D()(layers.Conv2D(2, 3)(image))
    model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    placement = find_placement(model, last_spatial_step(model).outputs[0], (12, 12), (8, 8))
    assert placement.window == (3, 3)
    rows = np.repeat(np.arange(6.0), 2)[:, None] * np.ones(12)
    placed = place_cells(rows, placement)
    assert placed[:, 0].tolist() == [0, 0, 1, 2, 3, 4, 5, 5]


def test_cells_that_all_look_at_one_place_cover_the_image():
    unseen = np.zeros((4, 4), bool)
    placement = Placement((np.array([1.5, 1.5]), np.array([1.5])), unseen, (4, 4))
    np.testing.assert_allclose(place_cells(np.array([[1.0], [3.0]]), placement), 2.0)


@pytest.mark.parametrize("size", [(8, 8), (9, 8)])
def test_cells_that_each_see_the_whole_image_are_spread_evenly(size):
    """A stride with same padding would put all of them two pixels too far to the right and bottom."""
    image = keras.Input((*size, 1))
    x = layers.Conv2D(1, 17, padding="same")(layers.Conv2D(1, 2, strides=4, padding="same")(image))
    model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    step = last_spatial_step(model)
    rows, columns = step.map_shape[:2]
    placement = find_placement(model, step.outputs[0], (rows, columns), size)
    assert min(placement.window) >= 2 * max(size)
    assert placement.is_spread
    assert placement.centres[1].tolist() == [1.5, 5.5]
    np.testing.assert_allclose(placement.centres[0], (np.arange(rows) + 0.5) * size[0] / rows - 0.5)
    assert placement.field_box(0, 0) == (-0.5, -0.5, size[1] - 0.5, size[0] - 0.5)


def test_a_window_that_is_smaller_than_twice_the_image_keeps_its_centres():
    image = keras.Input((20, 20, 1))
    x = layers.Conv2D(1, 9, padding="same")(layers.Conv2D(1, 2, strides=4, padding="same")(image))
    model = replay(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))))
    placement = find_placement(model, last_spatial_step(model).outputs[0], (5, 5), (20, 20))
    assert placement.window == (34, 34)
    assert not placement.is_spread
    assert placement.centres[0].tolist() == [0.5, 4.5, 8.5, 12.5, 16.5]
