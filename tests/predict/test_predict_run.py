"""Pictures predicted: the numbers, the order, what is said, and what is not in memory."""

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import refusal
from picture_folders import make_picture_folder
from PIL import Image

from app.datasets.ahead import read_ahead
from app.maps.open_model import ModelChoice, OpenModel
from app.predict.run import predict_images, predict_pictures


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test_images[:40]


@pytest.fixture(scope="module")
def shipped():
    return OpenModel(ModelChoice("mnist", machine="numpy"))


def save_all(images, folder):
    folder.mkdir()
    for i, image in enumerate(images):
        Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(folder / f"{i:03}.png")
    return folder


def values(said):
    return np.stack([each.values for each in said])


def test_batches_give_what_single_images_give(shipped, digits):
    whole = shipped.explainer.probabilities(shipped.scaled(digits))
    for size in (1, 7, 64):
        np.testing.assert_allclose(
            values(predict_pictures(shipped, digits, batch_size=size)), whole, rtol=1e-4, atol=1e-7
        )


def test_files_arrays_and_generators_of_the_same_pictures_agree(shipped, digits, tmp_path):
    folder = save_all(digits, tmp_path / "digits")
    np.save(tmp_path / "digits.npy", digits)
    np.savez(tmp_path / "digits.npz", digits)
    of_files = list(predict_pictures(shipped, folder))
    assert [each.image for each in of_files] == [str(folder / f"{i:03}.png") for i in range(40)]
    ways = (
        digits,
        tmp_path / "digits.npy",
        [str(tmp_path / "digits.npz")],
        (image for image in digits),
        (digits[i : i + 9] for i in range(0, 40, 9)),
        [Image.fromarray(image[..., 0]) for image in digits],
    )
    for way in ways:
        said = list(predict_pictures(shipped, way, batch_size=16))
        np.testing.assert_allclose(values(said), values(of_files), rtol=1e-4, atol=1e-7)


def test_images_of_arrays_are_numbered(shipped, digits, tmp_path):
    np.save(tmp_path / "some.npy", digits[:5])
    path = tmp_path / "some.npy"
    assert [each.image for each in predict_pictures(shipped, path, batch_size=2)] == [
        f"{path}, image {i}" for i in range(5)
    ]
    assert [each.image for each in predict_pictures(shipped, digits[:3], batch_size=2)] == [
        "image 0",
        "image 1",
        "image 2",
    ]
    assert [each.image for each in predict_pictures(shipped, digits[0])] == ["the image"]


def test_what_cannot_be_read_is_a_row_and_not_the_end(shipped, digits, tmp_path):
    folder = save_all(digits[:3], tmp_path / "digits")
    (folder / "001.png").write_text("no picture")
    whole = (folder / "002.png").read_bytes()
    (folder / "003.png").write_bytes(whole[: len(whole) // 2])
    said = list(predict_pictures(shipped, [str(folder), str(tmp_path / "none.png")]))
    assert [each.values is None for each in said] == [False, True, False, True, True]
    assert "not an image" in said[1].error
    assert "damaged" in said[3].error
    assert said[4].error.startswith("does not exist")
    assert all(str(folder) not in each.error for each in said)


def test_a_bad_image_of_an_array_is_one_row(shipped, digits, tmp_path):
    images = digits[:4].astype(np.float32) / 255
    images[2, 3, 3] = np.nan
    np.save(tmp_path / "some.npy", images)
    said = list(predict_pictures(shipped, tmp_path / "some.npy"))
    assert [each.values is None for each in said] == [False, False, True, False]
    assert "not finite" in said[2].error


@pytest.mark.parametrize("kind", ["objects", "cut", "text", "several", "size", "empty"])
def test_bad_arrays_are_rows_with_a_reason(kind, shipped, digits, tmp_path):
    path, words = tmp_path / "bad.npy", ""
    if kind == "objects":
        np.save(path, np.array([{}], dtype=object), allow_pickle=True)
        words = "holds no numbers"
    elif kind == "cut":
        np.save(path, digits)
        path.write_bytes(path.read_bytes()[:5000])
        words = "cut short"
    elif kind == "text":
        path.write_text("0 1 2")
        words = "header is damaged"
    elif kind == "several":
        path = tmp_path / "bad.npz"
        np.savez(path, a=digits, b=digits)
        words = "2 arrays (a, b)"
    elif kind == "size":
        np.save(path, np.zeros((2, 9, 9), np.uint8))
        words = "takes 28×28×1 images"
    else:
        np.save(path, np.zeros((0, 28, 28), np.uint8))
        words = "no images"
    (said,) = predict_pictures(shipped, [str(path)])
    assert said.values is None
    assert words in said.error
    assert not said.error.startswith(str(path))


def test_the_array_of_test_images_is_taken_from_a_data_set(shipped, digits, tmp_path):
    np.savez(tmp_path / "data.npz", x_train=digits[20:], x_test=digits[:5], y_test=np.arange(5))
    assert len(list(predict_pictures(shipped, tmp_path / "data.npz"))) == 5


@pytest.fixture
def without_card(tmp_path):
    """The shipped network as a file that no card lies beside."""
    return Path(shutil.copy(OpenModel(ModelChoice("mnist")).facts.path, tmp_path / "mine.keras"))


HINT = "--prepare digit"


def test_a_picture_that_is_only_resized_for_lack_of_a_card_is_told_how_digits_are_prepared(
    shipped, without_card, digits, tmp_path
):
    mine = OpenModel(ModelChoice(str(without_card), machine="numpy"))
    page = np.full((280, 280), 230, np.uint8)
    page[40:140, 60:90] = 30
    Image.fromarray(page).save(tmp_path / "page.png")
    Image.fromarray(digits[0, ..., 0]).save(tmp_path / "small.png")

    def hinted(opened, name="page.png", prepare="auto"):
        (said,) = predict_pictures(opened, tmp_path / name, prepare)
        return any(HINT in note for note in said.notes)

    assert hinted(mine)
    assert HINT in str(predict_images(mine, tmp_path / "page.png"))
    assert not hinted(mine, "small.png")  # nothing was done to it
    assert not hinted(mine, prepare="digit")
    assert not hinted(mine, prepare="resize")
    assert not hinted(shipped)  # its card says how


@pytest.mark.keras
def test_a_network_of_another_number_of_classes_may_not_be_of_digits(tmp_path):
    import keras

    classes = keras.layers.Dense(3, activation="softmax")
    keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), classes]).save(tmp_path / "m.keras")
    Image.fromarray(np.eye(90, dtype=np.uint8) * 255).save(tmp_path / "page.png")
    (said,) = predict_pictures(OpenModel(ModelChoice(str(tmp_path / "m.keras"))), tmp_path / "page.png")
    assert said.changes == ("resized from 90×90 to 28×28",)
    assert not any(HINT in note for note in said.notes)


