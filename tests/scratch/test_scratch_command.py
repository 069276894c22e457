"""python -m app.scratch: article 002 done again, the comparison with Keras, the spread, the perceptron."""

import json
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT

from app.scratch.__main__ import main
from app.scratch.optimisers import OPTIMISERS
from app.scratch.perceptron import TASKS
from app.scratch.request import GOES_WITH, OPTIMISER_NAMES, TASK_NAMES
from app.scratch.run import run_comparison
from models import find_network

LOADED = """
import runpy, sys
try:
    runpy.run_module("app.scratch", run_name="__main__")
finally:
    print("LOADED", *(m for m in ("numpy", "matplotlib", "tensorflow", "keras") if m in sys.modules))
"""
"""A process that says which heavy modules it loaded."""
LINE = re.compile(r"\[Step (\d+)\] Past 100 steps: Average Loss (\d\.\d{3}) \| Accuracy: (\d+)%")


def test_it_does_article_002_again_and_to_its_end(door, small_npz, tmp_path):
    picture = tmp_path / "seen.svg"
    code, output, error = door(main, "--data", small_npz, "--epochs", "3", "--output", picture)
    assert (code, error) == (0, "")
    lines = LINE.findall(output)
    assert [int(step) for step, _, _ in lines] == [100, 200, 300, 400, 500]
    assert all(2.29 < float(loss) < 2.32 for _, loss, _ in lines)
    assert all(int(percent) < 25 for _, _, percent in lines)
    assert "guessing among 10 classes: ln 10 = 2.303, 10.0 %" in output
    assert float(re.search(r"Test: .* accuracy (0\.\d{4})", output)[1]) > 0.8
    assert f"Picture: {picture}" in output
    assert picture.read_text("utf-8").startswith("<?xml")


def test_the_first_thousand_images_of_mnist(door, monkeypatch):
    """As the article shows them: ten lines, 2.30 and about 10 %; the training is left out."""
    from app.scratch.fit import Course

    monkeypatch.setattr("app.scratch.run.fit", lambda *_: Course())
    code, output, _ = door(main)
    assert code == 0
    lines = LINE.findall(output)
    assert [int(step) for step, _, _ in lines] == list(range(100, 1001, 100))
    assert {loss[:4] for _, loss, _ in lines} == {"2.30"}
    assert 5 < np.mean([int(percent) for _, _, percent in lines]) < 15
    assert "of 10,000 images wrong" in output


