import gzip
import hashlib
import pickle
import re
import struct

import numpy as np
import pytest
from conftest import refusal_of_file

from app.datasets.sources import BUNDLED_MNIST, load_idx_folder, load_local, load_mnist, load_npz

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
RNG = np.random.default_rng(1)
ARRAYS = {
    "x_train": RNG.integers(0, 256, (6, 4, 5), dtype=np.uint8),
    "y_train": np.array([0, 1, 2, 0, 1, 2], np.uint8),
    "x_test": RNG.integers(0, 256, (3, 4, 5), dtype=np.uint8),
    "y_test": np.array([2, 1, 0], np.uint8),
}


def idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()


@pytest.fixture
def folder(tmp_path):
    """The four files, raw."""
    for name, array in zip(NAMES, ARRAYS.values(), strict=True):
        (tmp_path / name).write_bytes(idx(array))
    return tmp_path


def assert_same(data):
    np.testing.assert_array_equal(data.train_images[..., 0], ARRAYS["x_train"])
    np.testing.assert_array_equal(data.train_labels, ARRAYS["y_train"])
    np.testing.assert_array_equal(data.test_images[..., 0], ARRAYS["x_test"])
    np.testing.assert_array_equal(data.test_labels, ARRAYS["y_test"])


@pytest.mark.parametrize("name", NAMES)
def test_the_bundled_files_are_the_originals(name):
    """The MD5 sums of the raw files, as the README beside them lists them."""
    table = (BUNDLED_MNIST / "README.md").read_text("utf-8")
    listed = dict(re.findall(r"\| ([\w-]+-ubyte) \| ([0-9a-f]{32}) \|", table))
    assert set(listed) == set(NAMES)
    with gzip.open(BUNDLED_MNIST / f"{name}.gz") as file:
        assert hashlib.md5(file.read()).hexdigest() == listed[name]


def test_mnist_is_as_described(mnist):
    """Counts by class from the literature: 5,923 training zeros to 1,009 test nines."""
    assert mnist.train_images.shape == (60_000, 28, 28, 1)
    assert mnist.test_images.shape == (10_000, 28, 28, 1)
    assert mnist.class_names == tuple("0123456789")
    assert np.bincount(mnist.train_labels).tolist() == [
        5923,
        6742,
        5958,
        6131,
        5842,
        5421,
        5918,
        6265,
        5851,
        5949,
    ]
    assert np.bincount(mnist.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert round(mnist.train_images.mean() / 255, 4) == 0.1307


def test_a_folder_of_four_files(folder):
    data = load_idx_folder(folder)
    assert_same(data)
    assert data.name == folder.name
    assert data.source == str(folder)
    assert data.class_names == ("0", "1", "2")


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name.replace("-idx", ".idx"),
        lambda name: "emnist-digits-" + name.replace("t10k", "test"),
        lambda name: "emnist-letters-" + name.replace("t10k", "test").replace("-idx", ".idx"),
    ],
    ids=["dots", "EMNIST", "both"],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_other_spellings_of_the_file_names(folder, rename, compressed):
    for name in NAMES:
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        target = folder / (rename(name) + ".gz" * compressed)
        target.write_bytes(gzip.compress(content) if compressed else content)
    assert_same(load_idx_folder(folder))


def test_a_file_beside_its_own_archive_is_one_file(folder):
    for name in NAMES:
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
    assert_same(load_idx_folder(folder))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (NAMES[0], "training images"),
        (NAMES[1], "training labels"),
        (NAMES[2], "test images"),
        (NAMES[3], "test labels"),
    ],
)
def test_a_missing_file_is_named(folder, name, part):
    (folder / name).unlink()
    message = refusal_of_file(load_idx_folder, folder)
    assert f"one file of {part} is needed ({name}, or .gz); not found" in message


def test_two_files_for_one_part_are_doubtful(folder):
    for split in ("letters", "digits"):
        (folder / f"emnist-{split}-{NAMES[0]}").write_bytes(idx(ARRAYS["x_train"]))
    message = refusal_of_file(load_idx_folder, folder)
    assert "there are 3" in message
    assert f"emnist-digits-{NAMES[0]}, emnist-letters-{NAMES[0]}, {NAMES[0]}" in message


