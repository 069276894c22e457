"""The params door: the table, the published figures, the check that can fail."""

import csv
import io
import json
import os
import zipfile

import pytest
from conftest import ROOT

from app.params.__main__ import main
from app.show.styles import painted
from models import CATALOGUE


def test_the_worked_example_is_explained(door):
    code, output, _ = door(main, "worked_example", "--no-check")
    assert code == 0
    for text in (
        "(5·5·1 + 1)·10 = 260",
        "(1,690 + 1)·200 = 338,200",
        "338,460",
        "507,000",
        "equal",
        "leaves out an output layer",
        "288,460",
        "article 004",
    ):
        assert text in output, text


def test_the_table_shows_the_working(door):
    _, output, _ = door(main, "mnist", "--no-check")
    assert "(3·3·32 + 1)·64 = 18,496" in output
    assert "26×26 of 28×28" in output


@pytest.mark.keras
def test_networks_agree_with_keras(door):
    """The door, on the kinds that differ; tests/engine/test_networks.py compares every network."""
    names = (
        "mnist",
        "x_or_not_x",
        "neocognitron",
        "lenet5",
        "alexnet",
        "googlenet_with_heads",
        "vae_mnist",
        "resnet20",
        "dense_block",
    )
    code, output, _ = door(main, *names)
    assert code == 0
    assert output.count("rows agree with Keras") == len(names)


@pytest.mark.keras
def test_a_difference_fails_with_exit_1(door, monkeypatch):
    import app.engine.build as vocabulary

    outline = vocabulary.outline_model
    monkeypatch.setattr(vocabulary, "outline_model", lambda n, **_: outline(CATALOGUE["numpy_cnn"]))
    code, output, error = door(main, "mnist")
    assert code == 1
    assert "differences" in output
    assert "mnist: conv1: the layer is there by hand, missing in Keras" in error


def test_a_wrong_published_figure_fails_with_exit_1(door, monkeypatch):
    import dataclasses

    network = CATALOGUE["keras_vis_mnist"]
    wrong = dataclasses.replace(network.published[0], value=1_199_883)
    spoiled = dataclasses.replace(network, published=(wrong,))
    monkeypatch.setitem(CATALOGUE, "keras_vis_mnist", spoiled)
    code, output, error = door(main, "keras_vis_mnist", "--no-check")
    assert code == 1
    assert "differs by -1" in output
    assert "published is 1,199,883" in error


MNIST_FILE = ROOT / "saved_models" / "shipped" / "mnist.keras"


def test_without_a_name_the_networks_are_listed_in_every_format(door):
    for format in ("text", "markdown", "html", "csv", "json", "latex"):
        code, output, _ = door(main, "--format", format)
        assert code == 0
        for name in CATALOGUE:
            assert name in output.replace("\\", ""), (format, name)


@pytest.mark.parametrize("format", ["text", "markdown", "html", "csv", "json", "latex"])
def test_the_catalogue_is_written_in_every_format(door, format):
    code, output, _ = door(main, "--catalogue", "resnet50", "alexnet_ungrouped", "--format", format)
    assert code == 0
    plain = output.replace("\\", "").replace("{-}", "-").replace("{,}", ",").replace("{}", "")
    figure = "25583592" if format == "json" else "25,583,592"
    noted = (
        ("2 of 3 differ",) if format == "csv" else ("keras.applications.ResNet50", figure)
    )  # CSV has tables alone
    for text in ("resnet50", "alexnet_ungrouped", *noted):
        assert text in " ".join(plain.split()), text


def test_the_catalogue_takes_names_and_no_files(door):
    code, output, _ = door(main, "--catalogue", "vgg16", "--format", "json")
    assert (code, [entry["name"] for entry in json.loads(output)]) == (0, ["vgg16"])
    code, _, error = door(main, "--catalogue", MNIST_FILE)
    assert code == 2
    assert "is a file; --catalogue takes networks of the catalogue, by name" in error
    code, _, error = door(main, "--catalogue", "--lint", "mnist")
    assert code == 2
    assert "--lint and --catalogue contradict each other" in error


