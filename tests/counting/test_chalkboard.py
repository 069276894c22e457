import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.counting.chalkboard import nn

few = st.integers(1, 3)
pairs = st.tuples(few, few)
paddings = st.sampled_from(["valid", "same"])


def starts_of(cells, kernel, stride, dilation, padding):
    """Return the starts of all windows; `same` pads as little as gives one a stride."""

    def fitting(total):
        return [
            start
            for start in range(0, total, stride)
            if all(start + tap * dilation < total for tap in range(kernel))
        ]

    if padding == "valid":
        return fitting(cells)
    wanted = len(range(0, cells, stride))
    return next(s for n in itertools.count() if len(s := fitting(cells + n)) >= wanted)


def run_convolution(image, filters, kernel, strides, dilation, groups, padding, use_bias):
    """Convolve by loops; return the shape, the weights that were touched and the products."""
    height, width, channels = image
    rows = starts_of(height, kernel[0], strides[0], dilation[0], padding)
    columns = starts_of(width, kernel[1], strides[1], dilation[1], padding)
    weights, products = set(), 0
    for _, _, out in itertools.product(rows, columns, range(filters)):
        for i, j, channel in itertools.product(range(kernel[0]), range(kernel[1]), range(channels)):
            if channel * groups // channels == out * groups // filters:
                weights.add((i, j, channel, out))
                products += 1
        if use_bias:
            weights.add(("bias", out))
    return (len(rows), len(columns), filters), len(weights), products


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    pairs,
    pairs,
    pairs,
    paddings,
    few,
    few,
    few,
    st.booleans(),
)
def test_a_convolution_is_counted_as_loops_count_it(
    size, kernel, strides, dilation, padding, groups, depth, group_filters, use_bias
):
    image, filters = (*size, depth * groups), group_filters * groups
    layer = nn.Conv2D(
        filters,
        kernel,
        strides=strides,
        dilation_rate=dilation,
        groups=groups,
        padding=padding,
        use_bias=use_bias,
        name="conv",
    )
    witness = run_convolution(image, filters, kernel, strides, dilation, groups, padding, use_bias)
    if not all(witness[0]):
        with pytest.raises(ValueError, match=r"layer 'conv' \(Conv2D\): .* does not fit"):
            layer(nn.Input(image))
        return
    row = layer(nn.Input(image)).row
    assert (row.output_shape, row.trainable, row.multiply_accumulates) == witness
    assert row.non_trainable == 0


@settings(deadline=None)
@given(
    st.tuples(st.integers(3, 9), st.integers(3, 9)),
    pairs,
    st.none() | pairs,
    paddings,
    st.sampled_from(["MaxPooling2D", "AveragePooling2D"]),
)
def test_a_pooling_keeps_channels_and_stores_nothing(size, window, strides, padding, kind):
    row = getattr(nn, kind)(window, strides=strides, padding=padding)(nn.Input((*size, 5))).row
    steps = strides or window  # Keras: the windows touch unless told otherwise
    sides = [len(starts_of(size[i], window[i], steps[i], 1, padding)) for i in (0, 1)]
    assert row.output_shape == (*sides, 5)
    assert row.parameters == row.multiply_accumulates == 0


@pytest.mark.parametrize(
    ("padding", "shape"),
    [(1, (6, 7, 2)), ((1, 2), (6, 9, 2)), (((1, 2), (3, 4)), (7, 12, 2)), (0, (4, 5, 2))],
)
def test_zero_padding_is_spelled_in_three_ways(padding, shape):
    assert nn.ZeroPadding2D(padding)(nn.Input((4, 5, 2))).shape == shape


def test_a_pooling_takes_its_strides_as_the_second_argument():
    for kind in (nn.MaxPooling2D, nn.AveragePooling2D):
        assert kind(3, 2)(nn.Input((9, 9, 1))).shape == (4, 4, 1)
        assert kind(3, 2, "same")(nn.Input((9, 9, 1))).shape == (5, 5, 1)