def test_only_a_few_pictures_are_in_memory(shipped, digits):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield digits[len(taken) % 40]

    said = predict_pictures(shipped, endless(), batch_size=8)
    for _ in range(80):
        next(said)
    said.close()
    assert len(taken) <= 80 + 8 + 2 * 8 + 1


def test_reading_ahead_keeps_the_order_and_stops_with_whoever_asks():
    gate = threading.Event()

    def read(n):
        if n == 0:
            gate.wait(5)
        elif n == 5:
            gate.set()
        return n

    assert list(read_ahead(read, range(30), ahead=8, threads=4)) == list(range(30))
    found = read_ahead(lambda n: 1 // (3 - n), range(100), ahead=4)
    assert [next(found), next(found), next(found)] == [0, 0, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_blank_and_tiny_pictures_are_told(tmp_path):
    from app.datasets.reading import Piece, Reader
    from models.pixels import PLAIN

    reader = Reader((64, 64, 3), PLAIN, None)
    random = np.random.default_rng(0)
    notes = {}
    for name, size in (("tiny", 12), ("small", 17), ("large", 200)):
        path = tmp_path / f"{name}.png"
        Image.fromarray(random.integers(0, 256, (size, size, 3)).astype(np.uint8)).save(path)
        (ready,) = reader.read(Piece(path, name))
        notes[name] = ready.notes
    assert "enlarged 5.3 times from 12×12" in notes["tiny"][0]
    assert notes["small"] == notes["large"] == ()
    Image.new("RGB", (70, 70), (9, 99, 9)).save(tmp_path / "blank.png")
    (ready,) = reader.read(Piece(tmp_path / "blank.png", "blank"))
    assert ready.notes == ("the picture is blank: all its pixels have the same value",)


class TestInOneResult:
    """`predict_images`, which the library calls."""

    def test_a_folder_is_taken_without_what_cannot_be_read(self, shipped, digits, tmp_path):
        folder = save_all(digits[:4], tmp_path / "digits")
        (folder / "bad.png").write_text("no picture")
        says = predict_images(shipped, folder)
        assert len(says) == 4
        assert list(says.unreadable) == [str(folder / "bad.png")]
        assert says.names == ["7", "2", "1", "0"]
        assert "not read: " in str(says)
        assert says.to_dict()[-1]["error"].startswith("not an image")

    def test_a_picture_given_by_itself_must_be_one(self, shipped, tmp_path):
        (tmp_path / "bad.png").write_text("no picture")
        assert "not an image" in refusal(predict_images, shipped, tmp_path / "bad.png")
        assert "no images" in refusal(predict_images, shipped, iter([]))
        with pytest.raises(TypeError):
            predict_images(shipped, 3)

    def test_it_is_saved_by_the_ending(self, shipped, digits, tmp_path):
        says = predict_images(shipped, digits[:3])
        text = says.save(tmp_path / "a.csv").read_text("utf-8").splitlines()
        assert text[0].startswith("image,class,probability,class_2,probability_2")
        assert text[1].startswith("image 0,7,")
        assert says.save(tmp_path / "a.json").read_text("utf-8").count('"image"') == 3
        assert says[0].changes == ("bytes, scaled as the network takes them",)


@pytest.fixture(scope="module")
def keras():
    import app.engine  # noqa: F401, I001
    import keras

    keras.utils.set_random_seed(0)
    return keras


@pytest.mark.keras
class TestOfFiles:
    """Models of Keras' own, without a card."""

    def test_the_probabilities_are_keras_own(self, keras, tmp_path):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((16, 16, 3)),
                layers.Conv2D(3, 3, activation="relu"),
                layers.Flatten(),
                layers.Dense(4, "softmax"),
            ]
        )
        model.save(tmp_path / "net.keras")
        folder = make_picture_folder(tmp_path / "shapes", count=20, size=(16, 16))
        files = sorted(folder.rglob("*.png"))
        images = np.stack([np.asarray(Image.open(file)) for file in files]) / np.float32(255)
        said = predict_pictures(OpenModel(ModelChoice(tmp_path / "net.keras", machine="tensorflow")), folder)
        np.testing.assert_allclose(values(said), model.predict(images, verbose=0), rtol=1e-5, atol=1e-7)

    def test_own_networks_of_28_by_28_that_are_no_digits_get_their_pictures_plain(self, keras, tmp_path):
        """Arrays and files of the same pictures give the same predictions."""
        layers = keras.layers
        model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(3, "softmax")])
        model.save(tmp_path / "clothes.keras")
        images = np.random.default_rng(0).integers(0, 256, (30, 28, 28, 1)).astype(np.uint8)
        images[:10, :4] = images[:10, -4:] = 0  # like ink on paper, as trousers are
        images[:10, :, :6] = images[:10, :, -6:] = 0
        folder = save_all(images, tmp_path / "clothes")
        opened = OpenModel(ModelChoice(tmp_path / "clothes.keras"))
        of_files = values(predict_pictures(opened, folder))
        np.testing.assert_allclose(of_files, values(predict_pictures(opened, images)), rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(of_files, model.predict(images / 255, verbose=0), rtol=1e-4, atol=1e-6)

    def test_an_open_size_keeps_each_pictures_own(self, keras, tmp_path):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((None, None, 3)),
                layers.Conv2D(3, 5),
                layers.GlobalAveragePooling2D(),
                layers.Dense(2, "softmax"),
            ]
        )
        model.save(tmp_path / "open.keras")
        files = []
        for i, size in enumerate([(9, 12), (20, 9), (9, 12), (3, 3)]):
            image = np.random.default_rng(i).integers(0, 256, (*size, 3)).astype(np.uint8)
            Image.fromarray(image).save(tmp_path / f"{i}.png")
            files.append(str(tmp_path / f"{i}.png"))
        said = list(predict_pictures(OpenModel(ModelChoice(tmp_path / "open.keras")), files))
        for each, file in list(zip(said, files, strict=True))[:3]:
            one = np.asarray(Image.open(file))[np.newaxis] / np.float32(255)
            np.testing.assert_allclose(each.values, model.predict(one, verbose=0)[0], rtol=1e-4)
        assert "give a larger one" in said[3].error

    def test_quantities_and_undecided_answers(self, keras, tmp_path):
        layers = keras.layers
        zeros = {"kernel_initializer": "zeros"}
        flat = keras.Sequential(
            [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(4, "softmax", **zeros)]
        )
        flat.save(tmp_path / "flat.keras")
        image = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 1)).astype(np.uint8)
        (said,) = predict_pictures(OpenModel(ModelChoice(tmp_path / "flat.keras")), image)
        assert said.notes == ("undecided: the likeliest class has 25.0 %, even shares would be 25.0 %",)
        value = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2)])
        value.compile(loss="mse")
        value.save(tmp_path / "value.keras")
        opened = OpenModel(ModelChoice(tmp_path / "value.keras"))
        says = predict_images(opened, image)
        assert says.are_quantities
        np.testing.assert_allclose(says.values, value.predict(image / np.float32(255), verbose=0), rtol=1e-4)
        assert says.to_dict()[0]["outputs"].keys() == {"0", "1"}
