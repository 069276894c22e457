"""Random small networks over all layers, their settings drawn from the layers' own arguments."""

from hypothesis import strategies as st

few = st.integers(1, 3)
flags = st.booleans()
paddings = st.sampled_from(["valid", "same"])
formats = st.sampled_from(["channels_last", "channels_last", "channels_last", "channels_first"])


def sizes(rank):
    """A whole number for all axes, or one for each."""
    return st.one_of(few, st.tuples(*[few] * rank)) if rank > 1 else few


def strided(rank):
    """Strides, or dilations: Keras refuses both at once."""
    return st.one_of(
        st.fixed_dictionaries({"strides": sizes(rank)}), st.fixed_dictionaries({"dilation_rate": sizes(rank)})
    )


def with_format(settings):
    return st.fixed_dictionaries({**settings, "data_format": formats})


def merged(*dictionaries):
    return st.tuples(*dictionaries).map(lambda parts: {k: v for part in parts for k, v in part.items()})


def convolution(rank):
    """Filters and groups are multiples, so that most draws fit."""
    groups = st.sampled_from([1, 1, 2])
    padding = paddings if rank > 1 else st.sampled_from(["valid", "same", "causal"])
    return merged(
        strided(rank),
        with_format(
            {
                "filters": st.sampled_from([2, 4]),
                "kernel_size": sizes(rank),
                "padding": padding,
                "groups": groups,
                "use_bias": flags,
            }
        ),
    )


def transposed(rank):
    return st.one_of(
        with_format(
            {
                "filters": few,
                "kernel_size": sizes(rank),
                "strides": sizes(rank),
                "padding": paddings,
                "use_bias": flags,
            }
        ),
        with_format(
            {
                "filters": few,
                "kernel_size": st.just(3),
                "strides": st.just(2),
                "padding": paddings,
                "output_padding": st.sampled_from([0, 1]),
            }
        ),
    )


def depthwise(rank):
    square = few.map(lambda n: {"strides": n})  # TensorFlow wants equal strides here
    return merged(
        square,
        with_format(
            {"kernel_size": sizes(rank), "padding": paddings, "depth_multiplier": few, "use_bias": flags}
        ),
    )


def separable(rank):
    return merged(depthwise(rank), st.fixed_dictionaries({"filters": few}))


def pooling(rank):
    return with_format({"pool_size": sizes(rank), "strides": st.one_of(st.none(), few), "padding": paddings})


def borders(rank, name):
    pairs = st.tuples(st.integers(0, 2), st.integers(0, 2))
    amounts = pairs if rank == 1 else st.tuples(*[pairs] * rank)
    common = {name: st.one_of(st.integers(0, 1), amounts)}
    return st.fixed_dictionaries(common) if rank == 1 else with_format(common)


def layers_for(rank):
    """Kind -> strategy of settings, for maps with `rank` spatial axes."""
    d = f"{rank}D"
    kinds = {
        f"Conv{d}": convolution(rank),
        f"Conv{d}Transpose": transposed(rank),
        f"MaxPooling{d}": pooling(rank),
        f"AveragePooling{d}": pooling(rank),
        f"GlobalAveragePooling{d}": with_format({"keepdims": flags}),
        f"GlobalMaxPooling{d}": with_format({"keepdims": flags}),
        f"AdaptiveAveragePooling{d}": with_format({"output_size": sizes(rank)}),
        f"AdaptiveMaxPooling{d}": with_format({"output_size": sizes(rank)}),
        f"ZeroPadding{d}": borders(rank, "padding"),
        f"Cropping{d}": borders(rank, "cropping"),
        f"UpSampling{d}": st.fixed_dictionaries({"size": sizes(rank)}),
        f"SpatialDropout{d}": st.fixed_dictionaries({"rate": st.just(0.5)}),
    }
    if rank < 3:
        kinds[f"DepthwiseConv{d}"] = depthwise(rank)
        kinds[f"SeparableConv{d}"] = separable(rank)
    if rank == 2:
        kinds["UpSampling2D"] = with_format(
            {"size": sizes(2), "interpolation": st.sampled_from(["nearest", "bilinear", "bicubic"])}
        )
        kinds["Resizing"] = st.fixed_dictionaries({"height": few, "width": few})
        kinds["CenterCrop"] = st.fixed_dictionaries({"height": few, "width": few})
        kinds["RandomCrop"] = st.fixed_dictionaries({"height": few, "width": few})
        for name in ("RandomFlip", "AutoContrast", "RandomGrayscale", "RandomInvert"):
            kinds[name] = st.just({})
        for name in ("RandomBrightness", "RandomContrast", "RandomRotation", "RandomZoom"):
            kinds[name] = st.just({"factor": 0.1} if name != "RandomZoom" else {"height_factor": 0.1})
    return kinds


