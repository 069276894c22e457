"""Every layer in NumPy against finite differences in double precision: no other library has a say here."""

import numpy as np
import pytest
from comparing import Pair, differences, pairs_of, pull, pull_by_differences, random_weight, seeds_for
from layer_examples import EXAMPLES

from app.scratch.vocabulary import LAYERS, nn

pytestmark = pytest.mark.keras  # `comparing` imports it
KINDS = sorted(LAYERS)
NEAR = 1e-6
"""Of the largest slope: the step is 1e-6, and each value of the function is rounded."""


def built(kind, shapes, arguments, seed=2):
    layer = LAYERS[kind](**arguments)
    layer.build(*shapes, dtype="float64")
    draw = np.random.default_rng(seed)
    for name, array in layer.weights.items():
        layer.weights[name] = random_weight(name, array.shape, draw).astype("float64")
    return layer


def images(shapes, kind, seed=5, count=2):
    draw = np.random.default_rng(seed)
    low = 0 if kind in ("CCells", "SCells") else -2
    return [draw.uniform(low, 2, (count, *shape)) for shape in shapes]


def wrong_gradients(layer, inputs, training=False):
    ours, slopes = pull(layer, inputs, training), pull_by_differences(layer, inputs, training)
    return differences(pairs_of(layer.kind, ours, slopes), NEAR)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_the_slopes(kind):
    """A new kind of layer has no example yet, and fails."""
    shapes, arguments = EXAMPLES[kind]
    assert wrong_gradients(built(kind, shapes, arguments), images(shapes, kind)) == []


OTHERS = [
    ("BatchNormalization", [(3, 4, 2)], {}, True),
    ("BatchNormalization", [(6,)], {"scale": False}, True),
    (
        "Conv2D",
        [(5, 4, 2)],
        {"filters": 3, "kernel_size": 3, "padding": "full", "activation": "softplus"},
        False,
    ),
    ("Conv2D", [(6, 6, 4)], {"filters": 4, "kernel_size": 2, "groups": 2, "dilation_rate": 2}, False),
    ("Conv2D", [(6, 5, 2)], {"filters": 3, "kernel_size": (2, 3), "strides": 2, "dilation_rate": 2}, False),
    (
        "Conv2D",
        [(5, 4, 2)],
        {"filters": 3, "kernel_size": 3, "padding": ((2, 1), (0, 1)), "strides": (1, 2)},
        False,
    ),
    ("Conv2D", [(5, 4, 3)], {"filters": 2, "kernel_size": 1, "use_bias": False}, False),
    ("Conv2D", [(5, 4, 3)], {"filters": 2, "kernel_size": 1, "strides": 3}, False),
    (
        "Conv2DTranspose",
        [(3, 4, 2)],
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
        False,
    ),
    ("DepthwiseConv2D", [(5, 6, 3)], {"kernel_size": 3, "dilation_rate": 2, "padding": "same"}, False),
    ("DepthwiseConv2D", [(5, 6, 3)], {"kernel_size": 2, "strides": (1, 2)}, False),
    ("MaxPooling2D", [(6, 4, 2)], {"pool_size": 2}, False),
    ("MaxPooling2D", [(5, 5, 2)], {"pool_size": 3, "strides": 1}, False),
    ("AveragePooling2D", [(6, 4, 2)], {"pool_size": 2}, False),
    ("SumPooling2D", [(6, 5, 2)], {"pool_size": 3, "strides": 1}, False),
    ("Softmax", [(3, 4)], {"axis": 1}, False),
    ("PartialConv2D", [(5, 4, 3)], {"connections": [[0, 2], [1]], "kernel_size": 2}, False),
    ("Resizing", [(3, 4, 2)], {"height": 5, "width": 2, "interpolation": "nearest"}, False),
    ("UpSampling2D", [(3, 4, 2)], {"size": 2}, False),
]


@pytest.mark.parametrize(("kind", "shapes", "arguments", "training"), OTHERS)
def test_gradients_of_other_settings_are_the_slopes(kind, shapes, arguments, training):
    assert wrong_gradients(built(kind, shapes, arguments), images(shapes, kind, count=3), training) == []


NAMES = "relu sigmoid tanh linear softplus silu gelu hard_sigmoid softmax relu6 leaky_relu elu selu".split()


@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_activations_are_the_slopes(name):
    layer = nn.Activation(name)
    layer.build((6,), dtype="float64")
    x = np.random.default_rng(7).uniform(-8, 8, (5, 6))
    assert wrong_gradients(layer, [x]) == []


def test_a_gradient_that_forgets_a_term_is_found():
    """Softmax: p·(g − Σ p·g); without the sum it is one of a single unit."""
    layer = nn.Softmax()
    layer.build((4,), dtype="float64")
    right = layer.forward
    x = images([(4,)], "Softmax")
    assert wrong_gradients(layer, x) == []

    def forward(*inputs, training=False):
        output, _ = right(*inputs, training=training)
        return output, lambda above: (output * above,)

    layer.forward = forward
    assert wrong_gradients(layer, x)


def test_batch_normalisation_that_takes_the_mean_for_a_constant_is_found():
    layer = built("BatchNormalization", [(3, 4, 2)], {})
    x = images([(3, 4, 2)], "")
    assert wrong_gradients(layer, x, training=True) == []
    right = layer.forward

    def forward(*inputs, training=False):
        output, backward = right(*inputs, training=training)
        spread = inputs[0].std(axis=(0, 1, 2))

        def wrong(above):
            backward(above)
            return (above * layer.weights["gamma"] / spread,)

        return output, wrong

    layer.forward = forward
    (found,) = wrong_gradients(layer, x, training=True)
    assert "gradient by input 0" in found


def test_slopes_find_a_weight_s_gradient_that_is_wrong():
    layer = built("Dense", [(3,)], {"units": 4})
    right = layer.learn
    layer.learn = lambda **parts: right(**{**parts, "bias": lambda: parts["bias"]() / 2})
    (found,) = wrong_gradients(layer, images([(3,)], ""))
    assert "gradient by bias" in found


def test_slopes_of_a_known_function():
    """y = x·w + b by hand: the slopes of Σ s·y are s·wᵀ, xᵀ·s and Σ s."""
    layer, x = built("Dense", [(3,)], {"units": 4}), images([(3,)], "")
    output, (by_x,), weights = pull_by_differences(layer, x)
    seeds = seeds_for(output)
    pairs = [
        Pair("x", by_x, seeds @ layer.weights["kernel"].T),
        Pair("kernel", weights["kernel"], x[0].T @ seeds),
        Pair("bias", weights["bias"], seeds.sum(0)),
    ]
    assert differences(pairs, 1e-7) == []
