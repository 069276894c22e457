"""python -m app.walk: what is typed becomes the walk that is meant, is shown in each way, and bad input is one line."""

import json

import numpy as np
import pytest
from PIL import Image

from app.walk.__main__ import main
from app.walk.given import read_image, read_kernel

CONV = ("conv", "--image", "figure1", "--kernel", "0 1; 2 3")


def test_the_steps_are_printed(door):
    code, out, _ = door(main, *CONV)
    assert code == 0
    assert "0·0 + 1·1 + 3·2 + 4·3 = 19" in out
    assert "Step 4 of 4" in out
    assert "4·0 + 5·1 + 7·2 + 8·3 = 43" in out


@pytest.mark.parametrize("ending", ["html", "gif", "png", "svg", "pdf", "txt", "json", "npz"])
def test_the_steps_are_written_by_the_ending(door, tmp_path, ending):
    path = tmp_path / f"steps.{ending}"
    code, out, _ = door(main, *CONV, "--output", path)
    assert code == 0
    assert path.name in out
    if ending == "json":
        assert json.loads(path.read_text())["facts"]["output"] == [[[19.0], [25.0]], [[37.0], [43.0]]]
    elif ending == "npz":
        with np.load(path) as arrays:
            assert arrays["output"][..., 0].tolist() == [[19, 25], [37, 43]]
    elif ending == "gif":
        with Image.open(path) as picture:
            assert picture.n_frames == 4
    else:
        assert path.stat().st_size > 500


def test_one_step_alone(door):
    code, out, _ = door(main, *CONV, "--step", "3")
    assert code == 0
    assert "37" in out
    assert "= 19" not in out


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("conv --image x --kernel x_filter --bias -3 --relu", [[0, 0, 0], [0, 2, 0], [0, 0, 0]]),
        ("conv --image curve --kernel curve", [[6600]]),
        ("conv --image figure1 --kernel figure1 --padding 1 --stride 3x2", [[0, 8], [6, 8]]),
        ("conv --image figure4 --kernel figure4", [[56, 72], [104, 120]]),
        ("pool --image figure6 --size 2 --stride 1", [[4, 5], [7, 8]]),
        ("pool --image figure6 --size 2 --stride 1 --kind mean", [[2, 3], [5, 6]]),
        ("pool --image listing4 --size 3 --padding 1 --stride 2x1", [[5, 6, 7, 7], [13, 14, 15, 15]]),
        ("conv --image image4 --kernel sobel_vertical", None),
    ],
)
def test_the_articles_figures(door, tmp_path, line, result):
    path = tmp_path / "steps.npz"
    assert door(main, *line.split(), "--output", path)[0] == 0
    with np.load(path) as arrays:
        if result is None:
            x, w = read_image("image4")[..., 0], read_kernel("sobel_vertical")
            result = [[(x[i : i + 3, j : j + 3] * w).sum() for j in range(2)] for i in range(2)]
        assert arrays["output"][..., 0].tolist() == result


BACK = [
    (("pool", "--image", "1 5; 2 3", "--backward", "--gradient", "8"), "by_image", [[0, 8], [0, 0]]),
    (
        ("pool", "--image", "1 5; 2 3", "--kind", "mean", "--backward", "--gradient", "8"),
        "by_image",
        [[2, 2], [2, 2]],
    ),
    (("conv", "--image", "1 2; 3 4", "--kernel", "1 0; 0 1", "--backward"), "by_kernel", [[1, 2], [3, 4]]),
    (("dense", "--backward", "--gradient", "1 10"), "by_kernel", [[1, 10], [2, 20], [3, 30]]),
    (("activation", "relu", "--values", "-1 2", "--backward", "--gradient", "5 5"), "by_input", [0, 5]),
    (("softmax", "--logits", "0 0", "--backward", "--target", "1"), "by_input", [0.5, -0.5]),
    (("loss", "--kind", "squared", "--outputs", "0.5", "--backward"), "by_output", [-0.5]),
    (("transposed", "--image", "1", "--kernel", "1 2; 3 4", "--backward"), "by_image", [[10]]),
]


@pytest.mark.parametrize(
    ("line", "name", "result"), BACK, ids=[f"{line[0]}-{i}" for i, (line, _, _) in enumerate(BACK)]
)
def test_steps_back(door, tmp_path, line, name, result):
    path = tmp_path / "steps.npz"
    assert door(main, *line, "--output", path)[0] == 0
    with np.load(path) as arrays:
        assert arrays[name].tolist() == result


