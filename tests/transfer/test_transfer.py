"""Transfer: what learns, what is frozen, features computed once, and what is left."""

import json

import numpy as np
import pytest
from conftest import refusal
from picture_folders import make_picture_folder
from transferring import FEW, make_shapes, make_teacher, run, stop_at

from app.files.cards import read_card
from app.transfer.pictures import choose_pictures, frozen_batches, frozen_groups
from app.transfer.plan import TransferSettings
from app.transfer.request import name_model
from models.pixels import PLAIN

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_shapes(tmp_path_factory.mktemp("pictures") / "shapes")


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return make_teacher(tmp_path_factory.mktemp("backbone") / "teacher.keras")


@pytest.fixture(scope="module")
def made(folder, backbone, tmp_path_factory):
    return run(str(folder), str(backbone), tmp_path_factory.mktemp("made"))


def test_what_learns_is_counted_by_hand_and_as_keras_has_it(made):
    """(6·2 + …): the head has 8 features and 2 classes; the second phase has the last convolution's, too."""
    assert made.phases[1].is_kept
    head, second, first, norm = 8 * 2 + 2, 3 * 3 * 6 * 8 + 8, 3 * 3 * 3 * 6, 4 * 6
    assert made.phases[0].parameters == (head, second + first + norm)
    size_of_last_maps = made.phases[1].parameters
    assert size_of_last_maps == (head + second, first + norm)
    assert sum(size_of_last_maps) == made.model.count_params()


def test_the_frozen_part_and_the_normalisation_stay_to_the_bit(made, backbone):
    import keras

    before = keras.saving.load_model(backbone).get_layer("body")
    for name in ("first", "norm"):
        old, new = before.get_layer(name).get_weights(), made.model.get_layer(name).get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))
    moved = made.model.get_layer("second").get_weights()[0] - before.get_layer("second").get_weights()[0]
    assert np.abs(moved).max() > 0


def test_the_head_learns_as_behind_the_frozen_network_end_to_end(folder, backbone, tmp_path):
    """The slow way: the whole network in each step, its head alone learning, with the same batches."""
    import keras

    from app.commands.data import open_data
    from app.datasets.dataset import scale_pixels
    from app.engine.training.fit import make_repeatable
    from app.engine.training.transfer_fit import Phase, Rows, compile_part

    quick = run(str(folder), str(backbone), tmp_path, TransferSettings(epochs=4, fine_tune=False))
    phase = Phase(4, quick.phases[0].learning_rate)
    make_repeatable(0)
    teacher = keras.saving.load_model(backbone)
    teacher.trainable = False
    row = teacher.get_layer("mean").output
    x = keras.layers.Dropout(0.2, name="head_dropout")(row)
    slow = keras.Model(
        teacher.input, keras.layers.Dense(2, "softmax", kernel_initializer="zeros", name="head_output")(x)
    )
    data = open_data(str(folder)).fitted((24, 32, 3))
    images = scale_pixels(np.asarray(data.train_images), PLAIN)
    compile_part(slow, phase, len(images))
    draws = next(v for v in slow.variables if v.name == "seed_generator_state")
    begin = next(v for v in quick.model.variables if v.name == "seed_generator_state")
    for epoch in range(4):
        draws.assign([np.asarray(begin)[0], epoch << 20])
        for inputs, labels in Rows(images, data.train_labels, 0).batches(phase, epoch):
            slow.train_on_batch(inputs, labels[:, np.newaxis])
    for a, b in zip(slow.layers[-1].get_weights(), quick.model.layers[-1].get_weights(), strict=True):
        assert np.abs(a - b).max() < 1e-5
    assert np.abs(slow.layers[-1].get_weights()[0]).max() > 1e-3  # it has learnt


def test_features_are_computed_once(folder, backbone, tmp_path, monkeypatch):
    import app.engine.training.transfer_features as features

    asked = []
    original = features.frozen_function

    def counting(part):
        function = original(part)
        return lambda images: (asked.append(len(images)), function(images))[1]

    monkeypatch.setattr(features, "frozen_function", counting)
    settings = TransferSettings(epochs=10, fine_tune=False)
    run(str(folder), str(backbone), tmp_path, settings)
    assert sum(asked) == 24  # training and test pictures, once each; ten epochs do not ask again
    run(str(folder), str(backbone), tmp_path, TransferSettings(epochs=11, fine_tune=False), restart=True)
    assert sum(asked) == 24  # and another run finds them


