"""Every small network of the catalogue in NumPy: values and gradients, node by node, equal Keras' on random weights.

In double precision to rounding; in single precision no further from that than Keras' own single precision is, times 3.
"""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import functools
from dataclasses import dataclass, replace

import keras
import numpy as np
import pytest
from counted_networks import SHEETS

from app.datasets.dataset import scale_pixels
from app.engine.build import build_model
from app.scratch.build import build_network
from comparing import (
    EXACT,
    Pair,
    Traced,
    differences,
    pairs_of_networks,
    precision,
    randomise,
    take_network_weights,
    trace,
    trace_keras,
)
from models import CATALOGUE

pytestmark = pytest.mark.keras
LARGEST = 12_000_000
"""Parameters, trainable and others."""
SMALLER = {
    "dilated_context": (24, 24, 21),
    "googlenet": (64, 64, 3),
    "inception_block": (7, 7, 192),
    "nin_imagenet": (96, 96, 3),
    "resnet18": (64, 64, 3),
    "resnet18_option_a": (64, 64, 3),
    "plain18": (64, 64, 3),
    "densenet121": (64, 64, 3),
    "dense_block": (8, 8, 6),
    **{f"efficientnet_lite{size}": (32, 32, 3) for size in range(4)},
}
"""Where the published image is large for the purpose."""
QUICK = (
    "mnist worked_example_classifier numpy_cnn x_or_not_x neocognitron tdnn lecun1989 lenet5 lenet5_modern "
    "inception_block vae_mnist dilated_context dense_block resnet20"
).split()
NAMES = [name for name, sheet in SHEETS.items() if sheet.trainable + sheet.non_trainable <= LARGEST]
EVERY = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]


def images_for(name, seed=5, count=2):
    """Return images in the pixels that the network expects, which float32 holds exactly."""
    network = CATALOGUE[name]
    shape = (count, *SMALLER.get(name, network.input_shape))
    pixels = network.pixels
    drawn = np.random.default_rng(seed).uniform(*pixels.range, shape).astype("float32")
    return scale_pixels(drawn, replace(pixels, range=(0.0, 255.0))) if pixels.mean else drawn


@dataclass
class Witnesses:
    """What Keras and we make of the same weights and images in one precision."""

    theirs: Traced
    ours: Traced


@functools.lru_cache(maxsize=2)
def witnesses(name, dtype, training=False, seed=5):
    network, shape = CATALOGUE[name], SMALLER.get(name)
    images = [images_for(name, seed).astype(dtype)]
    keras.backend.clear_session()
    with precision(dtype):
        model = randomise(build_model(network, input_shape=shape))
        theirs = trace_keras(model, images, training)
        model = randomise(model)  # the moving statistics again
        numpy_network = build_network(network, input_shape=shape, dtype=dtype)
        take_network_weights(numpy_network, theirs.layers)
        ours = trace(numpy_network, images, theirs.chosen, training)
    assert all(array.dtype == dtype for array in ours.tensors().values())
    return Witnesses(theirs, ours)


@pytest.fixture(scope="module", params=EVERY)
def name(request):
    """Each network; of that scope, so that both tests of one follow each other and share what the witnesses made."""
    return request.param


def test_every_value_and_every_gradient_equals_keras_in_double(name):
    both = witnesses(name, "float64", seed=DRAWS[0])
    pairs = pairs_of_networks(both.ours, both.theirs)
    assert differences(pairs) == []
    assert len(both.ours.by_weights) == sum(
        len(layer.trainable_weights) for layer in unique(both.theirs.layers)
    )
    empty = [pair.what for pair in pairs if not pair.theirs.any()]
    assert [what for what in empty if not what.startswith(EMPTY.get(name, ("nothing",)))] == []


def unique(layers):
    return {id(layer): layer for layer in layers.values()}.values()


SHORTCUTS = ("conv3_1_shortcut", "conv4_1_shortcut", "conv5_1_shortcut")
EMPTY = {
    **dict.fromkeys(["resnet18_option_a", "resnet20", "resnet56", "resnet110"], SHORTCUTS),
    "vae_mnist": ("zeros", "noise", "spread", "log_variance", "half", "deviation"),
}
"""Nodes that hold zeros: a shortcut that is filled up, noise that is off. All others must say something."""