def test_only_the_largest_value_has_a_default_window():
    assert nn.MaxPooling2D()(nn.Input((8, 8, 1))).shape == (4, 4, 1)
    with pytest.raises(TypeError, match="pool_size"):
        nn.AveragePooling2D()


@settings(deadline=None)
@given(st.lists(few, min_size=1, max_size=3), few, st.booleans())
def test_a_dense_layer_works_along_the_last_axis(shape, units, use_bias):
    row = nn.Dense(units, use_bias=use_bias)(nn.Input(tuple(shape))).row
    places = list(itertools.product(*map(range, shape[:-1])))
    edges = list(itertools.product(range(shape[-1]), range(units)))
    assert row.output_shape == (*shape[:-1], units)
    assert row.trainable == len(edges) + (units if use_bias else 0)
    assert row.multiply_accumulates == len(places) * len(edges)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Flatten(), (60,)),
        (nn.GlobalAveragePooling2D(), (5,)),
        (nn.GlobalMaxPooling2D(keepdims=True), (1, 1, 5)),
        (nn.Activation("relu"), (3, 4, 5)),
        (nn.ReLU(6.0), (3, 4, 5)),
        (nn.LeakyReLU(negative_slope=0.1), (3, 4, 5)),
        (nn.Softmax(), (3, 4, 5)),
        (nn.Dropout(0.5), (3, 4, 5)),
        (nn.SpatialDropout2D(0.5), (3, 4, 5)),
        (nn.Rescaling(1 / 255, offset=-0.5), (3, 4, 5)),
    ],
)
def test_layers_without_weights(layer, shape):
    row = layer(nn.Input((3, 4, 5))).row
    assert row.output_shape == shape
    assert row.parameters == row.multiply_accumulates == 0


@pytest.mark.parametrize(
    ("center", "scale", "trained"), [(True, True, 10), (True, False, 5), (False, False, 0)]
)
def test_batch_normalization(center, scale, trained):
    row = nn.BatchNormalization(center=center, scale=scale)(nn.Input((3, 4, 5))).row
    assert (row.output_shape, row.trainable, row.non_trainable) == ((3, 4, 5), trained, 10)


def test_merging():
    left, right = nn.Input((3, 4, 5)), nn.Input((3, 4, 2))
    assert nn.Concatenate()([left, right, right]).shape == (3, 4, 9)
    assert nn.Concatenate(axis=3)([left, right]).shape == (3, 4, 7)
    assert nn.Add()([left, left]).shape == (3, 4, 5)


def double_conv(shared):
    first = nn.Conv2D(2, 3, padding="same", name="conv")
    second = first if shared else nn.Conv2D(2, 3, padding="same", name="other")
    start = nn.Input((5, 5, 2), name="image")
    return nn.Model(start, second(first(start))).sheet()


def test_shared_weights_count_once_and_their_work_twice():
    shared, apart = double_conv(True), double_conv(False)
    assert [row.name for row in shared.rows] == ["image", "conv", "conv:2"]
    assert shared.rows[2].shared_with == "conv"
    assert shared.parameters == shared.row("conv").parameters == apart.parameters // 2
    assert shared.multiply_accumulates == apart.multiply_accumulates
    assert shared.rows[2].field.window_sizes() == (5, 5)


def inner_network():
    return nn.Sequential(
        [nn.Input((6, 6, 1)), nn.Conv2D(2, 3, name="conv"), nn.Flatten(name="flat")], name="inner"
    )


def test_a_nested_network_opens_into_its_rows():
    sheet = nn.Sequential(
        [nn.Input((6, 6, 1), name="image"), inner_network(), nn.Dense(2, name="top")]
    ).sheet()
    assert [(row.name, row.output_shape, row.parameters) for row in sheet.rows] == [
        ("image", (6, 6, 1), 0),
        ("inner/conv", (4, 4, 2), 20),
        ("inner/flat", (32,), 0),
        ("top", (2,), 66),
    ]


