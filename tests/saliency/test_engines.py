"""Maps without waiting for TensorFlow: who runs the network does not show, and TensorFlow is not even imported."""

import app.engine  # noqa: F401, I001

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from app.maps.methods import METHODS

pytestmark = pytest.mark.keras
layers = keras.layers
CLOSE = 1e-5
"""Of a map's largest value."""


@pytest.fixture(scope="module")
def residual(tmp_path_factory):
    """A user's own small model, with a residual branch and batch normalisation, and a picture for it."""
    keras.utils.set_random_seed(5)
    image = keras.Input((24, 20, 3))
    x = start = layers.Conv2D(8, 3, padding="same", use_bias=False)(image)
    for _ in range(2):
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.Conv2D(8, 3, padding="same")(x)
    x = layers.MaxPooling2D(2)(layers.Add()([x, start]))
    model = keras.Model(image, layers.Dense(4, activation="softmax")(layers.Flatten()(x)))
    draw = np.random.default_rng(2)
    for variable in model.weights:
        if "moving" in variable.path or "gamma" in variable.path:
            variable.assign(draw.uniform(0.4, 1.6, variable.shape))
    folder = tmp_path_factory.mktemp("own")
    model.save(folder / "own.keras")
    model.save(folder / "own.h5")
    Image.fromarray(draw.integers(0, 256, (24, 20, 3), "uint8")).save(folder / "photo.png")
    return folder


def run(*arguments, folder, name):
    """Run the command in a process of its own; return its raw maps and the modules that it imported."""
    code = (
        "import runpy, sys\n"
        "sys.argv = ['app.saliency', *sys.argv[1:]]\n"
        "try:\n    runpy.run_module('app.saliency', run_name='__main__', alter_sys=False)\n"
        "finally:\n    print('MODULES', *sys.modules)\n"
    )
    files = [
        "--output",
        folder / f"{name}.png",
        "--raw",
        folder / f"{name}.npz",
        "--report",
        folder / f"{name}.json",
    ]
    given = [str(each) for each in (*arguments, *files, "--no-isolate")]
    environment = {**os.environ, "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "-c", code, *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(folder / f"{name}.npz") as archive:
        arrays = dict(archive)
    modules = done.stdout.split("MODULES")[1].split()
    return arrays, set(modules), json.loads((folder / f"{name}.json").read_text())


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), int)


CASES = {
    "the command of the README": lambda own: ("--model", "mnist", "--class", "3"),
    "a user's own file": lambda own: ("--model", own / "own.keras", "--image", own / "photo.png"),
    "an older user's own file": lambda own: (
        "--model",
        own / "own.h5",
        "--image",
        own / "photo.png",
        "--class",
        "2",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_numpy_draws_what_tensorflow_draws_and_needs_none(case, residual, tmp_path):
    asked = CASES[case](residual)
    ours, modules, report = run(*asked, folder=tmp_path, name="ours")
    assert not modules & {"tensorflow", "keras", "tf_keras_vis"}
    assert report["computed by"] == "NumPy"
    theirs, others, other_report = run(*asked, "--engine", "tensorflow", folder=tmp_path, name="theirs")
    assert {"tensorflow", "keras"} <= others
    assert other_report["computed by"] == "TensorFlow"
    assert ours.keys() == theirs.keys()
    for name, values in theirs.items():
        np.testing.assert_allclose(
            ours[name], values, rtol=0, atol=CLOSE * max(np.abs(values).max(), 1e-9), err_msg=name
        )
    difference = np.abs(pixels(tmp_path / "ours.png") - pixels(tmp_path / "theirs.png"))
    assert difference.mean() < 0.05  # of 255: a colour may turn to its neighbour


@pytest.mark.slow
def test_every_method_is_the_same(residual, tmp_path):
    asked = (
        "--model",
        residual / "own.keras",
        "--image",
        residual / "photo.png",
        "--method",
        "all",
        "--samples",
        "5",
    )
    ours, modules, _ = run(*asked, folder=tmp_path, name="ours")
    theirs, _, _ = run(*asked, "--engine", "tensorflow", folder=tmp_path, name="theirs")
    assert "tensorflow" not in modules
    assert set(METHODS) <= ours.keys()
    for name in METHODS:
        raw = f"{name}_raw" if f"{name}_raw" in theirs else name
        np.testing.assert_allclose(
            ours[raw], theirs[raw], rtol=0, atol=1e-4 * np.abs(theirs[raw]).max(), err_msg=name
        )


def test_what_numpy_lacks_tensorflow_takes_over(tmp_path):
    keras.utils.set_random_seed(0)
    image = keras.Input((12, 12, 1))
    x = layers.GroupNormalization(2)(layers.Conv2D(4, 3)(image))
    path = tmp_path / "grouped.keras"
    keras.Model(image, layers.Dense(2)(layers.Flatten()(x))).save(path)
    Image.new("L", (12, 12), 90).save(tmp_path / "grey.png")
    asked = ("--model", path, "--image", tmp_path / "grey.png")
    _, modules, report = run(*asked, folder=tmp_path, name="both")
    assert "tensorflow" in modules
    assert report["computed by"] == "TensorFlow"
    done = subprocess.run(
        [sys.executable, "-m", "app.saliency", *map(str, asked), "--engine", "numpy"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "GroupNormalization" in done.stderr
    assert "take TensorFlow" in done.stderr
