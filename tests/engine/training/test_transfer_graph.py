"""A network copied for transfer: it computes the same, its features are the right maps, its cuts cut."""

import keras
import numpy as np
import pytest
from conftest import refusal

from app.engine.build import build_model
from app.engine.store import load_model
from app.engine.training.transfer_graph import TransferError, flatten_network
from app.engine.training.transfer_model import Head, TransferNetwork, fresh_twin
from models import find_network

pytestmark = pytest.mark.keras
L = keras.layers


def squeezed(classes=4):
    """Its classifier is a convolution, behind a dropout, and its maps are averaged last."""
    image = keras.Input((12, 12, 3))
    x = L.Conv2D(5, 3, activation="relu", name="features")(image)
    x = L.Conv2D(classes, 1, name="classifier")(L.Dropout(0.5, name="left_out")(x))
    return keras.Model(image, L.Softmax()(L.GlobalAveragePooling2D()(x)), name="squeezed")


def nested():
    """Two models with layers of the same names, one of them called twice."""

    def block(filters):
        inside = keras.Input((None, None, filters))
        x = L.Conv2D(filters, 3, padding="same", activation="relu", name="conv")(inside)
        return keras.Model(inside, L.BatchNormalization(name="norm")(x), name=f"block{filters}")

    image, twice = keras.Input((10, 10, 1)), block(4)
    x = twice(twice(L.Conv2D(4, 1, name="conv")(image)))
    x = block(6)(L.Conv2D(6, 1, name="wider")(x))
    return keras.Model(image, L.Dense(3, "softmax")(L.Flatten()(x)), name="nested")


def headless():
    """Ends in maps that are no classes, as keras.applications' networks without their top."""
    image = keras.Input((None, None, 3))
    x = L.Conv2D(4, 3, strides=2, activation="relu", name="one")(image)
    return keras.Model(image, L.Conv2D(6, 3, strides=2, activation="relu", name="two")(x), name="headless")


def hourglass():
    """An output for each pixel; narrow in the middle."""
    image = keras.Input((16, 16, 1))
    down = L.MaxPooling2D(2, name="down")(L.Conv2D(4, 3, padding="same", name="wide")(image))
    middle = L.Conv2D(8, 3, padding="same", name="narrow")(down)
    up = L.Concatenate()([L.UpSampling2D()(middle), image])
    return keras.Model(image, L.Conv2D(2, 1, activation="softmax", name="pixels")(up), name="hourglass")


