"""Classes as people type them: never one chosen silently where two are meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.classes import find_class
from models.imagenet import IMAGENET

DIGITS = tuple("0123456789")


def refusal(text, names=IMAGENET):
    with pytest.raises(ValueError, match=r".") as caught:
        find_class(text, names)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("goldfish", 1),
        ("Goldfish", 1),
        ("1", 1),
        ("281", 281),
        ("tabby", 281),
        ("Tabby cat", 281),
        ("giant_panda", 388),
        ("giant panda", 388),
        ("GIANT-PANDA", 388),
        ("  giant  panda ", 388),
        ("crane (bird)", 134),
        ("crane bird", 134),
        ("Crane_(machine)", 517),
        ("tank suit", 639),
        ("jack-o'-lantern", 607),
        ("jack o lantern", 607),
        ("toilet paper", 999),
        ("missile", 657),
        ("tub", 876),
        ("Carassius auratus", 1),
    ],
)
def test_spellings_of_one_class(text, index):
    assert find_class(text, IMAGENET) == index


@given(st.integers(0, 999))
def test_every_class_is_found_by_its_number_and_its_name(index):
    assert find_class(str(index), IMAGENET) == index
    assert find_class(IMAGENET[index], IMAGENET) == index
    assert find_class(IMAGENET[index].replace(" ", "_").upper(), IMAGENET) == index


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("crane", "crane (bird) is 134, crane (machine) is 517"),
        ("Maillot", "maillot (tights) is 638, maillot (tank suit) is 639"),
        ("cardigan", "Cardigan (dog) is 264, cardigan (garment) is 474"),
        ("panda", "lesser panda is 387, giant panda is 388"),
        ("panther", "cougar is 286, jaguar is 290"),
    ],
)
def test_a_name_of_two_classes_is_not_decided_here(text, listed):
    assert refusal(text) == (f"2 classes are called {text!r}: {listed}; give the number or the whole name")


def test_names_that_differ_only_in_spelling():
    names = ("T-shirt", "t shirt", "coat")
    assert find_class("T-shirt", names) == 0
    assert find_class("t shirt", names) == 1
    assert "T-shirt is 0, t shirt is 1" in refusal("t_shirt", names)
    assert "a is 0, a is 1" in refusal("a", ("a", "a"))


def test_names_without_letters():
    names = ("+", "-", "x")
    assert [find_class(name, names) for name in names] == [0, 1, 2]
    assert refusal("*", names) == "no class is called '*'; give one of +, -, x, or a number from 0 to 2"


def test_classes_that_are_called_by_other_numbers():
    """Labels that count from 1: what is printed is what is typed."""
    names = tuple(map(str, range(1, 10)))
    assert [find_class(name, names) for name in names] == list(range(9))
    assert find_class("0", names) == 0
    assert find_class("1", ("no", "1", "1")) == 1  # no one class is called so


def test_the_closest_names_are_offered():
    assert refusal("golden retreiver").startswith(
        "no class is called 'golden retreiver'; did you mean golden retriever"
    )
    assert refusal("cat") == (
        "no class is called 'cat'; did you mean tabby, tiger cat, Persian cat, Siamese cat or Egyptian "
        "cat? There are more."
    )
    assert refusal("goldfsh").endswith("did you mean goldfish or goldfinch?")
    assert refusal("zzzz").endswith("give a number from 0 to 999")
    assert refusal("").endswith("give a number from 0 to 999")


@pytest.mark.parametrize("text", ["-1", "1000", "+1000", "99999999999999999999"])
def test_a_number_out_of_range(text):
    assert refusal(text) == f"class {int(text)} is out of range; the model has 0 to 999"


def test_words_of_imagenet_are_for_imagenet_alone():
    assert "no class is called 'tabby cat'" in refusal("tabby cat", ("tabby", "goldfish"))
    assert find_class("7", DIGITS) == 7
