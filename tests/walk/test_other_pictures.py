"""Curves, blocks, table, growth, descent, scores, pixels, filtered pictures: each by a second witness."""

import itertools
import math
import re

import numpy as np
import pytest
from conftest import refusal

from app.counting.counted import open_counted
from app.datasets.little_arrays import CURVE, CURVE_FILTER, DIAGONAL_FILTER, NO_CURVE, X_FILTER, X
from app.scratch.loops import convolve
from app.walk.pictures.blocks import BLOCKS, named_blocks
from app.walk.pictures.curves import FORMULAS, activation_curves, values_and_slopes
from app.walk.pictures.descent import descend
from app.walk.pictures.filtered import drawn_mouse, filter_pictures
from app.walk.pictures.growth import parameter_growth
from app.walk.pictures.pixels import picture_numbers
from app.walk.pictures.residual import residual_walk
from app.walk.pictures.scores import read_scores
from app.walk.pictures.table import connection_table

BY_HAND = {
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": lambda x: (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1),
    "relu": lambda x: max(0, x),
    "leaky_relu": lambda x: x if x > 0 else 0.2 * x,
    "relu6": lambda x: min(max(0, x), 6),
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
    "selu": lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * (math.exp(x) - 1)),
    "softplus": lambda x: math.log(1 + math.exp(x)),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "gelu": lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2))),
    "mish": lambda x: x * math.tanh(math.log(1 + math.exp(x))),
    "softsign": lambda x: x / (1 + abs(x)),
    "hard_sigmoid": lambda x: min(max((x + 3) / 6, 0), 1),
    "hard_silu": lambda x: x * min(max((x + 3) / 6, 0), 1),
    "linear": lambda x: x,
    "exponential": math.exp,
}
PLACES = np.array([-5.3, -2.9, -1.1, -0.4, 0.3, 1.7, 2.8, 5.9, 6.4])
"""Away from the corners of all of them."""


@pytest.mark.parametrize("name", FORMULAS)
def test_curves_are_the_formulas_and_slopes_are_their_differences(name):
    y, slope = values_and_slopes(name, PLACES)
    assert np.allclose(y, [BY_HAND[name](x) for x in PLACES], rtol=1e-6)
    step = 1e-5
    differences = [(BY_HAND[name](x + step) - BY_HAND[name](x - step)) / (2 * step) for x in PLACES]
    assert np.allclose(slope, differences, atol=1e-5)
    assert not np.allclose(slope + 0.01, differences, atol=1e-5)


def test_a_curve_has_its_other_name():
    assert activation_curves(["swish"]).curves[0].name == "silu"


@pytest.mark.parametrize("layers", [1, 2, 5, 7])
def test_a_dense_block_has_every_pair_as_a_connection(layers):
    block = named_blocks(["dense"], layers, growth=3, channels=8).blocks[0]
    if layers == 1:
        assert block.dense is None
        return
    pairs = list(itertools.combinations(range(layers + 1), 2))
    names = (block.dense.source, *block.dense.layers)
    assert sorted((names.index(a), names.index(b)) for a, b in block.dense.links) == pairs
    assert len(pairs) == layers * (layers + 1) // 2
    reads = [
        re.match(r"3·3·(\d+)·3", row.trainable.working)[1] for row in block.sheet.rows if row.kind == "Conv2D"
    ]
    assert list(map(int, reads)) == [8 + 3 * i for i in range(layers)]


def test_the_two_blocks_store_the_same_and_the_bottleneck_less_than_its_width_would():
    plain, residual, bottleneck = named_blocks(["plain", "residual", "bottleneck"]).blocks
    assert plain.sheet.trainable == residual.sheet.trainable == 2 * 9 * 64 * 64
    assert bottleneck.sheet.trainable == 256 * 64 + 9 * 64 * 64 + 64 * 256
    assert (
        named_blocks(["inception"]).blocks[0].sheet.trainable
        == open_counted("inception_block").sheet.trainable
    )


