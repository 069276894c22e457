"""Reports and figures of the tests of faith: nothing cut, failing methods labelled."""

import json

import numpy as np
import pytest

from app.faith.figures import draw_curves, draw_forgetting, draw_stages, limit
from app.faith.report import CAVEAT, HIDING_READ, curves_part, faith_report, sanity_part, summary_table
from app.faith.results import Agreement, Curves, Faithfulness, Forgetting, Results, Sanity, Stage
from app.faith.run import FaithRun
from app.show.canvas import figure_svg
from app.show.writers import FORMATS, write_document

FAILS = "does not depend on what the network learnt"
STAGES = Forgetting(("output", "conv1"), (0.3, 0.1))
SHARES = np.linspace(0, 1, 5)


def sane(method="vanilla", fails=False, **changes):
    last = Stage("conv1", 0.98 if fails else 0.5, 0.2, -0.1, 3)
    stages = (Stage("output", 0.9, 0.1, 0.0, 2), last)
    values = {"images": 20, "maps": 20, "blank": 1, "between": 0.4, "stages": stages}
    return Sanity(method, **{**values, **changes})


def curve(name="vanilla", made_of="pixels", deleted=0.123, put_in=0.876):
    """Flat curves of one image, so that the areas are their heights."""
    both = (np.full((1, 5), height) for height in (deleted, put_in))
    return Curves.of(name, *both, SHARES, seconds=2.5, made_of=made_of)


def faith(*methods, empty=0.0):
    random = (curve("random", "nothing", 0.4, 0.5), curve("random", "nothing", 0.5, 0.6))
    return Faithfulness(methods or (curve(),), random, curve("the image itself", "nothing"), empty)


def document():
    results = Results(
        sane=[sane(), sane("integrated", fails=True)],
        forgetting=STAGES,
        faith=faith(curve(), curve("integrated")),
        agreed=[Agreement("vanilla", 1e-7, 1e-8), Agreement("occlusion", reason="none")],
    )
    run = FaithRun(None, np.zeros((30, 4, 4, 1)), [0] * 30, [], None)
    return faith_report("Faith", run, results, "Made by hand.")


@pytest.mark.parametrize("format_", [name for name in FORMATS if name != "pdf"])
def test_every_format_has_the_numbers_and_the_verdict(format_):
    written = write_document(document(), format_, 200)
    assert "0.123" in written
    if format_ == "json":
        data = json.loads(written)
        assert data["sanity"][1]["fails"] is True
        assert data["sanity"][0]["means"] == [0.9, 0.5]
        assert data["faithfulness"][0]["shares"] == SHARES.tolist()
        assert data["agreement"][1]["why"] == "none"
    else:
        assert FAILS in written
        assert "0.400 to 0.500" in written
        assert format_ == "csv" or "on 20 images" in written
        assert format_ == "csv" or "Made by hand." in written


def test_many_methods_are_discussed_only_where_they_fail():
    def said(lines):
        return [block.text.split(":")[0] for block in sanity_part(lines, STAGES, 5)[3:]]

    assert said([sane(), sane("integrated", fails=True)]) == ["vanilla", "integrated"]
    many = [sane(f"m{i}") for i in range(5)]
    assert said([*many, sane("integrated", fails=True)]) == ["integrated"]


def test_few_orders_are_discussed_and_many_summed_up():
    def said(*methods, **facts):
        return [block.text for block in curves_part(faith(*methods, **facts))[2:]]

    few = said(curve("a"), curve("b"))
    assert few[0] == CAVEAT
    assert [text.split(":")[0] for text in few[1:]] == ["a", "b", "the image itself"]
    _, summary = said(*(curve(f"m{i}") for i in range(4)))
    assert summary.startswith("For 4 of 4 maps")
    assert said(curve("scorecam"))[1] == HIDING_READ
    assert "20 % of the pixels" in said(empty=0.2)[1]
    assert "of the pixels of these images" not in said(empty=0.04)[1]


def test_the_orders_that_ask_no_network_come_last():
    rows = summary_table([sane()], faith()).rows
    assert rows[0][:4] == ("vanilla", "pixels", "0.17", "depends on what the network learnt")
    assert rows[1] == (
        "the image itself",
        "nothing",
        "–",
        "–",
        "0.123",
        "0.876",
        "0.753",
        "0.000",
        "0.000",
        "–",
    )
    assert rows[2][:6] == ("2 random orders", "nothing", "–", "–", "0.400 to 0.500", "0.500 to 0.600")


