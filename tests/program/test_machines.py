"""One program, two machines: a file read as data and run by NumPy is the model that TensorFlow runs."""

import app.engine  # noqa: F401, I001

import json
import subprocess
import sys
import zipfile

import h5py
import keras
import numpy as np
import pytest
from conftest import ROOT
from spellings import RELUS, SIZE, SOFTMAXES, flat, nested, sequential

from app.counting.stored.model_files import read_config
from app.engine.build import build_model
from app.engine.machine import machine_for
from app.engine.replay.plain import as_program, as_replay
from app.files.saved import SHIPPED_MODELS
from app.maps.explainer import Explainer
from app.maps.feature_layers import feature_layers, find_feature_steps
from app.maps.open_model import ModelChoice, OpenModel
from app.program.program import NotWrittenError
from app.program.written import as_json
from app.scratch.machine import MOST_PARAMETERS, NumpyMachine
from app.scratch.reading import read_program
from models import CATALOGUE

pytestmark = pytest.mark.keras
layers = keras.layers
CLOSE = 1e-5
"""Of the largest value: both compute in float32."""


def randomised(model, seed=1):
    draw = np.random.default_rng(seed)
    for variable in model.weights:
        low = 0.3 if "variance" in variable.name else -0.5
        variable.assign(
            draw.uniform(low, 0.8, variable.shape) / max(1, np.sqrt(np.prod(variable.shape[:-1])) / 2)
        )
    return model


