import numpy as np
import pytest

from app.datasets.dataset import scale_pixels
from models import CATALOGUE
from models.pixels import CENTRED, seems_channels_first


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


def test_efficientnet_lite_takes_off_127_and_divides_by_128():
    """The weights say it of three colours, the catalogue of any number."""
    pixels = np.arange(256, dtype=np.uint8)[:, None].repeat(3, 1)
    expected = (np.arange(256, dtype=np.float64)[:, None].repeat(3, 1) - 127) / 128
    for how in (CENTRED, CATALOGUE["efficientnet_lite0"].pixels):
        np.testing.assert_array_equal(scale_pixels(pixels, how), expected)