def test_shuffled_labels_are_a_column_of_their_own():
    table = sanity_part([sane(shuffled=Stage("shuffled labels", 0.11, 0.0, 0.0, 0))], STAGES, 5)[0]
    assert table.columns[4] == "shuffled labels"
    assert table.rows[0][4] == "0.11"
    assert "shuffled labels" not in sanity_part([sane()], STAGES, 5)[0].columns


def test_numbers_that_do_not_exist_are_dashes():
    row = sanity_part([sane(between=None, blank=20)], STAGES, 5)[0].rows[0]
    assert row[1] == row[-2] == "–"


def texts(figure):
    return " ".join(figure_svg(figure).split())


@pytest.fixture(autouse=True)
def _text_as_text():
    import matplotlib

    with matplotlib.rc_context({"svg.fonttype": "none"}):
        yield


def test_a_method_that_fails_says_so_in_the_picture():
    maps = {"vanilla": [np.eye(4)] * 3, "integrated": [np.eye(4), np.zeros((4, 4)), np.eye(4)]}
    image = np.zeros((4, 4, 1), np.uint8)

    def drawn(fails):
        lines = [sane(), sane("integrated", fails=fails)]
        return texts(draw_forgetting(image, maps, lines, "title"))

    assert drawn(True).count("✗ integrated") == 1
    assert drawn(True).count("the map does not depend on what the network learnt") == 1
    assert "✗" not in drawn(False)
    assert "ρ 0.90" in drawn(True)


def test_a_blank_map_has_no_correlation_in_the_picture():
    image, between = np.zeros((4, 4, 1), np.uint8), sane().between
    full = {"vanilla": [np.eye(4)] * 3}
    blank = {"vanilla": [np.eye(4), np.zeros((4, 4)), np.eye(4)]}
    with_all, with_blank = (texts(draw_forgetting(image, maps, [sane()], "title")) for maps in (full, blank))
    assert with_all.count(">ρ ") == 2
    assert ">blank<" not in with_all
    assert ">–<" not in with_all
    assert (with_blank.count(">ρ "), with_blank.count(">blank<"), with_blank.count(">–<")) == (1, 1, 1)
    assert f"limit {(1 + between) / 2:.2f}" in with_blank


def test_pixels_that_the_network_never_sees_are_hatched_in_each_map():
    image, maps, unseen = np.zeros((4, 4, 1), np.uint8), {"vanilla": [np.eye(4)] * 3}, np.zeros((4, 4), bool)
    assert "Hatched" not in texts(draw_forgetting(image, maps, [sane()], "title", unseen))
    unseen[3] = True
    figure = draw_forgetting(image, maps, [sane()], "title", unseen)
    assert "Hatched: pixels that the network never sees." in texts(figure)
    hatched = [axes for axes in figure.get_axes() if any(patch.get_hatch() for patch in axes.patches)]
    assert len(hatched) == 1 + 3


@pytest.mark.parametrize("ends_at", [0.54, 0.56])
def test_the_limit_in_the_picture_is_where_a_map_fails(ends_at):
    stages = (Stage("conv1", ends_at, 0.1, 0.0, 0),)
    found = sane(stages=stages, between=0.1)
    assert limit(found) == 0.55
    assert found.fails == (ends_at > limit(found))


def test_many_methods_and_stages_fit_a_page():
    names = [f"layer{n}" for n in range(30)]
    stages = tuple(Stage(name, 0.5, 0.1, 0.0, 0) for name in names)
    found = [sane(f"m{n}", stages=stages) for n in range(16)]
    maps = {each.method: [np.eye(4)] * 31 for each in found}
    figure = draw_forgetting(np.zeros((4, 4, 1), np.uint8), maps, found, "title")
    wide, high = figure.get_size_inches()
    assert wide <= 8.27
    assert high <= 11.69
    drawn = texts(figure)
    assert "Drawn: 5 of the 30 stages." in drawn
    assert [name for name in names if drawn.count(f">{name}<") == 2] == [
        "layer0",
        "layer7",
        "layer14",
        "layer22",
        "layer29",
    ]


def test_stages_and_curves_name_methods_and_areas():
    drawn = texts(draw_stages([sane(), sane("integrated", fails=True)], "title"))
    assert "✗ integrated gradients" in drawn
    assert "✗ vanilla gradient" not in drawn
    drawn = texts(draw_curves(faith(curve(), curve("gradcam", "cells")), "title"))
    assert "Grad-CAM" in drawn
    assert drawn.count("areas 0.123 and 0.876") == 2
    assert ">probability<" in drawn
    assert ">share of the pixels<" in drawn