def residual():
    """A user's own model: a residual branch, batch normalisation, two kinds of pooling."""
    image = keras.Input((16, 14, 3), name="photo")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    x = layers.Conv2D(6, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    start = x = layers.ReLU(6.0)(x)
    x = layers.SeparableConv2D(6, 3, padding="same", activation="relu")(x)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.add([layers.LeakyReLU(0.125)(x), start])
    x = layers.Concatenate()([layers.MaxPooling2D(padding="same")(x), layers.AveragePooling2D(2)(x)])
    x = layers.Dropout(0.4)(layers.DepthwiseConv2D(3, strides=2, activation="tanh")(x))
    return keras.Model(image, layers.Dense(4, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def one_unit(activation="sigmoid"):
    return keras.Sequential(
        [
            keras.Input(SIZE),
            layers.Conv2D(3, 3, dilation_rate=2, activation="elu"),
            layers.UpSampling2D(2),
            layers.Cropping2D(((1, 0), (0, 2))),
            layers.Conv2DTranspose(2, 3, strides=2, padding="same"),
            layers.ZeroPadding2D(1),
            layers.Flatten(),
            layers.Dense(1, activation=activation),
        ]
    )


def shared_layer():
    image, conv = keras.Input((9, 9, 2)), layers.Conv2D(2, 3, padding="same", activation="relu", name="twice")
    x = conv(conv(image))
    return keras.Model(image, layers.Dense(3)(layers.Flatten()(layers.Multiply()([x, conv(x)]))))


MODELS = {
    **{f"relu by {name}": lambda name=name: flat(name) for name in ("layer", "activation", "fused")},
    **{f"softmax by {name}": lambda name=name: flat(softmax=name) for name in ("layer", "fused", "none")},
    "nested": nested,
    "sequential": sequential,
    "residual": residual,
    "one sigmoid unit": one_unit,
    "one raw unit": lambda: one_unit(None),
    "lenet5": lambda: build_model(CATALOGUE["lenet5"]),
    "numpy_cnn": lambda: build_model(CATALOGUE["numpy_cnn"]),
    "resnet20": lambda: build_model(CATALOGUE["resnet20"]),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Each model, its file as .keras and .h5, and the programs that TensorFlow and NumPy run."""
    folder, found = tmp_path_factory.mktemp("models"), {}

    def make(name):
        if name not in found:
            keras.utils.set_random_seed(0)
            model = randomised(MODELS[name]())
            path = folder / f"{len(found)}.keras"
            model.save(path)
            program = read_program(path, read_config(path))
            found[name] = model, path, machine_for(model), NumpyMachine(program)
        return found[name]

    return make


def images_for(machine, count=3, seed=0):
    return np.random.default_rng(seed).uniform(0, 1, (count, *machine.program.image_shape)).astype("float32")


def close(ours, theirs, share=CLOSE):
    assert ours.shape == theirs.shape
    assert np.isfinite(theirs).all()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=share * max(np.abs(theirs).max(), 1e-6))


@pytest.mark.parametrize("name", MODELS)
def test_both_machines_say_the_same(made, name):
    _, _, theirs, ours = made(name)
    images = images_for(ours)
    assert ours.program.head.kind == theirs.program.head.kind
    for head in (True, False):
        close(ours.outputs(images, head), theirs.outputs(images, head))
    assert ours.program.rectifiers() == theirs.program.rectifiers()


@pytest.mark.parametrize("rule", ["plain", "guided", "rectified"])
@pytest.mark.parametrize("name", MODELS)
def test_both_machines_pull_back_the_same(made, name, rule):
    _, _, theirs, ours = made(name)
    images = images_for(ours)
    seeds = np.random.default_rng(1).normal(size=(len(images), ours.program.head.units)).astype("float32")
    close(ours.pull_back(images, seeds, rule=rule), theirs.pull_back(images, seeds, rule=rule))


@pytest.mark.parametrize("name", MODELS)
def test_both_machines_have_the_same_maps_and_gradients_by_them(made, name):
    _, _, theirs, ours = made(name)
    images = images_for(ours)
    steps, others = feature_layers(ours.program), feature_layers(theirs.program)
    assert [step.name for step in steps] == [step.name for step in others]
    assert [step.map_shape for step in steps] == [step.map_shape for step in others]
    targets = np.eye(ours.program.head.units, dtype="float32")[[0] * len(images)]
    for mine, other in list(zip(steps, others, strict=True))[:: max(1, len(steps) // 8)]:
        for ours_, theirs_ in zip(ours.maps(images, [mine]), theirs.maps(images, [other]), strict=True):
            close(ours_, theirs_)
        for a, b in zip(
            ours.maps_and_gradients(images, targets, [mine]),
            theirs.maps_and_gradients(images, targets, [other]),
            strict=True,
        ):
            close(a, b)
        seeds = np.random.default_rng(2).normal(size=(len(images), *mine.map_shape)).astype("float32")
        close(ours.pull_back(images, seeds, mine), theirs.pull_back(images, seeds, other))


def test_several_maps_stand_side_by_side(made):
    _, _, theirs, ours = made("residual")
    images, targets = images_for(ours), np.eye(4, dtype="float32")[[1, 2, 3]]
    some = [[s for s in feature_layers(m.program) if "pooling" in s.name] for m in (ours, theirs)]
    assert [len(steps) for steps in some] == [2, 2]
    for a, b in zip(
        ours.maps_and_gradients(images, targets, some[0]),
        theirs.maps_and_gradients(images, targets, some[1]),
        strict=True,
    ):
        close(a, b)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_and_its_replay_are_the_same_steps(made, name):
    _model, _path, theirs, ours = made(name)
    written, replayed = as_json(ours.program), as_json(as_program(theirs.program))
    said = [(s["name"], s["kind"], s["shape"], sorted(s["arrays"])) for s in written["steps"]]
    assert said == [(s["name"], s["kind"], s["shape"], sorted(s["arrays"])) for s in replayed["steps"]]
    for mine, other in zip(written["steps"], replayed["steps"], strict=True):
        assert mine["settings"] == other["settings"], mine["name"]
    assert {k: v["data"] for k, v in written["arrays"].items()} == {
        k: v["data"] for k, v in replayed["arrays"].items()
    }


@pytest.mark.parametrize("name", MODELS)
def test_keras_runs_plain_steps_too(made, name):
    _, _, theirs, ours = made(name)
    images = images_for(ours)
    again = as_replay(ours.program)
    close(np.asarray(again.logits(images)), theirs.outputs(images, head=False))


@pytest.mark.parametrize("name", [n for n in MODELS if n not in ("nested", "sequential")])
def test_an_h5_file_is_read_too(made, name, tmp_path):
    model, _, theirs, _ = made(name)
    path = tmp_path / "model.h5"
    model.save(path)
    ours = NumpyMachine(read_program(path, read_config(path)))
    images = images_for(ours)
    close(ours.outputs(images), theirs.outputs(images))


def test_a_wrong_array_is_noticed(made):
    """The comparison above finds weights of which one number is another."""
    _model, path, theirs, _ = made("residual")
    program = read_program(path, read_config(path))
    step = next(step for step in program.steps if step.kind == "Dense")
    step.arrays["kernel"][0, 0] += 0.01
    ours = NumpyMachine(program)
    images = images_for(ours)
    with pytest.raises(AssertionError):
        close(ours.outputs(images), theirs.outputs(images))


def test_a_wrong_rule_is_noticed(made):
    _, _, theirs, ours = made("resnet20")
    images = images_for(ours)
    seeds = np.ones((len(images), 10), "float32")
    with pytest.raises(AssertionError):
        close(ours.pull_back(images, seeds, rule="guided"), theirs.pull_back(images, seeds))


def test_in_float64_they_agree_to_more_digits(tmp_path):
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        model = randomised(residual())
        model.save(tmp_path / "double.keras")
        theirs = machine_for(model)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    path = tmp_path / "double.keras"
    ours = NumpyMachine(read_program(path, read_config(path)))
    assert ours.program.dtype == "float64"
    images = images_for(ours)
    targets = np.eye(4)[[0, 1, 2]]
    close(ours.pull_back(images, targets), theirs.pull_back(images, targets), 1e-11)


def refused(model, tmp_path, match):
    path = tmp_path / "refused.keras"
    model.save(path)
    with pytest.raises(NotWrittenError, match=match):
        NumpyMachine(read_program(path, read_config(path)))
    return path


def test_what_numpy_does_not_have_is_named(tmp_path):
    image = keras.Input((12, 12, 1))
    x = layers.GroupNormalization(groups=1, name="grouped")(layers.Conv2D(2, 3)(image))
    path = refused(
        keras.Model(image, layers.Dense(2)(layers.Flatten()(x))),
        tmp_path,
        "layer 'grouped'.*GroupNormalization",
    )
    assert OpenModel(ModelChoice(path)).explainer.machine.name == "TensorFlow"
    with pytest.raises(ValueError, match=r"NumPy cannot run .*grouped.*take TensorFlow"):
        OpenModel(ModelChoice(path, machine="numpy")).explainer  # noqa: B018


def test_a_layer_that_is_called_again_is_left_to_tensorflow(tmp_path):
    """Keras numbers the calls, and Grad-CAM's layer may be one of them; a model in memory says its own order."""
    model = randomised(shared_layer())
    path = refused(model, tmp_path, "layer 'twice' is called several times")
    assert OpenModel(ModelChoice(path)).explainer.machine.name == "TensorFlow"
    theirs, ours = machine_for(model), OpenModel(ModelChoice(model, machine="numpy")).explainer.machine
    images, targets = images_for(ours), np.eye(3)[[0, 1, 2]]
    close(ours.pull_back(images, targets), theirs.pull_back(images, targets))


def negative(kind):
    """A class of somebody's own that does something else; a layer is called as Keras' own."""
    own = type(
        "MyModel" if kind is keras.Model else kind.__name__,
        (kind,),
        {"call": lambda self, x, **_: -kind.call(self, x)},
    )
    own.__module__ = "somebodys.code"
    return own


@pytest.mark.parametrize("registered", [False, True])
@pytest.mark.parametrize("what", ["layer", "activation", "model", "inner model"])
def test_a_class_of_ones_own_with_a_name_of_keras_is_never_taken_for_it(tmp_path, what, registered):
    kinds = {
        "layer": layers.Conv2D,
        "activation": layers.ReLU,
        "model": keras.Model,
        "inner model": keras.Model,
    }
    own = negative(kinds[what])
    if registered:
        own = keras.saving.register_keras_serializable(package=f"tests {what}")(own)
    image = keras.Input((10, 10, 2))
    x = (own if what == "layer" else layers.Conv2D)(3, 3)(image)
    x = layers.Activation(own() if what == "activation" else "relu")(x)
    x = layers.Dense(2)(layers.GlobalAveragePooling2D()(x))
    model = (own if "model" in what else keras.Model)(image, x)
    if what == "inner model":
        outer = keras.Input((10, 10, 2))
        model = keras.Model(outer, model(outer))
    refused(model, tmp_path, "which is not of Keras' own")
    model.save(tmp_path / "own.h5")
    if what in ("model", "activation"):
        with pytest.raises(NotWrittenError):
            read_program(tmp_path / "own.h5", read_config(tmp_path / "own.h5"))


@pytest.mark.parametrize(
    "operate",
    [
        lambda x: x * 7.0,
        lambda x: x + 3.0,
        lambda x: keras.ops.maximum(x, 0.5),
        lambda x: keras.ops.minimum(x, 0.1),
    ],
    ids=["times", "plus", "maximum", "minimum"],
)
def test_a_number_that_an_h5_file_loses_is_missed(tmp_path, operate):
    image = keras.Input((8, 8, 1))
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(operate(layers.Conv2D(2, 3)(image)))))
    for name in ("model.h5", "model.keras"):
        model.save(tmp_path / name)
        with pytest.raises(NotWrittenError):
            read_program(tmp_path / name, read_config(tmp_path / name))


def test_maps_of_members_of_an_ensemble_stand_side_by_side(tmp_path):
    image = keras.Input((10, 10, 1))
    members = [
        layers.Dense(3)(
            layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, activation="relu", name=f"c{n}")(image))
        )
        for n in range(3)
    ]
    model = randomised(keras.Model(image, layers.Average()(members)))
    model.save(tmp_path / "members.keras")
    ours = NumpyMachine(read_program(tmp_path / "members.keras", read_config(tmp_path / "members.keras")))
    theirs, images = machine_for(model), images_for(ours)
    for found, expected in zip(
        *(m.maps(images, find_feature_steps(m.program, None)) for m in (ours, theirs)), strict=True
    ):
        close(found, expected)


