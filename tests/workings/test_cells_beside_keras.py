"""Any number of any layer of any model, worked out by hand, is the one that Keras computes."""

import app.engine  # noqa: I001

import random

import keras
import numpy as np
import pytest
import unlike_models

import app as lab
from app.engine.build import build_model
from app.workings.cells import open_layers, work_out
from models import find_network

pytestmark = pytest.mark.keras
NEAR = 1e-5
QUICK = ("x_or_not_x", "mnist", "lenet5", "lenet5_modern", "lecun1989", "numpy_cnn", "tdnn", "neocognitron")
SLOW = ("alexnet", "vgg16", "googlenet", "resnet50", "densenet121", "zfnet", "nin_cifar10", "resnet20")
OWN = ("plain", "with_dense", "series")


def randomised(model):
    """Give every weight a random value, so that no bias and no statistic is the usual one."""
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if "float" not in str(variable.dtype):
            continue
        low, high = (0.5, 1.5) if "variance" in variable.name or "gamma" in variable.name else (-0.2, 0.2)
        if variable.name in ("kernel", "depthwise_kernel", "pointwise_kernel"):
            size = float(np.sqrt(2 / max(1, np.prod(variable.shape[:-1]))))
            variable.assign(rng.normal(0, size, variable.shape))
        else:
            variable.assign(rng.uniform(low, high, variable.shape))
    return model


def tensors(model, image, names):
    """Return what layers put out, by Keras itself."""
    outputs = [model.get_layer(name).output for name in names]
    found = keras.Model(model.inputs[0], outputs)(image[None])
    found = found if isinstance(found, list) else [found]
    return {name: np.asarray(value[0], np.float64) for name, value in zip(names, found, strict=True)}


def check_random_cells(model, count, seed=0, given=None):
    """Work out random numbers of a model, and hold each against Keras' tensor and against its own products."""
    rng = random.Random(seed)
    shape = tuple(n or 32 for n in model.input_shape[1:])
    image = np.random.default_rng(seed).uniform(0, 1, shape).astype("float32")
    names = [layer.name for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    truth = tensors(model, image, names)
    loaded = lab.load(model if given is None else given)
    machine = loaded.explainer.machine
    entered = image if image.ndim == 3 else image.reshape(loaded.image_shape)
    sums = 0
    for name in rng.choices(names, k=count):
        layer = open_layers(machine, entered, [name])[0]
        at = tuple(rng.randrange(size) for size in layer.output.shape)
        cell = work_out(layer, at)
        largest = float(np.abs(truth[name]).max()) or 1.0
        assert abs(cell.value - truth[name][at]) <= NEAR * largest, (name, layer.kind, at)
        if cell.one is not None:
            sums += 1
            added = sum(term.value * term.weight for term in cell.one.terms) + (cell.one.bias or 0)
            assert added == pytest.approx(cell.one.before, abs=1e-9)
            if cell.one.activation in ("linear", "relu"):
                worth = added if cell.one.activation == "linear" else max(added, 0.0)
                if layer.activation_name != "softmax":
                    assert abs(worth - truth[name][at]) <= NEAR * largest
    assert sums > count // 4


@pytest.mark.parametrize("name", QUICK)
def test_numbers_of_the_catalogues_networks(name):
    check_random_cells(randomised(build_model(find_network(name))), 12)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_numbers_of_large_networks(name):
    check_random_cells(randomised(build_model(find_network(name))), 12)


@pytest.mark.parametrize("name", OWN)
def test_numbers_of_models_of_all_kinds(name):
    check_random_cells(randomised(getattr(unlike_models, name)("softmax")), 8)


def branched():
    """Return a model with branches, groups, dilation, a depthwise and a transposed convolution."""
    layers = keras.layers
    image = keras.Input((12, 12, 4))
    left = layers.Conv2D(6, 3, dilation_rate=2, padding="same", groups=2, activation="relu", name="left")(
        image
    )
    right = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="right")(image)
    right = layers.BatchNormalization(name="norm")(right)
    right = layers.Conv2D(6, 1, name="narrow")(right)
    x = layers.Add(name="add")([left, right])
    x = layers.LeakyReLU(name="leaky")(x)
    x = layers.SeparableConv2D(5, 3, strides=2, padding="same", name="separable")(x)
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="tanh", name="larger")(x)
    x = layers.Concatenate(name="beside")([x, layers.UpSampling2D(1, name="up")(x)])
    x = layers.AveragePooling2D(3, strides=2, padding="same", name="mean")(x)
    x = layers.MaxPooling2D(2, padding="same", name="most")(x)
    x = layers.LayerNormalization(name="layer_norm")(x)
    x = layers.GlobalAveragePooling2D(name="global")(x)
    return keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(x))


@pytest.mark.parametrize("ending", ["memory", ".keras", ".h5"])
def test_numbers_of_a_model_with_branches(ending, tmp_path):
    model = randomised(branched())
    given = None
    if ending != "memory":
        given = tmp_path / f"model{ending}"
        model.save(given)
    check_random_cells(model, 40, given=given)


