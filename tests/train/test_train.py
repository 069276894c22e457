"""The training door: what it leaves behind, and what a killed run leaves behind."""

import json
import signal
import subprocess
import sys
import time
from functools import partialmethod

import numpy as np
import pytest
from conftest import ROOT
from counted_networks import SHEETS
from PIL import Image

from app.files.cards import hash_file, read_card
from app.files.saved import SHIPPED_MODELS
from models import CATALOGUE
from models.pixels import Ink

pytestmark = pytest.mark.keras
FILES = {"numpy_cnn.keras", "numpy_cnn.json", "numpy_cnn-learning-curve.png", "numpy_cnn-confusion.png"}


def arguments(data, output, *more):
    return [
        "-m",
        "app.train",
        "--model",
        "numpy_cnn",
        "--data",
        str(data),
        "--output",
        str(output),
        "--epochs",
        "2",
        *more,
    ]


def names(folder):
    return {p.name for p in folder.iterdir() if p.is_file()}


@pytest.fixture(scope="module")
def few_npz(mnist, tmp_path_factory):
    """Forty images to learn from and twenty to test."""
    path = tmp_path_factory.mktemp("few") / "few.npz"
    np.savez(
        path,
        x_train=mnist.train_images[:40],
        y_train=mnist.train_labels[:40],
        x_test=mnist.test_images[:20],
        y_test=mnist.test_labels[:20],
    )
    return path


