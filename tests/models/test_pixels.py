import pytest

from models.pixels import seems_channels_first


@pytest.mark.parametrize(
    ("shape", "is_first"),
    [
        ((3, 224, 224), True),
        ((1, 28, 28), True),
        ((4, None, None), True),
        ((28, 28, 1), False),
        ((None, None, 3), False),
        ((3, 3, 3), False),
        ((8, 8, 8), False),
        ((3, 20), False),
        ((784,), False),
    ],
)
def test_channels_seem_to_stand_in_front_where_only_the_first_size_is_a_pictures(shape, is_first):
    assert seems_channels_first(shape) is is_first
