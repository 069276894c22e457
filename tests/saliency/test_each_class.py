"""One image of each class, explained for its own class: which images, which maps, what is left out and refused."""

import app.engine  # noqa: I001

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from conftest import refusal
from PIL import Image

import app as lab
from app.saliency.__main__ import main
from app.saliency.each_class import first_of_each_class
from app.datasets.sources import load_arrays

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture
def saliency(door, tmp_path):
    def run(*arguments):
        return door(main, "--output", tmp_path, "--raw", tmp_path / "raw.npz", *arguments)

    return run


def classifier(classes, *head):
    """A small network of images of 8×8, with weights drawn at random."""
    image = keras.Input((8, 8, 1))
    x = layers.Flatten()(layers.Conv2D(2, 3, activation="relu")(image))
    for layer in head or (layers.Dense(classes, "softmax"),):
        x = layer(x)
    return keras.Model(image, x)


def images_of(labels):
    """A data set whose image number i is of one value, 10 i."""
    images = np.stack([np.full((8, 8), 10 * i, np.uint8) for i in range(len(labels))])
    pair = (images, np.array(labels))
    return load_arrays((pair, pair))


def test_the_grid_of_the_article(saliency, tmp_path, mnist):
    report = tmp_path / "r.json"
    code, output, error = saliency("--model", "mnist", "--each-class", "--report", report)
    assert code == 0, error
    arrays = dict(np.load(tmp_path / "raw.npz"))
    first = [int(np.flatnonzero(mnist.test_labels == c)[0]) for c in range(10)]
    np.testing.assert_allclose(arrays["image"], mnist.test_images[first] / 255, atol=1e-6)
    assert arrays["class_index"].tolist() == arrays["predicted_class"].tolist() == list(range(10))
    assert {name for name in arrays if name.endswith("_raw")} == {"vanilla_raw", "guided_raw", "relu_raw"}
    for i in first:
        assert f"test image {i} (labelled" in output
    with Image.open(tmp_path / "saliency-mnist-each-class.png") as picture:
        assert 0.9 < picture.width / picture.height < 1.8
    assert len(json.loads(report.read_text())["images"]) == 10


def test_each_map_is_that_of_the_image_alone():
    net, data = lab.load("mnist"), lab.open_data("mnist")
    seen = net.explain_each_class(methods=["vanilla", "gradcam"])
    place = int(np.flatnonzero(data.test_labels == 8)[0])
    alone = net.explain(data.test_images[place], label=8, methods=["vanilla", "gradcam"])
    for method, maps in alone.maps.items():
        np.testing.assert_allclose(seen.maps[method][8], maps[0], atol=1e-6)
        assert not np.allclose(seen.maps[method][3], maps[0], atol=1e-6)
    assert seen.title == "Where the network mnist finds evidence for the class of each image"


def test_other_maps_are_drawn_where_they_are_named(saliency, tmp_path):
    assert saliency("--model", "mnist", "--each-class", "--method", "gradcam")[0] == 0
    assert "vanilla" not in np.load(tmp_path / "raw.npz")


def test_a_class_without_an_image_is_left_out_and_named():
    net = lab.load(classifier(4), classes=["ant", "bee", "cat", "dog"])
    seen = net.explain_each_class(images_of([3, 0, 3, 0]), methods="vanilla")
    assert [each.explained_name for each in seen.predictions] == ["ant", "dog"]
    assert [sample.title for sample in seen.samples] == ["test image 1", "test image 0"]
    assert "Classes bee, cat are left out: arrays has no test image of them" in seen.lines()
    full = net.explain_each_class(images_of([3, 0, 1, 2]), methods="vanilla")
    assert "left out" not in str(full)


def test_many_classes_without_an_image_are_counted():
    net = lab.load(classifier(30))
    seen = net.explain_each_class(images_of([3, 29]), methods="vanilla")
    assert "28 classes are left out: arrays has no test image of them" in seen.lines()


def test_a_network_that_is_wrong_about_an_image_is_shown_so():
    model = classifier(2)
    model.set_weights([0 * w for w in model.get_weights()[:-1]] + [np.array([0.0, 5.0])])  # always class 1
    seen = lab.load(model).explain_each_class(images_of([0, 1]), methods="vanilla")
    figure = seen.plot()
    said = [axes.xaxis.label for axes in figure.axes if "predicts" in axes.get_xlabel()]
    assert [label.get_text() for label in said] == ["predicts 1 (99.3\u00a0%)"] * 2
    assert said[0].get_color() != said[1].get_color()
    assert "orange: the network predicts another class" in "".join(text.get_text() for text in figure.texts)


@pytest.mark.parametrize(
    "others",
    [
        ("--class", "3"),
        ("--all-classes",),
        ("--against", "8"),
        ("--index", "0"),
        ("--count", "3"),
        ("--image", "a.png"),
        ("--images", "folder"),
        ("--over-epochs",),
    ],
    ids=lambda others: others[0],
)
def test_what_contradicts_it_is_refused_in_one_line(saliency, others):
    code, output, error = saliency("--model", "mnist", "--each-class", *others)
    assert code == 2
    assert output == ""
    assert error.startswith(f"Error: --each-class and {others[0]} contradict each other")
    assert error.count("\n") == 1


def test_what_cannot_be_asked_is_refused():
    data = images_of([0, 1])
    many = lab.load(classifier(101))
    assert "each_class draws a row for each class, up to 100; the network has 101" in refusal(
        many.explain_each_class, data
    )
    quantities = lab.load(classifier(2, layers.Dense(2)), regression=True)
    assert "puts out quantities" in refusal(quantities.explain_each_class, data)
    assert "8×8×1 images, mnist has 28×28×1" in refusal(lab.load(classifier(2)).explain_each_class)
    assert "no test image of any" in refusal(lab.load(classifier(2)).explain_each_class, images_of([7, 8]))


def test_a_class_beyond_the_networks_is_passed_over():
    net = lab.load(classifier(2))
    assert first_of_each_class(net, images_of([7, 1, 0])).classes == (0, 1)


def test_it_is_drawn_into_axes_of_somebody_else():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6))
    axes = figure.subplots()
    assert lab.load(classifier(2)).explain_each_class(images_of([0, 1])).plot(axes) is figure
    assert len(axes.child_axes) == 8


def test_one_sigmoid_unit_has_two_classes():
    seen = lab.load(classifier(1, layers.Dense(1, "sigmoid"))).explain_each_class(images_of([1, 0]))
    assert [each.explained_index for each in seen.predictions] == [0, 1]
    assert seen.methods == ("vanilla", "guided", "relu")


def test_labels_mean_classes_by_their_names_where_the_network_has_all_of_them():
    """The data set counts cat, dog; the network dog, horse, cat."""
    data = replace(images_of([0, 1, 1]), class_names=("cat", "dog"))
    net = lab.load(classifier(3), classes=("dog", "horse", "cat"))
    chosen = first_of_each_class(net, data)
    assert chosen.classes == (0, 2)
    assert [int(sample.pixels.max()) for sample in chosen.samples] == [10, 0]
    assert "class horse is left out" in chosen.note
    as_many = lab.load(classifier(2), classes=("a", "b"))
    assert first_of_each_class(as_many, data).classes == (0, 1)
    others = lab.load(classifier(3), classes=("a", "b", "c"))
    assert "any of the network's 3 classes" in refusal(first_of_each_class, others, data)