@pytest.fixture(scope="module")
def trained(small_npz, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    done = subprocess.run(
        [sys.executable, *arguments(small_npz, folder)], cwd=ROOT, text=True, capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return folder, done


def test_a_run_leaves_a_model_a_card_and_two_pictures(trained):
    folder, done = trained
    assert names(folder) == FILES
    assert not [p for p in (folder / ".backup").iterdir() if p.is_dir()]
    for words in ("13,602 parameters", "epoch 2/2", "Test accuracy", "Most confused", "numpy_cnn.keras"):
        assert words in done.stdout, words
    assert done.stderr == ""  # no chatter


def test_the_card_says_what_was_done(trained, small_npz):
    import app.engine  # noqa: F401
    from app.datasets.sources import load_npz
    from app.engine.store import hash_weights, load_model

    folder, _ = trained
    card = json.loads((folder / "numpy_cnn.json").read_text())
    model = load_model(folder / "numpy_cnn.keras")
    data = load_npz(small_npz)
    assert card["file_sha256"] == hash_file(folder / "numpy_cnn.keras")
    assert card["weights_sha256"] == hash_weights(model)
    assert card["data"]["sha256"] == data.sha256
    assert card["parameters"] == 13_602
    assert card["recipe"]["epochs"] == 2
    assert card["pixels"]["range"] == [-0.5, 0.5]
    images = data.test_images.astype("float32") / 255 - 0.5
    right = (model.predict(images, verbose=0).argmax(axis=1) == data.test_labels).mean()
    assert card["test_accuracy"] == pytest.approx(right, abs=1e-6)


def test_stopped_after_an_epoch_then_resumed(door, trained, small_npz, tmp_path, monkeypatch):
    """The model in place stays as it is; the same command ends with the same weights."""
    from app.engine.training.backup import EpochBackup
    from app.train.__main__ import main

    folder, _ = trained
    (tmp_path / "numpy_cnn.keras").write_bytes(b"the previous model")
    run, finish = arguments(small_npz, tmp_path)[2:], EpochBackup.on_epoch_end

    def stop(self, *measures):
        finish(self, *measures)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EpochBackup, "on_epoch_end", stop)
        assert door(main, *run)[0] == 130
    assert (tmp_path / "numpy_cnn.keras").read_bytes() == b"the previous model"
    code, output, error = door(main, *run)
    assert code == 0, error
    assert "Resuming after epoch 1 of 2" in output
    cards = [json.loads((place / "numpy_cnn.json").read_text()) for place in (folder, tmp_path)]
    assert cards[0]["weights_sha256"] == cards[1]["weights_sha256"]
    assert len(cards[1]["history"]) == 2


@pytest.mark.slow
def test_killed_at_any_moment_then_resumed(trained, small_npz, tmp_path):
    """SIGKILL: the model in place stays as it is; the same command ends with the same weights."""
    folder, _ = trained
    whole = json.loads((folder / "numpy_cnn.json").read_text())["weights_sha256"]
    (tmp_path / "numpy_cnn.keras").write_bytes(b"the previous model")
    run = [sys.executable, *arguments(small_npz, tmp_path)]
    for patience in (0.0, 0.3):
        process = subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if line.startswith("epoch 2 of 2" if patience else "epoch 1 of 2"):
                break
        time.sleep(patience / 10)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        process.stdout.close()
        assert (tmp_path / "numpy_cnn.keras").read_bytes() == b"the previous model"
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    assert "Resuming after epoch 1 of 2" in done.stdout
    card = json.loads((tmp_path / "numpy_cnn.json").read_text())
    assert card["weights_sha256"] == whole
    assert len(card["history"]) == 2


def test_another_command_does_not_resume_this_one(trained, small_npz, tmp_path, mnist):
    import app.engine  # noqa: F401
    from app.datasets.sources import load_npz
    from app.engine.training.recipes import RECIPES
    from app.train.plan import TrainingRun, fit_to_data

    data, network = load_npz(small_npz), CATALOGUE["mnist"]
    run = TrainingRun(network, fit_to_data(network, data), RECIPES["article"], 0, data)
    same = TrainingRun(network, fit_to_data(network, data), RECIPES["article"], 0, load_npz(small_npz))
    assert run.key() == same.key()
    others = [
        TrainingRun(network, {}, RECIPES["article"].changed(epochs=6), 0, data),
        TrainingRun(network, {}, RECIPES["fast"], 0, data),
        TrainingRun(network, {}, RECIPES["article"], 1, data),
        TrainingRun(network, {}, RECIPES["article"], 0, mnist),
        TrainingRun(CATALOGUE["numpy_cnn"], {}, RECIPES["article"], 0, data),
    ]
    assert run.key() not in {other.key() for other in others}


def test_a_diverging_run_says_so_and_saves_nothing(door, small_npz, tmp_path):
    from app.train.__main__ import main

    (tmp_path / "mnist.keras").write_bytes(b"the previous model")
    code, _, error = door(
        main,
        "--model",
        "mnist",
        "--data",
        small_npz,
        "--output",
        tmp_path,
        "--learning-rate",
        "1e30",
        "--epochs",
        "1",
    )
    assert code == 1
    assert "nothing was saved" in error
    assert "--learning-rate" in error
    assert names(tmp_path) == {"mnist.keras"}
    assert (tmp_path / "mnist.keras").read_bytes() == b"the previous model"


def test_other_data_other_shapes_and_two_classes(door, tmp_path):
    from app.train.__main__ import main

    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (60, 20, 24, 3)).astype(np.uint8)
    np.savez(
        tmp_path / "c.npz",
        x_train=images,
        y_train=np.arange(60) % 4,
        x_test=images[:20],
        y_test=np.arange(20) % 4,
    )
    code, output, error = door(
        main, "--model", "mnist", "--data", tmp_path / "c.npz", "--epochs", 1, "--output", tmp_path / "a"
    )
    assert code == 0, error
    xs = draw.integers(0, 2, (60, 5, 5)).astype(np.float32)
    np.savez(
        tmp_path / "x.npz", x_train=xs, y_train=np.arange(60) % 2, x_test=xs[:20], y_test=np.arange(20) % 2
    )
    code, output, error = door(
        main, "--model", "x_or_not_x", "--data", tmp_path / "x.npz", "--epochs", 1, "--output", tmp_path / "a"
    )
    assert code == 0, error
    assert "95 parameters" in output
    card = json.loads((tmp_path / "a" / "x_or_not_x.json").read_text())
    assert card["data"]["class_names"] == ["0", "1"]