def test_arrows_and_arcs_are_drawn():
    figure = named_blocks(["dense"]).draw()
    assert sum(len(line.get_xdata()) > 50 for line in figure.axes[0].lines) == 15
    assert len(named_blocks().draw().axes) == 2
    assert set(BLOCKS) >= {"plain", "residual", "inception", "dense"}


def texts_of(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_what_enters_the_rectifiers_and_what_comes_out_are_drawn():
    """Each block ends with its rectifier, and y is what comes out of it: the rules say so."""
    for name, rectifiers in (("plain", 2), ("residual", 2), ("projection", 2), ("bottleneck", 3)):
        drawn = texts_of(named_blocks([name]).draw())
        assert {"x", "y"} <= set(drawn)
        assert {f"relu{number + 1}" for number in range(rectifiers)} <= set(drawn)
        assert BLOCKS[name][1].startswith("y = relu(")
    assert "y" not in texts_of(named_blocks(["inception"]).draw())


def test_a_drawn_table_says_what_its_shades_mean():
    figure = connection_table().draw()
    assert figure.get_suptitle() == "LeNet-5: which maps of S2 each map of C3 reads"
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [f"reads {n} of the 6 maps" for n in (3, 4, 6)]
    figure.draw_without_rendering()
    assert figure.bbox.x0 <= legend.get_window_extent().x0 < legend.get_window_extent().x1 <= figure.bbox.x1


def test_the_connection_table_adds_up_to_what_is_counted():
    table = connection_table()
    rows = table.document().blocks[0].rows
    assert sum(cell == "X" for row in rows for cell in row) == 60
    assert table.parameters == open_counted("lenet5").sheet.row("c3").trainable == 1516
    assert [len(read) for read in table.reads] == [3] * 6 + [4] * 9 + [6]
    filled = [p for p in table.draw().axes[0].patches if p.get_facecolor()[:3] != (1, 1, 1)]
    assert len(filled) == 60


def test_a_residual_block_is_its_sums():
    x, first, second = (residual_walk().arrays[name] for name in ("x", "first", "second"))

    def slide(image, kernel):
        padded = np.pad(image, 1)
        return np.array([[(padded[i : i + 3, j : j + 3] * kernel).sum() for j in range(3)] for i in range(3)])

    wanted = np.maximum(slide(np.maximum(slide(x, first), 0), second) + x, 0)
    assert np.array_equal(residual_walk().arrays["y"], wanted)
    assert residual_walk().facts["without weights"] == x.tolist()
    assert "what is below 0 becomes 0" in residual_walk(-x).conclusion[0]


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 1.2])
def test_descent_follows_its_closed_form(rate):
    way = descend([rate], x=1.3, target=2.0, start=-1.0, steps=12).ways[0]
    best = 2.0 / 1.3
    wanted = [best + (-1.0 - best) * (1 - rate * 1.3**2) ** t for t in range(13)]
    assert np.allclose(way.weights, wanted)
    assert ("runs away" in way.verdict) == (rate >= 2 / 1.3**2)


def test_growth_is_that_of_counted_layers():
    growth = parameter_growth([7, 14], channels=3, units=5, kernel=3, filters=4)
    assert growth.dense == [(7 * 7 * 3 + 1) * 5, (14 * 14 * 3 + 1) * 5]
    assert growth.convolution == 4 * 28
    lines = parameter_growth().document().blocks[0].rows
    assert [row[2] for row in lines[1:]] == ["4.00"] * 4


def test_scores_are_read_as_percentages():
    scores = read_scores()
    assert [row[2] for row in scores.document().blocks[0].rows] == ["75 %", "10 %", "10 %", "5 %"]
    assert scores.is_whole
    assert not read_scores([0.5, 0.6]).is_whole
    assert not read_scores([1.5, -0.5]).is_whole


