"""keras.applications, saved to a file: every row by hand equals Keras and the stored weights."""

import app.engine  # noqa: F401, I001

import keras
import pytest

from app.counting.comparison import compare_rows
from app.counting.stored.count_file import count_file
from app.engine.measure import count_layers

pytestmark = pytest.mark.keras
SHAPE = (224, 224, 3)
ALL = [
    name
    for name in dir(keras.applications)
    if name[0].isupper() and callable(getattr(keras.applications, name))
]
FEW = ("MobileNetV2", "EfficientNetV2B0", "MobileNetV3Small")
FIELDS = {
    "VGG16": 212,
    "MobileNet": 315,
    "InceptionV3": 1311,
    "ResNet50V2": 483,
    "ResNet101V2": 1027,
    "ResNet152V2": 1507,
    "InceptionResNetV2": 3039,
}
"""Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, 2019, table 1."""


def check(name, path):
    keras.backend.clear_session()
    model = getattr(keras.applications, name)(weights=None)
    model.save(path)
    counted = count_file(path, SHAPE if None in model.input_shape[1:] else None)
    sheet = counted.sheet
    assert counted.differences == ()
    assert sheet.unknown == ()
    if None in model.input_shape[1:]:
        model = model.__class__.from_config(with_shape(model.get_config()))
    assert compare_rows(sheet.rows, count_layers(model)) == []
    assert sheet.parameters == model.count_params()
    if name in FIELDS:
        maps = [row.field for row in sheet.rows if row.field and not row.field.whole]
        assert max(field.window_sizes()[0] for field in maps) == FIELDS[name]


def with_shape(config):
    """The same model with a fixed image size: an open size cannot be compared."""
    for entry in config["layers"]:
        if entry["class_name"] == "InputLayer":
            entry["config"]["batch_shape"] = (None, *SHAPE)
    return config


@pytest.mark.parametrize("name", [FEW[0], *(pytest.param(name, marks=pytest.mark.slow) for name in FEW[1:])])
def test_a_few_applications_equal_keras_and_their_file(name, tmp_path):
    check(name, tmp_path / "model.keras")


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_application_equals_keras_and_its_file(name, tmp_path):
    path = tmp_path / "model.keras"
    check(name, path)
    path.unlink()


def test_a_wrong_row_of_an_application_is_reported(tmp_path):
    import dataclasses

    model = keras.applications.MobileNetV2(weights=None)
    model.save(tmp_path / "model.keras")
    rows = list(count_file(tmp_path / "model.keras").sheet.rows)
    rows[5] = dataclasses.replace(rows[5], output_shape=(1, *rows[5].output_shape[1:]))
    (difference,) = compare_rows(rows, count_layers(model))
    assert (difference.layer, difference.quantity) == (rows[5].name, "output shape")
