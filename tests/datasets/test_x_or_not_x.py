"""Pictures of X and of other signs: what is drawn, what a name asks for, what the two parts share."""

import numpy as np
import pytest

from app.commands.data import open_data
from app.datasets.little_arrays import X_FILTER
from app.datasets.x_or_not_x import (
    KINDS,
    NOT_X,
    SIZES,
    Pictures,
    draw_dataset,
    draw_signs,
    load_x_or_not_x,
    rasterise,
    read_name,
)


def shape_of(picture):
    """Return where a picture without noise has ink, cut to what is there."""
    inked = picture > 0
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def all_images(data):
    return np.concatenate([data.train_images, data.test_images])[..., 0]


@pytest.mark.parametrize("kind", KINDS)
def test_parts_are_balanced_and_hold_no_picture_twice(kind):
    data = load_x_or_not_x(f"x_or_not_x:{kind}", 200, 100)
    assert np.bincount(data.train_labels).tolist() == [100, 100]
    assert np.bincount(data.test_labels).tolist() == [50, 50]
    images = all_images(data)
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == 300
    assert data.class_names == ("not X", "X")
    assert any("No picture is in both parts" in note for note in data.notes)


def test_a_seed_draws_the_same_and_another_others():
    hashes = [load_x_or_not_x(f"x_or_not_x:seed={seed}", 20, 20).sha256 for seed in (0, 0, 1)]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("size", [5, 7, 9])
def test_a_moved_x_has_the_pixels_of_an_x_and_is_everywhere(size):
    data = draw_dataset(Pictures("moved", size), 600, 100)
    crosses = data.train_images[data.train_labels == 1][..., 0]
    reach = size // 4
    expected = np.eye(2 * reach + 1, dtype=bool) | np.eye(2 * reach + 1, dtype=bool)[::-1]
    places = set()
    for picture in crosses:
        assert (shape_of(picture) == expected).all()
        places.add(tuple(np.argwhere(picture > 0).min(axis=0)))
    assert len(places) == (size - 2 * reach) ** 2


def test_the_small_x_is_the_pattern_of_the_articles_filter():
    picture = draw_signs(np.random.default_rng(0), Pictures("centred"), 1, is_x=True)[0]
    assert (shape_of(picture) == np.array(X_FILTER, bool)).all()


@pytest.mark.parametrize("size", [5, 9])
def test_no_other_sign_has_the_pixels_of_an_x(size):
    pictures = draw_signs(np.random.default_rng(0), Pictures("centred", size), 3000, is_x=False)
    reach = size // 4
    expected = np.eye(2 * reach + 1, dtype=bool) | np.eye(2 * reach + 1, dtype=bool)[::-1]
    shapes = {
        shape_of(picture).tobytes() for picture in pictures if shape_of(picture).shape == expected.shape
    }
    assert expected.tobytes() not in shapes
    assert len(shapes) > len(NOT_X)


def test_a_planted_x_among_the_others_would_be_seen():
    pictures = draw_signs(np.random.default_rng(0), Pictures("centred"), 10, is_x=True)
    assert any((shape_of(picture) == np.array(X_FILTER, bool)).all() for picture in pictures)


def test_ink_falls_with_the_distance_from_a_stroke():
    stroke = np.array([[[[-2.0, 0.5], [2.0, 0.5]]]])
    picture = rasterise(stroke, 5)[0]
    assert picture[2, 2] == picture[3, 2] == pytest.approx(0.5)  # half a pixel away on either side
    assert picture[0].max() == picture[4].max() == 0


def peaks(kind, is_x):
    """Return the strongest answer of the article's filter to each picture, and the ink of each."""
    pictures = draw_signs(np.random.default_rng(1), Pictures(kind, 9), 400, is_x=is_x) / 255
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (3, 3), axis=(1, 2))
    return (windows * np.array(X_FILTER)).sum(axis=(3, 4)).max(axis=(1, 2)), pictures.sum(axis=(1, 2))


