"""Every layer of keras.applications has one place in our network."""

from pathlib import Path

import pytest

from app.files.pretrained import list_places, match_weights, published_weights
from app.files.weights import StoredArray
from models import CATALOGUE, PRETRAINED

FILE = Path("weights.h5")

SMALLEST = ("vgg16", "resnet50", "densenet121")
EACH = pytest.mark.parametrize(
    "network", [n if n in SMALLEST else pytest.param(n, marks=pytest.mark.slow) for n in PRETRAINED]
)


def stored(network, classes=None):
    """What a right file of the network holds."""
    places = list_places(CATALOGUE[network], classes)
    return {p.source: tuple(StoredArray(s, "float32", None) for s in p.shapes) for p in places}


def refusal(layers, network):
    with pytest.raises(ValueError, match=f"^weights.h5 does not fit {network}: ") as caught:
        match_weights(FILE, layers, CATALOGUE[network], list_places(CATALOGUE[network]))
    return str(caught.value).split(": ", 1)[1]


@pytest.mark.parametrize(
    ("network", "layer", "source"),
    [
        ("vgg19", "conv3_4", "block3_conv4"),
        ("vgg16", "fc6", "fc1"),
        ("vgg16", "fc7", "fc2"),
        ("vgg16", "fc8", "predictions"),
        ("resnet50", "conv1_norm", "conv1_bn"),
        ("resnet50", "conv2_1_shortcut_conv", "conv2_block1_0_conv"),
        ("resnet101", "conv4_23_3_norm", "conv4_block23_3_bn"),
        ("resnet50", "output", "predictions"),
        ("densenet121", "block1_1_narrow_norm", "conv2_block1_0_bn"),
        ("densenet121", "block4_16_conv", "conv5_block16_2_conv"),
        ("densenet121", "transition3_norm", "pool4_bn"),
        ("densenet121", "last_norm", "bn"),
    ],
)
def test_what_keras_calls_our_layers(network, layer, source):
    assert {p.layer: p.source for p in list_places(CATALOGUE[network])}[layer] == source


@pytest.mark.keras
@EACH
def test_names_shapes_and_the_file_are_those_of_keras(network, monkeypatch):
    """Keras lays the network out, and says which file it would fetch; nothing is fetched or filled."""
    import app.engine  # noqa: F401, I001
    import keras
    from applications import THEIRS
    from keras.src.backend.common import global_state
    from keras.src.utils import file_utils

    asked = []
    monkeypatch.setattr(file_utils, "get_file", lambda *file, **more: asked.append((file, more)))
    monkeypatch.setattr(keras.Model, "load_weights", lambda *_: None)
    try:
        with keras.StatelessScope(initialize_variables=False):
            theirs = getattr(keras.applications, THEIRS[network])()
    finally:
        global_state.set_global_attribute("uninitialized_variables", [])
    expected = {
        layer.name: tuple(tuple(w.shape) for w in layer.weights) for layer in theirs.layers if layer.weights
    }
    assert {p.source: p.shapes for p in list_places(CATALOGUE[network])} == expected
    ours = PRETRAINED[network]
    more = {"cache_subdir": "models", "file_hash": ours.md5}
    assert asked == [((ours.file, ours.address), more)]


@pytest.mark.parametrize("network", PRETRAINED)
def test_a_right_file_fills_every_layer_once(network):
    places = list_places(CATALOGUE[network])
    matched = match_weights(FILE, stored(network), CATALOGUE[network], places)
    assert [place for place, _ in matched] == places
    rows = {p.layer for p in places}
    assert len(rows) == len({p.source for p in places}) == len(places)


def test_the_names_in_the_published_files():
    """DenseNet's have slashes, and the last layer of both was called otherwise."""
    layers = stored("densenet121")
    layers["conv1/conv"], layers["conv1/bn"] = layers.pop("conv1_conv"), layers.pop("conv1_bn")
    layers["fc1000"] = layers.pop("predictions")
    places = list_places(CATALOGUE["densenet121"])
    assert match_weights(FILE, layers, CATALOGUE["densenet121"], places)
    layers = stored("resnet50")
    layers["probs"] = layers.pop("predictions")
    assert match_weights(FILE, layers, CATALOGUE["resnet50"], list_places(CATALOGUE["resnet50"]))


def test_the_file_of_another_network_is_named():
    assert refusal(stored("vgg19"), "vgg16") == "it holds the layers of vgg19"
    assert refusal(stored("resnet50"), "densenet121") == "it holds the layers of resnet50"


@EACH
def test_a_file_without_the_top_is_named(network):
    top = ("fc1", "fc2", "predictions")
    layers = {k: v for k, v in stored(network).items() if k not in top}
    said = refusal(layers, network)
    assert said.startswith(f"it is a 'notop' file of {network}, without the dense layers")
    assert said.endswith(f"wanted is {PRETRAINED[network].file}")
    other = "vgg16" if network != "vgg16" else "resnet50"
    assert f"a 'notop' file of {network}, " in refusal(layers, other)


def test_a_layer_more_or_less():
    layers = stored("vgg16")
    layers["mine"] = layers.pop("fc1")
    assert refusal(layers, "vgg16") == "it lacks layer fc1 and it holds the unknown layer mine"
    layers = {f"my_{name}": arrays for name, arrays in stored("vgg16").items()}
    assert "block1_conv1, block1_conv2, block2_conv1 and 13 more" in refusal(layers, "vgg16")
    assert refusal(stored("resnet50") | {"probs": ()}, "resnet50") == "it has two layers in one place"


def test_an_array_more_or_less_or_of_another_shape():
    assert refusal(stored("vgg16", 10), "vgg16") == (
        "its layer predictions holds 4,096×10 and 10, and 4,096×1,000 and 1,000 is wanted"
    )
    for network, layer in (("vgg16", "fc1"), ("resnet50", "conv1_conv"), ("densenet121", "bn")):
        layers = stored(network)
        layers[layer] = layers[layer][:-1]
        assert f"its layer {layer} holds" in refusal(layers, network)
    layers = stored("densenet121")
    layers["conv1_conv"] *= 2
    assert "holds 7×7×3×64 and 7×7×3×64, and 7×7×3×64 is wanted" in refusal(layers, "densenet121")


def test_other_classes_and_sizes():
    network = CATALOGUE["vgg16"]
    places = {p.source: p.shapes for p in list_places(network, 7, (64, 64, 3))}
    assert places["fc1"] == ((2 * 2 * 512, 4096), (4096,))
    assert places["predictions"] == ((4096, 7), (7,))


def test_a_network_without_published_weights():
    with pytest.raises(
        ValueError, match="no published weights for resnet18; there are for efficientnet_lite0"
    ):
        published_weights(CATALOGUE["resnet18"])
