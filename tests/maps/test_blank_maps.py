"""Where there is nothing to see, the map is 0, the verdict says so, and nothing is ever NaN."""

import app.engine  # noqa: F401, I001

import keras
import numpy as np
import pytest
from map_models import drawn, explainer, pictures, raw_map

from app.maps.explain import Question, explain_images
from app.maps.methods import METHODS
from app.maps.methods.method import Settings

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("eagerly")]
layers = keras.layers
SIZE = (6, 6, 1)
OF_CELLS = [name for name, method in METHODS.items() if method.uses_maps]


def classifier(sign=1.0, size=SIZE, maps=1, bias=0.0, first=3):
    """Positive maps, pooled; class 1 reads them with weight `sign`, class 0 not at all."""
    image = keras.Input(size)
    x = layers.Conv2D(maps, first, activation="relu", padding="same")(image)
    x = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, x)
    model.set_weights(
        [
            np.full((first, first, size[-1], maps), 0.25),
            np.full(maps, bias),
            np.array([[0.0, sign]] * maps),
            np.zeros(2),
        ]
    )
    return model


def explain(model, images, methods=tuple(METHODS), **choices):
    question = Question(("no", "yes"), methods, settings=Settings(samples=3, steps=3), **choices)
    explained = model if not isinstance(model, keras.Model) else explainer(model)
    return explain_images(explained, images, [1] * len(images), question)


def assert_told_truly(result):
    """Every number is finite, and the verdict is of what the picture shows."""
    for each in result.maps:
        assert np.isfinite(each.values).all(), each.method
        assert np.isfinite(each.raw).all(), each.method
        judged = each.verdict.judgement
        if judged.is_empty:
            assert not each.values.any(), each.method
            assert each.verdict.headline().startswith(("blank", "no positive evidence"))
        else:
            assert not each.verdict.headline().startswith(("blank", "no positive evidence"))
        if not each.values.any() and not (result.unseen.any() or each.is_of_cells):
            assert judged.is_empty, each.method


def blank(result):
    return {each.method for each in result.maps if each.verdict.headline().startswith("blank")}


@pytest.mark.parametrize("sign", [1.0, 0.0, -1.0])
def test_constant_images(sign):
    values = np.array([0.0, 1.0, -1.0, 255.0]).reshape(4, 1, 1, 1)
    for result in explain(classifier(sign), np.tile(values, (1, *SIZE))):
        assert_told_truly(result)
        assert "vargrad" in blank(result)  # no range, no noise, no variance


def test_all_weights_zero_is_blank_in_every_method():
    model = classifier()
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    for result in explain(model, pictures(2, SIZE)):
        assert blank(result) == set(METHODS)
        assert not any(each.raw.any() for each in result.maps)


def test_a_dead_rectifier_is_blank_but_for_the_deconvnet():
    (result,) = explain(classifier(bias=-100.0), pictures(1, SIZE))
    assert_told_truly(result)
    assert blank(result) == set(METHODS) - {"relu"}  # its rule passes gradients whatever x was


def test_a_class_that_no_weight_leads_to_is_blank():
    (result,) = explain(classifier(sign=0.0), pictures(1, SIZE))
    # Score-CAM's weight is a probability, a half here; Eigen-CAM asks for no class
    assert blank(result) == set(METHODS) - {"scorecam", "eigencam"}


def test_a_class_against_itself_is_blank():
    (result,) = explain(drawn(classifier(maps=3)), pictures(1, SIZE), against=1)
    assert blank(result) == set(METHODS) - {"eigencam"}


@pytest.mark.parametrize("size", [SIZE, (6, 6, 3)])
def test_evidence_that_is_negative_only_is_said_not_scaled_up(size):
    (result,) = explain(classifier(-1.0, size), pictures(1, size) + 0.1)
    assert_told_truly(result)
    maps = {each.method: each for each in result.maps}
    for method in ("gradcam", "hirescam", "occlusion"):
        assert not maps[method].values.any(), method
        assert maps[method].raw.min() < 0, method
        assert "no positive evidence for class yes" in maps[method].verdict.headline()
    for method in ("gradcam++", "layercam"):  # only positive gradients count in these
        assert maps[method].verdict.headline().startswith("blank"), method
    (signed,) = explain(classifier(-1.0, size), pictures(1, size) + 0.1, is_signed=True)
    maps = {each.method: each for each in signed.maps}
    assert maps["gradcam"].values.min() < 0
    assert maps["gradcam"].verdict.judgement.low < 0


