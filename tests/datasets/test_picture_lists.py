"""A CSV file of files and labels as a data set."""

import csv

import numpy as np
import pytest
from conftest import refusal_of_file
from picture_folders import make_picture_folder

from app.datasets.picture_lists import is_picture_list
from app.datasets.sources import load_local


@pytest.fixture
def listed(tmp_path):
    """Write a list of the pictures of a folder, whose rows may be changed on the way; return its path."""
    make_picture_folder(tmp_path / "pictures" / "deeper", count=6)

    def write(header=("file", "label"), change=lambda row: row, delimiter=","):
        rows = [
            change([path.relative_to(tmp_path).as_posix(), path.parent.name, ("train", "test")[i % 2]])
            for i, path in enumerate(sorted((tmp_path / "pictures").rglob("*.png")))
        ]
        with (tmp_path / "list.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=delimiter).writerows([*[header] * bool(header), *rows])
        return tmp_path / "list.csv"

    return write


@pytest.mark.parametrize(
    ("header", "change"),
    [
        (("file", "label"), lambda row: row[:2]),
        (("Image Path", "Category"), lambda row: row[:2]),
        (("id", "class", "filename"), lambda row: ["7", row[1], row[0]]),
        ((), lambda row: row[:2]),
        ((), lambda row: row[1::-1]),
    ],
)
def test_files_and_labels(listed, header, change):
    data = load_local(str(listed(header, change)))
    assert (data.name, data.class_names) == ("list", ("circle", "square"))
    assert (len(data.train_images), len(data.test_images)) == (10, 2)
    for path, label in zip(data.train_images.files, data.train_labels, strict=True):
        assert path.parent.name == data.class_names[label]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(listed, delimiter):
    assert load_local(str(listed(("file", "label"), lambda row: row[:2], delimiter))).classes == 2


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "val"), ("TRAIN", "Testing")])
def test_a_column_of_parts(listed, train, test):
    words = {"train": train, "test": test}
    data = load_local(str(listed(("file", "label", "split"), lambda row: [*row[:2], words[row[2]]])))
    assert (len(data.train_images), len(data.test_images)) == (6, 6)
    assert ("The pictures for validation are the test images." in data.notes) == (test == "val")


def test_pictures_for_validation_are_not_used_beside_a_test(listed):
    def change(row):
        return [*row[:2], "valid" if row[0].endswith("/000.png") else row[2]]

    data = load_local(str(listed(("file", "label", "set"), change)))
    assert (len(data.train_images), len(data.test_images), len(data.left_out)) == (4, 6, 2)
    assert "2 of the pictures are for validation and are not used here." in data.notes


def test_labels_may_be_numbers(listed):
    data = load_local(str(listed(change=lambda row: [row[0], {"circle": "10", "square": "9"}[row[1]]])))
    assert data.class_names == ("9", "10")


def test_a_list_in_its_folder_is_found(listed, tmp_path):
    listed(("file", "label"), lambda row: [row[0], row[1].upper()])
    assert load_local(str(tmp_path)).class_names == ("CIRCLE", "SQUARE")


def test_what_is_missing_is_listed(listed):
    def change(row):
        row = row[:2]
        if row[0].endswith("circle/000.png"):
            row[0] = "no such file.png"
        if row[0].endswith("circle/001.png"):
            row[1] = ""
        if row[0].endswith("circle/002.png"):
            row[0] = "n" * 3000 + ".png"
        return row

    data = load_local(str(listed(change=change)))
    reasons = sorted(reason for _, reason in data.left_out)
    assert len(reasons) == 3
    assert "without a label" in reasons
    assert any("does not exist" in reason for reason in reasons)
    assert len(data.train_images) + len(data.test_images) == 9


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("file,label\na.png\n", "PATH, line 2: 1 values where 2 are expected"),
        ("file,label,split\na.png,cat,sometimes\n", "PATH, line 2: 'sometimes' is no part of the data"),
        ("file,label\n", "PATH: lists no pictures"),
        (f"file,label\na.png,{'x' * 300}\n", "PATH, line 2: 300 letters are no name of a class"),
        ("a.png,cat\nb.png,dog\n", "none of its 2 pictures can be read"),
        ("file,label\n" + "a" * 200_000 + ",b\n", "PATH: not a table"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, text, what):
    path = tmp_path / "list.csv"
    path.write_text(text)
    assert what in refusal_of_file(load_local, path)


def test_no_text_is_no_list(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"file,label\n\xff\xfe\n")
    assert "not a text file in UTF-8" in refusal_of_file(load_local, path)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("file,label", True),
        ("\ufeffImage;Class", True),
        ("a.jpg,cat", True),
        ("cat,a.jpg,train", True),
        ("label,pixel0,pixel1", False),
        ("5,0,0,0", False),
        ("", False),
        ("a.jpg", False),
        ("a.jpg,cat,dog", False),
        ("image,label," + ",".join(f"pixel{i}" for i in range(784)), False),
    ],
)
def test_which_tables_list_pictures(tmp_path, first, expected):
    path = tmp_path / "t.csv"
    path.write_text(first + "\n", "utf-8")
    assert is_picture_list(path) is expected


def test_images_are_those_of_the_folder(listed, tmp_path):
    by_list = load_local(str(listed(change=lambda row: row[:2])))
    by_folder = load_local(str(tmp_path / "pictures" / "deeper"))
    np.testing.assert_array_equal(by_list.test_images, by_folder.test_images)
    assert by_list.sha256 == by_folder.sha256


def test_a_picture_that_is_listed_twice_is_taken_once(listed):
    path = listed()
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[1]]))
    data = load_local(str(path))
    assert len(data.train_images) + len(data.test_images) == 12
    assert [reason for _, reason in data.left_out] == ["listed twice"]
