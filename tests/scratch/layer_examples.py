"""An example of every kind of layer, and what a grid of settings is drawn from."""

from hypothesis import strategies as st

CODES = [[1, -1, 1], [-1, -1, 1], [1, 1, -1]]
PAIRS = [[0, 1], [1, 2, 0], [2]]
MAP, SERIES, VECTOR = (5, 6, 4), (7, 4), (3,)

EXAMPLES = {
    "Activation": ([MAP], {"activation": "tanh"}),
    "Add": ([MAP] * 3, {}),
    "Average": ([MAP] * 3, {}),
    "AveragePooling1D": ([SERIES], {"pool_size": 3, "strides": 2, "padding": "same"}),
    "AveragePooling2D": ([MAP], {"pool_size": (2, 3), "strides": 2, "padding": "same"}),
    "BatchNormalization": ([MAP], {"epsilon": 0.01}),
    "CCells": ([(6, 7, 3)], {"kernel_size": 3, "saturation": 0.7}),
    "CenterCrop": ([MAP], {"height": 2, "width": 5}),
    "Concatenate": ([(5, 6, 4), (5, 6, 1), (5, 6, 2)], {}),
    "ConstantPadding2D": ([MAP], {"padding": ((1, 2), (0, 3)), "value": -1.0}),
    "Conv1D": ([SERIES], {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}),
    "Conv1DTranspose": ([SERIES], {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}),
    "Conv2D": (
        [MAP],
        {"filters": 6, "kernel_size": (3, 2), "strides": (2, 1), "padding": "same", "activation": "sigmoid"},
    ),
    "Conv2DTranspose": ([MAP], {"filters": 3, "kernel_size": (3, 2), "strides": 2, "activation": "relu"}),
    "Cropping1D": ([SERIES], {"cropping": (2, 1)}),
    "Cropping2D": ([MAP], {"cropping": ((1, 0), (2, 1))}),
    "Dense": ([VECTOR], {"units": 4, "activation": "relu"}),
    "DepthwiseConv1D": ([SERIES], {"kernel_size": 3, "strides": 2, "depth_multiplier": 2}),
    "DepthwiseConv2D": (
        [MAP],
        {"kernel_size": (3, 2), "strides": 2, "padding": "same", "depth_multiplier": 2, "activation": "tanh"},
    ),
    "Dropout": ([MAP], {"rate": 0.4}),
    "ELU": ([MAP], {"alpha": 0.7}),
    "Flatten": ([MAP], {}),
    "GaussianNoise": ([MAP], {"stddev": 0.3}),
    "GlobalAveragePooling1D": ([SERIES], {}),
    "GlobalAveragePooling2D": ([MAP], {"keepdims": True}),
    "GlobalMaxPooling1D": ([SERIES], {"keepdims": True}),
    "GlobalMaxPooling2D": ([MAP], {}),
    "GroupedConv2D": ([MAP], {"filters": 6, "kernel_size": 3, "groups": 2, "strides": 2, "padding": "same"}),
    "Identity": ([MAP], {}),
    "LayerNormalization": ([MAP], {"epsilon": 0.01}),
    "LeakyReLU": ([MAP], {"negative_slope": 0.25}),
    "LocalResponseNormalization": ([(3, 4, 7)], {"depth_radius": 2, "bias": 2.0, "alpha": 0.1, "beta": 0.75}),
    "MaxPooling1D": ([SERIES], {"pool_size": 3, "strides": 2, "padding": "same"}),
    "MaxPooling2D": ([MAP], {"pool_size": (3, 2), "strides": 2, "padding": "same"}),
    "Maximum": ([MAP] * 3, {}),
    "Minimum": ([MAP] * 3, {}),
    "Multiply": ([MAP] * 3, {}),
    "Normalization": ([MAP], {"mean": [0.5, -1.0, 0.0, 2.0], "variance": [2.0, 1.0, 0.5, 4.0]}),
    "PReLU": ([MAP], {"shared_axes": [1, 2]}),
    "PartialConv2D": (
        [(7, 6, 3)],
        {"connections": PAIRS, "kernel_size": (3, 2), "strides": 2, "shared_bias": False},
    ),
    "Permute": ([MAP], {"dims": (3, 1, 2)}),
    "RadialBasis": ([VECTOR], {"codes": CODES}),
    "ReLU": ([MAP], {"max_value": 1.25, "negative_slope": 0.25, "threshold": 0.5}),
    "RepeatVector": ([VECTOR], {"n": 3}),
    "Rescaling": ([MAP], {"scale": 0.1, "offset": -0.7}),
    "Reshape": ([MAP], {"target_shape": (6, -1)}),
    "Resizing": ([MAP], {"height": 3, "width": 9, "interpolation": "bilinear"}),
    "SCells": ([(6, 7, 2)], {"planes": 3, "kernel_size": 3, "selectivity": 2.0}),
    "ScaledTanh": ([MAP], {"amplitude": 1.5, "slope": 0.5}),
    "SeparableConv1D": ([SERIES], {"filters": 3, "kernel_size": 3, "depth_multiplier": 2}),
    "SeparableConv2D": (
        [MAP],
        {"filters": 3, "kernel_size": 3, "strides": 2, "depth_multiplier": 2, "activation": "elu"},
    ),
    "Softmax": ([MAP], {"axis": -1}),
    "SpatialDropout2D": ([MAP], {"rate": 0.4}),
    "Subsampling2D": ([(7, 6, 3)], {"pool_size": 3}),
    "Subtract": ([MAP] * 2, {}),
    "SumPooling2D": ([MAP], {"pool_size": (2, 3), "strides": 2, "padding": "same"}),
    "UpSampling1D": ([SERIES], {"size": 3}),
    "UpSampling2D": ([MAP], {"size": (2, 3), "interpolation": "bilinear"}),
    "ZeroPadding1D": ([SERIES], {"padding": (2, 1)}),
    "ZeroPadding2D": ([MAP], {"padding": ((1, 2), (0, 3))}),
}
"""For each kind the shapes of its inputs and settings that are not its defaults."""

