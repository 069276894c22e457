"""A folder of pictures shown by the data door and by the library: counts, sizes, what is left out, the augmentation."""

import json

import numpy as np
import pytest
from conftest import refusal
from picture_folders import draw_photograph, make_messy_folder, make_picture_folder
from PIL import Image

import app as lab
from app.data.__main__ import main
from app.data.pictures import examples


@pytest.fixture
def shapes(tmp_path):
    return make_picture_folder(tmp_path / "shapes", count=6)


def squeezed(text):
    return " ".join(text.split())


@pytest.mark.filterwarnings("ignore:Glyph")  # of signs that the figure's font lacks
def test_a_folder_of_pictures_is_shown(door, tmp_path):
    make_messy_folder(tmp_path / "all sorts")
    code, output, error = door(
        main, "--data", tmp_path / "all sorts", "--verbose", "--output", tmp_path / "out"
    )
    assert code == 0, error
    for words in (
        "training pictures 25",
        "test pictures 6",
        "files left out 13",
        "smallest size, in pixels 32×24",
        "largest size, in pixels 64×48",
        "30 PNG, 1 JPEG",
        "224×224, in colour",
        "квадрат 四角 12 48.0 % 3 50.0 %",
        "cut.jpg a damaged picture",
    ):
        assert words in squeezed(output), words
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["data-all sorts.png"]


def test_what_is_printed_is_what_the_library_prints(door, shapes, tmp_path):
    _, output, _ = door(main, "--data", shapes, "--verbose", "--output", tmp_path / "out")
    text, _, _ = output.rpartition("\nPicture: ")
    assert text == str(lab.open_data(shapes))


def test_the_facts_as_plain_values(tmp_path):
    make_messy_folder(tmp_path / "d")
    data = lab.open_data(tmp_path / "d")
    record = data.to_dict()
    assert json.loads(json.dumps(record)) == record
    assert record["counts"] == {"training": [13, 12], "test": [3, 3]}
    assert record["pictures"]["formats"] == {"PNG": 30, "JPEG": 1}
    assert record["pictures"]["sizes"]["smallest"] == [32, 24]
    assert record["pictures"]["left_out"]["stray.png"] == "beside the folders of the classes"
    assert record["pictures"]["left_out"].keys() == {
        str(path.relative_to(tmp_path / "d")) for path, _ in data.left_out
    }
    assert len(record["pictures"]["look_the_same"]) == 3
    assert record["pictures"]["misnamed"] == {"a circle's “ring”/named wrongly.jpg": "PNG"}


def type_of_image(artist):
    return type(artist).__name__ == "AxesImage"


def texts(figure):
    return {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}


def test_pictures_of_each_class_are_drawn(shapes):
    data = lab.open_data(shapes)
    figure = data.plot()
    drawn = [image.get_array() for image in figure.findobj(type_of_image)]
    assert len(drawn) == 10
    for (place, _), shown in zip(examples(data), drawn, strict=True):
        np.testing.assert_allclose(shown, data.train_images[place] / 255)
    assert {"circle", "square"} <= texts(figure)
    assert data._repr_png_().startswith(b"\x89PNG")


def test_of_many_classes_one_picture_each(tmp_path):
    for i in range(30):
        (tmp_path / f"class {i}").mkdir()
        for j in range(2):
            draw_photograph("circle", 2 * i + j).save(tmp_path / f"class {i}" / f"{j}.png")
    data = lab.open_data(tmp_path)
    shown = examples(data)
    assert [name for _, name in shown] == [f"class {i}" for i in range(24)]
    assert [data.train_labels[place] for place, _ in shown] == [*range(24)]
    assert len(data.plot().findobj(type_of_image)) == 24


@pytest.mark.parametrize("ending", [".png", ".html", ".txt", ".csv", ".json", ".npz"])
def test_it_is_saved_by_its_ending(shapes, tmp_path, ending):
    data = lab.open_data(shapes)
    path = data.save(tmp_path / f"saved{ending}")
    assert path.stat().st_size > 100
    if ending == ".npz":
        again = lab.open_data(path)
        np.testing.assert_array_equal(again.train_images, data.train_images)
        np.testing.assert_array_equal(again.test_labels, data.test_labels)


@pytest.mark.keras
def test_the_augmentation_is_drawn_beside_the_originals(door, shapes, tmp_path):
    code, output, error = door(main, "--data", shapes, "--augment", "light", "--output", tmp_path / "out")
    assert code == 0, error
    with Image.open(tmp_path / "out" / "data-shapes-augmented-light.png") as picture:
        assert picture.width > 1000
    assert "data-shapes-augmented-light.png" in output


@pytest.mark.keras
def test_one_heading_stands_in_the_middle_above_all_copies():
    from app.data.figures import draw_augmentation

    originals = np.zeros((2, 8, 8, 1), np.uint8)
    figure = draw_augmentation(originals, np.zeros((2, 5, 8, 8, 1), np.uint8), ["3", "5"], "title")
    (axes,) = figure.axes
    (heading,) = (text for text in axes.texts if "as training sees them" in text.get_text())
    lefts = sorted({round(image.get_extent()[0], 6) for image in axes.images})
    assert heading.get_position()[0] == pytest.approx((lefts[1] + lefts[-1] + 8) / 2, abs=0.5)


def test_augmented_copies_are_those_of_training_and_none_changes_nothing():
    from app.data.augmented import show_augmentation
    from app.datasets.augmentation import find_augmentation
    from app.engine.training.augmenting import augment_images

    data = lab.open_data("mnist")
    shown = show_augmentation(data, "strong", seed=3)
    assert shown.copies.shape == (4, 5, 28, 28, 1)
    expected = augment_images(shown.originals, find_augmentation("strong"), 3, 2)
    np.testing.assert_array_equal(shown.copies[:, 2], expected)
    assert (shown.copies != shown.originals[:, np.newaxis]).any(axis=(2, 3, 4)).all()
    unchanged = show_augmentation(data, "none")
    assert (unchanged.copies == unchanged.originals[:, np.newaxis]).all()
    assert "mnist, augmentation 'none': nothing" in texts(unchanged.plot())


def test_an_unknown_augmentation_is_one_line(door, tmp_path):
    code, output, error = door(main, "--augment", "wild", "--output", tmp_path)
    assert (code, output) == (2, "")
    assert error.splitlines()[-1] == "Error: there is no augmentation 'wild'; choose from none, light, strong"


@pytest.mark.parametrize(
    "make", [lambda folder: folder.mkdir(), lambda folder: (folder / "a" / "b").mkdir(parents=True)]
)
def test_a_folder_without_pictures_is_one_line(door, tmp_path, make):
    make(tmp_path / "d")
    code, output, error = door(main, "--data", tmp_path / "d", "--output", tmp_path / "out")
    assert (code, output) == (2, "")
    assert "expected a sub-folder for each class" in error.splitlines()[-1]


def test_too_many_pictures_for_an_archive_are_refused(shapes, tmp_path, monkeypatch):
    data = lab.open_data(shapes)
    monkeypatch.setattr("app.untrusted.memory.free_memory", lambda: 1000)
    assert "needs about" in refusal(data.save, tmp_path / "a.npz")
    assert not (tmp_path / "a.npz").exists()
