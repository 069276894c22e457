"""ImageNet's labels are those that keras.applications decodes predictions with."""

import hashlib
import inspect
import json

import pytest

from models import CATALOGUE
from models.imagenet import FILE, IMAGENET, WORDS

LINES = [line.split(" ", 1) for line in FILE.read_text("utf-8").splitlines()]


@pytest.mark.keras
def test_they_are_keras_own_class_index_to_the_byte():
    """Keras publishes the MD5 of its imagenet_class_index.json; ours, written its way, has it."""
    import app.engine  # noqa: F401, I001
    from keras.src.applications import imagenet_utils

    index = {
        str(i): [number, words.split(", ")[0].replace(" ", "_")] for i, (number, words) in enumerate(LINES)
    }
    digest = hashlib.md5(json.dumps(index).encode()).hexdigest()
    assert f'file_hash="{digest}"' in inspect.getsource(imagenet_utils.decode_predictions)


@pytest.mark.parametrize(
    ("index", "number", "words"),
    [
        (0, "n01440764", ("tench", "Tinca tinca")),
        (1, "n01443537", ("goldfish", "Carassius auratus")),
        (281, "n02123045", ("tabby", "tabby cat")),
        (282, "n02123159", ("tiger cat",)),
        (388, "n02510455", ("giant panda", "panda", "panda bear", "coon bear", "Ailuropoda melanoleuca")),
        (134, "n02012849", ("crane",)),
        (517, "n03126707", ("crane",)),
        (638, "n03710637", ("maillot",)),
        (639, "n03710721", ("maillot", "tank suit")),
        (999, "n15075141", ("toilet tissue", "toilet paper", "bathroom tissue")),
    ],
)
def test_well_known_places(index, number, words):
    assert LINES[index][0] == number
    assert WORDS[index] == words


def test_the_order_is_that_of_the_wordnet_numbers():
    numbers = [number for number, _ in LINES]
    assert len(set(numbers)) == 1000
    assert numbers == sorted(numbers)


def test_every_class_has_a_name_of_its_own():
    assert len(IMAGENET) == len({name.casefold() for name in IMAGENET}) == 1000
    for i in range(1000):
        assert IMAGENET[i].partition(" (")[0] == WORDS[i][0]
    assert (IMAGENET[134], IMAGENET[517]) == ("crane (bird)", "crane (machine)")
    assert sum(" (" in name for name in IMAGENET) == 6


def test_every_network_for_imagenet_has_them():
    networks = [n for n in CATALOGUE.values() if len(n.outputs) == 1000]
    assert len(networks) > 20
    assert all(n.outputs == IMAGENET for n in networks)