def swap(folder, first, second):
    one, other = folder / NAMES[first], folder / NAMES[second]
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def test_one_of_several_sets_in_a_folder(tmp_path):
    """As EMNIST's archive is unpacked: six sets side by side."""
    for split, shift in (("digits", 0), ("letters", 1)):
        for name, array in zip(NAMES, ARRAYS.values(), strict=True):
            content = array + np.uint8(shift * (array.ndim == 1))
            (tmp_path / f"emnist-{split}-{name.replace('t10k', 'test')}").write_bytes(idx(content))
    (tmp_path / "emnist-letters-mapping.txt").write_text("1 65 97\n2 66 98\n3 67 99\n")
    message = refusal_of_file(load_local, tmp_path)
    assert "there are 2: emnist-digits-" in message
    assert message.endswith("for one data set of several give PATH/emnist-digits")
    letters, digits = (load_local(f"{tmp_path}/emnist-{split}") for split in ("letters", "digits"))
    assert_same(letters)
    assert_same(digits)
    assert (letters.name, letters.source) == ("emnist-letters", f"{tmp_path}/emnist-letters")
    assert (letters.class_names, digits.class_names) == (("A", "B", "C"), ("0", "1", "2"))
    assert letters.notes == ("Labels count from 1: class 0 is label 1, called A.",)
    with pytest.raises(ValueError, match="no data at"):
        load_local(f"{tmp_path}/emnist-balanced")


@pytest.mark.parametrize("beside", ["", "emnist-digits-mapping.txt"])
@pytest.mark.parametrize("prefix", ["", "emnist-digits-"])
def test_transposed_files_are_read_upright(mnist, tmp_path, prefix, beside):
    """The bundled digits as EMNIST would hold them, under its names, beside its mapping, or renamed."""
    for kind, images, labels in (
        ("train", mnist.train_images[:1000], mnist.train_labels[:1000]),
        ("t10k", mnist.test_images[:200], mnist.test_labels[:200]),
    ):
        turned = np.ascontiguousarray(images[..., 0].swapaxes(1, 2))
        (tmp_path / f"{prefix}{kind}-images-idx3-ubyte").write_bytes(idx(turned))
        (tmp_path / f"{prefix}{kind}-labels-idx1-ubyte").write_bytes(idx(labels.astype(np.uint8)))
    if beside:
        (tmp_path / beside).write_text("".join(f"{i} {48 + i}\n" for i in range(10)))
    data = load_local(str(tmp_path))
    np.testing.assert_array_equal(data.train_images, mnist.train_images[:1000])
    np.testing.assert_array_equal(data.test_images, mnist.test_images[:200])
    (note,) = data.notes
    assert ("EMNIST" in note) == bool(prefix or beside)


def test_swapped_images_and_labels(folder):
    swap(folder, 0, 1)
    message = refusal_of_file(load_idx_folder, folder)
    assert f"{NAMES[0]}: holds labels (1 dimension) where images (3 dimensions)" in message
    assert "swapped?" in message


@pytest.mark.parametrize(("first", "second"), [(0, 2), (1, 3)])
def test_training_and_test_files_swapped_do_not_belong_together(folder, first, second):
    swap(folder, first, second)
    message = refusal_of_file(load_idx_folder, folder)
    assert NAMES[0] in message
    assert NAMES[1] in message
    assert "6 labels; they do not belong together" in message or "3 labels; they do not" in message


def test_a_damaged_file_in_the_folder_is_named(folder):
    (folder / NAMES[2]).write_bytes(idx(ARRAYS["x_test"])[:-1])
    assert f"{NAMES[2]}: cut short" in refusal_of_file(load_idx_folder, folder)


@pytest.mark.parametrize("text", ["cat\ndog\nox\n", "cat\r\ndog\r\n\r\n  ox  ", "\ufeffcat\ndog\nox"])
def test_class_names_from_a_text_file(folder, text):
    (folder / "labels.txt").write_bytes(text.encode())
    assert load_idx_folder(folder).class_names == ("cat", "dog", "ox")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "labels.txt: empty; expected one class name a line"),
        (b" \n\n", "labels.txt: empty"),
        (b"\xff\xfea\x00b\x00", "labels.txt: not a text file in UTF-8"),
        (b"cat\ndog\n", "there are 2 class names and a label 2"),
    ],
)
def test_class_names_that_are_none(folder, content, what):
    (folder / "labels.txt").write_bytes(content)
    assert what in refusal_of_file(load_idx_folder, folder)


@pytest.fixture
def archive(tmp_path):
    def write(save=np.savez, **changes):
        path = tmp_path / "own.npz"
        arrays = {key: value for key, value in (ARRAYS | changes).items() if value is not None}
        save(path, **arrays)
        return path

    return write


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_of_four_arrays(archive, save):
    path = archive(save, spare=np.zeros(3))
    data = load_npz(path)
    assert_same(data)
    assert (data.name, data.source) == ("own", str(path))


