"""Networks in NumPy as objects: names of nodes, shared and nested ones, runs and parts of runs, weights, drawing."""

import app.engine  # noqa: F401, I001  (imports TensorFlow quietly)

import keras
import numpy as np
import pytest

from app.engine.build import build_model
from app.engine.build import nn as keras_nn
from app.engine.replay.replay import replay
from app.scratch.build import build_network
from app.scratch.initialisers import INITIALISERS
from app.scratch.network import Model, Sequential
from app.scratch.vocabulary import LAYERS, nn
from comparing import (
    Pair,
    differences,
    pairs_of_networks,
    precision,
    randomise,
    seeds_for,
    take_network_weights,
    trace,
    trace_keras,
)
from models import CATALOGUE

pytestmark = pytest.mark.keras
SHAPE = (6, 7, 2)


def shared(nn):
    """One convolution and one rectifier, each called three times; and an activation that is fused."""
    image = nn.Input(SHAPE, name="image")
    conv = nn.Conv2D(2, 3, padding="same", activation="tanh", name="conv")
    relu = nn.ReLU(name="relu")
    x = relu(conv(relu(conv(relu(conv(image))))))
    return nn.Model(image, x, name="shared")


def backbone(nn):
    inside = nn.Input(SHAPE, name="inside")
    x = nn.Conv2D(3, 3, activation="relu", name="conv")(inside)
    return nn.Model(inside, nn.MaxPooling2D(2, name="pool")(x), name="backbone")


def nested(nn):
    """A model in a model."""
    image = nn.Input(SHAPE, name="image")
    x = nn.Flatten(name="flatten")(backbone(nn)(image))
    return nn.Model(image, nn.Dense(3, activation="softmax", name="output")(x), name="nested")


def twice_nested(nn):
    """A model that is called on two images, in a Sequential, in a model."""
    inner = backbone(nn)
    head = nn.Sequential(
        [nn.Input((2, 2, 3), name="cells"), nn.Flatten(name="flatten"), nn.Dense(4, name="dense")],
        name="head",
    )
    images = [nn.Input(SHAPE, name=f"image{n}") for n in range(2)]
    ways = [head(inner(image)) for image in images]
    return nn.Model(images, nn.Subtract(name="output")(ways), name="siamese")


def sequence(nn):
    """A list of layers, one of them a list itself."""
    inner = nn.Sequential(
        [nn.Input((4, 5, 3), name="maps"), nn.ReLU(name="relu"), nn.Conv2D(2, 2, name="conv")], name="inner"
    )
    layers = [nn.Input(SHAPE, name="image"), nn.Conv2D(3, 3, name="conv"), inner, nn.Flatten(name="flatten")]
    return nn.Sequential([*layers, nn.Dense(2, activation="sigmoid", name="output")], name="sequence")


def branches(nn):
    """One value that three layers read, two outputs of which one is read again."""
    image = nn.Input(SHAPE, name="image")
    x = nn.Conv2D(2, 3, padding="same", name="stem")(image)
    left, right = nn.ReLU(name="left")(x), nn.Activation("tanh", name="right")(x)
    total = nn.Add(name="total")([left, right, x, x])
    return nn.Model(image, [nn.GlobalMaxPooling2D(name="top")(total), total], name="branches")


def part(nn):
    """A model between two symbols inside another."""
    image = nn.Input(SHAPE, name="image")
    x = nn.Conv2D(3, 3, activation="relu", name="conv")(image)
    y = nn.Conv2D(2, 2, activation="relu", name="conv2")(x)
    nn.Model(image, nn.Flatten(name="flatten")(y), name="whole")
    return nn.Model(image, y, name="part")


BUILDERS = (shared, nested, twice_nested, sequence, branches, part)


def both(builder):
    """Return Keras' reading and ours, with the same random weights, and what Keras makes of images."""
    with precision("float64"):
        theirs = randomise(builder(keras_nn))
        draw = np.random.default_rng(3)
        images = [draw.normal(size=(2, *symbol.shape[1:])) for symbol in theirs.inputs]
        traced = trace_keras(theirs, images)
    ours = builder(nn).initialise(0, dtype="float64")
    take_network_weights(ours, traced.layers)
    return ours, theirs, traced, images


