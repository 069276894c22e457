"""What is no Keras model is called by its kind, with what to give instead."""

import json
import zipfile

import pytest

from app.counting.stored.model_files import read_config


def archive(path, *names):
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "x")


def make(path):
    """Write something of the kind that the name says."""
    if path.suffix == "":
        path.mkdir()
        (path / "saved_model.pb").write_bytes(b"")
    elif path.name == "torch.pt":
        archive(path, "archive/data.pkl")
    elif path.suffix == ".zip":
        archive(path, "keras_model.h5", "labels.txt")
    elif path.suffix == ".json":
        path.write_text(json.dumps({"modelTopology": {}, "weightsManifest": []}))
    else:
        path.write_bytes(b"TFL3 and more")
    return path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("m.tflite", "TensorFlow Lite"),
        ("m.onnx", "ONNX"),
        ("m.pt", "PyTorch"),
        ("torch.pt", "PyTorch"),
        ("m.pth", "PyTorch"),
        ("m.pb", "TensorFlow graph"),
        ("m.pkl", "may run code"),
        ("saved", r"SavedModel.*model\.save"),
        ("converted_keras.zip", "unpack it"),
        ("model.json", "TensorFlow.js.*keras_model.h5"),
    ],
)
def test_a_foreign_file_is_named(tmp_path, name, message):
    with pytest.raises(ValueError, match=message) as refusal:
        read_config(make(tmp_path / name))
    assert "\n" not in str(refusal.value)
    assert name in str(refusal.value)


def test_what_is_of_no_known_kind_is_refused_as_before(tmp_path):
    (tmp_path / "m.bin").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="not a Keras model"):
        read_config(tmp_path / "m.bin")
    archive(tmp_path / "m.zip", "readme.txt")
    with pytest.raises(ValueError, match="without a Keras model"):
        read_config(tmp_path / "m.zip")