def test_a_networks_name_is_a_command(door):
    code, out, _ = door(main, "mnist", "--index", "18", "--layer", "conv2", "--cell", "4,7", "--filter", "3")
    assert code == 0
    assert "ReLU(" in out
    assert "the same" in out


def test_a_model_file_is_a_command(door, tmp_path):
    from app.files.saved import find_model

    copy = tmp_path / "own.keras"
    copy.write_bytes(find_model("mnist").path.read_bytes())
    code, out, error = door(main, copy, "--class", "3", "--output", tmp_path / "steps.html")
    assert code == 0, error
    assert "The network says" in out
    page = (tmp_path / "steps.html").read_text()
    assert "conv3" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_arrays_from_files(door, tmp_path):
    (tmp_path / "a.csv").write_text("1,2\n3,4\n")
    np.save(tmp_path / "b.npy", np.ones((2, 2)))
    Image.fromarray(np.full((4, 4), 7, np.uint8)).save(tmp_path / "c.png")
    assert read_image(tmp_path / "a.csv")[..., 0].tolist() == [[1, 2], [3, 4]]
    assert read_kernel(tmp_path / "b.npy")[..., 0].tolist() == [[1, 1], [1, 1]]
    assert read_image(tmp_path / "c.png").shape == (4, 4, 1)
    code, out, _ = door(main, "conv", "--image", tmp_path / "a.csv", "--kernel", tmp_path / "b.npy")
    assert code == 0
    assert "= 10" in out


def test_a_trained_filter_is_a_kernel():
    import app as lab

    program = lab.load("mnist", engine="numpy").model
    kernel = next(step.kernel() for step in program.steps if step.name == "conv1:linear")
    assert np.array_equal(read_kernel("mnist/conv1/5"), kernel[..., 5:6].astype(float))
    assert read_kernel("mnist/conv1").shape == (3, 3, 1, 32)


BAD = [
    (("conv", "--kernel", "ones:9x9"), "larger than the image"),
    (("conv", "--kernel", "1 2; 3"), "differ in length"),
    (("conv", "--image", "a b"), "'a' is no number"),
    (("conv", "--image", "nan 1"), "must be finite"),
    (("conv", "--image", ""), "is empty"),
    (("conv", "--stride", "0"), "--stride must be 1 or more"),
    (("conv", "--stride", "two"), "no size"),
    (("conv", "--padding", "most"), "valid or same"),
    (("conv", "--image", "nowhere.png"), "does not exist"),
    (("conv", "--activation", "loud"), "no activation"),
    (("conv", "--relu", "--activation", "tanh"), "contradict"),
    (("conv", "--gradient", "1"), "goes with --backward"),
    (("conv", "--backward", "--bias", "1"), "--bias"),
    (("conv", "--image", "mnist:99999"), "out of range"),
    (("conv", "--image", "arange:99999x99999"), "numbers"),
    (("conv", "--kernel", "mnist/conv9/0"), "no layer 'conv9'"),
    (("conv", "--kernel", "mnist/conv1/32"), "filters 0 to 31"),
    (("conv", "--output", "steps.docx"), "cannot be written"),
    (("conv", "--step", "10"), "steps 1 to 9"),
    (("pool", "--size", "9"), "larger than the map"),
    (("transposed", "--padding", "3"), "nothing is left"),
    (("dense", "--weights", "1 2; 3 4"), "row for each of the 3 inputs"),
    (("softmax", "--backward"), "--target"),
    (("loss", "--outputs", "2"), "no probabilities"),
    (("delta", "--rate", "0"), "learning rate"),
    (("nothing",), "no operation"),
    (("mnist", "--cell", "1,2"), "give --layer"),
    (("mnist", "--layer", "conv2", "--cell", "11,0"), "rows 0 to 10"),
    (("mnist", "--layer", "conv2", "--cell", "a"), "no cell"),
    (("mnist", "--layer", "conv8"), "no layer 'conv8'"),
    (("mnist", "--image", "x"), "28×28×1"),
    (("mnist", "--image", "x", "--index", "1"), "contradict"),
]


@pytest.mark.parametrize(("line", "said"), BAD, ids=[f"{i}-{line[0]}" for i, (line, _) in enumerate(BAD)])
def test_bad_input_is_one_line(door, tmp_path, monkeypatch, line, said):
    monkeypatch.chdir(tmp_path)
    code, _, error = door(main, *line)
    assert code == 2
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert not [*tmp_path.iterdir()]