@pytest.mark.parametrize("builder", BUILDERS)
def test_values_gradients_and_names_equal_keras(builder):
    ours, _, traced, images = both(builder)
    assert differences(pairs_of_networks(trace(ours, images, traced.chosen), traced)) == []
    assert {node.name for node in ours.nodes} == set(traced.values)
    assert ours.name == builder.__name__ or builder is twice_nested


def test_names_are_written_out():
    assert [node.name for node in shared(nn).nodes] == [
        "conv:linear", "conv", "relu", "conv:2:linear", "conv:2", "relu:2", "conv:3:linear", "conv:3", "relu:3",
    ]  # fmt: skip
    names = [node.name for node in nested(nn).nodes]
    assert names == [
        "backbone/conv:linear",
        "backbone/conv",
        "backbone/pool",
        "flatten",
        "output:linear",
        "output",
    ]
    assert {"backbone/pool:2", "head/dense:2"} <= {node.name for node in twice_nested(nn).nodes}


ADDED = {"scores", "shares"}
"""Steps by which the replay makes scores of classes of an output that is a map."""


@pytest.mark.parametrize("builder", [shared, nested, sequence, branches, part])
def test_names_equal_those_of_the_replay(builder):
    model = builder(keras_nn)
    if builder is branches:
        model = keras.Model(model.inputs, model.outputs[0], name="branches")
    names = {step.name for step in replay(model).steps}
    assert names - ADDED == {node.name for node in builder(nn).nodes}


NETWORKS = [
    "mnist",
    "lenet5_modern",
    "resnet20",
    "numpy_cnn",
    "nin_cifar10",
    "dense_block",
    "tdnn",
    "lenet5",
    "x_or_not_x",
]


@pytest.mark.parametrize("name", NETWORKS)
def test_names_of_the_catalogue_equal_those_of_the_replay(name):
    """The steps by which an image is brought to the network, or a score out of it, are the replay's own."""
    steps = [step.name for step in replay(build_model(CATALOGUE[name])).steps]
    nodes = [node.name for node in build_network(CATALOGUE[name]).nodes]
    own = [step for step in steps if step not in nodes]
    assert set(nodes) <= set(steps)
    assert not [step for step in own if step.split(":")[0] in nodes]
    assert len(own) <= 2


@pytest.mark.parametrize("builder", BUILDERS)
def test_nodes_stand_in_an_order_in_which_they_can_be_run(builder):
    network = builder(nn)
    known = set(network.inputs)
    for node in network.nodes:
        assert set(node.inputs) <= known
        assert node.output not in known
        known.add(node.output)
    assert set(network.outputs) <= known
    run = network.forward(*[np.zeros((3, *network.shapes[slot]), "float32") for slot in network.inputs])
    for node in network.nodes:
        assert run.values[node.output].shape == (3, *node.shape)
        assert network.shapes[node.output] == node.shape


def test_layers_are_listed_once():
    network = shared(nn)
    assert [layer.name for layer in network.layers if layer.kind in ("Conv2D", "ReLU")] == ["conv", "relu"]
    assert len({id(layer) for layer in network.layers}) == len(network.layers)
    assert network.parameters == 3 * 3 * 2 * 2 + 2


@pytest.mark.parametrize("name", ["mnist", "resnet20", "lenet5", "vae_mnist"])
def test_parameters_are_those_of_keras(name):
    assert build_network(CATALOGUE[name]).parameters == build_model(CATALOGUE[name]).count_params()


# Runs


@pytest.fixture
def network():
    return branches(nn).initialise(3, dtype="float64")


@pytest.fixture
def image():
    return np.random.default_rng(4).normal(size=(2, *SHAPE))


def test_a_value_is_found_by_the_name_of_its_node(network, image):
    run = network.forward(image)
    for node in network.nodes:
        assert run[node.name] is run.values[node.output]
    assert [output.shape for output in run.outputs] == [(2, 2), (2, 6, 7, 2)]
    with pytest.raises((KeyError, ValueError), match="nobody"):
        run["nobody"]


def test_a_call_gives_the_outputs(image):
    network = part(nn).initialise(1, dtype="float64")
    (output,) = network.forward(image).outputs
    assert np.array_equal(network(image), output)


