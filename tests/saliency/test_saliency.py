"""The saliency door, on the shipped model and on files of a user's own."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from PIL import Image

from app.files.classes import find_class
from app.saliency.__main__ import main

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture
def saliency(door, tmp_path):
    def run(*arguments):
        return door(main, "--output", tmp_path, "--raw", tmp_path / "raw.npz", *arguments)

    return run


def raw(folder):
    with np.load(folder / "raw.npz") as archive:
        return dict(archive)


def is_picture(path):
    with Image.open(path) as picture:
        picture.load()
        extrema = np.asarray(picture.convert("L"))
    return extrema.min() < 50 < 200 < extrema.max()


def test_the_first_test_image_of_the_class_is_explained(saliency, tmp_path, mnist):
    code, output, error = saliency("--model", "mnist", "--class", "3")
    assert code == 0, error
    arrays = raw(tmp_path)
    first = int(np.flatnonzero(mnist.test_labels == 3)[0])
    np.testing.assert_allclose(arrays["image"][0], mnist.test_images[first] / 255, atol=1e-6)
    assert arrays["class_index"].tolist() == [3]
    for words in (
        f"test image {first} (labelled 3)",
        "vanilla",
        "guided",
        "relu",
        "gradcam",
        "the gradient is clipped at zero in all 4 ReLU layers",
        "conv3, 3×3×64",
        "18×18",
        "rows 26–27 and columns 26–27",
    ):
        assert words in output, words
    assert is_picture(tmp_path / "saliency-mnist-3.png")
    assert arrays["vanilla"].shape == (1, 28, 28)
    np.testing.assert_allclose(arrays["vanilla"], np.abs(arrays["vanilla_raw"]).max(axis=-1))
    assert arrays["gradcam_raw"].shape == (1, 3, 3)


def test_all_classes(saliency, tmp_path, mnist):
    code, output, _ = saliency("--model", "mnist", "--all-classes", "--method", "gradcam", "--verbose")
    assert code == 0
    arrays = raw(tmp_path)
    assert arrays["class_index"].tolist() == list(range(10))
    assert output.count("labelled") == 10
    assert "vanilla" not in arrays
    assert is_picture(tmp_path / "saliency-mnist-all-classes-gradcam.png")


def test_one_image_for_all_classes_names_missing_evidence(saliency, tmp_path):
    code, output, _ = saliency("--model", "mnist", "--all-classes", "--index", "18", "--method", "gradcam")
    assert code == 0
    empty = (raw(tmp_path)["gradcam"].max(axis=(1, 2)) == 0).sum()
    assert output.count("no evidence") == empty > 0
    assert len(output.splitlines()) <= 15


def test_without_a_class_the_predicted_one_is_explained(saliency, tmp_path):
    code, output, _ = saliency("--model", "mnist", "--index", "18", "--method", "vanilla")
    assert code == 0
    assert "the class explained" in output


def test_what_was_found_out_about_the_data_is_said_beside_the_verdict(saliency, tmp_path, mnist):
    images, labels = mnist.test_images[:100], mnist.test_labels[:100] + 1
    np.savez(tmp_path / "from-one.npz", images=images, labels=labels)
    code, output, error = saliency(
        "--model", "mnist", "--data", tmp_path / "from-one.npz", "--index", "0", "--method", "vanilla"
    )
    assert code == 0
    assert "held out" not in output
    assert "14 of the 100 labelled images are held out as test images, always the same ones." in error
    assert "Labels count from 1: class 0 is label 1." in error


def test_an_own_digit_is_prepared_as_mnist_was(saliency, tmp_path, mnist):
    digit = mnist.test_images[0, ..., 0]
    sheet = np.full((400, 300), 245, np.uint8)
    sheet[90:314, 40:264] = 245 - np.kron(digit, np.ones((8, 8), np.uint8)) // 2
    Image.fromarray(sheet).convert("RGB").save(tmp_path / "seven.jpg")
    code, output, _ = saliency("--model", "mnist", "--image", tmp_path / "seven.jpg")
    assert code == 0
    assert "predicts 7" in output
    for words in ("inverted", "centred by mass", "cropped"):
        assert words in output, words
    seen = raw(tmp_path)["image"][0, ..., 0]
    assert np.corrcoef(seen.ravel(), digit.ravel())[0, 1] > 0.95


def test_without_a_card_a_picture_is_only_resized_and_that_is_said(saliency, tmp_path):
    """28×28 grey may be clothes: without that the model learnt digits nothing is cropped, inverted or centred."""
    keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
    ).save(tmp_path / "own.keras")
    page = np.full((280, 280), 230, np.uint8)
    page[40:140, 60:90] = 30
    Image.fromarray(page).save(tmp_path / "page.png")
    asked = ("--model", tmp_path / "own.keras", "--image", tmp_path / "page.png", "--method", "vanilla")
    _, output, _ = saliency(*asked)
    assert "resized from 280×280 to 28×28; no card says how this network's pictures were prepared" in output
    assert "for digits on paper add --prepare digit" in output
    assert (
        np.abs(
            255 * raw(tmp_path)["image"][0, ..., 0] - np.asarray(Image.fromarray(page).resize((28, 28)))
        ).max()
        <= 1
    )
    _, output, _ = saliency(*asked, "--prepare", "digit")
    assert "centred by mass" in output
    assert "only resized" not in output
    Image.fromarray(page[:28, :28]).save(tmp_path / "page.png")
    assert "only resized" not in saliency(*asked)[1]  # nothing was done to it


def test_layers_can_be_chosen_and_wrong_ones_are_named(saliency, tmp_path):
    code, _, _ = saliency("--model", "mnist", "--class", "3", "--layer", "conv1")
    assert code == 0
    assert raw(tmp_path)["gradcam_raw"].shape == (1, 26, 26)
    code, _, error = saliency("--model", "mnist", "--class", "3", "--layer", "conv9")
    assert code == 2
    assert "conv1, pool1, conv2" in error


def colour_model(path):
    image = keras.Input((24, 24, 3))
    x = layers.Conv2D(4, 3)(layers.Rescaling(1 / 255)(image))
    resize = layers.Resizing(44, 44, pad_to_aspect_ratio=True)  # its cells have no known field
    x = layers.GlobalAveragePooling2D()(resize(layers.ReLU()(x)))
    keras.Model(image, layers.Softmax()(layers.Dense(5)(x))).save(path)


@pytest.mark.filterwarnings("ignore:.*HDF5")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_users_own_colour_model(saliency, tmp_path, suffix):
    colour_model(tmp_path / f"own{suffix}")
    pixels = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "grey.png")
    code, output, error = saliency(
        "--model",
        tmp_path / f"own{suffix}",
        "--class",
        "4",
        "--image",
        tmp_path / "grey.png",
        "--colour",
        "channels",
    )
    assert code == 0, error
    for words in ("grey copied to three channels", "resized from 48×48 to 24×24", "stretched"):
        assert words in output, words
    arrays = raw(tmp_path)
    assert arrays["image"].max() > 100  # the model rescales by itself
    assert arrays["vanilla"].shape == (1, 24, 24, 3)
    code, _, error = saliency(
        "--model", tmp_path / f"own{suffix}", "--class", "5", "--image", tmp_path / "grey.png"
    )
    assert code == 2
    assert "0 to 4" in error


def test_a_model_the_chalkboard_cannot_follow_is_still_checked(saliency, tmp_path):
    colour_model(tmp_path / "own.keras")
    code, _, error = saliency("--model", tmp_path / "own.keras", "--class", "0")
    assert code == 2
    assert "24×24×3" in error


def test_the_model_file_is_untouched(saliency, tmp_path):
    from conftest import ROOT

    path = ROOT / "saved_models" / "shipped" / "mnist.keras"
    before = path.read_bytes()
    saliency("--model", "mnist", "--class", "3")
    assert path.read_bytes() == before


def test_a_card_of_another_file_is_not_believed(saliency, tmp_path):
    import json

    colour_model(tmp_path / "own.keras")
    from conftest import ROOT

    card = json.loads((ROOT / "saved_models" / "shipped" / "mnist.json").read_text())
    (tmp_path / "own.json").write_text(json.dumps(card))
    Image.fromarray(np.zeros((24, 24, 3), np.uint8)).save(tmp_path / "a.png")
    code, _, error = saliency(
        "--model", tmp_path / "own.keras", "--class", "9", "--image", tmp_path / "a.png"
    )
    assert code == 2
    assert "0 to 4" in error


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_vector_pictures(door, tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    code, _, _ = door(main, "--model", "mnist", "--class", "1", "--output", path)
    assert code == 0
    assert path.stat().st_size > 5000


def test_classes_by_number_and_name():
    names = ("cat", "Dog", "7")
    assert find_class("1", names) == 1
    assert find_class("dog", names) == 1
    for text, words in (("3", "0 to 2"), ("dgo", "did you mean Dog"), ("x", "number from 0 to 2")):
        with pytest.raises(ValueError, match=words):
            find_class(text, names)
