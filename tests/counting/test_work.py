"""Multiply-accumulates and connections, counted product by product in plain loops."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.counting.chalkboard import nn

few = st.integers(1, 3)
ranks = st.integers(1, 3)


def walk(*sizes):
    return itertools.product(*map(range, sizes))


def windows(size, kernel, stride, padding):
    """The number of windows along one axis, by trying every start."""
    if padding == "same":
        return len(range(0, size, stride))
    return len([start for start in range(0, size, stride) if start + kernel <= size])


@st.composite
def geometries(draw):
    rank = draw(ranks)
    places = tuple(draw(st.integers(3, 5 if rank < 3 else 3)) for _ in range(rank))
    kernel = tuple(draw(few) for _ in range(rank))
    return places, kernel, draw(few), draw(st.sampled_from(["valid", "same"])), draw(st.booleans())


def outputs_of(places, kernel, stride, padding):
    return [windows(n, k, stride, padding) for n, k in zip(places, kernel, strict=True)]


@settings(deadline=None, max_examples=60)
@given(geometries(), few, few, few)
def test_a_convolution_multiplies_each_tap_of_its_group(geometry, groups, depth, filters):
    places, kernel, stride, padding, bias = geometry
    layer = getattr(nn, f"Conv{len(places)}D")
    layer = layer(filters * groups, kernel, stride, padding, groups=groups, use_bias=bias)
    row = layer(nn.Input((*places, depth * groups))).row
    products = units = 0
    for *_, unit in walk(*outputs_of(places, kernel, stride, padding), filters * groups):
        units += 1
        for *_, channel in walk(*kernel, depth * groups):
            products += channel // depth == unit // filters
    assert row.multiply_accumulates == products
    assert row.connections == products + bias * units


@settings(deadline=None, max_examples=60)
@given(geometries(), few, few)
def test_a_depthwise_convolution_stays_in_its_channel(geometry, channels, multiplier):
    places, kernel, stride, padding, bias = geometry
    if len(places) == 3:
        places, kernel = places[:2], kernel[:2]
    layer = getattr(nn, f"DepthwiseConv{len(places)}D")
    layer = layer(kernel, stride, padding, multiplier, use_bias=bias)
    row = layer(nn.Input((*places, channels))).row
    units = [*walk(*outputs_of(places, kernel, stride, padding), channels * multiplier)]
    products = sum(1 for _ in units for _ in walk(*kernel))
    assert row.multiply_accumulates == products
    assert row.connections == products + bias * len(units)


@settings(deadline=None, max_examples=60)
@given(geometries(), few, few, few)
def test_a_separable_convolution_is_a_depthwise_and_a_pointwise_one(geometry, c, multiplier, filters):
    places, kernel, stride, padding, bias = geometry
    places, kernel = places[:2], kernel[:2]
    rank, image = len(places), nn.Input((*places, c))
    whole = getattr(nn, f"SeparableConv{rank}D")(
        filters, kernel, stride, padding, depth_multiplier=multiplier, use_bias=bias
    )
    first = getattr(nn, f"DepthwiseConv{rank}D")(kernel, stride, padding, multiplier, use_bias=False)
    second = getattr(nn, f"Conv{rank}D")(filters, 1, use_bias=bias)
    middle = first(image)
    steps, row = (middle.row, second(middle).row), whole(image).row
    assert row.output_shape == steps[1].output_shape
    for quantity in ("trainable", "multiply_accumulates", "connections"):
        assert getattr(row, quantity) == sum(getattr(step, quantity) for step in steps)


@settings(deadline=None, max_examples=60)
@given(geometries(), few, few)
def test_a_transposed_convolution_spreads_each_cell_over_its_window(geometry, channels, filters):
    places, kernel, stride, padding, bias = geometry
    layer = getattr(nn, f"Conv{len(places)}DTranspose")
    row = layer(filters, kernel, stride, padding, use_bias=bias)(nn.Input((*places, channels))).row
    products = sum(1 for _ in walk(*places, channels) for _ in walk(*kernel, filters))
    assert row.multiply_accumulates == products
    units = len([*walk(*map(int, row.output_shape))])
    assert row.connections == products + bias * units


@settings(deadline=None, max_examples=40)
@given(geometries(), few, st.sampled_from(["Max", "Average"]))
def test_a_pooling_reads_each_tap_and_multiplies_nothing(geometry, channels, kind):
    places, kernel, stride, padding, _ = geometry
    layer = getattr(nn, f"{kind}Pooling{len(places)}D")(kernel, stride, padding)
    row = layer(nn.Input((*places, channels))).row
    units = walk(*outputs_of(places, kernel, stride, padding), channels)
    assert row.connections == sum(1 for _ in units for _ in walk(*kernel))
    assert row.multiply_accumulates == 0


@settings(deadline=None, max_examples=40)
@given(few, few, few, few, few, st.none() | few)
def test_attention_multiplies_in_six_steps(asked, read, width, heads, key, value):
    """Three projections, every pair of positions twice, and the projection back."""
    query, memory = nn.Input((asked, width)), nn.Input((read, width + 1))
    row = nn.MultiHeadAttention(heads, key, value)([query, memory]).row
    size = value or key
    products = 0
    for _ in walk(heads):
        products += sum(1 for _ in walk(asked, width, key))
        products += sum(1 for _ in walk(read, width + 1, key))
        products += sum(1 for _ in walk(read, width + 1, size))
        products += sum(1 for _ in walk(asked, read, key))
        products += sum(1 for _ in walk(asked, read, size))
        products += sum(1 for _ in walk(asked, size, width))
    assert row.multiply_accumulates == products


@settings(deadline=None)
@given(few, few, few)
def test_a_dot_product_multiplies_along_its_axis(left, right, size):
    row = nn.Dot(2)([nn.Input((left, size)), nn.Input((right, size))]).row
    assert row.output_shape == (left, right)
    assert row.multiply_accumulates == sum(1 for _ in walk(left, right, size))


def test_an_embedding_looks_up_and_multiplies_nothing():
    row = nn.Embedding(50, 8)(nn.Input((7,))).row
    assert (row.output_shape, row.parameters, row.multiply_accumulates) == ((7, 8), 400, 0)


def test_lenet5_modern_has_its_known_connections():
    """LeCun et al., 1998: 122,304 in C1, 48,120 in C5, 10,164 in F6; C3 there is only partly wired."""
    image = nn.Input((32, 32, 1))
    c1 = nn.Conv2D(6, 5)(image)
    s2 = nn.AveragePooling2D(2)(c1)
    c3 = nn.Conv2D(16, 5)(s2)
    c5 = nn.Conv2D(120, 5)(nn.AveragePooling2D(2)(c3))
    f6 = nn.Dense(84)(nn.Flatten()(c5))
    assert [mark.row.connections for mark in (c1, c5, f6)] == [122_304, 48_120, 10_164]


@pytest.mark.parametrize("bits", [("float32", 4), ("mixed_float16", 2), ("bfloat16", 2), ("float64", 8)])
def test_activation_memory_follows_the_type_of_the_values(bits):
    from app.counting.layers import LAYERS

    policy, size = bits
    config = {"filters": 2, "kernel_size": [3, 3], "dtype": policy, "name": "conv"}
    row = LAYERS["Conv2D"].from_config(config)(nn.Input((6, 6, 1))).row
    assert row.activation_bytes == 4 * 4 * 2 * size
    assert row.activation_bytes.working == f"4·4·2·{size}"


# --- layers that Keras lacks --------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(few, few, st.integers(1, 2), st.booleans(), st.data())
def test_a_partial_convolution_multiplies_the_listed_pairs(k, filters, stride, shared, data):
    table = data.draw(
        st.lists(
            st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True),
            min_size=filters,
            max_size=filters,
        )
    )
    layer = nn.PartialConv2D(table, k, stride, shared_bias=shared)
    row = layer(nn.Input((5, 4, 4))).row
    places = [*walk(*outputs_of((5, 4), (k, k), stride, "valid"))]
    products = sum(1 for _ in places for maps in table for _ in maps for _ in walk(k, k))
    units = len(places) * filters
    assert row.multiply_accumulates == products
    assert row.connections == products + units
    weights = sum(1 for maps in table for _ in maps for _ in walk(k, k))
    assert row.trainable == weights + (filters if shared else units)


@settings(deadline=None, max_examples=30)
@given(few, few, st.integers(3, 6), st.integers(3, 6))
def test_sub_sampling_links_each_value_and_a_bias(k, maps, height, width):
    row = nn.Subsampling2D(k)(nn.Input((height, width, maps))).row
    units = [*walk(height // k, width // k, maps)]
    assert row.connections == sum(1 for _ in units for _ in walk(k, k)) + len(units)
    assert row.multiply_accumulates == len(units)
    assert row.trainable == 2 * maps


@settings(deadline=None, max_examples=30)
@given(few, few, few)
def test_cells_of_the_neocognitron_are_linked_one_by_one(k, channels, planes):
    row = nn.SCells(planes, k)(nn.Input((5, 6, channels))).row
    places = [*walk(6 - k, 7 - k)]
    links = 0
    for _ in places:
        links += sum(1 for _ in walk(k, k, channels))  # into the cell that measures the energy
        links += sum(1 for _ in walk(planes, k, k, channels)) + planes  # and its inhibition
    assert row.multiply_accumulates == row.connections == links
    row = nn.CCells(k)(nn.Input((5, 6, channels))).row
    own = sum(1 for _ in places for _ in walk(channels, k, k))
    inhibiting = sum(1 for _ in places for _ in walk(k, k, channels))
    assert row.multiply_accumulates == own
    assert row.connections == own + inhibiting + len(places) * channels
