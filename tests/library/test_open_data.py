"""Data sets from Python: by name, by path, as arrays; and how they show themselves."""

import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, refusal
from matplotlib.figure import Figure

from app.datasets.dataset import Dataset
from app.library.data import open_data

DRAW = np.random.default_rng(0)
IMAGES = DRAW.integers(0, 256, (12, 6, 8, 3)).astype(np.uint8)
LABELS = np.arange(12) % 3
ARRAYS = ((IMAGES, LABELS), (IMAGES[:5], LABELS[:5]))


@pytest.fixture(autouse=True)
def mnist_once(monkeypatch, mnist):
    monkeypatch.setattr("app.datasets.sources.load_mnist", lambda: mnist)


@pytest.fixture
def small():
    return open_data(ARRAYS)


def test_mnist_is_what_comes_without_a_word():
    for data in (open_data(), open_data(None), open_data("mnist")):
        assert repr(data) == "<data set mnist: 60,000 training and 10,000 test images of 28×28×1, 10 classes>"
        assert isinstance(data, Dataset)
    assert data.counts["test"].tolist()[:2] == [980, 1135]


def test_arrays_as_keras_gives_them(small):
    assert repr(small) == "<data set arrays: 12 training and 5 test images of 6×8×3, 3 classes>"
    np.testing.assert_array_equal(small.train_images, IMAGES)
    floats = open_data(((IMAGES / 255, np.eye(3)[LABELS]), (IMAGES[:5] / 255, np.eye(3)[LABELS[:5]])))
    np.testing.assert_array_equal(floats.train_images, IMAGES)
    np.testing.assert_array_equal(floats.train_labels, LABELS)


def test_a_path_and_a_data_set_are_taken(small, small_npz, mnist):
    assert open_data(small_npz).name == open_data(str(small_npz)).name == "small"
    assert open_data(small) is small
    shown = open_data(mnist)
    assert shown.train_images is mnist.train_images  # not copied
    assert shown.sha256 == mnist.sha256


def test_printing_gives_what_the_command_prints(door, small_npz, tmp_path):
    from app.data.__main__ import main

    _, output, _ = door(main, "--data", small_npz, "--verbose", "--output", tmp_path)
    text, _, picture = output.rpartition("\nPicture: ")
    assert text.rstrip() == str(open_data(small_npz)).rstrip()
    assert picture.endswith("data-small.png\n")


def test_in_a_notebook_it_is_its_pictures(small):
    assert small._repr_png_().startswith(b"\x89PNG")
    assert small._repr_html_ is None


def test_the_pictures_in_somebody_elses_axes(small):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert small.plot(left) is figure
    assert right in figure.axes
    assert "arrays: the first nine training images and the class balance" in texts(figure)
    assert sum(bool(axes.images) for axes in figure.findobj(type(right))) == 9


def texts(figure):
    return {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}


def test_what_is_saved_as_npz_is_opened_again(small, tmp_path):
    again = open_data(small.save(tmp_path / "mine.npz"))
    assert again.sha256 == small.sha256


@pytest.mark.parametrize("ending", [".png", ".html", ".md", ".csv", ".txt", ".json"])
def test_it_is_saved_by_its_ending(small, tmp_path, ending):
    path = small.save(tmp_path / f"data{ending}")
    assert path.stat().st_size > 100
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    if ending == ".html":
        assert "<svg" in path.read_text("utf-8")
    assert "data.doc cannot be written" in refusal(small.save, tmp_path / "data.doc")


def test_plain_values_are_plain_json(small):
    data = small.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["arrays"]["training images"] == {
        "shape": [12, 6, 8, 3],
        "type": "uint8",
        "from": int(IMAGES.min()),
        "to": int(IMAGES.max()),
    }
    assert data["counts"] == {"training": [4, 4, 4], "test": [2, 2, 1]}


def test_shuffled_labels_show_themselves_too(small):
    shuffled = small.with_shuffled_labels(1)
    assert "arrays, labels shuffled" in str(shuffled)
    assert shuffled.counts["training"].tolist() == [4, 4, 4]
    assert shuffled != small
    assert small == small


def test_what_is_no_data_is_told_in_a_sentence(tmp_path):
    assert "did you mean fashion_mnist?" in refusal(open_data, "fashion-mnits")
    assert "two pairs" in refusal(open_data, (IMAGES, LABELS, IMAGES))
    assert "two pairs" in refusal(open_data, (IMAGES, IMAGES))
    assert "arrays in memory: training: 12 images and 5 labels" in refusal(
        open_data, ((IMAGES, LABELS[:5]), ARRAYS[1])
    )
    with pytest.raises(TypeError, match=r"a data set or arrays .* not int"):
        open_data(3)


@pytest.mark.keras
def test_a_download_that_fails_names_the_argument(monkeypatch):
    import app.engine  # noqa: F401, I001
    import keras

    def offline():
        raise OSError("no route")

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", offline)
    said = refusal(open_data, "cifar10")
    assert said.endswith("give their folder, or an .npz file, to source")


def test_the_library_opens_data_without_click_and_keras():
    code = "import sys; from app.library.data import open_data; str(open_data()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"click", "keras", "tensorflow", "matplotlib"} & set(done.stdout.split())
