"""Model files counted by hand and checked against the weights inside, without TensorFlow."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from app.counting.stored.count_file import count_file
from app.counting.stored.weight_files import WEIGHTS

IMAGE = (8, 8, 3)


@pytest.fixture(scope="module")
def keras():
    import app.engine  # noqa: F401

    return pytest.importorskip("keras")


def elaborate(keras):
    """Nested, shared, wrapped and attentive layers, operations and random state."""
    layers = keras.layers
    chain = [
        keras.Input(IMAGE),
        layers.Conv2D(4, 3, name="c1"),
        layers.BatchNormalization(),
        layers.Dropout(0.2),
    ]
    inner = keras.Sequential(chain, name="inner")
    image, shared = (keras.Input(IMAGE, name="image"), layers.Conv2D(4, 3, padding="same", name="twice"))
    x = shared(shared(inner(image)))
    x = layers.MultiHeadAttention(2, 4, name="attention")(x, x)
    x = layers.TimeDistributed(layers.Dense(3, name="step"), name="steps")(x)
    x = layers.SpectralNormalization(layers.Conv2D(2, 1), name="spectral")(x)
    x = keras.ops.relu(keras.ops.mean(x, axis=(1, 2)) + 1.0)
    return keras.Model(image, layers.Dense(3, name="last")(x), name="elaborate")


@pytest.fixture(scope="module")
def trained(keras, tmp_path_factory):
    """The elaborate model after a step of training, in both formats."""
    import numpy as np

    model = elaborate(keras)
    model.compile("adam", "mse")
    model.train_on_batch(np.zeros((2, *IMAGE)), np.zeros((2, 3)))
    folder = tmp_path_factory.mktemp("models")
    for ending in ("keras", "h5"):
        model.save(folder / f"model.{ending}")
    (folder / "model.json").write_text(model.to_json())
    return model, folder


@pytest.mark.keras
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_the_hand_count_equals_the_stored_weights(trained, ending):
    model, folder = trained
    counted = count_file(folder / f"model.{ending}")
    assert counted.differences == ()
    assert counted.sheet.parameters == model.count_params()
    assert counted.sheet.trainable == sum(w.size for w in as_arrays(model.trainable_weights))
    assert counted.sheet.unknown == ()
    kept = sum(w.size for w in as_arrays(model.optimizer.variables))
    assert counted.weights.optimizer_values == kept > model.count_params()


def as_arrays(variables):
    import numpy as np

    return [np.asarray(variable) for variable in variables]


@pytest.mark.keras
def test_a_configuration_alone_is_counted_and_says_that_nothing_was_compared(trained):
    model, folder = trained
    counted = count_file(folder / "model.json")
    assert counted.sheet.parameters == model.count_params()
    assert counted.weights is None
    assert "no weights" in counted.note


@pytest.mark.keras
def test_a_shared_layer_counts_once_and_shows_each_call(trained):
    rows = count_file(trained[1] / "model.keras").sheet.rows
    calls = {row.name: row for row in rows if row.name.startswith("twice")}
    assert list(calls) == ["twice", "twice:2"]
    assert calls["twice"].parameters == 148
    assert (calls["twice:2"].parameters, calls["twice:2"].shared_with) == (0, "twice")
    assert calls["twice:2"].inputs == ("twice",)


def rewrite(source, target, change=None, compression=zipfile.ZIP_STORED, weights=None):
    """Copy an archive with a changed configuration, other weights or another compression."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json" and change:
                config = json.loads(data)
                change(config)
                data = json.dumps(config).encode()
            if name == WEIGHTS and weights is not None:
                data = weights(data)
            new.writestr(name, data)
    return target


def widen(config):
    entry = next(e for e in config["config"]["layers"] if e["config"]["name"] == "last")
    entry["config"]["units"] = 4


def mirror(config):
    """The same number of parameters in another shape."""
    entry = next(e for e in config["config"]["layers"] if e["config"]["name"] == "twice")
    entry["config"]["kernel_size"] = [1, 9]


@pytest.mark.keras
@pytest.mark.parametrize(("change", "layer"), [(widen, "last"), (mirror, "twice")])
def test_a_configuration_that_does_not_match_its_weights_is_reported(trained, tmp_path, change, layer):
    path = rewrite(trained[1] / "model.keras", tmp_path / "wrong.keras", change)
    (difference,) = count_file(path).differences
    assert difference.layer == layer
    assert "in the file" in str(difference)


@pytest.mark.keras
def test_a_compressed_archive_is_read_too(trained, tmp_path):
    path = rewrite(trained[1] / "model.keras", tmp_path / "c.keras", None, zipfile.ZIP_DEFLATED)
    assert count_file(path).differences == ()


@pytest.mark.keras
def test_files_of_an_older_keras_do_not_name_the_layers_in_the_weights(trained, tmp_path):
    import io

    import h5py

    def unname(data):
        stream = io.BytesIO(data)
        with h5py.File(stream, "a") as file:
            file.visititems(lambda _, item: item.attrs.pop("name", None))
        return stream.getvalue()

    path = rewrite(trained[1] / "model.keras", tmp_path / "older.keras", weights=unname)
    assert count_file(path).differences == ()