def layers_for_all(shape):
    """Kind -> strategy, for any shape."""
    rank = len(shape)
    axis = st.sampled_from([-1, *range(1, rank + 1)])
    scaling = {"center": flags, "scale": flags}
    shared = st.one_of(st.none(), st.lists(st.integers(1, rank), unique=True, min_size=1))
    divisors = [n for n in range(1, shape[-1] + 1) if shape[-1] % n == 0]
    return {
        "Dense": st.fixed_dictionaries({"units": few, "use_bias": flags}),
        "Flatten": formats.map(lambda f: {"data_format": f}),
        "Reshape": st.permutations(shape).map(lambda s: {"target_shape": (*s[:-1], -1)}),
        "Permute": st.permutations(range(1, rank + 1)).map(lambda d: {"dims": tuple(d)}),
        "BatchNormalization": st.fixed_dictionaries({"axis": axis, **scaling, "renorm": flags}),
        "LayerNormalization": st.fixed_dictionaries({"axis": axis, **scaling}),
        "GroupNormalization": st.fixed_dictionaries({"groups": st.sampled_from([*divisors, -1]), **scaling}),
        "UnitNormalization": st.fixed_dictionaries({"axis": axis}),
        "RMSNormalization": st.fixed_dictionaries({"axis": axis}),
        "Normalization": st.sampled_from([{}, {"axis": None}, {"mean": 0.5, "variance": 2.0}]),
        "Activation": st.sampled_from(["relu", "softmax", "gelu"]).map(lambda a: {"activation": a}),
        "ReLU": st.just({"max_value": 6.0}),
        "LeakyReLU": st.just({"negative_slope": 0.1}),
        "ELU": st.just({}),
        "PReLU": st.fixed_dictionaries({"shared_axes": shared}),
        "Softmax": st.fixed_dictionaries({"axis": axis}),
        "Dropout": st.just({"rate": 0.5}),
        "AlphaDropout": st.just({"rate": 0.5}),
        "GaussianDropout": st.just({"rate": 0.5}),
        "GaussianNoise": st.just({"stddev": 0.5}),
        "Rescaling": st.just({"scale": 0.5}),
        "Identity": st.just({}),
        "ActivityRegularization": st.just({"l1": 0.1}),
    }


MERGES = ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Concatenate")


def shapes(draw):
    """A shape with 0 to 3 spatial axes, all equally likely."""
    return (*(draw.randint(3, 7) for _ in range(draw.choice([0, 1, 2, 2, 3]))), draw.choice([2, 4]))


def kinds_for(shape):
    """Kind -> strategy of settings, for everything that takes a map of `shape`."""
    kinds = dict(layers_for_all(shape))
    if len(shape) > 1:
        kinds |= layers_for(len(shape) - 1)
    if len(shape) == 1:
        kinds["RepeatVector"] = st.fixed_dictionaries({"n": few})
    if len(shape) == 2:
        kinds["MultiHeadAttention"] = st.fixed_dictionaries(
            {"num_heads": few, "key_dim": few, "value_dim": st.one_of(st.none(), few), "use_bias": flags}
        )
    return kinds


EXAMPLES = {1: (4,), 2: (6, 4), 3: (6, 5, 4), 4: (5, 4, 6, 2)}
KINDS = sorted({kind for shape in EXAMPLES.values() for kind in kinds_for(shape)})


def choose(draw, data, shape):
    """Choose one layer that takes a map of `shape`, spatial ones twice as likely: (kind, settings)."""
    kinds = kinds_for(shape)
    own = list(layers_for(len(shape) - 1)) if len(shape) > 1 else []
    kind = draw.choice(sorted([*kinds, *own]))
    return kind, data.draw(kinds[kind])
