"""Steps as pictures: what lies where, in which colours, and animations of one size that leave nothing out silently."""

import io
import itertools
import re

import numpy as np
import pytest
from conftest import refusal
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image, ImageSequence
from sample_walks import X, digit, pooling, sliding, softmax

from app.show.canvas import BLUE, ORANGE, figure_svg, place_in, save_figure
from app.show.colours import DIVERGING
from app.show.frames.cells import edges, ink_on, shades
from app.show.frames.figures import LAST, MOST_PICTURES, draw_frame, shown_steps, write_animation
from app.show.frames.frame import Frame, Grid, Mark, Walk, number_text, rectangle
from app.show.frames.layout import MOST_WIDTH, lay_out
from app.show.frames.painting import paint
from app.show.frames.shapes import Box, Pixels, Ring, Slant, Words, text_width, wrap

PADDED = sliding(X, border=1)
WALKS = {"padded": PADDED, "softmax": softmax(), "pooling": pooling()}
EACH_WALK = pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
PLACES = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1)


def of_kind(sheet, kind):
    return [shape for shape in sheet.shapes if isinstance(shape, kind)]


def outside(sheet):
    """Return the texts and boxes that are not wholly on the paper."""
    found = []
    for shape in of_kind(sheet, (Words, Box, Ring, Pixels)):
        if isinstance(shape, Words):
            width = text_width(shape.text, shape.size, shape.is_bold)
            left, right = (
                (shape.x - width / 2, shape.x + width / 2) if shape.is_centred else (shape.x, shape.x + width)
            )
            top, bottom = shape.y - shape.size / 2, shape.y + shape.size / 2
        else:
            left, right, top, bottom = shape.x, shape.x + shape.width, shape.y, shape.y + shape.height
        if left < 0 or top < 0 or right > sheet.width or bottom > sheet.height:
            found.append(shape)
    return found


@EACH_WALK
def test_everything_lies_on_the_paper(walk):
    for frame in walk.frames:
        sheet = lay_out(frame, walk.title)
        assert outside(sheet) == []
        assert sheet.width <= MOST_WIDTH + 100


def test_the_check_sees_what_lies_outside():
    sheet = lay_out(PADDED.frames[0], "title")
    smaller = type(sheet)(sheet.width - 60, sheet.height, sheet.shapes)
    assert outside(smaller) != []


@EACH_WALK
def test_each_number_stands_in_its_cell(walk):
    for frame in walk.frames:
        words = iter([w.text for w in of_kind(lay_out(frame, "t"), Words) if w.is_centred and w.size > 10])
        for part in frame.parts:
            if isinstance(part, str):
                assert next(words) == part
                continue
            for row, column in itertools.product(range(part.rows), range(part.columns)):
                assert next(words) == number_text(part.value(row, column))
        assert next(words, None) is None


@given(PLACES)
def test_the_lines_around_cells_are_as_long_as_the_cells_are_open(cells):
    pairs = sum((r + i, c + j) in cells for r, c in cells for i, j in ((0, 1), (1, 0)))
    runs = edges(cells)
    assert sum(length for _, _, length, _ in runs) == 4 * len(cells) - 2 * pairs
    for (row, column, length, is_across), other in itertools.permutations(runs, 2):
        end = (row, column + length) if is_across else (row + length, column)
        assert other[3] is not is_across or other[:2] != end, "runs that touch are one"


def test_the_window_is_blue_the_result_orange_the_border_slanted_and_the_cell_that_decides_ringed():
    sheet = lay_out(PADDED.frames[7], "t")
    blue, orange = ([box for box in of_kind(sheet, Box) if box.fill == colour] for colour in (BLUE, ORANGE))
    assert (len(blue), len(orange)) == (4, 4)
    assert max(box.width for box in blue) == pytest.approx(3 * 26 + 3)
    assert max(box.width for box in orange) == pytest.approx(26 + 4.8)
    assert len(of_kind(sheet, Slant)) > 24
    assert of_kind(sheet, Ring) == []
    (ring,) = of_kind(lay_out(pooling().frames[0], "t"), Ring)
    four = next(w for w in of_kind(lay_out(pooling().frames[0], "t"), Words) if w.text == "4" and w.is_bold)
    assert (ring.x + ring.width / 2, ring.y + ring.height / 2) == pytest.approx((four.x, four.y))