@pytest.mark.keras
@pytest.mark.parametrize("size", [100, 5000])
def test_cut_weights_are_one_clear_error(trained, tmp_path, size):
    path = rewrite(trained[1] / "model.keras", tmp_path / "cut.keras", weights=lambda d: d[:size])
    with pytest.raises(ValueError, match="the weights inside are damaged"):
        count_file(path)


def test_an_archive_without_weights_is_counted_and_says_so(tmp_path):
    path = tmp_path / "bare.keras"
    with zipfile.ZipFile("saved_models/shipped/mnist.keras") as old, zipfile.ZipFile(path, "w") as new:
        new.writestr("config.json", old.read("config.json"))
    counted = count_file(path)
    assert counted.sheet.parameters == 93_322
    assert (counted.weights, counted.differences) == (None, ())
    assert "no weights" in counted.note


@pytest.mark.keras
def test_code_is_named_and_never_run(keras, tmp_path):
    flag = tmp_path / "run"
    layers = keras.layers

    def leave_a_mark(x):
        import pathlib

        pathlib.Path(str(flag)).write_text("run")
        return x * 2

    chain = [
        keras.Input((6, 6, 1)),
        layers.Conv2D(2, 3),
        layers.Lambda(leave_a_mark, name="code"),
        layers.Flatten(),
        layers.Dense(2),
    ]
    model = keras.Sequential(chain)
    model.save(tmp_path / "code.keras")
    flag.unlink(missing_ok=True)
    counted = count_file(tmp_path / "code.keras")
    assert not flag.exists()
    (row,) = counted.sheet.unknown
    assert (row.name, row.kind) == ("code", "Lambda")
    assert counted.differences == ()
    assert counted.sheet.parameters == model.count_params()


@pytest.mark.keras
def test_a_custom_layer_is_counted_from_its_stored_weights(keras, tmp_path):
    @keras.saving.register_keras_serializable(package="mine")
    class Scale(keras.layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(shape=(shape[-1],), name="factor")

        def call(self, x):
            return keras.ops.concatenate([x * self.factor, x], axis=-1)

    image = keras.Input((6, 6, 3))
    x = keras.layers.Conv2D(2, 3)(Scale(name="scale")(image))
    model = keras.Model(image, keras.layers.Flatten()(x))
    model.save(tmp_path / "custom.keras")
    counted = count_file(tmp_path / "custom.keras")
    row = counted.sheet.row("scale")
    assert row.parameters == 3
    assert row.output_shape == (6, 6, 6)  # the file states it, so what follows is counted right
    assert "mine" in row.unknown or "Scale" in row.unknown
    assert counted.differences == ()
    assert counted.sheet.parameters == model.count_params()


@pytest.mark.keras
def test_a_subclassed_model_is_listed_by_its_weights(keras, tmp_path):
    @keras.saving.register_keras_serializable(package="mine")
    class Small(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.first = keras.layers.Dense(4)
            self.second = keras.layers.Dense(2)

        def call(self, x):
            return self.second(self.first(x))

    model = Small()
    model(keras.ops.zeros((1, 3)))
    model.save(tmp_path / "small.keras")
    counted = count_file(tmp_path / "small.keras")
    assert counted.sheet.parameters == model.count_params() == 26
    assert all(row.unknown for row in counted.sheet.rows)
    assert "subclassed" in counted.note


@pytest.mark.keras
def test_open_sizes_are_asked_for(keras, tmp_path):
    image = keras.Input((None, None, 3))
    model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 3)(image)))
    path = tmp_path / "open.keras"
    model.save(path)
    with pytest.raises(ValueError, match="leaves a size open"):
        count_file(path)
    sheet = count_file(path, (9, 8, 3)).sheet
    assert sheet.rows[1].output_shape == (7, 6, 2)
    with pytest.raises(ValueError, match=r"takes \?×\?×3, not 9×8×4"):
        count_file(path, (9, 8, 4))


def test_counting_a_file_needs_neither_tensorflow_nor_its_weights(command, tmp_path):
    code = (
        "import sys; from pathlib import Path; from app.counting.stored.count_file import count_file;"
        "print(count_file(Path('saved_models/shipped/mnist.keras')).sheet.parameters);"
        "print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    )
    assert command("-c", code).stdout.split("\n")[:2] == ["93322", "[]"]


def test_flipped_bytes_end_in_one_error_or_none(tmp_path):
    """A damaged file may still be readable; it must not end in anything but a ValueError."""
    import random

    draw = random.Random(7)
    whole = Path("saved_models/shipped/mnist.keras").read_bytes()
    path = tmp_path / "flipped.keras"
    for _ in range(150):
        spoiled = bytearray(whole)
        for _ in range(20):
            spoiled[draw.randrange(len(spoiled))] ^= draw.randrange(1, 256)
        path.write_bytes(bytes(spoiled))
        try:
            count_file(path)
        except ValueError:
            continue
    shutil.copy("saved_models/shipped/mnist.keras", path)
    assert count_file(path).sheet.parameters == 93_322
