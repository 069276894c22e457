"""PyTorch's older files: what was written is read, and a lie about a size or anything but arrays is refused."""

import zipfile

import numpy as np
import pytest
from conftest import refusal_of_file
from torch_writing import NONE, Stored, TorchFile, call, listed, named, paired, row, text, whole

from app.files.torch_files import open_torch

WEIGHT = np.arange(24, dtype="float32").reshape(2, 3, 2, 2)


def usual():
    return {
        "conv.weight": Stored(WEIGHT, "k1", axes=(2, 3, 1, 0)),
        "conv.bias": Stored(np.array([1.5, -2]), "k0"),
        "norm.num_batches_tracked": Stored(np.array(7), "k2"),
    }


def one(**facts):
    return {"a.weight": Stored(WEIGHT, "k", **facts)}


@pytest.fixture
def write(tmp_path):
    def write(arrays, cut=None, **parts):
        path = tmp_path / "weights.pth"
        path.write_bytes(TorchFile(arrays, **parts).content()[:cut])
        return path

    return write


def read(path):
    with open_torch(path) as arrays:
        return {name: np.asarray(array.numbers[()]) for name, array in arrays.items()}


def test_what_was_written_is_read(write):
    """Axes in another order, as weights that came from TensorFlow have them; double precision; a number alone."""
    found = read(write(usual()))
    assert list(found) == list(usual())
    for name, array in usual().items():
        np.testing.assert_array_equal(found[name], array.array)
        assert found[name].dtype == array.array.dtype


def test_shapes_and_types_are_known_before_numbers_are_read(write):
    with open_torch(write(usual())) as arrays:
        told = {name: (array.shape, array.type) for name, array in arrays.items()}
    assert told["conv.weight"] == ((2, 3, 2, 2), "float32")
    assert told["norm.num_batches_tracked"] == ((), "int64")


def test_pieces_of_one_storage(write):
    whole_row = np.arange(6, dtype="float32")
    parts = {
        "a.weight": Stored(whole_row, "k", shape=(2, 2), strides=(2, 1)),
        "a.bias": Stored(whole_row, "k", shape=(2,), strides=(1,), offset=4),
    }
    found = read(write(parts))
    assert found["a.weight"].tolist() == [[0, 1], [2, 3]]
    assert found["a.bias"].tolist() == [4, 5]


def test_the_stride_of_an_axis_of_one_says_nothing(write):
    found = read(write({"a.weight": Stored(WEIGHT[:1, :1], "k", strides=(99, 7, 2, 1))}))
    np.testing.assert_array_equal(found["a.weight"], WEIGHT[:1, :1])


LIES = {
    "a storage of another length": (one(told=23), "a storage says that it has 23 numbers and 24"),
    "a storage of endless length": (one(told=1 << 62, count=1 << 47), "a storage says"),
    "a storage as long as no file": (one(told=1 << 40, count=1 << 40), "it ends before its last array"),
    "a negative length": (one(told=-1), "a storage says that it has -1 numbers"),
    "an array beyond its storage": (one(offset=1), "reaches beyond its storage"),
    "an array larger than its storage": (one(shape=(9, 3, 2, 2)), "reaches beyond"),
    "a huge array": (one(shape=(1 << 40, 3, 2, 2)), "reaches beyond"),
    "one number a million times": (one(shape=(1 << 20,), strides=(0,)), "tells a number twice"),
    "rows that overlap": (one(shape=(2, 3), strides=(2, 1)), "tells a number twice"),
    "gaps": (one(shape=(2, 3), strides=(4, 1)), "has gaps"),
    "nothing": (one(shape=(0, 3), strides=(3, 1)), "that is empty"),
    "a negative size": (one(shape=(-2, 3), strides=(3, 1)), "an impossible shape"),
    "a negative offset": (one(offset=-4), "an impossible shape"),
    "too many axes": (one(shape=(1,) * 9, strides=(1,) * 9), "an impossible shape"),
    "fewer strides": (one(shape=(24,), strides=()), "an impossible shape"),
    "another kind of numbers": (one(kind="torch HalfStorage"), "names 'torch HalfStorage'"),
    "a part of a storage": (one(view=row(text("v"), whole(0), whole(1))), "a piece of a storage"),
    "a storage told in two ways": (
        {"a": Stored(WEIGHT, "k"), "b": Stored(WEIGHT, "k", count=30)},
        "tells of one storage in two ways",
    ),
}


