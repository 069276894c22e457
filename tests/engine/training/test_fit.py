"""Training is repeatable, resumable, and stops at a loss that is no number."""

import app.engine  # noqa: F401, I001

import dataclasses
import json
import os
import math
import shutil

import keras
import numpy as np
import pytest

from counted_networks import SHEETS
from app.datasets.sources import load_npz
from app.engine.training.backup import EpochBackup
from app.engine.training.fit import DivergedError, Triangle, fit, make_repeatable, training_batches
from app.engine.training.recipes import RECIPES
from models import Pixels
from app.engine.store import hash_weights
from app.engine.build import build_model
from models import CATALOGUE

pytestmark = pytest.mark.keras
RECIPE = dataclasses.replace(RECIPES["fast"], epochs=3, passes=3, batch_size=20)


@pytest.fixture(scope="module")
def data(small_npz):
    whole = load_npz(small_npz)
    return dataclasses.replace(
        whole,
        train_images=whole.train_images[:450],
        train_labels=whole.train_labels[:450],
        test_images=whole.test_images[:100],
        test_labels=whole.test_labels[:100],
    )


@pytest.fixture(scope="module")
def few(data):
    """Ninety of them, every second pixel: five batches an epoch."""
    images = {name: getattr(data, name)[:90, ::2, ::2] for name in ("train_images", "test_images")}
    labels = {name: getattr(data, name)[:90] for name in ("train_labels", "test_labels")}
    return dataclasses.replace(data, **images, **labels)


def train(data, folder, seed=1, recipe=RECIPE, progress=lambda *_: None, network="keras_vis_mnist"):
    make_repeatable(seed)
    model = build_model(CATALOGUE[network], input_shape=(14, 14, 1))
    fitted = fit(model, data, recipe, seed, EpochBackup(folder), progress)
    return model, fitted


@pytest.fixture(scope="module")
def finished(few, tmp_path_factory):
    """A run without interruption: its folder, model and history."""
    folder = tmp_path_factory.mktemp("whole") / "a"
    return folder, *train(few, folder)


@pytest.fixture
def copied(finished, tmp_path):
    """The folder of that run, to be changed."""
    return shutil.copytree(finished[0], tmp_path / "a")


def test_the_same_seed_gives_the_same_weights(few, tmp_path, finished):
    _, first, _ = finished
    second, _ = train(few, tmp_path / "b")
    other, _ = train(few, tmp_path / "c", seed=2)
    assert hash_weights(first) == hash_weights(second)
    assert hash_weights(first) != hash_weights(other)


class StopHereError(Exception):
    pass


@pytest.mark.parametrize("stop_at", [(1, 2), (2, 4)])
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(few, tmp_path, stop_at, finished):
    """`keras_vis_mnist` has dropout, so its random state must come back too."""
    _, whole, history = finished

    def stop(epoch, step, steps, measures):
        if (epoch, step) == stop_at:
            raise StopHereError

    with pytest.raises(StopHereError):
        train(few, tmp_path / "cut", progress=stop)
    assert EpochBackup(tmp_path / "cut").finished_epochs == stop_at[0]
    resumed, again = train(few, tmp_path / "cut")
    assert hash_weights(resumed) == hash_weights(whole)
    assert [e["loss"] for e in again] == [e["loss"] for e in history]


@pytest.mark.parametrize(
    "name",
    ["lecun1989", *(pytest.param(name, marks=pytest.mark.slow) for name in ("lenet5", "lenet5_modern"))],
)
def test_the_early_networks_recipes_resume_to_the_bit(data, tmp_path, name):
    recipe = dataclasses.replace(RECIPES[CATALOGUE[name].recipe], epochs=2, passes=2)
    data = dataclasses.replace(
        data, train_images=data.train_images[:150], train_labels=data.train_labels[:150]
    )

    def build_and_fit(folder, progress=lambda *_: None):
        make_repeatable(3)
        model = build_model(CATALOGUE[name], input_shape=(28, 28, 1))
        return model, fit(model, data, recipe, 3, EpochBackup(folder), progress)

    def stop(epoch, step, steps, measures):
        if (epoch, step) == (1, 2):
            raise StopHereError

    whole, history = build_and_fit(tmp_path / "whole")
    with pytest.raises(StopHereError):
        build_and_fit(tmp_path / "cut", stop)
    resumed, again = build_and_fit(tmp_path / "cut")
    assert hash_weights(resumed) == hash_weights(whole)
    assert [e["loss"] for e in again] == [e["loss"] for e in history]
    restored, _ = build_and_fit(tmp_path / "cut")
    assert hash_weights(restored) == hash_weights(whole)


def test_every_network_names_a_recipe_that_exists():
    assert {network.recipe for network in CATALOGUE.values()} <= set(RECIPES)
    assert [name for name, network in CATALOGUE.items() if RECIPES[network.recipe].loss == "map"] == [
        name
        for name, network in CATALOGUE.items()
        if any(row.kind == "RadialBasis" for row in SHEETS[name].rows)
    ]


def test_a_state_that_was_not_finished_is_not_used(few, tmp_path, finished):
    _, whole, _ = finished
    unfinished = tmp_path / "cut" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "state.npz").write_bytes(b"half a file")
    model, _ = train(few, tmp_path / "cut")
    assert hash_weights(model) == hash_weights(whole)