def test_a_network_called_twice_counts_its_weights_once():
    inner, left, right = inner_network(), nn.Input((6, 6, 1), "left"), nn.Input((6, 6, 1), "right")
    sheet = nn.Model([left, right], nn.Concatenate(name="both")([inner(left), inner(right)])).sheet()
    assert sheet.parameters == 20
    assert sheet.row("inner/conv:2").shared_with == "inner/conv"
    assert sheet.input_shapes == ((6, 6, 1), (6, 6, 1))
    assert sheet.output_shapes == ((64,),)


def test_several_outputs():
    start = nn.Input((6,))
    trunk = nn.Dense(4, name="trunk")(start)
    sheet = nn.Model(start, [nn.Dense(2, name="a")(trunk), nn.Dense(3, name="b")(trunk)]).sheet()
    assert sheet.output_shapes == ((2,), (3,))
    assert sheet.parameters == 7 * 4 + 5 * 2 + 5 * 3
    assert sheet.trainable + sheet.non_trainable == sheet.parameters


def test_what_does_not_lead_to_an_output_is_not_counted():
    start = nn.Input((6,))
    nn.Dense(1000, name="dead end")(start)
    sheet = nn.Model(start, nn.Dense(2, name="out")(start)).sheet()
    assert sheet.parameters == 14


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (nn.Conv2D(1, 1), "conv2d"),
        (nn.MaxPooling2D(), "max_pooling2d"),
        (nn.AveragePooling2D(2), "average_pooling2d"),
        (nn.ZeroPadding2D(), "zero_padding2d"),
        (nn.GlobalAveragePooling2D(), "global_average_pooling2d"),
        (nn.GlobalMaxPooling2D(), "global_max_pooling2d"),
        (nn.SpatialDropout2D(0.1), "spatial_dropout2d"),
        (nn.BatchNormalization(), "batch_normalization"),
        (nn.ReLU(), "re_lu"),
        (nn.LeakyReLU(), "leaky_re_lu"),
        (nn.Dense(1), "dense"),
    ],
)
def test_a_layer_without_a_name_gets_the_one_that_keras_gives(layer, name):
    assert layer(nn.Input((4, 4, 1))).row.name == name


def test_layers_without_names_are_told_apart():
    sheet = nn.Sequential([nn.Input((4,)), nn.Dense(3), nn.Dense(3), nn.Dense(3)]).sheet()
    assert [row.name for row in sheet.rows[1:]] == ["dense", "dense_1", "dense_2"]
    assert sheet.parameters == 15 + 12 + 12


def test_a_sheet_adds_up_its_rows():
    layers = [nn.Conv2D(3, 3, name="conv"), nn.BatchNormalization(name="norm")]
    sheet = nn.Sequential([nn.Input((6, 6, 1)), *layers, nn.Flatten(), nn.Dense(2)]).sheet()
    conv, norm, dense = 3 * (9 + 1), 4 * 3, 2 * (4 * 4 * 3 + 1)
    assert sheet.parameters == conv + norm + dense
    assert sheet.non_trainable == 6
    assert sheet.trainable == conv + 6 + dense
    assert sheet.multiply_accumulates == 9 * 16 * 3 + 48 * 2
    assert sheet.row("norm").parameters == 12


def test_a_row_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ValueError, match=r"inner has no layer 'covn'; .*conv, flat"):
        inner_network().sheet().row("covn")


def refuse(build):
    with pytest.raises(ValueError, match=r".") as caught:
        build()
    return str(caught.value)


IMAGE = (6, 6, 4)


@pytest.mark.parametrize(
    ("layer", "what"),
    [
        (lambda: nn.Conv2D(1, 7, name="wrong"), "kernel of 7 does not fit into 6 cells"),
        (lambda: nn.MaxPooling2D(7, name="wrong"), "kernel of 7 does not fit into 6 cells"),
        (lambda: nn.Conv2D(6, 3, groups=3, name="wrong"), "3 groups do not divide 4 channels"),
        (lambda: nn.Conv2D(3, 3, groups=2, name="wrong"), "and 3 filters"),
        (lambda: nn.BatchNormalization(axis=4, name="wrong"), "along axis 4"),
        (lambda: nn.Cropping2D(3, name="wrong"), "leaves nothing of 6 cells"),
        (lambda: nn.Reshape((5, 5), name="wrong"), "144 values do not fill the shape (5, 5)"),
        (lambda: nn.Permute((1, 1, 2), name="wrong"), "is no order of 3 axes"),
        (lambda: nn.GroupNormalization(3, name="wrong"), "3 groups do not divide 4 channels"),
        (lambda: nn.Conv1D(3, 3, name="wrong"), "(steps, channels)"),
        (lambda: nn.RepeatVector(3, name="wrong"), "takes a vector"),
    ],
)
def test_a_layer_that_cannot_take_its_input_is_named(layer, what):
    message = refuse(lambda: layer()(nn.Input(IMAGE)))
    assert "'wrong'" in message
    assert what in message


