"""Losses, optimisers and training in NumPy, against finite differences, Keras and themselves."""

import dataclasses
from itertools import islice

import numpy as np
import pytest
from conftest import refusal

from app.datasets.dataset import make_dataset
from app.scratch import losses
from app.scratch.fit import (
    DivergedError,
    FitSettings,
    Measure,
    check_trainable,
    choose_objective,
    fit,
    measure,
    plan_fit,
    train_step,
)
from app.scratch.losses import one_hot
from app.scratch.optimisers import OPTIMISERS, SGD, Adam, RMSprop
from app.scratch.run import run_training
from app.scratch.vocabulary import nn
from models import CATALOGUE, Network, find_network

RNG = np.random.default_rng(7)
LOGITS = RNG.normal(0, 2, (6, 4))
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
TARGETS = one_hot(np.array([0, 3, 1, 1, 2, 0]), 4, "float64")
BITS = (RNG.random((6, 4)) < 0.5).astype(float)
CASES = {
    "cross_entropy": (PROBABILITIES, TARGETS),
    "softmax_cross_entropy": (LOGITS, TARGETS),
    "log_loss": (1 / (1 + np.exp(-LOGITS)), BITS),
    "sigmoid_log_loss": (LOGITS, BITS),
    "squared_error": (LOGITS, TARGETS),
}


def slopes(function, values, step=1e-6):
    """The gradient by differences."""
    found = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        up, down = values.copy(), values.copy()
        up[place] += step
        down[place] -= step
        found[place] = (function(up) - function(down)) / (2 * step)
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_is_the_slope_of_the_loss(name):
    values, targets = CASES[name]
    loss = getattr(losses, name)
    by_differences = slopes(lambda changed: loss(changed, targets)[0], values)
    assert np.allclose(loss(values, targets)[1], by_differences, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_another_gradient_would_be_seen(name):
    values, targets = CASES[name]
    loss = getattr(losses, name)
    by_differences = slopes(lambda changed: loss(changed, targets)[0], values)
    assert not np.allclose(len(values) * loss(values, targets)[1], by_differences, atol=1e-3)


def test_the_short_gradient_is_that_of_the_long_way():
    """−t/p through the softmax's own backward comes to p − t."""
    probabilities, back = nn.Softmax().forward(LOGITS)
    loss, gradient = losses.cross_entropy(probabilities, TARGETS)
    short_loss, short = losses.softmax_cross_entropy(LOGITS, TARGETS)
    assert np.isclose(loss, short_loss)
    assert np.allclose(back(gradient)[0], short, atol=1e-15)
    outputs, back = nn.Activation("sigmoid").forward(LOGITS)
    loss, gradient = losses.log_loss(outputs, BITS)
    short_loss, short = losses.sigmoid_log_loss(LOGITS, BITS)
    assert np.isclose(loss, short_loss)
    assert np.allclose(back(gradient)[0], short, atol=1e-15)


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "sigmoid_log_loss"])
def test_huge_logits_are_no_trouble(name):
    logits = np.array([[1e4, -1e4], [-1e4, 1e4]], "float32")
    loss, gradient = getattr(losses, name)(logits, np.array([[1, 0], [1, 0]], "float32"))
    assert np.isfinite(loss)
    assert loss > 1000
    assert np.isfinite(gradient).all()
    assert gradient.dtype == "float32"


def test_a_probability_of_0_gives_a_finite_loss():
    for loss in (losses.cross_entropy, losses.log_loss):
        value, gradient = loss(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]))
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()


@pytest.mark.keras
def test_the_losses_are_those_of_keras():
    import app.engine  # noqa: F401, I001
    import keras

    ours = losses.cross_entropy(PROBABILITIES, TARGETS)[0]
    assert np.isclose(ours, float(keras.losses.CategoricalCrossentropy()(TARGETS, PROBABILITIES)), rtol=1e-6)
    outputs = CASES["log_loss"][0]
    ours = losses.log_loss(outputs, BITS)[0] / 4  # Keras takes the mean over the units too
    assert np.isclose(ours, float(keras.losses.BinaryCrossentropy()(BITS, outputs)), rtol=1e-6)
    ours = losses.squared_error(LOGITS, TARGETS)[0] * 2 / 4
    assert np.isclose(ours, float(keras.losses.MeanSquaredError()(TARGETS, LOGITS)), rtol=1e-6)


