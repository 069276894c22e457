import hashlib
import json
import zipfile

import pytest
from conftest import ROOT, refusal

from app.datasets.sources import KERAS_DATA_SETS
from app.files.cards import Card, card_path, hash_file, write_card
from app.files.saved import (
    NAMED_DATA,
    SHIPPED_MODELS,
    find_model,
    is_of_teachable_machine,
    own_models,
    own_path,
    trained_models,
)
from models import Pixels
from models.pixels import Ink

IMAGE = {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": [None, 8, 9, 1]}}
CONV = {"class_name": "Conv2D", "config": {"name": "conv", "filters": 2, "kernel_size": [3, 3]}}
FLAT = {"class_name": "Flatten", "config": {"name": "flat"}}
SCALE = {"class_name": "Rescaling", "config": {"name": "scale", "scale": 1 / 255}}
CODE = {"class_name": "Lambda", "config": {"name": "sneaky"}}
UNKNOWN = {"class_name": "Swirl", "config": {"name": "swirl"}, "module": "my.package"}


def dense(units):
    return {"class_name": "Dense", "config": {"name": "output", "units": units}}


def chain(*layers):
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list(layers)}}


@pytest.fixture(autouse=True)
def trained_here(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_MODELS", str(tmp_path))


@pytest.fixture
def model(tmp_path):
    """Write a model file that is nothing but a configuration."""

    def write(*layers, name="mnist.keras", config=None):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(config or chain(*layers)))
        return path

    return write


def card_for(path, **changes):
    values = {
        "network": "mnist",
        "recipe": {},
        "seed": 1,
        "data": {"class_names": ["a", "b", "c"]},
        "test_accuracy": 0.5,
        "test_loss": 1.0,
        "seconds": 1.0,
        "parameters": 1,
        "versions": {},
        "created": "",
        "file": path.name,
        "weights_sha256": "",
        "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "pixels": Pixels((-0.5, 0.5)),
    }
    write_card(Card(**values | changes), card_path(path))


def test_the_hash_is_sha256(tmp_path):
    """FIPS 180-2, appendix B.1."""
    (tmp_path / "abc").write_bytes(b"abc")
    assert hash_file(tmp_path / "abc") == ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_a_name_of_the_catalogue_and_a_path_find_the_same_file(model, tmp_path):
    path = model(IMAGE, CONV, FLAT, dense(3))
    for name in ("mnist", str(path)):
        found = find_model(name)
        assert found.path == path
        assert found.input_shape == (8, 9, 1)
        assert (found.units, found.classes) == (3, 3)
        assert found.has_convolution
        assert found.card is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"name": "mnist", "source": "bundled MNIST"}, "mnist"),
        ({"name": "x_or_not_x:turned:9", "source": "drawn, seed 0"}, "x_or_not_x:turned:9"),
        ({"name": "cifar10", "source": "Keras"}, "cifar10"),
        ({"name": "flowers", "source": "HERE"}, "HERE"),
        ({"name": "flowers", "source": "nowhere/flowers"}, None),
        ({"name": "ImageNet", "source": "weights.pth"}, None),
        ({"name": "flowers", "source": "https://example.org/flowers"}, None),
        ({}, None),
    ],
)
def test_the_data_that_a_model_learnt_from_are_those_of_its_card(model, tmp_path, data, found):
    path = model(IMAGE, CONV, FLAT, dense(3))
    assert find_model(str(path)).data == "mnist"  # by the name of the network, without a card
    told = {key: str(tmp_path) if value == "HERE" else value for key, value in data.items()}
    card_for(path, data={"class_names": ["a", "b", "c"], **told})
    assert find_model(str(path)).data == (str(tmp_path) if found == "HERE" else found)


def test_data_known_by_their_names_are_those_that_are_opened_by_them():
    assert sorted(NAMED_DATA) == sorted(["mnist", "x_or_not_x", *KERAS_DATA_SETS])


def test_a_model_of_the_users_is_found_by_its_name(model, tmp_path):
    path = model(IMAGE, CONV, FLAT, dense(3), name="flowers.keras")
    assert find_model("flowers").path == find_model(str(path)).path == path
    assert find_model("flowers").name == "flowers"
    assert own_models() == ["flowers"]


def test_a_folder_of_that_name_is_no_model_and_a_file_comes_first(model, tmp_path, monkeypatch):
    path, here = model(IMAGE, CONV, FLAT, dense(3), name="flowers.keras"), tmp_path / "here"
    (here / "flowers").mkdir(parents=True)
    monkeypatch.chdir(here)
    assert find_model("flowers").path == path
    (here / "flowers").rmdir()
    (here / "flowers").write_bytes(model(IMAGE, FLAT, dense(2), name="other.keras").read_bytes())
    assert find_model("flowers").units == 2


def test_a_name_never_leads_out_of_the_folder(model, tmp_path, monkeypatch):
    model(IMAGE, FLAT, dense(3), name="flowers.keras")
    monkeypatch.setenv("CONVLAB_MODELS", str(tmp_path / "deeper"))
    (tmp_path / "deeper").mkdir()
    for name in ("../flowers", "flowers", "deeper/../flowers"):
        assert own_path(name) is None


