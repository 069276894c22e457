"""What a stored model takes is worked out before it is loaded."""

import json

import pytest
from conftest import refusal_of_file

from app.counting.stored.model_files import read_config
from app.counting.stored.needs import measure_needs, verify_needs

SHIPPED = "saved_models/shipped/mnist.keras"


def sequential(*layers, shape=(28, 28, 1)):
    entries = [{"class_name": "InputLayer", "config": {"batch_shape": [None, *shape], "name": "image"}}]
    entries += [
        {"class_name": kind, "config": {"name": f"{kind}{i}", **rest}}
        for i, (kind, rest) in enumerate(layers)
    ]
    return {"class_name": "Sequential", "config": {"name": "m", "layers": entries}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.json"


def checked(path, config):
    path.write_text(json.dumps(config))
    return verify_needs(path, read_config(path))


def test_a_small_one_by_hand(path):
    """28·28 + 28·28 + 10 values; (784 + 1)·10 parameters, twice, and the values twice, of 4 bytes."""
    needs = checked(path, sequential(("Flatten", {}), ("Dense", {"units": 10})))
    assert (needs.parameters, needs.stored, needs.activations) == (7850, 0, 784 + 784 + 10)
    assert needs.memory == 4 * (2 * 7850 + 2 * 1578)


def test_the_shipped_one_stores_what_it_announces():
    from pathlib import Path

    path = Path(SHIPPED)
    needs = measure_needs(path, read_config(path))
    assert needs.parameters == needs.stored == 93_322


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        ([("Dense", {"units": 10**9})], (10,), "11,000,000,000 parameters, and the file stores 0"),
        ([("Conv2D", {"filters": 5 * 10**7, "kernel_size": 3})], (28, 28, 1), "500,000,000 parameters"),
        ([("ReLU", {})], (10**6, 10**6, 1), "of memory"),
        ([("ZeroPadding2D", {"padding": 10**6})], (28, 28, 1), "of memory"),
    ],
)
def test_what_takes_too_much_is_refused(path, layers, shape, words):
    path.write_text(json.dumps(sequential(*layers, shape=shape)))
    assert words in refusal_of_file(verify_needs, path, read_config(path))


def test_what_cannot_be_followed_is_left_to_whoever_loads_it(path):
    assert checked(path, sequential(("Dense", {"units": 3}), shape=(None, None, 3))) is None
