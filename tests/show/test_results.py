"""Results show themselves: printed, in a notebook, drawn into somebody's axes, saved by the ending."""

import numpy as np
import pytest
from conftest import refusal
from matplotlib.figure import Figure

from app.show.canvas import new_figure
from app.show.document import Document, Drawing, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport


class Report(ShowsReport):
    def document(self, format="text"):
        table = Table(("a", "b"), (("1", "<b>"), ("2", "\x1b[31m")), "Table")
        blocks = (Paragraph(f"As {format}."), table, Drawing("<svg/>", "a picture"))
        return Document("Title", blocks, {"a": (1, 2), "format": format})


class Picture(ShowsFigure):
    def draw(self):
        figure = new_figure(4, 3, "a $ and a $")
        figure.subplots(1, 2)[0].plot([1, 2], [3, 4])
        return figure

    def arrays(self):
        return {"x": np.arange(3)}


def test_print_is_the_report_and_a_notebook_gets_its_tables():
    assert str(Report()).splitlines()[0] == "Title"
    html = Report()._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<svg" not in html
    assert "\x1b" not in html
    assert html.count("<style>") == 1
    assert all(
        line.startswith(".convlab ")
        for line in html.split("<style>")[1].split("</style>")[0].split("\n")[1:-1]
    )


def test_plain_values_have_no_tuples():
    assert Report().to_dict() == {"a": [1, 2], "format": "json"}


def test_each_format_gets_its_own_report(tmp_path):
    assert "As markdown." in Report().save(tmp_path / "a.md").read_text("utf-8")
    assert "<svg/>" in Report().save(tmp_path / "a.html").read_text("utf-8")


@pytest.mark.parametrize(("result", "ending"), [(Report(), ".png"), (Picture(), ".html"), (Report(), "")])
def test_what_a_result_does_not_have_is_not_written(tmp_path, result, ending):
    assert "use an ending of" in refusal(result.save, tmp_path / f"a{ending}")
    assert not list(tmp_path.iterdir())


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"old")
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Picture().save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_arrays_and_pictures_are_saved(tmp_path):
    with np.load(Picture().save(tmp_path / "a.npz")) as stored:
        assert list(stored["x"]) == [0, 1, 2]
    assert Picture().save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert Picture()._repr_png_().startswith(b"\x89PNG")


def test_a_figure_of_its_own_or_a_place_in_another():
    assert isinstance(Picture().plot(), Figure)
    figure = Figure(figsize=(9, 3))
    grid = figure.subplots(1, 3)
    for axes in grid:
        assert Picture().plot(axes) is figure
    assert len(figure.subfigs) == 3
    lefts = [part.bbox.x0 for part in figure.subfigs]
    assert lefts == sorted(lefts)
    assert len(set(lefts)) == 3


def test_axes_at_a_place_of_their_own_give_that_place():
    figure = Figure(figsize=(10, 10))
    axes = figure.add_axes((0.5, 0.25, 0.4, 0.5))
    Picture().plot(axes)
    (part,) = figure.subfigs
    box = part.bbox.transformed(figure.transFigure.inverted())
    np.testing.assert_allclose((box.x0, box.y0, box.width, box.height), (0.5, 0.25, 0.4, 0.5), atol=1e-4)


def test_the_next_figure_has_its_own_again():
    Picture().plot(Figure().subplots())
    assert Picture().plot().subfigs == []


def test_a_dollar_is_a_dollar_and_only_in_our_own_texts():
    figure = Figure(figsize=(9, 3))
    left, right = figure.subplots(1, 2)
    theirs = left.set_title("$x^2$")
    Picture().plot(right)
    assert theirs.get_parse_math()
    assert not figure.subfigs[0]._suptitle.get_parse_math()
