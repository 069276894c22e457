"""Models of Keras 3 written as the `.keras` archives that TensorFlow 2.12 to 2.15 wrote, on Linux and on Windows."""

import io
import json
import re
import zipfile
from pathlib import Path

import h5py
import keras

VERSIONS = {"2.15": ("2.15.0", "/"), "2.15, Windows": ("2.15.0", "\\"), "2.13": ("2.13.1", "/")}
"""The version that is written, and the separator in the names of weight groups."""


def write_old_archive(model, path, version="2.15"):
    """Write `model`, functional or Sequential, as an archive of Keras 2."""
    number, separator = VERSIONS[version]
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        listing = "_layer_checkpoint_dependencies" if version == "2.13" else "layers"
        for parts, array in arrays(model, listing):
            *groups, _, last = parts
            file[f"{separator.join(groups)}/vars/{last}"] = array
    config = json.loads(model.to_json())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": number}))
        archive.writestr("config.json", json.dumps(old_entry(config)))
        archive.writestr("model.weights.h5", buffer.getvalue())
    return Path(path)


def arrays(model, listing):
    """Yield where the archive has each array, in parts, and the array.

    TensorFlow 2.13 listed layers with weights twice, so that its numbers go by two for them.
    """
    taken = {}
    for layer in model.layers:
        base = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", type(layer).__name__)
        base = re.sub("([a-z])([A-Z])", r"\1_\2", base).lower()
        number = taken.get(base, 0)
        taken[base] = number + (2 if listing.startswith("_") and layer.weights else 1)
        group = f"{base}_{number}" if number else base
        if isinstance(layer, (keras.Sequential, keras.Model)):
            for parts, array in arrays(layer, listing):
                yield (listing, group, *parts), array
            continue
        for inside, own in parts_of(layer):
            store = {}
            own.save_own_variables(store)
            for name, array in store.items():
                yield (listing, group, *inside, "vars", name), array


def parts_of(layer):
    """What of a layer has arrays of its own: it, the layer in a wrapper, the cell of a recurrent layer."""
    yield (), layer
    for name in ("layer", "cell"):
        if isinstance(getattr(layer, name, None), keras.Layer):
            yield (name,), getattr(layer, name)


def old_entry(entry):
    """Return the configuration of a layer or model in the words of Keras 2."""
    inner = dict(entry["config"])
    entry = {key: value for key, value in entry.items() if key not in ("build_config", "compile_config")}
    inner["dtype"] = "float32"
    if "batch_shape" in inner:
        inner["batch_input_shape"] = inner.pop("batch_shape")
    if isinstance(inner.get("layer"), dict):
        inner["layer"] = old_entry(inner["layer"])
    if "layers" in inner:
        models = {each["config"]["name"] for each in inner["layers"] if "layers" in each["config"]}
        inner["layers"] = [old_entry(each) for each in inner["layers"]]
        for each in inner["layers"]:
            if "inbound_nodes" in each:
                each["inbound_nodes"] = [old_node(node, models) for node in each["inbound_nodes"]]
        for key in ("input_layers", "output_layers"):
            if key in inner:
                found = inner[key] if isinstance(inner[key][0], list) else [inner[key]]
                inner[key] = [[name, call + (name in models), index] for name, call, index in found]
    return {**entry, "config": inner}


def old_node(node, models):
    """Return a call as Keras 2 wrote it; the calls of nested models are counted from 1."""
    found = []

    def look(value):
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            name, call, index = value["config"]["keras_history"]
            found.append([name, call + (name in models), index, {}])
        elif isinstance(value, (list, tuple)):
            for each in value:
                look(each)

    look(node["args"])
    return found
