"""Photographs of own digits: 200 made by a seed, and one by one what may go wrong on paper."""

import numpy as np
import pytest
from photographed_digits import PAPERS, Photograph, photograph, photographs, read_photographs, with_even_paper
from PIL import Image

from app.datasets.digits import MNIST, digit_stages, prepare_sign, resize_sign
from app.datasets.given import given_samples
from app.datasets.pictures import fit_picture
from app.datasets.samples import own_picture
from models.pixels import PLAIN, Ink

FIELD = (28, 28)
SHAPE = (28, 28, 1)


def read(*pictures):
    """Return what the shipped network reads."""
    return [each.read for each in read_photographs(Photograph(p, -1, "", "", ()) for p in pictures)]


def page_of(digit, zoom=6, paper=200.0, ink=60.0, sheet=(300, 400), corner=(60, 90), grain=1.5):
    """A digit, white on black, on a sheet with a camera's noise, as numbers."""
    large = np.asarray(Image.fromarray(digit).resize((28 * zoom, 28 * zoom), Image.Resampling.BICUBIC)) / 255
    page = np.full(sheet, paper) + np.random.default_rng(0).normal(0, grain, sheet)
    top, left = corner
    page[top : top + large.shape[0], left : left + large.shape[1]] += large * (ink - paper)
    return page


def as_picture(page):
    return Image.fromarray(np.rint(np.clip(page, 0, 255)).astype(np.uint8))


@pytest.mark.slow
def test_of_200_photographs_nearly_all_are_read_rightly_and_the_others_are_doubted(mnist):
    found = read_photographs(photographs(mnist.test_images, mnist.test_labels, 200))
    right = [each for each in found if each.is_right]
    wrong = [each for each in found if not each.is_right]
    assert len(right) >= 190
    assert sum(bool(each.doubts) for each in wrong) >= 0.95 * len(wrong)
    assert sum(bool(each.doubts) for each in right) <= 0.1 * len(right)
    assert sum(each.plainly == each.photograph.label for each in found) < 100  # the paper taken for even


def test_a_photograph_of_each_kind_of_paper(mnist):
    draw = np.random.default_rng(3)
    shots = [
        photograph(mnist.test_images[i, ..., 0], int(mnist.test_labels[i]), p, draw)
        for i, p in enumerate(PAPERS)
    ]
    assert [each.is_right for each in read_photographs(shots)] == [True] * len(PAPERS)


def test_uneven_light_and_the_edge_of_a_table(mnist):
    three = mnist.test_images[18, ..., 0]
    rows, columns = np.mgrid[:300, :400] / 300
    page = page_of(three, 4, 190, 115, corner=(90, 150))
    page += -55 * np.abs(rows - 0.45) - 35 * columns
    table = page.copy()
    table[260:] = 40
    assert read(as_picture(page), as_picture(table)) == [3, 3]
    assert "uneven light evened out" in prepare_sign(np.asarray(as_picture(page)), FIELD).changes
    grey = np.asarray(as_picture(table))
    assert np.corrcoef(with_even_paper(grey).ravel(), three.ravel())[0, 1] < 0.5  # what this is for


@pytest.mark.parametrize(("paper", "ink", "is_dark"), [(200, 60, True), (50, 190, False), (110, 60, True)])
def test_dark_and_light_ink(mnist, paper, ink, is_dark):
    digits = [mnist.test_images[np.flatnonzero(mnist.test_labels == label)[0], ..., 0] for label in (0, 8, 3)]
    pages = [as_picture(page_of(digit, paper=paper, ink=ink)) for digit in digits]
    assert read(*pages) == [0, 8, 3]
    for page in pages:
        assert any("inverted" in each for each in prepare_sign(np.asarray(page), FIELD).changes) == is_dark


