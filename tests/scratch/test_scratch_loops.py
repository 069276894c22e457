"""The naive loops, which are the definitions, agree with the layers that compute the same fast, both ways."""

import numpy as np
import pytest
from comparing import Pair, differences, pairs_of, pull, random_weight, seeds_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layer_examples import convolution, depthwise, merged, of, pooling, transposed

from app.scratch import loops
from app.scratch.vocabulary import LAYERS

pytestmark = pytest.mark.keras  # `comparing` imports it
NEAR = 1e-12
POOLS = {
    "AveragePooling1D": "mean",
    "AveragePooling2D": "mean",
    "MaxPooling1D": "max",
    "MaxPooling2D": "max",
    "SumPooling2D": "sum",
}
EXAMPLES = [
    ("Conv1D", (6, 2), {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}),
    ("Conv1D", (6, 2), {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}),
    ("Conv1D", (5, 2), {"filters": 2, "kernel_size": 2, "padding": (2, 1)}),
    ("Conv1D", (5, 2), {"filters": 2, "kernel_size": 2, "padding": "full"}),
    ("Conv2D", (5, 4, 2), {"filters": 3, "kernel_size": 3}),
    ("Conv2D", (5, 4, 2), {"filters": 3, "kernel_size": (3, 2), "strides": (2, 1), "padding": "same"}),
    ("Conv2D", (5, 4, 2), {"filters": 2, "kernel_size": (2, 3), "padding": "full", "dilation_rate": (2, 1)}),
    ("Conv2D", (5, 4, 4), {"filters": 4, "kernel_size": 2, "groups": 2, "padding": 1, "use_bias": False}),
    ("Conv2D", (4, 5, 1), {"filters": 2, "kernel_size": 2, "padding": ((2, 1), (0, 3)), "strides": 2}),
    *[
        (
            kind,
            shape,
            {"filters": 4, "kernel_size": 2, "groups": 2, "dilation_rate": dilation, "padding": padding},
        )
        for kind, shape in (("Conv1D", (8, 4)), ("Conv2D", (7, 8, 4)), ("GroupedConv2D", (5, 7, 2)))
        for dilation in (2, 3)
        for padding in ("valid", "same")
    ],
    ("Conv2D", (7, 6, 1), {"filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": 2}),
    ("Conv1DTranspose", (4, 2), {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}),
    ("Conv1DTranspose", (4, 2), {"filters": 2, "kernel_size": 2, "strides": 3}),
    ("Conv2DTranspose", (3, 4, 2), {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}),
    ("Conv2DTranspose", (3, 4, 2), {"filters": 2, "kernel_size": (2, 3), "strides": (2, 1)}),
    ("Conv2DTranspose", (2, 3, 1), {"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": 1}),
    ("DepthwiseConv1D", (7, 2), {"kernel_size": 3, "strides": 2, "depth_multiplier": 2}),
    (
        "DepthwiseConv2D",
        (5, 5, 3),
        {"kernel_size": 3, "strides": 2, "depth_multiplier": 2, "padding": "same"},
    ),
    ("DepthwiseConv2D", (5, 5, 2), {"kernel_size": 2, "dilation_rate": 2, "use_bias": False}),
    ("GroupedConv2D", (4, 5, 4), {"filters": 6, "kernel_size": 3, "groups": 2}),
    *[
        (kind, (7, 2) if "1D" in kind else (7, 5, 2), told)
        for kind in POOLS
        for told in (
            {"pool_size": 2},
            {"pool_size": 3, "strides": 2, "padding": "same"},
            {"pool_size": 3, "strides": 1},
        )
    ],
]


def built(kind, shape, told):
    layer = LAYERS[kind](**told)
    layer.build(shape, dtype="float64")
    draw = np.random.default_rng(2)
    layer.weights = {
        name: random_weight(name, array.shape, draw).astype("float64")
        for name, array in layer.weights.items()
    }
    return layer


def images_for(shape, ties=False):
    draw = np.random.default_rng(3)
    drawn = draw.integers(-1, 2, (2, *shape)) if ties else draw.normal(size=(2, *shape))
    return drawn.astype("float64")