OF_OURS = ("SumPooling2D",)
"""What neither Keras has nor `models/layers`."""
RANDOM = ("Dropout", "SpatialDropout2D", "GaussianNoise")
"""What draws while training; at inference it hands its input on."""
IN_SINGLE = ("Resizing", "UpSampling2D")
"""What TensorFlow interpolates in single precision, whatever it is given."""

few, more = st.integers(1, 3), st.integers(1, 4)
flags, paddings = st.booleans(), st.sampled_from(["valid", "same"])
pairs = st.tuples(st.integers(0, 2), st.integers(0, 2))
channels = st.sampled_from([1, 2, 4, 6])


def maps(rank, least=1, most=8):
    return st.tuples(*[st.integers(least, most)] * rank, channels)


def sizes(rank, largest=3):
    each = st.integers(1, largest)
    return st.one_of(each, st.tuples(*[each] * rank)) if rank > 1 else each


def merged(*dictionaries):
    return st.tuples(*dictionaries).map(lambda parts: {k: v for part in parts for k, v in part.items()})


def of(**settings):
    return st.fixed_dictionaries(settings)


def alone(shapes, settings):
    """One input."""
    return st.tuples(shapes.map(lambda shape: [shape]), settings)


def convolution(rank, groups=None):
    pads = ["valid", "same"] if rank > 1 else ["valid", "same", "causal"]
    strided = st.one_of(of(strides=sizes(rank)), of(dilation_rate=sizes(rank)))
    kernel = of(filters=st.sampled_from([2, 4, 6]), kernel_size=sizes(rank, 4), padding=st.sampled_from(pads))
    groups = st.sampled_from([1, 1, 1, 2]) if groups is None else groups
    return merged(strided, kernel, of(use_bias=flags, groups=groups))


def transposed(rank):
    free = of(filters=few, kernel_size=sizes(rank, 4), strides=sizes(rank), padding=paddings, use_bias=flags)
    outside = of(
        filters=few,
        kernel_size=st.integers(2, 4),
        strides=st.integers(2, 3),
        padding=paddings,
        output_padding=st.integers(0, 1),
    )
    return st.one_of(free, free, outside)


