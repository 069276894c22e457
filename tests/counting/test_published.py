"""Our figures beside published ones: what is compared, and what counts as the same."""

import dataclasses

import pytest
from counted_networks import SHEETS

from app.counting.published import FigureCheck, compare_figures, published_quantity, split_quantity
from models import CATALOGUE, Published


def sheet_of(name):
    return SHEETS[name]


def test_published_quantities():
    sheet = sheet_of("worked_example")
    assert published_quantity("parameters", sheet) == 338_460
    assert published_quantity("conv parameters", sheet) == 260
    assert published_quantity("multiply-accumulates", sheet) == 507_000
    assert published_quantity("hidden multiply-accumulates", sheet) == 338_000
    lenet = sheet_of("lenet5")
    assert published_quantity("trainable parameters", lenet) == 60_000
    assert published_quantity("parameters", lenet) == 60_840
    assert published_quantity("c1 connections", lenet) == 122_304


def test_a_quantity_names_its_layer():
    assert split_quantity("trainable parameters") == ("trainable parameters", "")
    assert split_quantity("conv 1 trainable parameters") == ("trainable parameters", "conv 1")


@pytest.mark.parametrize(
    ("quantity", "what"),
    [
        ("conv weights", "no figure of ours for the published quantity 'conv weights'"),
        ("conv9 parameters", "worked_example has no layer 'conv9'"),
    ],
)
def test_a_published_quantity_that_cannot_be_compared_is_refused(quantity, what):
    with pytest.raises(ValueError, match=what):
        published_quantity(quantity, sheet_of("worked_example"))


@pytest.mark.parametrize(
    ("value", "unit", "ours", "verdict"),
    [
        (260, 1, 260, "equal"),
        (260, 1, 261, "differs by +1"),
        (260, 1, 259, "differs by -1"),
        (138_000_000, 10**6, 138_499_999, "equal, rounded"),
        (138_000_000, 10**6, 138_500_001, "differs by +500,001"),
        (138_000_000, 10**6, 137_499_999, "differs by -500,001"),
        (138_000_000, 10**6, 138_000_000, "equal"),
    ],
)
def test_the_same_to_the_digits_that_are_printed(value, unit, ours, verdict):
    compared = FigureCheck(Published("parameters", value, "a table", unit=unit), ours)
    assert compared.verdict == verdict
    assert compared.is_equal == compared.is_as_declared == verdict.startswith("equal")


def test_a_difference_with_a_reason_is_declared():
    compared = FigureCheck(Published("parameters", 7, "a port", "it keeps biases"), 6)
    assert not compared.is_equal
    assert compared.is_as_declared


def test_the_sources_own_figures_come_before_others():
    network = CATALOGUE["vgg16"]
    figures = compare_figures(network, sheet_of("vgg16"))
    assert [f.published for f in figures] == [*network.published, *network.elsewhere]
    assert figures[0].published.source == "table 2"
    spoiled = dataclasses.replace(network, published=(), elsewhere=())
    assert compare_figures(spoiled, sheet_of("vgg16")) == []
