"""What needs no TensorFlow does not import it: help, counts by hand, every bad argument."""

import json
import os
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from app.__main__ import ORDER, commands

FORKS = """
import importlib, json, os, runpy, signal, sys, traceback
from app.__main__ import commands
for door in commands():
    importlib.import_module(f"app.{door}.__main__")
for module in [m for m in sys.modules if m.endswith(".__main__")]:
    del sys.modules[module]  # it is run anew, as __main__
for line in sys.stdin:
    folder, module, *arguments = json.loads(line)
    if os.fork():
        os.wait()
        print("done", flush=True)
        continue
    signal.alarm(300)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, name in ((1, "out"), (2, "error")):
        os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    sys.argv = ["door", *arguments]
    code = 0
    try:
        runpy.run_module(module, run_name="__main__")
    except SystemExit as leaving:
        code = leaving.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    heavy = [m for m in ("tensorflow", "keras", "matplotlib") if m in sys.modules]
    print("PROBE", code, ",".join(heavy), flush=True)
    os._exit(0)
"""
"""A process that has imported what every door imports, and forks one of its own for each command."""


@pytest.fixture(scope="module")
def forks():
    run = [sys.executable, "-c", FORKS]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "CONVLAB_ISOLATE": "0"}
    with subprocess.Popen(
        run, cwd=ROOT, env=one_thread, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def probe(forks, tmp_path):
    """Run a door in a fresh process; returns exit code, heavy modules, output, error output."""

    def run(module, *arguments):
        print(json.dumps([str(tmp_path), module, *map(str, arguments)]), file=forks.stdin, flush=True)
        assert forks.stdout.readline() == "done\n"
        output, error = ((tmp_path / name).read_text("utf-8") for name in ("out", "error"))
        *_, last = output.strip().splitlines()
        _, code, heavy = (last + " ").split(" ", 2)
        return int(code), heavy.strip(), output, error

    return run


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """Files with something wrong, by name; nothing is written among them."""
    tmp_path = tmp_path_factory.mktemp("bad")
    (tmp_path / "text.png").write_text("no picture")
    Image.fromarray(np.full((20, 900), 200, np.uint8)).save(tmp_path / "strip.png")
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(tmp_path / "blank.png")
    (tmp_path / "cut.keras").write_bytes(open_model()[:5000])
    flipped = bytearray(open_model())
    with zipfile.ZipFile("saved_models/shipped/mnist.keras") as archive:
        info = archive.getinfo("model.weights.h5")
        offset = info.header_offset + 60 + info.compress_size // 2
    flipped[offset] ^= 0xFF
    (tmp_path / "flipped.keras").write_bytes(bytes(flipped))
    (tmp_path / "text.keras").write_text("no model")
    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "units": 10}}
    flat = {"module": "keras.layers", "class_name": "Flatten", "config": {"name": "f"}}
    image = {
        "class_name": "InputLayer",
        "module": "keras.layers",
        "config": {"batch_shape": [None, 28, 28, 1], "name": "i"},
    }
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [image, flat, dense]}}
    with zipfile.ZipFile(tmp_path / "mlp.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    image["config"]["batch_shape"] = [None, 64, 64, 4]
    conv = {
        "module": "keras.layers",
        "class_name": "Conv2D",
        "config": {"name": "c", "filters": 2, "kernel_size": [3, 3]},
    }
    config["config"]["layers"] = [image, conv, flat, dense]
    with zipfile.ZipFile(tmp_path / "four.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    form = "sheet,convlab-worksheet/1?network={}&seed=0&student=&blanks=3&vary=no&check=0\n"
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)))
    (tmp_path / "other.csv").write_text("name,age\nAda,36\n")
    (tmp_path / "nmist.csv").write_text(form.format("nmist"))
    (tmp_path / "changed.csv").write_text(form.format("mnist"))
    (tmp_path / "file.csv").write_text(form.format("four.keras"))
    (tmp_path / "twice.txt").write_text("Ada\nBo\nAda\n")
    np.savez(tmp_path / "bad.npz", x_train=np.zeros((3, 4, 4)))
    one, label = np.zeros((3, 28, 28)), np.zeros(3, int)
    np.savez(tmp_path / "one.npz", x_train=one, y_train=label, x_test=one, y_test=label)
    tiny = np.zeros((3, 5, 5))
    np.savez(tmp_path / "tiny.npz", x_train=tiny, y_train=np.arange(3), x_test=tiny, y_test=label)
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "trained").mkdir()
    (tmp_path / "trained" / "vgg16.keras").write_text("hours of work")
    with h5py.File(tmp_path / "notop.h5", "w") as file:
        names = [f"block{i}_conv{j}" for i in range(1, 6) for j in range(1, 3 + (i > 2))]
        file.attrs["layer_names"] = names
        for name in names:
            file[f"{name}/kernel"] = 0.0
            file[name].attrs["weight_names"] = ["kernel"]
    return tmp_path


