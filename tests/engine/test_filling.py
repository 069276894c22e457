"""Weights from a file: every number in its place, or one line that says why not."""

import functools
import shutil

import h5py
import numpy as np
import pytest
from applications import build_small, logits, one_layer_a_block, random_images, save_legacy
from conftest import refusal

from app.engine.build import build_model
from models import CATALOGUE, PRETRAINED

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Theirs with a layer a block, and its file: built once, not to be changed."""

    @functools.cache
    def build(network):
        with pytest.MonkeyPatch.context() as patch:
            theirs = build_small(network, patch, classes=10)
        return theirs, save_legacy(theirs, tmp_path_factory.mktemp("theirs") / f"{network}.h5")

    return build


@pytest.fixture
def small(built, tmp_path, monkeypatch):
    """The same with a copy of the file; our builder builds the same."""

    def build(network):
        one_layer_a_block(monkeypatch)
        theirs, path = built(network)
        return theirs, shutil.copyfile(path, tmp_path / path.name)

    return build


def load(network, path, **options):
    return build_model(CATALOGUE[network], 10, weights=path, **options)


def test_a_bias_in_front_of_a_normalisation_is_taken_off_its_mean(small):
    theirs, path = small("resnet50")
    ours = load("resnet50", path)
    bias = theirs.get_layer("conv2_block1_0_conv").get_weights()[1]
    *_, mean, variance = theirs.get_layer("conv2_block1_0_bn").get_weights()
    *_, our_mean, our_variance = ours.get_layer("conv2_1_shortcut_norm").get_weights()
    assert np.abs(bias).max() > 0.1
    np.testing.assert_array_equal(our_mean, mean - bias)
    np.testing.assert_allclose(our_variance, variance, rtol=1e-6)


@pytest.mark.parametrize("network", ["resnet50", pytest.param("densenet121", marks=pytest.mark.slow)])
def test_a_variance_of_nothing_is_divided_by_the_same(network, tmp_path, monkeypatch):
    """There ε is all that is left under the root, and theirs is 1.001 times ours."""
    theirs = build_small(network, monkeypatch, classes=10)
    norm = theirs.get_layer("conv1_bn")
    norm.set_weights([*norm.get_weights()[:3], np.zeros(64)])
    ours = load(network, save_legacy(theirs, tmp_path / "zero.h5")).get_layer("conv1_norm")
    assert ours.epsilon != norm.epsilon
    np.testing.assert_allclose(ours.get_weights()[3] + ours.epsilon, norm.epsilon, rtol=1e-6)


@pytest.mark.parametrize("network", ["resnet50", pytest.param("densenet121", marks=pytest.mark.slow)])
def test_ours_is_theirs_only_with_the_whole_file(small, network):
    """One number of one layer, changed in the file, changes the logits."""
    theirs, path = small(network)
    images = random_images(224, 1)
    expected = logits(theirs, images)
    assert np.abs(logits(load(network, path), images) - expected).max() < 1e-4
    with h5py.File(path, "r+") as file:
        file["conv1_bn/conv1_bn/moving_mean"][3] += 5
    assert np.abs(logits(load(network, path), images) - expected).max() > 1e-4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full(64, np.nan, "f4"), "conv1_bn holds numbers that are not finite"),
        (np.full(64, 1e300), "conv1_bn holds numbers that are not finite"),
        (np.ones(64, int), "conv1_bn holds int64, not decimal numbers"),
        (np.ones(63, "f4"), "conv1_bn holds 64 and 63 and 64 and 64"),
    ],
)
def test_numbers_that_no_network_has(small, values, words):
    _, path = small("densenet121")
    with h5py.File(path, "r+") as file:
        del file["conv1_bn/conv1_bn/beta"]
        file["conv1_bn/conv1_bn/beta"] = values
    said = refusal(load, "densenet121", path)
    assert words in said
    assert str(path) in said


@pytest.mark.parametrize("kind", ["f2", "f8"])
def test_half_and_double_precision(small, kind):
    _, path = small("densenet121")
    expected = load("densenet121", path).get_layer("conv1_norm").get_weights()[1]
    with h5py.File(path, "r+") as file:
        values = file["conv1_bn/conv1_bn/beta"][()].astype(kind)
        del file["conv1_bn/conv1_bn/beta"]
        file["conv1_bn/conv1_bn/beta"] = values
    found = load("densenet121", path).get_layer("conv1_norm").get_weights()[1]
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_numbers_that_cannot_be_read(small):
    """A packed block with a wrong byte: the index is whole, the numbers are not."""
    theirs, path = small("densenet121")
    kernel = theirs.get_layer("predictions").get_weights()[0]
    with h5py.File(path, "r+") as file:
        del file["predictions/predictions/kernel"]
        packed = file["predictions/predictions"].create_dataset(
            "kernel", data=kernel, compression="gzip", fletcher32=True
        )
        place = packed.id.get_chunk_info(0).byte_offset
    assert load("densenet121", path)
    damaged = bytearray(path.read_bytes())
    damaged[place + 40] ^= 255
    path.write_bytes(damaged)
    assert "is damaged: layer predictions cannot be read" in refusal(load, "densenet121", path)


def test_the_published_weights_are_for_1000_classes(monkeypatch):
    monkeypatch.setattr("app.engine.pretrained.fetch_weights", lambda _: pytest.fail("fetched"))
    with pytest.raises(ValueError, match="are for 1,000 classes, not 10"):
        build_model(CATALOGUE["densenet121"], 10, weights="imagenet")


def test_imagenet_stands_for_the_published_file(small, tmp_path, monkeypatch):
    theirs = build_small("densenet121", monkeypatch)
    path = save_legacy(theirs, tmp_path / "published.h5")
    asked = []
    monkeypatch.setattr("app.engine.pretrained.fetch_weights", lambda p: asked.append(p) or path)
    ours = build_model(CATALOGUE["densenet121"], weights="imagenet")
    assert asked == [PRETRAINED["densenet121"]]
    images = random_images(224, 1)
    assert np.abs(logits(ours, images) - logits(theirs, images)).max() < 1e-4


def test_a_network_without_published_weights():
    with pytest.raises(
        ValueError, match="there are no published weights for mnist; there are for efficientnet_lite0"
    ):
        build_model(CATALOGUE["mnist"], weights="imagenet")