def test_a_wrong_weight_is_seen():
    """The check against Keras can fail: a model with one other weight is found out."""
    model = randomised(branched())
    image = np.random.default_rng(0).uniform(0, 1, (12, 12, 4)).astype("float32")
    truth = tensors(model, image, ["narrow"])["narrow"]
    kernel, bias = model.get_layer("narrow").get_weights()
    model.get_layer("narrow").set_weights([kernel * 1.001, bias])
    layer = open_layers(lab.load(model).explainer.machine, image, ["narrow"])[0]
    worst = max(abs(work_out(layer, (r, c, 0)).value - truth[r, c, 0]) for r in range(12) for c in range(12))
    assert worst > NEAR * np.abs(truth).max()


def test_what_is_not_there_is_one_sentence():
    net = lab.load("mnist")
    for settings, said in (
        ({"layer": "conv9"}, "there is no layer 'conv9'; there are conv1"),
        ({"layer": "conv2", "cell": (11, 0)}, "rows 0 to 10, not 11"),
        ({"layer": "conv2", "cell": (0, 0), "filter": 64}, "filters 0 to 63, not 64"),
        ({"layer": "conv2", "cell": (1,)}, "row and column"),
        ({"layer": "hidden", "cell": (1, 2)}, "no row and column"),
        ({"cell": (1, 2)}, "give layer too"),
        ({"index": 10_000}, "0 to 9999"),
        ({"image": "x"}, "28×28×1"),
    ):
        with pytest.raises(ValueError, match=said):
            lab.step_through(net, **settings)


def test_a_whole_network_is_one_story():
    steps = lab.step_through("mnist", index=18)
    walk = steps.walk
    sections = [frame.section.partition(":")[0] for frame in walk.frames]
    order = list(dict.fromkeys(sections))
    assert order == [
        "the image",
        "conv1",
        "pool1",
        "conv2",
        "pool2",
        "conv3",
        "flatten",
        "hidden",
        "output",
        "loss",
    ]
    for layer in walk.facts["layers"]:
        for cell in layer["cells"]:
            assert abs(cell["value"] - cell["network_value"]) <= NEAR * cell["largest_of_layer"]
    data = lab.open_data("mnist")
    probability = lab.load("mnist").predict(data.test_images[18]).values[0][int(data.test_labels[18])]
    loss = -np.log(probability)
    assert f"the loss is {loss:.4g}" in walk.conclusion[1]


def test_a_layer_that_cannot_be_worked_out_is_named_and_passed_over():
    layers = keras.layers
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(2, 3, name="conv")(image)
    x = layers.Reshape((6, 12), name="rows")(x)
    x = layers.GRU(4, name="gru")(x)
    model = keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(x))
    steps = lab.step_through(model, image=np.ones((8, 8), "float32"))
    said = [frame.working for frame in steps.walk.frames if frame.section.startswith("gru")]
    assert len(said) == 1
    assert said[0][0].startswith("not worked out")
    with pytest.raises(ValueError, match="'gru' cannot be worked out"):
        lab.step_through(model, image=np.ones((8, 8), "float32"), layer="gru", filter=1)


@pytest.mark.parametrize("is_told", [True, False])
def test_a_normalization_that_was_told_or_adapted(is_told):
    layers, rng = keras.layers, np.random.default_rng(0)
    norm = (
        layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0])
        if is_told
        else layers.Normalization()
    )
    if not is_told:
        norm.adapt(rng.normal(2, 3, (20, 6, 6, 3)))
    classes = layers.Dense(2, activation="softmax")
    model = keras.Sequential([keras.Input((6, 6, 3)), norm, layers.Conv2D(2, 3), layers.Flatten(), classes])
    image = rng.uniform(0, 1, (6, 6, 3)).astype("float32")
    facts = lab.step_through(model, image=image, layer=norm.name, cell=(1, 2), filter=2).walk.facts
    assert facts["value"] == pytest.approx(float(norm(image[None])[0, 1, 2, 2]), rel=1e-5)


@pytest.mark.parametrize("end", ["softmax", "sigmoid"])
def test_a_class_for_each_pixel_is_shown_before_its_activation_and_says_so(end):
    layers = keras.layers
    last = layers.Conv2D(3, 1, activation=end, name="last")
    model = randomised(
        keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3, activation="relu"), last])
    )
    image = np.random.default_rng(0).uniform(0, 1, (8, 8, 3)).astype("float32")
    steps = lab.step_through(model, image=image, layer="last", cell=(1, 1), filter=0)
    kernel, bias = last.get_weights()
    maps = np.asarray(model.layers[0](image[None]))[0, 1, 1]
    assert steps.walk.facts["value"] == pytest.approx(float(maps @ kernel[0, 0, :, 0] + bias[0]), rel=1e-5)
    assert "before the layer's activation" in steps.walk.conclusion[0]
    whole = lab.step_through(model, image=image).walk
    assert "last activation is left out" in whole.conclusion[0]
    assert not [frame for frame in whole.frames if frame.section.startswith(("scores", "shares"))]