def test_gradients_start_where_they_are_put_and_add_up(network, image):
    """By hand: total = relu(x) + tanh(x) + 2x, so ∂Σ s·total/∂x = s·([x > 0] + 1 − tanh² x + 2)."""
    slots = {node.name: node.output for node in network.nodes}
    run = network.forward(image)
    x, above = run["stem"], seeds_for(run["total"])
    gradients = run.backward({slots["total"]: above})
    expected = above * ((x > 0) + 1 - np.tanh(x) ** 2 + 2)
    assert differences([Pair("x", gradients[slots["stem"]], expected)], 1e-12) == []
    two = run.backward({slots["total"]: above, slots["left"]: above})
    expected = expected + above * (x > 0)
    assert differences([Pair("x", two[slots["stem"]], expected)], 1e-12) == []
    assert np.array_equal(two[slots["left"]], 2 * above)
    assert slots["top"] not in two


def test_a_gradient_goes_back_no_further_than_asked(network, image):
    slots = {node.name: node.output for node in network.nodes}
    run = network.forward(image)
    whole = run.backward({slots["total"]: seeds_for(run["total"])})
    calls = []
    stem = next(node.layer for node in network.nodes if node.name == "stem")
    stem.clear_gradients()
    right = stem.learn
    stem.learn = lambda **parts: calls.append(parts) or right(**parts)
    short = run.backward({slots["total"]: seeds_for(run["total"])}, until=[slots["stem"]])
    assert np.array_equal(short[slots["stem"]], whole[slots["stem"]])
    assert not calls
    assert not stem.gradients
    assert network.inputs[0] not in short


def test_no_more_is_run_than_is_needed(network, image):
    slots = {node.name: node.output for node in network.nodes}
    run = network.forward(image, upto=(slots["left"],))
    assert set(run.values) == {network.inputs[0], slots["stem"], slots["left"]}
    whole = network.forward(image)
    assert np.array_equal(run["left"], whole["left"])


def test_some_nodes_are_run_from_values_that_are_there(network, image):
    slots = {node.name: node.output for node in network.nodes}
    whole = network.forward(image)
    place = [node.name for node in network.nodes].index("left")
    changed = whole["stem"] * 2
    run = network.run({slots["stem"]: changed}, slice(place, None))
    assert np.array_equal(run["left"], np.maximum(changed, 0))
    assert np.allclose(run["total"], np.maximum(changed, 0) + np.tanh(changed) + 2 * changed)
    gradients = run.backward({slots["total"]: np.ones_like(changed)})
    assert np.allclose(gradients[slots["stem"]], (changed > 0) + 3 - np.tanh(changed) ** 2)


def test_a_run_in_two_halves_is_the_run():
    network = build_network(CATALOGUE["mnist"], dtype="float64")
    image = np.random.default_rng(1).uniform(size=(2, 28, 28, 1))
    whole = network.forward(image)
    first = network.run({network.inputs[0]: image}, slice(0, 4))
    second = network.run(first.values, slice(4, None))
    assert np.array_equal(second.outputs[0], whole.outputs[0])
    (above,) = [seeds_for(output) for output in whole.outputs]
    middle = second.backward({network.outputs[0]: above})
    at = network.nodes[3].output
    image_2 = first.backward({at: middle[at]})[network.inputs[0]]
    image_1 = whole.backward({network.outputs[0]: above})[network.inputs[0]]
    assert differences([Pair("image", image_2, image_1)], 1e-12) == []


@pytest.mark.parametrize("name", ["mnist", "numpy_cnn"])
def test_without_its_head_a_network_gives_logits(name):
    network = build_network(CATALOGUE[name], dtype="float64")
    image = np.random.default_rng(1).uniform(size=(2, *CATALOGUE[name].input_shape))
    run, headless = network.forward(image), network.forward(image, skipped=network.heads)
    logits = run.values[network.nodes[-1].inputs[0]]
    assert np.array_equal(headless.outputs[0], logits)
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    assert np.allclose(run.outputs[0], shares / shares.sum(-1, keepdims=True))


