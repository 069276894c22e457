"""What is counted is found by name or file, and what its layers were told is the same either way."""

import pytest
from conftest import ROOT

from app.counting.chalkboard import nn
from app.counting.counted import open_counted


def test_a_file_tells_of_its_layers_what_the_builder_told_them():
    ours, stored = (
        open_counted(n).sheet.rows for n in ("mnist", str(ROOT / "saved_models/shipped/mnist.keras"))
    )
    for row, other in zip(ours, stored, strict=True):
        assert (row.name, row.settings) == (other.name, other.settings)
        for key, value in row.arguments.items():
            if value is not None and key != "name":
                assert other.arguments[key] in (value, [value, value]), (row.name, key)


def test_positional_and_named_arguments_are_noted_alike():
    row = nn.Conv2D(3, 5, strides=2, name="c")(nn.Input((9, 9, 1))).row
    assert row.arguments == {"filters": 3, "kernel_size": 5, "strides": 2, "name": "c"}
    assert nn.Rescaling(1 / 255)(nn.Input((9, 9, 1))).row.arguments == {"scale": 1 / 255}


def test_another_input_shape_is_counted_by_name_and_by_file():
    assert open_counted("mnist", (32, 32, 3)).sheet.input_shapes == ((32, 32, 3),)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "unknown network"),
        ("mnits", "did you mean mnist"),
        ("a.keras", "does not exist"),
        ("app", "is a folder"),
    ],
)
def test_what_is_not_there_is_said(name, message):
    with pytest.raises(ValueError, match=message):
        open_counted(name)