def test_a_gradient_by_what_dropout_passes_on_is_by_that_alone(tmp_path):
    """Something else reads what the dropout reads."""
    image = keras.Input((9, 9, 1))
    c = layers.Conv2D(3, 3, activation="relu", name="c")(image)
    dropped = layers.Dropout(0.3, name="drop")(c)
    x = layers.Concatenate()([layers.GlobalAveragePooling2D()(dropped), layers.GlobalMaxPooling2D()(c)])
    model = randomised(keras.Model(image, layers.Dense(2)(x)))
    model.save(tmp_path / "m.keras")
    ours = NumpyMachine(read_program(tmp_path / "m.keras", read_config(tmp_path / "m.keras")))
    theirs, images, targets = machine_for(model), images_for(ours), np.eye(2, dtype="float32")[[0, 1, 0]]
    for names in (["drop"], ["c"], ["c", "drop"]):
        both = [[next(s for s in m.program.steps if s.name == n) for n in names] for m in (ours, theirs)]
        one = ours.maps_and_gradients(images, targets, both[0])
        for a, b in zip(one, theirs.maps_and_gradients(images, targets, both[1]), strict=True):
            close(a, b)


@pytest.mark.parametrize("change", [{"epsilon": "x"}, {"epsilon": None}, {"axis": [3]}])
def test_settings_that_make_no_sense_are_left_to_tensorflow(tmp_path, change):
    image = keras.Input((8, 8, 1))
    x = layers.BatchNormalization(name="norm")(layers.Conv2D(2, 3)(image))
    keras.Model(image, layers.Dense(2)(layers.Flatten()(x))).save(tmp_path / "m.keras")
    path = tmp_path / "odd.keras"
    with zipfile.ZipFile(tmp_path / "m.keras") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                next(e for e in config["config"]["layers"] if e["name"] == "norm")["config"].update(change)
                content = json.dumps(config).encode()
            new.writestr(name, content)
    with pytest.raises(ValueError, match="NumPy cannot run"):
        OpenModel(ModelChoice(path)).load(engine="numpy")