def test_without_output_nothing_is_drawn_and_matplotlib_is_not_loaded(command, small_npz):
    done = command("-c", LOADED, "--data", small_npz, "--epochs", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["LOADED", "numpy"]


def test_help_loads_nothing_heavy(command):
    done = command("-c", LOADED, "--help-all")
    assert done.stdout.splitlines()[-1].split() == ["LOADED"]
    for section in ("What is done", "Training:", "The comparison with Keras:", "The spread:", "The picture:"):
        assert section in done.stdout


def test_what_help_says_is_so(door):
    from app.scratch.beside_keras import MOST_COMPARED
    from app.scratch.fit import MOST_TRAINED, RATES, FitSettings
    from app.scratch.spread import MOST_SPREAD

    text = " ".join(door(main, "--help-all")[1].split())
    assert (MOST_TRAINED, MOST_COMPARED, MOST_SPREAD) == (2_000_000, 12_000_000, 12_000_000)
    assert tuple(OPTIMISERS) == OPTIMISER_NAMES == tuple(RATES)
    assert tuple(TASKS) == TASK_NAMES
    xor, digits = TASKS["xor"], TASKS["digits"]
    rates = ", ".join(f"{name} {RATES[name]:g}" for name in ("adam", "rmsprop", "sgd"))
    assert f"({rates})" in text
    assert f"({FitSettings().epochs}; xor {xor.epochs}, digits {digits.epochs})" in text
    assert f"(xor {xor.rate:g}, digits {digits.rate:g})" in text
    assert f"(xor {xor.hidden}, digits {digits.hidden})" in text
    assert f"Images a step ({FitSettings().batch_size})" in text


BAD = {
    "compare and spread": (("--compare", "--spread"), "--compare and --spread contradict each other"),
    "compare and perceptron": (("--compare", "--perceptron", "xor"), "contradict"),
    "compare and epochs": (("--compare", "--epochs", "3"), "--epochs and --compare contradict each other"),
    "compare and data": (("--compare", "--data", "mnist"), "--data and --compare contradict"),
    "compare and output": (("--compare", "--output", "a.png"), "--output and --compare contradict"),
    "dtype alone": (("--dtype", "float32"), "--dtype goes with --compare"),
    "kind alone": (("--kind", "conv"), "--kind goes with --spread"),
    "hidden alone": (("--hidden", "3"), "--hidden goes with --perceptron"),
    "spread of two": (("--spread", "--model", "mnist", "--layers", "3"), "--model and --layers contradict"),
    "xor and data": (("--perceptron", "xor", "--data", "mnist"), "--perceptron xor and --data contradict"),
    "perceptron and model": (
        ("--perceptron", "xor", "--model", "mnist"),
        "--model and --perceptron contradict",
    ),
    "perceptron and optimiser": (("--perceptron", "digits", "--optimiser", "sgd"), "contradict"),
    "unknown model": (("--model", "mnsit"), "did you mean mnist?"),
    "too large": (
        ("--model", "vgg16"),
        "has 138,357,544 parameters; NumPy is fast enough for training up to 2,000,000",
    ),
    "too large to compare": (("--compare", "--model", "alexnet"), "for comparing up to 12,000,000"),
    "too large to look at": (("--spread", "--model", "vgg16"), "for looking at it up to 12,000,000"),
    "no classes": (("--model", "vae_mnist"), "puts out a picture"),
    "no fit": (("--model", "x_or_not_x", "--data", "mnist"), "does not fit mnist"),
    "rate": (("--learning-rate", "inf"), "--learning-rate must be a finite number"),
    "epochs": (("--epochs", "0"), "1<=x"),
    "ending": (("--output", "a.gif"), ".png, .svg, .pdf"),
    "data": (("--data", "nowhere.npz"), "nowhere.npz"),
    "task": (("--perceptron", "and"), "there are: xor, digits"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line(door, name):
    arguments, message = BAD[name]
    code, output, error = door(main, *arguments)
    assert (code, output) == (2, "")
    assert message in error
    assert len(error.strip().splitlines()) == 1


def test_every_option_belongs_somewhere():
    here = {parameter.opts[0].removeprefix("--").replace("-", "_") for parameter in main.params}
    figures = {"title", "width", "dpi", "slide"}
    assert here == {*GOES_WITH, *figures, "compare", "spread", "perceptron", "seed"}


def test_a_loss_that_is_not_finite_is_a_failed_check(door, small_npz):
    code, _, error = door(main, "--data", small_npz, "--learning-rate", "1e30")
    assert code == 1
    assert "try a smaller --learning-rate than 1e+30" in error.splitlines()[-1]


@pytest.mark.parametrize("arguments", [("--epochs", "500"), ("--perceptron", "digits", "--epochs", "500")])
def test_ctrl_c_ends_quietly_with_what_was_reached(small_npz, arguments):
    run = [sys.executable, "-m", "app.scratch", "--data", str(small_npz), *arguments]
    with subprocess.Popen(
        run, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while "epoch 2 of" not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error == ""
    assert "Stopped" in output
    assert re.search(r"(Test: loss|Test accuracy) ", output)


@pytest.mark.keras
def test_numpy_and_keras_agree_tensor_by_tensor(door):
    code, output, _ = door(main, "--compare", "--model", "mnist")
    assert code == 0
    names = [line.split()[0] for line in output.splitlines() if line.startswith("  ") and "─" not in line][1:]
    assert names[:5] == ["image", "conv1:linear", "conv1/kernel", "conv1/bias", "conv1"]
    assert names[-1] == "output"
    assert "limit 1e-09: NumPy and Keras agree" in output


@pytest.mark.keras
@pytest.mark.parametrize(
    "name", ["numpy_cnn", "lenet5", "lecun1989", "tdnn", "inception_block", "neocognitron"]
)
def test_other_networks_agree_too(name):
    comparison = run_comparison(find_network(name))
    assert comparison.agrees, comparison.verdict
    assert comparison.worst.worst < 1e-12
    assert all(row.backward is not None for row in comparison)


@pytest.mark.keras
def test_in_float32_they_are_as_near_as_its_digits():
    comparison = run_comparison(find_network("mnist"), "float32")
    assert 1e-9 < comparison.worst.worst < 1e-3
    assert comparison.limit is None
    assert comparison.agrees


@pytest.mark.keras
@pytest.mark.parametrize("part", ["forward", "backward"])
def test_a_mistake_would_be_seen(door, monkeypatch, part):
    from app.scratch.vocabulary import nn

    right = nn.Dense.forward

    def wrong(self, *inputs, **settings):
        output, back = right(self, *inputs, **settings)
        if part == "forward":
            return output * (1 + 1e-7), back
        return output, lambda gradient: back(gradient * (1 + 1e-7))

    monkeypatch.setattr(nn.Dense, "forward", wrong)
    code, output, error = door(main, "--compare")
    assert code == 1
    assert "do not agree" in output
    assert "NumPy and Keras differ in" in error


@pytest.mark.keras
def test_a_wrong_softmax_would_be_seen(monkeypatch):
    """Though gradients enter in front of it too."""
    from app.scratch.vocabulary import nn

    right = nn.Softmax.forward

    def wrong(self, *inputs, **settings):
        output, back = right(self, *inputs, **settings)
        return output, lambda gradient: (back(gradient)[0] * (1 + 1e-6),)

    assert run_comparison(find_network("lenet5_modern")).agrees
    monkeypatch.setattr(nn.Softmax, "forward", wrong)
    for name in ("numpy_cnn", "lenet5_modern", "lenet5"):
        assert not run_comparison(find_network(name)).agrees


@pytest.mark.keras
@pytest.mark.parametrize("seed", [0, 1])
def test_a_softmax_that_is_sure_of_itself_spoils_no_comparison(seed):
    """With these weights 1 − p is 10⁻⁶ and 10⁻⁸: what passes the softmax alone has lost half of its digits."""
    comparison = run_comparison(find_network("resnet56"), seed=seed)
    assert comparison.worst.worst < 1e-12


@pytest.mark.keras
def test_keras_computes_as_before_afterwards():
    import app.engine  # noqa: F401, I001
    import keras

    before = keras.config.dtype_policy().name
    run_comparison(find_network("x_or_not_x"))
    assert keras.config.dtype_policy().name == before == "float32"


def test_the_spread(door, tmp_path):
    code, output, _ = door(main, "--spread", "--layers", "4", "--activation", "relu", "--output", tmp_path)
    assert code == 0
    assert "4 dense layers with relu" in output
    assert "dense4" in output
    assert re.search(r"9 +0\.0123\d +1/81", output)
    assert list(tmp_path.iterdir()) == [tmp_path / "scratch-spread-4-dense-layers-with-relu.png"]


def test_the_perceptron(door, tmp_path):
    code, output, _ = door(main, "--perceptron", "xor", "--epochs", "1000", "--output", tmp_path / "xor.png")
    assert code == 0
    assert "XOR is learnt." in output
    assert "Err hidden" in output
    assert (tmp_path / "xor.png").stat().st_size > 5000


def test_other_settings_reach_the_perceptron(door, small_npz):
    asked = ("--hidden", "7", "--epochs", "1", "--learning-rate", "0.25", "--seed", "3")
    _, output, _ = door(main, "--perceptron", "digits", "--data", small_npz, *asked)
    assert "perceptron 784–7–10, delta rule, rate 0.25, seed 3" in output


def test_it_is_listed_among_the_commands():
    from app.__main__ import ORDER, commands

    assert commands()["scratch"]
    assert ORDER.index("scratch") < ORDER.index("train")


def test_results_are_plain_json():
    from app.scratch.run import run_spread

    assert json.dumps(run_spread(depth=2).to_dict())


GUIDE = (ROOT / "docs" / "scratch.md").read_text("utf-8")


@pytest.mark.parametrize("asked", ["--perceptron xor", "--spread"])
def test_what_the_guide_shows_is_printed(door, tmp_path, asked):
    """To the words: the last digits of numbers may be another on another machine."""
    shown = re.search(
        rf"```sh\npython -m app.scratch {asked}[^\n]*\n```\n\n```text\n(.*?)```", GUIDE, re.S
    ).group(1)
    code, output, error = door(main, *asked.split(), "--output", tmp_path)
    assert (code, error) == (0, "")
    printed = re.sub(r"(?m)^Picture: .*$", "", output)
    words, numbers = (
        [re.findall(pattern, text) for text in (printed, shown)]
        for pattern in (r"[^\W\d]+", r"-?\d[\d.,]*(?:e-?\d+)?")
    )
    assert words[0] == words[1]
    ours, theirs = ([float(n.strip(".,").replace(",", "")) for n in found] for found in numbers)
    np.testing.assert_allclose(ours, theirs, rtol=0.02, atol=2e-3)
