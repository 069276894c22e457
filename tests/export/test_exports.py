"""Exports of tiny models, run again by somebody else; what is broken is found, and nothing is left of it."""

import app.engine  # noqa: F401, I001

import contextlib
import importlib.util
import io
import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from app.commands.data import open_data
from app.commands.door import CheckFailedError
from app.engine import exporting
from app.engine.store import hash_weights
from app.export.__main__ import main
from app.export import leaving
from app.export.formats import FORMATS
from app.export.pictures import Entrance, choose_pictures
from app.export.run import export_model
from app.maps.open_model import ModelChoice, OpenModel
from conftest import refusal
from models.pixels import Pixels
from picture_folders import make_picture_folder

pytestmark = pytest.mark.keras
layers = keras.layers


def need(format):
    """Skip a test whose format's packages are not installed; where CI runs, that is a failure."""
    missing = [name for name in FORMATS[format].packages if importlib.util.find_spec(name) is None]
    if missing:
        reason = f"{', '.join(missing)}: not installed; see requirements-export.txt"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(params=list(FORMATS))
def format(request):
    need(request.param)
    return request.param


def quickly(*names):
    """Run a test for these formats in the quick suite, and for the others among the slow ones."""
    each = [pytest.param(name, marks=[] if name in names else [pytest.mark.slow]) for name in FORMATS]
    return pytest.mark.parametrize("format", each, indirect=True)


def place(tmp_path, format):
    return tmp_path / {"onnx": "net.onnx", "litert": "net.tflite"}.get(format, "net")


def small(*extra, shape=(8, 8, 3)):
    """Weights that tell pictures apart."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            layers.Input(shape),
            *extra,
            layers.Conv2D(4, 3, activation="relu6", name="c"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax", name="d"),
        ],
        name="small",
    )
    for weight in model.weights:
        weight.assign(weight + np.random.default_rng(2).normal(0, 0.3, weight.shape))
    return model


def opened(model, **choice):
    return OpenModel(ModelChoice(model, **choice))


def run_elsewhere(path, format, name, array):
    """Run a file by another program than the export itself: NumPy for ONNX, TensorFlow's own interpreter for LiteRT."""
    if format == "onnx":
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(str(path)).run(None, {name: array})[0]
    if format == "litert":
        import warnings

        with warnings.catch_warnings(action="ignore"):
            interpreter = tf.lite.Interpreter(str(path))
        interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], array.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], array)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    loaded = tf.saved_model.load(str(path))  # its variables go with it
    return loaded.serve(array)["output"].numpy()


def test_an_export_gives_keras_numbers_whoever_runs_it(tmp_path, format):
    model = small()
    exported = export_model(opened(model), format, place(tmp_path, format), count=10)
    pictures = np.random.default_rng(3).random((7, 8, 8, 3), np.float32)
    again = run_elsewhere(exported.path, format, "image", pictures)
    np.testing.assert_allclose(again, model.predict(pictures, verbose=0), atol=1e-4)
    assert exported.agreement.difference <= 1e-4
    assert exported.agreement.same_class == 10
    assert exported.agreement.batches == (1, 10)


@quickly("onnx")
def test_the_card_says_how_pictures_enter(tmp_path, format):
    model = small()
    way = Pixels((-1.0, 1.0), order="BGR")
    names = ("cat", "dog", "fish")
    exported = export_model(
        opened(model, pixel_range=way, class_names=names), format, place(tmp_path, format), count=3
    )
    card = json.loads(exported.card_path.read_text("utf-8"))
    assert exported.card_path.name == f"{exported.path.name}.json"
    assert card["classes"] == list(names)
    assert card["pixels"]["range"] == [-1.0, 1.0]
    assert card["pixels"]["words"] == "-1…1, as BGR"
    assert card["inputs"] == [{"name": "image", "shape": [None, 8, 8, 3], "type": "float32"}]
    assert card["outputs"] == [{"name": "output", "shape": [None, 3], "type": "float32"}]
    assert card["source"] == {"model": "small", "file": None, "sha256": hash_weights(model)}
    assert card["checked"]["pictures"] == "3 random pictures"
    assert exported.to_dict() == {"path": str(exported.path), **card}
    assert f"<small as {exported.title}: " in repr(exported)
    if format == "onnx":
        import onnx

        stored = onnx.load(str(exported.path))
        assert {entry.key: entry.value for entry in stored.metadata_props}["pixels"] == "-1…1, as BGR"
        (image,) = stored.graph.input
        assert [size.dim_param or size.dim_value for size in image.type.tensor_type.shape.dim] == [
            "batch",
            8,
            8,
            3,
        ]


