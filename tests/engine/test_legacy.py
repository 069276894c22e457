"""Files as Keras 2 wrote them, laid out by hand: they load, compute the same, and stay as they are."""

import hashlib
import json

import h5py
import numpy as np
import pytest
from replaying import images_of, randomise

import keras  # isort: skip
from app.engine.legacy import modernise
from app.engine.replay.replay import Choice, replay
from app.engine.store import load_model

pytestmark = pytest.mark.keras
layers = keras.layers
SIZE = (32, 32, 3)
NO_INITIALIZERS = {"kernel_regularizer": None, "bias_regularizer": None, "activity_regularizer": None}


def entry(kind, name, *sources, **settings):
    """A layer as Keras 2 wrote it into a graph."""
    config = {"name": name, "trainable": True, "dtype": "float32", **settings}
    nodes = [[[source, 0, 0, {}] for source in sources]] if sources else []
    return {"class_name": kind, "config": config, "name": name, "inbound_nodes": nodes}


def image_entry(name, shape=SIZE):
    inner = {
        "batch_input_shape": [None, *shape],
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": name,
    }
    return {"class_name": "InputLayer", "config": inner, "name": name, "inbound_nodes": []}


def graph(name, entries, inputs, outputs, kind="Functional"):
    return {
        "class_name": kind,
        "name": name,
        "inbound_nodes": [],
        "config": {
            "name": name,
            "layers": entries,
            "input_layers": [[i, 0, 0] for i in inputs],
            "output_layers": outputs,
        },
    }


def chain(name, *entries):
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(entries)}}


def convolution(name, source, filters, strides):
    return entry(
        "Conv2D",
        name,
        source,
        filters=filters,
        kernel_size=[3, 3],
        strides=[strides] * 2,
        padding="valid" if strides > 1 else "same",
        data_format="channels_last",
        dilation_rate=[1, 1],
        groups=1,
        activation="linear",
        use_bias=False,
        kernel_initializer={"class_name": "VarianceScaling", "config": {"scale": 1}},
        **NO_INITIALIZERS,
    )


def norm(name, source):
    return entry(
        "BatchNormalization", name, source, axis=[3], momentum=0.999, epsilon=0.001, center=True, scale=True
    )


def backbone(kind="Functional"):
    """The beginning of a MobileNet, in the words of a Teachable Machine export."""
    return graph(
        "model1",
        [
            image_entry("input_1"),
            entry(
                "ZeroPadding2D", "Conv1_pad", "input_1", padding=[[0, 1], [0, 1]], data_format="channels_last"
            ),
            convolution("Conv1", "Conv1_pad", 4, 2),
            norm("bn_Conv1", "Conv1"),
            entry("ReLU", "Conv1_relu", "bn_Conv1", max_value=6.0, negative_slope=0.0, threshold=0.0),
            entry(
                "DepthwiseConv2D",
                "expanded_conv_depthwise",
                "Conv1_relu",
                kernel_size=[3, 3],
                strides=[1, 1],
                padding="same",
                data_format="channels_last",
                dilation_rate=[1, 1],
                groups=1,
                activation="linear",
                use_bias=False,
                depth_multiplier=1,
                depthwise_initializer={"class_name": "VarianceScaling", "config": {"scale": 1}},
                bias_initializer={"class_name": "Zeros", "config": {}},
                depthwise_regularizer=None,
            ),
            norm("expanded_conv_depthwise_BN", "expanded_conv_depthwise"),
            entry(
                "ReLU",
                "out_relu",
                "expanded_conv_depthwise_BN",
                max_value={"type": "ndarray", "value": 6.0},
                negative_slope=0.0,
                threshold=0.0,
            ),
        ],
        ["input_1"],
        [["out_relu", 0, 0]],
        kind,
    )


def dense(name, units, activation, **more):
    return entry("Dense", name, units=units, activation=activation, **NO_INITIALIZERS, **more)


def teachable(kind="Functional"):
    return chain(
        "sequential_4",
        chain(
            "sequential_1",
            backbone(kind),
            entry("GlobalAveragePooling2D", "pool", data_format="channels_last"),
        ),
        chain(
            "sequential_3",
            dense("dense_Dense1", 10, "relu", use_bias=True, batch_input_shape=[None, 4]),
            dense("dense_Dense2", 3, "softmax", use_bias=False),
        ),
    )