def test_an_interrupted_run_ends_as_one_that_was_not(folder, backbone, tmp_path, monkeypatch):
    from app.engine.store import hash_weights
    from app.engine.training import transfer_fit

    whole = run(str(folder), str(backbone), tmp_path / "whole")
    monkeypatch.setattr(transfer_fit, "SELDOM", 0.0)
    go_on = stop_at(monkeypatch, 5)
    with pytest.raises(KeyboardInterrupt):
        run(str(folder), str(backbone), tmp_path / "parts")
    assert not (tmp_path / "parts" / "shapes.keras").exists()
    go_on()
    parts = run(str(folder), str(backbone), tmp_path / "parts")
    assert hash_weights(parts.model) == hash_weights(whole.model)


def test_the_model_is_taken_by_the_other_commands(door, made, folder, tmp_path):
    from importlib import import_module

    card = read_card(made.files["card"])
    assert card.class_names == ("circle", "square")
    assert card.ink is None
    code, output, error = door(
        import_module("app.predict.__main__").main, "--model", made.path, folder / "circle" / "000.png"
    )
    assert code == 0, error
    assert "circle" in output
    code, _, error = door(
        import_module("app.saliency.__main__").main,
        *("--model", made.path, "--image", folder / "square" / "001.png", "--output", tmp_path),
    )
    assert code == 0, error


def test_the_accuracy_is_that_of_the_saved_file(made, folder):
    import app as lab

    measured = lab.load(made.path).evaluate(str(folder), part="test")
    assert measured.accuracy == pytest.approx(made.test_accuracy)


def test_one_unit_serves_two_classes(folder, backbone, tmp_path):
    settings = TransferSettings(epochs=4, fine_tune=False, one_output=True)
    one = run(str(folder), str(backbone), tmp_path, settings)
    assert one.model.output_shape == (None, 1)
    assert one.phases[0].parameters[0] == 8 + 1
    three = make_picture_folder(tmp_path / "three", ("circle", "square", "cross"), 4, (32, 24))
    assert "two classes" in refusal(run, str(three), str(backbone), tmp_path, settings, "three")


def test_without_borrowed_weights_the_same_network_learns_all(folder, backbone, tmp_path):
    settings = TransferSettings(epochs=3, fine_tune=False, against_scratch=True, scratch_epochs=2)
    result = run(str(folder), str(backbone), tmp_path, settings)
    assert (
        result.scratch.parameters == result.model.count_params() - 2 * 6
    )  # the normalisation's two statistics
    assert len(result.scratch.history) == 2
    assert "from scratch" in str(result)
    json.dumps(result.to_dict())


def test_copies_are_augmented_once_and_the_same_again(folder):
    from app.commands.data import open_data

    data = open_data(str(folder)).fitted((24, 32, 3))
    train, test = len(data.train_labels), len(data.test_labels)
    all_of_it = np.concatenate([*frozen_batches(data, PLAIN, 2, "light", 0, frozen_groups(data, 2, 0))])
    assert len(all_of_it) == 3 * train + test
    assert np.abs(all_of_it[:train] - all_of_it[train : 2 * train]).max() > 0.1
    assert np.array_equal(all_of_it[-test:] * 255, np.asarray(data.test_images).astype(np.float32))
    later = np.concatenate([*frozen_batches(data, PLAIN, 2, "light", 0, frozen_groups(data, 2, train + 16))])
    assert np.array_equal(later, all_of_it[train + 16 :])


def test_so_many_of_each_class_are_taken(mnist):
    few = choose_pictures(mnist, 3, seed=1)
    assert np.bincount(few.train_labels).tolist() == [3] * 10
    other = choose_pictures(mnist, 3, seed=2)
    assert not np.array_equal(few.train_images, other.train_images)