@pytest.mark.slow
def test_a_network_for_transposed_letters_reads_upright_pictures(door, mnist, tmp_path):
    """Digits under EMNIST's names, transposed, labels from 1, the class names in a mapping, in a table.

    An upright four on paper, light on dark, or light on nothing is then what class 4 is called.
    """
    from app.saliency.__main__ import main as saliency
    from app.train.__main__ import main

    data, folder = tmp_path / "data", tmp_path / "trained"
    data.mkdir()
    for part, count in (("train", 4000), ("test", 500)):
        images, labels = (getattr(mnist, f"train_{kind}")[-count:] for kind in ("images", "labels"))
        rows = images[..., 0].swapaxes(1, 2).reshape(count, -1)
        table = np.column_stack([labels + 1, rows])
        np.savetxt(data / f"emnist-letters-{part}.csv", table, fmt="%d", delimiter=",")
    (data / "emnist-letters-mapping.txt").write_text(
        "".join(f"{i} {64 + i} {96 + i}\n" for i in range(1, 11))
    )
    asked = ("--model", "mnist", "--recipe", "fast", "--epochs", 3, "--data", data, "--output", folder)
    code, output, error = door(main, *asked)
    assert code == 0, error
    for words in ("has no header", "class 0 is label 1, called A.", "Images turned upright: EMNIST's files"):
        assert words in output, words
    card = read_card(folder / "mnist.json")
    assert card.class_names == tuple("ABCDEFGHIJ")
    assert card.ink == Ink()
    assert len(card.data["notes"]) == 3
    four = np.asarray(
        Image.fromarray(mnist.test_images[4, ..., 0]).resize((200, 200), Image.Resampling.BICUBIC)
    )
    clear = np.dstack([np.full((200, 200, 3), 255, np.uint8), four])
    for name, pixels in (("paper", 255 - four), ("dark", four), ("clear", clear)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        look = ("--method", "vanilla", "--output", tmp_path / "out")
        code, output, error = door(
            saliency, "--model", folder / "mnist.keras", "--image", tmp_path / f"{name}.png", *look
        )
        assert code == 0, error
        assert "predicts E" in output, name
        assert "centred by mass" in output


def test_a_network_is_trained_by_its_own_recipe(door, few_npz, tmp_path):
    from app.train.__main__ import main

    some = ("--data", few_npz, "--epochs", 1, "--output", tmp_path)
    code, output, error = door(main, "--model", "lenet5", *some)
    assert code == 0, error
    assert "recipe map, sgd, batches of 64" in output
    assert "images, given a border of background up to 32×32, as in the paper" in output
    assert "Published     0.9905 (0.95 % mistakes) on mnist: other data" in output
    assert json.loads((tmp_path / "lenet5.json").read_text())["recipe"]["loss"] == "map"
    code, output, error = door(main, "--model", "lenet5", "--recipe", "article", *some)
    assert code == 0, error
    assert "recipe article, rmsprop" in output
    assert json.loads((tmp_path / "lenet5.json").read_text())["recipe"]["loss"] == "cross-entropy"


def test_the_criterion_for_distances_is_refused_elsewhere(door, small_npz, tmp_path):
    from app.train.__main__ import main

    code, _, error = door(
        main, "--model", "mnist", "--recipe", "map", "--data", small_npz, "--output", tmp_path
    )
    assert code == 2
    assert "for networks whose output is distances" in error
    assert "for mnist take article" in error


def test_the_recipes_offered_are_the_recipes_there_are():
    import app.engine  # noqa: F401
    from app.engine.training.recipes import RECIPES
    from app.train.__main__ import main

    offered = next(option for option in main.params if option.name == "recipe").type.choices
    assert list(offered) == list(RECIPES)


FITTING = [network for network in CATALOGUE.values() if network.outputs and not network.task]


@pytest.mark.slow
@pytest.mark.parametrize("name", [network.name for network in FITTING])
def test_every_classifier_is_trained_a_step_or_refused_in_a_line(door, name, few_npz, tmp_path, monkeypatch):
    """On a part of MNIST: through the door, and once each; what has a sibling of few layers is not compiled."""
    import app.engine  # noqa: F401, I001
    import keras
    from app.train.__main__ import main

    if len(SHEETS[name].rows) > 100:
        uncompiled = partialmethod(keras.Model.compile, run_eagerly=True)
        monkeypatch.setattr(keras.Model, "compile", uncompiled)
    how = ("--epochs", 1, "--batch-size", 20)
    code, output, error = door(main, "--model", name, "--data", few_npz, *how, "--output", tmp_path / "out")
    if code:
        assert code == 2, error
        assert error.count("\n") == 1
        assert f"{name} does not fit few (28×28×1, 10 classes)" in error
        assert "it was made for" in error
    else:
        assert "Test accuracy" in output
        assert f"{name}.keras" in names(tmp_path / "out")


def test_the_shipped_model_is_the_article_recipes(mnist):
    import app.engine  # noqa: F401
    from app.datasets.dataset import scale_pixels
    from app.engine.store import hash_weights, load_model

    folder = SHIPPED_MODELS
    card = json.loads((folder / "mnist.json").read_text())
    model = load_model(folder / "mnist.keras")
    assert card["weights_sha256"] == hash_weights(model)
    assert card["data"]["sha256"] == mnist.sha256
    assert card["parameters"] == model.count_params() == 93_322
    images = scale_pixels(mnist.test_images, read_card(folder / "mnist.json").pixels)
    right = (model.predict(images, batch_size=1000, verbose=0).argmax(axis=1) == mnist.test_labels).mean()
    assert right == pytest.approx(card["test_accuracy"], abs=1e-4)
    assert right >= 0.988


@pytest.mark.parametrize(
    ("name", "parameters", "at_least"),
    [("lenet5", 60_840, 0.985), ("lenet5_modern", 61_706, 0.988), ("lecun1989", 9_760, 0.965)],
)
def test_the_shipped_early_networks_are_as_good_as_their_cards_say(name, parameters, at_least, mnist):
    """Reloaded in safe mode, and measured again on all test images."""
    import app.engine  # noqa: F401
    from app.datasets.dataset import scale_pixels
    from app.engine.measure import predict_probabilities
    from app.engine.store import hash_weights, load_model
    from app.engine.training.recipes import RECIPES, Recipe

    folder = SHIPPED_MODELS
    card = json.loads((folder / f"{name}.json").read_text())
    model = load_model(folder / f"{name}.keras")
    assert card["file_sha256"] == hash_file(folder / f"{name}.keras")
    assert card["weights_sha256"] == hash_weights(model)
    assert card["data"]["sha256"] == mnist.sha256
    assert Recipe(**card["recipe"]) == RECIPES[CATALOGUE[name].recipe]
    assert card["parameters"] == model.count_params() == parameters
    images = scale_pixels(mnist.test_images, read_card(folder / f"{name}.json").pixels)
    predictions = predict_probabilities(model, images).argmax(axis=1)
    assert (predictions == mnist.test_labels).mean() == pytest.approx(card["test_accuracy"], abs=1e-4)
    assert card["test_accuracy"] >= at_least


def test_shuffled_labels_leave_a_model_of_their_own_that_has_learnt_nothing(small_npz, tmp_path, door):
    from app.train.__main__ import main

    code, _, error = door(main, *arguments(small_npz, tmp_path, "--shuffle-labels", "3")[2:])
    assert code == 0, error
    assert names(tmp_path) == {name.replace("numpy_cnn", "numpy_cnn-shuffled") for name in FILES}
    card = json.loads((tmp_path / "numpy_cnn-shuffled.json").read_text())
    assert card["data"]["name"].endswith("labels shuffled")
    assert card["test_accuracy"] < 0.35
