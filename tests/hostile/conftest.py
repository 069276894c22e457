"""Commands with folders of their own, in which they are made to fail."""

import functools
import signal

import numpy as np
import pytest

from hostile.aftermath import Scene
from hostile.forking import Forks
from hostile.injector import ROOT

COMMANDS = {
    "params": "params mnist --no-check --output WORK/out/mnist.html",
    "checked": "params mnist --output WORK/out/mnist.html",
    "sheet": "worksheet mnist --output WORK/out/sheet.html",
    "class": "worksheet mnist --vary --students 2 --output WORK/out",
    "data": "data --data FEW --output WORK/out",
    "saliency": "saliency --model mnist --data FEW --class 3 --output WORK/out --raw WORK/out/raw.npz",
    "train": "train --model numpy_cnn --data FEW --epochs 2 --output WORK/out",
    "three epochs": "train --model numpy_cnn --data FEW --epochs 3 --output WORK/out",
    "predict": "predict --model mnist FEW --batch-size 64 --output WORK/out/said.csv",
    "evaluate": "evaluate --model mnist --data FEW --mistakes 1 --output WORK/out",
    "litert": "export --model mnist --data FEW --count 2 --output WORK/out/mnist.tflite",
    "onnx": "export --model mnist --data FEW --count 2 --output WORK/out/mnist.onnx",
    "saved model": "export --model mnist --data FEW --count 2 --format saved_model --output WORK/out/mnist",
    "transfer": "transfer --backbone mnist --data FEW --name few --epochs 2 --no-fine-tune --output WORK/out",
    "kept epochs": "train --model numpy_cnn --data FEW --epochs 2 --output WORK/out --keep-epochs",
}
NOTES = {
    "predict": r"\d+ pictures predicted|Stopped: |Predictions: ",
    "transfer": "Stopped. What is done is kept",
}
"""What commands say on standard error where nothing is wrong."""


@pytest.fixture(scope="session")
def forks():
    server = Forks()
    yield server
    server.close()


@pytest.fixture(scope="session")
def few(mnist, tmp_path_factory):
    """A hundred images to learn from and forty to test."""
    path = tmp_path_factory.mktemp("few") / "few.npz"
    arrays = {
        "x_train": mnist.train_images[:100],
        "y_train": mnist.train_labels[:100],
        "x_test": mnist.test_images[:40],
        "y_test": mnist.test_labels[:40],
    }
    np.savez_compressed(path, **arrays)
    return path


@pytest.fixture(scope="session")
def scene(forks, request, tmp_path_factory):
    """Return a command with its folder; where it trains, with an older model, and the state of a run cut off."""

    @functools.cache
    def make(name, epochs_done=0):
        arguments = COMMANDS[name].split()
        few = request.getfixturevalue("few")
        if "FEW" in arguments:
            arguments[arguments.index("FEW")] = str(few)
        data = [
            str(ROOT / "saved_models"),
            *([str(few.parent)] if str(few.parent) in " ".join(arguments) else []),
        ]
        made = Scene(forks, tmp_path_factory.mktemp("scene"), arguments, data, NOTES.get(name, ""))
        made.prepare()
        (made.work / "out").mkdir()
        (made.work / "out" / "notes.txt").write_text("not ours")
        if arguments[0] == "train":
            older = Scene(forks, made.folder, [*arguments, "--seed", "1"], data)
            assert older.run().code == 0
        if epochs_done:
            assert made.run(stop=(epochs_done, signal.SIGINT)).code == 130
        made.keep_as_start()
        return made

    return make