@pytest.mark.parametrize("key", ARRAYS)
def test_a_missing_array_is_named(archive, key):
    rest = ", ".join(k for k in ARRAYS if k != key)
    assert f"PATH: has no {key}; it holds {rest}" in refusal_of_file(load_npz, archive(**{key: None}))


@pytest.mark.parametrize(
    "names",
    [
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("train_x", "train_y", "test_x", "test_y"),
        ("trainImages", "trainLabels", "testImages", "testLabels"),
        ("images_training", "labels_training", "images_testing", "labels_testing"),
    ],
)
def test_other_names_of_the_arrays(tmp_path, names):
    np.savez(tmp_path / "own.npz", **dict(zip(names, ARRAYS.values(), strict=True)))
    data = load_npz(tmp_path / "own.npz")
    assert_same(data)
    assert data.notes == ()


@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "colour"])
def test_an_archive_of_medmnist(tmp_path, channels):
    """Labels in a column, validation images between the others."""
    sizes, arrays = {"train": 9, "val": 2, "test": 4}, {}
    for part, count in sizes.items():
        arrays[f"{part}_images"] = RNG.integers(0, 256, (count, 28, 28, *channels), dtype=np.uint8)
        arrays[f"{part}_labels"] = (np.arange(count, dtype=np.uint8) % 2)[:, np.newaxis]
    np.savez(tmp_path / "pathmnist.npz", **arrays)
    data = load_npz(tmp_path / "pathmnist.npz")
    np.testing.assert_array_equal(data.train_images.squeeze(), arrays["train_images"])
    np.testing.assert_array_equal(data.test_images.squeeze(), arrays["test_images"])
    assert data.test_labels.tolist() == [0, 1, 0, 1]
    assert data.notes == ("The 2 validation images are not used.",)
    without = {name: array for name, array in arrays.items() if not name.startswith("test")}
    np.savez(tmp_path / "pathmnist.npz", **without)
    data = load_npz(tmp_path / "pathmnist.npz")
    np.testing.assert_array_equal(data.test_images.squeeze(), arrays["val_images"])
    assert data.notes == ("The 2 validation images are the test images, since there are no others.",)


def test_several_labels_an_image_are_refused(archive):
    """ChestMNIST: 14 findings, of which an image has some or none."""
    message = refusal_of_file(load_npz, archive(y_train=RNG.integers(0, 2, (6, 14))))
    assert "training labels are rows of 14, but not one-hot" in message
    assert "Data with several labels an image, or none, are not read here" in message


@pytest.mark.parametrize("names", [("x", "y"), ("images", "labels"), ("data", "target")])
def test_an_archive_without_test_images(tmp_path, names):
    images, labels = RNG.integers(0, 256, (21, 4, 5), dtype=np.uint8), np.arange(21) % 2
    np.savez(tmp_path / "own.npz", **dict(zip(names, (images, labels), strict=True)))
    data = load_npz(tmp_path / "own.npz")
    both = np.concatenate([data.train_images, data.test_images])[..., 0]
    assert len(data.test_images) == 3
    assert {image.tobytes() for image in both} == {image.tobytes() for image in images}
    held = "3 of the 21 labelled images are held out as test images, always the same ones"
    assert data.notes == (f"own.npz has no test images: {held}.",)


@pytest.mark.parametrize(("images", "labels"), [(1, 1), (5, 4), (0, 0)])
def test_too_few_images_to_hold_some_out(tmp_path, images, labels):
    np.savez(tmp_path / "own.npz", x=np.zeros((images, 4, 4)), y=np.zeros(labels))
    refusal_of_file(load_npz, tmp_path / "own.npz")


def test_labels_from_1(archive):
    data = load_npz(archive(y_train=ARRAYS["y_train"] + 1, y_test=ARRAYS["y_test"] + 1))
    assert_same(data)
    assert data.class_names == ("1", "2", "3")
    assert data.notes == ("Labels count from 1: class 0 is label 1.",)