def test_a_wrong_published_figure_fails_in_the_catalogue_too(door, monkeypatch):
    import dataclasses

    network = CATALOGUE["vgg16"]
    figures = (dataclasses.replace(network.elsewhere[0], value=138_357_545), *network.elsewhere[1:])
    monkeypatch.setitem(CATALOGUE, "vgg16", dataclasses.replace(network, elsewhere=figures))
    code, output, error = door(main, "--catalogue", "vgg16")
    assert code == 1
    assert "138,357,545 (1 more than here)" in " ".join(output.split())
    assert "published is 138,357,545" in error


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_number_is_cut_at_any_width(door, width):
    _, output, _ = door(main, "mnist", "--no-check", "--full", "--width", width)
    for text in ("93,322", "2,794,240", "2,230,272", "MaxPooling2D", "18×18", "26×26 of 28×28"):
        assert any(text in line for line in output.splitlines()), text


def test_ascii_is_ascii_and_keeps_the_working(door):
    _, output, _ = door(main, "mnist", "--no-check", "--ascii")
    assert output.isascii()
    assert "(3*3*32 + 1)*64 = 18,496" in output
    assert "26x26x32" in output


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "latin-1"])
def test_no_code_page_makes_question_marks(command, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = command("-m", "app.params", "mnist", "--no-check", env=environment)
    assert done.returncode == 0
    assert "?" not in done.stdout
    assert "(3*3*32 + 1)*64 = 18,496" in done.stdout


def test_a_model_file_is_counted_like_the_network_it_holds(door):
    by_name = json.loads(door(main, "mnist", "--no-check", "--format", "json")[1])
    by_file = json.loads(door(main, MNIST_FILE, "--no-check", "--format", "json")[1])
    assert by_file["totals"] == by_name["totals"]
    shapes = [[row["output_shape"] for row in data["rows"]] for data in (by_name, by_file)]
    assert shapes[0] == shapes[1]


def test_csv_adds_up(door):
    _, output, _ = door(main, "keras_vis_mnist", "--no-check", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(output)))
    assert sum(int(row["parameters"]) for row in rows) == 1_199_882


def test_html_holds_the_pictures_and_is_written_whole(door, tmp_path):
    code, output, _ = door(main, "mnist", "--no-check", "--output", tmp_path / "a.html")
    assert code == 0
    assert "Report:" in output
    page = (tmp_path / "a.html").read_text("utf-8")
    assert page.count("<svg") == 4
    assert page.endswith("</html>\n")


def test_columns_are_chosen(door):
    _, output, _ = door(main, "mnist", "--no-check", "--columns", "layer,macs", "--format", "csv")
    assert output.splitlines()[:2] == ["layer,MACs", "image,"]


def test_compare_diff_explain_and_lint(door):
    code, output, _ = door(main, "--compare", "mnist", "worked_example", "keras_vis_mnist")
    assert code == 0
    assert "1,199,882" in output
    assert "4.58" in output
    code, output, _ = door(main, "--diff", "mnist", MNIST_FILE)
    assert code == 0
    assert "Nothing differs" in output
    code, output, _ = door(main, "--diff", "worked_example", "worked_example_classifier")
    assert (code, "The first difference is at output" in output) == (0, True)
    code, output, _ = door(main, "mnist", "--explain", "conv2")
    assert (code, "4 + (3 − 1)·2 = 8" in output) == (0, True)
    code, output, _ = door(main, "--lint", "mnist", MNIST_FILE)
    assert (code, output.count("no layer reads 1 row and 1 column")) == (0, 2)


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_a_comparison_is_drawn_into_a_file(door, tmp_path, ending):
    path = tmp_path / f"figure{ending}"
    code, output, _ = door(main, "--compare", "mnist", "numpy_cnn", "--output", path)
    assert code == 0
    assert "Picture:" in output
    assert path.stat().st_size > 2000


@pytest.mark.keras
def test_the_verdict_leaves_a_report_on_the_screen_alone(door):
    code, output, error = door(main, "worked_example", "--format", "json")
    assert code == 0
    assert json.loads(output)["totals"]["parameters"] == 338_460
    assert "rows agree with Keras" in error


@pytest.mark.keras
def test_a_loss_that_was_compiled_is_held_against_the_output(door, tmp_path):
    import app.engine  # noqa: F401  (imports TensorFlow without its chatter)

    # isort: split
    import keras

    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax", name="out")]
    for from_logits in (True, False):
        model = keras.Sequential(layers)
        model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits))
        model.save(tmp_path / "model.keras")
        _, output, _ = door(main, "--lint", tmp_path / "model.keras", "--format", "json")
        rules = [finding["rule"] for finding in json.loads(output)[0]["findings"]]
        assert ("probabilities into a loss for logits" in rules) == from_logits