def test_what_cannot_be_transferred_is_refused(folder, backbone, tmp_path):
    import keras

    flat = keras.Sequential(
        [keras.Input((24, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    assert "no feature maps" in refusal(run, str(folder), flat, tmp_path, FEW, "flat")
    row = keras.Sequential([keras.Input((40,)), keras.layers.Dense(3, "softmax")])
    assert "pictures are height" in refusal(run, str(folder), row, tmp_path, FEW, "row")
    one = make_picture_folder(tmp_path / "one", ("circle",), 4)
    assert "only one class" in refusal(run, str(one), str(backbone), tmp_path, FEW, "one")
    many = TransferSettings(unfreeze=7)
    assert "has 2 convolutions" in refusal(run, str(folder), str(backbone), tmp_path, many, "many")
    assert "there is no layer" in refusal(
        run, str(folder), str(backbone), tmp_path, TransferSettings(layer="third"), "third"
    ).replace("has no layer", "there is no layer")


def test_another_model_is_not_written_over(folder, backbone, tmp_path):
    (tmp_path / "shapes.keras").write_bytes(b"mine")
    assert "is there already" in refusal(run, str(folder), str(backbone), tmp_path)
    assert (tmp_path / "shapes.keras").read_bytes() == b"mine"


def test_a_name_is_a_plain_one():
    assert name_model(None, "Hot dogs!") == "hot-dogs"
    assert name_model(None, "mnist") == "mnist-transferred"
    assert "try up" in refusal(name_model, "../up", "")
    assert "of the catalogue" in refusal(name_model, "mnist", "")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "epochs must be"),
        ({"fine_tune_rate": -1.0}, "fine_tune_rate must be"),
        ({"unfreeze": 2, "fine_tune": False}, "contradict"),
        ({"copies": 2, "augment": "none"}, "--augment says"),
    ],
)
def test_settings_are_checked(settings, words):
    assert words in refusal(TransferSettings(**settings).checked)


@pytest.mark.slow
def test_the_digits_5_to_9_from_a_network_of_0_to_4(mnist, tmp_path):
    """With 10 images a class, in each of five seeds, better than the same network without the borrowed weights."""
    import app as lab

    def part(images, labels, lowest, most):
        chosen = (labels >= lowest) & (labels < lowest + 5)
        return images[chosen][:most], labels[chosen][:most] - lowest

    train, test = (mnist.train_images, mnist.train_labels), (mnist.test_images, mnist.test_labels)
    first = part(*train, 0, 12_000), part(*test, 0, 100)
    lab.train_network("mnist", first, recipe="fast", folder=tmp_path)
    second = part(*train, 5, 1000), part(*test, 5, 500)
    for seed in range(5):
        settings = {"per_class": 10, "fine_tune": False, "against_scratch": True, "scratch_epochs": 40}
        made = lab.transfer_network(
            second,
            str(tmp_path / "mnist.keras"),
            name="five",
            folder=tmp_path,
            restart=True,
            seed=seed,
            **settings,
        )
        assert made.test_accuracy > made.scratch.test_accuracy
        assert made.scratch.history[-1]["accuracy"] > 0.9  # it has had its chance


@pytest.mark.slow
def test_photographs_on_the_imagenet_network(tmp_path):
    """The default backbone: two classes of drawn shapes; its features are of 1,280 numbers."""
    folder = make_picture_folder(tmp_path / "two", count=10, size=(96, 80))
    made = run(str(folder), "efficientnet_lite0", tmp_path, TransferSettings(epochs=20, fine_tune_epochs=1))
    assert made.phases[0].parameters == (2 * 1280 + 2, 4_694_024 - 1_281_000 + 0)
    assert made.test_accuracy >= 0.5


@pytest.mark.parametrize("features", [np.zeros((4, 3)), np.full((4, 3), 1e-9), np.full((4, 3), np.nan)])
def test_features_that_say_nothing_are_refused(features):
    from app.transfer.frozen import root_mean_square

    assert "trained weights" in refusal(root_mean_square, features, "untrained")
    assert root_mean_square(np.array([[3.0, 4.0]]), "trained") == pytest.approx(np.sqrt(12.5))
