"""Workers that do not fit together, or do not come: refused by all of them before TensorFlow is loaded."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT
from two_workers import Workers, free_ports


@pytest.fixture
def workers(tmp_path):
    command = ["app.train", "--model", "numpy_cnn", "--data", "mnist", "--output", tmp_path / "models"]
    with Workers(*command, CONVLAB_PATIENCE="30") as started:
        yield started


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--seed", "3", "seed 3, and {} has seed 0"),
        ("--batch-size", "5", "batch size 5, and {} has batch size as usual"),
        ("--shuffle-labels", "1", "shuffle labels 1, and {} has shuffle labels as usual"),
        ("--data", "data.npz", "data with SHA-256 "),
    ],
)
def test_both_refuse_what_differs_with_both_values(workers, few_file, option, value, words):
    workers.start(0)
    workers.start(1, option, few_file if value == "data.npz" else value)
    ends = [workers.end(index) for index in (0, 1)]
    assert [code for code, _, _ in ends] == [2, 2]
    assert ends[0][2] == ends[1][2]
    expected = (
        f"Error: the workers do not fit together: {workers.name(1)} has {words.format(workers.name(0))}"
    )
    assert ends[0][2].startswith(expected)
    assert ends[0][2].count("\n") == 1


@pytest.fixture(scope="module")
def few_file(mnist, tmp_path_factory):
    path = tmp_path_factory.mktemp("few") / "few.npz"
    images, labels = mnist.train_images[:20], mnist.train_labels[:20]
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return path


def test_who_is_missing_is_named(workers):
    workers.environment["CONVLAB_PATIENCE"] = "2.5"
    workers.start(0)
    code, output, error = workers.end(0)
    assert code == 1
    assert output == f"Waiting for {workers.name(1)} (at most 2 s) …\n"
    assert error == f"Error: {workers.name(1)} has not come within 2 s; start all workers\n"


def test_a_second_worker_of_one_number_is_refused(workers):
    workers.start(1)
    first = workers.processes[1]
    try:
        time.sleep(2)
        workers.start(1)
        code, _, error = workers.end(1)
    finally:
        first.kill()
        first.communicate()
    assert code == 2
    assert (
        error
        == f"Error: {workers.name(1)}, which is this one: its port is in use already; is a run that "
        + ("should have ended still going on?\n")
    )


PROBE = """
import runpy, sys
sys.argv = ["train", *sys.argv[1:]]
code = 0
try:
    runpy.run_module(f"app.{sys.argv.pop(1)}", run_name="__main__")
except SystemExit as leaving:
    code = leaving.code
print(code, [name for name in ("tensorflow", "keras", "matplotlib") if name in sys.modules])
"""


@pytest.mark.parametrize("name", ["train", "transfer"])
@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("", "needs the environment variable TF_CONFIG, which is not set"),
        ('{"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 2}}', "worker 2"),
        (
            '{"cluster": {"worker": ["no-such-host.invalid:4321"]}, "task": {"type": "worker", "index": true}}',
            "the index True",
        ),
    ],
)
def test_a_bad_list_of_workers_is_refused_before_anything_heavy(name, config, words, tmp_path):
    output = tmp_path / "models"
    asked = {"train": ["--model", "mnist"], "transfer": ["--data", "mnist", "--backbone", "mnist"]}[name]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, name, *asked, "--distribute", "multiworker", "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, "TF_CONFIG": config},
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "2 []"
    assert done.stderr.startswith("Error: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not output.exists()


def test_a_name_that_nobody_knows_is_refused(few_file, tmp_path):
    unknown = "no-such-host.invalid:4321"
    config = '{"cluster": {"worker": ["127.0.0.1:%d", "%s"]}, "task": {"type": "worker", "index": 0}}'
    (port,) = free_ports(1)
    asked = ["--model", "numpy_cnn", "--data", str(few_file), "--output", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, "train", *asked, "--distribute", "multiworker"],
        cwd=ROOT,
        env={**os.environ, "TF_CONFIG": config % (port, unknown), "CONVLAB_PATIENCE": "0.5"},
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "2 []"
    assert done.stderr.startswith(
        f"Error: the name no-such-host.invalid of worker 1 at {unknown} is not known"
    )