def windows_of(shape, told):
    """Return strides, padding and dilation as the loops are told them."""
    padding = told.get("padding", "valid")
    if len(shape) == 2 and not isinstance(padding, str | int):
        padding = [padding]
    return told.get("strides", 1), padding, told.get("dilation_rate", 1)


def by_loops(layer, x, told):
    """Return the same as `pull` of a layer, worked out by the loops."""
    seen, kind = windows_of(x.shape[1:], told), layer.kind
    if kind in POOLS:
        how = POOLS[kind], told["pool_size"], told.get("strides"), told.get("padding", "valid")
        y = loops.pool(x, *how)
        return y, [loops.pool_back(x, seeds_for(y), *how)], {}
    kernel = layer.weights["kernel"]
    if "Transpose" in kind:
        sizes = layer.forward(x)[0].shape[1:-1]
        y = loops.transpose(x, kernel, sizes, *seen)
        by_x, by_kernel = loops.transpose_back(x, kernel, seeds_for(y), *seen)
    elif "Depthwise" in kind:
        y = loops.convolve_each(x, kernel, *seen)
        by_x, by_kernel = loops.convolve_each_back(x, kernel, seeds_for(y), *seen)
    else:
        y = loops.convolve(x, kernel, *seen, groups=told.get("groups", 1))
        by_x, by_kernel = loops.convolve_back(x, kernel, seeds_for(y), *seen, groups=told.get("groups", 1))
    if "bias" not in layer.weights:
        return y, [by_x], {"kernel": by_kernel}
    seeds, by_bias = seeds_for(y), np.zeros(y.shape[-1])
    for place in np.ndindex(*y.shape[:-1]):
        by_bias += seeds[place]
    return y + layer.weights["bias"], [by_x], {"kernel": by_kernel, "bias": by_bias}


def disagreements(layer, x, told):
    expected = by_loops(layer, x, told)
    return differences(pairs_of(f"{layer.kind} {told} of {x.shape}", pull(layer, [x]), expected), NEAR)


@pytest.mark.parametrize(("kind", "shape", "told"), EXAMPLES)
@pytest.mark.parametrize("ties", [False, True])
def test_loops_and_layers_agree(kind, shape, told, ties):
    assert disagreements(built(kind, shape, told), images_for(shape, ties), told) == []


def cells(rank):
    return st.tuples(*[st.integers(1, 5)] * rank, st.sampled_from([1, 2]))


def borders(rank):
    """Paddings beyond Keras' two; strides and dilation together, which Keras refuses."""
    pair = st.tuples(st.integers(0, 2), st.integers(0, 2))
    explicit = pair if rank == 1 else st.tuples(pair, pair)
    paddings = st.one_of(st.sampled_from(["valid", "same", "full"]), st.integers(0, 2), explicit)
    seen = of(strides=st.integers(1, 3), dilation_rate=st.integers(1, 2), padding=paddings)
    return merged(seen, of(filters=st.just(2), kernel_size=st.integers(1, 3), use_bias=st.booleans()))


GRID = {
    "Conv1D": (cells(1), st.one_of(convolution(1), borders(1))),
    "Conv2D": (cells(2), st.one_of(convolution(2), borders(2))),
    "GroupedConv2D": (cells(2), convolution(2)),
    "Conv1DTranspose": (cells(1), transposed(1)),
    "Conv2DTranspose": (cells(2), transposed(2)),
    "DepthwiseConv1D": (cells(1), depthwise(1)),
    "DepthwiseConv2D": (cells(2), depthwise(2)),
    **{kind: (cells(1 if "1D" in kind else 2), pooling(1 if "1D" in kind else 2)) for kind in POOLS},
}