def test_what_numpy_does_not_take_is_said(tmp_path):
    image, other = keras.Input((12, 12, 1)), keras.Input((3,))
    x = layers.Dense(2)(layers.Flatten()(image))
    refused(keras.Model([image, other], layers.Concatenate()([x, other])), tmp_path, "2 inputs")
    refused(keras.Model(image, layers.Conv2D(2, 1)(image)), tmp_path, "12×12×2, not a row")
    row = keras.Input((20,))
    refused(keras.Model(row, layers.Dense(2)(row)), tmp_path, "takes 20, not images")
    mixed = layers.Conv2D(2, 3, dtype="mixed_float16", name="half")(image)
    refused(
        keras.Model(image, layers.Dense(2)(layers.Flatten()(mixed))),
        tmp_path,
        "'half' computes in mixed_float16",
    )
    open_size = keras.Input((None, None, 1))
    refused(
        keras.Model(open_size, layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(open_size))),
        tmp_path,
        "open",
    )


def test_a_network_that_is_too_large_is_refused_with_the_limit(tmp_path):
    wide = keras.Sequential([keras.Input((60, 60, 1)), layers.Flatten(), layers.Dense(3400), layers.Dense(2)])
    assert wide.count_params() > MOST_PARAMETERS
    refused(wide, tmp_path, "parameters; NumPy takes networks of up to 12,000,000")
    deep = keras.Sequential([keras.Input((400, 400, 1)), *[layers.Conv2D(64, 3) for _ in range(3)]])
    deep.add(layers.GlobalAveragePooling2D())
    path = refused(deep, tmp_path, "multiply-accumulates an image; NumPy is for up to")
    assert OpenModel(ModelChoice(path)).explainer.machine.name == "TensorFlow"


def changed(path, target, change):
    """Copy a .keras file, the weights inside changed by a function of the HDF5 file."""
    inside = path.with_name("weights.h5")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "model.weights.h5":
                inside.write_bytes(content)
                with h5py.File(inside, "r+") as file:
                    change(file)
                content = inside.read_bytes()
            new.writestr(name, content)


