"""Deletion and insertion where the best order is known, and where there is nothing to find."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import stub

from app.engine.replay.replay import Choice
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.faith.faithfulness import curves_of, faithfulness, pixel_places
from app.faith.results import Curves, Faithfulness
from app.faith.run import FaithRun
from app.maps.methods import METHODS
from app.maps.methods.method import RawMaps, Settings

pytestmark = pytest.mark.keras
layers = keras.layers
SIDE = 4


@pytest.fixture(scope="module")
def linear():
    """One sigmoid over w·x, so that what each pixel is worth is known: w_i x_i."""
    image = keras.Input((SIDE, SIDE, 1))
    model = keras.Model(image, layers.Dense(1, activation="sigmoid")(layers.Flatten()(image)))
    weights = np.random.default_rng(0).normal(0, 1.5, (SIDE * SIDE, 1))
    model.set_weights([weights, np.zeros(1)])
    images = np.random.default_rng(1).uniform(0.2, 1, (8, SIDE, SIDE, 1)).astype("float32")
    worth = images * weights.reshape(SIDE, SIDE, 1)
    return Explainer(machine_for(model)), images, [1] * 8, worth


def fixed(name, values):
    return stub(name, lambda e, x, t, s: RawMaps(values))


def ordered(worth):
    """Positive numbers in the order of `worth`, so that a method that shows magnitudes shows them."""
    return worth - worth.min() + 0.1


def test_the_order_of_the_worths_is_the_best_and_its_reverse_the_worst(linear):
    explainer, images, classes, worth = linear
    methods = [fixed("best", ordered(worth)), fixed("worst", ordered(-worth))]
    run = FaithRun(explainer, images, classes, methods, Settings())
    result = faithfulness(run, steps=16, random_orders=20)
    best, worst = result.methods
    for order in (*result.random, worst, result.ink):
        assert (best.areas["deletion"] <= order.areas["deletion"] + 1e-6).all()
        assert (best.areas["insertion"] >= order.areas["insertion"] - 1e-6).all()
    assert result.beats_random(best)
    assert not result.beats_random(worst)
    assert "falls faster" in result.sentence(best)
    assert "falls no faster" in result.sentence(worst)
    assert "1 of 2 maps" in result.summary()
    assert result.summary().endswith("not so for worst.")


def test_the_curves_are_the_sums_that_are_left(linear):
    explainer, images, classes, worth = linear
    run = FaithRun(explainer, images, classes, [fixed("best", ordered(worth))], Settings())
    deletion, insertion = curves_of(run, ordered(worth)[..., 0], steps=16, seed=0)
    (best,) = faithfulness(run, steps=16, random_orders=1).methods
    np.testing.assert_allclose(best.mean_curve("deletion"), deletion.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(best.mean_curve("insertion"), insertion.mean(axis=0), atol=1e-6)
    for i in range(len(images)):
        parts = np.sort(worth[i].reshape(-1))[::-1]
        put_in = np.concatenate([[0.0], np.cumsum(parts)])
        left = parts.sum() - put_in
        np.testing.assert_allclose(insertion[i], 1 / (1 + np.exp(-put_in)), atol=1e-5)
        np.testing.assert_allclose(deletion[i], 1 / (1 + np.exp(-left)), atol=1e-5)


def test_removed_pixels_get_the_baseline(linear):
    explainer, images, classes, worth = linear
    settings = Settings(baseline=0.5)
    run = FaithRun(explainer, images, classes, [], settings)
    deletion, insertion = curves_of(run, ordered(worth)[..., 0], steps=4, seed=0)
    empty = explainer.model.probabilities(np.full_like(images, 0.5))[:, 1]
    full = explainer.model.probabilities(images)[:, 1]
    np.testing.assert_allclose(deletion[:, -1], empty, atol=1e-6)
    np.testing.assert_allclose(deletion[:, 0], full, atol=1e-6)
    np.testing.assert_allclose(insertion[:, 0], empty, atol=1e-6)
    np.testing.assert_allclose(insertion[:, -1], full, atol=1e-6)


def test_a_blank_map_is_a_random_order_and_lies_in_their_band(linear):
    explainer, images, _, _ = linear
    many = np.repeat(images, 40, axis=0)
    blank = stub("blank", lambda e, x, t, s: RawMaps(np.zeros_like(x)))
    run = FaithRun(explainer, many, [1] * len(many), [blank], Settings())
    result = faithfulness(run, steps=8, random_orders=20)
    (curves,) = result.methods
    assert curves.blank == len(many)
    low, high = result.band("deletion")
    assert low <= curves.areas["deletion"].mean() <= high
    assert not result.beats_random(curves)
    assert low < high


def test_every_random_order_is_another():
    orders = [pixel_places(np.zeros((3, 4, 4)), seed, range(3)) for seed in range(5)]
    assert all((a != b).any() for i, a in enumerate(orders) for b in orders[:i])
    for order in orders:
        assert (np.sort(order.reshape(3, -1), axis=1) == np.arange(16)).all()


def test_ties_are_broken_at_random_and_values_are_not():
    values = np.array([[[3.0, 1, 1], [1, 1, 2]]])
    first = [pixel_places(values, seed, [0])[0] for seed in range(6)]
    assert all(p[0, 0] == 0 and p[1, 2] == 1 for p in first)
    assert len({tuple(p.reshape(-1)) for p in first}) > 1


def test_an_order_depends_on_the_number_of_its_image_alone():
    values = np.zeros((7, 3, 3))
    chance = np.random.default_rng(4).random((7, 9))  # the stream as a whole: the second witness
    whole = chance.argsort(axis=1).argsort(axis=1).reshape(values.shape)
    np.testing.assert_array_equal(pixel_places(values, 4, range(7)), whole)
    np.testing.assert_array_equal(pixel_places(values[:2], 4, [5, 2]), whole[[5, 2]])
    assert (pixel_places(values[:2], 4, [0, 1]) != whole[[5, 2]]).any()


def test_areas_by_hand():
    shares = np.array([0, 0.25, 1.0])
    curves = Curves.of("map", np.array([[1.0, 0.5, 0.5], [1, 1, 1]]), np.zeros((2, 3)), shares)
    np.testing.assert_allclose(curves.areas["deletion"], [0.5625, 1])
    assert curves.mean_area("deletion") == pytest.approx(0.78125)
    assert (curves.printed_area("deletion"), curves.gap) == (0.781, -0.781)


def test_a_map_that_is_better_at_one_and_worse_at_the_other_does_not_beat_random():
    shares = np.linspace(0, 1, 3)

    def curves(name, deletion, insertion):
        ends = [np.array([[1.0, d, 0.0]]) for d in (deletion, insertion)]
        return Curves.of(name, ends[0], ends[1][:, ::-1], shares)

    random = (curves("random", 0.5, 0.5), curves("random", 0.6, 0.4))
    both, one = curves("both", 0.1, 0.9), curves("one", 0.1, 0.45)
    result = Faithfulness((both, one), random, curves("ink", 0.3, 0.3))
    assert result.beats_random(both)
    assert not result.beats_random(one)
    assert "rises no faster" in result.sentence(one)


def test_background_is_counted(linear):
    explainer, images, classes, _ = linear
    images = images.copy()
    images[:, :2] = 0
    run = FaithRun(explainer, images, classes, [METHODS["vanilla"]], Settings())
    result = faithfulness(run, steps=2, random_orders=1)
    assert result.empty == 0.5


def test_what_an_order_is_made_of(linear):
    _, images, classes, _ = linear
    cells = stub(
        "cells", lambda e, x, t, s: RawMaps(np.ones((len(x), 2, 2))), shows="positive", is_of_cells=True
    )
    pixels = fixed("pixels", images)
    image = keras.Input((SIDE, SIDE, 1))
    x = layers.Conv2D(2, 3, name="c")(image)
    network = Explainer(machine_for(keras.Model(image, layers.Dense(2)(layers.Flatten()(x)))))
    run = FaithRun(network, images, classes, [cells, pixels], Settings())
    result = faithfulness(run, steps=2, random_orders=1)
    assert [each["made_of"] for each in result.to_dicts()] == ["cells", "pixels", "nothing"]


def test_settings_out_of_range_are_refused(linear):
    explainer, images, classes, _ = linear
    with pytest.raises(ValueError, match="needs images, steps and random orders, not 0, 4 and 2"):
        faithfulness(FaithRun(explainer, images[:0], [], [], Settings()), steps=4, random_orders=2)
    with pytest.raises(ValueError, match="not 8, 0 and 2"):
        faithfulness(FaithRun(explainer, images, classes, [], Settings()), steps=0, random_orders=2)


def test_quantities_have_no_probability_to_watch():
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(image)))
    explainer = Explainer(machine_for(model, Choice(is_regression=True)))
    with pytest.raises(ValueError, match="computes quantities"):
        faithfulness(FaithRun(explainer, np.ones((1, 4, 4, 1)), [0], [], Settings()))
