"""Receptive fields as they are drawn: against the exact fields, against tracing back, against brute force."""

import numpy as np
import pytest
from conftest import refusal
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.calculate.chains import read_pixels
from app.calculate.notation import parse_layer
from app.counting.axes import window_of
from app.counting.counted import open_counted
from app.scratch.loops import convolve, transpose
from app.walk.pictures.chains import Chain, network_chain, typed_chain
from app.walk.pictures.fields import field_in_network, field_of_cell, touched_pixels
from app.walk.pictures.stretch import ARTICLE, Stretched, transposed_map

LAYER = st.builds(
    lambda kind, kernel, stride, more: (
        f"{kind}{kernel}/{stride}{more if kind == 'conv' or 'd' not in more else ''}"
    ),
    st.sampled_from(["conv", "pool"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["", ",same", ",p1", ",full", ",d2", ",d2,p2"]),
)


def seen(axis, cell):
    first, bits = axis.cells[cell]
    return {first + i for i in range(bits.bit_length()) if bits >> i & 1}


@settings(max_examples=120, deadline=None)
@given(st.lists(LAYER, min_size=1, max_size=4), st.integers(4, 24), st.integers(0, 30))
def test_what_a_cell_depends_on_is_what_tracing_back_and_the_exact_fields_say(layers, size, place):
    try:
        chain = typed_chain(layers, str(size))
    except ValueError:
        assume(False)
    cell = min(place, chain.sizes[-1][0] - 1)
    maps = chain.read_by((cell, cell))
    windows = [parse_layer(text).windows[0] for text in layers]
    assert maps[0].inside[0] == read_pixels(windows, size, {cell})
    assert maps[0].inside[0] == seen(chain.fields()[-1].axes[0], cell)
    for below, above, link in zip(
        maps, maps[1:], chain.links, strict=False
    ):  # each map from the next one, tap by tap
        window = link.windows[0]
        before = window.sides(below.sizes[0])[0]
        taps = {
            o * window.stride - before + t * window.dilation
            for o in above.inside[0]
            for t in range(window.kernel)
        }
        assert below.cells[0] == taps
        assert min(taps, default=0) >= -below.border[0][0]
        assert max(taps, default=0) < below.sizes[0] + below.border[0][1]


def test_another_padding_reads_other_cells():
    """The comparison above would see it."""
    assert typed_chain(["conv3/2,p1"], "5").read_by((0, 0)) != typed_chain(["conv3/2"], "5").read_by((0, 0))


def test_the_figure_of_article_004():
    drawn = field_of_cell(["conv3/2,p1", "conv3/2,p1"], "5")
    assert [each.sizes for each in drawn.maps] == [(5, 5), (3, 3), (2, 2)]
    assert [each.border for each in drawn.maps] == [((1, 1),) * 2, ((1, 1),) * 2, ((0, 0),) * 2]
    assert [sorted(each.cells[0]) for each in drawn.maps] == [[-1, 0, 1, 2, 3], [-1, 0, 1], [0]]


def test_two_3x3_see_as_much_as_one_5x5():
    two, one = field_of_cell(["conv3", "conv3"], "5"), field_of_cell(["conv5"], "5")
    assert two.maps[0].inside == one.maps[0].inside == (frozenset(range(5)),) * 2


def test_a_figure_says_what_its_colours_mean_and_which_layer_reads_which():
    def legend(figure):
        return [text.get_text() for text in figure.legends[0].get_texts()]

    padded = field_of_cell(["conv3/2,p1", "conv3/2,p1"], "5").draw()
    assert padded.get_suptitle() == "What the marked cell behind 2 layers depends on"
    read = ["the marked cell", "what it depends on", "zeros of the border that are read for it"]
    assert legend(padded) == [*read, "other zeros of the border"]
    assert legend(field_of_cell(["conv3"], "5").draw()) == read[:2]
    dots = touched_pixels(["conv3", "conv3,d2"]).draw()
    assert "each reads the map of the one before" in dots.get_suptitle()
    assert dots.axes[1].get_title() == "layer 2: conv3,d2 on the map of layer 1\nsees 7×7 pixels"


def test_lines_of_a_tree_join_what_is_read():
    drawn = field_of_cell(["conv3", "conv3"], "7", dimensions=1)
    below, above = drawn.lines()
    assert len(below) == 5 * 3
    assert len(above) == 3 * 3
    assert {at for at, _, is_read in below if is_read} == set(drawn.maps[0].inside[0]) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("mnist", "conv3"),
        ("lenet5", "c5"),
        ("vgg16", "conv4_2"),
        ("dilated_context", "layer7"),
        ("tdnn", None),
    ],
)
def test_the_chain_of_a_network_has_its_fields(name, layer):
    try:
        chain = network_chain(name, layer)
    except ValueError as error:
        if "no layer" not in str(error):
            raise
        pytest.skip(str(error))
    sheet = open_counted(name).sheet
    last = sheet.row(chain.links[-1].text)
    assert [axis.windows for axis in chain.fields()[-1].axes] == [axis.windows for axis in last.field.axes]
    middle = chain.place()
    inside = field_in_network(name, layer).maps[0].inside
    for axis, at, cells in zip(last.field.axes, middle, inside, strict=True):
        assert window_of(axis.cells[at]) == (min(cells), max(cells))