def twin_of_the_backbone():
    """The same network written with Keras 3; the names are those that the file's weights have."""
    image = keras.Input(SIZE)
    x = layers.Conv2D(4, 3, strides=2, use_bias=False, name="Conv1")(
        layers.ZeroPadding2D(((0, 1), (0, 1)))(image)
    )
    x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.999, name="bn_Conv1")(x))
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="expanded_conv_depthwise")(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization(name="expanded_conv_depthwise_BN")(x))
    return keras.Model(image, x)


def twin():
    body = twin_of_the_backbone()
    x = layers.Dense(10, activation="relu", name="dense_Dense1")(layers.GlobalAveragePooling2D()(body.output))
    x = layers.Dense(3, activation="softmax", use_bias=False, name="dense_Dense2")(x)
    return randomise(keras.Model(body.input, x))


def weights_by_group(model, groups):
    """name of a layer of the file -> [(its weight's name, numbers)], the trainable ones first."""
    found = {}
    for group, names in groups.items():
        inside = [model.get_layer(name) for name in names]
        ordered = [(x, w) for x in inside for w in x.trainable_weights]
        ordered += [(x, w) for x in inside for w in x.non_trainable_weights]
        found[group] = [(f"{x.name}/{w.name}:0", w.numpy()) for x, w in ordered]
    return found


def write(path, config, groups, version="2.4.0"):
    """Write a file in the layout of Keras 2."""
    with h5py.File(path, "w") as file:
        file.attrs.update({"keras_version": version, "backend": "tensorflow"})
        file.attrs["model_config"] = json.dumps(config)
        inside = file.create_group("model_weights")
        inside.attrs["layer_names"] = [name.encode() for name in groups]
        for name, arrays in groups.items():
            group = inside.create_group(name)
            group.attrs["weight_names"] = [n.encode() for n, _ in arrays]
            for n, numbers in arrays:
                group.create_dataset(n, data=numbers)


BODY = ("Conv1", "bn_Conv1", "expanded_conv_depthwise", "expanded_conv_depthwise_BN")
HALVES = {"sequential_1": BODY, "sequential_3": ("dense_Dense1", "dense_Dense2")}
IMAGES = images_of(2, *SIZE) * 2 - 1


@pytest.mark.parametrize("kind", ["Functional", "Model"])
def test_an_export_of_teachable_machine_loads_replays_and_stays_as_it_is(tmp_path, kind):
    path = tmp_path / "keras_model.h5"
    model = twin()
    write(path, teachable(kind), weights_by_group(model, HALVES))
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    loaded = load_model(path)
    np.testing.assert_allclose(loaded(IMAGES), model(IMAGES), atol=1e-6)
    replayed = replay(loaded)
    np.testing.assert_allclose(replayed.probabilities(IMAGES), model(IMAGES), atol=1e-6)
    assert replayed.rectifiers() == (3, [])
    assert replayed.image_shape == SIZE
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [p.name for p in tmp_path.iterdir()] == ["keras_model.h5"]


def test_a_shared_nested_model_is_called_as_the_file_says(tmp_path):
    tower = backbone()
    tower["inbound_nodes"] = [[["left", 0, 0, {}]], [["right", 0, 0, {}]]]
    pool = entry("GlobalAveragePooling2D", "pool", data_format="channels_last")
    pool["inbound_nodes"] = [[["model1", 1, 0, {}]], [["model1", 2, 0, {}]]]
    both = entry("Concatenate", "both", axis=-1)
    both["inbound_nodes"] = [[["pool", 0, 0, {}], ["pool", 1, 0, {}]]]
    top = dense("top", 2, "softmax", use_bias=False) | {"inbound_nodes": [[["both", 0, 0, {}]]]}
    config = graph(
        "net",
        [image_entry("left"), image_entry("right"), tower, pool, both, top],
        ["left", "right"],
        [["top", 0, 0]],
    )
    body = randomise(twin_of_the_backbone())
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    ends = [layers.GlobalAveragePooling2D()(body(x)) for x in (left, right)]
    last = layers.Dense(2, activation="softmax", use_bias=False, name="top")
    model = keras.Model([left, right], last(layers.Concatenate()(ends)))
    last.set_weights([np.random.default_rng(4).normal(size=(8, 2))])
    groups = weights_by_group(body, {"model1": BODY}) | weights_by_group(model, {"top": ("top",)})
    write(tmp_path / "m.h5", config, groups, "2.11.0")
    loaded = load_model(tmp_path / "m.h5")
    pair = [IMAGES, IMAGES[::-1] ** 2]
    np.testing.assert_allclose(loaded(pair), model(pair), atol=1e-6)
    assert np.abs(np.asarray(model(pair)) - np.asarray(model(pair[::-1]))).max() > 1e-3
    replayed = replay(loaded, Choice("left", given={"right": pair[1][0]}))
    np.testing.assert_allclose(replayed.probabilities(IMAGES)[:1], model(pair)[:1], atol=1e-6)