@pytest.mark.parametrize("rule", ["guided", "rectified"])
def test_a_rule_reaches_every_rectifier_and_nothing_else(rule):
    """All rectifiers in a chain of two, one of them fused, by hand."""
    network = nn.Sequential(
        [nn.Input((5,)), nn.Dense(4, activation="relu", name="one"), nn.Dense(3, name="two"),
         nn.ReLU(max_value=6.0, name="three"), nn.Activation("tanh", name="four")]
    ).initialise(2, dtype="float64")  # fmt: skip
    x = np.random.default_rng(6).normal(size=(7, 5)) * 4
    run = network.forward(x, rule=rule)
    plain = network.forward(x)
    assert np.array_equal(run.outputs[0], plain.outputs[0])
    above = seeds_for(run.outputs[0])

    def rectify(gradient, values, upper=np.inf):
        keep = (gradient > 0) & ((values > 0) & (values < upper) | (rule == "rectified"))
        return gradient * keep

    named = {layer.name: layer for layer in network.layers}
    g = rectify(above * (1 - run["four"] ** 2), run["two"], 6.0) @ named["two"].weights["kernel"].T
    g = rectify(g, run["one:linear"]) @ named["one"].weights["kernel"].T
    found = run.backward({network.outputs[0]: above})[network.inputs[0]]
    assert differences([Pair("x", found, g)], 1e-12) == []
    assert not np.allclose(found, plain.backward({network.outputs[0]: above})[network.inputs[0]])


def test_a_shared_layer_adds_up_its_gradients():
    ours, _, traced, images = both(shared)
    found = trace(ours, images, traced.chosen)
    assert set(found.by_weights) == {"conv:linear/kernel", "conv:linear/bias"}
    assert differences([Pair(k, found.by_weights[k], traced.by_weights[k]) for k in traced.by_weights]) == []


def test_wrong_images_are_refused_in_words(network):
    for bad in (np.zeros((2, 5, 5, 2)), np.zeros((2, 6, 7, 3)), np.zeros((6, 7, 2))):
        with pytest.raises(ValueError, match=r".") as caught:
            network.forward(bad)
        assert "stem" in str(caught.value) or "branches" in str(caught.value)
    with pytest.raises((ValueError, TypeError), match=r"."):
        network.forward(np.zeros((1, *SHAPE)), np.zeros((1, *SHAPE)))


# Weights


def test_weights_are_drawn_again_alike_and_with_another_seed_otherwise():
    network = build_network(CATALOGUE["mnist"], seed=4)
    first = {name: array.copy() for name, array in network.weights().items()}
    assert all(array.dtype == np.float32 for array in first.values())
    assert network.dtype == np.float32
    assert network.initialise(4) is network
    assert all(np.array_equal(first[name], array) for name, array in network.weights().items())
    again = build_network(CATALOGUE["mnist"], seed=4).weights()
    assert all(np.array_equal(first[name], array) for name, array in again.items())
    other = build_network(CATALOGUE["mnist"], seed=5).weights()
    assert [name for name in first if np.array_equal(first[name], other[name])] == [
        n for n in first if "bias" in n
    ]


def test_drawing_reads_no_global_state():
    np.random.seed(1)
    first = np.random.get_state()[1].copy()
    build_network(CATALOGUE["mnist"]).initialise(2)
    layer = nn.Dropout(0.5)
    layer.forward(np.ones((2, 3)), training=True)
    assert np.array_equal(first, np.random.get_state()[1])


def test_kernels_are_drawn_as_keras_draws_them():
    network = build_network(CATALOGUE["keras_vis_mnist"])
    for name, array in network.weights().items():
        if name.endswith("kernel"):
            area = np.prod(array.shape[:-2])
            limit = np.sqrt(6 / (area * (array.shape[-2] + array.shape[-1])))
            assert 0.9 * limit < np.abs(array).max() <= limit * (1 + 1e-6)
            assert array.std() == pytest.approx(limit / np.sqrt(3), rel=0.1)
        else:
            assert not array.any()


@pytest.mark.parametrize("kernel", ["he_normal", lambda shape, rng: np.full(shape, 0.25)])
def test_all_kernels_may_be_drawn_another_way(kernel):
    network = build_network(CATALOGUE["keras_vis_mnist"]).initialise(1, kernel=kernel)
    for name, array in network.weights().items():
        if not name.endswith("kernel"):
            assert not array.any()
        elif callable(kernel):
            assert (array == 0.25).all()
        else:
            assert array.std() == pytest.approx(np.sqrt(2 / np.prod(array.shape[:-1])), rel=0.15)


