"""Counting from Python: a name, a file, a model in memory; the same count, the same sentences."""

import json

import pytest
from conftest import refusal

import app as lab


def test_a_row_and_totals():
    count = lab.count("worked_example")
    assert (count.parameters, count.macs) == (338_460, 507_000)
    assert count["hidden"].working == "(1,690 + 1)·200 = 338,200"
    assert [row.name for row in count][-2:] == ["flatten", "hidden"]
    assert len(count) == len(count.rows) == 6


def test_printing_gives_the_report_of_the_command(command):
    done = command("-m", "app.params", "worked_example", "--no-check")
    assert done.stdout.rstrip("\n") == str(lab.count("worked_example"))


def test_it_is_one_line_and_a_table():
    count = lab.count("worked_example")
    assert repr(count) == "<count of worked_example: 6 rows, 338,460 parameters, 507,000 MACs>"
    assert repr(count["conv"]) == "<conv: Conv2D, 26×26×10, 260 parameters>"
    html = count._repr_html_()
    assert html.count("<tr>") == 1 + 6 + 1 + 1 + 3
    assert "<script" not in html
    assert len(html) < 100_000


def test_the_largest_table_is_below_100_kilobytes():
    assert len(lab.count("densenet121")._repr_html_().encode()) < 100_000


def test_names_in_the_table_are_escaped():
    from dataclasses import replace

    count = lab.count("worked_example")
    sheet = replace(count.sheet, name="<img src=x>")
    assert "<img" not in replace(count, sheet=sheet)._repr_html_()


def test_plain_values_are_plain_json():
    data = lab.count("worked_example").to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["totals"]["parameters"] == 338_460


@pytest.mark.parametrize("ending", [".html", ".md", ".tex", ".csv", ".json", ".txt", ".png", ".svg", ".pdf"])
def test_it_is_saved_by_its_ending(tmp_path, ending):
    path = lab.count("worked_example").save(tmp_path / f"count{ending}")
    assert path.stat().st_size > 200
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_what_is_saved_is_what_the_command_writes(tmp_path, command):
    command("-m", "app.params", "worked_example", "--output", tmp_path / "theirs.html", "--no-check")
    lab.count("worked_example").save(tmp_path / "ours.html")
    assert (tmp_path / "ours.html").read_text("utf-8") == (tmp_path / "theirs.html").read_text("utf-8")


def test_columns_are_chosen(tmp_path):
    count = lab.count("worked_example")
    head = count.save(tmp_path / "a.csv", columns=["layer", "parameters"]).read_text("utf-8").splitlines()[0]
    assert head == "layer,parameters"
    assert len(count.with_columns("all").columns) > len(count.columns)
    assert "no column 'flops'" in refusal(count.with_columns, ["flops"])


def test_an_unknown_ending_is_refused_and_nothing_is_written(tmp_path):
    assert "use an ending of .txt" in refusal(lab.count("worked_example").save, tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())


def test_lint_difference_derivation():
    count = lab.count("worked_example")
    assert [finding.layer for finding in count.lint()] == ["hidden"]
    difference = count.diff("worked_example_classifier")
    assert difference
    assert [change.name for change in difference.changes] == ["output"]
    assert not count.diff("worked_example")
    assert "(5·5·1 + 1)·10 = 260" in str(count.explain("conv"))
    assert "did you mean conv?" in refusal(count.explain, "cnov")
    assert "did you mean conv?" in refusal(count.__getitem__, "cnov")


def test_a_wrong_published_figure_is_told_by_the_check(monkeypatch):
    from dataclasses import replace

    from models import Published

    count = lab.count("worked_example")
    wrong = Published("parameters", 338_461, "nobody")
    changed = replace(count, network=replace(count.network, published=(wrong,)))
    from app.params.checks import published_differences

    assert published_differences(changed) == ["worked_example: parameters is 338,460, published is 338,461"]
    assert published_differences(count) == []


def test_the_networks_are_listed_with_their_parameters():
    networks = lab.networks("lenet5", "mnist")
    assert networks.names == ["lenet5", "mnist"]
    assert [network.year for network in networks] == [1998, 2022]
    assert networks["mnist"].parameters == 93_322
    assert "60,840" in str(networks)
    assert [each["parameters"] for each in networks.to_dict()] == [60_840, 93_322]
    assert "did you mean mnist?" in refusal(lab.networks, "nmist")
    assert "article 003" in str(networks.published())


def test_networks_side_by_side():
    comparison = lab.compare("lenet5", "mnist")
    assert [line["parameters"] for line in comparison.to_dict()] == [60_840, 93_322]
    assert repr(comparison) == "<comparison of lenet5, mnist>"
    assert "at least two" in refusal(lab.compare, "mnist")


def test_what_is_no_model_is_a_type_error():
    with pytest.raises(TypeError, match=r"the path of a model file or a keras\.Model, not int"):
        lab.count(3)
    assert "did you mean mnist?" in refusal(lab.count, "nmist")
    assert "does not exist" in refusal(lab.count, "nowhere.keras")


def test_a_picture_in_somebody_elses_axes():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5))
    axes = figure.subplots(1, 2)
    assert lab.count("worked_example").plot(axes[0]) is figure
    texts = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert "338,200 parameters" in texts
    assert axes[1] in figure.axes
    with pytest.raises(ValueError, match="boxes or volumes"):
        lab.count("worked_example").plot(style="circles")
