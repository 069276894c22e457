"""Folders of pictures as data sets: which layouts are known, how they are parted, what goes wrong in them."""

import hashlib
import os
import shutil

import numpy as np
import pytest
from conftest import refusal
from picture_folders import draw_photograph, make_messy_folder, make_picture_folder, save_bytes
from PIL import Image

from app.datasets.fitting import fit_to_data
from app.datasets.pictures import fit_picture, read_picture
from app.datasets.sources import load_local
from models import CATALOGUE


def said(data, words):
    """Return the one note that holds some words."""
    (note,) = [note for note in data.notes if words in note]
    return note


def names(images):
    return [f"{path.parent.name}/{path.name}" for path in images.files]


@pytest.fixture
def shapes(tmp_path):
    return make_picture_folder(tmp_path / "shapes", count=10)


# --- layouts ---------------------------------------------------------------------------------------------------------


def test_a_folder_for_each_class(shapes):
    data = load_local(str(shapes))
    assert (data.name, data.source, data.class_names) == ("shapes", str(shapes), ("circle", "square"))
    assert data.image_shape == (48, 64, 3)
    assert (len(data.train_images), len(data.test_images)) == (16, 4)
    assert np.bincount(data.train_labels).tolist() == [8, 8]
    assert np.bincount(data.test_labels).tolist() == [2, 2]
    assert not data.left_out
    assert "4 of the 20 pictures are held out as test images" in said(data, "held out")


def test_images_are_the_pictures_of_their_files(shapes):
    data = load_local(str(shapes))
    for images, labels in ((data.train_images, data.train_labels), (data.test_images, data.test_labels)):
        for path, pixels, label in zip(images.files, images, labels, strict=True):
            assert path.parent.name == data.class_names[label]
            np.testing.assert_array_equal(pixels, np.asarray(Image.open(path)))
    assert set(names(data.train_images)) & set(names(data.test_images)) == set()


def test_the_first_images_show_each_class(shapes):
    data = load_local(str(shapes))
    assert data.train_labels[:4].tolist() == [0, 1, 0, 1]
    assert data.test_labels[:4].tolist() == [0, 1, 0, 1]


def test_train_and_test_as_they_are_given(tmp_path):
    make_picture_folder(tmp_path / "d" / "train", count=3)
    make_picture_folder(tmp_path / "d" / "Testing", count=2)
    data = load_local(str(tmp_path / "d"))
    assert (len(data.train_images), len(data.test_images)) == (6, 4)
    assert all(path.parts[-3] == "Testing" for path in data.test_images.files)
    assert not data.pictures.is_held_out


@pytest.mark.parametrize("name", ["val", "valid", "Validation"])
def test_pictures_for_validation_are_the_test_where_there_is_no_other(tmp_path, name):
    make_picture_folder(tmp_path / "train", count=3)
    make_picture_folder(tmp_path / name, count=2)
    data = load_local(str(tmp_path))
    assert len(data.test_images) == 4
    assert said(data, "no folder test").endswith(f"the pictures in {name} are the test images.")


def test_pictures_for_validation_are_not_used_beside_a_test(tmp_path):
    for part in ("train", "val", "test"):
        make_picture_folder(tmp_path / part, count=3)
    data = load_local(str(tmp_path))
    assert (len(data.train_images), len(data.test_images), len(data.left_out)) == (6, 6, 6)
    assert "The folder val, with 6 pictures, is not used" in said(data, "not used")


def test_a_training_folder_alone_is_parted(tmp_path):
    make_picture_folder(tmp_path / "train", count=10)
    data = load_local(str(tmp_path))
    assert data.class_names == ("circle", "square")
    assert (len(data.train_images), len(data.test_images)) == (16, 4)


def test_a_test_folder_without_classes_is_not_used(tmp_path):
    """As Kaggle has them: pictures whose labels nobody tells."""
    make_picture_folder(tmp_path / "train", count=10)
    (tmp_path / "test").mkdir()
    draw_photograph("circle", 70).save(tmp_path / "test" / "1.png")
    data = load_local(str(tmp_path))
    assert len(data.test_images) == 4
    assert "The folder test, with 1 picture, is not used: it has no folders of classes" in said(
        data, "The folder"
    )


def test_a_class_may_be_called_train(tmp_path):
    make_picture_folder(tmp_path, names=("plane", "train"))
    assert load_local(str(tmp_path)).class_names == ("plane", "train")


def test_classes_are_sorted_as_people_sort_in_any_script(tmp_path):
    made = ("class 10", "class 9", "Ёлка")
    make_picture_folder(tmp_path, classes=("circle", "square", "cross"), names=made, count=3)
    assert load_local(str(tmp_path)).class_names == ("class 9", "class 10", "Ёлка")