def test_weights_that_do_not_fit_are_refused(made, tmp_path):
    _, path, _, _ = made("relu by fused")

    def narrower(file):
        bias = file["layers/conv2d/vars/1"][:-1]
        del file["layers/conv2d/vars/1"]
        file["layers/conv2d/vars/1"] = bias

    def more(file):
        file.create_group("layers/dense_7/vars")["0"] = np.zeros((2, 2))

    changed(path, tmp_path / "narrow.keras", narrower)
    changed(path, tmp_path / "more.keras", more)
    for name, match in (("narrow", "layer 'c1' do not fit"), ("more", "no layer uses")):
        file = tmp_path / f"{name}.keras"
        with pytest.raises(NotWrittenError, match=match):
            read_program(file, read_config(file))


def test_nan_is_said(made, tmp_path):
    _, path, _, _ = made("relu by fused")
    hidden, all_over = tmp_path / "hidden.keras", tmp_path / "all.keras"

    def one(file):
        file["layers/conv2d/vars/0"][0, 0, 0, 0] = np.nan

    def bias(file):
        file["layers/dense/vars/1"][...] = np.inf

    changed(path, hidden, one)
    changed(path, all_over, bias)
    for file, layer in ((hidden, "c1"), (all_over, "d")):
        with pytest.raises(ValueError, match=f"not finite.*in the layer {layer}; it cannot be trusted"):
            OpenModel(ModelChoice(file, machine="numpy")).explainer  # noqa: B018


def test_a_model_in_memory_is_run_by_whom_one_asks(made):
    model, _, theirs, _ = made("residual")
    assert OpenModel(ModelChoice(model)).explainer.machine.name == "TensorFlow"
    asked = OpenModel(ModelChoice(model, machine="numpy")).explainer
    assert asked.machine.name == "NumPy"
    images = images_for(theirs)
    close(asked.outputs(images), theirs.outputs(images))
    spelled = flat(next(iter(RELUS)), next(iter(SOFTMAXES)))
    assert OpenModel(ModelChoice(spelled, machine="numpy")).explainer.machine.name == "NumPy"
    with pytest.raises(ValueError, match="engine is one of numpy, tensorflow, tf-keras-vis, not 'torch'"):
        OpenModel(ModelChoice(model, machine="torch")).explainer  # noqa: B018


def test_randomised_weights_are_put_back(made):
    _, path, _, _ = made("residual")
    ours = NumpyMachine(read_program(path, read_config(path)))
    theirs = made("residual")[2]
    images = images_for(ours)
    before = ours.outputs(images)
    assert [layer.name for layer in ours.learnt_layers()] == [layer.name for layer in theirs.learnt_layers()]
    for mine, other in zip(ours.learnt_layers(), theirs.learnt_layers(), strict=True):
        kept, theirs_kept = mine.read(), other.read()
        for a, b in zip(kept, theirs_kept, strict=True):
            np.testing.assert_array_equal(a, b)
        mine.write([np.zeros_like(a) for a in kept])
        other.write([np.zeros_like(a) for a in kept])
        close(ours.outputs(images), theirs.outputs(images))
        mine.write(kept)
        other.write(theirs_kept)
    np.testing.assert_array_equal(ours.outputs(images), before)


def test_grad_cam_looks_at_the_same_layer(made):
    for name in ("residual", "resnet20", "nested"):
        _, _, theirs, ours = made(name)
        steps = [find_feature_steps(machine.program, None) for machine in (ours, theirs)]
        assert [s.name for s in steps[0]] == [s.name for s in steps[1]]


def test_every_shipped_model_is_run_by_numpy_without_tensorflow():
    names = sorted(path.stem for path in SHIPPED_MODELS.glob("*.keras"))
    assert "mnist" in names
    code = (
        "import sys; from app.maps.open_model import ModelChoice, OpenModel\n"
        f"for name in {names}:\n"
        "    print(name, OpenModel(ModelChoice(name)).explainer.machine.name)\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [word for name in names for word in (name, "NumPy")]


def test_chunks_do_not_show(made):
    _, _, _, ours = made("residual")
    images = images_for(ours, 7)
    whole, small = Explainer(ours), Explainer(ours, memory_bytes=1)
    assert small.rows_at_once(images.shape[1:]) == 1
    targets = whole.targets([0] * 7)
    close(small.gradients(images, targets), whole.gradients(images, targets))
    close(small.outputs(images), whole.outputs(images))
