"""Article 001's delta rule: the gradient of the squared error, by three witnesses; XOR and digits."""

import numpy as np
import pytest

from app.datasets.dataset import make_dataset
from app.scratch.losses import squared_error
from app.scratch.perceptron import TASKS, XOR, Perceptron, PerceptronSettings, orders, train_epoch
from app.scratch.run import run_perceptron
from app.scratch.vocabulary import nn

SAMPLE, TARGET = np.array([0.3, -1.2, 0.8]), np.array([1.0, 0.0])


def changes(net, sample, target, rate=1.0):
    """What learning from one sample adds to weights and biases."""
    before = [array.copy() for array in (*net.weights, *net.biases)]
    net.learn(sample, target, rate)
    return [array - old for array, old in zip((*net.weights, *net.biases), before, strict=True)]


@pytest.mark.parametrize("sizes", [(3, 2), (3, 4, 2), (3, 4, 5, 2)])
def test_the_rule_is_minus_the_gradient_by_the_layers(sizes):
    """Second witness: `app.scratch`'s layers, sigmoid and squared error, led back."""
    net = Perceptron(sizes, seed=1)
    layers = [nn.Dense(units, activation="sigmoid", name=f"layer{i}") for i, units in enumerate(sizes[1:])]
    model = nn.Sequential([nn.Input((3,)), *layers]).initialise(dtype="float64")
    for number, (weights, biases) in enumerate(zip(net.weights, net.biases, strict=True)):
        layers[number].weights = {"kernel": weights.copy(), "bias": biases.copy()}
    run = model.forward(SAMPLE[np.newaxis])
    _, gradient = squared_error(run.outputs[0], TARGET[np.newaxis])
    run.backward({model.outputs[0]: gradient})
    wanted = [-layer.gradients[name] for name in ("kernel", "bias") for layer in layers]
    for change, expected in zip(changes(net, SAMPLE, TARGET), wanted, strict=True):
        assert np.allclose(change, expected, atol=1e-15)


def test_the_rule_is_minus_the_slope_of_the_error():
    """Third witness: differences of ½·Σ(T − O)²."""
    sizes, step = (3, 4, 2), 1e-6
    found = changes(Perceptron(sizes, seed=2), SAMPLE, TARGET)
    for number, change in enumerate(found):
        for place in np.ndindex(change.shape):
            errors = []
            for shift in (step, -step):
                net = Perceptron(sizes, seed=2)
                [*net.weights, *net.biases][number][place] += shift
                errors.append(net.error(SAMPLE[np.newaxis], TARGET[np.newaxis]))
            assert np.isclose(change[place], (errors[1] - errors[0]) / (2 * step), atol=1e-8)


def test_the_rule_in_the_articles_letters():
    net = Perceptron((3, 4, 2), seed=3)
    step = net.look(SAMPLE, TARGET)
    hidden, output = step.outputs[1:]
    for j in range(2):
        assert np.isclose(step.errors[1][j], output[j] * (1 - output[j]) * (TARGET[j] - output[j]))
    for j in range(4):
        back = sum(step.errors[1][k] * net.weights[1][j, k] for k in range(2))
        assert np.isclose(step.errors[0][j], hidden[j] * (1 - hidden[j]) * back)
    moved = changes(net, SAMPLE, TARGET, rate=0.25)
    assert np.isclose(moved[0][2, 1], 0.25 * step.errors[0][1] * SAMPLE[2])
    assert np.isclose(moved[1][3, 0], 0.25 * step.errors[1][0] * hidden[3])
    assert np.allclose(moved[3], 0.25 * step.errors[1])


def test_a_sum_without_the_weights_would_be_seen(monkeypatch):
    net, twin = Perceptron((3, 4, 2), seed=3), Perceptron((3, 4, 2), seed=3)
    twin.weights[1] = np.ones_like(twin.weights[1])
    assert not np.allclose(changes(net, SAMPLE, TARGET)[0], changes(twin, SAMPLE, TARGET)[0])


def test_large_inputs_do_not_overflow():
    net = Perceptron((1, 1))
    net.weights[0][:] = 1000.0
    with np.errstate(over="raise", invalid="raise"):
        assert net.forward(np.array([-5.0]))[-1] < 1e-300
        assert net.forward(np.array([5.0]))[-1] == 1


def test_xor_is_learnt_step_by_step(capsys):
    training = run_perceptron(TASKS["xor"])
    assert training.accuracy == 1
    assert [round(output) for output in training.epochs[-1].outputs] == [0, 1, 1, 0]
    assert [each.epoch for each in training.epochs] == [
        0,
        1,
        2,
        5,
        10,
        20,
        50,
        100,
        200,
        500,
        1000,
        2000,
        5000,
    ]
    assert "XOR is learnt." in str(training)
    assert "the first epoch, sample by sample" in str(training)
    assert capsys.readouterr().out == ""  # it takes a second: no progress


def test_the_steps_that_are_shown_are_those_that_were_made():
    training = run_perceptron(PerceptronSettings("xor", hidden=2, epochs=1, rate=0.5, seed=4))
    net = Perceptron((2, 2, 1), seed=4)
    for (sample, target, seen), number in zip(training.steps, next(orders(4, 4)), strict=True):
        assert np.array_equal(sample, XOR[0][number])
        assert np.array_equal(target, XOR[1][number])
        made = net.learn(sample, target, 0.5)
        assert all(np.array_equal(a, b) for a, b in zip(seen.errors, made.errors, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(net.weights, training.net.weights, strict=True))


def test_two_hidden_units_may_get_stuck_and_that_is_said():
    training = run_perceptron(PerceptronSettings("xor", hidden=2, epochs=5000, rate=0.5, seed=0))
    assert training.accuracy < 1
    assert "XOR is not learnt" in training.verdict
    assert "more --hidden units" in training.verdict


def test_the_range_of_the_weights_is_one_of_the_articles():
    weights = Perceptron((400, 300), seed=0).weights[0]
    assert -1 < weights.min() < -0.99
    assert 0.99 < weights.max() < 1


@pytest.fixture(scope="module")
def few(mnist):
    train = mnist.train_images[:2000], mnist.train_labels[:2000]
    return make_dataset("few", "a test", train, (mnist.test_images[:500], mnist.test_labels[:500]))


def test_digits_are_learnt(few, capsys):
    training = run_perceptron(PerceptronSettings("digits", hidden=20, epochs=3, rate=0.3), few)
    assert training.net.sizes == (784, 20, 10)
    assert [each.epoch for each in training.epochs] == [0, 1, 2, 3]
    assert training.epochs[0].accuracy < 0.3
    assert training.accuracy > 0.75
    assert "epoch 3 of 3: 2,000 samples …" in capsys.readouterr().out
    assert set(training.arrays()) == {"weights1", "weights2", "biases1", "biases2"}


def test_stopping_ends_with_what_was_reached(few, monkeypatch):
    calls = []

    def stop(net, inputs, targets, rate, order, report):
        calls.append(1)
        if len(calls) == 2:
            net.learn(inputs[0], targets[0], rate)
            raise KeyboardInterrupt
        train_epoch(net, inputs, targets, rate, order[:200])

    monkeypatch.setattr("app.scratch.run.train_epoch", stop)
    training = run_perceptron(PerceptronSettings("digits", hidden=5, epochs=9, rate=0.3), few)
    assert training.is_stopped
    assert training.epochs[-1].epoch == 1
    assert training.verdict.startswith("Stopped.")


@pytest.mark.slow
def test_all_digits_reach_95_percent(mnist):
    assert run_perceptron(TASKS["digits"], mnist).accuracy > 0.95
