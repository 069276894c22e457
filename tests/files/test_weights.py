"""Files of weights are read as data: each layout, each damage, and nothing behind a link."""

import zipfile

import h5py
import numpy as np
import pytest

from app.files.weights import open_weights

KERNEL, BIAS = np.arange(6, dtype=np.float32).reshape(2, 3), np.arange(3, dtype=np.float32)


def legacy(path, base="", names=("pool", "fc1", "conv1/conv"), fixed=True):
    """The layout of the published files; the names inside a group have had several spellings."""
    with h5py.File(path, "w") as file:
        top = file.require_group(base) if base else file
        top.attrs["layer_names"] = np.array(names, "S") if fixed else list(names)
        for layer in names:
            group = top.create_group(layer)
            arrays = {} if layer == "pool" else {f"{layer}_W_1:0": KERNEL, f"{layer}_b_1:0": BIAS}
            group.attrs["weight_names"] = np.array(list(arrays), "S")
            for name, values in arrays.items():
                group[name] = values
    return path


def numbered(target, named=True):
    """The layout of Keras 3."""
    with h5py.File(target, "w") as file:
        for group, name in (("dense", "fc1"), ("dense_1", "fc2"), ("flatten", "flat")):
            inside = file.create_group(f"layers/{group}/vars")
            if named:
                inside.attrs["name"] = name
            if group != "flatten":
                inside["0"], inside["1"] = KERNEL, BIAS
        file["optimizer/vars/0"] = 5
    return target


def read(path):
    with open_weights(path) as layers:
        return {name: [np.asarray(array.numbers) for array in arrays] for name, arrays in layers.items()}


def assert_filled(layers, names):
    assert list(layers) == list(names)
    for kernel, bias in layers.values():
        np.testing.assert_array_equal(kernel, KERNEL)
        np.testing.assert_array_equal(bias, BIAS)


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("base", ["", "model_weights"])
def test_the_older_layout(tmp_path, base, fixed):
    assert_filled(read(legacy(tmp_path / "a.h5", base, fixed=fixed)), ["fc1", "conv1/conv"])


def test_a_list_of_names_that_was_cut_into_several(tmp_path):
    path = legacy(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        del file.attrs["layer_names"]
        file.attrs["layer_names0"] = np.array(["pool", "fc1"], "S")
        file.attrs["layer_names1"] = np.array(["conv1/conv"], "S")
    assert_filled(read(path), ["fc1", "conv1/conv"])


def test_the_layout_of_keras_3(tmp_path):
    assert_filled(read(numbered(tmp_path / "a.weights.h5")), ["fc1", "fc2"])


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_weights_in_a_whole_model(tmp_path, compression):
    with zipfile.ZipFile(tmp_path / "a.keras", "w", compression) as archive:
        archive.write(numbered(tmp_path / "w.h5"), "model.weights.h5")
    assert_filled(read(tmp_path / "a.keras"), ["fc1", "fc2"])


def test_early_keras_3_did_not_say_the_layers_names(tmp_path):
    with pytest.raises(ValueError, match="does not say which layers its arrays belong to"):
        read(numbered(tmp_path / "a.weights.h5", named=False))


def spoil(path, what):
    """Damage a file, or put something in it that does not belong there."""
    with h5py.File(path, "r+") as file:
        match what:
            case "left over":
                file["fc1/more"] = BIAS
            case "missing":
                del file["fc1/fc1_b_1:0"]
            case "no group":
                del file["fc1"]
            case "twice":
                file.attrs["layer_names"] = np.array(["fc1", "fc1"], "S")
            case "link":
                del file["fc1/fc1_b_1:0"]
                file["fc1/fc1_b_1:0"] = h5py.SoftLink("/conv1/conv/conv1/conv_b_1:0")
            case "outside":
                del file["fc1/fc1_b_1:0"]
                file["fc1/fc1_b_1:0"] = h5py.ExternalLink("other.h5", "/x")
            case "other file":
                del file["fc1/fc1_b_1:0"]
                file["fc1"].create_dataset("fc1_b_1:0", (3,), "f4", external=[("raw", 0, 12)])
            case "virtual":
                del file["fc1/fc1_b_1:0"]
                layout = h5py.VirtualLayout((3,), "f4")
                layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
                file["fc1"].create_virtual_dataset("fc1_b_1:0", layout)
            case "long list":
                file.attrs["layer_names"] = np.array(["x"] * 20_000, "S1")
            case "numbers":
                file.attrs["layer_names"] = np.array([[1, 2]])
            case "no layers":
                file.attrs["layer_names"] = np.array(["pool"], "S")
                del file["fc1"], file["conv1"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("left over", "holds the array fc1/more, which belongs to no layer"),
        ("missing", "damaged"),
        ("no group", "damaged"),
        ("twice", "damaged"),
        ("link", "damaged"),
        ("outside", "damaged"),
        ("numbers", "damaged"),
        ("other file", "lie in another file"),
        ("virtual", "lie in another file"),
        ("long list", "layer_names is absurdly long"),
        ("no layers", "holds no layers"),
    ],
)
def test_what_does_not_belong_in_a_file_of_weights(tmp_path, what, words):
    path = legacy(tmp_path / "a.h5")
    spoil(path, what)
    with pytest.raises(ValueError, match=words) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_two_layers_of_one_name(tmp_path):
    path = numbered(tmp_path / "a.weights.h5")
    with h5py.File(path, "r+") as file:
        file["layers/dense_1/vars"].attrs["name"] = "fc1"
    with pytest.raises(ValueError, match="two layers that are called fc1"):
        read(path)


def test_a_file_that_is_no_file_of_weights(tmp_path):
    (tmp_path / "text.h5").write_text("no weights")
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("data.pkl", "as PyTorch writes them")
    for name in ("text.h5", "other.keras"):
        with pytest.raises(ValueError, match=r"neither HDF5 nor \.keras"):
            read(tmp_path / name)
    with pytest.raises(ValueError, match=r"missing\.h5 does not exist"):
        read(tmp_path / "missing.h5")
    with pytest.raises(ValueError, match="is a folder"):
        read(tmp_path)


def test_a_file_cut_short(tmp_path):
    whole = legacy(tmp_path / "a.h5").read_bytes()
    for size in (0, 4, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.h5").write_bytes(whole[:size])
        with pytest.raises(ValueError, match="cut short"):
            read(tmp_path / "cut.h5")


def test_a_wrong_byte_in_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.write(numbered(tmp_path / "w.h5"), "model.weights.h5")
    damaged = bytearray((tmp_path / "a.keras").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "a.keras").write_bytes(damaged)
    with pytest.raises(ValueError, match=r"model\.weights\.h5 fails its checksum"):
        read(tmp_path / "a.keras")