def test_a_name_of_the_catalogue_means_what_it_meant(model):
    model(IMAGE, FLAT, dense(3), name="mnist.keras")
    assert own_models() == []
    assert own_path("mnist") is None
    assert find_model("mnist").units == 3


def test_a_close_name_may_be_a_model_of_the_users(model):
    model(IMAGE, FLAT, dense(3), name="flowers.keras")
    assert "did you mean flowers?" in refusal(find_model, "flowerz")
    assert "did you mean mnist?" in refusal(find_model, "minst")


def test_one_unit_answers_for_two_classes(model, tmp_path):
    found = find_model(str(model(IMAGE, FLAT, dense(1))))
    assert (found.units, found.classes) == (1, 2)
    assert not found.has_convolution


def test_a_model_that_cannot_be_followed_on_paper_is_found_all_the_same(model, tmp_path):
    found = find_model(str(model(IMAGE, CONV, UNKNOWN)))
    assert (found.input_shape, found.units, found.classes) == (None, None, None)
    assert found.has_convolution


@pytest.mark.parametrize(
    "config",
    [
        {"class_name": "MyModel", "config": {"name": "mine"}},
        {"class_name": "Sequential", "config": {"name": "empty", "layers": []}},
        {"class_name": "Functional", "config": {"layers": [], "input_layers": 3}},
    ],
)
def test_an_odd_configuration_claims_no_shape(model, tmp_path, config):
    found = find_model(str(model(config=config)))
    assert (found.input_shape, found.units) == (None, None)
    assert found.has_convolution == (config["class_name"] == "MyModel")  # which may hold one
    assert found.pixels == Pixels()


RELU = {"class_name": "ReLU", "config": {}}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"class_name": "Sequential", "config": None}, "a Sequential without a configuration"),
        ({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}}, "a Dense without"),
        ({"class_name": ["Sequential"], "config": {}}, "it has no class"),
        ({"class_name": "Sequential", "config": {"layers": [1]}}, "it has no class"),
        ({"class_name": "Sequential", "config": {"layers": 7}}, "layers that are no list"),
        (
            {"class_name": "Sequential", "config": {"layers": [{"class_name": "ReLU", "config": {}}] * 5000}},
            "5,000 layers",
        ),
        ({"class_name": "Sequential", "config": {"name": "x" * 1001}}, "a name of 1,001 letters"),
    ],
)
def test_a_configuration_without_bones_is_damaged(model, config, words):
    message = refusal(find_model, str(model(config=config)))
    assert "configuration inside is damaged" in message
    assert words in message


def test_two_inputs_are_no_image(model, tmp_path):
    inputs = [
        {
            "class_name": "InputLayer",
            "name": name,
            "inbound_nodes": [],
            "config": {"name": name, "batch_shape": [None, 4, 4, 1]},
        }
        for name in "ab"
    ]
    both = {
        "class_name": "Add",
        "config": {"name": "sum"},
        "name": "sum",
        "inbound_nodes": [[["a", 0, 0, {}], ["b", 0, 0, {}]]],
    }
    config = {
        "class_name": "Functional",
        "config": {
            "name": "two",
            "layers": [*inputs, both],
            "output_layers": [["sum", 0, 0]],
            "input_layers": [["a", 0, 0], ["b", 0, 0]],
        },
    }
    found = find_model(str(model(config=config)))
    assert found.input_shape is None
    assert found.units is None  # its one channel is no class of the image


def test_its_card_is_found_beside_it(model, tmp_path):
    path = model(IMAGE, FLAT, dense(3))
    card_for(path)
    found = find_model("mnist")
    assert found.card.class_names == ("a", "b", "c")
    assert found.pixels == Pixels((-0.5, 0.5))


def test_own_pictures_are_prepared_as_the_card_says_and_without_one_only_resized(model):
    path = model(IMAGE, FLAT, dense(3))
    facts = find_model("mnist")
    assert facts.ink is None
    assert facts.may_be_of_digits((28, 28, 1))
    assert not facts.may_be_of_digits((28, 28, 3))
    card_for(path, data={"name": "em", "class_names": ["a"], "ink": {"box": 0.5}})
    assert find_model("mnist").ink == Ink(box=0.5)
    assert not find_model("mnist").may_be_of_digits((28, 28, 1))
    card_for(path, data={"name": "em", "class_names": ["a"], "ink": None})
    assert find_model("mnist").ink is None


def test_a_card_written_for_another_file_is_ignored(model, tmp_path):
    path = model(IMAGE, FLAT, dense(3))
    card_for(path)
    model(IMAGE, FLAT, dense(4))  # trained again, and the card is left over
    found = find_model("mnist")
    assert found.card is None
    assert found.pixels == Pixels()
    assert found.units == 4


