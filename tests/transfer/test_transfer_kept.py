"""Logs of both phases in one table, features that are kept and for how long, and how pictures enter the network."""

import csv

import numpy as np
import pytest
from conftest import refusal
from transferring import FEW, make_shapes, make_teacher, run, stop_at

from app.transfer.plan import TransferSettings
from models import Pixels

pytestmark = pytest.mark.keras
SHORT = TransferSettings(epochs=3, fine_tune_epochs=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_shapes(tmp_path_factory.mktemp("pictures") / "shapes", 6)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return make_teacher(tmp_path_factory.mktemp("backbone") / "teacher.keras")


def read_table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def read_board(folder):
    """Return the steps of each value in TensorBoard's files, by run, part and name."""
    import tensorflow as tf

    found = {}
    for path in sorted(folder.glob("*/*/events*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                run_name = path.parents[1].name.rsplit("-", 1 + path.parents[1].name.endswith("fine-tune"))
                key = ("-".join(run_name[1:]), path.parent.name, value.tag)
                found.setdefault(key, []).append((event.step, value.simple_value))
    return found


def stores(place):
    return sorted((place / ".backup").glob("features-*"))


def test_both_phases_are_in_one_table_and_a_run_that_goes_on_doubles_none(
    folder, backbone, tmp_path, monkeypatch
):
    from app.engine.training import transfer_fit

    logs = {"csv_log": tmp_path / "log.csv", "tensorboard": tmp_path / "board"}
    for stop, seconds in ((2, 99.0), (2, 0.0), (2, 99.0), (4, 99.0)):  # in phase 1 and 2, states kept and not
        monkeypatch.setattr(transfer_fit, "SELDOM", seconds)
        go_on = stop_at(monkeypatch, stop)  # a step is an epoch: ten pictures
        with pytest.raises(KeyboardInterrupt):
            run(str(folder), str(backbone), tmp_path / "made", SHORT, **logs)
        go_on()
    made = run(str(folder), str(backbone), tmp_path / "made", SHORT, **logs)
    rows = read_table(tmp_path / "log.csv")
    assert [(row["phase"], row["epoch"]) for row in rows] == [
        *(("head", str(n)) for n in (1, 2, 3)),
        *(("fine-tune", str(n)) for n in (1, 2)),
    ]
    epochs = [epoch for phase in made.phases for epoch in phase.history]
    for name in ("loss", "val_loss", "val_accuracy"):
        assert [float(row[name]) for row in rows] == pytest.approx(
            [epoch[name] for epoch in epochs], rel=1e-6
        )
    board = read_board(tmp_path / "board")
    assert {phase for phase, _, _ in board} == {"head", "fine-tune"}
    for (phase, _, name), values in board.items():
        assert [step for step, _ in values] == list(range(3 if phase == "head" else 2)), name
    history = [epoch["loss"] for epoch in made.phases[0].history]
    assert [loss for _, loss in board["head", "train", "epoch_loss"]] == pytest.approx(history)
    rates = [rate for _, rate in board["head", "train", "epoch_learning_rate"]]
    first = made.phases[0].learning_rate
    assert rates == pytest.approx([first * (1 + np.cos(np.pi * n / 3)) / 2 for n in (1, 2, 3)], abs=1e-9)


def test_the_command_takes_the_logs_and_how_pictures_enter(door, folder, backbone, tmp_path):
    from app.transfer.__main__ import main

    given = ("--data", folder, "--backbone", backbone, "--output", tmp_path / "made", "--name", "shapes")
    quick = (
        "--epochs",
        1,
        "--no-fine-tune",
        "--pixel-range",
        -1,
        1,
        "--csv-log",
        tmp_path / "new" / "log.csv",
    )
    code, output, error = door(main, *given, *quick)
    assert code == 0, error
    assert [row["phase"] for row in read_table(tmp_path / "new" / "log.csv")] == ["head"]
    assert "pixels as −1…1" in output or "pixels as -1…1" in output
    (tmp_path / "labels.csv").write_text("file,label\n")
    code, _, error = door(main, *given, *quick[:-1], tmp_path / "labels.csv")
    assert (code, error.count("\n")) == (2, 1)
    assert "is no log of a training" in error
    assert (tmp_path / "labels.csv").read_text() == "file,label\n"


def test_of_kept_features_those_stay_that_somebody_waits_for(folder, backbone, tmp_path, monkeypatch, capsys):
    place = tmp_path / "made"
    go_on = stop_at(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        run(str(folder), str(backbone), place, SHORT, "stopped")
    go_on()
    (waiting,) = stores(place)
    capsys.readouterr()
    run(str(folder), str(backbone), place, TransferSettings(epochs=1, copies=1, fine_tune=False), "other")
    assert len(stores(place)) == 2
    assert waiting in stores(place)
    (other,) = set(stores(place)) - {waiting}
    said = next(line for line in capsys.readouterr().out.splitlines() if "features are kept" in line)
    size = sum(file.stat().st_size for file in other.glob("*.npy"))
    assert f"{place / '.backup'}: " in said
    assert f"{size / 1e6:,.1f} MB" in said
    run(str(folder), str(backbone), place, SHORT, "stopped")
    assert stores(place) == [waiting]  # of the finished runs the newest alone
    assert not [each for each in (place / ".backup").iterdir() if each.is_dir() and each != waiting]


def test_large_features_go_with_the_end_of_the_run(folder, backbone, tmp_path, monkeypatch):
    for module in ("app.transfer.frozen", "app.transfer.lines"):
        monkeypatch.setattr(f"{module}.MOST_KEPT", 100)
    run(str(folder), str(backbone), tmp_path, TransferSettings(epochs=1, fine_tune=False))
    assert not stores(tmp_path)


def test_features_of_other_pictures_weights_or_layers_are_not_taken(folder, backbone, tmp_path, monkeypatch):
    import keras

    import app.engine.training.transfer_features as features

    asked, original = [], features.frozen_function
    monkeypatch.setattr(
        features,
        "frozen_function",
        lambda part: lambda images: (asked.append(len(images)), original(part)(images))[1],
    )
    quick = TransferSettings(epochs=1, fine_tune=False)

    def computed(data, network, settings=quick, **choice):
        asked.clear()
        run(str(data), network, tmp_path / "made", settings, choice=choice)
        return sum(asked)

    assert computed(folder, str(backbone)) == 12
    assert computed(folder, str(backbone)) == 0
    other = keras.saving.load_model(backbone)
    other.get_layer("body").get_layer("second").bias.assign_add([1e-6] * 8)
    other.save(tmp_path / "weights.keras")
    assert computed(folder, str(tmp_path / "weights.keras")) == 12

    def linear(layer):
        config = layer.get_config()
        return layer.__class__.from_config(
            config | ({"activation": "tanh"} if layer.name == "second" else {})
        )

    flat = keras.saving.load_model(backbone).get_layer("body")
    changed = keras.models.clone_model(flat, clone_function=linear)
    changed.set_weights(flat.get_weights())
    ended = [keras.Sequential([body, keras.layers.GlobalAveragePooling2D()]) for body in (flat, changed)]
    for number, model in enumerate(ended):
        model.save(tmp_path / f"activation{number}.keras")
    assert computed(folder, str(tmp_path / "activation0.keras")) == 12
    assert computed(folder, str(tmp_path / "activation1.keras")) == 12  # the same weights, another activation
    pictures = make_shapes(tmp_path / "shapes", 6)
    assert computed(pictures, str(backbone)) == 12  # those of `activation1` were kept last
    one = pictures / "circle" / "000.png"
    one.write_bytes((pictures / "circle" / "001.png").read_bytes()[:-12] + one.read_bytes()[-12:])
    from PIL import Image

    Image.open(pictures / "square" / "001.png").transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(one)
    assert computed(pictures, str(backbone)) == 12

    assert computed(pictures, str(backbone), pixel_range=Pixels((-1, 1))) == 12
    assert (
        computed(pictures, str(backbone), TransferSettings(epochs=1, fine_tune=False, per_class=2, seed=1))
        > 0
    )


def test_a_network_of_vectors_takes_pictures_of_a_shape_that_is_told(folder, tmp_path):
    import keras

    made = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12 * 16 * 3,)),
            made.Reshape((12, 16, 3)),
            made.Conv2D(4, 3, activation="relu", name="pixels"),
            made.GlobalAveragePooling2D(),
            made.Dense(3, "softmax"),
        ]
    )
    model.save(tmp_path / "vector.keras")
    quick, path = TransferSettings(epochs=1, fine_tune=False), str(tmp_path / "vector.keras")
    assert "--image-shape" in refusal(run, str(folder), path, tmp_path, quick)
    wrong = {"image_shape": (12, 15, 3)}
    assert "not pictures of 12×15×3" in refusal(run, str(folder), path, tmp_path, quick, choice=wrong)
    new = run(str(folder), path, tmp_path, quick, choice={"image_shape": (12, 16, 3)})
    assert new.model.input_shape == (None, 12, 16, 3)
    images = np.random.default_rng(0).uniform(0, 1, (2, 12, 16, 3)).astype(np.float32)
    theirs = keras.Model(model.inputs[0], model.layers[-2].output)(images.reshape(2, -1))
    ours = keras.Model(new.model.inputs[0], new.model.get_layer("head_average").output)(images)
    assert np.allclose(theirs, ours, atol=1e-6)


