"""Files in which one layer stands in several models: Keras 3 writes such archives and cannot read them."""

import app.engine  # noqa: F401, I001

import json
import zipfile

import keras
import numpy as np
import pytest

from app.counting.stored.model_files import read_config
from app.counting.stored.shared import mark_shared, part_shared
from app.engine.store import load_model
from app.params.counts import count_model
from replaying import images_of, randomise

pytestmark = pytest.mark.keras
layers = keras.layers
SIZE = (8, 8, 3)


def in_and_out():
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    inside = keras.Input(SIZE)
    inner = keras.Model(inside, layers.Conv2D(3, 1)(shared(inside)), name="inner")
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Dense(4)(layers.Flatten()(shared(inner(image)))))


def in_two_models():
    shared, norm = layers.Conv2D(3, 3, padding="same", name="shared"), layers.BatchNormalization(name="norm")
    one = keras.Sequential([keras.Input(SIZE), shared, norm], name="one")
    two = keras.Sequential([keras.Input(SIZE), layers.Conv2D(3, 1), shared, norm], name="two")
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Dense(4)(layers.Flatten()(layers.Add()([one(image), two(image)]))))


def a_model_in_two_models():
    core = keras.Sequential([keras.Input(SIZE), layers.Conv2D(3, 3, padding="same")], name="core")
    one = keras.Sequential([keras.Input(SIZE), core, layers.ReLU()], name="one")
    two = keras.Sequential([keras.Input(SIZE), layers.Conv2D(3, 1), core], name="two")
    image = keras.Input(SIZE)
    return keras.Model(image, layers.Dense(4)(layers.Flatten()(layers.Add()([one(image), two(image)]))))


def in_models_of_other_depths():
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    inside, other, image = (keras.Input(SIZE) for _ in range(3))
    one = keras.Model(inside, shared(inside), name="one")
    two = keras.Model(other, layers.MaxPooling2D()(shared(other)), name="two")
    pooled = [layers.GlobalAveragePooling2D()(each(image)) for each in (one, two)]
    return keras.Model(image, layers.Dense(4)(layers.Concatenate()(pooled)))


MODELS = [in_and_out, in_two_models, a_model_in_two_models, in_models_of_other_depths]


@pytest.fixture(params=MODELS, ids=lambda make: make.__name__)
def saved(request, tmp_path):
    model = randomise(request.param())
    model.save(tmp_path / "shared.keras")
    return model, tmp_path / "shared.keras"


def test_a_shared_layer_counts_once(saved):
    model, path = saved
    count = count_model(path)
    assert count.parameters == model.count_params() == count_model(model).parameters
    assert count.check()
    assert count_model(model).check()
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert (count.trainable, count.non_trainable) == (trained, model.count_params() - trained)


def test_without_its_id_it_would_count_twice(saved, tmp_path):
    """The id is what tells one layer in two places from two layers that are called alike."""
    model, path = saved
    bare = tmp_path / "bare.keras"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json":
                data = json.dumps(part_shared(json.loads(data))[0]).encode()
            new.writestr(name, data)
    count = count_model(bare)
    assert count.parameters > model.count_params()
    assert not count.check()


def test_it_computes_what_was_saved(saved):
    model, path = saved
    with pytest.raises(ValueError, match=r"could not be loaded|not connected"):
        keras.saving.load_model(path)
    images = images_of(3, *SIZE)
    np.testing.assert_allclose(load_model(path)(images), model(images), rtol=1e-4, atol=1e-5)


def test_what_is_not_shared_is_left_alone(tmp_path):
    model = keras.Sequential([keras.Input(SIZE), layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(4)])
    model.save(tmp_path / "plain.keras")
    config = read_config(tmp_path / "plain.keras")
    assert mark_shared(config) is config
    assert part_shared(config)[1] == []


def test_the_optimiser_of_a_model_inside_is_no_weight(tmp_path):
    """A trained model that is loaded and frozen keeps its optimiser, which is saved with the model around it."""
    trained = keras.Sequential([keras.Input(SIZE), layers.Flatten(), layers.Dense(4)], name="trained")
    trained.compile("adam", "mse")
    trained.fit(np.zeros((8, *SIZE)), np.zeros((8, 4)), verbose=0)
    trained.trainable = False
    image = keras.Input(SIZE)
    model = keras.Model(image, layers.Dense(3)(trained(image)))
    model.save(tmp_path / "around.keras")
    count = count_model(tmp_path / "around.keras")
    assert (count.parameters, count.trainable) == (model.count_params(), 15)
    assert count.check()
    assert count.stored.weights.optimizer_values > 0
