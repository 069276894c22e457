"""Maps laid over photographs: what shows through, where the colours end, and what counts as a photograph."""

import numpy as np
import pytest

from app.maps.overlay import DIMMED, SOLID, dimmed, is_photograph, last_colour, lay_over

draw = np.random.default_rng(0)
PHOTO = draw.integers(0, 256, (70, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((224, 224, 3), True),
        ((64, 64, 1), True),
        ((63, 300, 3), False),
        ((28, 28, 1), False),
        ((32, 32, 3), False),
        ((224, 224, 5), False),
        ((1, 128, 1), False),
    ],
)
def test_a_digit_is_no_photograph(shape, expected):
    assert is_photograph(np.zeros(shape)) is expected


def test_where_the_map_is_0_only_the_photograph_is_seen_in_grey():
    laid = lay_over(PHOTO, np.ones((70, 64, 3)), np.zeros((70, 64)))
    r, g, b = (PHOTO[5, 7] / 255).tolist()
    np.testing.assert_allclose(laid[5, 7], DIMMED * (0.299 * r + 0.587 * g + 0.114 * b))
    grey = PHOTO[..., :1]
    np.testing.assert_allclose(dimmed(np.repeat(grey, 3, axis=-1)), dimmed(grey), atol=1e-9)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (-2.1, 2.6), (0.0, 255.0)])
@pytest.mark.parametrize("channels", [1, 3])
def test_numbers_that_were_prepared_for_a_network_are_as_bright_as_their_photograph(low, high, channels):
    """Arrays are taken as they are, so the photograph below a map may be of numbers of any range."""
    photo = PHOTO[..., :channels].copy()
    photo[0, :2] = [[0], [255]]
    prepared = (low + (high - low) * photo / 255).astype("float32")
    np.testing.assert_allclose(dimmed(prepared), dimmed(photo), atol=1e-6)
    assert (dimmed(np.full_like(prepared, high)) == 0).all()  # one value says nothing of brightness


def test_the_largest_value_hides_most_and_signs_alike():
    colour, shares = draw.uniform(0, 1, (70, 64, 3)), draw.uniform(-1, 1, (70, 64))
    shares[0, 0], shares[0, 1] = 1, -1
    laid = lay_over(PHOTO, colour, shares)
    grey = dimmed(PHOTO)
    for x in (0, 1):
        np.testing.assert_allclose(laid[0, x], (1 - SOLID) * grey[0, x] + SOLID * colour[0, x])
    np.testing.assert_allclose(laid, lay_over(PHOTO, colour, -shares))
    share = np.abs(laid - grey).sum(-1) / np.abs(colour - grey).sum(-1)
    order = np.argsort(np.abs(shares), axis=None)
    assert (np.diff(share.ravel()[order]) > -1e-9).all()  # the larger, the more solid


@pytest.mark.parametrize("sign", [1, -1])
def test_the_colours_end_at_the_strongest_half_per_cent(sign):
    values = sign * draw.permutation(np.arange(10_000.0)).reshape(100, 100)
    end = last_colour(values)
    assert (np.abs(values) > end).sum() == 50
    few = np.zeros((100, 100))
    few[3, 3] = sign * 2.0
    assert last_colour(few) == 2
