"""Training on two devices of one process: what is the same as on one, and what differs and how."""

import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = [pytest.mark.keras, pytest.mark.slow]
SCRIPT = """
import json, sys
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

    class Stopped(Exception):
        pass

    def train(more, on, name, recipe=RECIPES["article"], stop=None):
        recipe = recipe.changed(epochs=3, batch_size=16)
        make_repeatable(0)
        with on.scope():
            model = network(more)
        def progress(epoch, step, *_):
            if stop == (epoch, step):
                raise Stopped
        backup = EpochBackup(Path(sys.argv[1]) / name)
        history = fit(model, data, recipe, 0, backup, progress, replicas=on)
        return [*map(np.asarray, model.get_weights())], history

    def difference(one, other):
        return max(float(np.abs(a.astype(float) - b).max()) for a, b in zip(one[0], other[0], strict=True))

    from app.engine.training.replicas import alone
    plain, noisy = (lambda: []), (lambda: [layers.BatchNormalization(), layers.Dropout(0.3)])
    found = {}
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

    from app.engine.training.together import Together
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
