"""The features door, on the shipped model and on files of a user's own."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from PIL import Image

from app.features.__main__ import main

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture
def features(door, tmp_path):
    def run(question, *arguments):
        return door(main, question, "--output", tmp_path, "--raw", tmp_path / "raw.npz", *arguments)

    return run


def raw(folder):
    with np.load(folder / "raw.npz") as archive:
        return dict(archive)


def is_picture(path):
    with Image.open(path) as picture:
        extrema = np.asarray(picture.convert("L"))
    return extrema.min() < 90 < 200 < extrema.max()


def test_maps_of_every_layer(features, tmp_path, mnist):
    code, output, error = features("maps", "--model", "mnist", "--class", "3")
    assert code == 0, error
    arrays = raw(tmp_path)
    index = int(np.flatnonzero(mnist.test_labels == 3)[0])
    np.testing.assert_allclose(arrays["image"], mnist.test_images[index] / 255, atol=1e-6)
    assert list(arrays) == ["image", "conv1", "pool1", "conv2", "pool2", "conv3"]
    assert f"test image {index} (labelled 3): predicts 3" in output
    dead = int((arrays["conv3"] == 0).all(axis=(0, 1)).sum())
    assert f"{dead} of 64 maps are 0 everywhere for this image" in output
    assert is_picture(tmp_path / f"maps-mnist-test-image-{index}.png")


def test_maps_of_one_layer_and_a_wrong_one(features, tmp_path):
    code, _, _ = features("maps", "--model", "mnist", "--layer", "conv1:linear")
    assert code == 0
    assert raw(tmp_path)["conv1:linear"].min() < 0
    assert is_picture(tmp_path / "maps-mnist-test-image-0-conv1-linear.png")
    code, _, error = features("maps", "--model", "mnist", "--layer", "conv9")
    assert code == 2
    assert "conv1, pool1, conv2" in error


def test_filters(features, tmp_path):
    code, output, _ = features("filters", "--model", "mnist")
    assert code == 0
    assert "conv1: 32 filters of 3×3×1" in output
    assert raw(tmp_path)["weights"].shape == (3, 3, 1, 32)
    assert is_picture(tmp_path / "filters-mnist-conv1.png")
    code, _, error = features("filters", "--model", "mnist", "--layer", "pool1")
    assert code == 2
    assert "there are conv1, conv2, conv3" in error


def test_nearest_images_of_maps(features, tmp_path, small_npz):
    data = ("--data", small_npz, "--part", "test", "--count", "4")
    units = ("--layer", "conv2", "--unit", "3", "--unit", "7")
    code, output, error = features("nearest", "--model", "mnist", *data, *units)
    assert code == 0, error
    arrays = raw(tmp_path)
    assert arrays["values"].shape == (64, 4)
    assert f"map 3 of conv2: above 0 for {arrays['active'][3]:,} of 500 images; strongest " in output
    assert is_picture(tmp_path / "nearest-mnist-conv2-3-7.png")
    code, _, error = features("nearest", "--model", "mnist", "--data", small_npz, "--unit", "64")
    assert code == 2
    assert "layer conv3 has the maps 0 to 63, not 64" in error


def test_nearest_images_of_classes(features, tmp_path, small_npz):
    code, output, _ = features("nearest", "--model", "mnist", "--data", small_npz, "--class", "8")
    assert code == 0
    assert "class 8: the largest logits of 2,000 images; strongest " in output
    assert "; labelled 8 (9)" in output
    assert is_picture(tmp_path / "nearest-mnist-class-8.png")


def test_projections(features, tmp_path):
    code, output, _ = features("project", "--model", "mnist", "--class", "3", "--unit", "21")
    assert code == 0
    arrays = raw(tmp_path)
    assert arrays["units"].tolist() == [21]
    assert arrays["projections"].shape == (1, 28, 28)
    assert "map 21 of conv3:" in output
    assert is_picture(tmp_path / "project-mnist-test-image-18-conv3.png")


@pytest.mark.slow
def test_maximised_classes_convince_the_network(features, tmp_path):
    code, output, _ = features("maximise", "--model", "mnist", "--class", "3", "--class", "8", "--seed", "1")
    assert code == 0
    assert output.count("the network is over 99.9 % sure that this is") == 2
    arrays = raw(tmp_path)
    assert arrays["classes"].tolist() == [3, 8]
    assert arrays["images"].shape == (2, 28, 28, 1)
    assert is_picture(tmp_path / "maximise-mnist-3-8.png")


def test_maximised_maps(features, tmp_path):
    code, output, _ = features(
        "maximise", "--model", "mnist", "--layer", "conv1", "--unit", "5", "--steps", "40"
    )
    assert code == 0
    assert output.startswith("map 5 of conv1: ")
    assert raw(tmp_path)["scores"][0] > 0
    assert is_picture(tmp_path / "maximise-mnist-conv1-5.png")


def test_a_users_own_colour_model_with_its_channels_in_front(features, tmp_path):
    image = keras.Input((3, 24, 20))
    x = layers.Conv2D(4, 5, data_format="channels_first", name="eyes")(image)
    x = layers.ReLU(name="rectified")(x)
    x = layers.GlobalAveragePooling2D(data_format="channels_first")(x)
    keras.Model(image, layers.Softmax()(layers.Dense(3)(x))).save(tmp_path / "own.keras")
    pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "own.png")
    model = ("--model", tmp_path / "own.keras")
    code, output, error = features("maps", *model, "--image", tmp_path / "own.png")
    assert code == 0, error
    assert "eyes: 20×16×4" in output
    np.testing.assert_allclose(raw(tmp_path)["image"], pixels / 255, atol=1e-6)
    code, output, _ = features("filters", *model)
    assert code == 0
    assert "eyes: 4 filters of 5×5×3" in output
    code, _, error = features("maximise", *model, "--steps", "5")
    assert code == 0, error
    assert raw(tmp_path)["images"].shape == (3, 24, 20, 3)


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_vector_pictures(door, tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    code, _, _ = door(main, "filters", "--model", "mnist", "--output", path)
    assert code == 0
    assert path.stat().st_size > 5000


def test_the_model_file_is_untouched(features):
    from conftest import ROOT

    path = ROOT / "saved_models" / "shipped" / "mnist.keras"
    before = path.read_bytes()
    features("maximise", "--model", "mnist", "--class", "1", "--steps", "2")
    assert path.read_bytes() == before