def test_a_network_of_any_size_takes_the_size_that_is_told(folder, tmp_path):
    import keras

    made = keras.layers
    model = keras.Sequential(
        [keras.Input((None, None, 3)), made.Conv2D(4, 3), made.GlobalAveragePooling2D(), made.Dense(3)]
    )
    import app as lab

    quick = {"epochs": 1, "fine_tune": False, "folder": tmp_path, "name": "any"}
    new = lab.transfer_network(
        str(folder), model, image_shape=(20, 24, 3), pixels=(-1, 1), csv_log=tmp_path / "log.csv", **quick
    )
    assert new.model.input_shape == (None, 20, 24, 3)
    assert new.card.pixels == Pixels((-1, 1))
    assert len(read_table(tmp_path / "log.csv")) == 1


def test_pictures_of_digits_are_prepared_as_the_network_learnt_them(tmp_path, mnist):
    from PIL import Image, ImageOps

    from app.datasets.digits import MNIST
    from app.files.cards import read_card

    for label in (0, 1):
        (tmp_path / "digits" / str(label)).mkdir(parents=True)
        for place in np.flatnonzero(mnist.test_labels == label)[:4]:
            paper = ImageOps.expand(Image.fromarray(255 - mnist.test_images[place][..., 0]), 20, 255)
            paper.resize((120, 120)).save(tmp_path / "digits" / str(label) / f"{place}.png")
    quick, data = {"epochs": 1, "fine_tune": False}, str(tmp_path / "digits")
    prepared = run(data, "mnist", tmp_path, TransferSettings(**quick), "digits")
    assert read_card(prepared.files["card"]).ink == MNIST
    plain = run(data, "mnist", tmp_path, TransferSettings(**quick, prepare="resize"), "plain")
    assert read_card(plain.files["card"]).ink is None
    assert "one of auto, digit, resize" in refusal(TransferSettings(prepare="wash").checked)


def test_both_settings_of_a_run_are_in_its_key(folder, backbone, tmp_path, monkeypatch):
    """A run with other settings does not go on from what this one left."""
    go_on = stop_at(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        run(str(folder), str(backbone), tmp_path, FEW)
    go_on()
    other = TransferSettings(epochs=2, fine_tune=False, seed=3)
    assert len(run(str(folder), str(backbone), tmp_path, other).phases[0].history) == 2
