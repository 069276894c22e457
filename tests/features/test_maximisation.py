"""Activation maximisation: inputs known in closed form, and what must not depend on anything else."""

import app.engine  # noqa: F401, I001

from dataclasses import replace

import keras
import numpy as np
import pytest
from spellings import flat

from app.engine.replay.cutting import cut_model
from app.engine.replay.replay import Choice, replay
from app.maps.feature_layers import find_feature_layer
from app.engine.machine import TensorFlowMachine, machine_for
from app.maps.explainer import Explainer
from app.features.maximisation import Climb, default_climb, settle_climb
from app.features.maximisation import before_rectifier, maximise_classes, maximise_maps

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("eagerly")]
layers = keras.layers
FREE = Climb(steps=30, rate=0.05, total_variation=0, norm=0)


def one_filter(first=False):
    """A single 3×3 filter, of which the central cell of 5×5 sees rows and columns 2 to 4."""
    order = "channels_first" if first else "channels_last"
    image = keras.Input((1, 7, 7) if first else (7, 7, 1))
    layer = layers.Conv2D(1, 3, activation="relu", data_format=order, name="c")
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(layer(image))))
    kernel = np.array([[1, -1, 0.5], [-2, 1, -1], [0.5, -0.5, 1]], "float32")
    layer.set_weights([kernel[..., None, None], np.array([-9.0], "float32")])
    return model, kernel


@pytest.mark.parametrize(("first", "pixels"), [(False, (0.0, 1.0)), (True, (0.0, 1.0)), (False, (-3.0, 5.0))])
def test_a_linear_filter_is_maximised_by_white_where_it_is_positive(first, pixels):
    """Though the rectifier is silent everywhere at the start: the bias is −9."""
    model, kernel = one_filter(first)
    (made,) = maximise_maps(Explainer(machine_for(model)), "c", [0], pixels, FREE)
    low, high = pixels
    np.testing.assert_allclose(made.image[2:5, 2:5, 0], np.where(kernel > 0, high, low), atol=1e-5)
    best = kernel[kernel > 0].sum() * high + kernel[kernel < 0].sum() * low - 9
    assert made.score == pytest.approx(best, abs=1e-4)
    assert made.start < made.score


def test_the_norm_empties_what_the_cell_does_not_see():
    model, _ = one_filter()
    how = Climb(steps=20, rate=0.05, total_variation=0, norm=0.1)
    (made,) = maximise_maps(Explainer(machine_for(model)), "c", [0], (0.0, 1.0), how)
    outside = made.image.copy()
    outside[2:5, 2:5] = 0
    assert outside.max() < 0.05
    (free,) = maximise_maps(Explainer(machine_for(model)), "c", [0], (0.0, 1.0), replace(how, norm=0))
    assert free.image[:2].max() > 0.1  # the noise that it began with


def test_total_variation_makes_smoother_images():
    explainer = Explainer(machine_for(flat()))

    def roughness(weight):
        how = Climb(steps=20, total_variation=weight, norm=0)
        (made,) = maximise_classes(explainer, [1], (0.0, 1.0), how)
        return np.abs(np.diff(made.image, axis=0)).mean() + np.abs(np.diff(made.image, axis=1)).mean()

    assert roughness(3.0) < 0.7 * roughness(0.0)


def test_a_class_is_made_surer_and_the_same_seed_makes_the_same_image():
    explainer = Explainer(machine_for(flat()))
    how = Climb(steps=15, seed=5)
    first = maximise_classes(explainer, [0, 2], (0.0, 1.0), how)
    again = maximise_classes(explainer, [0, 2], (0.0, 1.0), how)
    other = maximise_classes(explainer, [0, 2], (0.0, 1.0), Climb(steps=15, seed=6))
    for c, one, two, three in zip((0, 2), first, again, other, strict=True):
        assert one.score > one.start
        assert 0 <= one.image.min() <= one.image.max() <= 1
        np.testing.assert_array_equal(one.image, two.image)
        assert np.abs(one.image - three.image).max() > 0.05
        logits = explainer.logits(one.image[None])[0]
        assert one.score == pytest.approx(logits[c], abs=1e-4)
        assert one.probabilities[c] == pytest.approx(np.exp(logits[c]) / np.exp(logits).sum(), abs=1e-4)


