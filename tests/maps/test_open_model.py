"""A saved model becomes an explainer, with what was chosen of it."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import two_convolutions

from app.maps.open_model import ModelChoice, OpenModel
from spellings import SIZE

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture
def saved(tmp_path):
    """Two images and two outputs."""
    left, right = keras.Input((6, 6, 1), name="left"), keras.Input((8, 8, 1), name="right")
    both = layers.Concatenate()([layers.Flatten()(left), layers.Flatten()(right)])
    heads = [layers.Dense(2, name="two")(both), layers.Dense(3, name="three")(both)]
    keras.Model([left, right], heads).save(tmp_path / "both.keras")
    return tmp_path / "both.keras"


def test_input_head_and_memory_are_as_chosen(saved):
    choice = ModelChoice(saved, image_input="right", head="three")
    explainer = OpenModel(choice, memory_bytes=1 << 20).explainer
    assert explainer.model.image_shape == (8, 8, 1)
    assert explainer.model.classes == 3
    assert explainer.memory_bytes == 1 << 20
    assert OpenModel(ModelChoice(saved, image_input="left", head="two")).model.image_shape == (6, 6, 1)


def test_the_stored_loss_decides_what_the_outputs_are_unless_it_is_said(tmp_path):
    image = keras.Input((6, 6, 1))
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(layers.Conv2D(2, 3)(image))))
    model.compile(loss="mse")
    model.save(tmp_path / "quantity.keras")
    assert OpenModel(ModelChoice(tmp_path / "quantity.keras")).model.head.kind == "value"
    model.compile(loss="hinge")
    model.save(tmp_path / "score.keras")
    assert OpenModel(ModelChoice(tmp_path / "score.keras")).model.head.kind == "none"
    assert OpenModel(ModelChoice(tmp_path / "score.keras", regression=True)).model.head.kind == "value"


def test_another_file_of_the_same_network(tmp_path):
    for name, seed in (("last", 1), ("first", 2)):
        two_convolutions(seed).save(tmp_path / f"{name}.keras")
    opened = OpenModel(ModelChoice(tmp_path / "last.keras"))
    images = np.ones((1, *SIZE), "float32")
    first = opened.load(tmp_path / "first.keras").logits(images)
    expected = two_convolutions(2).predict(images, verbose=0)
    np.testing.assert_allclose(first, expected, atol=1e-5)
    assert np.abs(opened.explainer.logits(images) - expected).max() > 1e-3


def test_the_stored_loss_of_each_head(tmp_path):
    image = keras.Input((6, 6, 1))
    flat = layers.Flatten()(image)
    model = keras.Model(image, [layers.Dense(3, name="kind")(flat), layers.Dense(1, name="size")(flat)])
    model.compile("sgd", {"kind": "categorical_crossentropy", "size": "mse"})
    model.save(tmp_path / "heads.keras")
    kinds = [
        OpenModel(ModelChoice(tmp_path / "heads.keras", head=h)).model.head.kind for h in ("kind", "size")
    ]
    assert kinds == ["none", "value"]
