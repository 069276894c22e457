"""Two real processes that train together on the loopback: the same weights as one, and what a death costs."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT
from two_workers import Workers, largest_difference, wait_for

pytestmark = [pytest.mark.keras, pytest.mark.slow]
EPOCHS = 40
FILES = {"numpy_cnn.keras", "numpy_cnn.json", "numpy_cnn-learning-curve.png", "numpy_cnn-confusion.png"}


@pytest.fixture(scope="module")
def odd_npz(mnist, tmp_path_factory):
    """211 images to learn from, so that the last batch of 19 cannot be halved, and 101 to test."""
    path = tmp_path_factory.mktemp("odd") / "odd.npz"
    np.savez(
        path,
        x_train=mnist.train_images[:211],
        y_train=mnist.train_labels[:211],
        x_test=mnist.test_images[:101],
        y_test=mnist.test_labels[:101],
    )
    return path


def command(data, output):
    return ["app.train", "--model", "numpy_cnn", "--data", data, "--epochs", EPOCHS, "--output", output]


@pytest.fixture(scope="module")
def alone(odd_npz, tmp_path_factory):
    """The folder of a run by one process."""
    folder = tmp_path_factory.mktemp("alone")
    run = [sys.executable, "-m", *map(str, command(odd_npz, folder))]
    done = subprocess.run(run, cwd=ROOT, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def card(folder):
    return json.loads((folder / "numpy_cnn.json").read_text())


def test_two_end_with_the_weights_of_one_and_the_chief_alone_writes(alone, odd_npz, tmp_path):
    chief, other = tmp_path / "chief", tmp_path / "other"
    table = tmp_path / "epochs.csv"
    with Workers(*command(odd_npz, chief)) as workers:
        workers.start(1, "--output", other, "--csv-log", other / "epochs.csv", "--keep-epochs")
        workers.start(0, "--output", chief, "--csv-log", table, "--keep-epochs")
        ends = [workers.end(index) for index in (0, 1)]
    assert [(code, error) for code, _, error in ends] == [(0, ""), (0, "")]
    assert "Trained together: 2 replicas in 2 processes" in ends[0][1]
    assert f"Done; {workers.name(0)} has written the model" in ends[1][1]
    assert not other.exists()
    assert {path.name for path in chief.iterdir() if path.is_file()} == FILES
    assert len(list((chief / "numpy_cnn-epochs").iterdir())) == EPOCHS + 1
    assert len(table.read_text().splitlines()) == EPOCHS + 1
    assert largest_difference(alone / "numpy_cnn.keras", chief / "numpy_cnn.keras") < 1e-4
    ours, theirs = card(chief), card(alone)
    assert (ours["recipe"].pop("distribute"), ours["recipe"].pop("replicas")) == ("multiworker", 2)
    assert ours["recipe"] == theirs["recipe"]
    for mine, its in zip(ours["history"], theirs["history"], strict=True):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert mine[name] == pytest.approx(its[name], abs=1e-5), name


def test_a_layer_without_gradients_is_trained_on_one_device_a_process(odd_npz, tmp_path):
    """Its statistics are passed on as they are, by no device: TensorFlow adds up nothing that is nowhere."""
    few = ["app.train", "--model", "lenet5", "--data", odd_npz, "--epochs", 2]
    one = [sys.executable, "-m", *map(str, few), "--output", str(tmp_path / "one")]
    done = subprocess.run(one, cwd=ROOT, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with Workers(*few, "--output", tmp_path / "two") as workers:
        workers.start(0)
        workers.start(1)
        ends = [workers.end(index)[::2] for index in (0, 1)]
    assert ends == [(0, ""), (0, "")]
    files = [tmp_path / name / "lenet5.keras" for name in ("one", "two")]
    assert largest_difference(*files) < 1e-4


def test_two_compute_in_float16_together(odd_npz, tmp_path):
    ends = {}
    for name in ("once", "again"):
        few = ["app.train", "--model", "numpy_cnn", "--data", odd_npz, "--epochs", 3, "--mixed-precision"]
        with Workers(*few, "--output", tmp_path / name) as workers:
            workers.start(0)
            workers.start(1)
            ends[name] = [workers.end(index) for index in (0, 1)]
    assert [end[::2] for each in ends.values() for end in each] == [(0, "")] * 4
    assert "Mixed precision: layers compute in float16" in ends["once"][0][1]
    files = [tmp_path / name / "numpy_cnn.keras" for name in ends]
    assert largest_difference(*files) == 0
    assert card(tmp_path / "once")["recipe"]["is_mixed"] is True


@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_worker_ends_the_other_and_all_go_on_where_they_were(alone, odd_npz, tmp_path, killed):
    with Workers(*command(odd_npz, tmp_path)) as workers:
        workers.start(0)
        workers.start(1)
        wait_for(tmp_path, ".backup/*/epoch-000[3-9]")
        workers.processes[killed].send_signal(signal.SIGKILL)
        begun = time.monotonic()
        code, _, error = workers.end(1 - killed)
        assert time.monotonic() - begun < 60
        assert workers.end(killed)[0] == -signal.SIGKILL
    assert code == 1
    assert error.startswith(f"Error: {workers.name(killed)} is gone (its process has ended); epochs 1 to ")
    assert error.endswith(" are kept: start all again to go on\n")
    assert error.count("\n") == 1
    with Workers(*command(odd_npz, tmp_path)) as again:
        again.start(0)
        again.start(1)
        (code, output, error), other = again.end(0), again.end(1)
    assert (code, error, other[0], other[2]) == (0, "", 0, "")
    assert "Resuming after epoch " in output
    assert largest_difference(alone / "numpy_cnn.keras", tmp_path / "numpy_cnn.keras") < 1e-6
    assert len(card(tmp_path)["history"]) == EPOCHS


def test_an_interrupt_ends_both(odd_npz, tmp_path):
    with Workers(*command(odd_npz, tmp_path)) as workers:
        workers.start(0)
        workers.start(1)
        wait_for(tmp_path, ".backup/*/epoch-*")
        workers.processes[1].send_signal(signal.SIGINT)
        ends = [workers.end(index) for index in (0, 1)]
    assert ends[1][0] == 130
    assert ends[1][2].strip() == "Error: interrupted"
    assert ends[0][0] == 1
    assert ends[0][2].startswith(f"Error: {workers.name(1)} has stopped: it was interrupted; epoch")


def test_a_write_that_fails_on_the_chief_is_told_to_all(odd_npz, tmp_path):
    """A folder stands where the state would come, as a full disk does."""
    with Workers(*command(odd_npz, tmp_path)) as workers:
        workers.start(0)
        workers.start(1)
        wait_for(tmp_path, ".backup/*/epoch-*")
        (run,) = (path for path in (tmp_path / ".backup").iterdir() if path.is_dir())
        (tmp_path / "elsewhere").mkdir()
        run.rename(tmp_path / "elsewhere" / run.name)
        run.write_text("in the way")
        ends = [workers.end(index) for index in (0, 1)]
    assert [code for code, _, _ in ends] == [2, 1]
    assert ends[1][2].startswith(f"Error: {workers.name(0)} has stopped: ")
    assert all(error.count("\n") == 1 for _, _, error in ends)


def test_who_is_told_to_end_does(odd_npz, tmp_path):
    """As Slurm and Kubernetes tell; TensorFlow's service for several workers would take the signal, and go on."""
    with Workers(*command(odd_npz, tmp_path)) as workers:
        workers.start(0)
        workers.start(1)
        wait_for(tmp_path, ".backup/*/epoch-*")
        workers.processes[0].send_signal(signal.SIGTERM)
        ends = [workers.end(index) for index in (0, 1)]
    assert [code for code, _, _ in ends] == [-signal.SIGTERM, 1]
    assert ends[1][2].startswith(f"Error: {workers.name(0)} is gone (its process has ended); ")