def open_model():
    return (ROOT / "saved_models" / "shipped" / "mnist.keras").read_bytes()


SALIENCY, TRAIN = ("app.saliency", "--model"), ("app.train", "--model")
CALCULATE = ("app.calculate",)
FEATURES = ("app.features", "maps", "--model")
FAITH = ("app.faith", "--model")
GRADIENTS = ("app.experiment", "vanishing-gradient")
PRETRAINED = ("app.pretrained", "vgg16", "--output", "{}/empty", "--weights")
SHEET, GRADE = ("app.worksheet", "mnist"), ("app.worksheet", "--grade")
BAD = {
    "walk large kernel": (("app.walk", "conv", "--kernel", "ones:9x9"), "is larger than the image"),
    "walk ragged": (("app.walk", "conv", "--image", "1 2; 3"), "differ in length"),
    "walk no number": (("app.walk", "pool", "--image", "a"), "'a' is no number"),
    "walk unknown": (("app.walk", "nmist"), "is no operation"),
    "walk ending": (("app.walk", "softmax", "--output", "{}/steps.doc"), "cannot be written"),
    "sheet of nothing": (("app.worksheet",), "name a network"),
    "sheet unknown": (("app.worksheet", "nmist"), "did you mean mnist?"),
    "sheet missing file": (("app.worksheet", "{}/nowhere.keras"), "does not exist"),
    "sheet no model": (("app.worksheet", "{}/text.keras"), "not a Keras model"),
    "sheet folder": (("app.worksheet", "{}/empty"), "is a folder"),
    "sheet no blanks": ((*SHEET, "--blanks", "0"), "1 or more, or 'all'"),
    "sheet blanks": ((*SHEET, "--blanks", "some"), "1 or more, or 'all'"),
    "sheet too many blanks": ((*SHEET, "--blanks", "500"), "at most 29, or 'all'"),
    "sheet students": ((*SHEET, "--students", "{}/none.txt", "--output", "{}"), "a number or a file"),
    "sheet no students": ((*SHEET, "--students", "0", "--output", "{}"), "1 to 1000"),
    "sheet twins": ((*SHEET, "--students", "{}/twice.txt", "--output", "{}"), "'Ada' is there twice"),
    "sheet odd students": ((*SHEET, "--students", "{}/text.png/x", "--output", "{}"), "a number or a file"),
    "sheet binary students": ((*SHEET, "--students", "{}/cut.keras", "--output", "{}"), "not a text file"),
    "sheet class in a file": ((*SHEET, "--students", "3", "--output", "{}/a.html"), "name a folder"),
    "sheet class nowhere": ((*SHEET, "--students", "3"), "name a folder"),
    "sheet unwritable": ((*SHEET, "--output", "{}/text.png/x"), "cannot write"),
    "sheet format": ((*SHEET, "--format", "docx"), "markdown"),
    "sheet over answers": ((*SHEET, "--output", "{}/other.csv"), "may have answers in it"),
    "sheet ending": ((*SHEET, "--output", "{}/sheet.docx"), ".html, .htm, .csv"),
    "sheet with credit": ((*SHEET, "--credit", "1"), "goes with --grade"),
    "grade nothing": ((*GRADE, "{}/none.csv"), "no such file"),
    "grade empty": ((*GRADE, "{}/empty.csv"), "it is empty"),
    "grade binary": ((*GRADE, "{}/binary.csv"), "binary.csv: it"),
    "grade other": ((*GRADE, "{}/other.csv"), "does not say which sheet it answers"),
    "grade picture": ((*GRADE, "{}/strip.png"), "strip.png: it"),
    "grade unknown": ((*GRADE, "{}/nmist.csv"), "did you mean mnist?"),
    "grade changed": ((*GRADE, "{}/changed.csv"), "has changed since"),
    "grade without its file": ((*GRADE, "{}/file.csv"), "python -m app.worksheet path/to/four.keras"),
    "grade another": ((*GRADE, "{}/changed.csv", "x_or_not_x"), "is about mnist, not x_or_not_x"),
    "grade empty folder": ((*GRADE, "{}/empty"), "holds no answers"),
    "grade bad folder": ((*GRADE, "{}"), "none of 6 files can be marked"),
    "grade with a seed": ((*GRADE, "{}/changed.csv", "--seed", "3"), "leave out --seed"),
    "grade credit": ((*GRADE, "{}/changed.csv", "--credit", "2"), "0<=x<=1"),
    "train three outputs": (("app.train", "--model", "googlenet_with_heads"), "has three outputs"),
    "train boxes": (("app.train", "--model", "yolo_v1"), "two boxes and the classes"),
    "train a picture": (("app.train", "--model", "vae_mnist"), "puts out a picture"),
    "train a block": (("app.train", "--model", "dense_block"), "no output layer"),
    "train a network too deep": (("app.train", "--model", "vgg16"), "does not fit"),
    "maps of boxes": (("app.saliency", "--model", "yolo_v1_fast"), "two boxes and the classes"),
    "maps of three outputs": (("app.saliency", "--model", "googlenet_with_heads"), "three outputs"),
    "vae too narrow": (("app.params", "vae_mnist", "--input-shape", "30x28x1"), "divisible by 4"),
    "vae without channels": (("app.params", "vae_mnist", "--input-shape", "28x28"), "three sizes"),
    "resnet too flat": (("app.params", "resnet50", "--input-shape", "224"), "224"),
    "unknown network": (("app.params", "mnits"), "did you mean mnist?"),
    "params column": (("app.params", "mnist", "--columns", "flops"), "no column 'flops'; there are"),
    "params layer": (("app.params", "mnist", "--explain", "cnov2"), "did you mean conv2?"),
    "params one to compare": (("app.params", "mnist", "--compare"), "at least 2 networks, not 1"),
    "params three to diff": (("app.params", "--diff", "a", "b", "c"), "takes 2 networks, not 3"),
    "params two modes": (("app.params", "mnist", "--lint", "--explain", "x"), "contradict"),
    "params nothing to lint": (("app.params", "--lint"), "at least 1 network, not 0"),
    "params names": (("app.params", "mnist", "--names"), "goes with --diff"),
    "params full": (("app.params", "mnist", "--lint", "--full"), "belong to the count"),
    "params format": (("app.params", "mnist", "--format", "docx"), "markdown"),
    "params ending": (("app.params", "mnist", "--output", "{}/a.docx"), ".html"),
    "params picture": (("app.params", "mnist", "--draw", "{}/a.html"), ".png, .svg, .pdf"),
    "params picture and report": (
        ("app.params", "mnist", "--draw", "a.png", "--output", "a.md"),
        "no report",
    ),
    "params two pictures": (("app.params", "mnist", "lenet5", "--draw", "a.png"), "--draw takes 1 network"),
    "params width": (("app.params", "mnist", "--width", "3"), "20 columns"),
    "params folder": (("app.params", "mnist", "--output", "{}/no/a.md"), "No such file"),
    "params missing file": (("app.params", "{}/nowhere.keras"), "does not exist"),
    "params cut file": (("app.params", "{}/cut.keras"), "cut short"),
    "params no file": (("app.params", "{}/text.keras"), "not a Keras model"),
    "params a folder": (("app.params", "{}/empty"), "is a folder"),
    "params a picture": (("app.params", "{}/strip.png"), "not a Keras model"),
    "params check a file": (("app.params", "saved_models/shipped/mnist.keras", "--check"), "is a file"),
    "params empty name": (("app.params", ""), "unknown network"),
    "unknown model": ((*SALIENCY, "minst"), "did you mean mnist?"),
    "untrained": ((*SALIENCY, "numpy_cnn"), "python -m app.train --model numpy_cnn"),
    "missing model": ((*SALIENCY, "{}/nowhere.keras"), "does not exist"),
    "cut model": ((*SALIENCY, "{}/cut.keras"), "cut short"),
    "damaged model": ((*SALIENCY, "{}/flipped.keras"), "damaged"),
    "no model": ((*SALIENCY, "{}/text.keras"), "not a Keras model"),
    "class too large": ((*SALIENCY, "mnist", "--class", "10"), "0 to 9"),
    "class negative": ((*SALIENCY, "mnist", "--class", "-1"), "0 to 9"),
    "class no number": ((*SALIENCY, "mnist", "--class", "three"), "0 to 9"),
    "index too large": ((*SALIENCY, "mnist", "--index", "10000"), "0 to 9999"),
    "missing image": ((*SALIENCY, "mnist", "--image", "{}/no.png"), "does not exist"),
    "no image": ((*SALIENCY, "mnist", "--image", "{}/text.png"), "text.png is not an image"),
    "blank image": ((*SALIENCY, "mnist", "--image", "{}/blank.png"), "blank"),
    "four channels": ((*SALIENCY, "{}/four.keras", "--image", "{}/strip.png"), "4 channels"),
    "wrong size": ((*SALIENCY, "{}/four.keras"), "64×64×4"),
    "no convolution": ((*SALIENCY, "{}/mlp.keras", "--method", "gradcam"), "no convolution"),
    "unwritable": ((*SALIENCY, "mnist", "--output", "{}/text.png/x"), "cannot write"),
    "picture format": ((*SALIENCY, "mnist", "--output", "{}/a.gif"), ".png, .svg, .pdf"),
    "raw format": ((*SALIENCY, "mnist", "--raw", "{}/a.txt"), ".npz"),
    "unknown method": ((*SALIENCY, "mnist", "--method", "lime"), "vanilla"),
    "class and all": ((*SALIENCY, "mnist", "--class", "3", "--all-classes"), "contradict"),
    "image and index": ((*SALIENCY, "mnist", "--image", "a.png", "--index", "3"), "contradict"),
    "image and data": ((*SALIENCY, "mnist", "--image", "a.png", "--data", "mnist"), "contradict"),
    "pixel range": ((*SALIENCY, "mnist", "--pixel-range", "nan", "1"), "finite"),
    "class superscript": ((*SALIENCY, "mnist", "--class", "²"), "0 to 9"),
    "output folder.png": ((*SALIENCY, "mnist", "--output", "{}/folder.png"), "is a folder"),
    "features without a model": (("app.features", "maps"), "Missing option '--model'"),
    "features question": (("app.features", "mapps"), "there is no command mapps; did you mean maps?"),
    "features unknown": ((*FEATURES, "minst"), "did you mean mnist?"),
    "features no convolution": ((*FEATURES, "{}/mlp.keras"), "no convolution"),
    "features damaged": ((*FEATURES, "{}/flipped.keras"), "damaged"),
    "features class": ((*FEATURES, "mnist", "--class", "10"), "0 to 9"),
    "features index": ((*FEATURES, "mnist", "--index", "10000"), "0 to 9999"),
    "features two images": ((*FEATURES, "mnist", "--index", "1", "--class", "3"), "contradict"),
    "features ending": ((*FEATURES, "mnist", "--output", "{}/a.gif"), ".png, .svg, .pdf"),
    "features unwritable": ((*FEATURES, "mnist", "--output", "{}/text.png/x"), "cannot write"),
    "features raw": ((*FEATURES, "mnist", "--raw", "{}/a.txt"), ".npz"),
    "features range": ((*FEATURES, "mnist", "--pixel-range", "1", "0"), "low before high"),
    "features count": ((*FEATURES, "mnist", "--count", "0"), "1<=x<=32"),
    "filters of nothing": (("app.features", "filters", "--model", "{}/mlp.keras"), "no convolution"),
    "nearest class and layer": (
        ("app.features", "nearest", "--model", "mnist", "--class", "3", "--layer", "conv1"),
        "contradict",
    ),
    "nearest wrong size": (("app.features", "nearest", "--model", "{}/four.keras"), "64×64×4"),
    "nearest unit": (("app.features", "nearest", "--model", "mnist", "--unit", "-1"), "x>=0"),
    "maximise class": (("app.features", "maximise", "--model", "mnist", "--class", "ten"), "0 to 9"),
    "maximise steps": (("app.features", "maximise", "--model", "mnist", "--steps", "0"), "1<=x"),
    "maximise both": (
        ("app.features", "maximise", "--model", "mnist", "--class", "1", "--unit", "2"),
        "contradict",
    ),
    "train rate nan": ((*TRAIN, "mnist", "--learning-rate", "nan"), "finite"),
    "train one class": ((*TRAIN, "mnist", "--data", "{}/one.npz"), "only one class"),
    "train batch": ((*TRAIN, "mnist", "--batch-size", "10000000000000000000000"), "1000000"),
    "no such option": ((*SALIENCY, "mnist", "--clas", "3"), "--class"),
    "train unknown": ((*TRAIN, "mnst"), "did you mean mnist?"),
    "train no output": ((*TRAIN, "worked_example"), "worked_example_classifier"),
    "train unwritable": ((*TRAIN, "mnist", "--output", "{}/text.png/x"), "cannot write"),
    "train wrong size": ((*TRAIN, "x_or_not_x", "--data", "mnist"), "x_or_not_x does not fit mnist"),
    "train epochs": ((*TRAIN, "mnist", "--epochs", "0"), "1<=x"),
    "train rate": ((*TRAIN, "mnist", "--learning-rate", "fast"), "not a valid float"),
    "train data": ((*TRAIN, "mnist", "--data", "{}/bad.npz"), "bad.npz: has no y_train"),
    "empty folder": (("app.data", "--data", "{}/empty"), "train-images-idx3-ubyte"),
    "unknown data": (("app.data", "--data", "fashion-mnits"), "did you mean fashion_mnist"),
    "calculate text": ((*CALCULATE, "conv", "abc", "--kernel", "3"), "'abc' is not a whole number"),
    "calculate zero": ((*CALCULATE, "conv", "28", "--kernel", "0"), "from 1 to 10,000, not 0"),
    "calculate negative": ((*CALCULATE, "conv", "28", "--stride", "-1", "--kernel", "3"), "'-1' is not"),
    "calculate misfit": ((*CALCULATE, "conv", "4", "--kernel", "5"), "does not fit into 4 cells"),
    "calculate groups": (
        (*CALCULATE, "conv", "9x9x10", "--kernel", "3", "--groups", "3"),
        "cannot share out 10",
    ),
    "calculate padding": ((*CALCULATE, "pool", "9", "--pool", "2", "--padding", "sam"), "'sam'"),
    "calculate cut": ((*CALCULATE, "transposed", "2", "--kernel", "3", "--padding", "9"), "nothing of 4"),
    "calculate no kernel": ((*CALCULATE, "conv", "28"), "--kernel is missing"),
    "calculate layer": ((*CALCULATE, "receptive-field", "cnv3"), "'cnv3' is not a layer"),
    "calculate chain": (
        (*CALCULATE, "receptive-field", "conv3", "conv5", "--input", "6"),
        "layer 2, conv5: a kernel",
    ),
    "calculate cell": ((*CALCULATE, "receptive-field", "conv3", "--input", "6", "--cell", "4"), "0 to 3"),
    "calculate search": (
        (*CALCULATE, "conv", "--find", "28", "--kernels", "1-900", "--strides", "1-900"),
        "more than the 100,000",
    ),
    "calculate backwards": ((*CALCULATE, "pool", "--find", "9", "--inputs", "64-20"), "write 20-64"),
    "calculate both": ((*CALCULATE, "conv", "--find", "9", "--kernel", "3", "--kernels", "3"), "contradict"),
    "calculate bound": ((*CALCULATE, "conv", "28", "--kernel", "3", "--inputs", "9"), "goes with --find"),
    "calculate question": ((*CALCULATE, "dence", "28"), "there is no command dence; did you mean dense?"),
    "claims unknown id": (("app.claims", "--id", "004-99"), "004-01 to 004-66"),
    "claims strange id": (("app.claims", "--id", "²"), "as in 004-10"),
    "claims empty id": (("app.claims", "--id", ""), "as in 004-10"),
    "claims article": (("app.claims", "--article", "4"), "000"),
    "claims verdict": (("app.claims", "--verdict", "right"), "exact"),
    "claims source": (("app.claims", "--source", "yes"), "agrees"),
    "claims argument": (("app.claims", "004"), "unexpected extra argument"),
    "claims format": (("app.claims", "--format", "docx"), "markdown"),
    "claims width": (("app.claims", "--width", "3"), "x>=20"),
    "claims unwritable": (("app.claims", "--output", "{}/missing/a.md"), "missing"),
    "claims into a folder": (("app.claims", "--output", "{}/folder.png"), "is a folder"),
    "faith unknown model": ((*FAITH, "minst"), "did you mean mnist?"),
    "faith method": ((*FAITH, "mnist", "--method", "lime"), "vanilla"),
    "faith no images": ((*FAITH, "mnist", "--count", "0"), "x>=1"),
    "faith no convolution": ((*FAITH, "{}/mlp.keras", "--method", "gradcam"), "no convolution"),
    "faith shuffled alone": (
        (*FAITH, "mnist", "--agree", "--shuffled", "mnist"),
        "--shuffled belongs to --sanity",
    ),
    "faith shuffled missing": ((*FAITH, "mnist", "--shuffled", "{}/no.keras"), "does not exist"),
    "faith pixel range": ((*FAITH, "mnist", "--pixel-range", "1", "0"), "finite"),
    "faith wrong size": ((*FAITH, "{}/four.keras"), "64×64×4"),
    "faith damaged": ((*FAITH, "{}/flipped.keras"), "damaged"),
    "faith ending": ((*FAITH, "mnist", "--output", "{}/a.png"), ".html"),
    "faith unwritable": ((*FAITH, "mnist", "--pictures", "{}/text.png/x"), "cannot write"),
    "experiment unknown": (("app.experiment", "plain-vs-residul"), "did you mean plain-vs-residual?"),
    "experiment seeds": ((*GRADIENTS, "--seeds", "0"), "1<=x<=100"),
    "experiment data": ((*GRADIENTS, "--data", "{}/bad.npz"), "bad.npz: has no y_train"),
    "experiment one class": ((*GRADIENTS, "--data", "{}/one.npz"), "only one class"),
    "experiment small images": ((*GRADIENTS, "--data", "{}/tiny.npz"), "at least 8×8"),
    "experiment unwritable": ((*GRADIENTS, "--output", "{}/text.png/x"), "cannot write"),
    "timeline unwritable": (
        ("app.experiment", "imagenet-timeline", "--output", "{}/text.png/x"),
        "cannot write",
    ),
    "timeline data": (("app.experiment", "imagenet-timeline", "--data", "mnist"), "--data"),
    "pretrained unknown": (("app.pretrained", "vgg17"), "did you mean vgg1"),
    "pretrained unpublished": (("app.pretrained", "alexnet"), "no published weights for alexnet"),
    "pretrained missing": ((*PRETRAINED, "{}/none.h5"), "none.h5 does not exist"),
    "pretrained folder": ((*PRETRAINED, "{}"), "is a folder"),
    "pretrained text": ((*PRETRAINED, "{}/text.keras"), "neither HDF5 nor .keras"),
    "pretrained cut": ((*PRETRAINED, "{}/cut.keras"), "cut short"),
    "pretrained flipped": ((*PRETRAINED, "{}/flipped.keras"), "model.weights.h5"),
    "pretrained other": (
        (*PRETRAINED, "saved_models/shipped/mnist.keras"),
        "does not fit vgg16: it lacks layers",
    ),
    "pretrained notop": ((*PRETRAINED, "{}/notop.h5"), "a 'notop' file of vgg16"),
    "pretrained other notop": (
        ("app.pretrained", "vgg19", *PRETRAINED[2:], "{}/notop.h5"),
        "a 'notop' file of vgg16",
    ),
    "pretrained unwritable": ((*PRETRAINED, "x.h5", "--output", "{}/text.png/x"), "cannot write"),
    "pretrained trained": ((*PRETRAINED, "{}/notop.h5", "--output", "{}/trained"), "--replace to lose it"),
    "unknown door": (("app", "salliency"), "did you mean saliency?"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_exit_2_and_light(name, probe, bad):
    (module, *arguments), message = BAD[name]
    code, heavy, _, error = probe(module, *(a.format(bad) for a in arguments))
    assert code == 2
    assert heavy == ""
    assert message in error
    assert len(error.strip().splitlines()) == 1, error
    assert error.startswith("Error: ")


@pytest.mark.parametrize("module", ["app", *(f"app.{d}" for d in commands())])
def test_help_teaches_and_is_light(module, probe):
    code, heavy, output, _ = probe(module, "--help")
    assert (code, heavy) == (0, "")
    assert "Usage:" in output
    assert len(output) > 300


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("mnist", "worked_example", "--no-check"),
        ("mnist", "--explain", "conv1"),
        ("--compare", "mnist", "numpy_cnn"),
        ("saved_models/shipped/mnist.keras", "--full"),
    ],
)
def test_counting_by_hand_is_light(probe, arguments):
    code, heavy, output, _ = probe("app.params", *arguments)
    assert (code, heavy) == (0, "")
    assert "28×28×1" in output