@pytest.mark.parametrize("examples", [4, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", GRID)
def test_loops_and_layers_agree_on_any_setting(kind, examples):
    shapes, settings_of = GRID[kind]
    agreed = []

    def agree(shape, told, ties):
        try:
            layer, x = built(kind, shape, told), images_for(shape, ties)
            layer.forward(x)
        except ValueError:  # the window is larger than the map, or the channels are no two groups
            agreed.append(False)
            return
        assert disagreements(layer, x, told) == []
        agreed.append(True)

    how = settings(deadline=None, max_examples=examples, suppress_health_check=list(HealthCheck))
    how(given(shapes, settings_of, st.booleans())(agree))()
    assert any(agreed)


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
def test_what_loops_visit_is_what_a_window_sees(padding):
    """Counted another way: by a convolution of ones with ones."""
    met = list(loops.meetings((5, 4), (3, 2), (2, 1), padding, (1, 2)))
    assert len(met) == len(set(met))
    y = loops.convolve(np.ones((1, 5, 4, 1)), np.ones((3, 2, 1, 1)), (2, 1), padding, (1, 2))
    assert len(met) == y.sum()
    for (row, _), (i, j), (at_row, at_column) in met:
        assert 0 <= at_row < 5
        assert 0 <= at_column < 4
        assert at_row - 2 * row - i == met[0][2][0] - 2 * met[0][0][0] - met[0][1][0]
        assert j in (0, 1)


def test_a_convolution_by_hand():
    """[1 2 3] with the kernel [1 10], no border: 1 + 20 and 2 + 30; it is not turned round."""
    y = loops.convolve(np.array([1.0, 2, 3]).reshape(1, 3, 1), np.array([1.0, 10]).reshape(2, 1, 1))
    assert y.ravel().tolist() == [21, 32]


def test_a_transposed_convolution_is_the_way_back_of_a_convolution():
    draw = np.random.default_rng(1)
    kernel, g = draw.normal(size=(3, 2, 2, 4)), draw.normal(size=(1, 2, 3, 4))
    by_x, _ = loops.convolve_back(np.zeros((1, 5, 4, 2)), kernel, g, (2, 1))
    laid = loops.transpose(g, kernel, (5, 4), (2, 1))
    assert differences([Pair("laid down", laid, by_x)], NEAR) == []


# The loops find what is wrong


@pytest.mark.parametrize(("kind", "shape", "told"), [EXAMPLES[4], EXAMPLES[24], EXAMPLES[28]])
def test_a_kernel_turned_round_is_found(kind, shape, told):
    layer, x = built(kind, shape, told), images_for(shape)
    expected = by_loops(layer, x, told)
    layer.weights["kernel"] = np.ascontiguousarray(layer.weights["kernel"][::-1, ::-1])
    found = differences(pairs_of(kind, pull(layer, [x]), expected), NEAR)
    assert (
        len(found) == 2
    )  # the output and the gradient by the input; that by the kernel does not know the kernel
    assert "output" in found[0]
    assert "gradient by input 0" in found[1]


def test_a_border_on_the_other_side_is_found():
    """Of an odd border TensorFlow puts the larger half at the end."""
    told = {"filters": 2, "kernel_size": 2, "padding": "same"}
    layer, x = built("Conv2D", (4, 4, 1), told), images_for((4, 4, 1))
    assert disagreements(layer, x, told) == []
    assert disagreements(layer, x, {**told, "padding": ((1, 0), (1, 0))})


def test_another_rule_for_ties_is_found():
    """Turned round, the first of a window is the last."""
    told = {"pool_size": 2}
    layer = built("MaxPooling2D", (4, 4, 2), told)
    for ties in (False, True):
        x = images_for((4, 4, 2), ties)
        above = seeds_for(loops.pool(x, "max", 2))
        turned = loops.pool_back(x[:, ::-1, ::-1], above[:, ::-1, ::-1], "max", 2)[:, ::-1, ::-1]
        _, (by_x,), _ = pull(layer, [x])
        assert bool(differences([Pair("pool", by_x, turned)], NEAR)) == ties


def test_a_mean_that_counts_the_border_is_found():
    told = {"pool_size": 2, "padding": "same"}
    layer, x = built("AveragePooling2D", (5, 5, 1), told), images_for((5, 5, 1))
    assert disagreements(layer, x, told) == []
    counted = loops.pool(x, "sum", 2, padding="same") / 4
    assert differences([Pair("mean", pull(layer, [x])[0], counted)], NEAR)
