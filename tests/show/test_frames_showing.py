"""A result with steps: printed, in a notebook, drawn, saved by the ending."""

import html
import json
import re
import struct
from dataclasses import replace

import numpy as np
import pytest
from conftest import refusal
from matplotlib.figure import Figure
from PIL import Image
from sample_walks import X, pooling, sliding, softmax

from app.show.frames.frame import Frame, Grid, Walk
from app.show.frames.page import write_page
from app.show.frames.showing import STEP_ENDINGS, ShowsSteps, telling_step
from app.show.frames.text import write_text
from app.show.paper import Paper, on_paper


class Steps(ShowsSteps):
    def __init__(self, walk):
        self.walk = walk


PADDED = Steps(sliding(X, border=1))
BEGINNINGS = {".png": b"\x89PNG", ".gif": b"GIF89a", ".pdf": b"%PDF", ".svg": b"<?xml", ".html": b"<!DOCTYPE html>",
              ".txt": b"A 3", ".json": b"{", ".npz": b"PK"}  # fmt: skip


@pytest.mark.parametrize("ending", STEP_ENDINGS)
def test_a_walk_is_saved_by_the_ending(tmp_path, ending):
    path = PADDED.save(tmp_path / f"a{ending.upper()}")
    assert path.read_bytes().startswith(BEGINNINGS[ending])
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_in_the_files(tmp_path):
    walk = PADDED.walk
    assert PADDED.save(str(tmp_path / "a.html")).read_text("utf-8") == write_page(walk)
    assert PADDED.save(tmp_path / "a.txt").read_text("utf-8") == write_text(walk, 80, everything=True)
    assert json.loads(PADDED.save(tmp_path / "a.json").read_text("utf-8")) == PADDED.to_dict()
    with np.load(PADDED.save(tmp_path / "a.npz")) as stored:
        assert stored["output"].tolist() == walk.arrays["output"]
    with Image.open(PADDED.save(tmp_path / "a.gif")) as gif:
        assert gif.n_frames == 25


def test_plain_values_have_the_facts_and_every_step():
    data = PADDED.to_dict()
    assert data["facts"]["output"] == PADDED.walk.facts["output"]
    assert [frame["title"] for frame in data["frames"]] == [frame.title for frame in PADDED.walk.frames]
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_print_is_the_text_and_a_notebook_gets_the_page_in_a_frame_of_its_own():
    assert str(PADDED) == write_text(PADDED.walk, 200).rstrip("\n")
    shown = PADDED._repr_html_()
    found = re.fullmatch(
        r'<iframe title="([^"]*)" sandbox="allow-scripts" style="[^"]*" srcdoc="([^"]*)"></iframe>', shown
    )
    assert html.unescape(found[2]) == write_page(PADDED.walk)


def test_a_name_does_not_leave_the_frame_of_a_notebook():
    bad = '"><script>alert(1)</script>'
    shown = Steps(Walk(bad, (Frame(bad, (Grid(bad, [[1]]),)),)))._repr_html_()
    assert shown.count("<") == 2
    assert shown.count('"') == 8


def test_a_page_that_is_too_large_for_a_notebook_is_text(monkeypatch):
    monkeypatch.setattr("app.show.frames.showing.MOST_IN_NOTEBOOK", 1000)
    assert PADDED._repr_html_().startswith("<pre>A 3×3 kernel")
    assert 'save("steps.html")' in PADDED._repr_html_()


@pytest.mark.parametrize(("walk", "index"), [(PADDED.walk, 24), (softmax(), 1), (pooling(), 3)])
def test_a_still_shows_the_last_step_with_a_window(walk, index):
    assert telling_step(walk) == index


def test_a_walk_without_windows_is_shown_by_its_last_step():
    frames = tuple(Frame("", (Grid("x", [[i]]),)) for i in range(3))
    assert telling_step(Walk("", frames)) == 2


def titles(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text)]


def test_a_step_is_drawn_and_saved_by_its_number(tmp_path):
    assert "Step 25 of 25: row 4, column 4" in titles(PADDED.plot())
    assert "Step 3 of 25: row 0, column 2" in titles(PADDED.plot(step=3))
    third, last = (PADDED.save(tmp_path / f"{step}.png", step=step).read_bytes() for step in (3, 25))
    assert third != last
    assert last == PADDED.save(tmp_path / "a.png").read_bytes()
    assert struct.unpack(">I", last[16:20])[0] > 500


@pytest.mark.parametrize(("title", "shown"), [(None, PADDED.walk.title), ("Mine", "Mine"), ("", None)])
def test_a_title_that_was_asked_for_stands_in_the_place_of_the_walks_own(tmp_path, monkeypatch, title, shown):
    figures = []
    monkeypatch.setattr("app.show.canvas.take_literally", figures.append)
    with on_paper(Paper(title=title)):
        PADDED.save(tmp_path / "a.png")
    figure = figures[-1]
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert not figure.get_suptitle()
    assert texts.count(shown) == (shown is not None)
    assert (PADDED.walk.title in texts) == (title is None)


def test_an_animation_has_the_title_that_was_asked_for(tmp_path):
    with on_paper(Paper(title="Mine")):
        asked = PADDED.save(tmp_path / "asked.gif").read_bytes()
    own = Steps(replace(PADDED.walk, title="Mine")).save(tmp_path / "own.gif").read_bytes()
    assert asked == own
    assert asked != PADDED.save(tmp_path / "other.gif").read_bytes()


def test_somebodys_axes_are_drawn_into():
    figure = Figure(figsize=(8, 4))
    axes = figure.subplots(1, 2)
    assert PADDED.plot(axes[1], step=2) is figure
    assert "Step 2 of 25: row 0, column 1" in titles(figure)


@pytest.mark.parametrize("step", [0, -1, 26])
def test_a_step_that_is_not_there_is_refused(tmp_path, step):
    for action in (lambda: PADDED.plot(step=step), lambda: PADDED.save(tmp_path / "a.png", step=step)):
        assert refusal(action) == f"there is no step {step}; give one from 1 to 25"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.docx", "a", "a.webp"])
def test_another_ending_is_refused_and_the_known_ones_are_listed(tmp_path, name):
    message = refusal(PADDED.save, tmp_path / name)
    assert message == f"{name} cannot be written; use an ending of {', '.join(STEP_ENDINGS)}"
    assert not list(tmp_path.iterdir())


def test_one_step_is_no_page():
    assert "a.html holds all steps; a single one is a .png, .svg, .pdf" in refusal(
        PADDED.save, "a.html", step=3
    )


def test_steps_without_arrays_are_no_archive(tmp_path):
    assert "these steps have no arrays" in refusal(Steps(softmax()).save, tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        PADDED.save(tmp_path / "none" / "a.html")


def test_a_link_is_not_written_through(tmp_path):
    (tmp_path / "a.html").symlink_to(tmp_path / "b.html")
    assert "is a link" in refusal(PADDED.save, tmp_path / "a.html")
