"""The same weights in our network and in keras.applications give the same logits."""

import numpy as np
import pytest
from applications import THEIRS, build_small, build_theirs, logits, random_images, save_legacy

from app.engine.build import build_model
from models import CATALOGUE, PRETRAINED

pytestmark = pytest.mark.keras


def gap(theirs, ours, size):
    """Return the largest difference between the logits of both."""
    images = random_images(size)
    expected = logits(theirs, images)
    assert expected.std() > 0.01
    return np.abs(logits(ours, images) - expected).max()


@pytest.mark.parametrize(
    ("network", "size"),
    [
        ("vgg16", 32),
        pytest.param("resnet50", 64, marks=pytest.mark.slow),
        pytest.param("densenet121", 64, marks=pytest.mark.slow),
    ],
)
def test_small_images_give_the_same_logits(network, size, tmp_path):
    theirs = build_theirs(network, size, classes=10)
    path = save_legacy(theirs, tmp_path / "weights.h5")
    ours = build_model(CATALOGUE[network], 10, (size, size, 3), weights=path)
    assert gap(theirs, ours, size) < 1e-4


@pytest.mark.parametrize("network", ["resnet50", pytest.param("densenet121", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["a.weights.h5", "a.keras", "a.h5"])
def test_every_file_that_keras_writes_is_read(network, name, tmp_path, monkeypatch):
    theirs = build_small(network, monkeypatch, classes=10)
    if name == "a.weights.h5":
        theirs.save_weights(tmp_path / name)
    else:
        theirs.compile("adam", "mse")
        theirs.save(tmp_path / name)
    ours = build_model(CATALOGUE[network], 10, weights=str(tmp_path / name))
    assert gap(theirs, ours, 224) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("network", THEIRS)
def test_images_of_the_published_size_give_the_same_logits(network, tmp_path):
    theirs = build_theirs(network)
    path = save_legacy(theirs, tmp_path / "weights.h5")
    assert gap(theirs, build_model(CATALOGUE[network], weights=path), 224) < 1e-4
    theirs.save_weights(tmp_path / "a.weights.h5")
    ours = build_model(CATALOGUE[network], weights=tmp_path / "a.weights.h5")
    assert gap(theirs, ours, 224) < 1e-4


def test_another_place_of_the_stride_gives_other_logits(tmp_path, monkeypatch):
    theirs = build_small("resnet50", monkeypatch, classes=10)
    path = save_legacy(theirs, tmp_path / "weights.h5")
    monkeypatch.setitem(PRETRAINED, "resnet50_v1_5", PRETRAINED["resnet50"])
    ours = build_model(CATALOGUE["resnet50_v1_5"], 10, weights=path)
    assert gap(theirs, ours, 224) > 1e-2
