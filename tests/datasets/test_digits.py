import numpy as np
import pytest

from app.datasets.digits import BOX_SHARE, INK_SHARES, is_prepared, prepare_digit

FIELD = (28, 28)


def correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def on_a_sheet(digit, zoom=8, paper=255, ink=0, sheet=(420, 500), corner=(20, 210)):
    """Return a white-on-black digit as dark ink somewhere on a larger sheet of paper."""
    large = np.kron(digit, np.ones((zoom, zoom))) / 255
    page = np.full(sheet, float(paper))
    top, left = corner
    page[top : top + large.shape[0], left : left + large.shape[1]] += large * (ink - paper)
    return np.rint(page).astype(np.uint8)


def centre_of_mass(image):
    total = moments = 0
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            total += int(image[row, column])
            moments += int(image[row, column]) * np.array([row, column])
    return moments / total


@pytest.fixture(scope="module")
def digits(mnist):
    """Five test images of each class.

    Those whose centre lies between two pixels are left out: it may be rounded either way.
    """
    found = []
    for label in range(10):
        images = mnist.test_images[mnist.test_labels == label][:30, ..., 0]
        clear = [image for image in images if np.all(np.abs(centre_of_mass(image) - 14) < 0.45)]
        found += clear[:5]
    assert len(found) == 50
    return found


@pytest.mark.parametrize("zoom", [4, 8])
def test_a_digit_drawn_large_on_paper_comes_back_as_mnist_has_it(digits, zoom):
    """But for the two thinnest of fifty, whose strokes are made thicker, which is said."""
    found = [prepare_digit(on_a_sheet(digit, zoom), FIELD) for digit in digits]
    matches = [
        correlation(pixels, digit)
        for (pixels, changes), digit in zip(found, digits, strict=True)
        if "thin strokes made thicker" not in changes
    ]
    assert len(matches) >= 48
    assert min(matches) > 0.9
    assert np.mean(matches) > 0.98


def test_the_colours_of_paper_and_ink_do_not_matter(digits):
    digit = digits[17]
    wanted, _ = prepare_digit(on_a_sheet(digit), FIELD)
    for paper, ink in ((230, 40), (0, 255), (60, 200), (180, 0)):
        found, changes = prepare_digit(on_a_sheet(digit, paper=paper, ink=ink), FIELD)
        assert correlation(found, wanted) > 0.98, (paper, ink)
        assert any("inverted" in change for change in changes) == (paper > ink)
        assert found.max() == 255


def test_dark_ink_on_dim_paper_is_still_ink(digits):
    """A photograph in poor light: the paper is darker than middle grey, the ink darker still."""
    wanted, _ = prepare_digit(on_a_sheet(digits[17]), FIELD)
    found, changes = prepare_digit(on_a_sheet(digits[17], paper=115, ink=15), FIELD)
    assert correlation(found, wanted) > 0.98
    assert any("inverted" in change for change in changes)


def test_the_place_on_the_sheet_does_not_matter(digits):
    digit = digits[31]
    wanted, _ = prepare_digit(on_a_sheet(digit), FIELD)
    for corner in ((0, 0), (190, 270), (100, 3)):
        found, _ = prepare_digit(on_a_sheet(digit, corner=corner), FIELD)
        np.testing.assert_array_equal(found, wanted)


def test_every_image_of_mnist_is_left_as_it_is(mnist):
    images = mnist.test_images[..., 0]
    touched = []
    for i, image in enumerate(images):
        found, changes = prepare_digit(image, FIELD)
        if changes or not np.array_equal(found, image):
            touched.append(i)
    assert touched == []


def test_what_is_not_prepared_is_not_taken_for_it(digits):
    digit = digits[3]
    shifted = np.roll(digit, 4, axis=1)
    for picture in (255 - digit, shifted, digit[1:], np.zeros_like(digit), on_a_sheet(digit)):
        assert not is_prepared(picture, FIELD)
    assert is_prepared(digit, FIELD)


def test_a_digit_that_is_off_centre_is_moved_to_the_middle(digits):
    digit = digits[3]
    found, changes = prepare_digit(np.roll(digit, (3, -4), axis=(0, 1)), FIELD)
    assert "centred by mass" in changes
    assert correlation(found, digit) > 0.9