VARIANCES = {
    "glorot_uniform": lambda n, m: 2 / (n + m),
    "glorot_normal": lambda n, m: 2 / (n + m),
    "he_normal": lambda n, m: 2 / n,
    "he_uniform": lambda n, m: 2 / n,
    "lecun_normal": lambda n, m: 1 / n,
}


@pytest.mark.parametrize("name", VARIANCES)
def test_initialisers_have_the_variance_that_they_say(name):
    drawn = INITIALISERS[name]((3, 3, 40, 80), np.random.default_rng(1))
    assert drawn.var() == pytest.approx(VARIANCES[name](9 * 40, 9 * 80), rel=0.05)
    assert abs(drawn.mean()) < 0.01


def test_weights_are_read_and_set_whole():
    one, other = (nested(nn).initialise(seed) for seed in (1, 2))
    weights = one.weights()
    assert len(weights) == 4
    assert all(name.rpartition("/")[0].split("/")[-1] in ("conv", "output") for name in weights)
    other.set_weights({name: array.copy() for name, array in weights.items()})
    x = np.ones((1, *SHAPE), "float32")
    assert np.array_equal(one(x), other(x))
    name = next(iter(weights))
    for wrong in (
        {**weights, name: weights[name][..., :1]},
        {**weights, "nobody/kernel": weights[name]},
        {key: array for key, array in weights.items() if key != name},
    ):
        with pytest.raises(ValueError, match=r"/"):
            other.set_weights(wrong)


def test_another_precision():
    network = build_network(CATALOGUE["mnist"])
    x = np.random.default_rng(0).uniform(size=(1, 28, 28, 1))
    before = network(x.astype("float32"))
    double = network.astype("float64")
    assert double.dtype == np.float64
    assert {array.dtype for array in double.weights().values()} == {np.dtype("float64")}
    assert double(x).dtype == np.float64
    assert before.dtype == np.float32
    assert np.allclose(before, double(x), atol=1e-6)


def test_a_network_is_made_of_nodes():
    network = shared(nn).initialise(1)
    again = Model.of_nodes(network.nodes, network.inputs, network.outputs, network.shapes, "again")
    x = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype("float32")
    assert np.array_equal(again(x), network(x))
    assert again.name == "again"
    assert again.layers == network.layers


def test_a_sequence_is_a_model():
    network = sequence(nn)
    assert isinstance(network, Sequential)
    assert isinstance(network, Model)
    assert [node.name for node in network.nodes] == [
        "conv", "inner/relu", "inner/conv", "flatten", "output:linear", "output",
    ]  # fmt: skip


def test_layers_without_names_are_numbered_apart():
    image = nn.Input((4, 4, 1))
    x = nn.Conv2D(2, 2)(nn.Conv2D(2, 2)(image))
    names = [node.name for node in nn.Model(image, x).nodes]
    assert len(set(names)) == 2


def test_a_layer_is_built_when_it_is_first_called():
    layer = nn.Conv2D(3, 2)
    assert not layer.weights
    symbol = layer(nn.Input((5, 6, 2)))
    assert tuple(symbol.shape) == (4, 5, 3)
    assert layer.weights["kernel"].shape == (2, 2, 2, 3)
    assert list(layer.weights) == ["kernel", "bias"]


@pytest.mark.parametrize("name", ["mnist", "googlenet", "vae_mnist"])
def test_shapes_at_another_size_and_number_of_classes(name):
    network = CATALOGUE[name]
    shape = (32, 32, 1) if name != "googlenet" else (64, 64, 3)
    classes = 5 if len(network.outputs) > 2 else None
    ours, theirs = build_network(network, classes, shape), build_model(network, classes, shape)
    assert [ours.shapes[slot] for slot in ours.outputs] == [tuple(x.shape[1:]) for x in theirs.outputs]


def test_a_graph_that_is_not_connected_is_refused():
    one, other = nn.Input((3,)), nn.Input((3,))
    with pytest.raises(ValueError, match=r"."):
        nn.Model(one, nn.Dense(2)(other))


def test_the_vocabulary_is_complete():
    assert set(vars(nn)) == {"Input", "Sequential", "Model", *LAYERS}
