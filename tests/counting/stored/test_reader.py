import inspect
import math

import pytest

from app.counting.chalkboard import nn
from app.counting.comparison import compare_rows
from app.counting.layers import LAYERS
from app.counting.stored.model_files import read_config
from app.counting.stored.reader import make_layer, read_board

pytestmark = pytest.mark.keras

IMAGE = (12, 12, 2)


@pytest.fixture(scope="module")
def keras():
    import app.engine  # noqa: F401  (imports TensorFlow without its chatter)

    # isort: split
    import keras

    return keras


def layers_of(keras):
    layers = keras.layers
    return [
        layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="conv"),
        layers.ReLU(name="rectifier"),
        layers.AveragePooling2D(2, strides=1, padding="same", name="pool"),
        layers.Conv2D(4, (1, 3), groups=2, use_bias=False, name="grouped"),
        layers.ZeroPadding2D(((1, 0), (2, 1)), name="border"),
        layers.Flatten(name="flat"),
        layers.Dense(3, activation="softmax", name="output"),
    ]


def with_input(keras):
    return keras.Sequential([keras.Input(IMAGE), *layers_of(keras)])


def without_input(keras):
    model = keras.Sequential(layers_of(keras))
    model.build((None, *IMAGE))
    return model


def functional(keras):
    layers = keras.layers
    image = keras.Input(IMAGE)
    left = layers.Conv2D(4, 3, padding="same", dilation_rate=2, name="left")(image)
    right = layers.Conv2D(4, 1, name="right")(image)
    both = layers.Concatenate(name="both")([layers.Add(name="sum")([left, right]), left])
    pooled = layers.GlobalMaxPooling2D(keepdims=True, name="pool")(both)
    return keras.Model(image, [pooled, layers.Dense(3, name="map")(both)])


def with_operation(keras):
    image = keras.Input(IMAGE)
    maps = keras.layers.Conv2D(3, 3, name="conv")(image)
    return keras.Model(image, keras.layers.Flatten(name="flat")(keras.ops.relu(maps)))


def nested(keras):
    image = keras.Input(IMAGE)
    return keras.Model(image, keras.layers.Dense(2, name="top")(with_input(keras)(image)))


def nested_first(keras):
    return keras.Sequential([without_input(keras), keras.layers.Dense(2, name="top")])


def shared(keras):
    left, right = keras.Input(IMAGE), keras.Input(IMAGE)
    conv = keras.layers.Conv2D(2, 3, padding="same", name="conv")
    return keras.Model([left, right], keras.layers.Add(name="sum")([conv(conv(left)), conv(right)]))


def siamese(keras):
    left, right = keras.Input(IMAGE), keras.Input(IMAGE)
    twin = with_input(keras)
    return keras.Model([left, right], keras.layers.Concatenate(name="pair")([twin(left), twin(right)]))


def from_dict(keras):
    images = {name: keras.Input(IMAGE, name=name) for name in ("left", "right")}
    maps = [keras.layers.Conv2D(2, 3, name=f"conv_{name}")(images[name]) for name in images]
    return keras.Model(images, {"together": keras.layers.Concatenate(name="both")(maps)})


def normalised(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(IMAGE),
            layers.Conv2D(3, 3, use_bias=False, name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.BatchNormalization(scale=False, name="half"),
        ]
    )


MODELS = [with_input, without_input, functional, nested, nested_first, shared, siamese, from_dict, normalised]


def read_back(model, path):
    model.save(path)
    return read_board(read_config(path)).sheet()


def weights_of(model, prefix=""):
    """Keras' own trainable and other numbers of each layer, nested ones named `model/layer`."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from weights_of(layer, f"{prefix}{layer.name}/")
        elif type(layer).__name__ != "InputLayer":
            kinds = (layer.trainable_weights, layer.non_trainable_weights)
            yield prefix + layer.name, tuple(sum(math.prod(w.shape) for w in k) for k in kinds)


def as_tuple(shapes):
    """Keras' input or output shapes, however they are packed, without the batch axis."""
    if isinstance(shapes, dict):
        shapes = list(shapes.values())
    return tuple(s[1:] for s in ([shapes] if isinstance(shapes[0], int | None) else shapes))


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("build", MODELS)
def test_a_stored_model_is_counted_as_keras_counts_it(keras, build, suffix, tmp_path):
    model = build(keras)
    sheet = read_back(model, tmp_path / f"model{suffix}")
    counted = {
        row.name: (row.trainable, row.non_trainable)
        for row in sheet.rows
        if row.kind != "InputLayer" and not row.shared_with
    }
    assert counted == dict(weights_of(model))
    assert sheet.parameters == model.count_params()
    assert sheet.output_shapes == as_tuple(model.output_shape)
    assert sheet.input_shapes == as_tuple(model.input_shape)


