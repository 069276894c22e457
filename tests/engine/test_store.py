"""Model files: untrusted on the way in, whole on the way out."""

import app.engine  # noqa: F401, I001

import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from spellings import flat

from app.engine import store
from app.engine.measure import count_layers

pytestmark = pytest.mark.keras


def test_a_saved_model_comes_back_without_its_optimiser(tmp_path):
    model = flat()
    model.compile("adam", "mse")
    model.fit(np.zeros((4, 12, 12, 1)), np.zeros((4, 3)), verbose=0)
    path = tmp_path / "m.keras"
    store.save_model(model, path)
    again = store.load_model(path)
    assert store.hash_weights(again) == store.hash_weights(model)
    with zipfile.ZipFile(path) as archive:
        assert "optimizer" not in str(archive.read("config.json"))
        size = len(archive.read("model.weights.h5"))
    model.save(tmp_path / "whole.keras")
    with zipfile.ZipFile(tmp_path / "whole.keras") as archive:
        assert len(archive.read("model.weights.h5")) > size
    model.fit(np.zeros((4, 12, 12, 1)), np.zeros((4, 3)), verbose=0)  # still compiled


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m.keras"
    store.save_model(flat(), path)
    old = path.read_bytes()

    def fail(self, content):
        with self.open("wb") as file:
            file.write(bytes(content)[:100])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="disk full"):
        store.save_model(flat(), path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["m.keras"]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_code_in_a_file_is_never_run(tmp_path, suffix):
    marker = tmp_path / "ran"
    image = keras.Input((4,))
    target = str(marker)
    layer = keras.layers.Lambda(lambda x: (open(target, "w"), x)[1], output_shape=(4,), name="evil")  # noqa: PTH123, SIM115
    path = tmp_path / f"m{suffix}"
    keras.Model(image, layer(image)).save(path)
    marker.unlink(missing_ok=True)
    with pytest.raises(ValueError, match="Lambda layer 'evil'"):
        store.load_model(path)
    assert not marker.exists()


def test_a_custom_class_is_named(tmp_path):
    path = tmp_path / "m.keras"
    store.save_model(flat(), path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["layers"][1] |= {
        "module": "elsewhere",
        "class_name": "Mine",
        "registered_name": "elsewhere>Mine",
    }
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match="Mine") as refusal:
        store.load_model(path)
    assert "\n" not in str(refusal.value)


def test_count_layers_ignores_the_optimiser():
    model = flat()
    before = count_layers(model)
    model.compile("adam", "mse")
    model.fit(np.zeros((4, 12, 12, 1)), np.zeros((4, 3)), verbose=0)
    assert count_layers(model) == before
    assert sum(row.trainable for row in before) == model.count_params()