def test_both_ways_of_writing_an_accent_are_one_class(tmp_path):
    make_picture_folder(tmp_path / "train", names=("caf\u00e9", "tea"), count=3)
    make_picture_folder(tmp_path / "test", names=("cafe\u0301", "tea"), count=2)
    data = load_local(str(tmp_path))
    assert data.class_names == ("caf\u00e9", "tea")
    assert len(data.test_images) == 4


def test_names_that_would_steer_a_terminal_are_shown_as_escapes(tmp_path):
    make_picture_folder(tmp_path, names=("a\x1b[31m", "b\nc"), count=3)
    assert load_local(str(tmp_path)).class_names == ("a\\x1b[31m", "b\\nc")


def test_a_name_that_is_no_text_is_shown(tmp_path):
    make_picture_folder(tmp_path, names=("square", os.fsdecode(b"\xff\xfe")), count=3)
    assert load_local(str(tmp_path)).class_names == ("\\udcff\\udcfe", "square")


def test_folders_inside_a_class_are_searched(shapes):
    (shapes / "circle" / "2019" / "May").mkdir(parents=True)
    draw_photograph("circle", 50).save(shapes / "circle" / "2019" / "May" / "1.png")
    data = load_local(str(shapes))
    assert len(data.train_images) + len(data.test_images) == 21
    assert said(data, "inside") == "1 picture lies in a folder inside the folders of the classes."


@pytest.mark.parametrize(
    ("paths", "what"),
    [
        (
            ("a/x/1.png", "a/y/1.png", "b/x/1.png"),
            "the pictures lie in folders inside of folders, as a/x/1.png",
        ),
        (("animals/cat/1.png", "animals/dog/1.png"), "try FOLDER/animals"),
        (("1.png", "2.png"), "2 pictures and no folders of pictures"),
        (("a/b/c/d/1.png",), "the pictures lie in folders inside of folders, as a/b/c/d/1.png"),
        (("cat/notes.txt",), "there are no pictures in its folders (notes.txt: no picture by its name"),
        (("train/1.png", "train/a/b/1.png"), "none"),
    ],
)
def test_a_folder_that_is_no_such_layout_is_one_line(tmp_path, paths, what):
    for i, path in enumerate(paths):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(save_bytes(draw_photograph("circle", i), "PNG"))
    if what == "none":
        assert load_local(str(tmp_path)).class_names == ("train",)
        return
    message = refusal(load_local, str(tmp_path)).replace(str(tmp_path), "FOLDER")
    assert what in message
    assert "expected a sub-folder for each class" in message
    assert "\n" not in message


def test_deeper_than_anybody_looks(shapes):
    deep = shapes / "circle" / "/".join(["x"] * 30)
    deep.mkdir(parents=True)
    draw_photograph("circle", 50).save(deep / "1.png")
    data = load_local(str(shapes))
    assert [reason for _, reason in data.left_out] == ["more than 16 folders deep"]


# --- the split -------------------------------------------------------------------------------------------------------


def test_the_split_follows_what_is_seen_and_not_names_or_places(shapes, tmp_path):
    """Files that are renamed, and one that is added, leave the others where they were."""
    first = load_local(str(shapes))
    tested = {hashlib.sha256(path.read_bytes()).digest() for path in first.test_images.files}
    other = tmp_path / "elsewhere"
    shutil.copytree(shapes, other)
    for i, path in enumerate(sorted(other.rglob("*.png"), reverse=True)):
        path.rename(path.with_name(f"renamed {i}.png"))
    again = load_local(str(other))
    assert {hashlib.sha256(path.read_bytes()).digest() for path in again.test_images.files} == tested
    draw_photograph("circle", 1000).save(other / "circle" / "one more.png")
    more = {hashlib.sha256(path.read_bytes()).digest() for path in load_local(str(other)).test_images.files}
    assert len(more & tested) >= len(tested) - 1


def test_a_small_class_has_a_test_picture_too(tmp_path):
    make_picture_folder(tmp_path, count=20)
    for path in sorted((tmp_path / "square").glob("*.png"))[2:]:
        path.unlink()
    data = load_local(str(tmp_path))
    assert np.bincount(data.test_labels).tolist() == [4, 1]
    assert "1 class has fewer than 10 training pictures: square (1)." in data.notes
    assert "circle has 16 training pictures, square 1" in said(data, "uneven")
    assert "is right in 94 % of them" in said(data, "uneven")


def test_a_class_of_one_picture_is_learnt_and_not_tested(tmp_path):
    make_picture_folder(tmp_path, count=5)
    for path in sorted((tmp_path / "square").glob("*.png"))[1:]:
        path.unlink()
    data = load_local(str(tmp_path))
    assert np.bincount(data.test_labels, minlength=2).tolist() == [1, 0]
    assert "1 class has no test pictures: square." in data.notes