@pytest.mark.parametrize("build", [with_input, without_input, functional, from_dict])
def test_every_row_agrees_with_keras(keras, build, tmp_path):
    from app.engine.measure import count_layers

    model = build(keras)
    theirs = count_layers(model)
    rows = read_back(model, tmp_path / "model.keras").rows
    inputs = [row for row in rows if row.kind == "InputLayer"]
    assert compare_rows(rows[len(inputs) :], theirs[len(inputs) :]) == []
    assert [row.output_shape for row in inputs] == [t.output_shape for t in theirs[: len(inputs)]]


def test_an_operation_is_a_row_of_its_own(keras, tmp_path):
    model = with_operation(keras)
    sheet = read_back(model, tmp_path / "model.keras")
    assert [row.kind for row in sheet.rows] == ["InputLayer", "Conv2D", "Relu", "Flatten"]
    assert sheet.parameters == model.count_params()


@pytest.mark.parametrize("build", [with_input, normalised])
def test_a_frozen_layer_is_not_trained(keras, build, tmp_path):
    model = build(keras)
    for layer in model.layers[1:]:
        layer.trainable = False
    sheet = read_back(model, tmp_path / "model.keras")
    counted = {row.name: (row.trainable, row.non_trainable) for row in sheet.rows[1:]}
    assert counted == dict(weights_of(model))


def test_renormalisation_stores_further_numbers(keras, tmp_path):
    layers = [keras.layers.BatchNormalization(renorm=True, name="norm")]
    model = keras.Sequential([keras.Input(IMAGE), *layers])
    sheet = read_back(model, tmp_path / "model.keras")
    assert sheet.parameters == model.count_params() == 7 * IMAGE[-1]


@pytest.mark.parametrize("kind", LAYERS)
def test_arguments_and_defaults_are_those_of_keras(keras, kind):
    """An argument that Keras does not have, or another default, would be another language."""

    def arguments(*functions):
        found = {}
        for function in functions:
            for name, parameter in inspect.signature(function).parameters.items():
                if name != "self" and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                    found.setdefault(name, parameter.default)
        return found

    ours = arguments(*(base.__init__ for base in LAYERS[kind].__mro__[:-1]))
    from app.engine.build import nn as keras_nn

    keras_class = getattr(keras_nn, kind)
    theirs = arguments(*(base.__init__ for base in keras_class.__mro__ if base is not object))
    theirs |= {"name": None, "data_format": None}
    assert set(ours) <= set(theirs)
    for name, default in ours.items():
        same = isinstance(theirs[name], tuple) and set(flat(theirs[name])) == set(flat(default))
        assert same or theirs[name] == default, name


def flat(sizes):
    """A default for all axes or one for each, nested or not, as a list."""
    return [n for size in sizes for n in flat(size)] if isinstance(sizes, tuple) else [sizes]


def entry(kind, name, module="keras.layers", calls=(), **config):
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name, **config},
        "name": name,
        "inbound_nodes": list(calls),
    }


def chain(*entries, shape=(None, 6, 6, 2)):
    first = entry("InputLayer", "image", batch_shape=list(shape))
    config = {"name": "net", "layers": [first, *entries]}
    return {"class_name": "Sequential", "config": config}


CONV = {"filters": 3, "kernel_size": [3, 3]}


def test_the_older_way_of_writing_a_chain():
    """Keras 2: the input shape in the first layer, or a bare list of layers."""
    first = {"class_name": "Conv2D", "config": {"name": "conv", "batch_input_shape": [None, 6, 6, 2], **CONV}}
    flat = {"class_name": "Flatten", "config": {"name": "flat"}}
    for config in ({"name": "net", "layers": [first, flat]}, [first, flat]):
        sheet = read_board({"class_name": "Sequential", "config": config}).sheet()
        assert sheet.parameters == 3 * (9 * 2 + 1)
        assert sheet.output_shapes == ((4 * 4 * 3,),)


