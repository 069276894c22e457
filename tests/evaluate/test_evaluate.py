"""An evaluation as a whole: on the shipped networks, on folders of pictures, on files without a card."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import refusal
from picture_folders import make_picture_folder

from app.commands.data import open_data
from app.evaluate.__main__ import main
from app.evaluate.run import evaluate, own_data
from app.maps.open_model import ModelChoice, OpenModel
from app.show.paper import Paper, on_paper


@pytest.fixture(scope="module")
def few(mnist):
    return replace(mnist, test_images=mnist.test_images[:400], test_labels=mnist.test_labels[:400])


@pytest.fixture(scope="module")
def shipped():
    return OpenModel(ModelChoice("mnist", machine="numpy"))


@pytest.fixture(scope="module")
def found(shipped, few):
    return evaluate(shipped, few, mistakes=3)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return make_picture_folder(tmp_path_factory.mktemp("shapes") / "shapes", count=6)


def test_the_numbers_are_those_of_asking_for_each_image(shipped, few, found):
    p = shipped.explainer.probabilities(shipped.scaled(few.test_images))
    assert found.accuracy == (p.argmax(axis=1) == few.test_labels).mean()
    assert found.log_loss == pytest.approx(
        float(-np.log(p[np.arange(400), few.test_labels]).mean()), rel=1e-5
    )
    assert found.confusion.sum() == found.count == 400
    assert found.right == np.trace(found.confusion)
    assert found.top_5 is None
    low, high = found.interval
    assert low < found.accuracy < high


def test_the_worst_mistakes_come_first_each_with_its_map(shipped, few, found):
    p = shipped.explainer.probabilities(shipped.scaled(few.test_images))
    wrong = [i for i in range(400) if p[i].argmax() != few.test_labels[i]]
    wrong.sort(key=lambda i: -p[i].max())
    assert [each.image for each in found.mistakes] == [f"test image {i}" for i in wrong[:3]]
    first = found.mistakes[0]
    assert first.label == str(few.test_labels[wrong[0]])
    assert first.predicted == str(p[wrong[0]].argmax())
    assert first.explanation.prediction.explained_name == first.predicted
    assert [made.method for made in first.explanation.maps] == ["gradcam"]
    np.testing.assert_array_equal(first.pixels, few.test_images[wrong[0]])


def test_wrong_labels_are_seen(shipped, few, found):
    other = replace(few, test_labels=(few.test_labels + 1) % 10)
    assert evaluate(shipped, other, mistakes=0).accuracy < 0.05 < found.accuracy


def test_the_batch_size_changes_nothing(shipped, few, found):
    again = evaluate(shipped, few, mistakes=0, batch_size=33)
    np.testing.assert_array_equal(again.outcome.predicted, found.outcome.predicted)
    np.testing.assert_allclose(again.outcome.confidence, found.outcome.confidence, rtol=1e-5)
    assert again.images == found.images


def test_the_parts_follow_each_other(shipped, few):
    small = replace(few, train_images=few.train_images[:30], train_labels=few.train_labels[:30])
    counts = {
        part: evaluate(shipped, small, part=part, mistakes=0).count for part in ("test", "training", "all")
    }
    assert counts == {"test": 400, "training": 30, "all": 430}


def test_what_a_model_was_trained_on_is_said(mnist, shipped):
    small = replace(mnist, train_images=mnist.train_images[:50], train_labels=mnist.train_labels[:50])
    card = shipped.facts.card
    opened = OpenModel(ModelChoice("mnist", machine="numpy"))
    opened.facts = replace(opened.facts, card=replace(card, data={**card.data, "sha256": small.sha256}))
    assert any("trained on" in note for note in evaluate(opened, small, part="training", mistakes=0).notes)
    assert not any(
        "trained on" in note for note in evaluate(shipped, small, part="training", mistakes=0).notes
    )


def test_it_shows_itself(found, tmp_path):
    assert repr(found).startswith("<mnist on 400 test images of mnist: ")
    assert "95 % interval" in str(found)
    data = found.to_dict()
    assert data["confusion"] == found.confusion.tolist()
    assert data["calibration"]["error"] == found.calibration.error
    for name in ("a.png", "a.html", "a.json", "a.csv"):
        assert found.save(tmp_path / name).stat().st_size > 500
    assert (tmp_path / "a.html").read_text("utf-8").count("<svg") == 3
    assert found.plot_calibration().axes
    assert found.plot_mistakes().axes


def test_a_figure_of_mistakes_is_as_wide_as_a_page_and_says_what_is_hatched_and_framed(found):
    figure, first = found.plot_mistakes(), found.mistakes[0]
    assert figure.get_figwidth() == pytest.approx(8.2)
    headings = [axes.get_title() for axes in figure.axes]
    assert f"{first.label}, taken for {first.predicted}" in headings
    assert f"Grad-CAM for {first.predicted}" in headings
    (notes,) = (text.get_text().replace("\n", " ") for text in figure.texts if "hatched" in text.get_text())
    assert "the frame shows what the strongest cell sees" in notes
    assert "computed from conv3" in notes
    with on_paper(Paper(width=6)):
        assert found.plot_mistakes().get_figwidth() == pytest.approx(6)


def test_the_shipped_network_has_the_accuracy_of_its_card(door, tmp_path):
    code, output, _ = door(main, "--model", "x_or_not_x", "--output", tmp_path)
    card = json.loads((tmp_path / "evaluation-x_or_not_x.json").read_text("utf-8"))
    assert code == 0
    assert card["accuracy"] == pytest.approx(card["card_accuracy"], abs=1e-7)
    assert "Accuracy 99.70 %: 997 of 1,000" in output
    with (tmp_path / "evaluation-x_or_not_x-predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1000
    assert sum(row["right"] == "yes" for row in rows) == 997
    second = card["calibration_of_second_class"]
    assert sum(each["images"] for each in second["bins"]) == 1000


@pytest.mark.slow
@pytest.mark.keras
def test_mnist_has_the_accuracy_of_its_card(mnist):
    opened = OpenModel(ModelChoice("mnist"))
    found = evaluate(opened, mnist, mistakes=0)
    assert found.accuracy == pytest.approx(opened.facts.card.test_accuracy, abs=1e-7)
    assert found.log_loss == pytest.approx(opened.facts.card.test_loss, abs=1e-5)
    assert found.card_accuracy == opened.facts.card.test_accuracy


def net(path, layers, **compiling):
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((16, 16, 3)), *layers(keras.layers)])
    if compiling:
        model.compile(**compiling)
    model.save(path)
    return model


def classifier(units, activation="softmax"):
    return lambda layers: [layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(units, activation=activation)]


@pytest.mark.keras
class TestOfFiles:
    """Models of Keras' without a card."""

    def test_a_folder_of_pictures_is_asked_about_with_keras_numbers(self, pictures, tmp_path):
        model = net(tmp_path / "net.keras", classifier(2))
        data = open_data(pictures)
        found = evaluate(OpenModel(ModelChoice(tmp_path / "net.keras")), data)
        fitted = data.fitted((16, 16, 3))
        images = np.concatenate([fitted.train_images, fitted.test_images]) / np.float32(255)
        labels = np.concatenate([data.train_labels, data.test_labels])
        p = model.predict(images, verbose=0)
        assert found.count == len(labels) == 12
        assert found.accuracy == (p.argmax(axis=1) == labels).mean()
        np.testing.assert_allclose(found.outcome.confidence, p.max(axis=1), rtol=1e-5)
        assert "all of them are used" in found.notes[0]
        assert found.class_names == ("circle", "square")
        assert {each.rsplit("/", 1)[-1] for each in found.images} == {f"00{i}.png" for i in range(6)}
        assert evaluate(OpenModel(ModelChoice(tmp_path / "net.keras")), data, part="test").count == len(
            data.test_labels
        )

    def test_one_sigmoid_unit_is_two_classes(self, pictures, tmp_path):
        model = net(tmp_path / "one.keras", classifier(1, "sigmoid"))
        data = open_data(pictures)
        found = evaluate(OpenModel(ModelChoice(tmp_path / "one.keras")), data, part="test")
        fitted = np.asarray(data.fitted((16, 16, 3)).test_images) / np.float32(255)
        second = model.predict(fitted, verbose=0)[:, 0]
        assert found.accuracy == ((second > 0.5) == data.test_labels).mean()
        np.testing.assert_allclose(found.calibration_of_second.probabilities, second, rtol=1e-5)

    def test_separate_units_are_shares_of_their_sum(self, pictures, tmp_path):
        model = net(tmp_path / "three.keras", classifier(3, "sigmoid"))
        data = open_data(pictures)
        found = evaluate(OpenModel(ModelChoice(tmp_path / "three.keras")), data, part="test")
        p = model.predict(np.asarray(data.fitted((16, 16, 3)).test_images) / np.float32(255), verbose=0)
        np.testing.assert_allclose(found.outcome.confidence, p.max(axis=1) / p.sum(axis=1), rtol=1e-5)

    @pytest.mark.parametrize("kind", ["quantities", "pixels"])
    def test_what_puts_out_no_class_is_refused(self, kind, pictures, tmp_path):
        path = tmp_path / f"{kind}.keras"
        if kind == "quantities":
            net(path, classifier(2, None), loss="mse")
        else:
            net(path, lambda layers: [layers.Conv2D(3, 1, activation="softmax")])
        said = refusal(evaluate, OpenModel(ModelChoice(path)), open_data(pictures))
        assert "one class; this one puts out" in said

    def test_a_picture_that_is_gone_counts_nowhere(self, pictures, tmp_path):
        net(tmp_path / "net.keras", classifier(2))
        folder = make_picture_folder(tmp_path / "shapes", count=4)
        data = open_data(folder)
        (folder / "circle" / "001.png").write_text("no picture")
        found = evaluate(OpenModel(ModelChoice(tmp_path / "net.keras")), data)
        assert found.count == 7
        assert list(found.unreadable) == [str(folder / "circle" / "001.png")]
        assert "Not read, and counted nowhere: 1" in str(found)

    def test_the_command_says_which_class_is_unknown(self, door, tmp_path):
        folder = make_picture_folder(tmp_path / "shapes", ("circle", "square", "cross"), count=3)
        net(tmp_path / "net.keras", classifier(2))
        (tmp_path / "labels.txt").write_text("circle\nsquare\n")
        code, _, error = door(
            main,
            "--model",
            tmp_path / "net.keras",
            "--data",
            folder,
            "--output",
            tmp_path / "o",
            "--no-isolate",
        )
        assert code == 2
        assert "a class that" in error.splitlines()[-1]
        assert "does not have: cross" in error.splitlines()[-1]

    def test_without_data_a_model_is_asked_about_those_that_it_learnt_from(self, pictures, tmp_path):
        path = tmp_path / "net.keras"
        net(path, classifier(2))
        assert "say with --data which ones" in refusal(own_data, OpenModel(ModelChoice(path)))
        import keras

        digits = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
        digits.save(tmp_path / "own.keras")
        assert own_data(OpenModel(ModelChoice(tmp_path / "own.keras"))) == "mnist"
        assert own_data(OpenModel(ModelChoice("x_or_not_x"))) == "x_or_not_x"
        refused = refusal(own_data, OpenModel(ModelChoice("efficientnet_lite0")))
        assert refused == (
            "the images that efficientnet_lite0 learnt from are not at hand; say with --data which ones to use"
        )

    def test_the_split_of_a_folder_is_not_told_where_all_of_it_is_used(self, door, pictures, tmp_path):
        net(tmp_path / "net.keras", classifier(2))
        told = (
            "--model",
            tmp_path / "net.keras",
            "--data",
            pictures,
            "--output",
            tmp_path / "o",
            "--no-isolate",
        )
        code, out, error = door(main, *told)
        assert code == 0
        assert "all of them are used" in out
        assert "are held out" not in error
        assert "are held out" in " ".join(open_data(pictures).notes)