def test_too_few_to_hold_any_out(tmp_path):
    make_picture_folder(tmp_path, count=1)
    assert "no class has two different pictures" in refusal(load_local, str(tmp_path))


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_is_never_on_both_sides(tmp_path, seed):
    """A copy of each picture: resized, re-encoded, squeezed or in grey, drawn by a seed."""
    random = np.random.default_rng(seed)
    make_picture_folder(tmp_path, count=15)
    pairs = []
    for path in sorted(tmp_path.rglob("*.png")):
        picture = Image.open(path).convert("RGB")
        share = random.uniform(0.5, 3)
        filters = [
            Image.Resampling.BILINEAR,
            Image.Resampling.BICUBIC,
            Image.Resampling.LANCZOS,
            Image.Resampling.BOX,
        ]
        size = tuple(round(side * share * random.uniform(0.9, 1.1)) for side in picture.size)
        copy = picture.resize(size, filters[random.integers(4)])
        copy = copy.convert("L") if random.random() < 0.2 else copy
        format_, options = [
            ("JPEG", {"quality": int(random.integers(30, 95))}),
            ("PNG", {}),
            ("WEBP", {}),
            ("GIF", {}),
        ][random.integers(4)]
        twin = path.with_name(f"{random.integers(10**9)}.{format_.lower()}")
        twin.write_bytes(save_bytes(copy, format_, **options))
        pairs.append((path, twin))
    data = load_local(str(tmp_path))
    train, test = set(data.train_images.files), set(data.test_images.files)
    assert len(train) + len(test) == 60
    assert test
    for path, twin in pairs:
        assert (path in test) == (twin in test), (path, twin)
    assert len(data.pictures.twins) == 30
    assert said(data, "look the same as").startswith("30 pictures look the same as another one")


def test_a_film_of_each_class_has_test_pictures_too(tmp_path):
    """Each picture is a twin of the next: nothing could be held out if all twins stayed together."""
    for name, seed in (("left", 3), ("right", 4)):
        (tmp_path / name).mkdir()
        for i in range(20):
            frame = draw_photograph("circle", seed, (128, 96)).transform(
                (128, 96), Image.Transform.AFFINE, (1, 0, 0.7 * i, 0, 1, 0), Image.Resampling.BILINEAR
            )
            frame.save(tmp_path / name / f"{i:02}.png")
            frame.save(tmp_path / name / f"{i:02} copy.jpg", quality=90)
    data = load_local(str(tmp_path))
    assert np.bincount(data.test_labels).tolist() == [8, 8]
    assert "left, right look like each other" in said(data, "film")
    test = {path.name[:2] + path.parent.name for path in data.test_images.files}
    train = {path.name[:2] + path.parent.name for path in data.train_images.files}
    assert not test & train  # the copies stay together


def test_test_pictures_that_are_also_in_training_are_said(tmp_path):
    make_picture_folder(tmp_path / "train", count=5)
    make_picture_folder(tmp_path / "test", count=2)
    (tmp_path / "test" / "circle" / "new.png").write_bytes(save_bytes(draw_photograph("circle", 70), "PNG"))
    data = load_local(str(tmp_path))
    assert "4 test pictures are also in training" in said(data, "also in training")
    assert {path.name for path in data.pictures.in_both_parts} == {"000.png", "001.png"}


def test_a_class_that_stands_in_the_test_only_is_left_out(tmp_path):
    make_picture_folder(tmp_path / "train", count=3)
    make_picture_folder(tmp_path / "test", ("circle", "square", "cross"), count=2)
    data = load_local(str(tmp_path))
    assert data.class_names == ("circle", "square")
    assert "1 class has test pictures but no training pictures, and is left out: cross." in data.notes
    assert [path.name for path, reason in data.left_out if "no training pictures" in reason] == [
        "000.png",
        "001.png",
    ]


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_everything_that_goes_wrong_is_listed_and_nothing_is_fatal(tmp_path):
    folder = tmp_path / "all sorts"
    expected = make_messy_folder(folder)
    before = sorted(path for path in tmp_path.rglob("*"))
    data = load_local(str(folder))
    left_out = {os.path.relpath(path, folder): reason for path, reason in data.left_out}
    assert set(left_out) == set(expected)
    for name, words in expected.items():
        assert words in left_out[name], name
    assert len(data.train_images) + len(data.test_images) == 31
    assert data.class_names == ("a circle's “ring”", "квадрат 四角")
    assert "The folder nothing holds no pictures" in said(data, "nothing")
    assert said(data, "named as").endswith("named wrongly.jpg holds PNG.")
    assert "3 pictures look the same" in said(data, "look the same as")
    assert "a circle.png" in said(data, "lie in different classes")
    assert said(data, "all of one colour").endswith("black.png.")
    assert len(said(data, "left out").split(";")) == 4
    assert sorted(path for path in tmp_path.rglob("*")) == before
    assert all(
        np.asarray(images).shape[1:] == data.image_shape for images in (data.train_images, data.test_images)
    )