def test_a_picture_is_its_numbers():
    column = picture_numbers(np.array(X)).column
    assert column.tolist() == [cell for row in X for cell in row]
    large = np.arange(480 * 480 * 3).reshape(480, 480, 3) % 256
    numbers = picture_numbers(large, (100, 200))
    assert numbers.piece.shape == (8, 8, 3)
    assert (numbers.piece == large[100:108, 200:208]).all()
    assert numbers.column is None
    assert numbers.names == ("red", "green", "blue")


def test_filtered_pictures_are_sums_of_products():
    rng = np.random.default_rng(0)
    picture, kernel = rng.normal(size=(6, 7, 3)), rng.normal(size=(3, 2, 3))
    for padding in ("valid", "same"):
        made = filter_pictures({"p": picture}, {"k": kernel}, padding).maps["p", "k"]
        assert np.allclose(made, convolve(picture[None], kernel[..., None], padding=padding)[0, ..., 0])
    found = filter_pictures({"curve": CURVE, "none": NO_CURVE}, {"curve": CURVE_FILTER}).maps
    assert [found[name, "curve"].tolist() for name in ("curve", "none")] == [[[6600.0]], [[0.0]]]
    ours = filter_pictures({"mouse": drawn_mouse()}, {"curve": CURVE_FILTER}).maps["mouse", "curve"]
    assert ours.max() == 30 * 50 * 6  # somewhere all six cells of the curve lie on ink


def test_the_scale_of_a_filtered_picture_ends_at_its_largest_number():
    kernels = {"x": X_FILTER, "diagonal": DIAGONAL_FILTER}
    figure = filter_pictures({"x": X}, kernels).draw()
    ends = [axes.get_xlim()[1] for axes in figure.axes if axes.get_xlabel() == "sum of the products"]
    x, largest = np.array(X), []
    for kernel in map(np.array, kernels.values()):
        places = [(r, c) for r in range(len(x) - len(kernel) + 1) for c in range(len(x) - len(kernel) + 1)]
        sums = [(x[r : r + len(kernel), c : c + len(kernel)] * kernel).sum() for r, c in places]
        largest.append(max(map(abs, sums)))
    assert ends == pytest.approx(largest)


def test_the_pattern_of_the_article_is_found_in_each_x():
    from app.datasets.little_arrays import X_DISTORTED, X_OFF_CENTRE

    crosses = {"x": X, "distorted": X_DISTORTED, "off centre": X_OFF_CENTRE}
    found = filter_pictures(crosses, {"x_filter": X_FILTER, "diagonal": DIAGONAL_FILTER}).maps
    assert [found[name, "x_filter"].max() for name in crosses] == [5, 5, 5]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda: activation_curves(["softmax"]), "no curve of 'softmax'"),
        (lambda: activation_curves(low=2, high=1), "not from 2 to 1"),
        (lambda: activation_curves(low=float("nan")), "not from nan"),
        (lambda: named_blocks(["cubist"]), "no block 'cubist'; take plain, residual"),
        (lambda: named_blocks(["dense"], layers=11), "1 to 10 layers"),
        (lambda: descend([0]), "above 0"),
        (lambda: descend(x=0), "x is not 0"),
        (lambda: parameter_growth([28, 14]), "sides grow"),
        (lambda: read_scores([]), "1 to 100 finite numbers"),
        (lambda: read_scores([1, 2], ["a"]), "1 names for 2 numbers"),
        (lambda: picture_numbers(np.zeros((3, 3)), (3, 0)), "rows 0 to 2"),
        (lambda: picture_numbers(np.zeros(3)), "rows, columns"),
        (lambda: filter_pictures({"p": np.eye(2)}, {"k": np.eye(3)}), "does not fit into p"),
        (lambda: filter_pictures({}, {"k": np.eye(3)}), "1 to 8 pictures"),
        (lambda: filter_pictures({"p": np.ones((3, 3, 2))}, {"k": np.ones((2, 2, 3))}), "as many, or 1"),
        (lambda: residual_walk(first=np.eye(2)), "odd number"),
    ],
)
def test_what_makes_no_sense_is_refused(what, message):
    assert message in refusal(what)