def depthwise(rank):
    strided = st.one_of(of(strides=few), of(dilation_rate=few))
    kernel = of(kernel_size=sizes(rank), padding=paddings, depth_multiplier=few, use_bias=flags)
    return merged(strided, kernel)


def separable(rank):
    return merged(depthwise(rank), of(filters=few))


def pooling(rank):
    return of(pool_size=sizes(rank, 4), strides=st.one_of(st.none(), sizes(rank)), padding=paddings)


def inputs(least=2, most=3):
    """Several inputs of one shape."""
    count, shape = st.integers(least, most), st.one_of(maps(0), maps(1, 1, 4), maps(2, 1, 4))
    return st.tuples(st.tuples(count, shape).map(lambda drawn: [drawn[1]] * drawn[0]), st.just({}))


def joined(drawn):
    """Inputs that differ along the axis of a Concatenate."""
    shape, axis, lengths, back = drawn
    axis %= len(shape)
    shapes = [(*shape[:axis], length, *shape[axis + 1 :]) for length in lengths]
    return shapes, {"axis": axis - len(shape) if back else axis + 1}


def axes(shape):
    return st.sampled_from([-1, *range(1, len(shape) + 1)])


def with_axis(**settings):
    """Any shape, and an axis of it."""
    shapes = st.one_of(maps(0), maps(1), maps(2, 1, 5))
    return shapes.flatmap(lambda shape: st.tuples(st.just([shape]), of(axis=axes(shape), **settings)))


any_map = st.one_of(maps(0), maps(1), maps(2, 1, 5))
ACTIVATIONS = (
    "relu relu6 leaky_relu elu selu sigmoid tanh softplus silu gelu hard_sigmoid linear softmax".split()
)

