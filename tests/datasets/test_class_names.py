import pytest
from conftest import refusal, refusal_of_file

from app.datasets.class_names import ClassNames, find_class_names, name_classes, read_mapping

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def write(folder, name, text):
    (folder / name).write_text(text, newline="")
    return folder / name


def letters(folder, end="\n"):
    """EMNIST's own file: 26 lines, a label from 1, the codes of the capital and of the small letter."""
    lines = (f"{i} {64 + i} {96 + i}" for i in range(1, 27))
    return write(folder, "emnist-letters-mapping.txt", end.join(lines) + end)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_mapping_of_the_letters(tmp_path, end):
    assert read_mapping(letters(tmp_path, end)) == ClassNames(LETTERS, 1)


def test_a_mapping_from_0_in_any_order(tmp_path):
    """EMNIST's digits: codes 48 to 57."""
    lines = [f"{i} {48 + i}" for i in range(10)]
    path = write(tmp_path, "emnist-digits-mapping.txt", "\n\n".join(reversed(lines)))
    assert read_mapping(path) == ClassNames(tuple("0123456789"), 0)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0 48\n1\n", "line 2: '1' is not a label and the code of a character, as `1 65 97`"),
        ("0 A\n", "line 1: '0 A' is not a label"),
        ("0 48\n\n1 7\n", "line 3: '1 7' is not a label"),
        ("0 9999999\n", "line 1: '0 9999999' is not a label"),
        ("0 55296\n", "line 1: '0 55296' is not a label"),
        ("-1 48\n", "line 1: '-1 48' is not a label"),
        ("0 48\n0 49\n", "line 2: label 0 is there twice"),
        ("0 48\n2 50\n", "labels must count from 0 or 1, none left out"),
        ("2 50\n3 51\n", "labels must count from 0 or 1"),
        ("", "labels must count from 0 or 1"),
        ("0 48\n" * 300_000, "too long for a list of class names"),
    ],
)
def test_a_mapping_that_is_none(tmp_path, text, what):
    message = refusal_of_file(read_mapping, write(tmp_path, "emnist-mapping.txt", text))
    assert what in message
    assert len(message) < 200


def test_a_mapping_is_found_by_the_name_of_its_data(tmp_path):
    letters(tmp_path)
    write(tmp_path, "emnist-digits-mapping.txt", "0 48\n1 49\n")
    assert find_class_names(tmp_path, "emnist-letters") == ClassNames(LETTERS, 1)
    assert find_class_names(tmp_path, "emnist-digits") == ClassNames(("0", "1"), 0)
    assert find_class_names(tmp_path, "emnist-balanced") is None
    assert find_class_names(tmp_path) is None  # which of the two is not known


def test_one_mapping_beside_renamed_files_is_theirs(tmp_path):
    letters(tmp_path)
    assert find_class_names(tmp_path) == ClassNames(LETTERS, 1)


def test_a_list_of_names_is_preferred(tmp_path):
    letters(tmp_path)
    write(tmp_path, "labels.txt", "cat\ndog\n")
    assert find_class_names(tmp_path, "emnist-letters") == ("cat", "dog")


@pytest.mark.parametrize(
    ("labels", "given", "is_one_hot", "wanted"),
    [
        ([0, 1, 2], None, False, ClassNames(("0", "1", "2"))),
        ([1, 2, 3], None, False, ClassNames(("1", "2", "3"), 1)),
        ([1, 2, 3], ("a", "b", "c"), False, ClassNames(("a", "b", "c"), 1)),
        ([1, 3], ("a", "b", "c"), False, ClassNames(("a", "b", "c"), 1)),
        ([1, 2, 3], ("none", "a", "b", "c"), False, ClassNames(("none", "a", "b", "c"))),
        ([1, 2], ("a", "b", "c"), False, ClassNames(("a", "b", "c"))),
        ([1, 3], None, False, ClassNames(("0", "1", "2", "3"))),  # of 0 to 3, 0 and 2 are missing
        ([1, 2, 3], None, True, ClassNames(("0", "1", "2", "3"))),
        ([2, 3], None, False, ClassNames(("0", "1", "2", "3"))),
        ([1, 2], ClassNames(LETTERS, 1), False, ClassNames(LETTERS, 1)),
    ],
)
def test_labels_count_from_0_or_from_1(labels, given, is_one_hot, wanted):
    found = name_classes(labels, given, is_one_hot, "here")
    assert found == wanted
    assert bool(found.notes()) == bool(wanted.first)


def test_labels_from_1_are_said():
    assert ClassNames(("1", "2"), 1).notes() == ("Labels count from 1: class 0 is label 1.",)
    assert ClassNames(LETTERS, 1).notes() == ("Labels count from 1: class 0 is label 1, called A.",)


def test_labels_without_a_name():
    assert refusal(name_classes, [0, 1], ClassNames(LETTERS, 1), False, "here") == (
        "here: there is a label 0, but class names are given from label 1 on"
    )
    assert refusal(name_classes, [1, 27], ClassNames(LETTERS, 1), False, "here") == (
        "here: there are 26 class names and a label 27"
    )
    assert "labels count from 0, so the names" in refusal(name_classes, [0, 2], ("a", "b"), False, "here")