ULPS = 4
"""The floor of the comparison in single precision, in roundings.

Keras may happen to be exact where there is one product, and three times nothing is nothing; any other order of a sum
costs a few roundings.
"""
DRAWS = range(5, 25)
"""Seeds of images. Those are left out on which a value lies so near a rectifier's bend that single precision decides
by chance: in a million units there is one now and then, for Keras as for us. Its slope is then wrong by all of 1, and
the gradients behind it show that and nothing else. A layer that is wrong bends at the wrong place in every draw.
"""
AGAIN = 3
"""Draws over which a tensor is judged that was too far away on the first.

The largest of a few roundings is itself a matter of chance: ours is on average 0.6 of Keras', and among the 10,000
tensors here one of 16 values may be 3 times as far away, or a third. What is worse by its making is so on every draw.
"""


def roundings(array, exact):
    """Return how far an array is from the exact one, in roundings of the largest value: 2⁻²³ of it."""
    off, largest = np.abs(array - exact).max(initial=0), np.abs(exact).max(initial=0)
    return 0.0 if off == 0 else np.inf if largest == 0 else off / largest * 2.0**23


def excess(ours, theirs):
    """Return by how much roundings of ours are more than allowed: 1 is just allowed."""
    return ours / max(3 * theirs, ULPS)


def flips(traced, exact):
    """Return how many units of rectifiers are on in one precision and off in the other."""
    rectifiers = [name for name, layer in exact.ours.layers.items() if layer.ceiling is not None]
    return sum(np.sum((traced.values[name] > 0) != (exact.ours.values[name] > 0)) for name in rectifiers)


def draws_without_flips(name):
    """Yield what the witnesses make of images on which both decide as in double precision."""
    for seed in DRAWS:
        single, double = (witnesses(name, dtype, seed=seed) for dtype in ("float32", "float64"))
        if not flips(single.ours, double) and not flips(single.theirs, double):
            yield single, double


def too_far(draws):
    """Return the tensors that are too far away on the first draw, and in the largest of `AGAIN` draws."""
    most, counted = {}, 0
    for counted, (single, double) in enumerate(draws, 1):
        ours, theirs, exact = (x.tensors() for x in (single.ours, single.theirs, double.theirs))
        for what in ours:
            found = roundings(ours[what], exact[what]), roundings(theirs[what], exact[what])
            most[what] = tuple(map(max, found, most.get(what, (0, 0))))
        wrong = {what: both for what, both in most.items() if excess(*both) > 1}
        if not wrong or counted == AGAIN:
            return wrong
    pytest.fail(f"{counted} draws on which no rectifier decides otherwise in single precision are too few")


def test_single_precision_is_no_further_from_double_than_3_times_keras(name):
    assert too_far(draws_without_flips(name)) == {}


def test_a_network_that_flips_on_every_draw_fails(monkeypatch):
    monkeypatch.setattr("test_scratch_networks.flips", lambda traced, exact: 1)
    monkeypatch.setattr("test_scratch_networks.DRAWS", range(5, 7))
    with pytest.raises(pytest.fail.Exception, match="0 draws"):
        too_far(draws_without_flips("x_or_not_x"))


def test_a_unit_that_flips_is_seen():
    both = witnesses("mnist", "float64")
    assert flips(both.theirs, both) == 0
    (name, *_) = [name for name, layer in both.ours.layers.items() if layer.ceiling is not None]
    values = both.theirs.values[name].copy()
    values.flat[0] = 0 if values.flat[0] > 0 else 1
    assert flips(replace(both.theirs, values={**both.theirs.values, name: values}), both) == 1


def test_a_tensor_that_is_rounded_too_coarsely_on_every_draw_is_found():
    """The last layer's values are 64 roundings off."""
    draws = [
        (witnesses("x_or_not_x", "float32", seed=seed), witnesses("x_or_not_x", "float64", seed=seed))
        for seed in DRAWS[:AGAIN]
    ]
    assert too_far(iter(draws)) == {}
    name = "output:linear"
    coarse = []
    for single, double in draws:
        values = {**single.ours.values, name: single.ours.values[name] * (1 + 2.0**-17)}
        coarse.append((Witnesses(single.theirs, replace(single.ours, values=values)), double))
    assert list(too_far(iter(coarse))) == [f"{name}, value"]
    assert list(too_far(iter([coarse[0], *draws]))) == [f"{name}, value"]  # 64 roundings are no chance


def test_half_precision_would_be_found():
    exact = np.random.default_rng(0).normal(size=(40, 40))
    single, half = (exact.astype(dtype).astype("float64") for dtype in ("float32", "float16"))
    theirs = roundings(single, exact)
    assert 0 < theirs <= 0.5
    assert excess(theirs, theirs) <= 1
    assert excess(roundings(half, exact), theirs) > 100
    assert excess(roundings(exact * (1 + 3 * ULPS * 2.0**-23), exact), 0) > 1
    assert roundings(exact, exact * 0) == np.inf