def test_a_coloured_pen_is_seen_where_grey_hardly_shows_it(mnist):
    """Red on a paper that is as light as the red, in grey."""
    shape = page_of(mnist.test_images[18, ..., 0], paper=0, ink=1, grain=0)
    red, cyan = np.array([230.0, 90, 90]), np.array([110.0, 142, 142])
    colour = (
        cyan + shape[..., None] * (red - cyan) + np.random.default_rng(0).normal(0, 1.5, (*shape.shape, 3))
    )
    picture = as_picture(colour)
    assert np.ptp(np.asarray(picture.convert("L"))[::40, ::40]) < 20
    assert read(picture) == [3]


def test_printed_squares_are_taken_away_and_counted(mnist):
    page = page_of(mnist.test_images[18, ..., 0])
    plain = prepare_sign(np.asarray(as_picture(page)), FIELD)
    page[15::30] = np.minimum(page[15::30], 130)
    page[:, 20::30] = np.minimum(page[:, 20::30], 130)
    sign = prepare_sign(np.asarray(as_picture(page)), FIELD)
    assert any("printed lines taken away" in change for change in sign.changes)
    assert np.corrcoef(sign.pixels.ravel(), plain.pixels.ravel())[0, 1] > 0.95


def test_a_digit_that_is_cut_off_is_said_to_be(mnist):
    page = page_of(mnist.test_images[18, ..., 0])
    whole, cut = (prepare_sign(np.asarray(as_picture(each)), FIELD) for each in (page, page[:150]))
    assert whole.warnings == ()
    assert cut.warnings == ("the digit touches the border of the picture, so a part of it may be missing",)


@pytest.mark.parametrize(("corner", "where"), [((60, 230), "side by side"), ((180, 60), "below each other")])
def test_of_two_digits_on_a_photograph_one_is_read_and_that_is_said(mnist, corner, where):
    one, other = mnist.test_images[[18, 0], ..., 0]
    size = (420, 440)
    page = np.minimum(page_of(one, sheet=size, corner=(20, 60)), page_of(other, sheet=size, corner=corner))
    sign = prepare_sign(np.asarray(as_picture(page)), FIELD)
    assert sign.warnings == (f"2 digits {where}, one of them read: crop the picture to one",)


def test_specks_are_none_of_a_digit_and_the_dot_of_an_i_is_of_it():
    page = np.full((300, 300), 200.0) + np.random.default_rng(0).normal(0, 1.5, (300, 300))
    page[120:220, 140:156] = 60
    page[80:98, 140:156] = 60  # a dot, 22 rows above
    page[40:43, 200:203] = 60
    letters = Ink(box=0.75)
    with_dot = prepare_sign(np.asarray(as_picture(page)), FIELD, letters)
    without = prepare_sign(np.asarray(as_picture(page)), FIELD)
    assert any(
        "cropped to 18×142" in change for change in with_dot.changes
    )  # with a pixel of blur on each side
    assert any("cropped to 18×102" in change for change in without.changes)


def test_thin_strokes_are_made_thicker_and_that_is_said(mnist):
    page = np.full((300, 300), 200.0) + np.random.default_rng(0).normal(0, 1.5, (300, 300))
    page[60:240, 150:153] = 60
    page[60:63, 120:153] = 60
    sign = prepare_sign(np.asarray(as_picture(page)), FIELD)
    assert "thin strokes made thicker" in sign.changes
    thick = page.copy()
    thick[60:240, 140:160] = 60
    assert "thin strokes made thicker" not in prepare_sign(np.asarray(as_picture(thick)), FIELD).changes


def test_the_steps_begin_with_the_photograph_and_end_with_what_the_network_gets(mnist):
    picture = np.asarray(as_picture(page_of(mnist.test_images[18, ..., 0])))
    steps = digit_stages(picture, FIELD)
    assert [words for words, _ in steps] == [
        *("as photographed", "the paper", "the ink", "cut out", "as the network sees it")
    ]
    np.testing.assert_array_equal(steps[0][1], picture)
    np.testing.assert_array_equal(steps[-1][1], prepare_sign(picture, FIELD).pixels)
    assert abs(float(np.median(steps[1][1])) - 200) < 2
    prepared = digit_stages(mnist.test_images[18, ..., 0], FIELD)
    assert [words for words, _ in prepared] == ["as it is", "as the network sees it"]