def test_the_lines_of_python_give_what_keras_says_of_the_picture(tmp_path, format, monkeypatch):
    if format == "litert":
        pytest.importorskip("ai_edge_litert") if not os.environ.get("CI") else None
    model, way = small(), Pixels((0.0, 255.0), mean=(127.0,) * 3, std=(128.0,) * 3)
    exported = export_model(opened(model, pixel_range=way), format, place(tmp_path, format), count=3)
    pixels = np.random.default_rng(4).integers(0, 256, (20, 20, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(exported.snippet, {})
    fitted = np.asarray(Image.fromarray(pixels).resize((8, 8), Image.Resampling.BICUBIC), np.float32)
    expected = model.predict((fitted[np.newaxis] - 127) / 128, verbose=0)
    np.testing.assert_allclose(
        np.array(said.getvalue().strip("[]\n ").split(), float), expected[0], atol=1e-4
    )


@quickly("onnx")
def test_the_model_stays_as_it_was(tmp_path, format):
    model = small()
    pictures = np.random.default_rng(3).random((7, 8, 8, 3), np.float32)
    before = hash_weights(model), model.to_json(), model.predict(pictures, verbose=0)
    export_model(opened(model), format, place(tmp_path, format), count=3)
    assert (hash_weights(model), model.to_json()) == before[:2]
    np.testing.assert_array_equal(model.predict(pictures, verbose=0), before[2])


def broken(monkeypatch, change):
    """Let the weights that go into a file be other ones."""
    true = exporting.convert

    def convert(exportable, *arguments):
        weights = exportable.model.get_weights()
        exportable.model.set_weights(change(weights))
        try:
            return true(exportable, *arguments)
        finally:
            exportable.model.set_weights(weights)

    monkeypatch.setattr(exporting, "convert", convert)


def last_bias_moved(weights):
    return [*weights[:-1], weights[-1] + np.float32([0.01, 0, 0])]


def test_a_broken_export_is_found_and_not_left(tmp_path, format, monkeypatch):
    broken(monkeypatch, last_bias_moved)
    with pytest.raises(CheckFailedError, match=r"export of small is not left.*differ from Keras' by up to"):
        export_model(opened(small()), format, place(tmp_path, format), count=4)
    assert list(tmp_path.iterdir()) == []


@quickly("saved_model")
def test_a_broken_export_leaves_the_earlier_one(tmp_path, format, monkeypatch):
    path = place(tmp_path, format)
    card = export_model(opened(small()), format, path, count=4).card
    broken(monkeypatch, last_bias_moved)
    with pytest.raises(CheckFailedError):
        export_model(opened(small()), format, path, count=4)
    from app.export.leaving import hash_export

    assert hash_export(path) == card["sha256"]


@quickly("onnx")
def test_augmentation_inside_is_off(tmp_path, format):
    model = small(layers.RandomFlip(), layers.RandomRotation(0.2), layers.GaussianNoise(0.5))
    assert export_model(opened(model), format, place(tmp_path, format), count=6).agreement.fault == ""


@quickly("saved_model", "litert")
def test_mixed_precision_is_exported_in_float32_and_said(tmp_path, format):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = small()
    finally:
        keras.config.set_dtype_policy("float32")
    exported = export_model(opened(model), format, place(tmp_path, format), count=6)
    is_said = any("compute in float32" in note for note in exported.notes)
    assert is_said == (format != "saved_model")
    pictures = np.random.default_rng(3).random((5, 8, 8, 3), np.float32)
    again = run_elsewhere(exported.path, format, "image", pictures)
    np.testing.assert_allclose(again, model.predict(pictures, verbose=0), atol=5e-3)  # of float16


@quickly("onnx")
def test_a_model_with_several_inputs_and_outputs(tmp_path, format):
    picture, facts = layers.Input((8, 8, 3), name="picture"), layers.Input((2,), name="facts")
    joined = layers.Concatenate()([layers.Flatten()(picture), facts])
    model = keras.Model([picture, facts], {"kind": layers.Dense(2)(joined), "size": layers.Dense(1)(joined)})
    exported = export_model(opened(model), format, place(tmp_path, format), count=4)
    assert [each["name"] for each in exported.card["inputs"]] == ["picture", "facts"]
    assert [each["name"] for each in exported.card["outputs"]] == ["kind", "size"]
    assert "the input facts got random numbers in the comparison" in exported.notes
    assert "several inputs" in exported.snippet
    assert exported.agreement.same_class is None


@quickly("onnx")
def test_pictures_of_any_size_are_tried_in_two(tmp_path, format):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [layers.Input((None, None, 3)), layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(2)]
    )
    exported = export_model(opened(model, image_shape=(12, 10, 3)), format, place(tmp_path, format), count=4)
    assert "the file takes pictures of any size: 12×10 and 44×42 were tried" in exported.notes


def of_many_layers():
    """Kernels of every kind that pictures go through."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            layers.Input((12, 12, 3)),
            layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(6),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.SeparableConv2D(8, 3),
            layers.Conv2D(8, 3, groups=2, dilation_rate=2, padding="same"),
            layers.Conv2DTranspose(4, 3, strides=2),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(3),
        ],
        name="many",
    )
    for weight in model.weights:
        weight.assign(weight + np.random.default_rng(2).uniform(0, 0.1, weight.shape))
    return model


@pytest.fixture
def all_are_large(monkeypatch):
    """Let weights go round ONNX' converter, as those of a large model do."""
    need("onnx")
    from app.engine import export_onnx

    monkeypatch.setattr(export_onnx, "LARGE", 0)
    monkeypatch.setattr(export_onnx, "KERNEL", 64)
    return export_onnx


def test_weights_that_go_round_the_converter_are_in_the_file(tmp_path, all_are_large):
    import onnx

    model = of_many_layers()
    exported = export_model(opened(model), "onnx", tmp_path / "a.onnx", count=5)
    stored = onnx.load(str(exported.path))
    assert [value.name for value in stored.graph.input] == ["image"]
    assert any(tensor.name.startswith("many") for tensor in stored.graph.initializer)
    pictures = np.random.default_rng(3).random((4, 12, 12, 3), np.float32)
    again = run_elsewhere(exported.path, "onnx", "image", pictures)
    np.testing.assert_allclose(again, model.predict(pictures, verbose=0), atol=1e-4)
    assert exported.agreement.spread > 1e-3


def test_a_kernel_that_is_turned_wrongly_is_found(tmp_path, all_are_large, monkeypatch):
    wrong = all_are_large.FOLDED | {"Transpose": lambda array, perm: np.transpose(array[::-1, ::-1], perm)}
    monkeypatch.setattr(all_are_large, "FOLDED", wrong)
    with pytest.raises(CheckFailedError, match="differ from Keras' by up to"):
        export_model(opened(of_many_layers()), "onnx", tmp_path / "a.onnx", count=5)
    assert list(tmp_path.iterdir()) == []


def channels_first():
    """A network whose channels stand in front, as its first layer turns them."""
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            layers.Input((3, 8, 6)),
            layers.Permute((2, 3, 1)),
            layers.Conv2D(4, 3),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


@pytest.mark.parametrize(
    "make",
    [
        channels_first,
        lambda: keras.Sequential([layers.Input((64,)), layers.Dense(4)]),
        lambda: keras.Sequential([layers.Input((8, 8)), layers.Flatten(), layers.Dense(4)]),
    ],
    ids=["channels first", "a vector", "a matrix"],
)
def test_other_inputs_get_pictures_too(tmp_path, make):
    exported = export_model(opened(make()), "litert", tmp_path / "a.tflite", count=4)
    assert exported.card["checked"]["pictures"] == "4 random pictures"
    assert exported.card["pixels"] is not None


def test_numbers_that_are_no_picture(tmp_path):
    model = keras.Sequential([layers.Input((7, 2)), layers.Flatten(), layers.Dense(4)])
    exported = export_model(opened(model), "litert", tmp_path / "a.tflite", count=4)
    assert exported.card["checked"]["pictures"] == "4 inputs of random numbers"
    assert exported.card["pixels"] is None
    assert "# your numbers" in exported.snippet
    message = refusal(export_model, opened(model), "litert", tmp_path / "b.tflite", "mnist")
    assert "7×2 numbers, which are no picture" in message


@pytest.mark.slow
def test_a_recurrent_layer_takes_one_picture_at_a_time_in_litert(tmp_path):
    model = keras.Sequential([layers.Input((6, 6)), layers.LSTM(3), layers.Dense(2)])
    exported = export_model(opened(model), "litert", tmp_path / "a.tflite", count=3)
    assert exported.agreement.batches == (1,)
    assert exported.card["inputs"][0]["shape"][0] == 1
    assert any("one picture at a time" in note for note in exported.notes)


@pytest.mark.parametrize("name", ["onnx", "litert"])
def test_an_operator_that_a_format_lacks_is_named(tmp_path, name):
    need(name)
    image = layers.Input((8, 8, 1))
    real, _ = keras.ops.fft2((image[..., 0], image[..., 0] * 0))
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(real)))
    message = refusal(export_model, opened(model), name, place(tmp_path, name))
    assert "has no operator for TensorFlow's Complex, FFT2D" in message
    assert list(tmp_path.iterdir()) == []


