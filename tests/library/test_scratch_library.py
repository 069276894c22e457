"""Networks in NumPy from Python: the names, their results, and what they refuse."""

import inspect

import numpy as np
import pytest
from conftest import refusal

import app as lab
from app.scratch.vocabulary import LAYERS
from models import find_network


@pytest.fixture(scope="module")
def few(mnist):
    pair = mnist.test_images[:320], mnist.test_labels[:320]
    return pair, pair


def test_the_vocabulary_has_every_layer():
    for name, layer in LAYERS.items():
        assert getattr(lab.nn, name) is layer
    assert not hasattr(lab.nn, "LSTM")


def test_a_builder_of_the_catalogue_takes_the_vocabulary():
    model = find_network("lenet5_modern").builder(lab.nn)
    assert model.parameters == lab.build_in_numpy("lenet5_modern").parameters == 61_706


def test_the_same_seed_builds_the_same_weights():
    first, again, other = (lab.build_in_numpy("numpy_cnn", seed=seed).weights() for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["conv/kernel"], other["conv/kernel"])


def test_a_network_in_float64_computes_in_float64():
    model = lab.build_in_numpy("x_or_not_x", dtype="float64")
    assert model(np.zeros((2, 5, 5, 1))).dtype == np.float64


def test_a_training_shows_itself(few, tmp_path, capsys):
    training = lab.train_in_numpy("numpy_cnn", few, epochs=2, learning_rate=0.01, optimiser="rmsprop")
    assert repr(training).startswith("<training of numpy_cnn on arrays in NumPy: 20 steps, test accuracy 0.")
    assert "rmsprop, learning rate from 0.01 down to 0, batches of 32, 2 epochs" in str(training)
    assert training._repr_png_().startswith(b"\x89PNG")
    assert training.to_dict()["test"]["accuracy"] == training.test_accuracy
    page = training.save(tmp_path / "training.html").read_text("utf-8")
    assert "<svg" in page
    assert training.model(np.zeros((1, 28, 28, 1))).shape == (1, 10)
    assert "Past 100 steps" in capsys.readouterr().out


def test_a_picture_is_drawn_into_axes_of_ones_own(few):
    from matplotlib.figure import Figure

    figure = Figure()
    places = figure.subplots(1, 2)
    assert lab.initial_spread(layers=3).plot(places[0]) is figure
    assert lab.train_perceptron(epochs=5).plot(places[1]) is figure


@pytest.mark.keras
def test_a_comparison_shows_itself(tmp_path):
    comparison = lab.compare_with_keras("x_or_not_x")
    assert comparison.agrees
    assert "<table" in comparison._repr_html_()
    names = [row.name for row in comparison]
    assert names[0] == "image"
    assert len(comparison) == len(names) == len(comparison.to_dict()["tensors"])
    assert comparison.parameters == 95
    assert "conv/kernel" in comparison.save(tmp_path / "gaps.csv").read_text("utf-8")


def test_a_perceptron_keeps_its_arrays(tmp_path):
    training = lab.train_perceptron("xor", hidden=2, epochs=3, learning_rate=0.1, seed=5)
    with np.load(training.save(tmp_path / "net.npz")) as arrays:
        assert np.array_equal(arrays["weights1"], training.net.weights[0])
    assert training.to_dict()["sizes"] == [2, 2, 1]
    assert training.title == "xor: perceptron 2–2–1, delta rule, rate 0.1, seed 5"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lab.build_in_numpy("lenet6"), "did you mean lenet5?"),
        (lambda: lab.build_in_numpy("mnist", dtype="float16"), "dtype is one of float32, float64"),
        (lambda: lab.build_in_numpy("lenet5", classes=11), "fixed codes for the ten digits"),
        (lambda: lab.train_in_numpy("vgg16"), "up to 2,000,000"),
        (lambda: lab.train_in_numpy(epochs=0), "epochs is from 1 to 100,000, not 0"),
        (lambda: lab.train_in_numpy(optimiser="adamw"), "optimiser is one of sgd, rmsprop, adam"),
        (lambda: lab.train_in_numpy(learning_rate=-1), "learning_rate is a finite number above 0"),
        (lambda: lab.compare_with_keras("vgg16"), "up to 12,000,000"),
        (lambda: lab.initial_spread(kind="pool"), "kind is one of dense, conv"),
        (lambda: lab.initial_spread(layers=1), "layers is from 2 to 100"),
        (lambda: lab.train_perceptron("and"), "task is one of xor, digits"),
        (lambda: lab.train_perceptron("xor", data="mnist"), "leave out data"),
        (lambda: lab.train_perceptron(hidden=0), "hidden is from 1 to 10,000"),
    ],
)
def test_what_does_not_fit_is_a_value_error(call, message):
    assert message in refusal(call)


@pytest.mark.parametrize(
    "call",
    [
        lambda: lab.build_in_numpy(3),
        lambda: lab.train_in_numpy(epochs=1.5),
        lambda: lab.train_in_numpy(learning_rate="fast"),
        lambda: lab.train_perceptron(seed=None),
        lambda: lab.initial_spread(layers="ten"),
    ],
)
def test_what_is_of_another_kind_is_a_type_error(call):
    with pytest.raises(TypeError):
        call()


def test_an_error_names_the_argument_and_not_the_option(few):
    with (
        np.errstate(all="ignore"),
        pytest.raises(ArithmeticError, match=r"a smaller learning_rate than 1e\+30"),
    ):
        lab.train_in_numpy("numpy_cnn", few, learning_rate=1e30)


def test_defaults_are_those_of_the_command():
    from app.scratch.fit import FitSettings

    given = {
        name: parameter.default
        for name, parameter in inspect.signature(lab.train_in_numpy).parameters.items()
        if hasattr(FitSettings(), name)
    }
    assert given == {name: getattr(FitSettings(), name) for name in given}
    assert {"epochs", "batch_size", "learning_rate", "optimiser", "seed"} == set(given)


def test_a_program_that_was_written_is_the_network_that_was_trained(tmp_path):
    network = lab.read_program(lab.write_program("mnist", tmp_path / "mnist.json"))
    images = lab.open_data("mnist").test_images[:4]
    said = lab.load("mnist", engine="tensorflow").predict(images).values
    np.testing.assert_allclose(network(images / 255), said, atol=1e-6)
    again = lab.read_program(lab.write_program(network, tmp_path / "again.json"))
    assert (tmp_path / "again.json").read_text() == (tmp_path / "mnist.json").read_text()
    run = again.forward(images.astype("float32") / 255)
    run.backward({again.outputs[0]: np.ones_like(run.outputs[0])})
    assert again.gradients().keys() == again.weights().keys()  # it can be trained on


def test_what_has_no_written_form_is_said(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(ValueError, match="it is no written program"):
        lab.read_program(tmp_path / "x.json")
    with pytest.raises(ValueError, match="1 inputs and 3 outputs"):
        lab.write_program(lab.build_in_numpy("vae_mnist"), tmp_path / "y.json")
    assert not (tmp_path / "y.json").exists()
