"""The experiments from end to end, as smoke runs, on grey and colour images."""

import json

import numpy as np
import pytest

from app.experiment.__main__ import main

MEASURED = {"plain-vs-residual": 4, "vanishing-gradient": 5, "resnet-vs-densenet": 2}


@pytest.fixture(scope="module")
def colour_npz(tmp_path_factory):
    """Colour images of 32×32, as CIFAR-10's, in three classes that differ in brightness."""
    path = tmp_path_factory.mktemp("colour") / "colour.npz"
    draw = np.random.default_rng(0)
    labels = np.arange(150) % 3
    images = (draw.integers(0, 86, (150, 32, 32, 3)) + 85 * labels[:, None, None, None]).astype(np.uint8)
    np.savez(path, x_train=images, y_train=labels, x_test=images[:30], y_test=labels[:30])
    return path


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_a_smoke_run_leaves_numbers_and_a_figure(door, name, colour_npz, small_npz, tmp_path):
    run_and_look(door, name, colour_npz, small_npz, tmp_path)


@pytest.mark.keras
@pytest.mark.parametrize("name", MEASURED)
def test_two_layers_leave_numbers_and_a_figure(door, name, colour_npz, small_npz, tmp_path, monkeypatch):
    """The same without the deep networks, which take long to trace."""
    for module in ("app.experiment.plain_vs_residual", "app.experiment.vanishing_gradient"):
        monkeypatch.setattr(f"{module}.cifar_stack", two_layers)
    monkeypatch.setattr("models.cifar_resnet.cifar_stack", two_layers)
    monkeypatch.setattr("models.densenet.cifar_densenet", two_layers)
    run_and_look(door, name, colour_npz, small_npz, tmp_path)


def two_layers(nn, name, stack, classes, shape):
    x = image = nn.Input(shape, name="image")
    for number in (2, 3):
        x = nn.Conv2D(2, 3, name=f"conv{number}_1")(x)
        x = nn.ReLU(name=f"conv{number}_1_relu")(x)
    scores = nn.Dense(classes, name="scores")(nn.GlobalAveragePooling2D(name="means")(x))
    return nn.Model(image, nn.Softmax(name="output")(scores), name=name)


def run_and_look(door, name, colour_npz, small_npz, tmp_path):
    source = small_npz if name == "plain-vs-residual" else colour_npz
    arguments = (name, "--quick", "--data", source, "--output", tmp_path)
    code, output, error = door(main, *arguments)
    assert code == 0, error
    data = json.loads((tmp_path / f"{name}.json").read_text())
    assert (data["experiment"], data["seeds"], data["is_smoke_run"]) == (name, [0], True)
    assert len(data["runs"]) == len(data["networks"]) == MEASURED[name]
    assert data["verdict"]["shows"] is None
    assert data["verdict"]["words"] in output.replace("\n", " ")
    assert data["data"]["source"] == str(source)
    assert data["data"]["image_shape"] == ([14, 14, 1] if source == small_npz else [16, 16, 3])
    assert {network["name"] for network in data["networks"]} == {r["network"] for r in data["runs"]}
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert {p.name for p in tmp_path.iterdir()} == {f"{name}.json", f"{name}.png", ".runs"}
    if name == "vanishing-gradient":
        resumed = door(main, *arguments)[1]
        assert resumed.count("kept from before") == MEASURED[name]
        again = json.loads((tmp_path / f"{name}.json").read_text())
        assert again["runs"] == data["runs"]


def test_the_timeline_leaves_numbers_and_a_figure(door, tmp_path):
    code, output, error = door(main, "imagenet-timeline", "--verbose", "--output", tmp_path)
    assert code == 0, error
    data = json.loads((tmp_path / "imagenet-timeline.json").read_text())
    assert [year["year"] for year in data["years"]] == list(range(2010, 2017))
    assert (tmp_path / "imagenet-timeline.png").stat().st_size > 10_000
    for words in ("11.2 (004-41)", "Clarifai", "004-58: 6.67 % in the competition."):
        assert words in output


def test_without_a_name_the_experiments_are_listed(door):
    code, output, _ = door(main)
    assert code == 0
    for name in (*MEASURED, "imagenet-timeline"):
        assert name in output


@pytest.mark.keras
def test_a_run_that_diverges_is_told_in_a_line(door, small_npz, tmp_path, monkeypatch):
    from app.engine.training.fit import DivergedError

    def diverge(*_):
        raise DivergedError("the loss became nan in epoch 1, step 2")

    monkeypatch.setattr("app.experiment.repeating.carry_out", diverge)
    code, _, error = door(main, "plain-vs-residual", "--quick", "--data", small_npz, "--output", tmp_path)
    assert code == 1
    assert "plain-vs-residual on small: the loss became nan" in error
    assert not (tmp_path / "plain-vs-residual.json").exists()
