"""A transfer by two processes: the features and both phases are shared out, and one of the two may die."""

import json
import os
import signal
import subprocess
import sys

import pytest
from conftest import ROOT
from transferring import make_shapes, make_teacher
from two_workers import Workers, largest_difference, wait_for

pytestmark = [pytest.mark.keras, pytest.mark.slow]


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    place = tmp_path_factory.mktemp("two")
    data, teacher = make_shapes(place / "shapes", count=13), make_teacher(place / "teacher.keras")
    asked = ["--data", data, "--backbone", teacher, "--name", "shapes", "--copies", "1", "--epochs", "8"]
    return ["app.transfer", *asked, "--fine-tune-epochs", "40", "--against-scratch", "--scratch-epochs", "2"]


@pytest.fixture(scope="module")
def mirrored(command, tmp_path_factory):
    """The folder of the same on two devices of one process."""
    folder = tmp_path_factory.mktemp("mirrored")
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command), "--output", str(folder), "--distribute", "mirrored"],
        cwd=ROOT,
        env={**os.environ, "CONVLAB_CPU_DEVICES": "2"},
        text=True,
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_second_phase_may_begin_at_the_input(tmp_path):
    """A network of one convolution: what is kept below it is the picture itself, which no device has computed."""
    keras = pytest.importorskip("keras")
    layers = [
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.MaxPooling2D(4),
        keras.layers.Flatten(),
    ]
    network = keras.Sequential(
        [keras.Input((24, 24, 3)), *layers, keras.layers.Dense(3, activation="softmax")]
    )
    network.save(tmp_path / "small.keras")
    data = make_shapes(tmp_path / "shapes", count=9)
    few = ["--name", "shapes", "--epochs", "2", "--fine-tune-epochs", "2", "--output", tmp_path / "out"]
    with Workers("app.transfer", "--data", data, "--backbone", tmp_path / "small.keras", *few) as workers:
        workers.start(0)
        workers.start(1)
        ends = [workers.end(index) for index in (0, 1)]
    assert [(code, error) for code, _, error in ends] == [(0, ""), (0, "")]
    assert "Training the last convolutions: 2 epochs" in ends[0][1]


def card(folder):
    return json.loads((folder / "shapes.json").read_text())


def test_two_processes_leave_what_two_devices_of_one_leave_whoever_died(command, mirrored, tmp_path):
    chief, other = tmp_path / "chief", tmp_path / "other"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with Workers(*command, TMPDIR=str(temporary)) as workers:
        workers.start(0, "--output", chief)
        workers.start(1, "--output", other)
        wait_for(chief, ".backup/*-head-*/epoch-*")
        workers.processes[1].send_signal(signal.SIGKILL)
        code, _, error = workers.end(0)
        assert code == 1
        gone = f"Error: {workers.name(1)} is gone (its process has ended)"
        assert error == f"{gone}; what is done is kept: start all again to go on\n"
    with Workers(*command, TMPDIR=str(temporary)) as again:
        again.start(0, "--output", chief)
        again.start(1, "--output", other)
        ends = [again.end(index) for index in (0, 1)]
    assert [end[0] for end in ends] == [0, 0], ends
    assert "Resuming the head after epoch 8 of 8" in ends[0][1]
    assert not other.exists()
    assert largest_difference(mirrored / "shapes.keras", chief / "shapes.keras") < 1e-5
    ours, theirs = card(chief), card(mirrored)
    assert ours["recipe"].pop("distribute") == "multiworker"
    assert theirs["recipe"].pop("distribute") == "mirrored"
    assert ours["recipe"] == theirs["recipe"]
    for mine, its in zip(ours["history"], theirs["history"], strict=True):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert mine[name] == pytest.approx(its[name], abs=1e-5), name