@pytest.mark.parametrize("kind", ["Conv2D", "MaxPooling2D", "ZeroPadding2D", "GlobalMaxPooling2D"])
def test_a_vector_is_no_map(kind):
    layer = nn.Conv2D(1, 1) if kind == "Conv2D" else getattr(nn, kind)()
    message = refuse(lambda: layer(nn.Input((7,))))
    assert f"{kind} takes a map" in message
    assert "(7,)" in message


@pytest.mark.parametrize(
    ("layer", "other", "what"),
    [
        (nn.Add(name="wrong"), (6, 5, 4), "Add takes maps of one shape, not (6, 6, 4), (6, 5, 4)"),
        (nn.Concatenate(name="wrong"), (6, 5, 4), "Concatenate takes maps of one size"),
        (nn.Concatenate(axis=1, name="wrong"), (6, 5, 4), "Concatenate takes maps of one size"),
        (nn.Concatenate(axis=4, name="wrong"), (6, 6, 4), "along axis 4"),
        (nn.Dot(1, name="wrong"), (5, 6, 4), "sums along axes of one size, not 6 and 5"),
    ],
)
def test_maps_that_cannot_be_merged_are_refused(layer, other, what):
    message = refuse(lambda: layer([nn.Input(IMAGE), nn.Input(other)]))
    assert "'wrong'" in message
    assert what in message


@pytest.mark.parametrize(
    ("layers", "what"),
    [
        (lambda: [nn.Conv2D(1, 1), nn.Flatten()], "the first layer must be an Input"),
        (lambda: [nn.Input(IMAGE), nn.Input(IMAGE)], "an Input comes first, and only once"),
        (lambda: [nn.Input((None, 6, 1))], "leaves a size open"),
        (lambda: [], "Input"),
        (
            lambda: [(start := nn.Input((6,))), nn.Model(start, [nn.Dense(1)(start), start])],
            "several outputs cannot be in a chain",
        ),
    ],
)
def test_what_is_no_chain_is_refused(layers, what):
    assert what in refuse(lambda: nn.Sequential(layers()))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: nn.Conv2D(1, 3, padding="full"), "not 'full'"),
        (lambda: nn.Conv2D(0, 3), "filters and groups must be at least 1, not 0"),
        (lambda: nn.Conv2D(1, 0), "the kernel size must be at least 1, not 0"),
        (lambda: nn.Conv2D(1, (3, 3, 3)), "a whole number or 2 of them"),
        (lambda: nn.MaxPooling2D("two"), "a whole number or 2 of them"),
        (lambda: nn.MaxPooling2D(2, strides=-1), "the stride must be at least 1, not -1"),
        (lambda: nn.Dense(-3), "units must be at least 1, not -3"),
        (lambda: nn.Flatten(data_format="channels"), "channels_last or channels_first"),
        (lambda: nn.ZeroPadding2D(-1), "must not be below zero"),
        (lambda: nn.Cropping2D((1, 2, 3)), "amounts for 2 axes"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, what):
    with pytest.raises(ValueError, match=r".") as caught:
        make()
    assert what in str(caught.value)


def test_a_network_is_not_called_with_too_few_inputs():
    left, right = nn.Input((6,)), nn.Input((6,))
    two = nn.Model([left, right], nn.Add()([left, right]))
    with pytest.raises(ValueError, match="takes 2 inputs, not 1"):
        two(nn.Input((6,)))
