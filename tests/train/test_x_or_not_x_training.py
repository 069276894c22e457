"""The 95 parameters of article 000: trained on drawn pictures unless others are asked for, by a recipe of their own."""

import json

import numpy as np
import pytest

from app.datasets.x_or_not_x import load_x_or_not_x
from app.library.scratch import train_in_numpy
from app.library.training import train_network
from app.train.__main__ import main
from models import CATALOGUE


def test_it_has_data_of_its_own_and_all_others_have_mnist():
    assert {name: network.data for name, network in CATALOGUE.items() if network.data != "mnist"} == {
        "x_or_not_x": "x_or_not_x"
    }


@pytest.mark.keras
def test_one_epoch_leaves_a_model_that_the_other_commands_take(door, tmp_path):
    from app.features.__main__ import main as features
    from app.saliency.__main__ import main as saliency

    code, output, error = door(main, "--model", "x_or_not_x", "--epochs", 1, "--output", tmp_path)
    assert code == 0, error
    assert "Training x_or_not_x (95 parameters) on x_or_not_x: recipe adam, adam, batches of 32" in output
    card = json.loads((tmp_path / "x_or_not_x.json").read_text())
    assert card["data"]["class_names"] == ["not X", "X"]
    assert card["data"]["sha256"] == load_x_or_not_x().sha256
    assert card["recipe"]["hidden_bias"] == 0.5
    model, data = tmp_path / "x_or_not_x.keras", "x_or_not_x:seed=1"
    for command, arguments in ((saliency, ()), (features, ("maps",)), (features, ("filters",))):
        given = () if arguments == ("filters",) else ("--data", data)
        picture = tmp_path / "picture.png"
        code, _, error = door(command, *arguments, "--model", model, *given, "--output", picture)
        assert code == 0, error
        assert picture.read_bytes().startswith(b"\x89PNG")
        picture.unlink()


@pytest.mark.keras
def test_hidden_dense_layers_with_a_relu_begin_above_0_and_no_others():
    import keras

    from app.engine.training.fit import begin_biases
    from app.engine.training.recipes import RECIPES

    def biases(recipe):
        layers = keras.layers
        model = keras.Sequential(
            [
                layers.Input((5, 5, 1)),
                layers.Conv2D(2, 3, activation="relu", name="conv"),
                layers.Flatten(),
                layers.Dense(3, activation="relu", name="hidden"),
                layers.Dense(3, activation="tanh", name="squashed"),
                layers.Dense(3, activation="relu", use_bias=False, name="bare"),
                layers.Dense(2, activation="relu", name="output"),
            ]
        )
        begin_biases(model, RECIPES[recipe])
        return {
            layer.name: set(np.asarray(layer.bias))
            for layer in model.layers
            if getattr(layer, "use_bias", False)
        }

    zeros = {"conv": {0}, "hidden": {0}, "squashed": {0}, "output": {0}}
    assert biases("article") == zeros
    assert biases("adam") == zeros | {"hidden": {0.5}}


@pytest.mark.keras
@pytest.mark.slow
def test_five_seeds_know_moved_x_that_they_have_not_seen(tmp_path):
    found = [train_network("x_or_not_x", seed=seed, folder=tmp_path).test_accuracy for seed in range(5)]
    assert min(found) >= 0.97


def test_numpy_trains_it_on_the_same_pictures():
    training = train_in_numpy("x_or_not_x", epochs=20, learning_rate=0.02)
    assert training.data == "x_or_not_x"
    assert training.test_accuracy >= 0.97
