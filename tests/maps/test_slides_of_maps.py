"""A figure of maps on a slide: nothing stands outside it, pictures are as large as they become, small ones are bare."""

import pytest

from app.maps.layout import EDGE, HEAD, LEAST_SAID, Cell, lay_out_slide

SIZE = (8.0, 4.5)
NOTE = "the gradient of the probability is almost 0, so the maps explain the logit"


def cells(columns, rows, caption="largest value 1.14"):
    return [[Cell("vanilla gradient", caption)] * columns for _ in range(rows)]


def placed(rows, notes=(NOTE,) * 3):
    return lay_out_slide(rows, (28, 28), "Where the network finds evidence for a 3", notes, SIZE)


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (6, 1), (3, 2), (6, 4), (8, 5), (10, 9)])
@pytest.mark.parametrize("notes", [0, 1, 6])
def test_everything_stands_on_the_slide_and_nothing_over_the_title(columns, rows, notes):
    made = placed(cells(columns, rows), (NOTE,) * notes)
    assert (made.width, made.height) == SIZE
    places = [place for row in made.places for place in row]
    assert min(place.left for place in places) >= 0
    assert max(place.left + place.width for place in [*places, made.bar]) <= SIZE[0] - EDGE
    assert min(place.bottom for place in places) >= 0
    assert max(place.bottom + place.height for place in places) <= SIZE[1] - HEAD


def test_captions_stay_while_pictures_are_large_and_go_where_they_would_make_them_small():
    few, many = placed(cells(5, 1)), placed(cells(5, 3))
    assert few.places[0][0].caption
    assert few.side >= LEAST_SAID
    assert not any(place.caption for row in many.places for place in row)
    assert many.side > 0.6


def test_notes_stand_beside_pictures_where_these_become_larger_so_and_below_else():
    wide, tall = placed(cells(6, 1)), placed(cells(1, 2, ""), (NOTE,) * 4)
    assert wide.notes_at[0] == EDGE
    last = max(place.left + place.width for row in tall.places for place in row)
    assert tall.notes_at[0] > last


def test_notes_are_as_large_as_leaves_the_pictures_their_size():
    short, long = placed(cells(6, 1), (NOTE,)), placed(cells(6, 2), (NOTE,) * 6)
    assert short.points > long.points >= 7.5
