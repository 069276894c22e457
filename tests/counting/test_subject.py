"""What is counted is found by name or file, and what its layers were told is the same either way."""

import pytest
from conftest import ROOT

from app.counting.chalkboard import nn
from app.counting.layers import LAYERS
from app.counting.subject import listening_vocabulary, open_subject
from models import CATALOGUE


@pytest.mark.parametrize("name", CATALOGUE)
def test_listening_changes_no_count(name):
    assert open_subject(name).sheet == CATALOGUE[name].builder(nn).sheet()


def test_a_file_tells_of_its_layers_what_the_builder_told_them():
    heard, stored = (
        open_subject(n).settings for n in ("mnist", str(ROOT / "saved_models/mnist.keras"))
    )
    for layer, told in heard.items():
        for key, value in told.items():
            if value is None or key == "name":
                continue
            theirs = stored[layer].get(key)
            assert theirs in (value, [value, value]), (layer, key)


def test_positional_and_named_arguments_are_heard_alike():
    told = {}
    vocabulary = listening_vocabulary(told)
    vocabulary.Conv2D(3, 5, strides=2, name="c")
    vocabulary.Softmax(name="s")
    assert told["c"] == {"filters": 3, "kernel_size": 5, "strides": 2, "name": "c"}  # fmt: skip
    assert set(vars(vocabulary)) == set(vars(nn))
    assert set(LAYERS) <= set(vars(vocabulary))


@pytest.mark.parametrize(("name", "message"), [("", "unknown network"), ("mnits", "did you mean mnist"),
                                               ("a.keras", "does not exist"),
                                               ("app", "is a folder")])  # fmt: skip
def test_what_is_not_there_is_said(name, message):
    with pytest.raises(ValueError, match=message):
        open_subject(name)
