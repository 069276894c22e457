"""Fixtures that several rooms' tests share."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from app.datasets.sources import load_mnist

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure():
    """No test reads or writes what the user trained: trained models lie in an empty folder."""
    os.environ["CONVLAB_MODELS"] = tempfile.mkdtemp(prefix="convlab-models-")


def pytest_unconfigure():
    shutil.rmtree(os.environ["CONVLAB_MODELS"], ignore_errors=True)


def refusal(action, *arguments, **options):
    """Return what the ValueError says that a call must raise."""
    with pytest.raises(ValueError, match=r".") as caught:
        action(*arguments, **options)
    return str(caught.value)


def refusal_of_file(action, path, *arguments):
    """The same of a call that reads a file, which the message must name; in it the path is PATH."""
    message = refusal(action, path, *arguments)
    assert str(path) in message
    return message.replace(str(path), "PATH")


@pytest.fixture(scope="session")
def mnist():
    data = load_mnist()
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        array.flags.writeable = False  # one for all tests
    return data


@pytest.fixture(scope="session")
def small_npz(mnist, tmp_path_factory):
    """The first 2,000 training and 500 test images of MNIST as an .npz file."""
    path = tmp_path_factory.mktemp("data") / "small.npz"
    np.savez(
        path,
        x_train=mnist.train_images[:2000],
        y_train=mnist.train_labels[:2000],
        x_test=mnist.test_images[:500],
        y_test=mnist.test_labels[:500],
    )
    return path


@pytest.fixture
def door(capsys, monkeypatch, request):
    """Run a door in this process: returns exit code, output and error output; MNIST is read once for all."""
    monkeypatch.setattr("app.datasets.sources.load_mnist", lambda: request.getfixturevalue("mnist"))

    def run(main, *arguments):
        with pytest.raises(SystemExit) as leaving:
            main([str(a) for a in arguments], prog_name="door")
        captured = capsys.readouterr()
        return leaving.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def browser():
    """A browser without a window, one for each file of tests."""
    from browsing import chromium

    with chromium() as driver:
        yield driver


@pytest.fixture
def command():
    """Run `python -m …` in a process of its own, from the root of the project."""

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            **options,
        )

    return run


@pytest.fixture
def eagerly():
    """Compile nothing: for tests that run many models once, and compiling is not what they test."""
    import app.engine  # noqa: F401, I001
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
