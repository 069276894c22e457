"""A size with its channels first is read with them last, and the answer says so."""

import pytest

from app.calculate.__main__ import main
from app.calculate.reading import seems_channels_first
from app.library.teaching import work_out

SAID = "The size 3×224×224 is read as 3 rows, 224 columns and 224 channels; if its first number is the channels, "


@pytest.mark.parametrize(
    "shape",
    [
        (3, 224, 224),
        (1, 28, 28),
        (1, 8, 8),
        (4, 480, 640),
        (3, 480, 640),
        (3, 16, 112, 112),
        (1, 28, 28, 28),
        (3, 4, 64, 64),
        (1, 16_000),
    ],
)
def test_channels_that_come_first_are_noticed(shape):
    assert seems_channels_first(shape)
    assert not seems_channels_first((*shape[1:], shape[0]))


@pytest.mark.parametrize(
    "shape",
    [
        (28, 28, 1),
        (224, 224, 3),
        (3, 3, 512),  # the last maps of deep networks
        (4, 4, 1024),
        (1, 1, 4096),
        (1, 7, 64),
        (2, 28, 28),
        (64, 28, 28),
        (4, 14, 14, 512),
        (4, 28, 28, 64),
        (16, 112, 112, 3),
        (100, 3),
        (3, 5),
        (3,),
        (784,),
    ],
)
def test_other_sizes_are_taken_as_they_stand(shape):
    assert not seems_channels_first(shape)


@pytest.mark.parametrize(
    "line",
    [
        "conv 3x224x224 --kernel 3",
        "pool 3x224x224 --pool 3",
        "transposed 3x224x224 --kernel 3",
        "dense 3x224x224 --units 9",
        "padding 3x224x224 --kernel 3",
        "conv --find 3x224x224 --kernel 3",
        "pool --find 3x224x224 --inputs 1-2",
    ],
)
def test_every_question_says_how_it_reads_the_size(line, door):
    code, output, _ = door(main, *line.split())
    assert code == 0
    assert output.count(f"{SAID}write 224x224x3.") == 1
    assert f"{SAID}write 224x224x3." in door(main, *line.split(), "--format", "json")[1]
    other = door(main, *line.replace("3x224x224", "224x224x3").split())[1]
    assert "is read as" not in other


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("conv 3x224x224 --kernel 7", "a kernel of 7 does not fit into 3 cells"),
        ("conv 3x224x224 --kernel 3 --groups 3 --filters 3", "3 groups cannot share out 224 channels"),
        ("pool 1x28x28 --pool 2", "a kernel of 2 does not fit into 1 cell"),
        ("transposed 1x28x28 --kernel 2 --padding 1", "leaves nothing of 2"),
    ],
)
def test_where_the_reading_makes_it_impossible_the_error_says_so(line, why, door):
    code, output, error = door(main, *line.split())
    assert (code, output) == (2, "")
    assert why in error
    assert "is read as" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "line", ["dense 3x224x224 --units 9 --flatten", "dense 1x784 --units 9", "pool --find 3x112 --inputs 1-9"]
)
def test_where_it_makes_no_difference_nothing_is_said(line, door):
    code, output, _ = door(main, *line.split())
    assert code == 0
    assert "is read as" not in output


def test_sequences_and_volumes_are_told_in_their_own_words():
    assert "read as length 1 and 16,000 channels; if its first number is the channels, write 16000x1" in str(
        work_out("pool", (1, 16_000), pool=1, dimensions=1)
    )
    assert "read as depth 3, 16 rows, 112 columns and 112 channels; if" in str(
        work_out("pool", (3, 16, 112, 112), pool=2)
    )
