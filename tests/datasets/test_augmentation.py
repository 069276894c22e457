"""Augmentation as plain data."""

import pytest
from conftest import refusal

from app.datasets.augmentation import AUGMENTATIONS, Augmentation, find_augmentation, name_of


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_each_named_one_is_found_and_comes_back_from_its_dictionary(name):
    augmentation = find_augmentation(name)
    assert name_of(augmentation) == name
    assert Augmentation(**augmentation.to_dict()) == augmentation
    assert augmentation.changes_nothing == (name == "none")
    assert (augmentation.words() == "nothing") == (name == "none")


def test_one_s_own_has_no_name():
    own = Augmentation(contrast=0.5)
    assert find_augmentation(own) is own
    assert name_of(own) is None
    assert own.words() == "contrast changed by up to 50 %"


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        ({"rotation": 200}, "rotation is 200"),
        ({"zoom": -0.1}, "zoom is -0.1"),
        ({"contrast": float("nan")}, "contrast"),
    ],
)
def test_limits_that_are_none(limits, what):
    assert what in refusal(lambda: Augmentation(**limits))


def test_an_unknown_name():
    assert "choose from none, light, strong" in refusal(find_augmentation, "wild")
    with pytest.raises(TypeError, match="not int"):
        find_augmentation(3)