@pytest.mark.parametrize(
    "size",
    [(1, 1), (1, 900), (900, 1), (3, 5), (39, 41), (700, 20), (2, 4000)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
@pytest.mark.parametrize("channels", [1, 3])
def test_odd_sizes_are_prepared_or_refused_as_blank(size, channels):
    draw = np.random.default_rng(size[0])
    for picture in (
        draw.integers(0, 256, (*size, channels), dtype=np.uint8),
        draw.integers(100, 104, (*size, channels), dtype=np.uint8),
        np.where(draw.random((*size, 1)) < 0.1, 0, 255).astype(np.uint8).repeat(channels, -1),
    ):
        try:
            sign = prepare_sign(picture[..., 0] if channels == 1 else picture, FIELD)
        except ValueError as error:
            said = str(error)
        else:
            said = f"{sign.pixels.shape} {sign.pixels.dtype}"
        assert said in ("(28, 28) uint8", "the picture is blank: no digit stands out from its background")


def test_a_large_photograph_is_looked_at_in_a_smaller_size(mnist):
    page = page_of(mnist.test_images[18, ..., 0], 40, sheet=(2000, 3000), corner=(300, 900))
    assert max(digit_stages(np.asarray(as_picture(page)), FIELD)[0][1].shape) == 512
    assert read(as_picture(page)) == [3]


def test_own_pictures_of_28_by_28_that_are_no_digits_are_the_same_from_arrays_and_from_files(tmp_path):
    """Without ink in the card nothing is prepared: a file gives the bytes that stand in it."""
    images = np.random.default_rng(1).integers(0, 256, (10, *SHAPE), dtype=np.uint8)
    images[:, :2] = images[:, -2:] = images[:, :, :12] = images[:, :, -2:] = 0  # dark around, as clothes are
    files = [tmp_path / f"{i}.png" for i in range(10)]
    for image, file in zip(images, files, strict=True):
        Image.fromarray(image[..., 0]).save(file)
    from_files = np.stack([each.pixels for each in given_samples(files, SHAPE, PLAIN)])
    from_array = np.stack([each.pixels for each in given_samples(images, SHAPE, PLAIN)])
    np.testing.assert_array_equal(from_files, images)
    np.testing.assert_array_equal(from_array, images)
    touched = [own_picture(file, SHAPE, MNIST).pixels for file in files]
    assert (np.stack(touched) != images).any()  # as digits they would be others


def test_warnings_stand_beside_the_changes_and_in_the_caption(mnist, tmp_path):
    page = as_picture(page_of(mnist.test_images[18, ..., 0])[:150])
    fitted = fit_picture(page, SHAPE, MNIST)
    assert len(fitted.warnings) == 1
    assert not set(fitted.warnings) & set(fitted.changes)
    page.save(tmp_path / "cut.png")
    sample = own_picture(tmp_path / "cut.png", SHAPE, MNIST)
    assert sample.warnings == fitted.warnings
    assert sample.warnings[0] in sample.caption
    assert sample.is_digit
    assert not own_picture(tmp_path / "cut.png", SHAPE, None).is_digit


def test_a_sign_grows_and_shrinks_by_a_sixth_around_its_middle():
    square = np.zeros(SHAPE, np.uint8)
    square[8:20, 8:20] = 255
    larger, smaller = resize_sign(square)[..., 0]
    sizes = [(each > 127).sum(axis=axis).max() for each in (larger, smaller) for axis in (0, 1)]
    assert sizes == [14, 14, 10, 10]  # 12 of them times 7/6, and times 5/6
    for each in (larger, smaller):
        np.testing.assert_array_equal(each, each[::-1, ::-1])
