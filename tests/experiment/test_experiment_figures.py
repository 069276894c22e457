"""What the figures of the experiments show, from planted numbers."""

import itertools
import json

import pytest
from conftest import ROOT

from app.experiment.figures import (
    DRAW,
    draw_families,
    draw_gradients,
    draw_timeline,
    draw_training_curves,
    power_text,
)

DATA = {"name": "digits", "training_images": 100, "test_images": 50}


def lines_of(axes):
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def result(networks, runs, **more):
    return {"data": DATA, "seeds": [0, 1], "networks": networks, "runs": runs, **more}


def test_training_curves_are_means_in_bands():
    names = ("plain 8", "plain 44", "residual 8", "residual 44")
    runs = [
        {
            "network": name,
            "history": [{"loss": 4.0 + seed, "accuracy": 0.5}, {"loss": 1.0 + seed, "accuracy": 0.75}],
        }
        for name in names
        for seed in (0, 1)
    ]
    figure = draw_training_curves(result([{"name": name} for name in names], runs))
    loss, error = figure.axes
    assert lines_of(loss)["plain 44 layers"].get_ydata() == pytest.approx([4.5, 1.5])
    assert lines_of(error)["plain 44 layers"].get_ydata() == pytest.approx([50, 25])
    assert len(loss.collections) == 4
    assert "least to greatest" in figure.get_supxlabel()
    assert "log scale" in loss.get_ylabel()


def test_gradients_are_geometric_means_and_zeros_are_told():
    names = ("a", "b", "c", "d", "e")
    runs = [
        {
            "network": name,
            **{
                when: {"outputs": [scale * 1e-8, 1.0], "kernels": [scale - 1.0, 2.0, 2.0]}
                for when in ("start", "later")
            },
        }
        for name in names
        for scale in (1, 100)
    ]
    recipe = {"depth": 44, "steps": 50}
    figure = draw_gradients(result([{"name": name} for name in names], runs, recipe=recipe))
    assert len(figure.axes) == 4
    outputs, _, kernels, _ = figure.axes
    assert lines_of(outputs)["a"].get_ydata() == pytest.approx([1e-7, 1.0])
    assert lines_of(kernels)["a"].get_ydata() == pytest.approx([99, 2, 2])
    assert "a: 0 in 1 of 2 seeds, not drawn" in kernels.texts[0].get_text()
    assert outputs.texts[0].get_text() == ""
    assert outputs.get_yscale() == "log"
    assert {tuple(line.get_linestyle() + line.get_marker()) for line in outputs.lines}.__len__() == 5


def test_families_are_drawn_against_parameters_and_work():
    networks = [
        {"name": f"{family} {i}", "trainable": 1000 * i, "multiply_accumulates": 10**6 * i}
        for i in (1, 2)
        for family in ("ResNet", "DenseNet")
    ]
    runs = [
        {"network": network["name"], "test_accuracy": 0.9 + 0.02 * seed}
        for network in networks
        for seed in (0, 1)
    ]
    figure = draw_families(result(networks, runs))
    parameters, work = figure.axes
    for axes in (parameters, work):
        (mean, _, _), *_ = axes.containers
        assert mean.get_xdata() == pytest.approx([1, 2])
        assert mean.get_ydata() == pytest.approx([91, 91])
    assert "thousands" in parameters.get_xlabel()
    assert "millions" in work.get_xlabel()


def test_the_timeline_marks_what_is_not_as_published():
    from app.experiment.imagenet_timeline import timeline_data

    figure = draw_timeline(timeline_data())
    (axes,) = figure.axes
    heights = [bar.get_height() for bar in axes.patches]
    assert heights == [28.2, 25.8, 16.4, 11.7, 6.67, 3.57, 2.991]
    marks = [
        (y, line.get_markerfacecolor())
        for line in axes.lines
        if line.get_marker() == "D"
        for y in line.get_ydata()
    ]
    assert [y for y, face in marks if face == "white"] == [11.2, 14.8, 7.8]
    assert [y for y, face in marks if face != "white"] == [15.3]
    assert "< 5 %" in {text.get_text() for text in axes.texts}
    explained = axes.get_legend().legend_handles
    shapes = {
        (line.get_marker(), line.get_markerfacecolor())
        for line in axes.lines
        if line.get_marker() not in ("None", "")
    }
    told = {
        (handle.get_marker(), handle.get_markerfacecolor())
        for handle in explained
        if hasattr(handle, "get_marker")
    }
    assert shapes <= told


@pytest.mark.parametrize("name", ["plain-vs-residual", "vanishing-gradient", "resnet-vs-densenet", "x_or_not_x",
                                  "variational-autoencoder"])  # fmt: skip
def test_a_figure_fits_on_a4_and_its_words_on_the_figure(name):
    figure = DRAW[name](json.loads((ROOT / "docs" / "experiments" / f"{name}.json").read_text("utf-8")))
    assert figure.get_figwidth() <= 8.27
    figure.draw_without_rendering()
    for axes in figure.axes:
        for text in (axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label):
            extent = text.get_window_extent()
            assert figure.bbox.x0 - 1 <= extent.x0 <= extent.x1 <= figure.bbox.x1 + 1, text.get_text()
    titles = [axes._left_title.get_window_extent() for axes in figure.axes if axes._left_title.get_text()]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(titles, 2))


def test_powers_of_ten_are_written_as_by_hand():
    assert [power_text(10.0**n) for n in (-12, -3, -2, 0, 1, 5)] == [
        "10⁻¹²",
        "10⁻³",
        "0.01",
        "1",
        "10",
        "10⁵",
    ]
    assert power_text(0.2) == ""
