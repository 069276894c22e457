"""Trainings that were cut off, states that are damaged, commands side by side, and Ctrl-C."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from hostile.aftermath import differences, ending, snapshot, torn
from hostile.injector import ROOT

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads /proc")]


def states(folder):
    """Return the files of the state that an interrupted training left: the weights and the history."""
    found = [
        path for path in (folder / "out" / ".backup").rglob("*") if path.is_file() and path.stat().st_size
    ]
    (history,) = [path for path in found if path.suffix == ".json"]
    (weights,) = [path for path in found if path.suffix in (".h5", ".npz")]
    return weights, history


def in_history(change):
    """Return a damage: the epochs in a history are changed."""

    def damage(weights, history, other):
        facts = json.loads(history.read_text())
        if isinstance(facts, dict):
            facts["epochs"] = change(facts["epochs"])
        else:
            facts = change(facts)
        history.write_text(json.dumps(facts))

    return damage


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "weights emptied": lambda weights, history, other: weights.write_bytes(b""),
    "weights flipped": lambda weights, history, other: flip(weights),
    "weights cut short": lambda weights, history, other: weights.write_bytes(weights.read_bytes()[:-100]),
    "weights gone": lambda weights, history, other: weights.unlink(),
    "weights of another epoch": lambda weights, history, other: weights.write_bytes(other),
    "weights a folder": lambda weights, history, other: (weights.unlink(), weights.mkdir()),
    "history emptied": lambda weights, history, other: history.write_bytes(b""),
    "history gone": lambda weights, history, other: history.unlink(),
    "history no text": lambda weights, history, other: history.write_bytes(b"\xff\xfe\x00"),
    "history nested": lambda weights, history, other: history.write_text("[" * 100_000 + "]" * 100_000),
    "history of other things": lambda weights, history, other: history.write_text(
        '{"epochs": 2, "seconds": []}'
    ),
    "history a number": lambda weights, history, other: history.write_text("2"),
    "history of texts": in_history(lambda epochs: ["0.5" for _ in epochs]),
    "measures of texts": in_history(lambda epochs: [dict.fromkeys(epoch, "0.5") for epoch in epochs]),
    "measures missing": in_history(lambda epochs: [{} for _ in epochs]),
    "measures changed": in_history(lambda epochs: [{**epoch, "loss": epoch["loss"] + 1} for epoch in epochs]),
    "an epoch more": in_history(lambda epochs: [*epochs, epochs[-1]]),
    "an epoch less": in_history(lambda epochs: epochs[:-1]),
    "no epochs": in_history(lambda epochs: []),
}


@pytest.fixture(scope="module")
def cut_off(scene):
    """A training of three epochs that was cut off after two, and its state's weights after one."""
    training = scene("three epochs", 2)
    outcome, whole = training.undisturbed
    assert "Resuming after epoch 2 of 3" in outcome.out
    begin_anew(training)
    assert training.run(stop=(1, signal.SIGINT)).code == 130
    other = states(training.work)[0].read_bytes()
    begin_anew(training)
    from_the_start = training.run()
    assert list(differences(snapshot(training.work), whole)) == []
    return training, other, plain(from_the_start.out)


def begin_anew(training):
    """Put everything as it is before, without the state of a training that was cut off."""
    training.prepare()
    shutil.rmtree(training.work / "out" / ".backup")


def plain(text):
    """Return the lines of an output without times."""
    return [re.sub(r"\d+\.\d s", "… s", line) for line in text.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_state_is_left_out(cut_off, name):
    """It is said in a line, and the training begins anew: the weights are those of an undisturbed run."""
    training, other, lines = cut_off
    training.prepare()
    DAMAGES[name](*states(training.work), other)
    outcome = training.run()
    assert list(ending(outcome)) == []
    assert outcome.code == 0, outcome.err
    assert list(differences(snapshot(training.work), training.undisturbed[1])) == []
    more = [line for line in plain(outcome.out) if line not in lines]
    assert len(more) == 1, more
    assert "Resuming" not in more[0]


@pytest.mark.slow
def test_killed_in_an_epoch_then_resumed(cut_off):
    training, _, _ = cut_off
    begin_anew(training)
    older = (training.work / "out" / "numpy_cnn.keras").read_bytes()
    for epoch in (1, 2):
        assert training.run(stop=(epoch, signal.SIGKILL)).code == -signal.SIGKILL
        assert (training.work / "out" / "numpy_cnn.keras").read_bytes() == older
    outcome = training.run()
    assert (outcome.code, outcome.err) == (0, "")
    assert "Resuming after epoch 2 of 3" in outcome.out
    left = differences(snapshot(training.work), training.undisturbed[1])
    assert [each for each in left if not each.startswith("scratch/")] == []


@pytest.mark.slow
def test_six_commands_in_one_folder(scene):
    """Three trainings of one network, of which one does it or each in turn, and three others beside them."""
    training, names = scene("train"), ("params", "saliency", "data")
    others = [replace(training, arguments=scene(name).arguments, _cache={}) for name in names]
    wanted = {}
    for each in (*others, training):
        wanted |= each.undisturbed[1]
    training.prepare()
    outcomes = training.forks.run(*(each.job() for each in (training, *others, training, training)))
    for outcome in outcomes:
        assert list(ending(outcome)) == []
    trainings = [outcomes[i] for i in (0, 4, 5)]
    assert [each.code for each in outcomes[1:4]] == [0, 0, 0], outcomes
    assert any(each.code == 0 for each in trainings)
    assert all("already" in each.err for each in trainings if each.code)
    left = snapshot(training.work)
    assert list(differences(left, wanted)) == []
    assert list(torn(left)) == []


FIRST_IMPORT = "from app.commands.quiet import end_quietly"
"""Until this is done nobody takes an interrupt."""


@pytest.mark.slow
@pytest.mark.parametrize("module", ["app", "app.saliency"])
def test_ctrl_c_while_python_starts(module, tmp_path):
    """A line at most. Before the project's first import has ended, Python itself may say more."""
    arguments = ["--model", "mnist", "--class", "3", "--output", str(tmp_path)]
    arguments = ["saliency", *arguments] if module == "app" else arguments
    for moment in range(8):
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(0.02 + 0.04 * moment)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
        if "Traceback" in error and (f'File "{ROOT}{os.sep}app' not in error or FIRST_IMPORT in error):
            continue
        assert error.strip() in ("", "Error: interrupted"), (moment, error)
        assert process.returncode in (130, -signal.SIGINT), (moment, error)
