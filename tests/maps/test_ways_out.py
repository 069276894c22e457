"""Ensembles and other networks with several ways to their output: the map is of all of them."""

import app.engine  # noqa: I001

import keras
import numpy as np
import pytest

import app as lab
from app.engine.replay.replay import replay
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_steps, ways_out
from app.maps.methods.cam import class_activation, eigen_cam
from replaying import images_of, randomise

pytestmark = pytest.mark.keras
layers = keras.layers
SIZE = (9, 9, 2)


def member(number, kernel=3):
    return keras.Sequential(
        [
            keras.Input(SIZE),
            layers.Conv2D(3 + number, kernel, activation="relu", name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4),
        ],
        name=f"member{number}",
    )


def ensemble(*members):
    image = keras.Input(SIZE)
    return randomise(keras.Model(image, layers.Average()([each(image) for each in members])))


def test_grad_cam_of_an_ensemble_is_the_sum_of_its_members():
    members = [member(0), member(1)]
    model = ensemble(*members)
    images = images_of(3, *SIZE)
    targets = np.eye(4)[[2, 2, 2]]
    ours = class_activation(Explainer(machine_for(model)), images, targets)
    each = [class_activation(Explainer(machine_for(one)), images, targets) for one in members]
    np.testing.assert_allclose(ours, (each[0] + each[1]) / 2, rtol=1e-4, atol=1e-6)
    assert not np.allclose(ours, each[1] / 2, atol=1e-3)
    by_hand = [
        class_activation(Explainer(machine_for(model)), images, targets, layer=f"member{i}/conv")
        for i in (0, 1)
    ]
    np.testing.assert_allclose(ours, by_hand[0] + by_hand[1], rtol=1e-4, atol=1e-6)
    assert eigen_cam(Explainer(machine_for(model)), images).shape == (3, 7, 7)


def test_it_says_whose_maps_they_are():
    seen = lab.explain(ensemble(member(0), member(1)), images_of(*SIZE), methods=["gradcam"])
    verdict = seen.verdicts["gradcam"][0]
    assert verdict.tensor == "member0/conv + member1/conv"
    assert verdict.tensor_size == (7, 7, 7)
    assert "2 ways to its output: their maps are taken side by side" in str(verdict)


def test_members_of_other_sizes_are_named():
    model = ensemble(member(0), member(1, kernel=5))
    (step,) = find_feature_steps(replay(model), None)
    verdict = lab.explain(model, images_of(*SIZE), methods=["gradcam"]).verdicts["gradcam"][0]
    assert verdict.tensor == step.name
    other = ({"member0/conv", "member1/conv"} - {step.name}).pop()
    assert f"with maps of other sizes: --layer shows the others, {other}" in str(verdict)


def gated():
    """Squeeze-and-excitation: what is pooled comes back to the maps, so there is one way out."""
    image = keras.Input(SIZE)
    x = layers.Conv2D(4, 3, activation="relu")(image)
    gate = layers.Dense(4, activation="sigmoid")(layers.GlobalAveragePooling2D()(x))
    x = layers.Multiply(name="gated")([x, layers.Reshape((1, 1, 4))(gate)])
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


def two_scales():
    image = keras.Input(SIZE)
    x = layers.Conv2D(4, 3, activation="relu", name="early")(image)
    y = layers.Conv2D(4, 3, activation="relu", name="late")(x)
    both = [layers.GlobalAveragePooling2D()(each) for each in (x, y)]
    return keras.Model(image, layers.Dense(3)(layers.Concatenate()(both)))


@pytest.mark.parametrize(("make", "names"), [(gated, ["gated"]), (two_scales, ["early", "late"])])
def test_the_ways_out(make, names):
    assert [step.name for step in ways_out(replay(make()))] == names


def test_members_that_are_added_give_their_share():
    image = keras.Input(SIZE)
    members = [layers.Dense(4, activation="softmax")(layers.Flatten()(image)) for _ in range(3)]
    model = randomise(keras.Model(image, layers.Add()(members)))
    images = images_of(2, *SIZE)
    np.testing.assert_allclose(replay(model).probabilities(images), np.asarray(model(images)) / 3, rtol=1e-5)


def test_without_maps_of_cells_the_default_leaves_them_out():
    model = randomise(
        keras.Sequential([keras.Input((28, 28)), layers.Conv1D(3, 3), layers.Flatten(), layers.Dense(2)])
    )
    seen = lab.explain(model, images_of(28, 28))
    assert seen.methods == ("vanilla", "guided", "relu")
    assert "without a map of more than one cell" in str(seen)
    with pytest.raises(ValueError, match="map of more than one cell"):
        lab.explain(model, images_of(28, 28), methods=["gradcam"])
