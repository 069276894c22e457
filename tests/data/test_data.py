"""The data door, and the data sets that Keras downloads."""

import gzip

import numpy as np
import pytest
from PIL import Image

from app.data.__main__ import main


def test_mnist_as_the_article_shows_it(door, tmp_path):
    code, output, _ = door(main, "--verbose", "--output", tmp_path)
    assert code == 0
    for words in (
        "60,000×28×28×1",
        "10,000×28×28×1",
        "5, 0, 4, 1, 9, 2, 1, 3, 1, 4",
        "0 0 0 0 0 1 0 0 0 0",
        "6,742",
        "uint8",
    ):
        assert words in output, words
    with Image.open(tmp_path / "data-mnist.png") as picture:
        assert picture.width > 1000


def test_an_npz_file(door, tmp_path, small_npz):
    code, output, _ = door(main, "--data", small_npz, "--verbose", "--output", tmp_path)
    assert code == 0
    assert "2,000×28×28×1" in output


def test_what_was_found_out_is_said_and_drawn(door, mnist, tmp_path):
    """Kaggle's table: no test images with labels; the picture and the report say what the text says."""
    rows = np.column_stack([mnist.train_labels[:70], mnist.train_images[:70].reshape(70, -1)])
    head = "label," + ",".join(f"pixel{i}" for i in range(784))
    np.savetxt(tmp_path / "train.csv", rows, fmt="%d", delimiter=",", header=head, comments="")
    code, output, _ = door(main, "--data", tmp_path / "train.csv", "--verbose", "--output", tmp_path)
    assert code == 0
    held = "10 of the 70 labelled images are held out as test images, always the same ones."
    assert held in " ".join(output.split())
    assert "60×28×28×1" in output
    assert (tmp_path / "data-train.png").is_file()


def test_what_cannot_be_read_is_one_line(door, tmp_path):
    (tmp_path / "train.csv").write_text("label,a,b,c,d\n1,2,3,4,5\n1,2,3,4\n")
    code, output, error = door(main, "--data", tmp_path, "--output", tmp_path)
    assert (code, output) == (2, "")
    assert error.splitlines()[-1].endswith("train.csv, line 3: 4 values where 5 are expected")


@pytest.mark.keras
@pytest.mark.slow
def test_a_keras_data_set_from_the_cache_and_offline(command, tmp_path):
    """Keras reads its cache where the files are there; without them and offline one line says so."""
    import os

    environment = {**os.environ, "KERAS_HOME": str(tmp_path)}
    run = ("-m", "app.data", "--data", "fashion_mnist", "--output", tmp_path / "out")
    blocked = {**environment, "https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    done = command(*run, env=blocked)
    assert done.returncode == 2
    (line,) = [text for text in done.stderr.splitlines() if text.startswith("Error")]
    assert "could not be downloaded" in line
    assert "--data" in line
    folder = tmp_path / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", 30), ("t10k", 20)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = np.random.default_rng(0).integers(0, 256, (count, 28, 28)).astype(np.uint8)
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"\0" * 8 + labels.tobytes()))
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0" * 16 + images.tobytes()))
    done = command(*run, env=blocked)
    assert done.returncode == 0, done.stderr
    assert "ankle boot" in done.stdout


@pytest.mark.keras
def test_a_keras_data_set_and_one_that_cannot_be_had(door, tmp_path, monkeypatch):
    """In this process, with Keras' loader replaced; the whole way is among the slow tests."""
    import app.engine  # noqa: F401, I001
    import keras

    def offline():
        raise OSError("no route\nto anywhere")

    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", offline)
    asked = ("--data", "fashion_mnist", "--output", tmp_path)
    code, _, error = door(main, *asked)
    assert code == 2
    assert "fashion_mnist could not be downloaded (no route). Without a network" in error
    images = np.random.default_rng(0).integers(0, 256, (30, 28, 28)).astype(np.uint8)
    pair = (images, (np.arange(30) % 10).astype(np.uint8))
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: (pair, pair))
    code, output, error = door(main, *asked)
    assert code == 0, error
    assert "ankle boot" in output