def test_the_older_way_of_writing_a_graph():
    """Keras 2: calls as nested lists [layer, call, output, arguments]."""
    config = {
        "name": "net",
        "layers": [
            entry("InputLayer", "image", batch_input_shape=[None, 6, 6, 2]),
            entry("Conv2D", "conv", calls=[[["image", 0, 0, {}]]], padding="same", **CONV),
            entry("Add", "sum", calls=[[["conv", 0, 0, {}], ["conv", 0, 0, {}]]]),
        ],
        "input_layers": [["image", 0, 0]],
        "output_layers": [["sum", 0, 0]],
    }
    sheet = read_board({"class_name": "Functional", "config": config}).sheet()
    assert [row.name for row in sheet.rows] == ["image", "conv", "sum"]
    assert sheet.output_shapes == ((6, 6, 3),)
    assert sheet.parameters == 3 * (9 * 2 + 1)


@pytest.mark.parametrize(
    ("config", "what"),
    [
        (chain(entry("LSTM", "memory", units=3)), "layer 'memory': no formula for LSTM"),
        (chain(entry("Conv3D", "cube", **CONV)), "layer 'cube' (Conv3D): expected a whole number or 3"),
        (chain(entry("Conv2D", "mine", module="my.own", **CONV)), "no formula for my.own>Conv2D"),
        (
            chain(entry("Conv2D", "conv", padding="full", **CONV)),
            "layer 'conv' (Conv2D): padding must be 'valid' or 'same', not 'full'",
        ),
        (chain(entry("Conv2D", "c", sparsity=3, **CONV)), "Conv2D with the setting sparsity"),
        (chain(entry("Conv2D", "c", data_format="upside_down", **CONV)), "upside_down"),
        (chain(entry("Dense", "d", units="many")), "layer 'd' (Dense)"),
        (chain({"class_name": "Dense"}), "damaged"),
        (chain(entry("Flatten", "f"), shape=(None, None, 6, 2)), "leaves a size open"),
        (chain(entry("Conv2D", "big", filters=1, kernel_size=[7, 7])), "does not fit into 6 cells"),
        (
            {"class_name": "MyModel", "config": {"name": "mine"}},
            "MyModel is a subclassed model: its file does not list its layers",
        ),
        (
            {"class_name": "Sequential", "config": {"name": "n", "layers": [entry("Flatten", "f")]}},
            "does not store the shape of its input",
        ),
        ({"class_name": "Sequential", "config": {"name": "bare", "layers": []}}, "bare"),
    ],
)
def test_what_cannot_be_counted_is_named(config, what):
    with pytest.raises(ValueError, match=r".") as caught:
        read_board(config)
    assert what in str(caught.value)


def test_a_layer_that_reads_nothing_known_is_named():
    config = {
        "name": "net",
        "layers": [entry("Flatten", "lost", calls=[[["nowhere", 0, 0, {}]]])],
        "input_layers": [],
        "output_layers": [["lost", 0, 0]],
    }
    with pytest.raises(ValueError, match="net: layer 'lost' reads something that is not there"):
        read_board({"class_name": "Functional", "config": config})


def test_settings_that_change_no_count_are_ignored():
    settings = {"kernel_initializer": "zeros", "bias_regularizer": None, "dtype": "float16"}
    layer = make_layer(entry("Conv2D", "c", kernel_constraint=None, **settings, **CONV))
    assert layer(nn.Input((6, 6, 2))).row.trainable == 3 * (9 * 2 + 1)


HUGE = 10**9


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (entry("Conv2D", "c", filters=HUGE, kernel_size=[3, 3]), (None, 6, 6, 2)),
        (entry("Conv2D", "c", filters=2, kernel_size=[HUGE, 1], padding="same"), (None, 6, 6, 2)),
        (entry("Conv2D", "c", filters=2, kernel_size=[3, 3]), (None, HUGE, HUGE, 3)),
        (entry("Conv2DTranspose", "t", filters=1, kernel_size=[HUGE, 1], padding="same"), (None, 6, 6, 2)),
        (entry("UpSampling2D", "u", size=[HUGE, HUGE]), (None, 6, 6, 2)),
        (entry("ZeroPadding2D", "z", padding=HUGE), (None, 6, 6, 2)),
        (entry("AdaptiveMaxPooling2D", "a", output_size=HUGE), (None, 6, 6, 2)),
        (entry("MaxPooling2D", "m", pool_size=[2, 2], strides=[HUGE, HUGE]), (None, 6, 6, 2)),
    ],
)
def test_enormous_settings_are_counted_at_once(layer, shape):
    """A hostile file must not hang; the count is closed form, the field is left out."""
    sheet = read_board(chain(layer, shape=shape)).sheet()
    assert len(sheet.rows) == 2