def test_a_page_and_a_picture_of_a_network_load_matplotlib_and_no_tensorflow(probe, tmp_path):
    for arguments in (("--no-check", "--format", "html"), ("--draw", str(tmp_path / "a.svg"))):
        code, heavy, output, _ = probe("app.params", "mnist", *arguments)
        assert (code, heavy) == (0, "matplotlib")
        assert output


@pytest.mark.parametrize("question", ["conv", "pool", "transposed", "dense", "receptive-field", "padding"])
def test_every_question_of_the_calculator_teaches_and_is_light(question, probe):
    code, heavy, output, _ = probe("app.calculate", question, "--help")
    assert (code, heavy) == (0, "")
    assert f"python -m app.calculate {question} " in output
    assert probe("app.calculate")[0] == 0


@pytest.mark.parametrize("question", ["maps", "filters", "nearest", "project", "maximise"])
def test_every_question_about_features_teaches_and_is_light(question, probe):
    code, heavy, output, _ = probe("app.features", question, "--help")
    assert (code, heavy) == (0, "")
    assert f"python -m app.features {question} --model" in output
    assert probe("app.features")[0] == 0


@pytest.mark.parametrize(
    "name", ["plain-vs-residual", "vanishing-gradient", "resnet-vs-densenet", "imagenet-timeline"]
)
def test_every_experiment_teaches_and_is_light(name, probe):
    code, heavy, output, _ = probe("app.experiment", name, "--help")
    assert (code, heavy) == (0, "")
    assert "?" in output
    assert "two cores" in output or "Takes a second" in output


def test_the_timeline_needs_no_tensorflow(probe, tmp_path):
    code, heavy, output, _ = probe("app.experiment", "imagenet-timeline", "--verbose", "--output", tmp_path)
    assert code == 0
    assert "tensorflow" not in heavy
    assert "Trimps-Soushen" in output


def test_every_door_is_listed_and_every_listed_door_exists(probe):
    assert {path.parent.name for path in (ROOT / "app").glob("*/__main__.py")} == set(ORDER)
    assert list(commands()) == list(ORDER)
    output = probe("app", "--help")[2]
    for door, words in commands().items():
        assert words, f"app/{door}/__init__.py does not say what it is for"
        assert door in output
        assert words.split(":")[0].split(",")[0] in output.replace("\n", " ")
