"""CONTRIBUTING's example of a new network, followed: one file and one entry, and nothing else."""

import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from conftest import ROOT

from app.counting.chalkboard import nn as chalk

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SECTION = re.search(r"^## Adding a network\n(.*?)^## ", PAGE, re.M | re.S).group(1)
FILE, LINES = re.findall(r"```python\n(.*?)```", SECTION, re.S)
IMPORT, ENTRY = LINES.strip().split("\n\n")
(COMMAND,) = re.findall(r"```sh\n(.*?)\n```", SECTION)
PATH = re.search(r"this file, `(\S+)`", SECTION).group(1)
LIST = re.search(r"of the list in `(\S+)`", SECTION).group(1)


@pytest.fixture
def house(tmp_path):
    """A copy of the house, with the example's file and entry added: `add(entry)` returns a runner."""

    def add(entry=ENTRY):
        for room in ("app", "models"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
        (tmp_path / PATH).write_text(FILE, "utf-8")
        text = (tmp_path / LIST).read_text("utf-8")
        assert text.count("\nDEEP_NETWORKS = (\n") == 1
        text = text.replace("\nDEEP_NETWORKS = (\n", f"\n{IMPORT}\nDEEP_NETWORKS = (\n{entry},\n")
        (tmp_path / LIST).write_text(text, "utf-8")

        def run(*arguments):
            return subprocess.run(
                [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300
            )

        return run

    return add


def build(nn, **arguments):
    rooms = {}
    exec(compile(FILE, PATH, "exec"), rooms)
    return rooms["squeezenet"](nn, **arguments)


@pytest.mark.keras
def test_the_example_agrees_with_keras_row_by_row():
    import app.engine  # noqa: F401, I001

    from app.counting.comparison import compare_rows
    from app.engine.build import nn
    from app.engine.measure import count_layers

    sheet, model = build(chalk).sheet(), build(nn)
    assert compare_rows(sheet.rows, count_layers(model)) == []
    assert sheet.parameters == model.count_params() == 1_248_424


@pytest.mark.keras
@pytest.mark.slow
def test_the_example_agrees_with_keras_and_with_what_is_printed(house):
    assert COMMAND.startswith("python -m ")
    done = house()(*COMMAND.split()[1:])
    assert done.returncode == 0, done.stderr
    rows = len(build(chalk).sheet().rows)
    assert f"squeezenet: all {rows} rows agree with Keras, 1,248,424 parameters" in done.stdout
    assert done.stdout.count("equal") == 2
    assert "there on 224×224" in done.stdout


def test_the_example_is_in_the_page_of_the_networks(house):
    done = house()("-m", "app.params", "--catalogue", "squeezenet", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    for text in ("table 1: 1,248,424 (equal)", "819 million MACs (14 million fewer than here)"):
        assert text in done.stdout, text


def test_a_slip_in_the_entry_is_reported(house):
    run = house(ENTRY.replace("1_248_424, 819", "1_248_425, 819"))
    done = run("-m", "app.params", "squeezenet", "--no-check")
    assert done.returncode == 1
    assert "trainable parameters is 1,248,424, published is 1,248,425" in done.stderr


def test_torchvisions_work_is_that_on_a_smaller_image():
    """On 224×224 only its second pooling has a window to round up for: there `same` is its way."""

    def pool(*arguments, **settings):
        padding = "same" if settings["name"] == "pool4" else "valid"
        return chalk.MaxPooling2D(*arguments, **settings, padding=padding)

    torch = SimpleNamespace(**{**vars(chalk), "MaxPooling2D": pool})
    assert round(build(torch, input_shape=(224, 224, 3)).sheet().multiply_accumulates / 10**6) == 819


def test_the_count_on_paper_is_the_count_by_hand():
    working, total = re.search(r"so it stores (.*?) = ([\d,]+)", SECTION).groups()
    rows = [row for row in build(chalk).sheet().rows if row.name.startswith("fire2")]
    stored = [int(row.trainable) for row in rows if row.trainable]
    terms = re.findall(r"\(([^)]*)\)·(\d+)", working)
    on_paper = [eval(inside.replace("·", "*")) * int(filters) for inside, filters in terms]
    assert on_paper == stored
    assert f"{sum(stored):,}" == total


@pytest.mark.keras
def test_the_example_trains_and_takes_other_classes_and_sizes():
    import app.engine  # noqa: F401, I001

    import keras
    import numpy as np
    import tensorflow as tf

    from app.engine.build import nn

    assert isinstance(nn, SimpleNamespace)
    keras.utils.set_random_seed(1)
    model = build(nn, classes=4, input_shape=(64, 72, 1))
    images = np.random.default_rng(0).uniform(size=(4, 64, 72, 1)).astype("float32")
    with tf.GradientTape() as tape:
        outputs = model(images, training=True)
        loss = keras.losses.sparse_categorical_crossentropy(np.arange(4), outputs)
    assert outputs.shape == (4, 4)
    assert np.isfinite(loss).all()
    for weight, gradient in zip(
        model.trainable_weights, tape.gradient(loss, model.trainable_weights), strict=True
    ):
        assert np.isfinite(gradient).all(), weight.path
        assert np.any(gradient), weight.path