def test_dilated_kernels_touch_what_their_formula_says():
    drawn = touched_pixels(["conv3", "conv3,d2", "conv3,d4"])
    for touched, rate, side in zip(drawn.layers, (1, 2, 4), (3, 7, 15), strict=True):
        middle = (drawn.chain.pixels[0] - 1) / 2
        assert touched.dots == ((middle - rate, middle, middle + rate),) * 2
        assert [len(cells) for cells in touched.field] == [side, side]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda: field_of_cell([], "5"), "1 to 40 layers, not 0"),
        (lambda: field_of_cell(["conv9"], "5"), "does not fit"),
        (
            lambda: field_of_cell(["conv3"], "5", (3, 0)),
            "has no cell 3x0; cells are counted from 0, the last one is 2x2",
        ),
        (lambda: field_of_cell(["dense3"], "5"), "not a layer"),
        (lambda: field_of_cell(["conv3"], "9999"), "from 1 to 512"),
        (lambda: field_of_cell(["conv3"], "5", dimensions=3), "along 1 or 2 axes"),
        (lambda: field_in_network("resnet18"), "joins 2 maps; name a layer before it"),
        (lambda: field_in_network("mnist", "flatten"), "name a layer before it"),
        (lambda: field_in_network("mnist", "conv9"), "no layer"),
        (lambda: touched_pixels(["pool2,d2"]), "not known"),
    ],
)
def test_what_cannot_be_drawn_is_refused(what, message):
    assert message in refusal(what)


def test_a_chain_that_is_none_is_found_out():
    """The fields of a network are compared with those of the chain; a chain of another padding has others."""
    chain = network_chain("mnist", "conv2")
    wrong = Chain(chain.name, chain.links[:-1], chain.pixels)
    assert wrong.fields()[-1].parts != open_counted("mnist").sheet.row("conv2").field.parts


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "cut"),
    [(3, 3, 1, 0), (3, 3, 2, 0), (4, 3, 2, 1), (2, 4, 3, 2), (5, 3, 1, 2)],
)
def test_a_convolution_over_the_stretched_map_is_the_transposed_convolution(size, kernel, stride, cut):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(size, size)), rng.normal(size=(kernel, kernel))
    each = transposed_map(size, kernel, stride, cut).maps[0]
    slid = convolve(each.spread(x)[None, ..., None], w[::-1, ::-1, None, None])[0, ..., 0]
    reach = (size - 1) * stride + kernel
    whole = transpose(x[None, ..., None], w[..., None, None], (reach, reach), stride)[0, ..., 0]
    assert np.allclose(slid, whole[cut : reach - cut, cut : reach - cut])
    straight = convolve(each.spread(x)[None, ..., None], w[..., None, None])[0, ..., 0]
    assert not np.allclose(straight, slid)  # without turning the kernel it is something else


def test_the_three_cases_of_the_article():
    assert [(each.size, each.output) for each in ARTICLE] == [(5, 3), (5, 5), (3, 5)]
    assert [int(each.spread(np.ones((each.size,) * 2)).sum()) for each in ARTICLE] == [25, 25, 9]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda: Stretched(0, 3), "1 cell or more"),
        (lambda: Stretched(2, 3, -1), "0 or more"),
        (lambda: Stretched(2, 3), "does not fit into 2 cells; add zeros"),
        (lambda: Stretched(50, 3, 2), "at most 60"),
        (lambda: transposed_map(3, 3, 1, 3), "from 0 to 2 cells are cut off"),
        (lambda: transposed_map(3, 3, 0), "the stride is 1 or more"),
    ],
)
def test_a_map_that_cannot_be_stretched_is_refused(what, message):
    assert message in refusal(what)
