"""Chunks, compilations and targets: none of them shows in a map."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
import tensorflow as tf
from map_models import FEW, drawn, explainer, in_float64, pictures, raw_map, two_convolutions
from spellings import SIZE, flat

from app.engine import compiling
from app.engine.compiling import AS_IT_IS
from app.engine.machine import machine_for
from app.maps.explainer import Explainer
from app.maps.methods import METHODS

pytestmark = pytest.mark.keras
layers = keras.layers


@pytest.fixture(scope="module")
def whole():
    """Everything at once, nothing compiled."""
    return Explainer(machine_for(drawn(flat())))


@pytest.fixture(scope="module")
def single():
    """One image and one copy at a time, nothing compiled."""
    return Explainer(machine_for(drawn(flat())), memory_bytes=1)


@pytest.fixture(scope="module")
def uneven():
    """Three rows at a time, compiled: images and copies are cut unevenly."""
    explained = Explainer(machine_for(drawn(flat())))
    explained.rows_at_once(SIZE)
    explained.memory_bytes = 3 * explained._row_bytes[(12, 12)]
    assert explained.rows_at_once(SIZE) == 3
    return explained


@pytest.fixture
def soon(monkeypatch):
    """Functions are compiled at their second call."""
    monkeypatch.setattr(compiling, "AS_IT_IS", 1)


CLASSES = [0, 1, 2, 0, 2]


@pytest.mark.parametrize("method", METHODS)
def test_no_map_depends_on_chunks_or_on_the_images_beside_it(whole, single, uneven, method, soon):
    images = pictures(5)
    compiled = raw_map(method, uneven, images, CLASSES, against=1, **FEW)
    tf.config.run_functions_eagerly(True)
    try:
        expected = raw_map(method, whole, images, CLASSES, against=1, **FEW)
        alone = raw_map(method, single, images[3:], CLASSES[3:], against=1, **FEW)
    finally:
        tf.config.run_functions_eagerly(False)
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_allclose(compiled, expected, atol=1e-6)
    np.testing.assert_allclose(alone, expected[3:], atol=1e-6)
    again = raw_map(method, uneven, images[[3]], [0], against=1, **FEW)
    np.testing.assert_allclose(again, expected[[3]], atol=1e-6)


def test_each_function_was_compiled_once(uneven, soon):
    """After images by three, two and one; classes of all kinds, and copies by three, two and one."""
    for method in METHODS:
        for count in (5, 1):
            raw_map(method, uneven, pictures(count, seed=8), [2, 2, 1, 0, 0][:count], **FEW)
    traces = {key: c.traces for key, c in uneven.machine.compiled.items()}
    assert len(traces) >= 7
    assert set(traces.values()) == {1}, traces
    assert len({key for key, _ in uneven.machine.compiled}) == len(traces)  # one size of image, one each


def test_the_first_calls_are_not_compiled():
    explained = explainer(two_convolutions())
    for _ in range(AS_IT_IS):
        raw_map("vanilla", explained, pictures(1), [0])
        assert [c.traces for c in explained.machine.compiled.values()] == [0]
    raw_map("vanilla", explained, pictures(1), [0])
    assert [c.traces for c in explained.machine.compiled.values()] == [1]


@pytest.mark.parametrize(("batches", "traces"), [(AS_IT_IS, 0), (AS_IT_IS + 1, 1)])
def test_batches_that_many_processes_share_are_computed_alike(batches, traces):
    """A worker's first call is another one's hundredth: either all are compiled, or none is."""
    explained = explainer(two_convolutions())
    explained.machine.compute_alike(batches)
    seen = []
    for _ in range(AS_IT_IS + 2):
        raw_map("vanilla", explained, pictures(1), [0])
        seen += [c.traces for c in explained.machine.compiled.values()]
    assert set(seen) == {traces}


def test_the_chunk_is_as_large_as_the_memory_allows():
    explained = explainer(two_convolutions())
    explained.memory_bytes = 1
    assert explained.rows_at_once(SIZE) == 1
    explained.memory_bytes = 1 << 40
    assert explained.rows_at_once(SIZE) == explained.machine.most_rows == 1024
    row = explained._row_bytes[(12, 12)]
    # c1 and its ReLU, the pooling, c2 and its ReLU, flattened, logits; three tensors of four bytes each
    assert row == 12 * (2 * 10 * 10 * 4 + 5 * 5 * 4 + 2 * 3 * 3 * 5 + 45 + 3)
    double = explainer(in_float64(two_convolutions))
    double.rows_at_once(SIZE)
    assert double._row_bytes[(12, 12)] == 2 * row


@pytest.mark.parametrize(("images", "count"), [(1, 7), (5, 7), (300, 3), (2, 1)])
def test_blocks_are_every_number_once(images, count):
    explained = explainer(two_convolutions())
    for memory in (1, 40_000, 1 << 30):
        explained.memory_bytes = memory
        blocks = list(explained.blocks(np.zeros((images, *SIZE)), count))
        assert [k for block in blocks for k in block] == list(range(count))
        together = max(len(block) for block in blocks)
        assert together * min(images, explained.rows_at_once(SIZE)) <= max(explained.rows_at_once(SIZE), 1)


def open_size(size=(None, None, 1)):
    image = keras.Input(size)
    x = layers.Conv2D(3, 3, activation="relu", padding="same")(image)
    x = layers.MaxPooling2D(4, padding="same")(x)
    return drawn(keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x))))


@pytest.fixture(scope="module")
def open_sizes():
    """The network that leaves its size open, and the same for images of one size."""
    sizes = ((8, 8, 1), (5, 9, 1))
    return explainer(open_size()), {size: explainer(open_size(size)) for size in sizes}


@pytest.mark.parametrize("method", METHODS)
def test_an_open_size_takes_images_of_any_size(open_sizes, method, eagerly):
    explained, fixed = open_sizes
    for size in ((8, 8, 1), (5, 9, 1), (8, 8, 1)):
        images = pictures(2, size)
        expected = raw_map(method, fixed[size], images, [0, 2], **FEW)
        actual = raw_map(method, explained, images, [0, 2], **FEW)
        np.testing.assert_allclose(actual, expected, atol=1e-6)


def test_each_size_of_image_is_compiled_once(soon):
    explained = explainer(open_size())
    for size in ((8, 8, 1), (5, 9, 1)) * 3:
        raw_map("vanilla", explained, pictures(2, size), [0, 1])
    assert [c.traces for c in explained.machine.compiled.values()] == [1, 1]


def test_targets():
    explained = explainer(two_convolutions())
    assert explained.targets([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert explained.targets([2, 0], [1, 1]).tolist() == [[0, -1, 1], [1, -1, 0]]
    assert explained.targets([1], [1]).tolist() == [[0, 0, 0]]
    for classes, against, wrong in (([3], None, 3), ([-1], None, -1), ([0], [7], 7)):
        with pytest.raises(ValueError, match=f"class {wrong} is out of range; there are 0 to 2"):
            explained.targets(classes, against)


def test_one_sigmoid_unit_scores_both_its_classes():
    image = keras.Input(SIZE)
    x = layers.Conv2D(2, 3, activation="relu")(image)
    model = drawn(keras.Model(image, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x))))
    explained = explainer(model)
    assert explained.targets([1, 0]).tolist() == [[1], [-1]]
    images = pictures(2)
    one = raw_map("vanilla", explained, images, [1, 1])
    assert np.abs(one).max() > 0.1
    np.testing.assert_allclose(raw_map("vanilla", explained, images, [0, 0]), -one, atol=1e-6)
    both = raw_map("vanilla", explained, images, [1, 1], against=0)
    np.testing.assert_allclose(both, 2 * one, atol=1e-6)
    p = model.predict(images, verbose=0)[:, 0]
    logits = explained.logits(images)[:, 0]
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), p, atol=1e-6)
    np.testing.assert_allclose(explained.outputs(images)[:, 0], p, atol=1e-6)
    assert explained.predicted_classes(images) == [int(each > 0.5) for each in p]


def test_no_images_are_refused():
    explained = explainer(two_convolutions())
    with pytest.raises(ValueError, match="there are no images"):
        explained.logits(np.zeros((0, *SIZE)))


@pytest.mark.parametrize("method", ["vanilla", "gradcam", "scorecam", "smoothgrad", "occlusion"])
def test_what_another_input_holds_counts(method, eagerly):
    """A second input is held at one value: the map is that of the network with it built in."""
    held = np.array([0.3, -1.2])
    image, given = keras.Input(SIZE, name="image"), keras.Input((2,), name="given")
    x = layers.Conv2D(3, 3, activation="relu")(image)
    x = layers.Multiply()([x, layers.Dense(3)(given)])
    x = layers.Dense(3)(layers.GlobalAveragePooling2D()(x))
    model = drawn(keras.Model([given, image], x), scale=1.0)
    dense = next(each for each in model.layers if isinstance(each, layers.Dense))
    kernel, bias = dense.get_weights()
    conv = next(each for each in model.layers if isinstance(each, layers.Conv2D))
    only = keras.Input(SIZE)
    y = layers.Conv2D(3, 3, activation="relu")(only)
    y = layers.Rescaling((held @ kernel + bias).tolist())(y)
    alone = keras.Model(only, layers.Dense(3)(layers.GlobalAveragePooling2D()(y)))
    alone.set_weights([*conv.get_weights(), *model.layers[-1].get_weights()])
    images = pictures(2)
    actual = raw_map(method, explainer(model, given={"given": held}), images, [0, 2], **FEW)
    expected = raw_map(method, explainer(alone), images, [0, 2], **FEW)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(actual, expected, atol=1e-6)
    other = raw_map(method, explainer(model, given={"given": -held}), images, [0, 2], **FEW)
    assert np.abs(other - actual).max() > 1e-3


def test_two_steps_of_one_name_are_not_taken_for_each_other():
    """A layer called `c:linear` beside a layer `c` with an activation of its own."""
    image = keras.Input(SIZE)
    x = layers.Conv2D(2, 3, activation="relu", name="c")(image)
    model = drawn(
        keras.Model(image, layers.Dense(3)(layers.Flatten()(layers.Conv2D(2, 3, name="c:linear")(x))))
    )
    machine, images = explainer(model).machine, pictures(2)
    steps = [step for step in machine.program.steps if step.name == "c:linear"]
    assert len(steps) == 2
    first, second = (machine.maps(images, [step])[0] for step in steps)
    assert first.shape == (2, 10, 10, 2)
    assert second.shape == (2, 8, 8, 2)
    targets = np.eye(3, dtype="float32")[[0, 1]]
    shapes = [machine.maps_and_gradients(images, targets, [step])[1].shape for step in steps]
    assert shapes == [first.shape, second.shape]
    ends = [
        machine.pull_back(images, np.ones_like(m), step)
        for m, step in zip((first, second), steps, strict=True)
    ]
    assert np.abs(ends[0] - ends[1]).max() > 1e-3