def test_every_small_network_is_here():
    assert {"lenet5", "googlenet", "densenet121", "resnet18", "resnet110", "nin_imagenet"} <= set(NAMES)
    assert len(NAMES) >= 28
    assert set(QUICK) <= set(NAMES)
    assert set(SMALLER) <= set(NAMES)


# In training


@pytest.mark.parametrize(
    "normalised", ["resnet20", "dense_block", pytest.param("densenet40_12", marks=pytest.mark.slow)]
)
def test_a_network_in_training_equals_keras_with_the_statistics_of_the_batch(normalised):
    """No dropout in these. A bias in front of a normalisation changes nothing: both its gradients are rounding."""
    both = witnesses(normalised, "float64", training=True)
    pairs = pairs_of_networks(both.ours, both.theirs)
    largest = max(np.abs(pair.theirs).max() for pair in pairs if "/kernel," in pair.what)
    real = [pair for pair in pairs if np.abs(pair.theirs).max(initial=0) > 1e-10 * largest]
    assert len(real) > 0.8 * len(pairs)
    assert differences(real, 1e-8) == []
    rounding = [pair for pair in pairs if not any(pair is other for other in real)]
    assert all(np.abs(pair.ours).max(initial=0) <= 1e-9 * largest for pair in rounding)


# The comparison finds what is wrong


@pytest.fixture
def lenet():
    """A network of ours with the weights of Keras', and what Keras made of it."""
    with precision("float64"):
        model = randomise(build_model(CATALOGUE["mnist"]))
        images = [images_for("mnist").astype("float64")]
        theirs = trace_keras(model, images)
    network = build_network(CATALOGUE["mnist"], dtype="float64")
    take_network_weights(network, theirs.layers)
    return network, images, theirs


def found_in(network, images, theirs, tolerance=EXACT):
    return differences(pairs_of_networks(trace(network, images, theirs.chosen), theirs), tolerance)


def first_of(network, kind):
    return next(layer for layer in network.layers if layer.kind == kind)


def test_a_right_network_is_right(lenet):
    assert found_in(*lenet) == []


def test_a_weight_that_is_a_little_different_is_found_and_what_stands_before_it_is_not(lenet):
    network, images, theirs = lenet
    dense = [layer for layer in network.layers if layer.kind == "Dense"][-1]
    dense.weights["kernel"] = dense.weights["kernel"].copy()
    dense.weights["kernel"][:, 0] += 1e-6
    lines = found_in(network, images, theirs)
    wrong_values = {line.split(",")[0] for line in lines if ", value" in line}
    assert wrong_values == {f"{dense.name}:linear", dense.name}


def test_a_kernel_that_is_transposed_is_found(lenet):
    network, images, theirs = lenet
    conv = first_of(network, "Conv2D")
    conv.weights["kernel"] = np.ascontiguousarray(conv.weights["kernel"].transpose(1, 0, 2, 3))
    assert f"{conv.name}:linear, value" in found_in(network, images, theirs)[0]


def test_a_bias_that_is_not_learned_is_found(lenet):
    network, images, theirs = lenet
    conv = first_of(network, "Conv2D")
    right = conv.learn
    conv.learn = lambda **parts: right(**{**parts, "bias": lambda: parts["bias"]() * 0})
    (line,) = found_in(network, images, theirs)
    assert "gradient by the weight" in line
    assert "bias" in line


def test_a_gradient_that_stops_is_found_in_all_nodes_before(lenet):
    network, images, theirs = lenet
    pool = first_of(network, "MaxPooling2D")
    right = pool.forward

    def forward(*inputs, training=False):
        output, backward = right(*inputs, training=training)
        return output, lambda above: tuple(0.5 * gradient for gradient in backward(above))

    pool.forward = forward
    lines = found_in(network, images, theirs)
    assert not [line for line in lines if ", value:" in line]
    assert any(line.startswith("image 0") for line in lines)


def test_a_node_that_is_missing_is_found(lenet):
    network, images, theirs = lenet
    ours = trace(network, images, theirs.chosen)
    ours.values.pop(network.nodes[2].name)
    with pytest.raises(AssertionError):
        pairs_of_networks(ours, theirs)


def test_values_of_other_weights_are_found(lenet):
    network, images, theirs = lenet
    network.initialise(7)
    assert len(found_in(network, images, theirs)) > len(network.nodes)
    assert isinstance(theirs, Traced)
    assert Pair("same", theirs.outputs[0], theirs.outputs[0]).difference == 0