def test_a_large_grid_is_a_picture_without_numbers():
    frame = sliding(digit(), tone="grey").frames[300]
    sheet = lay_out(frame, "t")
    x = of_kind(sheet, Pixels)[0]
    assert x.colours.shape == (28, 28, 3)
    assert np.array_equal(
        x.colours[..., 0], 255 - np.round(np.array(digit()) / frame.grids[0].strongest * 255)
    )
    numbers = [w for w in of_kind(sheet, Words) if w.is_centred and w.size > 10 and w.text not in "×="]
    assert len(numbers) == 9
    assert outside(sheet) == []


def test_colours_follow_the_numbers():
    signed = shades(Grid("", [[-2, 0, 2, 1, None]]))[0]
    expected = [DIVERGING(share, bytes=True)[:3] for share in (0.0, 0.5, 1.0, 0.75)]
    assert np.array_equal(signed[:4], expected)
    assert np.array_equal(shades(Grid("", [[1, 2]], shown=1))[0, 1], signed[4])
    assert shades(Grid("", [[0, 1, 0.5, -1]], tone="grey"))[0, :, 0].tolist() == [255, 0, 128, 255]
    assert (shades(Grid("", [[0, 1, 5]], tone="plain")) == 255).all()
    bordered = shades(Grid("", [[5] * 3] * 3, border=(1, 1, 1, 1)))
    assert (bordered[0] == 255).all()
    assert not (bordered[1, 1] == 255).all()
    assert np.array_equal(shades(Grid("", [[1]], largest=4))[0, 0], DIVERGING(0.625, bytes=True)[:3])


def luminance(colour):
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_numbers_are_read_on_every_colour():
    for share in range(101):
        colour = np.array(DIVERGING(share / 100, bytes=True)[:3])
        ink = 0.0 if ink_on(colour) == "#000000" else 1.0
        lights = sorted((luminance(colour) + 0.05, ink + 0.05))
        assert lights[1] / lights[0] >= 4.5, share


def test_parts_that_do_not_fit_go_below_with_their_sign():
    wide = Grid("a", [[1] * 18])
    sheet = lay_out(Frame("", (wide, "→", wide)), "t")
    arrow = next(w for w in of_kind(sheet, Words) if w.text == "→")
    captions = [w for w in of_kind(sheet, Words) if w.text == "a"]
    assert captions[0].y < captions[1].y
    assert arrow.y > captions[1].y
    assert arrow.x < captions[1].x


def test_long_texts_are_broken_and_none_is_lost():
    text = " + ".join(["0.1234·0.5678"] * 40)
    lines = wrap(text, 10, 300)
    assert " ".join(lines) == text
    assert max(text_width(line, 10) for line in lines) <= 300
    sheet = lay_out(Frame("", (Grid("x", [[1]]),), (text,)), "title")
    assert outside(sheet) == []


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_a_still_is_saved(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    save_figure(draw_frame(PADDED.frames[3], "a {$ title", "Step 4"), path)
    assert path.stat().st_size > 5000


def test_a_still_is_as_large_as_its_paper_and_its_texts_are_there():
    sheet = lay_out(PADDED.frames[3], "a {$ title", "Step 4")
    figure = draw_frame(PADDED.frames[3], "a {$ title", "Step 4")
    assert tuple(72 * figure.get_size_inches()) == pytest.approx((sheet.width, sheet.height))
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert [w.text for w in of_kind(sheet, Words) if w.text] == [text for text in texts if text]
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if text.get_text())


def test_a_still_in_somebodys_axes_has_smaller_letters():
    figure = Figure(figsize=(8, 4))
    left, right = figure.subplots(1, 2)
    with place_in(right) as finished:
        assert finished(draw_frame(PADDED.frames[3], "title")) is figure
    alone = draw_frame(PADDED.frames[3], "title")
    sizes = [
        next(t.get_fontsize() for t in f.findobj(Text) if t.get_text() == "title") for f in (figure, alone)
    ]
    assert sizes[0] < 0.9 * sizes[1]
    assert "svg" in figure_svg(figure)
    assert left.get_visible()