GRID = {
    "Activation": alone(any_map, of(activation=st.sampled_from(ACTIVATIONS))),
    "Add": inputs(),
    "Average": inputs(),
    "AveragePooling1D": alone(maps(1), pooling(1)),
    "AveragePooling2D": alone(maps(2), pooling(2)),
    "BatchNormalization": with_axis(center=flags, scale=flags, epsilon=st.sampled_from([0.001, 0.1])),
    "CCells": alone(maps(2, 3), of(kernel_size=few, saturation=st.sampled_from([0.3, 1.0]))),
    "CenterCrop": alone(maps(2, 4), of(height=more, width=more)),
    "Concatenate": st.tuples(any_map, st.integers(0, 5), st.lists(few, min_size=2, max_size=3), flags).map(
        joined
    ),
    "ConstantPadding2D": alone(
        maps(2), of(padding=st.one_of(few, pairs, st.tuples(pairs, pairs)), value=st.just(2.5))
    ),
    "Conv1D": alone(maps(1, 2, 9), convolution(1)),
    "Conv1DTranspose": alone(maps(1), transposed(1)),
    "Conv2D": alone(maps(2, 2), convolution(2)),
    "Conv2DTranspose": alone(maps(2, 1, 5), transposed(2)),
    "Cropping1D": alone(maps(1, 4), of(cropping=st.one_of(st.integers(0, 1), pairs))),
    "Cropping2D": alone(
        maps(2, 4), of(cropping=st.one_of(st.integers(0, 1), pairs, st.tuples(pairs, pairs)))
    ),
    "Dense": alone(any_map, of(units=few, use_bias=flags)),
    "DepthwiseConv1D": alone(maps(1, 2), depthwise(1)),
    "DepthwiseConv2D": alone(maps(2, 2), depthwise(2)),
    "Dropout": alone(any_map, of(rate=st.just(0.5))),
    "ELU": alone(any_map, of(alpha=st.sampled_from([1.0, 0.3]))),
    "Flatten": alone(any_map, of()),
    "GaussianNoise": alone(any_map, of(stddev=st.just(0.5))),
    "GlobalAveragePooling1D": alone(maps(1), of(keepdims=flags)),
    "GlobalAveragePooling2D": alone(maps(2), of(keepdims=flags)),
    "GlobalMaxPooling1D": alone(maps(1), of(keepdims=flags)),
    "GlobalMaxPooling2D": alone(maps(2), of(keepdims=flags)),
    "GroupedConv2D": alone(maps(2, 2, 6), convolution(2, st.sampled_from([1, 2]))),
    "Identity": alone(any_map, of()),
    "LayerNormalization": with_axis(center=flags, scale=flags),
    "LeakyReLU": alone(any_map, of(negative_slope=st.sampled_from([0.25, 0.1, 0.3]))),
    "LocalResponseNormalization": alone(
        maps(2, 1, 4),
        of(depth_radius=few, bias=st.sampled_from([1.0, 2.0]), beta=st.sampled_from([0.5, 0.75])),
    ),
    "MaxPooling1D": alone(maps(1), pooling(1)),
    "MaxPooling2D": alone(maps(2), pooling(2)),
    "Maximum": inputs(),
    "Minimum": inputs(),
    "Multiply": inputs(),
    "Normalization": alone(
        any_map,
        st.sampled_from([{"axis": None, "mean": 0.1, "variance": 0.3}, {"mean": -1.0, "variance": 3.0}]),
    ),
    "PReLU": alone(maps(2, 1, 5), of(shared_axes=st.sampled_from([None, [1], [1, 2], [3]]))),
    "PartialConv2D": alone(
        st.tuples(st.integers(3, 7), st.integers(3, 7), st.just(3)),
        of(
            connections=st.just(PAIRS), kernel_size=sizes(2), strides=few, padding=paddings, shared_bias=flags
        ),
    ),
    "Permute": any_map.flatmap(
        lambda shape: st.tuples(
            st.just([shape]), of(dims=st.permutations(range(1, len(shape) + 1)).map(tuple))
        )
    ),
    "RadialBasis": alone(st.just(VECTOR), of(codes=st.sampled_from([CODES, CODES[:2]]))),
    "ReLU": alone(
        any_map,
        of(
            max_value=st.sampled_from([None, 6.0, 0.7]),
            negative_slope=st.sampled_from([0.0, 0.0, 0.1]),
            threshold=st.sampled_from([0.0, 0.0, 0.5]),
        ),
    ),
    "RepeatVector": alone(maps(0), of(n=few)),
    "Rescaling": alone(any_map, of(scale=st.sampled_from([0.3, -2.0]), offset=st.sampled_from([0.0, 0.7]))),
    "Reshape": any_map.flatmap(
        lambda shape: st.tuples(
            st.just([shape]), st.permutations(shape).map(lambda s: {"target_shape": (*s[:-1], -1)})
        )
    ),
    "Resizing": alone(
        maps(2),
        of(
            height=st.integers(1, 9),
            width=st.integers(1, 9),
            interpolation=st.sampled_from(["nearest", "bilinear"]),
        ),
    ),
    "SCells": alone(maps(2, 3, 6), of(planes=few, kernel_size=few, selectivity=st.sampled_from([1.5, 3.0]))),
    "ScaledTanh": alone(any_map, of(slope=st.sampled_from([0.5, 1.0]))),
    "SeparableConv1D": alone(maps(1, 2), separable(1)),
    "SeparableConv2D": alone(maps(2, 2), separable(2)),
    "Softmax": with_axis(),
    "SpatialDropout2D": alone(maps(2), of(rate=st.just(0.5))),
    "Subsampling2D": alone(maps(2, 3), of(pool_size=few)),
    "Subtract": inputs(2, 2),
    "SumPooling2D": alone(maps(2), pooling(2)),
    "UpSampling1D": alone(maps(1), of(size=few)),
    "UpSampling2D": alone(
        maps(2, 1, 5), of(size=sizes(2), interpolation=st.sampled_from(["nearest", "bilinear"]))
    ),
    "ZeroPadding1D": alone(maps(1), of(padding=st.one_of(few, pairs))),
    "ZeroPadding2D": alone(maps(2), of(padding=st.one_of(few, pairs, st.tuples(pairs, pairs)))),
}
"""For each kind the shapes of its inputs and settings, drawn; what Keras refuses of them is left out."""
