"""Files that hold a model, but not one that can be read here: what they are, and what to give instead."""

import json
import zipfile
from pathlib import Path

KINDS = {
    ".tflite": "a TensorFlow Lite model, which has lost the layers' gradients",
    ".onnx": "an ONNX model",
    ".pt": "a PyTorch model",
    ".pth": "a PyTorch model",
    ".safetensors": "a file of weights",
    ".ckpt": "a checkpoint of weights",
    ".pb": "a TensorFlow graph",
    ".pkl": "a Python pickle, which may run code",
    ".joblib": "a Python pickle, which may run code",
    ".mlmodel": "a Core ML model",
}
ASK = "give the Keras model that it was made from, saved as .keras or .h5"


def name_foreign(path: Path) -> str | None:
    """Return what is wrong with a file or folder that is no Keras model, if its kind is known.

    `PATH is a PyTorch model; give …`, a sentence without its full stop. Nothing in it is executed.
    """
    if path.is_dir():
        if (path / "saved_model.pb").exists():
            return (
                f"{path} is a folder in TensorFlow's SavedModel format, which has no list of layers; "
                "load it where it was made and write model.save('model.keras')"
            )
        return None
    if zipfile.is_zipfile(path):
        return _name_archive(path)
    if path.suffix.lower() in KINDS:
        return f"{path} is {KINDS[path.suffix.lower()]}; {ASK}"
    if path.suffix.lower() == ".json":
        return _name_json(path)
    return None


def _name_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return None  # damaged: whoever reads it says so
    inside = [name for name in names if name.endswith((".keras", ".h5", ".hdf5"))]
    if inside and "config.json" not in names:
        return f"{path} is an archive with {inside[0]} in it; unpack it and give that file"
    if path.suffix.lower() in KINDS or any(name.endswith("data.pkl") for name in names):
        return f"{path} is {KINDS.get(path.suffix.lower(), 'a PyTorch model')}; {ASK}"
    return None


def _name_json(path: Path) -> str | None:
    try:
        keys = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError, RecursionError):
        return None
    if isinstance(keys, dict) and "modelTopology" in keys:
        return (
            f"{path} is a TensorFlow.js model; export it as Keras instead (Teachable Machine: Export Model, "
            "TensorFlow, Keras) and give keras_model.h5"
        )
    return None
