"""Mixed precision: the layers compute in float16 while they learn; what is kept is float32."""

import app.engine  # noqa: F401, I001

import dataclasses

import keras
import numpy as np
import pytest

from app.engine.build import build_model
from app.engine.store import hash_weights, load_model, save_model
from app.engine.training.backup import EpochBackup
from app.engine.training.fit import fit, make_repeatable
from app.engine.training.keep_epochs import KeepEpochs
from app.engine.training.precision import computing_in
from app.engine.training.recipes import RECIPES
from models import CATALOGUE

pytestmark = pytest.mark.keras
RECIPE = dataclasses.replace(RECIPES["fast"], epochs=2, passes=2, batch_size=20, is_mixed=True)


@pytest.fixture(scope="module")
def few(mnist):
    parts = {
        name: getattr(mnist, name)[:60, ::2, ::2] if "images" in name else getattr(mnist, name)[:60]
        for name in ("train_images", "train_labels", "test_images", "test_labels")
    }
    return dataclasses.replace(mnist, **parts)


class Policies(keras.callbacks.Callback):
    """Remembers what the layers compute in, in training and in the tests."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def note(self, when):
        names = [layer.compute_dtype for layer in self.model.layers]
        self.seen.add((when, *sorted({*names[:-1]}), names[-1]))

    def on_train_batch_begin(self, batch, logs=None):
        self.note("training")

    def on_test_batch_begin(self, batch, logs=None):
        self.note("test")


def train(few, folder, recipe=RECIPE, callbacks=(), progress=lambda *_: None):
    make_repeatable(1)
    model = build_model(CATALOGUE["keras_vis_mnist"], input_shape=(14, 14, 1))
    return model, fit(model, few, recipe, 1, EpochBackup(folder / "backup"), progress, callbacks=callbacks)


@pytest.fixture(scope="module")
def mixed(few, tmp_path_factory):
    folder, policies = tmp_path_factory.mktemp("mixed"), Policies()
    make_repeatable(1)
    model = build_model(CATALOGUE["keras_vis_mnist"], input_shape=(14, 14, 1))
    keep = KeepEpochs(model, folder / "epochs")
    keep.begin(0)
    history = fit(
        model, few, RECIPE, 1, EpochBackup(folder / "backup"), lambda *_: None, callbacks=[policies, keep]
    )
    return folder, model, history, policies


def test_the_last_layer_and_the_tests_are_float32(mixed):
    _, _, _, policies = mixed
    assert policies.seen == {("training", "float16", "float32"), ("test", "float32", "float32")}


def test_what_is_left_is_float32(mixed, few, tmp_path):
    folder, model, history, _ = mixed
    assert {layer.dtype_policy.name for layer in model._flatten_layers()} == {"float32"}
    assert {weight.dtype for weight in model.weights} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    save_model(model, tmp_path / "m.keras")
    images = few.test_images.astype(np.float32) / 255
    for path in (tmp_path / "m.keras", *sorted((folder / "epochs").glob("*.keras"))):
        loaded = load_model(path)
        assert {layer.dtype_policy.name for layer in loaded._flatten_layers()} == {"float32"}
    outputs = loaded.predict(images, verbose=0)
    np.testing.assert_array_equal(outputs, model.predict(images, verbose=0))
    right = (outputs.argmax(axis=1) == few.test_labels).mean()
    assert history[-1]["val_accuracy"] == pytest.approx(right, abs=1e-6)


def test_it_learns_nearly_what_float32_learns(mixed, few, tmp_path):
    _, model, history, _ = mixed
    plain, exact = train(few, tmp_path, dataclasses.replace(RECIPE, is_mixed=False))
    assert hash_weights(model) != hash_weights(plain)
    assert history[-1]["loss"] == pytest.approx(exact[-1]["loss"], abs=0.05)


class StopHereError(Exception):
    pass


def test_it_resumes_to_the_bit(mixed, few, tmp_path):
    """The scale of the loss is part of the state."""
    _, model, _, _ = mixed

    def stop(epoch, step, *_):
        if (epoch, step) == (1, 1):
            raise StopHereError

    with pytest.raises(StopHereError):
        train(few, tmp_path, progress=stop)
    resumed, _ = train(few, tmp_path)
    assert hash_weights(resumed) == hash_weights(model)


def test_policies_come_back_after_an_error():
    model, seen = build_model(CATALOGUE["x_or_not_x"]), []

    def fail():
        with computing_in(model, "mixed_float16"):
            seen.append(model.layers[0].compute_dtype)
            raise StopHereError

    with pytest.raises(StopHereError):
        fail()
    assert seen == ["float16"]
    assert {layer.dtype_policy.name for layer in model._flatten_layers()} == {"float32"}