def test_negative_activations_count_with_their_sign():
    """Without a rectifier a map may be negative: times a negative weight it speaks for the class."""
    image = keras.Input(SIZE)
    x = layers.Conv2D(1, 1)(image)
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    model.set_weights([-np.ones((1, 1, 1, 1)), np.zeros(1), np.array([[0.0, -3.0]]), np.zeros(2)])
    images = pictures(1, SIZE)
    (result,) = explain(model, images)
    assert_told_truly(result)
    for method in ("gradcam", "hirescam"):
        raw = next(each.raw for each in result.maps if each.method == method)
        np.testing.assert_allclose(raw, 3 * images[0, ..., 0] / 36, atol=1e-6)
    assert {"gradcam++", "layercam"} <= blank(result)  # ∂S/∂A is negative everywhere


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_of_one_pixel(channels):
    size = (1, 1, channels)
    model = classifier(1.0, size, first=1)
    others = tuple(set(METHODS) - set(OF_CELLS))
    for result in explain(model, pictures(2, size) + 0.1, others):
        assert_told_truly(result)
        assert blank(result) <= {"vargrad"}
    for method in OF_CELLS:
        with pytest.raises(ValueError, match="no layer of the model has a map of more than one"):
            explain(model, pictures(1, size), (method,))


def test_a_map_of_one_cell():
    """Only a network that leaves its size open has one: the layer has maps, for larger images."""
    image = keras.Input((None, None, 1))
    x = layers.MaxPooling2D(4, padding="same")(layers.Conv2D(2, 3, padding="same")(image))
    model = drawn(keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x))), seed=2)
    explained = explainer(model)
    for size in ((3, 4, 1), (1, 1, 1)):
        for result in explain(explained, pictures(2, size)):
            assert_told_truly(result)
            for each in result.maps:
                if METHODS[each.method].uses_maps and each.raw.ndim == 2:
                    assert each.raw.shape == (1, 1)
                    assert each.values.shape == size[:2]
    assert "scorecam" in blank(explain(explained, pictures(1, (1, 1, 1)))[0])  # hides nothing


@pytest.mark.parametrize("maps", [1, 4])
def test_maps_that_are_the_same_everywhere(maps):
    """A constant image and no border: every cell the same, and the verdict says so."""
    model = classifier(1.0, maps=maps, first=1)
    (result,) = explain(model, np.full((1, *SIZE), 0.7))
    assert_told_truly(result)
    for each in result.maps:
        if each.method in ("gradcam", "gradcam++", "layercam", "hirescam", "eigencam"):
            assert "the same value everywhere" in each.verdict.headline(), each.method
    assert "scorecam" in blank(result)


def test_saturation_neither_blanks_nor_overflows():
    model = classifier(4000.0)
    images = pictures(1, SIZE) + 0.1
    assert explainer(model).logits(images)[0, 1] > 100
    for each in explain(model, images)[0].maps:
        assert np.isfinite(each.values).all(), each.method
        if each.method != "vargrad":
            assert each.values.any(), each.method
    negative = drawn(classifier(-4000.0), seed=0)
    assert np.isfinite(raw_map("gradcam++", explainer(negative), images, [1])).all()


def test_one_channel_and_many_give_one_picture_or_a_picture_each():
    images = pictures(1, (6, 6, 3))
    model = drawn(classifier(1.0, (6, 6, 3), maps=3))
    gradient = raw_map("vanilla", explainer(model), images, [1])[0]
    expected = {
        "max": np.abs(gradient).max(axis=-1),
        "mean": np.abs(gradient).mean(axis=-1),
        "channels": np.abs(gradient),
    }
    for colour, values in expected.items():
        (result,) = explain(model, images, ("vanilla",), colour=colour)
        np.testing.assert_allclose(result.maps[0].values, values, atol=1e-6)
    (signed,) = explain(model, images, ("vanilla",), is_signed=True)
    np.testing.assert_allclose(signed.maps[0].values, gradient.sum(axis=-1), atol=1e-6)
