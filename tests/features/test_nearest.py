"""The nearest images of a unit, against a sort of everything and against an edge whose place is known."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest

from app.features.close_ups import close_ups, crop
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.features.feature_maps import feature_maps
from app.features.nearest import nearest_images
from app.maps.placement import Placement

pytestmark = pytest.mark.keras
layers = keras.layers
RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(0, 1, (57, 12, 10, 1)).astype("float32")


def edge_network():
    """Map 0 answers to a vertical edge, dark to light; map 1 to nothing at all."""
    image = keras.Input((12, 10, 1))
    layer = layers.Conv2D(2, 3, activation="relu", name="edges")
    x = layers.MaxPooling2D(name="pool")(layer(image))
    dense = layers.Dense(3, name="scores")
    model = keras.Model(image, layers.Softmax()(dense(layers.Flatten()(x))))
    kernel = np.zeros((3, 3, 1, 2), "float32")
    kernel[:, 0, 0, 0], kernel[:, 2, 0, 0] = -1, 1
    layer.set_weights([kernel, np.array([0, -1], "float32")])
    dense.set_weights([RNG.normal(0, 1, w.shape) for w in dense.get_weights()])
    return model


@pytest.fixture(scope="module")
def explainer():
    return Explainer(machine_for(edge_network()))


def parts(images, size):
    return (images[i : i + size] for i in range(0, len(images), size))


def test_the_image_with_the_edge_is_found_and_so_is_the_edge(explainer):
    images = np.full((40, 12, 10, 1), 0.5, "float32")
    images[23, 4:7] = [[0]] * 6 + [[1]] + [[0.8]] * 3  # an edge before column 6, three rows high
    found = nearest_images(explainer, parts(images, 7), "edges", 1)
    assert found.values[0, 0] == pytest.approx(3.0)
    assert found.places[0, 0].tolist() == [23, 4, 4]  # the cell whose window is rows 4–6, columns 4–6
    (seen,) = close_ups(explainer, images[23:24], "edges", 0)
    assert (seen.cell, seen.value) == ((4, 4), pytest.approx(3.0))
    np.testing.assert_array_equal(seen.seen[..., 0], [[0, 0, 1]] * 3)
    # the value times the filter, within the window alone
    np.testing.assert_allclose(seen.projection_seen, [[-3, 0, 3]] * 3, atol=1e-5)
    assert np.abs(seen.projection).sum() == pytest.approx(np.abs(seen.projection_seen).sum())


@pytest.mark.parametrize("layer", ["edges", "pool", "edges:linear"])
@pytest.mark.parametrize("size", [1, 8, 57])
def test_streaming_is_a_sort_of_everything(explainer, layer, size):
    found = nearest_images(explainer, parts(IMAGES, size), layer, 5)
    maps = np.stack([each[0].values for each in feature_maps(explainer, IMAGES, [layer])])
    for unit in (0, 1):
        peaks = maps[..., unit].max(axis=(1, 2))
        order = np.argsort(-peaks, kind="stable")[:5]
        np.testing.assert_allclose(found.values[unit], peaks[order], rtol=1e-5)
        if unit == 0:
            assert found.places[unit, :, 0].tolist() == order.tolist()
            for number, row, column in found.places[unit]:
                assert maps[number, row, column, unit] == maps[number, ..., unit].max()
        assert found.active[unit] == (peaks > 0).sum()
    assert found.images == 57


def test_of_equal_images_the_earlier_comes_first(explainer):
    same = np.repeat(IMAGES[:1], 9, axis=0)
    found = nearest_images(explainer, parts(same, 2), "edges", 4)
    assert found.places[0, :, 0].tolist() == [0, 1, 2, 3]


def test_a_class_is_ranked_by_its_logit(explainer):
    found = nearest_images(explainer, parts(IMAGES, 10), None, 6)
    logits = explainer.logits(IMAGES)
    for c in range(3):
        np.testing.assert_allclose(found.values[c], np.sort(logits[:, c])[::-1][:6], rtol=1e-4)
        assert found.places[c, 0, 0] == logits[:, c].argmax()


def test_units_that_nothing_activates_are_named(explainer):
    found = nearest_images(explainer, parts(IMAGES, 10), "edges", 2)
    assert found.silent == (1,)
    assert found.sentence() == "1 of 2 are above 0 for none of 57 images (1)"
    assert found.strongest(1) == [0]


def test_fewer_images_than_asked_for_and_none(explainer):
    found = nearest_images(explainer, [IMAGES[:2]], "edges", 5)
    assert np.isinf(found.values[0]).tolist() == [False, False, True, True, True]
    with pytest.raises(ValueError, match="no images"):
        nearest_images(explainer, [], "edges", 5)
    with pytest.raises(ValueError, match="edges, pool"):
        nearest_images(explainer, [IMAGES], "nowhere", 5)


def test_only_the_best_are_kept(explainer, monkeypatch):
    """Whatever has been seen, what is sorted is what was kept and one batch."""
    from app.features import nearest

    widths, keep = [], nearest._keep

    def watched(best, values, places, count):
        widths.append(0 if best is None else best[0].shape[1])
        return keep(best, values, places, count)

    monkeypatch.setattr(nearest, "_keep", watched)
    nearest_images(explainer, parts(IMAGES, 4), "edges", 3)
    assert widths == [0] + [3] * 14


def test_values_that_are_not_finite_are_refused(explainer):
    broken = IMAGES[:3].copy()
    broken[1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        nearest_images(explainer, [broken], "edges:linear", 2)


def test_a_crop_keeps_its_size_at_the_edge():
    image = np.arange(30.0).reshape(5, 6, 1)
    places = Placement((np.arange(5.0), np.arange(6.0)), np.zeros((5, 6), bool), (3, 3))
    np.testing.assert_array_equal(crop(image, places, 2, 3), image[1:4, 2:5])
    corner = crop(image, places, 0, 5)
    assert np.isnan(corner[0]).all()
    assert np.isnan(corner[:, 2]).all()
    np.testing.assert_array_equal(corner[1:, :2], image[:2, 4:])
    unknown = Placement(places.centres, places.unseen, None)
    np.testing.assert_array_equal(crop(image, unknown, 0, 5), image)