def test_each_kind_changes_the_x_in_its_own_way():
    upright, ink = peaks("centred", is_x=True)
    assert peaks("moved", is_x=True)[0].mean() == pytest.approx(upright.mean(), rel=0.02)
    assert peaks("turned", is_x=True)[0].mean() < 0.95 * upright.mean()
    assert peaks("bent", is_x=True)[0].mean() < 0.97 * upright.mean()
    assert peaks("scaled", is_x=True)[1].std() > 5 * ink.std()
    noisy = draw_signs(np.random.default_rng(1), Pictures("noisy", 9), 400, is_x=True)
    assert noisy[:, 0, 0].std() > 10
    assert draw_signs(np.random.default_rng(1), Pictures("centred", 9), 400, is_x=True)[:, 0, 0].std() == 0


def test_a_turned_x_is_the_x_turned():
    """Turned back by the angle at which its arms lie, as the second moments of one arm tell, it is at most 20°."""
    pictures = draw_signs(np.random.default_rng(2), Pictures("turned", 29), 50, is_x=True) / 255
    grid = np.arange(29) - 14
    x, y = np.meshgrid(grid, grid)
    angles = []
    for picture in pictures:
        fourth = (
            picture * (x + 1j * y) ** 4
        ).sum()  # an upright X has it at 180°, and turns it four times as fast
        angles.append(np.degrees(np.angle(-fourth)) / 4)
    assert 4 <= np.abs(angles).min() < np.abs(angles).max() <= 21
    assert min(angles) < 0 < max(angles)


@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("x_or_not_x", Pictures()),
        ("x_or_not_x:moved:5:seed=0", Pictures()),
        ("x_or_not_x:turned", Pictures("turned")),
        ("x_or_not_x:9:bent", Pictures("bent", 9)),
        ("x_or_not_x:9x9", Pictures("moved", 9)),
        ("x_or_not_x:all:31:seed=7", Pictures("all", 31, 7)),
    ],
)
def test_a_name_says_kind_size_and_seed(name, pictures):
    assert read_name(name) == pictures
    assert read_name(pictures.name) == pictures


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x_or_not_x:mvoed", "'mvoed' is no kind, size or seed; write x_or_not_x:KIND:SIZE"),
        ("x_or_not_x:", "'' is no kind"),
        ("x_or_not_x/9", "is no kind, size or seed"),
        ("x_or_not_x:8", "an odd number of pixels from 5 to 31, not 8"),
        ("x_or_not_x:3", "from 5 to 31, not 3"),
        ("x_or_not_x:9x5", "not 9x5"),
        ("x_or_not_x:5:9", "gives the size twice, 5 and 9"),
        ("x_or_not_x:bent:moved", "gives the kind twice, bent and moved"),
        ("x_or_not_x:seed=3000000000", "a seed is a whole number from 0 to 2,147,483,647, not 3000000000"),
        ("x-or-not-x", "did you mean x_or_not_x"),
    ],
)
def test_a_wrong_name_is_refused_in_words(name, words):
    with pytest.raises(ValueError, match=r"x.or.not.x|seed") as told:
        open_data(name)
    assert words in str(told.value)


def test_the_name_opens_it_wherever_data_are_opened():
    data = open_data("x_or_not_x:9")
    assert (data.name, data.image_shape, len(data.train_images)) == ("x_or_not_x:9", (9, 9, 1), 2000)
    assert data.sha256 == load_x_or_not_x("x_or_not_x:9").sha256


def test_a_folder_of_that_name_comes_first(tmp_path, monkeypatch, small_npz):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x_or_not_x").mkdir()
    with pytest.raises(ValueError, match="train-images-idx3-ubyte"):
        open_data("x_or_not_x")


def test_all_sizes_leave_room_for_a_sign():
    for size in SIZES:
        pictures = Pictures("moved", size)
        assert min(pictures.reach, pictures.room) >= 1
        assert pictures.reach + pictures.room == size // 2