def two_layers():
    """Two layers with weights of their own, in float64."""
    model = nn.Sequential(
        [nn.Input((5,)), nn.Dense(4, activation="tanh"), nn.BatchNormalization(), nn.Dense(3)]
    )
    return model.initialise(3, "float64")


@pytest.mark.keras
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SGD(0.1), lambda keras: keras.optimizers.SGD(0.1)),
        (SGD(0.1, momentum=0.9), lambda keras: keras.optimizers.SGD(0.1, momentum=0.9)),
        (RMSprop(0.01), lambda keras: keras.optimizers.RMSprop(0.01)),
        (Adam(0.01), lambda keras: keras.optimizers.Adam(0.01)),
        (Adam(0.02, 0.8, 0.9, 1e-3), lambda keras: keras.optimizers.Adam(0.02, 0.8, 0.9, 1e-3)),
    ],
    ids=["sgd", "momentum", "rmsprop", "adam", "another adam"],
)
def test_an_optimiser_steps_as_that_of_keras(ours, theirs):
    import app.engine  # noqa: F401, I001
    import keras

    layer = nn.Dense(3)
    layer.build((4,), rng=np.random.default_rng(0), dtype="float32")
    variables = [keras.Variable(weight.copy()) for weight in layer.weights.values()]
    optimizer, rng = theirs(keras), np.random.default_rng(1)
    for scale in (1.0, 1e-4, 100.0, 1.0, 0.0, 1.0):
        layer.gradients = {
            k: scale * rng.normal(0, 1, w.shape).astype("float32") for k, w in layer.weights.items()
        }
        ours.step([layer])
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in layer.gradients.values()], variables)
        for weight, variable in zip(layer.weights.values(), variables, strict=True):
            assert np.allclose(weight, np.asarray(variable), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_step_goes_downhill_and_leaves_fixed_weights_alone(name):
    model = two_layers()
    objective = dataclasses.replace(choose_objective(model), loss=losses.softmax_cross_entropy)
    images, targets = RNG.normal(0, 1, (16, 5)), one_hot(RNG.integers(0, 3, 16), 3, "float64")
    optimiser = OPTIMISERS[name](0.01)
    before = {key: weight.copy() for key, weight in model.weights().items()}
    steps = [train_step(model, objective, images, targets, optimiser)[0] for _ in range(20)]
    assert steps[-1] < steps[0]
    moved = {key for key, weight in model.weights().items() if not np.array_equal(weight, before[key])}
    assert moved == set(before)  # batch normalisation's means follow the data …
    layer = model.layers[2]
    layer.gradients = {"moving_mean": np.ones(4), "gamma": np.ones(4)}
    kept, gamma = layer.weights["moving_mean"].copy(), layer.weights["gamma"].copy()
    optimiser.step([layer])  # … and are no business of an optimiser
    assert np.array_equal(layer.weights["moving_mean"], kept)
    assert not np.array_equal(layer.weights["gamma"], gamma)


def test_two_layers_of_one_optimiser_do_not_share_their_memory():
    one, other = nn.Dense(1, use_bias=False), nn.Dense(1, use_bias=False)
    for layer in (one, other):
        layer.weights = {"kernel": np.zeros((1, 1))}
    optimiser = SGD(1.0, momentum=0.5)
    for _ in range(2):
        one.gradients, other.gradients = {"kernel": np.ones((1, 1))}, {"kernel": np.zeros((1, 1))}
        optimiser.step([one, other])
    assert one.weights["kernel"].item() == -2.5
    assert other.weights["kernel"].item() == 0


@pytest.fixture(scope="module")
def few(mnist):
    """The first 1,500 training and 300 test images of MNIST."""
    train = mnist.train_images[:1500], mnist.train_labels[:1500]
    return make_dataset("few", "a test", train, (mnist.test_images[:300], mnist.test_labels[:300]))


def plan(data, name="numpy_cnn", **settings):
    return plan_fit(find_network(name), data, FitSettings(**settings))


def test_untrained_it_guesses_and_trained_it_knows(few, capsys):
    training = run_training(plan(few, epochs=4))
    assert len(training.untrained) == 3
    assert all(abs(each.loss - np.log(10)) < 0.01 for each in training.untrained)
    assert 0.02 < np.mean([each.accuracy for each in training.untrained]) < 0.2
    assert training.test_accuracy > 0.8
    assert training.course.steps == 4 * 47
    assert len(training.course.epochs) == 4
    before, after = training.filters
    assert before.shape == after.shape == (3, 3, 1, 8)
    assert abs(before.std() - 1 / 9) < 0.03
    assert not np.allclose(before, after)
    assert "[Step 100] Past 100 steps: Average Loss 2.30" in capsys.readouterr().out


def test_the_weights_begin_as_the_article_draws_them(few):
    weights = plan(few).build().weights()
    assert abs(weights["output/kernel"].std() * 1352 - 1) < 0.02
    assert not weights["output/bias"].any()
    other = plan(few, "mnist").build().weights()["conv2/kernel"]
    assert abs(other).max() < np.sqrt(6 / (288 + 576))


def test_the_same_seed_gives_the_same_weights(few):
    def weights(seed):
        asked = plan(few, epochs=1, seed=seed)
        model = asked.build()
        fit(model, choose_objective(model), asked)
        return model.weights()

    first, again, other = weights(1), weights(1), weights(2)
    assert all(np.array_equal(first[key], again[key]) for key in first)
    assert not np.array_equal(first["conv/kernel"], other["conv/kernel"])


def test_what_is_measured_is_what_forward_says(few):
    asked = plan(few)
    model = asked.build()
    found = measure(
        model, choose_objective(model), (few.test_images, few.test_labels), asked.network.pixels, 10
    )
    outputs = model(few.test_images / 255 - 0.5)
    assert np.isclose(found.loss, losses.cross_entropy(outputs, one_hot(few.test_labels, 10, "float64"))[0])
    assert found.accuracy == (outputs.argmax(axis=1) == few.test_labels).mean()


def test_stopping_ends_with_what_was_reached(few):
    asked = plan(few, epochs=3)
    model = asked.build()

    def stop(steps, so_far):
        assert isinstance(so_far, Measure)
        if steps == 60:
            raise KeyboardInterrupt

    course = fit(model, choose_objective(model), asked, stop)
    assert course.is_stopped
    assert course.steps == 60
    assert len(course.epochs) == 1
    assert [steps for steps, _ in course.curve] == [47]


def test_the_rate_falls_to_0(few, monkeypatch):
    rates = []
    step = SGD.step
    monkeypatch.setattr(SGD, "step", lambda self, layers: (rates.append(self.rate), step(self, layers)))
    asked = plan(few, epochs=1, optimiser="sgd", learning_rate=0.1, batch_size=100)
    fit(asked.build(), choose_objective(asked.build()), asked)
    assert np.allclose(rates, np.linspace(0.1, 0, 16)[:-1])


def test_a_loss_that_is_not_finite_stops_it(few):
    asked = plan(few, learning_rate=1e30)
    model = asked.build()
    with (
        np.errstate(all="ignore"),
        pytest.raises(DivergedError, match=r"at step \d; try a smaller --learning-rate"),
    ):
        fit(model, choose_objective(model), asked)


def objective_of(last, units=10):
    return choose_objective(nn.Sequential([nn.Input((4,)), nn.Dense(units, activation=last, name="output")]))


def test_the_loss_goes_with_the_last_layer():
    assert objective_of("softmax").loss is losses.softmax_cross_entropy
    assert objective_of("sigmoid", 1).loss is losses.sigmoid_log_loss
    for last, units in (("sigmoid", 10), ("tanh", 1), (None, 10)):
        assert objective_of(last, units).loss is losses.squared_error
    layer = nn.Sequential([nn.Input((4,)), nn.Dense(3), nn.Softmax()])
    assert choose_objective(layer).loss is losses.softmax_cross_entropy
    assert choose_objective(layer).slot == layer.nodes[0].output


def test_one_unit_decides_between_two_classes():
    labels = np.array([0, 1, 1])
    for last, values in (("sigmoid", [[-3.0], [2.0], [0.1]]), ("tanh", [[0.2], [0.9], [0.6]])):
        objective = objective_of(last, 1)
        assert objective.targets(labels, 2).tolist() == [[0], [1], [1]]
        assert objective.decide(np.array(values)).tolist() == [0, 1, 1]


def test_a_network_of_two_classes_learns(capsys):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    images = rng.integers(0, 60, (400, 5, 5))
    images[labels == 1] += 150 * (np.eye(5) + np.eye(5)[::-1] > 0)
    pair = images.astype("uint8"), labels
    training = run_training(plan(make_dataset("crosses", "a test", pair, pair), "x_or_not_x", epochs=20))
    assert training.objective == "log loss"
    assert training.test_accuracy > 0.95


def test_a_network_with_shortcuts_and_normalisation_learns(few):
    images, labels = few.train_images[:256, ::2, ::2], few.train_labels[:256]
    small = make_dataset("small", "a test", (images, labels), (images[:50], labels[:50]))
    asked = plan(small, "resnet20", epochs=2)
    model = asked.build()
    course = fit(model, choose_objective(model), asked)
    assert course.epochs[1]["loss"] < course.epochs[0]["loss"]


def test_the_squared_error_trains_too(few):
    def sigmoids(nn, classes=10, input_shape=(28, 28, 1)):
        layers = [nn.Input(input_shape), nn.Flatten(), nn.Dense(30, activation="sigmoid")]
        return nn.Sequential([*layers, nn.Dense(classes, activation="sigmoid")], name="sigmoids")

    network = Network(sigmoids, source="a test", input_shape=(28, 28, 1), outputs=tuple("0123456789"))
    asked = plan_fit(network, few, FitSettings(epochs=6, learning_rate=0.01))
    model = asked.build()
    course = fit(model, choose_objective(model), asked)
    assert course.epochs[-1]["accuracy"] > 0.7


def test_what_cannot_be_trained_is_refused(few):
    assert "138,357,544 parameters; NumPy is fast enough for training up to 2,000,000" in refusal(
        check_trainable, find_network("vgg16")
    )
    assert "puts out a picture" in refusal(check_trainable, find_network("vae_mnist"))
    assert "no output layer" in refusal(check_trainable, find_network("dense_block"))
    assert "does not fit few (28×28×1, 10 classes)" in refusal(plan, few, "x_or_not_x")
    one = make_dataset(
        "one", "a test", (few.train_images[:3], np.zeros(3, int)), (few.test_images[:3], np.zeros(3, int))
    )
    assert "only one class" in refusal(plan, one)


def test_a_layer_that_numpy_lacks_is_named(few, monkeypatch):
    from app.scratch.vocabulary import LAYERS

    monkeypatch.delitem(LAYERS, "MaxPooling2D")
    assert refusal(plan, few) == "numpy_cnn has a layer pool of the kind MaxPooling2D, which NumPy lacks"


def test_every_small_network_that_sorts_images_can_be_planned():
    """Whatever the catalogue holds is trained or refused in a sentence."""
    known = {"numpy_cnn", "mnist", "lenet5", "lenet5_modern", "lecun1989", "keras_vis_mnist", "resnet20"}
    found = set()
    for network in CATALOGUE.values():
        try:
            check_trainable(network)
            found.add(network.name)
        except ValueError as error:
            assert str(error).startswith(network.name)  # noqa: PT017
    assert known <= found
    assert not {"vgg16", "alexnet", "vae_mnist", "dense_block"} & found


def test_the_order_of_the_images_is_another_in_each_epoch():
    from app.scratch.perceptron import orders

    first, second = islice(orders(50, 0), 2)
    assert sorted(first) == list(range(50))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, next(orders(50, 0)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_article_002s_network_reaches_97_percent(mnist, seed):
    training = run_training(plan(mnist, seed=seed))
    assert training.test_accuracy >= 0.97
    assert training.course.seconds < 150