def test_one_byte_more_is_another_file(model, tmp_path):
    path = model(IMAGE, FLAT, dense(3))
    card_for(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"!"
    assert find_model("mnist").card is None


def test_a_damaged_card_is_named(model, tmp_path):
    path = model(IMAGE, FLAT, dense(3))
    card_path(path).write_text("{}")
    assert f"{card_path(path)} is not a model card" in refusal(find_model, "mnist")


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ((IMAGE, SCALE, CONV), (0.0, 255.0)),
        ((IMAGE, CONV, FLAT), (0.0, 1.0)),
        ((IMAGE, chain(IMAGE, SCALE, CONV)), (0.0, 255.0)),
    ],
)
def test_without_a_card_the_model_itself_tells_its_pixels(model, tmp_path, layers, expected):
    assert find_model(str(model(*layers, FLAT, dense(3)))).pixels == Pixels(expected)


def test_the_card_knows_better_than_the_layers(model, tmp_path):
    card_for(model(IMAGE, SCALE, FLAT, dense(3)), pixels=Pixels())
    assert find_model("mnist").pixels == Pixels()


def test_what_the_user_trained_is_found_before_what_comes_with_the_project(model, tmp_path):
    assert find_model("mnist").path == SHIPPED_MODELS / "mnist.keras"
    trained = model(IMAGE, CONV, FLAT, dense(3))
    assert find_model("mnist").path == trained
    trained.unlink()
    assert find_model("mnist").path == SHIPPED_MODELS / "mnist.keras"


def test_the_folder_of_trained_models_is_chosen_by_the_environment(monkeypatch, tmp_path):
    assert trained_models() == tmp_path
    monkeypatch.delenv("CONVLAB_MODELS")
    assert trained_models() == SHIPPED_MODELS.parent == ROOT / "saved_models"


def test_a_network_that_was_not_trained_yet(tmp_path):
    message = refusal(find_model, "numpy_cnn")
    assert message == "numpy_cnn has not been trained yet; run: python -m app.train --model numpy_cnn"
    assert refusal(find_model, "vgg16").endswith("published weights: python -m app.pretrained vgg16")


def test_a_name_that_is_nearly_right(tmp_path):
    assert refusal(find_model, "mnits") == "unknown network 'mnits'; did you mean mnist?"


def test_a_file_that_is_not_there_is_named(tmp_path):
    for name in ("none.keras", "none.h5", "none.hdf5"):
        message = refusal(find_model, str(tmp_path / name))
        assert message.startswith(f"model file {tmp_path / name} does not exist")


def test_a_file_that_is_no_model_is_named(tmp_path):
    path = tmp_path / "mnist.keras"
    path.write_text("not a model")
    for name in ("mnist", str(path)):
        assert f"{path} is not a Keras model" in refusal(find_model, name)
    assert f"model file {tmp_path} is a folder" in refusal(find_model, str(tmp_path))


def test_code_is_refused(model, tmp_path):
    path = model(IMAGE, CODE, dense(3))
    message = refusal(find_model, str(path))
    assert f"{path} contains the Lambda layer 'sneaky', which is code" in message


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0 Cat\n1 Black dog\n2 None\n", ("Cat", "Black dog", "None")),
        ("Cat\r\nDog\r\nBird", ("Cat", "Dog", "Bird")),
        ("1 Cat\n2 Dog\n3 Bird", ("1 Cat", "2 Dog", "3 Bird")),  # not counted from 0: names of their own
        ("0 Cat\n1 Dog\n", ("0", "1", "2")),
        ("Cat\nCat\nDog", ("0", "1", "2")),
        (b"\xff\xfe\x00", ("0", "1", "2")),
    ],
)
def test_a_labels_txt_beside_the_model_names_its_classes(model, tmp_path, text, names):
    path = model(IMAGE, FLAT, dense(3), name="keras_model.keras")
    (tmp_path / "labels.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert find_model(str(path)).class_names(3) == names


def test_a_card_goes_before_a_labels_txt(model, tmp_path):
    path = model(IMAGE, FLAT, dense(3))
    (tmp_path / "labels.txt").write_text("x\ny\nz")
    card_for(path)
    assert find_model(str(path)).class_names(3) == ("a", "b", "c")


def teachable(bias=False, pool="GlobalAveragePooling2D"):
    body = {"class_name": "Functional", "config": {"name": "model1", "layers": [IMAGE, CONV]}}
    last = {
        "class_name": "Dense",
        "config": {"name": "d2", "units": 3, "activation": "softmax", "use_bias": bias},
    }
    return chain(chain(body, {"class_name": pool, "config": {"name": "pool"}}), chain(dense(100), last))


def test_an_export_of_teachable_machine_is_known_by_its_build(model, tmp_path):
    assert is_of_teachable_machine(teachable())
    for other in (teachable(bias=True), teachable(pool="Flatten"), chain(IMAGE, FLAT, dense(3)), {}):
        assert not is_of_teachable_machine(other)
    path = model(config=teachable(), name="keras_model.keras")
    assert find_model(str(path)).pixels == Pixels((-1.0, 1.0))
