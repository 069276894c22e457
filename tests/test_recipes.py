"""CONTRIBUTING's recipes for all that is not a network, followed: few files, and what they add works."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^## Adding an? (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
NEW = re.compile(r"`(app/\S+\.py)`:\n\n```python\n(.*?)```", re.S)
CHANGED = re.compile(r"`(app/\S+\.py)`:\n\n```diff\n(.*?)```", re.S)


def new_files(recipe):
    return dict(NEW.findall(RECIPES[recipe]))


def changes(recipe):
    return dict(CHANGED.findall(RECIPES[recipe]))


def change(text, diff):
    """Return a text changed by `diff`: a + comes behind what stands above it there, a − goes."""
    lines, at = text.splitlines(), None
    for line in diff.splitlines():
        sign, content = line[0], line[1:]
        if sign == "+":
            lines.insert(at, content)
            at += 1
            continue
        assert lines.count(content) == 1, content
        at = lines.index(content)
        if sign == "-":
            del lines[at]
        else:
            at += 1
    return "\n".join(lines) + "\n"


@pytest.fixture
def house(tmp_path):
    """A copy of the house in which a recipe was followed: returns a runner of Python there."""

    def follow(recipe):
        for folder in ("app", "models"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
        for path, text in new_files(recipe).items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            assert not (tmp_path / path).exists(), path
            (tmp_path / path).write_text(text, "utf-8")
        for path, diff in changes(recipe).items():
            (tmp_path / path).write_text(change((tmp_path / path).read_text("utf-8"), diff), "utf-8")

        def run(*arguments):
            return subprocess.run(
                [sys.executable, *map(str, arguments)],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=300,
            )

        return run

    return follow


def test_a_change_is_made_where_the_page_says():
    assert change("a\nb\nc\n", " b\n+d\n") == "a\nb\nd\nc\n"
    assert change("a\nb\nc\n", "-b\n+d\n+e\n") == "a\nd\ne\nc\n"
    assert change("a\nb\nc\n", "-a\n+d\n-c\n+e\n") == "d\nb\ne\n"
    with pytest.raises(AssertionError, match="x"):
        change("a\n", " x\n+d\n")


@pytest.mark.parametrize("recipe", ["layer", "map method", "report format", "command"])
def test_a_recipe_is_at_most_three_files(recipe):
    assert 2 <= len(new_files(recipe)) + len(changes(recipe)) <= 3
    added = [line for diff in changes(recipe).values() for line in diff.splitlines() if line.startswith("+")]
    assert len(added) <= 2, "an import and a line"


COUNT = """
from app.counting.chalkboard import nn
sheet = nn.Sequential([nn.Input((7, 3)), nn.SimpleRNN(5, name="rnn"), nn.Dense(2)]).sheet()
row = sheet.rows[1]
print(row.parameters, row.multiply_accumulates, row.output_shape, row.field.text())
"""
KERAS = """
import app.engine
import keras
from app.counting.chalkboard import nn
from app.counting.comparison import compare_rows
from app.engine.measure import count_layers
for settings in ({}, {"return_sequences": True}, {"use_bias": False}):
    build = lambda v: v.Sequential([v.Input((7, 3), name="i"), v.SimpleRNN(5, name="rnn", **settings)])
    theirs = build(type("nn", (), {**vars(keras.layers), "Sequential": keras.Sequential}))
    assert not compare_rows(build(nn).sheet().rows, count_layers(theirs)), settings
    assert compare_rows(nn.Sequential([nn.Input((7, 3), name="i"), nn.SimpleRNN(4, name="rnn")]).sheet().rows,
                        count_layers(theirs))
"""


def test_the_layer_is_counted(house):
    done = house("layer")("-c", COUNT)
    assert done.stdout == "45 280 (5,) all\n", done.stderr
    assert "3·5 + 5·5 + 5 = 45" in RECIPES["layer"]
    assert "7·(3 + 5)·5 = 280" in RECIPES["layer"]


@pytest.mark.keras
@pytest.mark.slow
def test_the_layer_agrees_with_keras_row_by_row(house):
    done = house("layer")("-c", KERAS)
    assert done.returncode == 0, done.stderr


MAPS = """
import sys
from app.maps.methods import METHODS
assert METHODS["xgradcam"].uses_maps and "tensorflow" not in sys.modules
"""
SUMS = """
import numpy as np
with np.load("raw.npz") as raw:
    sums = [raw[f"{name}_raw"].sum() for name in ("xgradcam", "hirescam", "gradcam")]
assert np.isclose(sums[0], sums[1], rtol=1e-4) and not np.isclose(sums[0], sums[2], rtol=1e-2), sums
"""


def test_the_method_is_listed_without_tensorflow(house):
    run = house("map method")
    done = run("-c", MAPS)
    assert done.returncode == 0, done.stderr
    listed = " ".join(run("-m", "app.saliency", "--help").stdout.split())
    assert ", xgradcam, " in listed


@pytest.mark.keras
@pytest.mark.slow
def test_the_method_draws_a_map_that_sums_as_the_page_says(house, tmp_path):
    run = house("map method")
    model = ROOT / "saved_models" / "shipped" / "mnist.keras"
    stroke = np.zeros((28, 28), np.uint8)
    stroke[5:23, 12:16] = 255
    Image.fromarray(stroke).save(tmp_path / "one.png")
    methods = [word for name in ("xgradcam", "hirescam", "gradcam") for word in ("--method", name)]
    done = run("-m", "app.saliency", "--model", model, "--image", "one.png", "--raw", "raw.npz", *methods)
    assert done.returncode == 0, done.stderr
    assert "xgradcam largest value" in done.stdout
    assert run("-c", SUMS).returncode == 0, run("-c", SUMS).stderr


def test_the_format_is_written_by_name_and_by_ending(house):
    run = house("report format")
    done = run("-m", "app.params", "lenet5", "--no-check", "--format", "tsv")
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert lines[0][:3] == ["layer", "kind", "output"]
    assert run("-m", "app.params", "lenet5", "--no-check", "--output", "lenet5.tsv").returncode == 0
    assert run("-c", "print(open('lenet5.tsv').read(), end='')").stdout == done.stdout


def test_the_command_works_in_both_ways_and_is_listed(house):
    run = house("command")
    for way in (("app.sees",), ("app", "sees")):
        done = run("-m", *way, "mnist")
        assert done.returncode == 0, done.stderr
        assert re.search(r"conv3 +18×18", done.stdout)
    assert run("-m", "app.sees", "mnits").returncode == 2
    assert "what the cells of each layer see" in " ".join(run("-m", "app").stdout.split())
