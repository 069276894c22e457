"""The training command on a folder of pictures: fitted to the network, streamed, resumed, and refused in a line."""

import json
import shutil

import numpy as np
import pytest
from picture_folders import make_picture_folder

from app.datasets.augmentation import LIGHT, Augmentation
from app.datasets.dataset import make_dataset
from app.datasets.fitting import fit_pictures
from app.datasets.sources import load_local
from app.train.figures import draw_learning_curve
from app.train.lines import augmentation_words, pictures_line, recipe_lines, waiting_line
from app.train.plan import TrainingSettings, plan_training
from app.train.results import share_waited
from models import CATALOGUE

NETWORK = ("--model", "numpy_cnn", "--epochs", 3, "--batch-size", 8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_picture_folder(tmp_path_factory.mktemp("shapes") / "shapes", count=10)


@pytest.fixture(scope="module")
def data(folder):
    return load_local(str(folder))


def read_card(folder):
    return json.loads((folder / "numpy_cnn.json").read_text())


@pytest.mark.keras
def test_a_folder_of_colour_pictures_trains_a_grey_network(door, folder, tmp_path):
    from app.train.__main__ import main

    more = (
        "--augment",
        "light",
        "--csv-log",
        tmp_path / "new" / "log.csv",
        "--tensorboard",
        tmp_path / "board",
    )
    code, output, error = door(main, *NETWORK, "--data", folder, *more, "--output", tmp_path / "out")
    assert code == 0, error
    for words in (
        "on shapes: recipe article",
        "Inputs: 28×28×1 images",
        "brought to 28×28 in grey; read once, then kept in memory",
        f"Augmentation: training images are {LIGHT.words()}",
        "Waited for pictures: ",
    ):
        assert words in output, words
    card = read_card(tmp_path / "out")
    assert card["data"]["image_shape"] == [28, 28, 1]
    assert card["data"]["class_names"] == ["circle", "square"]
    assert card["data"]["ink"] is None
    assert Augmentation(**card["recipe"]["augmentation"]) == LIGHT
    assert 0 < share_waited(card["history"]) < 1
    rows = (tmp_path / "new" / "log.csv").read_text().splitlines()
    assert len(rows) == 4
    assert rows[0].endswith("seconds,waited")
    (run,) = (tmp_path / "board").iterdir()
    assert sorted(path.name for path in run.iterdir()) == ["train", "validation"]


@pytest.mark.keras
def test_stopped_then_resumed_as_if_it_had_not_been(door, folder, tmp_path, monkeypatch):
    from app.engine.training.backup import EpochBackup
    from app.train.__main__ import main

    def run(name):
        places = ("--output", tmp_path / name, "--csv-log", tmp_path / f"{name}.csv")
        return door(main, *NETWORK, "--data", folder, "--augment", "strong", *places)

    finish = EpochBackup.on_epoch_end

    def stop(self, *measures):
        finish(self, *measures)
        raise KeyboardInterrupt

    assert run("whole")[0] == 0
    with monkeypatch.context() as patch:
        patch.setattr(EpochBackup, "on_epoch_end", stop)
        code, _, error = run("cut")
        assert (code, error.strip()) == (130, "Error: interrupted")
    code, output, error = run("cut")
    assert code == 0, error
    assert "Resuming after epoch 1 of 3" in output
    whole, cut = read_card(tmp_path / "whole"), read_card(tmp_path / "cut")
    assert whole["weights_sha256"] == cut["weights_sha256"]
    tables = [(tmp_path / f"{name}.csv").read_text().splitlines() for name in ("whole", "cut")]
    losses = [[row.split(",")[:5] for row in table] for table in tables]
    assert losses[0] == losses[1]


@pytest.mark.keras
def test_a_picture_damaged_meanwhile_is_named_in_a_line_and_nothing_is_saved(
    door, folder, tmp_path, monkeypatch
):
    from app.engine.training.backup import EpochBackup
    from app.train.__main__ import main

    pictures = shutil.copytree(folder, tmp_path / "pictures")
    monkeypatch.setattr("app.datasets.batches.KeptImages.read", lambda self, index: self._images.read(index))
    monkeypatch.setattr("app.datasets.batches.AHEAD_BYTES", 0)
    finish = EpochBackup.on_epoch_end

    def damage(self, epoch, logs=None):
        finish(self, epoch, logs)
        for path in pictures.rglob("*.png"):
            path.write_text("no picture any more")

    monkeypatch.setattr(EpochBackup, "on_epoch_end", damage)
    more = ("--epochs", 30, "--output", tmp_path / "out")
    code, _, error = door(main, *NETWORK, "--data", pictures, *more)
    assert code == 2
    assert error.count("\n") == 1
    assert error.startswith("Error: ")
    assert str(pictures) in error
    assert ".png" in error
    assert not [path for path in (tmp_path / "out").iterdir() if path.is_file()]


@pytest.mark.keras
def test_no_other_file_is_taken_for_a_log(door, folder, tmp_path):
    from app.train.__main__ import main

    labels = tmp_path / "labels.csv"
    labels.write_text("file,label\n")
    code, _, error = door(main, *NETWORK, "--data", folder, "--csv-log", labels, "--output", tmp_path)
    assert code == 2
    assert "is no log of a training" in error
    assert labels.read_text() == "file,label\n"


def test_one_class_is_refused_in_a_line(door, tmp_path):
    from app.train.__main__ import main

    folder = make_picture_folder(tmp_path / "one", classes=("circle",), count=4)
    code, _, error = door(main, *NETWORK, "--data", folder, "--output", tmp_path / "out")
    assert code == 2
    assert error.count("\n") == 1
    assert "class" in error


def test_a_network_that_does_not_fit_is_refused_in_a_line(door, tmp_path):
    from app.train.__main__ import main

    folder = make_picture_folder(tmp_path / "three", classes=("circle", "square", "cross"), count=4)
    code, _, error = door(main, "--model", "x_or_not_x", "--data", folder, "--output", tmp_path / "out")
    assert code == 2
    assert error.count("\n") == 1
    assert "x_or_not_x does not fit three" in error


@pytest.mark.parametrize("name", ["mnist", "nin_cifar10", "efficientnet_lite0", "x_or_not_x"])
def test_pictures_are_brought_to_the_shape_of_the_network(data, name):
    fitted = fit_pictures(CATALOGUE[name], data)
    assert fitted.image_shape == CATALOGUE[name].input_shape
    assert fitted.train_images[0].shape == CATALOGUE[name].input_shape
    assert fitted.class_names == data.class_names


def test_arrays_stay_as_they_are(mnist):
    assert fit_pictures(CATALOGUE["nin_cifar10"], mnist) is mnist


@pytest.mark.keras
def test_augmentation_precision_and_size_are_part_of_the_key(data):
    def key(name="numpy_cnn", **settings):
        return plan_training(CATALOGUE[name], data, TrainingSettings(**settings).checked()).key()

    keys = [key(), key(augment="light"), key(augment="strong"), key(mixed_precision=True), key("mnist")]
    assert len(set(keys)) == 5
    assert key() == key(augment="none") == key(augment=Augmentation())


@pytest.mark.parametrize("given", ["heavy", 3])
def test_an_unknown_augmentation_is_refused(given):
    with pytest.raises((ValueError, TypeError), match="augmentation"):
        TrainingSettings(augment=given).checked()


def test_much_waiting_says_what_to_do():
    assert waiting_line(0.031, (28, 28, 1)) == "Waited for pictures: 3 % of the time"
    line = waiting_line(0.6, (224, 224, 3))
    assert line.startswith("Waited for pictures: 60 % of the time. ")
    assert "save them once at about 224×224 pixels" in line


def test_the_share_is_worked_out_over_all_epochs():
    history = [{"seconds": 8.0, "waited": 4.0}, {"seconds": 2.0, "waited": 0.0}]
    assert share_waited(history) == 0.4
    assert share_waited([{"seconds": 8.0}]) is None
    assert share_waited([]) is None


def test_pictures_that_do_not_fit_the_memory_are_read_again(data, mnist, monkeypatch):
    assert pictures_line(mnist) is None
    assert pictures_line(data) == "Pictures: 20, brought to 48×64 in colour; read once, then kept in memory"
    monkeypatch.setattr("app.train.lines.KEPT_BYTES", 20 * 48 * 64 * 3 - 1)
    assert pictures_line(data).endswith("read again in each epoch")


def test_what_a_recipe_asks_for_besides():
    assert recipe_lines(None, False, False) == []
    assert "slower than float32" in recipe_lines(None, True, False)[0]
    assert "slower" not in recipe_lines(None, True, True)[0]
    assert "light: flipped left to right" in augmentation_words()


def test_one_data_set_of_arrays_is_no_stream():
    images, labels = np.zeros((4, 8, 8, 3), np.uint8), np.array([0, 1, 0, 1])
    data = make_dataset("few", "here", (images, labels), (images, labels))
    assert pictures_line(data) is None


@pytest.mark.parametrize("epochs", [1, 2, 3, 30])
def test_epochs_are_whole(epochs):
    each = {"loss": 0.5, "val_loss": 0.4, "accuracy": 0.9, "val_accuracy": 0.92}
    for axes in draw_learning_curve([each] * epochs, "a network").axes:
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert ticks
        assert all(tick == int(tick) for tick in ticks)