def test_both_ways_of_drawing_agree():
    """matplotlib and Pillow draw one sheet; in means over 16×16 pixels only the edges of letters differ."""
    buffer = io.BytesIO()
    draw_frame(PADDED.frames[7], "title", "Step 8 of 25").savefig(buffer, dpi=144)
    drawn = Image.open(buffer).convert("L")

    def apart(step):
        painted = paint(lay_out(PADDED.frames[step], "title", "Step 8 of 25"), 2.0, drawn.size).convert("L")
        return np.abs(np.subtract(drawn.reduce(16), painted.reduce(16), dtype=float)).max()

    assert apart(7) < 35
    assert apart(8) > 55, "another step is seen to be another"


def opened(path):
    with Image.open(path) as gif:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(gif)]
        times = []
        for number in range(gif.n_frames):
            gif.seek(number)
            times.append(gif.info["duration"])
        return frames, times, gif.info.get("loop")


@EACH_WALK
def test_an_animation_has_a_picture_for_each_step_and_one_size(walk, tmp_path):
    assert write_animation(walk, tmp_path / "a.gif", 0.5) == ""
    frames, times, loop = opened(tmp_path / "a.gif")
    assert len(frames) == len(walk.frames)
    assert len({frame.size for frame in frames}) == 1
    assert times == [500] * (len(frames) - 1) + [round(500 * LAST)]
    assert loop == 0
    assert frames[0].getpixel((1, 1)) == (255, 255, 255)
    for before, after in itertools.pairwise(frames):
        assert before.tobytes() != after.tobytes()


def test_the_pictures_of_an_animation_are_those_of_the_steps(tmp_path):
    """What stays is not written again in the file: put together, each picture must be whole."""
    write_animation(PADDED, tmp_path / "a.gif")
    frames, _, _ = opened(tmp_path / "a.gif")

    def apart(number, step):
        heading = f"Step {step + 1} of 25: {PADDED.frames[step].title}"
        width = frames[0].width / 1.5
        sheet = lay_out(PADDED.frames[step], PADDED.title, heading, least=width)
        painted = paint(sheet, 1.5, frames[0].size)
        part = (0, 0, frames[0].width, frames[0].height - 60)  # the legend is that of all steps
        return np.abs(
            np.asarray(frames[number].crop(part), float) - np.asarray(painted.crop(part), float)
        ).mean()

    for step in (0, 1, 11, 24):
        assert apart(step, step) < 1
        assert apart(step, (step + 5) % 25) > 1.5


def test_of_many_steps_some_are_left_out_and_that_is_said(tmp_path):
    frames = tuple(Frame(f"{i}", (Grid("x", [[i]]),)) for i in range(MOST_PICTURES + 1))
    sentence = write_animation(Walk("t", frames), tmp_path / "a.gif")
    assert sentence == "120 of 121 steps are shown, evenly chosen."
    assert len(opened(tmp_path / "a.gif")[0]) == MOST_PICTURES
    assert write_animation(Walk("t", frames[:-1]), tmp_path / "a.gif") == ""


@given(st.integers(1, 3000))
def test_steps_are_chosen_evenly(count):
    shown = shown_steps(count)
    assert shown[0] == 0
    assert shown[-1] == count - 1
    gaps = {after - before for before, after in itertools.pairwise(shown)}
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert len(shown) == min(count, MOST_PICTURES)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), 61])
def test_a_time_that_makes_no_sense_is_refused(tmp_path, seconds):
    assert "more than 0 and at most 60" in refusal(write_animation, PADDED, tmp_path / "a.gif", seconds)
    assert not list(tmp_path.iterdir())


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    (tmp_path / "a.gif").write_bytes(b"old")
    monkeypatch.setattr(Image.Image, "save", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_animation(softmax(), tmp_path / "a.gif")
    assert (tmp_path / "a.gif").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_name_with_control_characters_is_drawn_as_escapes():
    frame = Frame("a\x1b[31m", (Grid("b\x07", [[1]]), "c\n"), ("d\x00",))
    texts = "".join(w.text for w in of_kind(lay_out(frame, "e\x1b"), Words))
    assert re.search(r"[\x00-\x1f]", texts) is None


def test_a_dilated_window_is_nine_boxes():
    grid = Grid("", [[0] * 5] * 5, (Mark("window", rectangle(0, 0, 3, 3, (2, 2))),))
    blue = [box for box in of_kind(lay_out(Frame("", (grid,)), "t"), Box) if box.fill == BLUE]
    assert len(blue) == 36