def operation(name, function, source, **arguments):
    made = entry("TFOpLambda", name, function=function)
    return made | {"inbound_nodes": [[source, 0, 0, {**arguments, "name": None}]]}


def test_tensorflows_operations_become_layers(tmp_path):
    entries = [
        image_entry("image"),
        operation("tf.math.truediv", "math.truediv", "image", y=127.5),
        operation("tf.math.subtract", "math.subtract", "tf.math.truediv", y=1.0),
        convolution("scope/conv", "tf.math.subtract", 4, 2),
        operation("tf.nn.relu6", "nn.relu6", "scope/conv"),
        operation("tf.math.multiply", "math.multiply", "tf.nn.relu6", y=["scope/conv", 0, 0]),
        operation("tf.math.reduce_mean", "math.reduce_mean", "tf.math.multiply", axis=[1, 2], keepdims=False),
        operation("tf.nn.softmax", "nn.softmax", "tf.math.reduce_mean", axis=-1),
    ]
    config = graph("net", entries, ["image"], [["tf.nn.softmax", 0, 0]])
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 4)).astype("float32")
    write(tmp_path / "m.h5", config, {"scope/conv": [("scope/conv/kernel:0", kernel)]})
    replayed = replay(load_model(tmp_path / "m.h5"))
    pixels = images_of(2, *SIZE) * 255
    maps = keras.ops.conv(pixels / 127.5 - 1, kernel, strides=2, padding="valid")
    expected = keras.ops.mean(keras.ops.relu6(maps) * maps, (1, 2))
    np.testing.assert_allclose(replayed.logits(pixels), expected, rtol=1e-4, atol=1e-4)
    assert (replayed.head.kind, replayed.rectifiers()) == ("softmax", (1, []))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (operation("op", "math.erf", "image"), "TensorFlow's operation 'math.erf'"),
        (entry("Activation", "a", "image", activation="hard_sigmoid"), "hard_sigmoid"),
        (entry("LayerNormalization", "n", "image", axis=[1, 2]), r"axes \[1, 2\]"),
        (entry("Elsewhere", "e", "image"), "Elsewhere"),
        (entry("DepthwiseConv2D", "d", "image", kernel_size=[3, 3], groups=3), "groups"),
    ],
)
def test_what_keras_3_has_no_word_for_is_refused_in_one_sentence(tmp_path, broken, message):
    name = broken["name"]
    config = graph("net", [image_entry("image"), broken], ["image"], [[name, 0, 0]])
    write(tmp_path / "m.h5", config, {})
    with pytest.raises(ValueError, match=message) as refusal:
        load_model(tmp_path / "m.h5")
    assert "\n" not in str(refusal.value)


def test_the_configuration_that_was_read_stays_as_it_was():
    config = teachable()
    before = json.dumps(config)
    assert json.dumps(modernise(config)) != before
    assert json.dumps(config) == before


def test_a_lambda_layer_in_an_old_file_is_code_too(tmp_path):
    evil = entry("Lambda", "evil", "image", function=["4wEAAAA=", None, None], function_type="lambda")
    write(tmp_path / "m.h5", graph("net", [image_entry("image"), evil], ["image"], [["evil", 0, 0]]), {})
    with pytest.raises(ValueError, match="Lambda layer 'evil'"):
        load_model(tmp_path / "m.h5")


def test_links_out_of_the_file_are_not_followed(tmp_path):
    model = twin()
    write(tmp_path / "other.h5", teachable(), weights_by_group(model, HALVES))
    write(tmp_path / "m.h5", teachable(), {})
    with h5py.File(tmp_path / "m.h5", "a") as file:
        inside = file["model_weights"]
        inside.attrs["layer_names"] = [b"sequential_1", b"sequential_3"]
        for name in HALVES:
            inside[name] = h5py.ExternalLink(str(tmp_path / "other.h5"), f"model_weights/{name}")
    with pytest.raises(ValueError, match="Not allowed"):
        load_model(tmp_path / "m.h5")