def test_a_finished_run_is_restored_without_training(few, finished, copied):
    _, first, _ = finished
    seen = []
    second, fitted = train(few, copied, progress=lambda *a: seen.append(a))
    assert not seen
    assert len(fitted) == 3
    assert hash_weights(first) == hash_weights(second)


def test_a_loss_that_is_no_number_stops_and_keeps_nothing(few, tmp_path):
    recipe = RECIPE.changed(learning_rate=1e30)
    with pytest.raises(DivergedError, match="in epoch 1"):
        train(few, tmp_path / "a", recipe=recipe)
    assert EpochBackup(tmp_path / "a").finished_epochs == 0


def test_every_pass_sees_every_image_once_in_another_order(data):
    recipe = dataclasses.replace(RECIPE, passes=2, epochs=2, batch_size=64)
    sums = [float(np.sum(x)) for x, _ in training_batches(data, recipe, 5, 0, Pixels())]
    labels = [np.ravel(y) for _, y in training_batches(data, recipe, 5, 0, Pixels())]
    per_epoch = math.ceil(450 / 64)
    assert len(labels) == 2 * per_epoch
    first, second = np.concatenate(labels[:per_epoch]), np.concatenate(labels[per_epoch:])
    for order in (first, second):
        assert np.bincount(order).tolist() == np.bincount(data.train_labels).tolist()
    assert not np.array_equal(first, second)
    later = [float(np.sum(x)) for x, _ in training_batches(data, recipe, 5, 1, Pixels())]
    assert later == sums[per_epoch:]


def test_pixels_are_scaled_as_the_network_takes_them(data):
    batch, _ = next(iter(training_batches(data, RECIPE, 0, 0, Pixels((-0.5, 0.5)))))
    assert float(np.min(batch)) == -0.5
    assert float(np.max(batch)) == 0.5


def test_the_triangle_is_its_formula():
    rate = Triangle(peak=2.0, steps=50)
    values = [float(rate(i)) for i in range(50)]
    assert values[9] == pytest.approx(2.0)
    assert max(values) == values[9]
    np.testing.assert_allclose(np.diff(values[:10]), 0.2, rtol=1e-5)
    np.testing.assert_allclose(np.diff(values[9:]), -2.0 / 41, rtol=1e-4)
    assert values[-1] > 0
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(rate))
    assert float(copy(17)) == values[17]


def test_the_article_recipe_is_the_articles():
    recipe = RECIPES["article"]
    assert (recipe.optimizer, recipe.batch_size, recipe.epochs, recipe.schedule) == (
        "rmsprop",
        64,
        5,
        "constant",
    )
    assert recipe.steps(60_000) == (938, 4690)
    assert recipe.learning_rate == keras.optimizers.get("rmsprop").learning_rate


def test_doors_and_engine_know_the_same_recipes():
    from app.train.__main__ import main

    (choice,) = [p.type.choices for p in main.params if p.name == "recipe"]
    assert list(choice) == list(RECIPES)


@pytest.mark.parametrize("lost", [pytest.param("state.npz", marks=pytest.mark.slow), "history.json"])
def test_half_a_state_is_not_taken_for_one(few, finished, copied, lost):
    """A process killed while it removes its state must not lead to an untrained model."""
    _, whole, _ = finished
    (next(copied.glob("epoch-*")) / lost).unlink()
    assert EpochBackup(copied).finished_epochs == 0
    again, _ = train(few, copied)
    assert hash_weights(again) == hash_weights(whole)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def other_numbers(path):
    """The same arrays with one number changed: whole, and of no run."""
    with np.load(path) as stored:
        arrays = [stored[name].copy() for name in stored.files]
    arrays[0].flat[0] += 1
    np.savez(path, *arrays)


def other_history(path):
    facts = json.loads(path.read_text())
    facts["epochs"][0]["loss"] = 0.5
    path.write_text(json.dumps(facts))


DAMAGE = {
    "flipped byte": ("state.npz", flip),
    "another weight": ("state.npz", other_numbers),
    "cut": ("state.npz", lambda path: path.write_bytes(path.read_bytes()[:-100])),
    "empty state": ("state.npz", lambda path: path.write_bytes(b"")),
    "empty history": ("history.json", lambda path: path.write_bytes(b"")),
    "nested history": ("history.json", lambda path: path.write_text("[" * 1000)),
    "history of another kind": ("history.json", lambda path: path.write_text('{"epochs": {"a": 1}}')),
    "another measure": ("history.json", other_history),
    "a pipe": ("history.json", lambda path: (path.unlink(), os.mkfifo(path))),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_state_is_left_out(copied, name):
    assert EpochBackup(copied).finished_epochs > 0
    (state,) = copied.glob("epoch-*")
    file, damage = DAMAGE[name]
    damage(state / file)
    backup = EpochBackup(copied)
    assert (backup.finished_epochs, backup.damaged) == (0, [state])


def test_a_state_under_the_number_of_another_epoch_is_left_out(copied):
    (state,) = copied.glob("epoch-*")
    state.rename(copied / "epoch-0007")
    assert EpochBackup(copied).finished_epochs == 0


def test_a_second_run_in_the_same_place_is_refused(tmp_path):
    from app.files.lock import only_one

    with (
        only_one(tmp_path / "x.lock", "training"),
        pytest.raises(ValueError, match="already training"),
        only_one(tmp_path / "x.lock", "training"),
    ):
        pass
    with only_one(tmp_path / "x.lock", "training"):
        pass