def test_none_that_can_be_read_is_one_line(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_text("no picture")
    message = refusal(load_local, str(tmp_path))
    assert "none of its 2 pictures can be read: cat/1.jpg and 1 more (not an image in a format" in message


def test_a_class_none_of_whose_pictures_can_be_read(shapes):
    (shapes / "ox").mkdir()
    (shapes / "ox" / "1.jpg").write_text("no picture")
    data = load_local(str(shapes))
    assert data.class_names == ("circle", "square")
    assert "None of the pictures of ox can be read: there is no such class." in data.notes


def test_one_class_is_opened_and_not_trained_on(tmp_path):
    make_picture_folder(tmp_path, ("circle",), count=6)
    data = load_local(str(tmp_path))
    assert "There is only one class, circle" in said(data, "only one")
    assert "only one class" in refusal(fit_to_data, CATALOGUE["mnist"], data)


def test_links_to_files_are_followed(shapes):
    (shapes / "circle" / "link.png").symlink_to(shapes / "square" / "000.png")
    data = load_local(str(shapes))
    assert "circle/link.png and square/000.png" in said(data, "different classes")


def test_a_picture_that_is_gone_later_is_named(shapes):
    data = load_local(str(shapes))
    gone = data.train_images.files[3]
    gone.unlink()
    assert str(gone) in refusal(data.train_images.read, 3)
    assert str(gone) in refusal(lambda: data.sha256)


# --- sizes, colours, hashes ------------------------------------------------------------------------------------------


def test_grey_pictures_have_one_channel_however_they_are_stored(tmp_path):
    make_picture_folder(tmp_path, count=4)
    for i, path in enumerate(sorted(tmp_path.rglob("*.png"))):
        grey = Image.open(path).convert("L")
        (grey if i % 2 else grey.convert("RGB")).save(path)
    assert load_local(str(tmp_path)).image_shape == (48, 64, 1)
    draw_photograph("circle", 50).save(tmp_path / "circle" / "coloured.png")
    assert load_local(str(tmp_path)).image_shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [([(40, 30)], (30, 40, 3)), ([(300, 100)], (224, 224, 3)), ([(40, 30), (41, 30)], (224, 224, 3))],
)
def test_one_size_is_kept_and_others_become_the_usual(tmp_path, sizes, shape):
    make_picture_folder(tmp_path, count=4)
    for i, path in enumerate(sorted(tmp_path.rglob("*.png"))):
        draw_photograph("circle", i, sizes[i % len(sizes)]).save(path)
    data = load_local(str(tmp_path))
    assert data.image_shape == shape
    assert any("brought to" in note for note in data.notes) == (shape[:2] != sizes[0][::-1])


def test_fitted_images_are_what_the_one_reader_makes(shapes):
    data = load_local(str(shapes)).fitted((20, 20, 1))
    path = data.test_images.files[0]
    np.testing.assert_array_equal(
        data.test_images[0], fit_picture(read_picture(path).image, (20, 20, 1), None).pixels
    )
    assert data.ink is None
    assert data.class_names == ("circle", "square")
    assert data.pictures is not None


def test_the_hash_follows_contents_labels_and_shape(shapes):
    data = load_local(str(shapes))
    assert data.sha256 == load_local(str(shapes)).sha256
    assert data.sha256 != data.fitted((20, 20, 3)).sha256
    assert data.sha256 != data.with_shuffled_labels(1).sha256
    changed = data.train_images.files[0]
    changed.write_bytes(changed.read_bytes() + b"\0")
    assert data.sha256 != load_local(str(shapes)).sha256


def test_progress_is_told(shapes):
    seen = []
    load_local(str(shapes), lambda done, total: seen.append((done, total)))
    assert seen == [(i, 20) for i in range(1, 21)]


# --- beside other data -----------------------------------------------------------------------------------------------


def test_a_table_of_something_else_beside_the_folders_is_left_alone(shapes):
    (shapes / "results.csv").write_text("name,score\na,1\n")
    (shapes / "predictions.csv").write_text("file,class\ncircle/000.png,square\n")
    data = load_local(str(shapes))
    assert data.class_names == ("circle", "square")
    assert len(data.train_images) + len(data.test_images) == 20


def test_a_table_of_pixels_comes_before_folders_of_pictures(shapes, mnist):
    rows = np.column_stack([mnist.train_labels[:70], mnist.train_images[:70].reshape(70, -1)])
    np.savetxt(shapes / "train.csv", rows, fmt="%d", delimiter=",")
    assert load_local(str(shapes)).image_shape == (28, 28, 1)
