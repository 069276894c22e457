import numpy as np
import pytest
from PIL import Image

from app.datasets.confusion import most_confused
from app.maps.explain import Map
from app.maps.figures.panels import Line, Panel
from app.maps.figures.sheet import draw_maps
from app.maps.verdict import MapVerdict, judge_values
from app.show.canvas import new_figure, open_frame, save_figure, show_picture
from app.show.confusion import draw_confusion_matrix
from app.train.figures import draw_learning_curve


def test_the_most_confused_pairs_come_first():
    matrix = np.array([[50, 3, 0], [9, 40, 1], [0, 0, 60]])
    assert most_confused(matrix, "abc", 2) == [("b", "a", 9), ("a", "b", 3)]
    assert most_confused(np.diag([1, 2, 3]), "abc") == []


def colours(figure, path):
    save_figure(figure, path)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def panel(values, is_empty=False):
    verdict = MapVerdict("vanilla", "3", "the image", values.shape, judge_values(values, values))
    assert verdict.judgement.is_empty == is_empty
    return Panel("map", "caption", Map("vanilla", values, values, verdict))


def draw(values, tmp_path, **settings):
    image = np.zeros((8, 8, 1), np.uint8)
    image[2:6, 2:6] = 255
    line = Line(image, "image", "5 % of $x_", (panel(values, **settings),), np.zeros((8, 8), bool))
    return colours(draw_maps([line], "a {$ title", ["a note"]), tmp_path / "a.png")


YELLOW = (
    246,
    249,
    167,
)  # nine parts of (252, 255, 164), the top of the colour map, and one of three quarters of white


def has(pixels, colour):
    return bool((np.abs(pixels.astype(int) - colour).max(axis=-1) <= 3).any())


def test_a_map_reaches_the_top_of_its_colours_and_an_empty_one_is_not_scaled_up(tmp_path):
    values = np.zeros((8, 8))
    values[4, 4] = 1e-6
    assert has(draw(values, tmp_path), YELLOW)
    assert not has(draw(np.zeros((8, 8)), tmp_path, is_empty=True), YELLOW)


def test_no_colour_floods_what_is_zero(tmp_path):
    """Where a map is 0 its image is seen, in grey: as many colours as it has values above 0."""
    values = np.zeros((8, 8))
    values[4, 4] = 1
    drawn = draw(values, tmp_path)[140:400, 420:800].astype(int)  # the map, without its bar
    is_coloured = np.ptp(drawn, axis=-1) > 12
    assert 0 < is_coloured.mean() < 2 / 64
    assert (np.ptp(draw(np.ones((8, 8)), tmp_path)[140:400, 420:800].astype(int), axis=-1) > 12).mean() > 0.5


def test_many_classes_long_names_and_one_epoch_can_be_drawn(tmp_path):
    names = [f"a long name ${i}_" for i in range(35)]
    matrix = np.eye(35, dtype=int) * 9
    matrix[3, 4] = 2
    assert colours(draw_confusion_matrix(matrix, names, "title"), tmp_path / "c.png").std() > 0
    measures = {"loss": 0.5, "val_loss": 0.4, "accuracy": 0.9, "val_accuracy": 0.8}
    assert colours(draw_learning_curve([measures], "title"), tmp_path / "l.png").std() > 0


@pytest.mark.parametrize("classes", [2, 10, 35, 100])
def test_a_confusion_matrix_fits_a_page_and_says_what_its_diagonal_is(classes):
    names = [f"class {i}" for i in range(classes)]
    matrix = np.eye(classes, dtype=int) * 9
    matrix[0, 1] = 2
    figure = draw_confusion_matrix(matrix, names, "title")
    wide, high = figure.get_size_inches()
    assert wide <= 8.27
    assert high <= 11.69
    shown = figure.axes[0].images[0].get_array()
    assert np.ma.getmaskarray(shown).sum() == classes  # the diagonal has no colour
    (words,) = [
        text.get_text() for axes in figure.axes for text in axes.texts if "diagonal" in text.get_text()
    ]
    assert "class 0 taken for class 1: 2" in words


def test_the_values_of_few_epochs_are_written_beside_their_marks():
    measures = {"loss": 0.5, "val_loss": 0.4, "accuracy": 0.9, "val_accuracy": 0.8}

    def written(epochs):
        loss, error = draw_learning_curve([measures] * epochs, "title").axes
        return [text.get_text() for axes in (loss, error) for text in axes.texts]

    assert written(1) == ["0.5", "0.4", "10 %", "20 %"]
    assert written(4) == []


def test_an_unknown_format_is_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf"):
        save_figure(new_figure(1, 1), tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("image", "shade"),
    [
        (np.full((4, 4, 3), 255, np.uint8), 1.0),
        (np.full((4, 4, 1), 51, np.uint8), 0.2),
        (np.ones((4, 4, 1)), 1.0),
        (np.zeros((4, 4, 1)), 0.0),
    ],
)
def test_an_image_of_one_value_keeps_its_shade(image, shade):
    axes = new_figure(2, 2).subplots()
    show_picture(axes, image)
    assert np.allclose(axes.images[0].get_array(), shade)


def test_a_figure_has_the_title_that_it_is_given_and_no_other():
    assert new_figure(2, 2, "title").get_suptitle() == "title"
    assert new_figure(2, 2).get_suptitle() == ""


@pytest.mark.parametrize("with_grid", [True, False])
def test_an_open_frame_is_drawn_below_and_to_the_left(with_grid):
    axes = new_figure(2, 2).subplots()
    open_frame(axes, with_grid)
    seen = {side for side, spine in axes.spines.items() if spine.get_visible()}
    assert seen == {"left", "bottom"}
    assert any(line.get_visible() for line in axes.get_ygridlines()) is with_grid