def test_jitter_and_rotation_are_repeatable_and_leave_numpys_generator_as_it_was():
    explainer = Explainer(machine_for(flat()))
    how = Climb(steps=5, jitter=2, rotation=9.0, seed=5)
    state = np.random.get_state()[1].copy()
    (first,), (again,), (still,) = (
        maximise_classes(explainer, [0], (0.0, 1.0), each) for each in (how, how, Climb(steps=5, seed=5))
    )
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.testing.assert_array_equal(first.image, again.image)
    assert np.abs(first.image - still.image).max() > 0.01


def test_classes_climb_each_by_itself():
    explainer = Explainer(machine_for(flat()))
    together = maximise_classes(explainer, [0, 1, 2], (0.0, 1.0), Climb(steps=10))
    (alone,) = maximise_classes(explainer, [1], (0.0, 1.0), Climb(steps=10))
    np.testing.assert_allclose(together[1].image, alone.image, atol=1e-3)
    tight = Explainer(explainer.machine, memory_bytes=1)  # one at a time
    for one, other in zip(
        together, maximise_classes(tight, [0, 1, 2], (0.0, 1.0), Climb(steps=10)), strict=True
    ):
        np.testing.assert_allclose(one.image, other.image, atol=1e-3)


def test_one_sigmoid_unit_has_two_classes():
    image = keras.Input((8, 8, 1))
    x = layers.Flatten()(layers.Conv2D(2, 3)(image))
    explainer = Explainer(machine_for(keras.Model(image, layers.Dense(1, activation="sigmoid")(x))))
    no, yes = maximise_classes(explainer, [0, 1], (0.0, 1.0), FREE)
    assert no.probabilities[0] > 0.5 < yes.probabilities[1]


def test_nothing_of_the_callers_model_changes_and_wrong_units_are_refused():
    model = flat()
    weights = [w.copy() for w in model.get_weights()]
    explainer = Explainer(machine_for(model))
    maximise_classes(explainer, [0], (0.0, 1.0), Climb(steps=3))
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    with pytest.raises(ValueError, match="maps 0 to 3, not 4"):
        maximise_maps(explainer, "c1", [4], (0.0, 1.0), Climb(steps=3))
    with pytest.raises(ValueError, match="0 to 2"):
        maximise_classes(explainer, [3], (0.0, 1.0), Climb(steps=3))
    with pytest.raises(ValueError, match="above 0"):
        Climb(steps=0)


def test_settings_follow_the_size_and_what_is_given():
    small, large = default_climb(28, True), default_climb(224, True)
    assert (small.jitter, large.jitter, default_climb(224, False).jitter) == (0, 4, 0)
    model = replay(flat())
    settled = settle_climb(model, True, {"steps": 7, "norm": None, "seed": None})
    assert (settled.steps, settled.norm) == (7, small.norm)


def test_a_cut_model_takes_images_and_gives_maps_whatever_the_spelling():
    model = replay(one_filter(first=True)[0])
    twin = replay(one_filter()[0])
    images = np.random.default_rng(0).uniform(0, 9, (3, 7, 7, 1)).astype("float32")
    for step in ("c", "c:linear"):
        ours, theirs = (cut_model(m, find_feature_layer(m, step))([images]) for m in (model, twin))
        assert ours.shape == (3, 5, 5, 1)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(cut_model(twin)([images]), twin.logits(images), atol=1e-5)
    assert before_rectifier(twin, find_feature_layer(twin, "c")).name == "c:linear"
    assert before_rectifier(twin, find_feature_layer(twin, "c:linear")).name == "c:linear"


def test_other_inputs_are_held():
    image, age = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="age")
    x = layers.Flatten()(layers.Conv2D(2, 3)(image))
    model = keras.Model([image, age], layers.Dense(2)(layers.Concatenate()([x, age])))
    held = replay(model, Choice(given={"age": np.array([1.0, 2.0])}))
    images = np.ones((3, 8, 8, 1), "float32")
    np.testing.assert_allclose(cut_model(held)([images]), held.logits(images), atol=1e-5)
    (made,) = maximise_classes(Explainer(TensorFlowMachine(held)), [1], (0.0, 1.0), Climb(steps=5))
    assert made.score > made.start