@pytest.mark.parametrize("name", ["a\x1b[31m", "=1+1", "卷积 | *x*", "</td><script>", "\\input{x}", "[red]"])
def test_hostile_layer_names_survive_every_format(door, tmp_path, name):
    image = {
        "class_name": "InputLayer",
        "module": "keras.layers",
        "config": {"batch_shape": [None, 4, 4, 1], "name": name},
    }
    flat = {"class_name": "Flatten", "module": "keras.layers", "config": {"name": "f" + name}}
    config = {"class_name": "Sequential", "config": {"name": name, "layers": [image, flat]}}
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    for format in ("text", "markdown", "html", "csv", "json", "latex"):
        for more in ((), ("--lint",), ("--explain", name), ("--ascii", "--full")):
            code, output, error = door(main, tmp_path / "a.keras", "--format", format, *more)
            assert (code, error) == (0, "")
            assert "\x1b" not in output
            assert "<script>" not in output or format != "html"


def test_every_cut_of_a_model_file_is_one_line(door, tmp_path):
    whole = MNIST_FILE.read_bytes()
    path = tmp_path / "cut.keras"
    for size in (0, 1, 8, 100, 1000, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:size])
        for mode in ((), ("--lint",), ("--explain", "x")):
            code, _, error = door(main, path, *mode)
            assert code == 2
            assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"name": "x"},
        {"layers": 3},
        {"layers": [3]},
        {"layers": [{}]},
        {"layers": None},
        {"layers": [{"class_name": "InputLayer", "config": {"batch_shape": 3, "name": "i"}}]},
        {"layers": [{"class_name": "InputLayer", "config": {"batch_shape": [None, "a"], "name": "i"}}]},
        {"layers": [{"class_name": "Dense", "config": None}]},
        {"input_layers": 1, "output_layers": 1, "layers": [1]},
    ],
)
@pytest.mark.parametrize("kind", ["Sequential", "Functional", 3, None])
def test_a_damaged_configuration_is_one_line(door, tmp_path, config, kind):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": kind, "config": config}))
    code, _, error = door(main, tmp_path / "a.keras")
    assert code == 2
    assert error.startswith("Error: ")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("shape", "message"),
    [("32x32", "takes a map"), ("32xx3", "write it"), ("0x3x3", "above zero"), ("²x3", "write it")],
)
def test_an_input_shape_that_does_not_fit_is_said(door, shape, message):
    code, _, error = door(main, "mnist", "--input-shape", shape)
    assert code == 2
    assert message in error


@pytest.mark.keras
def test_another_input_shape_is_checked_against_keras_too(door):
    code, output, _ = door(main, "mnist", "--input-shape", "40x32x3")
    assert code == 0
    assert "40×32×3" in output
    assert "rows agree with Keras" in output


def test_a_file_is_checked_against_its_own_weights(door):
    code, output, _ = door(main, "saved_models/shipped/mnist.keras")
    assert code == 0
    assert "all 5 rows with weights agree, array by array" in output


def test_a_file_that_contradicts_its_weights_fails_with_exit_1(door, tmp_path):
    import json
    import zipfile

    path = tmp_path / "wrong.keras"
    with zipfile.ZipFile("saved_models/shipped/mnist.keras") as old, zipfile.ZipFile(path, "w") as new:
        config = json.loads(old.read("config.json"))
        hidden = next(e for e in config["config"]["layers"] if e["config"]["name"] == "hidden")
        hidden["config"]["units"] = 65
        new.writestr("config.json", json.dumps(config))
        new.writestr("model.weights.h5", old.read("model.weights.h5"))
    code, output, error = door(main, path)
    assert code == 1
    assert "2 of 5 rows differ" in output
    assert "hidden: weights is 65 + 576×65 by hand, 64 + 576×64 in the file" in error


@pytest.mark.parametrize(("found", "colour"), [([], "\x1b[32m"), (["lenet5: c1 differs"], "\x1b[31m")])
def test_the_verdict_of_keras_is_green_or_red_on_a_terminal(door, monkeypatch, found, colour):
    monkeypatch.setattr("app.params.request.check_against_keras", lambda _: ("lenet5: the verdict", found))
    code, output, _ = door(main, "lenet5", "--check")
    assert (code, "\nlenet5: the verdict\n" in output) == (len(found), True)
    monkeypatch.setattr("app.params.request.paint_for", lambda _: painted)
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)  # as on a terminal
    assert f"{colour}lenet5: the verdict\x1b[0m\n" in door(main, "lenet5", "--check")[1]
