"""Sentences from below name the arguments of Python."""

import pytest

from app.library.sentences import in_python


@pytest.mark.parametrize(
    ("said", "names", "expected"),
    [
        ("try a smaller --learning-rate than 1", {}, "try a smaller learning_rate than 1"),
        ("or choose another --output", {"output": "folder"}, "or choose another folder"),
        ("an .npz file, to --data", {"data": "source"}, "an .npz file, to source"),
        ("--image FILE, or --data with", {}, "image FILE, or data with"),
        ("a file a--b and -- and ---x", {}, "a file a--b and -- and ---x"),
        ("shape 3 -1", {}, "shape 3 -1"),
    ],
)
def test_an_option_becomes_an_argument(said, names, expected):
    with pytest.raises(ArithmeticError) as caught, in_python(**names):
        raise ArithmeticError(said)
    assert str(caught.value) == expected


def test_the_kind_of_error_stays_and_other_errors_are_left_alone():
    with pytest.raises(TypeError, match=r"^seed is wrong$"), in_python():
        raise TypeError("--seed is wrong")
    with pytest.raises(FileNotFoundError, match="No such file"), in_python():
        open("/nowhere/--x")  # noqa: PTH123, SIM115
    with pytest.raises(KeyError, match="--x"), in_python():
        raise KeyError("--x")
