"""What a figure is drawn for: its width, its dots, its title; the same in each format."""

import io
import re

import pytest
from PIL import Image

from app.commands.outputs import free_place
from app.show.canvas import figure_bytes, new_figure
from app.show.paper import PAPER, Paper, on_paper


def drawn():
    figure = new_figure(5, 3, "Its own title")
    figure.subplots().plot([1, 3, 2])
    return figure


def size(figure, ending):
    """Return width and height in inches as the file says them, and the pixels of a PNG."""
    content = figure_bytes(figure, ending)
    if ending == ".png":
        picture = Image.open(io.BytesIO(content))
        return [n / PAPER.get().dpi for n in picture.size]
    if ending == ".svg":
        return [
            float(n) / 72 for n in re.search(rb'width="([\d.]+)pt" height="([\d.]+)pt"', content).groups()
        ]
    return [float(n) / 72 for n in re.search(rb"MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content).groups()]


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_a_figure_is_as_wide_as_the_paper_says(ending):
    assert size(drawn(), ending) == pytest.approx([5, 3], abs=0.01)
    for dpi in (60, 300):
        with on_paper(Paper(width=7.5, dpi=dpi)):
            assert size(drawn(), ending) == pytest.approx([7.5, 4.5], abs=0.02)
    with on_paper(Paper(is_slide=True)):
        assert size(drawn(), ending) == pytest.approx([13.333, 7.5], abs=0.02)


def test_letters_of_a_slide_are_larger_than_those_of_a_page():
    """Of the height of the picture, measured in the font sizes that the SVG names."""

    def share(paper):
        with on_paper(paper):
            figure = drawn()
            return figure._suptitle.get_fontsize() / 72 / figure.get_figheight()

    assert share(Paper(is_slide=True)) * 7.5 > 1.5 * share(Paper()) * 3


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_two_files_of_one_figure_are_the_same(ending):
    figure = drawn()
    with on_paper(Paper(width=6)):
        assert figure_bytes(figure, ending) == figure_bytes(figure, ending)


def test_the_title_of_the_paper_stands_in_the_place_of_the_figures_own():
    figure = drawn()
    with on_paper(Paper(title="For page 7")):
        figure_bytes(figure, ".png")
    assert figure.get_suptitle() == "For page 7"
    single = new_figure(4, 3)
    axes = single.subplots()
    axes.set_title("of the axes")
    with on_paper(Paper(title="")):
        figure_bytes(single, ".png")
    assert (axes.get_title(), single.get_suptitle()) == ("", "")


@pytest.mark.parametrize(
    "wrong", [{"width": 0.5}, {"width": float("nan")}, {"dpi": 5}, {"width": 6, "is_slide": True}], ids=str
)
def test_no_paper_of_that_kind(wrong):
    with pytest.raises(ValueError, match=r"inch|slide"):
        Paper(**wrong)


def test_another_picture_is_never_replaced(tmp_path):
    path = tmp_path / "map.png"
    assert free_place(path, b"one") == path
    path.write_bytes(b"one")
    assert free_place(path, b"one") == path
    assert free_place(path, b"two").name == "map-2.png"
    (tmp_path / "map-2.png").write_bytes(b"six")
    assert free_place(path, b"two").name == "map-3.png"