def test_pixels_of_0_and_1_are_black_and_white(archive):
    pixels = {part: ARRAYS[part] // 128 for part in ("x_train", "x_test")}
    data = load_npz(archive(**pixels))
    np.testing.assert_array_equal(data.train_images[..., 0], pixels["x_train"] * 255)
    assert data.notes == ("Pixels are 0 and 1: they were taken for black and white.",)


def test_an_archive_of_unnamed_arrays(tmp_path):
    np.savez(tmp_path / "own.npz", *ARRAYS.values())
    message = refusal_of_file(load_npz, tmp_path / "own.npz")
    assert (
        "it holds arr_0, arr_1, arr_2, arr_3; train_images and train_labels, or images and labels" in message
    )


def test_an_archive_with_nothing_in_it(archive):
    message = refusal_of_file(load_npz, archive(**dict.fromkeys(ARRAYS)))
    assert "has no x_train, y_train, x_test, y_test; it holds nothing" in message


@pytest.mark.parametrize("key", ARRAYS)
def test_objects_are_never_unpickled(archive, key):
    objects = np.empty(6, object)
    assert "Python objects" in refusal_of_file(load_npz, archive(**{key: objects}))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"y_train": np.zeros(5, int)}, "training: 6 images and 5 labels"),
        ({"y_test": np.zeros(4, int)}, "test: 3 images and 4 labels"),
        ({"y_test": np.array(["a", "b", "c"])}, "test labels must be whole numbers, not <U1"),
        ({"x_train": np.zeros((6, 20))}, "training images have the shape (6, 20)"),
        ({"x_test": np.zeros((3, 5, 4))}, "training images are 4×5×1, test images 5×4×1"),
        ({"x_test": np.full((3, 4, 5), 256)}, "test pixels run from 256 to 256"),
    ],
)
def test_arrays_that_do_not_fit(archive, changes, what):
    assert what in refusal_of_file(load_npz, archive(**changes))


@pytest.mark.parametrize(
    "content",
    [b"", b"x_train,y_train\n1,2\n", b"PK\x03\x04 and no more", b"\x89PNG\r\n\x1a\n"],
    ids=["empty", "text", "stub", "picture"],
)
def test_what_is_no_archive_is_said_to_be_none(tmp_path, content):
    path = tmp_path / "own.npz"
    path.write_bytes(content)
    message = refusal_of_file(load_npz, path)
    assert "not a readable .npz archive" in message
    assert "allow_pickle" not in message  # no invitation to run what is inside


def test_a_single_array_renamed_is_no_archive(tmp_path):
    np.save(tmp_path / "one.npy", ARRAYS["x_train"])
    path = (tmp_path / "one.npy").rename(tmp_path / "own.npz")
    assert "not a readable .npz archive" in refusal_of_file(load_npz, path)


def test_an_archive_cut_anywhere(archive):
    path = archive(np.savez_compressed)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        refusal_of_file(load_npz, path)


def test_an_archive_with_a_damaged_byte(archive):
    """It is refused by name, or what is read is what was written."""
    path = archive()
    whole = path.read_bytes()
    escaped, refused = {}, 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert_same(load_npz(path))
        except Exception as error:
            if isinstance(error, ValueError) and str(path) in str(error):
                refused += 1
            else:
                escaped[place] = repr(error)[:80]
    assert refused > len(whole) / 2
    assert escaped == {}


def test_a_path_is_read_as_what_lies_there(folder, archive):
    assert_same(load_local(str(folder)))
    assert_same(load_local(str(archive())))


def test_an_empty_folder_says_what_is_needed(tmp_path):
    message = refusal_of_file(load_local, tmp_path)
    assert "there are no pictures in it, nor IDX files (train-images-idx3-ubyte and three more)" in message


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("fashion-mnist", "did you mean fashion_mnist?"),
        ("minst", "did you mean mnist?"),
        ("CIFAR100", "did you mean cifar100?"),
        ("no/such/folder", "give a folder of pictures, of IDX files"),
    ],
)
def test_data_that_are_nowhere(wrong, hint):
    message = refusal_of_file(load_local, wrong)
    assert f"no data at 'PATH'; {hint}" in message


def test_the_training_images_of_the_bundled_mnist_are_read_when_they_are_asked_for():
    data = load_mnist()
    assert "train_images" not in vars(data)
    twin = pickle.loads(pickle.dumps(data))
    assert len(data.train_images) == len(data.train_labels) == 60_000
    assert data.train_images.shape[1:] == data.image_shape == (28, 28, 1)
    np.testing.assert_array_equal(twin.train_labels, data.train_labels)
    whole = load_idx_folder(BUNDLED_MNIST)
    assert data.sha256 == whole.sha256
    assert data.class_names == whole.class_names
    with pytest.raises(AttributeError, match="no attribute 'photographs'"):
        data.photographs  # noqa: B018
