"""Reports and figures of the tests of faith: nothing cut, failing methods labelled."""

import json

import numpy as np
import pytest

from app.faith.figures import draw_curves, draw_forgetting, draw_stages
from app.faith.lines import AgreementLine, Band, CurveLine, SanityLine
from app.faith.report import agreement_part, as_data, curves_part, faith_report, sanity_part, summary_table
from app.show.canvas import figure_svg
from app.show.writers import FORMATS, write_document

FAILS = "does not depend on what the network learnt"


def sane(method="vanilla", fails=False, **changes):
    values = {
        "method": method,
        "between": 0.4,
        "means": (0.9, 0.5),
        "spreads": (0.1, 0.2),
        "signed": (0.0, -0.1),
        "blank": 1,
        "blank_after": (2, 3),
        "maps": 20,
        "kept": 0.97 if fails else 0.2,
        "fails": fails,
        "label": FAILS if fails else "fine",
        "sentence": f"{method} in words",
    }
    return SanityLine(**{**values, **changes})


def curve(name="vanilla", made_of="pixels"):
    shares = np.linspace(0, 1, 5)
    return CurveLine(
        name,
        made_of,
        shares,
        1 - shares,
        shares**0.5,
        0.123,
        0.876,
        0.753,
        0.01,
        0.05,
        2.5,
        f"{name} falls faster",
    )


BAND = Band((0.4, 0.5), (0.5, 0.6), np.ones((3, 5)) * 0.5, np.ones((3, 5)) * 0.4, 3)
STAGES = ("output", "conv1")


def document():
    lines, curves = (
        [sane(), sane("integrated", fails=True)],
        [curve(), curve("the image itself", "nothing")],
    )
    parts = [
        [summary_table(lines, curves, BAND)],
        sanity_part(lines, STAGES, (0.3, 0.1), 5),
        curves_part(curves, BAND, ["a caveat"]),
        agreement_part(
            [
                AgreementLine("vanilla", "the same map", 1e-7, 1e-8, ""),
                AgreementLine("occlusion", "no second witness", None, None, "none"),
            ],
            20,
        ),
    ]
    data = {"sanity": as_data(lines), "faithfulness": as_data(curves)}
    return faith_report("Faith", parts, ["Take vanilla."], data)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_has_the_numbers_and_the_verdict(format_):
    written = write_document(document(), format_, 200)
    assert "0.123" in written
    if format_ == "json":
        assert json.loads(written)["sanity"][1]["fails"] is True
    else:
        assert FAILS in written
        assert "0.400 to 0.500" in written


def test_many_methods_are_discussed_only_where_they_fail():
    def said(lines):
        return [block.text for block in sanity_part(lines, STAGES, (0.3, 0.1), 5)[3:]]

    assert said([sane(), sane("integrated", fails=True)]) == ["vanilla in words.", "integrated in words."]
    many = [sane(f"m{i}") for i in range(5)]
    assert said([*many, sane("integrated", fails=True)]) == ["integrated in words."]


def test_shuffled_labels_are_a_column_of_their_own():
    table = sanity_part([sane(shuffled=0.11)], STAGES, (0.3, 0.1), 5)[0]
    assert table.columns[4] == "shuffled labels"
    assert table.rows[0][4] == "0.11"
    assert "shuffled labels" not in sanity_part([sane()], STAGES, (0.3, 0.1), 5)[0].columns


def test_numbers_that_do_not_exist_are_dashes():
    row = sanity_part([sane(between=None, kept=None)], STAGES, (0.3, 0.1), 5)[0].rows[0]
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
        return texts(draw_forgetting(image, maps, lines, STAGES, "title"))

    assert "✗ does not depend" in drawn(True)
    assert "✗" not in drawn(False)
    assert drawn(True).count("blank") == 1
    assert "ρ = 0.90" in drawn(True)


def test_stages_and_curves_name_methods_and_areas():
    drawn = texts(draw_stages([sane(), sane("integrated", fails=True)], STAGES, "title"))
    assert "integrated gradients ✗ fails" in drawn
    assert "vanilla gradient ✗" not in drawn
    drawn = texts(draw_curves([curve(), curve("gradcam", "cells")], curve("ink"), BAND, "title"))
    assert "Grad-CAM" in drawn
    assert drawn.count("areas 0.123 and 0.876") == 2
