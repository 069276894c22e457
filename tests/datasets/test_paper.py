"""What the preparation of digits on paper is made of, each against a slow second way."""

import numpy as np
import pytest

from app.datasets.paper import box_mean, estimate_paper, measure_noise, slide, widened
from app.datasets.paper_lines import find_lines, remove_lines
from app.datasets.paper_parts import find_parts

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("take", [np.maximum, np.minimum])
@pytest.mark.parametrize("side", [1, 2, 3, 5, 8])
def test_windows_that_slide_are_windows_one_by_one(side, take):
    values = RNG.integers(0, 256, (9, 12), dtype=np.uint8)
    rows, columns = 9 - side + 1, 12 - side + 1
    wanted = [
        [take.reduce(values[r : r + side, c : c + side], None) for c in range(columns)] for r in range(rows)
    ]
    np.testing.assert_array_equal(slide(values, side, take), wanted)


@pytest.mark.parametrize("radius", [1, 2, 7])
def test_the_mean_around_a_pixel(radius):
    values = RNG.random((6, 9))
    around = np.pad(values, radius, mode="edge")
    side = 2 * radius + 1
    wanted = [[around[r : r + side, c : c + side].mean() for c in range(9)] for r in range(6)]
    np.testing.assert_allclose(box_mean(values, radius), wanted)


def test_a_widened_mask_is_near_to_the_mask():
    mask = RNG.random((20, 20)) < 0.03
    wanted = [
        [bool(mask[max(0, r - 2) : r + 3, max(0, c - 2) : c + 3].any()) for c in range(20)] for r in range(20)
    ]
    np.testing.assert_array_equal(widened(mask, 2), wanted)


@pytest.mark.parametrize("is_dark", [True, False])
def test_the_edge_of_a_shadow_is_paper_and_a_stroke_is_none(is_dark):
    page = np.full((60, 80), 200, np.uint8)
    page[:, 40:] = 120  # a shadow
    written = page.copy()
    written[10:50, 20:24] = written[30:34, 30:60] = 30 if is_dark else 250
    np.testing.assert_array_equal(estimate_paper(written, 9, is_dark), page)
    assert (estimate_paper(written, 3, is_dark) != page).any()  # a window narrower than the stroke


@pytest.mark.parametrize("spread", [0, 2, 10])
def test_noise_is_measured_below_light_and_ink(spread):
    rows, columns = np.mgrid[:200, :200]
    page = 100 + 0.3 * rows + 0.2 * columns + RNG.normal(0, spread, (200, 200))
    page[50:150, 90:110] = 20
    assert measure_noise(page) == pytest.approx(spread, rel=0.15, abs=0.05)


def filled(mask):
    """Number the parts one pixel after the other."""
    labels, count = np.zeros(mask.shape, int), 0
    for start in np.argwhere(mask):
        if labels[tuple(start)]:
            continue
        count += 1
        waiting = [tuple(start)]
        while waiting:
            row, column = waiting.pop()
            if min(row, column) < 0 or row >= mask.shape[0] or column >= mask.shape[1]:
                continue
            if mask[row, column] and not labels[row, column]:
                labels[row, column] = count
                waiting += [(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return labels


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 1.0])
def test_parts_are_those_that_filling_finds(share):
    mask = RNG.random((30, 41)) < share
    parts, wanted = find_parts(mask), filled(mask)
    assert parts.count == wanted.max()
    pairs = set(zip(parts.labels.ravel().tolist(), wanted.ravel().tolist(), strict=True))
    assert len(pairs) == parts.count + bool((~mask).any())  # the same parts, in whatever order
    for number, (box, area) in enumerate(zip(parts.boxes.tolist(), parts.areas.tolist(), strict=True), 1):
        rows, columns = np.nonzero(parts.labels == number)
        assert box == [rows.min(), rows.max() + 1, columns.min(), columns.max() + 1]
        assert area == len(rows)


def page_with_lines(turn, apart=30, bend=0.0):
    """Ink of ruled lines, turned by some degrees and bent by some pixels."""
    rows, columns = np.mgrid[:240, :300].astype(float)
    across = rows + 13 - np.tan(np.deg2rad(turn)) * columns + bend * np.sin(columns / 50)
    off = np.abs((across + apart / 2) % apart - apart / 2)
    return 40 * np.clip(1.5 - off, 0, 1).astype(np.float32)


@pytest.mark.parametrize("turn", [0, 3, -7])
@pytest.mark.parametrize("bend", [0, 2])
@pytest.mark.parametrize("turned", [False, True])
def test_ruled_lines_go_and_what_is_written_over_them_stays(turn, bend, turned):
    lines = page_with_lines(turn, bend=bend)
    sign = np.zeros_like(lines)
    sign[60:180, 140:152] = sign[60:72, 100:152] = 150
    page = np.maximum(lines, sign)
    page, sign = (page.T, sign.T) if turned else (page, sign)
    left, count = remove_lines(page, 5)
    assert 6 <= count <= 12
    assert left[sign > 0].mean() > 0.95 * page[sign > 0].mean()
    assert (left[sign == 0] > 20).mean() < 0.2 * (page[sign == 0] > 20).mean()


@pytest.mark.parametrize(
    "strokes",
    [
        [(slice(20, 220), slice(150, 156))],  # a 1
        [(slice(200, 208), slice(2, 298)), (slice(30, 200), slice(150, 158))],  # a foot from side to side
        [(slice(40, 50), slice(60, 240)), (slice(50, 200), slice(230, 240))],  # a 7
    ],
)
def test_straight_strokes_are_no_printed_lines(strokes):
    page = np.zeros((240, 300), np.float32)
    for place in strokes:
        page[place] = 150
    left, count = remove_lines(page, 5)
    assert count == 0
    np.testing.assert_array_equal(left, page)


def test_a_row_of_dots_with_a_stroke_in_it_is_no_line():
    page = np.zeros((240, 300), np.float32)
    page[20::40, 10::8] = 40
    page[138:143, 60:210] = 150
    assert find_lines(page, 5) == []