def rescaling():
    """Its first layers belong to the weights: what they do to pictures must be copied, too."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            L.Rescaling(1 / 255),
            L.Normalization(name="normalization"),
            L.Conv2D(4, 3, name="conv"),
            L.Flatten(),
            L.Dense(2, activation="softmax"),
        ],
        name="rescaling",
    )
    model.layers[1].adapt(np.random.default_rng(0).uniform(0, 0.3, (50, 8, 8, 3)))
    return model


FEATURES = {
    squeezed: ("features", "average", 5),
    nested: ("block6/norm", "flatten", 600),
    hourglass: ("narrow", "flatten", 512),
    rescaling: ("conv", "flatten", 144),
}


@pytest.mark.parametrize("make", FEATURES, ids=[each.__name__ for each in FEATURES])
def test_a_copy_computes_the_same_and_ends_in_the_right_maps(make):
    keras.utils.set_random_seed(2)
    model = make()
    for layer in model._flatten_layers():
        if isinstance(layer, L.BatchNormalization):
            layer.set_weights(
                [np.random.default_rng(3).uniform(0.5, 2, w.shape) for w in layer.get_weights()]
            )
    before = [w.copy() for w in model.get_weights()]
    flat = flatten_network(model)
    images = np.random.default_rng(1).uniform(0, 1, (3, *flat.image_shape)).astype(np.float32)
    copy = keras.Model(flat.image, flat.output)
    expected = model(images, training=False)
    assert np.allclose(copy(images, training=False), expected, atol=1e-6)
    name, how, width = FEATURES[make]
    network = TransferNetwork(flat, Head(2), "new")
    assert (network.source.name, network.how, network.width) == (name, how, width)
    network.unfreeze(1)
    for weight in network.model.weights:
        weight.assign(weight + 1)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_the_copy_of_a_damaged_weight_would_be_seen():
    model = squeezed()
    flat = flatten_network(model)
    copy = keras.Model(flat.image, flat.output)
    images = np.random.default_rng(1).uniform(0, 1, (3, 12, 12, 3)).astype(np.float32)
    assert np.allclose(copy(images), model(images, training=False), atol=1e-6)
    copy.get_layer("features").kernel.assign_add(np.full(copy.get_layer("features").kernel.shape, 0.1))
    assert not np.allclose(copy(images), model(images, training=False), atol=1e-3)


def test_a_network_that_takes_any_size_gets_one():
    assert flatten_network(headless()).image_shape == (224, 224, 3)
    flat = flatten_network(headless(), (32, 24, 3))
    assert flat.image_shape == (32, 24, 3)
    assert flat.feature_call().name == "two"


PUBLISHED = {  # where the classifier begins in the papers
    "lenet5_modern": ("s4", "flatten", 5 * 5 * 16),
    "mnist": ("conv3", "flatten", 3 * 3 * 64),
    "nin_cifar10": ("cccp3a", "average", 192),
    "resnet20": ("conv4_3_relu", "average", 64),
    "efficientnet_lite0": ("head_relu", "average", 1280),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_features_of_published_networks_are_those_in_front_of_the_classifier(name):
    network = TransferNetwork(flatten_network(build_model(find_network(name))), Head(3), "new")
    assert (network.source.name, network.how, network.width) == PUBLISHED[name]


def test_a_layer_is_taken_by_its_name():
    flat = flatten_network(nested())
    assert flat.feature_call("wider").name == "wider"
    assert flat.feature_call("block4/conv").output is flat.calls[3].output  # its last call
    assert "several layers" in refusal(flat.feature_call, "norm")
    assert "no layer 'third'" in refusal(flat.feature_call, "third")


def reaches(calls, start, goal, without):
    """Whether a path leads from one tensor to another past a third; a plain search, the witness of `cuts`."""
    reached = {id(start)} - {id(without)}
    for call in calls:
        if reached.intersection(map(id, call.inputs)) and id(call.output) != id(without):
            reached.add(id(call.output))
    return id(goal) in reached


@pytest.mark.parametrize("make", [squeezed, nested, rescaling])
def test_all_that_crosses_a_cut_is_one_tensor(make):
    flat = flatten_network(make())
    goal = flat.feature_call().output
    calls = flat.before(goal)
    found = {id(tensor) for _, tensor in flat.cuts(goal)}
    inner = [flat.image, *(call.output for call in calls if call.output is not goal)]
    assert found == {id(x) for x in inner if not reaches(calls, flat.image, goal, x)}


def test_a_residual_network_is_cut_between_its_blocks_alone():
    flat = flatten_network(build_model(find_network("resnet20")))
    goal = flat.feature_call().output
    calls = flat.before(goal)
    makers = {id(call.output): call.name for call in calls}
    cuts = [makers.get(id(tensor), "image") for _, tensor in flat.cuts(goal)]
    last = [name for name in cuts if name.startswith("conv4")]
    assert "conv4_1_relu" in last
    assert "conv4_2_relu" in last
    inside = next(call for call in calls if call.name.startswith("conv4_2") and call.has_weights)
    assert inside.name not in cuts  # the shortcut passes it by
    learning = TransferNetwork(flat, Head(3), "new").unfreeze(2)
    assert makers[id(learning.cut)] == "conv4_2_relu"


def test_the_parts_together_are_the_whole():
    keras.utils.set_random_seed(4)
    network = TransferNetwork(flatten_network(load_model_of("mnist")), Head(3), "new")
    network.model.layers[-1].set_weights([np.random.default_rng(0).normal(size=(576, 3)), np.ones(3)])
    learning = network.unfreeze(1)
    images = np.random.default_rng(1).uniform(0, 1, (4, 28, 28, 1)).astype(np.float32)
    cut, row = network.before(learning.cut, network.features)(images, training=False)
    whole = network.model(images, training=False)
    assert np.allclose(network.part(learning)(cut, training=False), whole, atol=1e-6)
    head = keras.Model(network.features, network.model.output)
    assert np.allclose(head(row, training=False), whole, atol=1e-6)


def load_model_of(name):
    from app.files.saved import SHIPPED_MODELS

    return load_model(SHIPPED_MODELS / f"{name}.keras")


def test_what_begins_anew_keeps_what_rescales_pictures():
    model = rescaling()
    network = TransferNetwork(flatten_network(model), Head(2), "new")
    network.freeze()
    twin = fresh_twin(network.model)
    old, new = (each.get_layer("normalization") for each in (network.model, twin))
    images = np.random.default_rng(1).uniform(0, 1, (3, 8, 8, 3)).astype(np.float32)
    assert np.allclose(old(images), new(images))
    assert not np.allclose(network.model.get_layer("conv").kernel, twin.get_layer("conv").kernel)
    assert {id(v) for v in twin.get_layer("conv").variables} <= {id(v) for v in twin.trainable_variables}


def two_inputs():
    first, second = keras.Input((8, 8, 3)), keras.Input((4,))
    x = L.Flatten()(L.Conv2D(2, 3)(first))
    return keras.Model([first, second], L.Dense(2)(L.Concatenate()([x, second])))


def series():
    return keras.Sequential([keras.Input((30, 2)), L.Conv1D(4, 3), L.Flatten(), L.Dense(2, "softmax")])


def four_channels():
    return keras.Sequential([keras.Input((8, 8, 4)), L.Conv2D(2, 3), L.Flatten(), L.Dense(2, "softmax")])


def dense_alone():
    return keras.Sequential([keras.Input((8, 8, 1)), L.Flatten(), L.Dense(4, "relu"), L.Dense(2, "softmax")])


REFUSED = {
    two_inputs: "has 2 inputs",
    series: "takes inputs of 30×2; pictures are",
    four_channels: "takes inputs of 8×8×4; pictures are",
    dense_alone: "has no feature maps",
}


@pytest.mark.parametrize("make", REFUSED, ids=[each.__name__ for each in REFUSED])
def test_what_has_no_maps_of_a_picture_is_refused(make):
    def find():
        return flatten_network(make()).feature_call()

    assert REFUSED[make] in refusal(find)


def test_a_size_that_does_not_fit_is_refused():
    assert "not of 9×9×1" in refusal(flatten_network, squeezed(), (9, 9, 1))
    assert issubclass(TransferError, ValueError)
