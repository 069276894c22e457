"""Networks that take no image, or say no one class, from the command line: files in, pictures and sentences out."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from PIL import Image

from app.features.__main__ import main as features
from app.saliency.__main__ import main

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture
def saliency(door, tmp_path):
    def run(*arguments):
        return door(main, "--output", tmp_path / "out.png", "--raw", tmp_path / "raw.npz", *arguments)

    return run


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One file of each kind, with fresh weights."""
    folder = tmp_path_factory.mktemp("kinds")
    keras.utils.set_random_seed(1)

    def flat():
        return [layers.Flatten(), layers.Dense(10, activation="softmax")]

    matrix = [keras.Input((28, 28)), layers.Reshape((28, 28, 1)), layers.Conv2D(4, 3, activation="relu")]
    keras.Sequential([*matrix, *flat()]).save(folder / "matrix.keras")
    keras.Sequential([keras.Input((784,)), layers.Dense(16, "relu"), *flat()]).save(folder / "vector.keras")
    series = [
        keras.Input((40, 2)),
        layers.Conv1D(4, 5, activation="relu", name="conv"),
        layers.MaxPooling1D(),
    ]
    keras.Sequential([*series, *flat()]).save(folder / "series.keras")
    image = keras.Input((24, 24, 1))
    narrow = layers.Conv2D(6, 3, padding="same", name="narrow")(layers.MaxPooling2D()(image))
    pixels = layers.Conv2D(3, 1, activation="softmax")(layers.UpSampling2D()(narrow))
    keras.Model(image, pixels).save(folder / "pixels.keras")
    return folder


@pytest.mark.parametrize(
    ("name", "methods", "said"),
    [
        ("matrix", ["vanilla", "guided", "relu", "gradcam"], "28×28×1, as the model reshapes it"),
        ("vector", ["vanilla", "guided", "relu"], "without a convolution there are no class-activation maps"),
    ],
)
def test_a_matrix_and_a_vector_are_images(saliency, files, tmp_path, name, methods, said):
    code, output, error = saliency("--model", files / f"{name}.keras", "--class", "3")
    assert code == 0, error
    assert said in " ".join(output.split())
    with np.load(tmp_path / "raw.npz") as archive:
        assert {key for key in archive if f"{key}_raw" in archive} == set(methods)
        assert archive["vanilla"].shape == (1, 28, 28)
    code, output, error = saliency(
        "--model", files / f"{name}.keras", "--image-shape", "14x56", "--class", "3"
    )
    assert code == 2
    assert "14×56×1" in error or "14x56" in error or "28×28" in error


@pytest.mark.parametrize("ending", ["npy", pytest.param("csv", marks=pytest.mark.slow)])
def test_a_series_is_explained_along_its_steps(saliency, door, files, tmp_path, ending):
    values = np.random.default_rng(0).normal(0, 1, (40, 2))
    path = tmp_path / f"series.{ending}"
    np.save(path, values) if ending == "npy" else np.savetxt(path, values, delimiter=",")
    code, output, error = saliency("--model", files / "series.keras", "--image", path, "--sanity")
    assert code == 0, error
    assert "each cell sees 6 steps" in output
    assert "Values entered as they are" in output
    with np.load(tmp_path / "raw.npz") as archive:
        assert archive["vanilla"].shape == (1, 1, 40)
        assert archive["gradcam_raw"].shape == (1, 1, 18)
    with Image.open(tmp_path / "out.png") as picture:
        assert np.asarray(picture.convert("L")).std() > 5
    for question in ("maps", "project"):
        out = tmp_path / f"{question}.png"
        code, _, error = door(
            features, question, "--model", files / "series.keras", "--image", path, "--output", out
        )
        assert code == 0, error
        assert out.is_file()


def test_what_is_no_series_is_one_line(saliency, door, files, tmp_path):
    picture, many = tmp_path / "a.png", tmp_path / "many.npy"
    Image.new("L", (40, 40)).save(picture)
    np.save(many, np.zeros((5, 40, 2)))
    for arguments, message in (
        ((), "takes series of 40 steps with 2 values each"),
        (("--image", picture), "is no series"),
        (("--image", many), "holds 5 of them"),
    ):
        code, _, error = saliency("--model", files / "series.keras", *arguments)
        assert (code, error.count("\n")) == (2, 1)
        assert message in error
    folder = ("--images", tmp_path, "--output", tmp_path / "strips")
    code, _, error = door(main, "--model", files / "series.keras", *folder)
    assert code == 2
    assert "this network takes series" in error


def test_a_class_for_each_pixel(saliency, files, tmp_path):
    picture = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 24), np.uint8)).save(picture)
    here = ("--model", files / "pixels.keras", "--image", picture, "--class", "1")
    code, output, error = saliency(*here)
    assert code == 0, error
    assert "of the pixels into" in output
    assert "computed from narrow, 12×12×6" in output
    code, output, error = saliency(*here, "--at", "10", "20", "--method", "vanilla")
    assert code == 0, error
    with np.load(tmp_path / "raw.npz") as archive:
        rows, columns = np.nonzero(archive["vanilla"][0])
    assert (rows >= 8).all()
    assert (rows <= 13).all()
    assert (columns >= 18).all()
    code, _, error = saliency(*here, "--at", "24", "0")
    assert code == 2
    assert "it has 24×24 pixels" in error
