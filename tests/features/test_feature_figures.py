"""Figures of maps, filters and units: what they say, and that what they say can be seen, also in grey."""

import numpy as np
import pytest
from PIL import Image

from app.features.figures import (
    UnitRow,
    choose_rows,
    draw_filters,
    draw_layer,
    draw_layers,
    draw_maximised,
    draw_nearest,
    draw_projections,
)
from app.features.results import CloseUp, LayerMaps
from app.show.canvas import save_figure
from app.show.colours import TONES
from app.show.mosaic import Tile, pixels, scale_of, tile_corner
from app.show.paper import Paper, on_paper

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (12, 10, 1), np.uint8)


def drawn(figure, path):
    save_figure(figure, path)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def words(figure):
    """All text of a figure."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def has(picture, colour):
    return bool((np.abs(picture - np.array(colour)).max(axis=-1) <= 6).any())


def tone(value):
    return (np.array(TONES(value)[:3]) * 255).round()


def test_the_colours_of_signed_values_grow_lighter_evenly():
    lightness = TONES(np.linspace(0, 1, 101))[:, :3] @ [0.299, 0.587, 0.114]
    steps = np.diff(lightness)
    assert steps.min() > 0.6 * steps.mean()
    red, green, blue = TONES(0.5)[:3]
    assert max(red, green, blue) - min(red, green, blue) < 0.02  # grey at 0


def test_scales_have_0_in_the_middle_or_at_the_bottom():
    signed, plain = scale_of([np.array([-1.0, 3.0])]), scale_of([np.array([0.5, 2.0])])
    assert (signed.low, signed.high, plain.low, plain.high) == (-3.0, 3.0, 0.0, 2.0)
    assert scale_of([np.zeros(3)]).high == 1.0
    assert scale_of([np.array([np.nan, -4.0])]).low == -4.0


def test_filters_share_one_scale_and_0_is_grey(tmp_path):
    filters = np.zeros((3, 2, 2))
    filters[0, 0, 0], filters[1, 1, 1] = 2.0, -1.0
    figure = draw_filters(filters, "weight", "Filters", ["a note"])
    picture = drawn(figure, tmp_path / "a.png")
    for value in (1.0, 0.25, 0.5):  # +2, −1 and 0 on the scale of −2…2
        assert has(picture, tone(value)), value
    assert "weight" in words(figure)
    assert {"−2", "0", "2"} <= {text.removesuffix(".0") for text in words(figure)}


def test_the_bar_of_filters_ends_at_the_largest_weight_of_either_sign():
    filters = np.zeros((2, 2, 2))
    filters[0, 0, 0], filters[1, 1, 1] = 0.225, -0.3474
    bar = draw_filters(filters, "weight", "Filters", []).axes[0].child_axes[0]
    assert bar.get_ylim() == pytest.approx((-0.3474, 0.3474))
    assert [text.get_text() for text in bar.get_yticklabels()] == ["−0.347", "0", "0.347"]


def test_coloured_filters_are_drawn_in_their_colours(tmp_path):
    filters = np.full((2, 3, 3, 3), 0.5)
    filters[1, 1, 1] = (1.0, 0.5, 0.0)
    picture = drawn(draw_filters(filters, "", "Filters", []), tmp_path / "a.png")
    assert has(picture, (255, 128, 0))
    assert has(picture, (128, 128, 128))


def layer(count=20, dead=()):
    maps = RNG.uniform(0, 1, (6, 5, count))
    maps[..., list(dead)] = 0
    return LayerMaps("conv", maps)


def test_dead_maps_are_hatched_and_all_or_the_first_are_said(tmp_path):
    figure = draw_layer(IMAGE, layer(dead=(4,)), "Maps", [])
    assert [patch.get_hatch() for patch in figure.axes[1].patches] == [None] * 4 + ["////"] + [None] * 15
    assert "conv, 6×5×20: all 20 maps" in words(figure)
    assert drawn(figure, tmp_path / "a.png").std() > 0
    many = draw_layer(IMAGE, layer(count=300), "Maps", [])
    assert "conv, 6×5×300: the 256 first of 300 maps" in words(many)


def test_a_row_for_each_layer(tmp_path):
    figure = draw_layers(IMAGE, [layer(), layer(count=3)], 8, "Maps", ["a note"])
    assert "conv, 6×5×20: the 8 strongest of 20 maps" in words(figure)
    assert "conv, 6×5×3: all 3 maps" in words(figure)
    assert drawn(figure, tmp_path / "a.png").std() > 0


def test_on_a_slide_a_row_is_named_at_its_left_and_nothing_stands_over_its_numbers():
    with on_paper(Paper(is_slide=True)):
        figure = draw_layers(IMAGE, [layer(), layer(count=3)], 8, "Maps", ["a note"])
        assert choose_rows(12) == [0, 2, 4, 7, 9, 11]
    figure.draw_without_rendering()
    assert {"conv\n6×5×20\n8 of 20 maps", "conv\n6×5×3\nall 3 maps"} <= set(words(figure))
    for axes in figure.axes:
        name, numbers = axes.yaxis.label, [text for text in axes.texts if text.get_text()]
        if name.get_text() and numbers:
            assert name.get_window_extent().x1 < min(text.get_window_extent().x0 for text in numbers)


def test_the_strongest_maps_are_drawn_the_strongest_first():
    peaks = [0.2, 0.9, 0.4, 0.8]
    maps = LayerMaps("conv", np.zeros((3, 3, 4)) + np.array(peaks))
    drawn_words = words(draw_layers(IMAGE, [maps], 3, "Maps", []))
    assert [word for word in drawn_words if word in "0123"] == ["1", "3", "2"]


@pytest.mark.parametrize("count", [1, 12])
def test_no_figure_is_larger_than_a_page(count):
    crops = [Tile(RNG.uniform(0, 1, (5, 5)), f"{n} (3)\n1.5") for n in range(9)]
    for figure in (
        draw_layers(IMAGE, [layer()] * count, 8, "Maps", ["a note"]),
        draw_layer(IMAGE, layer(count=300), "Maps", ["a note"]),
        draw_filters(RNG.normal(0, 1, (300, 3, 3)), "weight", "Filters", ["a note"]),
        draw_nearest([UnitRow("map", crops, crops)] * min(count, 8), "Nearest", ["a note"]),
        draw_maximised(crops[:count], "Maximised", ["a note"]),
    ):
        wide, high = figure.get_size_inches()
        assert wide <= 8.27, figure.get_suptitle()
        assert high <= 11.69, figure.get_suptitle()


def test_rows_are_chosen_from_first_to_last():
    assert choose_rows(3) == [0, 1, 2]
    chosen = choose_rows(100, 5)
    assert chosen == [0, 25, 50, 74, 99]


def test_pixels_beyond_the_image_are_white():
    grey = pixels(np.array([[[0.0], [np.nan], [2.0]]]), 0, 2)
    assert grey[0, 0] == 0
    assert np.isnan(grey[0, 1])
    colour = pixels(np.full((1, 1, 3), np.nan), 0, 255)
    assert colour.tolist() == [[[1.0, 1.0, 1.0]]]


def test_nearest_images_stand_above_their_projections(tmp_path):
    crops = [Tile(RNG.uniform(0, 1, (5, 5)), f"{n} (3)\n1.5") for n in range(4)]
    projections = [Tile(RNG.normal(0, 1, (5, 5))) for _ in range(4)]
    figure = draw_nearest(
        [UnitRow("map 7", crops, projections), UnitRow("map 8", crops, projections)], "Nearest", []
    )
    assert {"map 7", "map 8", "2 (3)\n1.5"} <= set(words(figure))
    assert drawn(figure, tmp_path / "a.png").std() > 0
    assert len(draw_nearest([UnitRow("class 7", crops)], "Nearest", []).axes) == 1
    above, below, next_unit = (axes.get_position() for axes in figure.axes[:3])
    assert (
        above.y0 - below.y1 < below.y0 - next_unit.y1
    )  # a crop belongs to its projection, not to the next row


def test_a_projection_is_framed_where_its_cell_looks_and_white_elsewhere(tmp_path):
    values = np.zeros((12, 10))
    values[3, 4], values[5, 6] = 1, -1
    seen = {
        1: CloseUp(2.5, (3, 4), values, values, values, (2.5, 1.5, 7.5, 6.5)),
        2: CloseUp(0.0, (0, 0), values, np.zeros((12, 10)), values, None),
    }
    figure = draw_projections(IMAGE, seen, "Projections", [])
    assert {"the image", "map 1: 2.5", "map 2: 0"} <= set(words(figure))
    picture = drawn(figure, tmp_path / "a.png")
    for value in (0.0, 0.5, 1.0):
        assert has(picture, tone(value)), value
    frame = next(p for p in figure.axes[0].patches if p.get_linestyle() == "--")
    left, top = tile_corner([Tile(values, "a caption")] * 3, 3, 1)
    assert frame.get_xy() == pytest.approx((left + 3.0, top + 2.0))
    assert (frame.get_width(), frame.get_height()) == (5, 5)
    shown = figure.axes[0].images[1].get_array()
    assert np.argwhere(np.isfinite(np.ma.filled(shown, np.nan))).min(axis=0).tolist() == [2, 3]
    assert np.isfinite(np.ma.filled(shown, np.nan)).sum() == 25


def test_maximised_inputs_keep_their_captions(tmp_path):
    tiles = [Tile(RNG.uniform(0, 1, (6, 6, 3)), f"{n}: logit 9\n99 %") for n in range(7)]
    figure = draw_maximised(tiles, "Maximised", ["from noise"])
    assert "6: logit 9\n99 %" in words(figure)
    assert drawn(figure, tmp_path / "a.png").std() > 0
