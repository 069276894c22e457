"""The faith door on a tiny model: reports, pictures, the command that made them, the model untouched."""

import json

import keras
import numpy as np
import pytest

import app.engine  # noqa: F401
from app.faith.__main__ import main
from app.files.cards import hash_file

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A small network with a shuffled twin, and images that fit."""
    folder = tmp_path_factory.mktemp("tiny")
    rng = np.random.default_rng(0)
    for name, seed in (("tiny", 1), ("twin", 2)):
        keras.utils.set_random_seed(seed)
        image = keras.Input((10, 10, 1))
        x = layers.Conv2D(4, 3, activation="relu", name="conv")(image)
        x = layers.Flatten()(layers.MaxPooling2D()(x))
        keras.Model(image, layers.Dense(3, activation="softmax", name="top")(x)).save(
            folder / f"{name}.keras"
        )
    images, labels = rng.uniform(0, 1, (40, 10, 10)), np.arange(40) % 3
    np.savez(folder / "data.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return folder


@pytest.fixture
def faith(door, tiny):
    def run(*arguments):
        code, output, error = door(
            main, "--model", tiny / "tiny.keras", "--data", tiny / "data.npz", *arguments
        )
        assert code == 0, error
        return output

    return run


def test_all_methods_all_tests_and_the_model_untouched(faith, tiny):
    before = hash_file(tiny / "tiny.keras")
    data = json.loads(faith("--count", 6, "--format", "json"))
    assert hash_file(tiny / "tiny.keras") == before
    assert [line["method"] for line in data["sanity"]] == [line["name"] for line in data["faithfulness"][:-1]]
    assert len(data["sanity"]) == len(data["agreement"]) == 16
    numbers = [v for line in data["sanity"] for v in (*line["means"], *line["signed"])]
    assert np.isfinite(numbers).all()
    integrated = next(line for line in data["sanity"] if line["method"] == "integrated")
    assert integrated["kept"] > next(line for line in data["sanity"] if line["method"] == "vanilla")["kept"]
    verdicts = {line["method"]: line["verdict"] for line in data["agreement"]}
    assert verdicts["vanilla"] == verdicts["gradcam"] == "the same map"


def test_one_test_alone_says_how_it_was_made(faith, tiny, tmp_path):
    text = faith(
        "--count",
        4,
        "--method",
        "vanilla",
        "--sanity",
        "--verbose",
        "--shuffled",
        tiny / "twin.keras",
        "--seed",
        3,
        "--draws",
        2,
        "--pictures",
        tmp_path / "p",
    )
    squeezed = " ".join(text.split())
    assert "shuffled labels" in squeezed
    assert "--count 4 --sanity --data" in squeezed
    assert "--seed 3 --draws 2." in squeezed
    assert "vanilla: with every layer randomised" in squeezed
    assert "Recommended" not in squeezed
    assert {p.name for p in (tmp_path / "p").iterdir()} == {"faith-sanity.png", "faith-stages.png"}


def test_faithfulness_has_its_caveat_its_picture_and_a_file(faith, tmp_path):
    output = tmp_path / "r" / "report.md"
    faith("--count", 3, "--method", "vanilla", "--faithfulness", "--output", output, "--pictures", tmp_path)
    text = output.read_text("utf-8")
    assert "never trained on" in text
    assert "vanilla: when the pixels that it ranks highest are removed" in text
    assert (tmp_path / "faith-curves.png").stat().st_size > 10_000


def test_the_same_command_gives_the_same_report(faith):
    arguments = ("--count", 5, "--method", "gradcam", "--sanity", "--format", "markdown")
    assert faith(*arguments) == faith(*arguments)


def test_a_twin_of_another_shape_is_refused(door, tiny):
    code, _, error = door(
        main,
        "--model",
        tiny / "tiny.keras",
        "--data",
        tiny / "data.npz",
        "--shuffled",
        "mnist",
        "--sanity",
        "--count",
        2,
    )
    assert code == 2
    assert "must be the same network" in error


def test_a_network_that_takes_series_is_refused(mnist):
    from app.datasets.samples import check_fit

    with pytest.raises(ValueError, match="takes series, and mnist holds images"):
        check_fit(mnist, (1, 128, 9))
