"""Training on two devices of one process: what is the same as on one, and what differs and how."""

import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = [pytest.mark.keras, pytest.mark.slow]
SCRIPT = """
import contextlib, json, sys
import numpy as np
from app.cluster.team import taking_part
from app.cluster.tf_config import find_distribution

distribution = find_distribution("mirrored", {"CONVLAB_CPU_DEVICES": "2"})
with taking_part(distribution, dict, print) as team:
    import app.engine
    import keras
    from app.datasets.dataset import make_dataset
    from app.engine.training.backup import EpochBackup
    from app.engine.training.fit import fit, make_repeatable
    from app.engine.training.recipes import RECIPES
    from app.engine.training.replicas import start_replicas
    from pathlib import Path

    replicas = start_replicas(distribution, team)
    assert replicas.count == 2, replicas.count
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (53, 8, 8, 1)).astype(np.uint8)
    labels = np.arange(53) % 3
    data = make_dataset("noise", "drawn", (images, labels), (images[:23], labels[:23]))
    layers = keras.layers

    def network(more):
        return keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(3, 3, activation="relu"), *more(),
                                 layers.Flatten(), layers.Dense(3, activation="softmax")])

    found = {}
    class Stopped(Exception):
        pass

    def train(more, on, name, recipe=RECIPES["article"], stop=None, is_mixed=False):
        recipe = recipe.changed(epochs=3, batch_size=16, is_mixed=is_mixed)
        make_repeatable(0)
        with contextlib.nullcontext() if on is None else on.scope():
            model = network(more)
        def progress(epoch, step, *_):
            if stop == (epoch, step):
                raise Stopped
        backup = EpochBackup(Path(sys.argv[1]) / name)
        history = fit(model, data, recipe, 0, backup, progress, replicas=on)
        if is_mixed:
            found.setdefault("scales", []).append(float(np.log2(np.asarray(model.optimizer.dynamic_scale))))
        return [*map(np.asarray, model.get_weights())], history

    def difference(one, other):
        return max(float(np.abs(a.astype(float) - b).max()) for a, b in zip(one[0], other[0], strict=True))

    from app.engine.training.replicas import alone
    plain, noisy = (lambda: []), (lambda: [layers.BatchNormalization(), layers.Dropout(0.3)])
    for recipe in ("article", "fast", "sgd"):
        one, two = (train(plain, on, f"{recipe}-{on.count}", RECIPES[recipe]) for on in (alone(), replicas))
        found[recipe] = difference(one, two)
        found[f"{recipe} losses"] = [epoch["loss"] for epoch in two[1]]
        found[f"{recipe} measures"] = max(
            abs(a[key] - b[key]) for a, b in zip(one[1], two[1], strict=True)
            for key in ("loss", "accuracy", "val_loss", "val_accuracy"))
    first, second = train(noisy, replicas, "noisy"), train(noisy, replicas, "again")
    found["noisy again"] = difference(first, second)
    try:
        train(noisy, replicas, "stopped", stop=(1, 2))
    except Stopped:
        found["noisy resumed"] = difference(first, train(noisy, replicas, "stopped"))
    found["noisy and one"] = difference(first, train(noisy, alone(), "noisy-1"))

    large = lambda: [layers.Rescaling(300.0)]  # gradients overflow in float16, and the scale is halved
    halves = {"recipe": RECIPES["fast"], "is_mixed": True}
    by_keras, one = train(large, None, "half-keras", **halves), train(large, alone(), "half-1", **halves)
    found["mixed and Keras' fit"] = difference(by_keras, one)
    two = train(large, replicas, "half-2", **halves)
    found["mixed on two and on one"] = difference(one, two)
    found["mixed and not"] = difference(two, train(large, replicas, "whole-2", RECIPES["fast"]))
    try:
        train(large, replicas, "half-stopped", stop=(1, 2), **halves)
    except Stopped:
        found["mixed resumed"] = difference(two, train(large, replicas, "half-stopped", **halves))

    from app.engine.training.together import Together
    with replicas.scope():
        model = network(plain)
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), dynamic_growth_steps=2)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    together, images = Together(model, replicas), rng.normal(size=(1, 8, 8, 1)).astype(np.float32)
    def step(number, *factors):
        before = [np.asarray(weight) for weight in model.get_weights()]
        label, weight = np.array([[1]]), np.ones(1, np.float32)
        together.train([(images * factor, label, weight) for factor in factors], 2, number)
        has_moved = any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
        return has_moved, float(np.log2(np.asarray(optimizer.dynamic_scale)))
    found["scaled"] = [step(0, 1, 1), step(1, 1e30, 1), step(2, 1, 1e30), step(3, 1, 1), step(4, 1, 1)]
    with replicas.scope():
        model = network(lambda: [layers.Dropout(0.5)])
        model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    together, one = Together(model, replicas), rng.normal(size=(2, 8, 8, 1)).astype(np.float32)
    share = (one, np.array([[0], [1]]), np.ones(2, np.float32))
    model.layers[-1].kernel.assign(rng.normal(size=model.layers[-1].kernel.shape))
    def loss(weights):
        shares = [(share[0], share[1], np.full(2, w, np.float32)) for w in weights]
        return together.train(shares, 2, 0)[0]
    found["dropout on the two"] = [loss((1, 0)), loss((0, 1)), loss((1, 0))]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("mirrored"))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, folder], cwd=ROOT, text=True, capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("recipe", ["article", "fast", "sgd"])
def test_weights_and_measures_are_those_of_one_device(found, recipe):
    assert found[recipe] < 1e-4
    assert found[f"{recipe} measures"] < 1e-4
    assert abs(found[f"{recipe} losses"][0] - found[f"{recipe} losses"][-1]) > 1e-3  # something was learnt


def test_dropout_and_normalisation_are_repeatable_and_resume_to_the_bit(found):
    assert found["noisy again"] == 0
    assert found["noisy resumed"] == 0


def test_in_float16_it_is_the_step_of_keras(found):
    """Keras trains one device; two round in other places, since each adds up its own share in 16 bits."""
    assert found["mixed and Keras' fit"] == 0
    assert found["mixed resumed"] == 0
    assert len(set(found["scales"])) == 1
    assert found["scales"][0] < 15  # it has changed: a run that went on without it would differ
    assert 0 < found["mixed on two and on one"] < 0.01
    assert found["mixed and not"] > 1e-5


def test_gradients_that_are_broken_in_one_move_the_weights_in_none(found):
    """And the scale of the loss, 2¹⁵ at first, is halved; after two good steps it is doubled."""
    assert found["scaled"] == [[True, 15], [False, 14], [False, 13], [True, 13], [True, 14]]


def test_and_differ_from_those_of_one_device(found):
    """Each device has statistics of its share, and leaves out units of its own."""
    assert found["noisy and one"] > 1e-3
    first, second, again = found["dropout on the two"]
    assert first == again
    assert first != second


def test_the_command_trains_on_all_devices(small_npz, tmp_path):
    run = ["-m", "app.train", "--model", "numpy_cnn", "--data", str(small_npz), "--epochs", "1"]
    done = subprocess.run(
        [sys.executable, *run, "--output", str(tmp_path), "--distribute", "mirrored"],
        cwd=ROOT,
        env={**os.environ, "CONVLAB_CPU_DEVICES": "2"},
        text=True,
        capture_output=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Trained together: 2 replicas in this process; each batch is divided among them" in done.stdout
    assert json.loads((tmp_path / "numpy_cnn.json").read_text())["recipe"]["replicas"] == 2
