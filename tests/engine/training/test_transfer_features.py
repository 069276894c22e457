"""Features kept on disk: whole batches alone are taken again, and what is damaged is not."""

import json
import os

import keras
import numpy as np
import pytest
from conftest import refusal

from app.engine.training.transfer_features import (
    DONE,
    FeatureStore,
    compute_features,
    forget_others,
    is_wanted,
    remove_store,
    wanted,
)
from app.engine.training.transfer_fit import mean_loss

pytestmark = pytest.mark.keras
SHAPES = {"row": (3,), "cut": (2, 2, 1)}


def batch(first, count):
    rows = np.arange(first, first + count, dtype=np.float32)
    return {"row": np.repeat(rows[:, None], 3, 1), "cut": np.ones((count, 2, 2, 1), np.float32) * first}


def filled(folder, ends=(4, 8, 10)):
    store = FeatureStore(folder, 10, SHAPES)
    for start, end in zip((0, *ends), ends, strict=False):
        store.add(batch(start, end - start))
    return store


def test_a_store_goes_on_behind_its_last_batch(tmp_path):
    filled(tmp_path, (4, 8))
    again = FeatureStore(tmp_path, 10, SHAPES)
    assert (again.done, again.is_damaged) == (8, False)
    again.add(batch(8, 2))
    whole = FeatureStore(tmp_path, 10, SHAPES)
    assert whole.done == 10
    assert whole.arrays["row"][:, 0].tolist() == list(range(10))
    assert whole.size_bytes == 10 * (3 + 4) * 4


def test_numbers_that_changed_on_disk_are_computed_again(tmp_path):
    store = filled(tmp_path)
    store.arrays["cut"][5] = 7  # in the second batch
    store.arrays["cut"].flush()
    again = FeatureStore(tmp_path, 10, SHAPES)
    assert (again.done, again.is_damaged) == (4, True)


def test_of_a_file_that_was_cut_short_the_whole_batches_are_taken(tmp_path):
    filled(tmp_path)
    content = (tmp_path / "row.npy").read_bytes()
    (tmp_path / "row.npy").write_bytes(content[:-20])
    again = FeatureStore(tmp_path, 10, SHAPES)
    assert (again.done, again.is_damaged) == (8, True)


@pytest.mark.parametrize("what", ["no numbers", "no list", "another network"])
def test_what_is_no_store_of_these_features_begins_anew(tmp_path, what):
    filled(tmp_path)
    shapes = dict(SHAPES)
    if what == "no numbers":
        (tmp_path / "row.npy").write_text("text")
    elif what == "no list":
        (tmp_path / DONE).write_text(json.dumps({"ends": "many"}))
    else:
        shapes["row"] = (5,)
    again = FeatureStore(tmp_path, 10, shapes)
    assert (again.done, again.is_damaged) == (0, True)
    again.add({name: np.zeros((4, *shape), np.float32) for name, shape in shapes.items()})
    assert FeatureStore(tmp_path, 10, shapes).done == 4


def test_more_than_the_disk_holds_is_refused(tmp_path):
    said = refusal(FeatureStore, tmp_path, 10**9, {"cut": (100, 100, 512)})
    assert "--per-class" in said
    assert not list(tmp_path.glob("*.npy"))


def make_stores(folder, count):
    """Return empty stores, the last one the newest."""
    stores = [folder / f"features-{number}" for number in range(count)]
    for number, made in enumerate(stores):
        made.mkdir()
        os.utime(made, (number, number))
    return stores


def left_in(folder):
    return sorted(each.name for each in folder.iterdir())


def test_only_a_few_stores_are_kept(tmp_path):
    stores = make_stores(tmp_path, 5)
    forget_others(stores[0], 2)
    assert left_in(tmp_path) == ["features-0", "features-3", "features-4"]


def test_behind_a_finished_run_those_alone_stay_that_an_interrupted_one_waits_for(tmp_path):
    stores = make_stores(tmp_path, 4)
    with pytest.raises(KeyboardInterrupt), wanted(stores[1], "one"):
        raise KeyboardInterrupt
    with pytest.raises(ValueError, match="refused"), wanted(stores[2], "two"):
        raise ValueError("refused")
    with wanted(stores[3], "three"):
        assert is_wanted(stores[3])
    assert [is_wanted(each) for each in stores] == [False, True, False, False]
    forget_others(stores[0], 2, only_wanted=True)
    assert left_in(tmp_path) == ["features-0", "features-1"]


def test_a_store_in_use_is_not_removed(tmp_path):
    store = tmp_path / "features-1"
    with wanted(store, "mine"):
        remove_store(store)
        assert store.exists()
    remove_store(store)
    assert not store.exists()


def test_the_frozen_part_runs_at_inference_on_batches_of_any_length(tmp_path):
    image = keras.Input((4, 4, 1))
    x = keras.layers.BatchNormalization(name="norm")(image)
    row = keras.layers.GlobalAveragePooling2D()(keras.layers.Dropout(0.5)(x))
    model = keras.Model(image, [row])
    images = np.random.default_rng(0).uniform(0, 9, (10, 4, 4, 1)).astype(np.float32)
    store, told = FeatureStore(tmp_path, 10, {"row": (1,)}), []
    compute_features(model, ["row"], iter([images[:8], images[8:]]), store, lambda *done: told.append(done))
    assert told == [(8, 10), (10, 10)]
    expected = images.mean(axis=(1, 2)) / np.sqrt(1 + 1e-3)  # as the normalisation begins: mean 0, variance 1
    assert np.allclose(store.arrays["row"], expected, atol=1e-5)
    assert np.all(model.get_layer("norm").moving_mean.numpy() == 0)


def test_the_loss_is_that_of_keras():
    chances = np.array([[0.7, 0.3], [0.1, 0.9], [0.0, 1.0]])
    labels = np.array([0, 0, 0])
    theirs = keras.losses.SparseCategoricalCrossentropy()(labels, chances)
    assert mean_loss(chances, labels) == pytest.approx(float(theirs), rel=1e-5)
