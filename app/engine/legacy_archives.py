"""`.keras` archives of TensorFlow 2.12 to 2.15, which Keras 3 refuses: the model made anew, the weights put in.

The configuration is put into Keras 3's words, as that of an `.h5` file is. The arrays are copied into a file whose
groups are called as Keras 3 calls them; `list_arrays` knows which layer each belongs to.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import keras
from keras.src.legacy.saving import saving_utils

from app.counting.stored.model_files import Config
from app.counting.stored.weight_files import StoredArray, group_base, list_arrays, weights_in
from app.engine.legacy import modernise


def is_keras_2_archive(path: Path) -> bool:
    """Return whether a file is a `.keras` archive that was written before Keras 3."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        if "metadata.json" not in archive.namelist():
            return False
        try:
            metadata = json.loads(archive.read("metadata.json"))
        except ValueError:
            return False
    version = str(metadata.get("keras_version", "")) if isinstance(metadata, dict) else ""
    return version.split(".")[0] in ("1", "2")


def load_archive(path: Path, config: Config) -> keras.Model:
    """Return the model in an archive of Keras 2, without its optimiser.

    Raises:
        ValueError: it holds what Keras 3 has no word for, or arrays that do not fit the layers.
    """
    modern = modernise({key: config[key] for key in ("class_name", "config")})
    model = saving_utils.model_from_config(modern)
    with tempfile.TemporaryDirectory() as folder:
        readable = Path(folder) / "modern.weights.h5"
        with weights_in(path) as stream, h5py.File(stream, "r") as old, h5py.File(readable, "w") as new:
            for array in list_arrays(old, config):
                new[_place(model, array)] = old[array.key][()]
        model.load_weights(readable)
    return model


def _place(model: keras.Model, array: StoredArray) -> str:
    """Return where Keras 3 looks for an array."""
    return "/".join([_group(model, array.layers), *array.rest])


def _group(model: keras.Model, path: Sequence[str]) -> str:
    """Return the group in which Keras 3 looks for the weights of the layer to which these names lead."""
    parts: list[str] = []
    here: Any = model
    for name in path:
        groups = _groups(here)
        name = name.replace("/", "_")
        if name not in groups:
            raise ValueError(f"the file has weights of {'/'.join(path)}, which the model does not have")
        group, here = groups[name]
        parts += ["layers", group]
    return "/".join(parts)


def write_parted(
    path: Path, readable: Path, config: Config, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> None:
    """Write a copy of a `.keras` archive in which no layer is shared, so that Keras can load it.

    Args:
        path: the archive.
        readable: where the copy goes.
        config: the configuration without shared layers.
        pairs: the names that lead to a layer, and those that lead to the one whose weights it has.
    """
    text = json.dumps(config)
    model = keras.saving.deserialize_keras_object(
        json.loads(text), safe_mode=True
    )  # Keras empties what it reads
    with weights_in(path) as stream:
        buffer = io.BytesIO(stream.read())
    with h5py.File(buffer, "r+") as weights:
        for place, source in pairs:
            wanted, given = _group(model, place), _group(model, source)
            if given in weights:
                weights.pop(wanted, None)
                weights.copy(given, wanted)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(readable, "w") as archive:
        archive.writestr("metadata.json", old.read("metadata.json"))
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", buffer.getvalue())


def _groups(model: Any) -> dict[str, tuple[str, Any]]:
    """Return the layers of a model by name, each with what its group is called."""
    taken: dict[str, int] = {}
    found = {}
    for layer in model.layers:
        base = group_base(type(layer).__name__)
        number = taken[base] = taken.get(base, -1) + 1
        found[layer.name] = (f"{base}_{number}" if number else base, layer)
    return found