@pytest.mark.parametrize("which", LIES)
def test_a_lie_about_a_size_is_refused(write, which):
    arrays, why = LIES[which]
    said = refusal_of_file(read, write(arrays))
    assert said.startswith("PATH is damaged, cut short, or no file of arrays alone: ")
    assert why in said


PARTS = {
    "another mark": ({"magic": whole(7)}, "is no file of PyTorch's older format"),
    "another version": ({"version": whole(1002)}, "is no file of PyTorch's older format"),
    "big-endian": ({"system": paired(little_endian=b"\x89")}, "not little-endian"),
    "a system that is none": ({"system": NONE}, "not little-endian"),
    "a storage is missing": ({"keys": ("k0", "k1")}, "not that of its arrays"),
    "a storage is there twice": ({"keys": ("k0", "k1", "k2", "k2")}, "not that of its arrays"),
    "a storage more": ({"keys": ("k0", "k1", "k2", "k3")}, "not that of its arrays"),
    "bytes behind": ({"behind": b"abc"}, "3 bytes behind its last array"),
    "no arrays": ({"listing": b"}", "keys": ()}, "no list of arrays"),
    "a number for an array": ({"listing": paired(a=whole(1)), "keys": ()}, "no list of arrays"),
    "a text for all": ({"listing": text("a"), "keys": ()}, "no list of arrays"),
    "a call": ({"listing": call("posix system", text("touch harmed")), "keys": ()}, "names 'posix system'"),
    "a class of their own": ({"listing": call("my.nets Net"), "keys": ()}, "names 'my.nets Net'"),
    "a dictionary of pairs": (
        {"listing": call("collections OrderedDict", listed(row(text("a"), NONE))), "keys": ()},
        "makes no sense",
    ),
    "a dictionary with an endless key": (
        {"listing": call("collections OrderedDict", listed(row(b")" + b"\x85" * 300_000, NONE))), "keys": ()},
        "makes no sense",
    ),
    "a whole model": (
        {"listing": named("torch.nn.modules.conv Conv2d"), "keys": ()},
        "torch.nn.modules.conv",
    ),
}


@pytest.mark.parametrize("which", PARTS)
def test_what_is_no_list_of_arrays_is_refused(write, which, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts, why = PARTS[which]
    assert why in refusal_of_file(read, write(usual(), **parts))
    assert not (tmp_path / "harmed").exists()


def test_a_file_that_ends_too_early_is_refused_wherever_it_ends(write):
    size = len(TorchFile(usual()).content())
    for cut in range(0, size, 3):
        assert refusal_of_file(read, write(usual(), cut=cut)).count("\n") == 0


def outcome(path):
    """Return what a refusal says, or what was read."""
    try:
        return "", read(path)
    except ValueError as error:
        return str(error), None


def test_a_changed_byte_is_refused_or_changes_numbers_alone(write):
    """Whatever byte is another one: one line that names the file, or arrays with names and finite sizes."""
    content = bytearray(TorchFile(usual()).content())
    path, refused = write(usual()), 0
    for place in range(0, len(content), 5):
        damaged = bytearray(content)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        said, found = outcome(path)
        refused += found is None
        assert said.startswith(str(path)) if found is None else sum(a.size for a in found.values()) == 27
        assert "\n" not in said
    assert refused > len(content) / 5 / 3


def test_a_name_is_bounded(write):
    assert list(read(write({"a" * 1000: Stored(WEIGHT, "k")}))) == ["a" * 1000]
    assert "more than 1,000 letters" in refusal_of_file(read, write({"a" * 1001: Stored(WEIGHT, "k")}))


def test_other_formats_are_named(tmp_path):
    newer = tmp_path / "newer.pth"
    with zipfile.ZipFile(newer, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    assert "PyTorch's newer format, a zip archive" in refusal_of_file(read, newer)
    picture = tmp_path / "cat.pth"
    picture.write_bytes(b"\x89PNG\r\n")
    assert refusal_of_file(read, picture) == "PATH is no file of PyTorch's older format"
    assert "does not exist; expected a .pth file" in refusal_of_file(read, tmp_path / "none.pth")
    assert "is a folder" in refusal_of_file(read, tmp_path)


def test_a_list_that_is_longer_than_any(write, monkeypatch):
    monkeypatch.setattr("app.files.torch_files.MOST_HEADER", 600)
    assert "damaged, cut short" in refusal_of_file(read, write(usual()))


def test_a_file_that_becomes_shorter_while_it_is_read(write):
    path = write({"a.weight": Stored(np.zeros(100_000), "k")})
    with open_torch(path) as arrays:
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(OSError, match="shorter"):
            arrays["a.weight"].numbers[()]
