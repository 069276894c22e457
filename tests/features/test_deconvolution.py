"""The deconvnet against its layers written out backwards: unpooling with switches, filters transposed."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import drawn, explainer, pictures

from app.features.deconvolution import project_unit

pytestmark = pytest.mark.keras
layers = keras.layers


def network():
    """Convolution, ReLU, max-pooling, convolution, ReLU."""
    image = keras.Input((9, 8, 2))
    x = layers.Conv2D(4, 2, activation="relu", name="c1")(image)
    x = layers.MaxPooling2D(2, name="pool")(x)
    x = layers.Conv2D(3, (2, 3), activation="relu", name="c2")(x)
    return drawn(keras.Model(image, layers.Dense(2)(layers.Flatten()(x))), seed=9)


def convolve(x, kernel, bias):
    rows, columns, _, filters = kernel.shape
    out = np.zeros((x.shape[0] - rows + 1, x.shape[1] - columns + 1, filters))
    for i, j in np.ndindex(out.shape[:2]):
        out[i, j] = np.tensordot(x[i : i + rows, j : j + columns], kernel, 3) + bias
    return out


def transpose(y, kernel, size):
    rows, columns, channels, _ = kernel.shape
    out = np.zeros((*size, channels))
    for i, j in np.ndindex(y.shape[:2]):
        out[i : i + rows, j : j + columns] += kernel @ y[i, j]
    return out


def pool(x):
    """2×2 maxima, and the place of each: the switches."""
    out = np.zeros((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]))
    switches = np.zeros((*out.shape, 2), int)
    for i, j, k in np.ndindex(out.shape):
        window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2, k]
        row, column = np.unravel_index(window.argmax(), window.shape)
        out[i, j, k], switches[i, j, k] = window.max(), (2 * i + row, 2 * j + column)
    return out, switches


def unpool(y, switches, size):
    out = np.zeros((*size, y.shape[2]))
    for i, j, k in np.ndindex(y.shape):
        out[(*switches[i, j, k], k)] = y[i, j, k]
    return out


def by_hand(weights, image, unit):
    """One unit of c2 carried back, and the value and place of its strongest cell."""
    (w1, b1, w2, b2) = weights[:4]
    first = np.maximum(convolve(image, w1, b1), 0)
    pooled, switches = pool(first)
    second = np.maximum(convolve(pooled, w2, b2), 0)
    row, column = np.unravel_index(second[..., unit].argmax(), second.shape[:2])
    kept = np.zeros_like(second)
    kept[row, column, unit] = second[row, column, unit]
    back = transpose(np.maximum(kept, 0), w2, pooled.shape[:2])
    back = np.maximum(unpool(back, switches, first.shape[:2]), 0)
    return transpose(back, w1, image.shape[:2]), (kept.max(), row, column)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_it_is_unpooling_rectifying_and_transposed_filters(unit):
    model = network()
    images = pictures(6, (9, 8, 2), seed=3)
    actual, places = project_unit(explainer(model), images, "c2", unit)
    expected = [by_hand(model.get_weights(), image, unit) for image in images]
    for i, (back, place) in enumerate(expected):
        np.testing.assert_allclose(actual[i], back, atol=1e-6)
        np.testing.assert_allclose(places[i], place, atol=1e-6)
    assert max(np.abs(back).max() for back, _ in expected) > 1e-2


def test_one_cell_goes_back_where_several_are_equally_strong():
    model = network()
    image = np.full((1, 9, 8, 2), 0.5)  # every cell the same
    for unit in range(3):
        actual, places = project_unit(explainer(model), image, "c2", unit)
        back, place = by_hand(model.get_weights(), image[0], unit)
        np.testing.assert_allclose(actual[0], back, atol=1e-6)
        np.testing.assert_allclose(places[0], place, atol=1e-6)


def test_a_dead_unit_gives_a_blank():
    model = network()
    weights = model.get_weights()
    weights[3][1] = -100
    model.set_weights(weights)
    actual, places = project_unit(explainer(model), pictures(2, (9, 8, 2)), "c2", 1)
    assert not actual.any()
    assert not places[:, 0].any()


def test_a_unit_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="'c2' has the maps 0 to 2, not 3"):
        project_unit(explainer(network()), pictures(1, (9, 8, 2)), "c2", 3)


def test_another_unit_needs_no_other_compilation():
    explained = explainer(network())
    for unit in (0, 1, 2, 0) * 3:
        project_unit(explained, pictures(unit + 1, (9, 8, 2)), "c2", unit)
    assert [compiled.traces for compiled in explained.machine.compiled.values()] == [
        1,
        1,
    ]  # forward, and back