def test_a_subclass_that_was_called_and_one_that_was_not(tmp_path):
    class Own(keras.Model):
        def __init__(self):
            super().__init__(name="own")
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(layers.Flatten()(x))

    model = Own()
    assert "was never called" in refusal(opened, model)
    model(np.zeros((1, 8, 8, 3), np.float32))
    export_model(opened(model), "saved_model", tmp_path / "a", count=3)


def test_outputs_that_are_the_same_for_all_pictures_are_said(tmp_path):
    model = small()
    model.layers[-1].kernel.assign(model.layers[-1].kernel * 0)
    exported = export_model(opened(model), "saved_model", tmp_path / "a", count=4)
    assert any("the comparison says little" in note for note in exported.notes)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A model in a .keras and in an older .h5 file, and a picture."""
    import logging

    folder = tmp_path_factory.mktemp("files")
    model = small()
    model.save(folder / "small.keras")
    logging.disable(logging.WARNING)
    model.save(folder / "older.h5")
    logging.disable(logging.NOTSET)
    noise = np.random.default_rng(5).integers(0, 256, (9, 9, 3), np.uint8)
    Image.fromarray(noise).save(folder / "it's one.png")
    return folder


def test_the_command_says_what_it_wrote(door, files, tmp_path):
    path = tmp_path / "a.tflite"
    code, said, errors = door(main, "--model", files / "small.keras", "--output", path, "--count", 3)
    assert (code, errors) == (0, "")
    assert f"{path}, LiteRT, {path.stat().st_size:,} bytes" in said
    assert "the same class for 3 of 3" in said
    assert "Keras on 3 random pictures, in batches of 1 and 3" in said
    assert "print(" in said
    code, said, errors = door(main, "--model", files / "older.h5", "--output", path)
    assert code == 2
    assert (
        "is there already, and is no export of older; give another --output, or --replace to lose it"
        in errors
    )
    assert door(main, "--model", files / "older.h5", "--output", path, "--count", 2, "--replace")[0] == 0


def test_the_command_tries_given_pictures(door, files, tmp_path):
    options = (
        "--model",
        files / "small.keras",
        "--format",
        "saved_model",
        "--output",
        tmp_path / "a",
        "--count",
        4,
    )
    code, said, _ = door(main, *options, "--image", files / "it's one.png")
    assert code == 0
    assert "on 1 given picture and 3 random ones" in said
    code, _, errors = door(main, *options, "--image", files / "small.keras")
    assert code == 2
    assert "is not an image" in errors
    assert "contradict" in door(main, *options, "--image", "a.png", "--data", "mnist")[2]
    assert "has no input 'other'" in door(main, *options, "--input", "other")[2]


def test_the_command_tries_a_data_set_fitted_to_the_network(door, files, tmp_path):
    options = (
        "--model",
        files / "small.keras",
        "--format",
        "saved_model",
        "--output",
        tmp_path / "a",
        "--count",
        4,
    )
    code, said, _ = door(main, *options, "--data", "x_or_not_x")
    assert code == 0
    assert "on 4 test images of x_or_not_x" in said


def test_test_images_that_are_too_few_are_made_up_with_training_images(files):
    opened = OpenModel(ModelChoice(files / "small.keras"))
    folder = make_picture_folder(files / "shapes", count=8)
    chosen = choose_pictures(opened, Entrance(opened.shape), folder, count=10)
    tests = len(open_data(folder).test_images)
    assert chosen.words == f"{tests} test images and {10 - tests} training images of shapes"
    assert len(chosen.inputs) == 10
    assert not [note for note in chosen.notes if "held out" in note]
    alone = choose_pictures(opened, Entrance(opened.shape), folder, count=tests)
    assert alone.words == f"{tests} test images of shapes"
    np.testing.assert_array_equal(alone.inputs, chosen.inputs[:tests])


def test_a_broken_export_ends_with_1_and_leaves_nothing(door, files, tmp_path, monkeypatch):
    broken(monkeypatch, last_bias_moved)
    options = ("--model", files / "small.keras", "--output", tmp_path / "a.tflite", "--count", 3)
    code, _, errors = door(main, *options)
    assert code == 1
    assert errors.startswith("Error: the LiteRT export of small is not left: run by ")
    assert len(errors.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_extra_is_asked_for_before_anything_is_read(door, tmp_path, monkeypatch):
    from app.export import formats

    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    code, _, errors = door(main, "--model", "no such model", "--format", "onnx")
    assert code == 2
    assert "tf2onnx and onnx and onnxruntime; install" in errors
    assert "pip install -r requirements-export.txt" in errors


@pytest.mark.slow
def test_nothing_is_said_on_the_error_output(command, files, tmp_path):
    """Neither what TensorFlow's C++ writes, nor what converters log."""
    for name, format in (("a.tflite", "litert"), ("a", "saved_model")):
        options = ("--format", format, "--output", tmp_path / name, "--count", 2)
        done = command("-m", "app.export", "--model", files / "small.keras", *options)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Export   ")


def test_two_exports_to_one_place_do_not_meet(tmp_path, format):
    """While one is being written, another one is refused; nothing is left of the lock."""
    path = place(tmp_path, format)
    with leaving.alone(path):
        said = refusal(export_model, opened(small()), format, path, count=2)
        assert said == f"another run is already writing {path}; wait for it, or choose another --output"
    export_model(opened(small()), format, path, count=2)
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, f"{path.name}.json"]


def test_a_saved_model_whose_name_is_a_pattern_is_refused(tmp_path):
    """TensorFlow would look for all files that fit, where it reads the weights."""
    assert "TensorFlow takes the [" in refusal(
        export_model, opened(small()), "saved_model", tmp_path / "a[b]"
    )