@pytest.mark.parametrize("size", [(28, 28), (14, 14), (56, 56), (28, 40)])
@pytest.mark.parametrize("shape", [(90, 30), (30, 90), (60, 60), (400, 4), (4, 400), (1, 1), (3, 2)])
def test_a_bar_fills_the_box_and_lies_in_the_middle(shape, size):
    page = np.full((500, 500), 250, np.uint8)
    page[40 : 40 + shape[0], 60 : 60 + shape[1]] = 10
    found, changes = prepare_digit(page, size)
    assert found.shape == size
    assert found.dtype == np.uint8
    assert found.max() == 255
    rows, columns = (np.flatnonzero(found.any(axis=axis)) for axis in (1, 0))
    sides = (np.ptp(rows) + 1, np.ptp(columns) + 1)
    assert max(sides) == round(BOX_SHARE * min(size))
    wanted = max(1, min(shape) / max(shape) * max(sides))  # proportions are kept
    assert abs(min(sides) - wanted) <= 1
    assert np.all(np.abs(centre_of_mass(found) - np.array(size) / 2) <= 1)
    assert f"cropped to {shape[1]}×{shape[0]}, scaled to {sides[1]}×{sides[0]}" in changes


def test_the_centre_of_mass_is_where_mnist_has_it(mnist, digits):
    """The mean over MNIST is the judge; a digit of one's own may differ by rounding only."""
    images = mnist.test_images[:2000, ..., 0].astype(float)
    places = np.indices(FIELD)
    weights = images.sum(axis=(1, 2))
    judge = np.array([((images * axis).sum(axis=(1, 2)) / weights).mean() for axis in places])
    found = [centre_of_mass(prepare_digit(on_a_sheet(digit), FIELD)[0]) for digit in digits]
    assert np.all(np.abs(np.mean(found, axis=0) - judge) < 0.15)


def test_paper_texture_is_not_taken_for_ink(digits):
    page = on_a_sheet(digits[17])
    wanted, _ = prepare_digit(page, FIELD)
    noise = np.random.default_rng(0).integers(0, 25, page.shape)
    found, _ = prepare_digit(np.where(page > 200, page - noise, page).astype(np.uint8), FIELD)
    assert correlation(found, wanted) > 0.98


@pytest.mark.parametrize("level", [0, 15, 127, 128, 240, 255])
@pytest.mark.parametrize("shape", [(28, 28), (200, 300), (1, 1)])
def test_a_blank_sheet_is_said_to_be_blank(shape, level):
    with pytest.raises(ValueError, match="blank: no digit stands out"):
        prepare_digit(np.full(shape, level, np.uint8), FIELD)


def test_a_sheet_with_faint_texture_only_is_blank():
    noise = np.random.default_rng(0).integers(244, 255, (90, 90)).astype(np.uint8)
    with pytest.raises(ValueError, match="blank"):
        prepare_digit(noise, FIELD)


def test_two_digits_are_said_to_be_two(mnist):
    """Of 200 pairs of MNIST's digits side by side, 99 in 100; of single ones, one in a thousand."""
    images = mnist.test_images[:400, ..., 0]
    sheets = {"side by side": np.concatenate, "below each other": np.concatenate}
    for axis, where in ((1, "side by side"), (0, "below each other")):
        said = 0
        for one, other in zip(images[:200], images[200:], strict=True):
            pair = sheets[where]([np.pad(one, 1), np.pad(other, 1)], axis)
            said += any(f"2 digits {where}" in change for change in prepare_digit(255 - pair, FIELD)[1])
        assert said >= 190
    alone = [prepare_digit(255 - np.pad(image, 9), FIELD)[1] for image in images]
    assert sum("digits" in " ".join(changes) for changes in alone) <= 1


def test_what_is_no_digit_is_said_to_be_unlike_them(mnist):
    draw = np.random.default_rng(0)
    blot = np.full((60, 60), 255, np.uint8)
    blot[8:52, 8:52] = draw.integers(0, 60, (44, 44))
    assert any("unlike MNIST's digits: 5" in change for change in prepare_digit(blot, FIELD)[1])
    shares = (mnist.test_images[..., 0] > 127).mean(axis=(1, 2))
    assert INK_SHARES[0] < shares.min()
    assert INK_SHARES[1] > shares.max()
