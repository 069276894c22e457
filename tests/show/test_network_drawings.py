"""A network as a picture: nothing left out of the sums, nothing on top of anything else, every line straight."""

import itertools
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from counted_networks import SHEETS
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from app.counting.chalkboard import nn
from app.counting.count import Count
from app.counting.rows import Row, Sheet
from app.show.canvas import figure_bytes
from app.show.drawings import network_drawing
from app.show.drawings.arrange import Arranger
from app.show.drawings.figures import draw_network, fit_network, room_for
from app.show.drawings.flow import Label, Network, Size
from app.show.drawings.layout import place_boxes
from app.show.drawings.repeats import ALIKE, MOST_STAGES, PACKED, SAME, STAGES, WHOLE, shorten
from app.show.drawings.steps import Step, list_steps
from app.show.drawings.u_shape import u_layout
from app.show.paper import Paper, on_paper
from models import CATALOGUE
from models.resnet import resnet18
from models.titles import TITLES, network_title

SVG = "{http://www.w3.org/2000/svg}"
EACH_NETWORK = pytest.mark.parametrize("name", SHEETS)
SOME = ("lenet5", "googlenet", "googlenet_with_heads", "resnet50", "densenet121", "dense_block", "vae_mnist")


def u_net(depth=3):
    """An encoder and a decoder with lines across."""
    x = start = nn.Input((32, 32, 1), name="image")
    across = []
    for i in range(depth):
        x = nn.Conv2D(4 << i, 3, padding="same", activation="relu", name=f"down{i}_a")(x)
        x = nn.Conv2D(4 << i, 3, padding="same", activation="relu", name=f"down{i}_b")(x)
        across.append(x)
        x = nn.MaxPooling2D(2, name=f"pool{i}")(x)
    x = nn.Conv2D(4 << depth, 3, padding="same", name="bottom")(x)
    for i in reversed(range(depth)):
        x = nn.Conv2DTranspose(4 << i, 2, strides=2, name=f"up{i}")(x)
        x = nn.Concatenate(name=f"join{i}")([across[i], x])
        x = nn.Conv2D(4 << i, 3, padding="same", activation="relu", name=f"up{i}_a")(x)
    return nn.Model(start, nn.Conv2D(2, 1, name="classes")(x), name="u_net").sheet()


# -- what is told -------------------------------------------------------------------------------------------


@EACH_NETWORK
@pytest.mark.parametrize("how", [WHOLE, SAME, ALIKE, PACKED, STAGES])
def test_no_layer_and_no_parameter_is_left_out(name, how):
    """However short the drawing: its boxes add up to the count, which is worked out without them."""
    steps, frames = shorten(list_steps(SHEETS[name]), how)
    assert sum(step.layers for step in steps) == len(SHEETS[name].rows)
    assert sum(n for step in steps for n in step.parameters) == SHEETS[name].parameters
    names = [step.name for step in steps]
    assert len(set(names)) == len(names)
    for i, step in enumerate(steps):
        assert set(step.inputs) <= set(names[:i])
    assert all(set(frame.names) <= set(names) for frame in frames)
    assert how < STAGES or len(steps) <= MOST_STAGES


def test_an_activation_and_a_normalisation_stand_in_the_box_of_their_layer():
    steps = {step.name: step for step in list_steps(SHEETS["resnet18"])}
    first = steps["conv1_conv"]
    assert (first.what, first.also) == ("7×7 conv, 64, /2", ("batch norm", "ReLU"))
    assert first.parameters == (7 * 7 * 3 * 64 + 4 * 64,)
    assert steps["pool1"].what == "3×3 max pool, /2"
    assert steps["conv2_1_add"].inputs == ("conv2_1_2_conv", "pool1")
    before = {step.name: step for step in list_steps(SHEETS["densenet121"])}["block1_2_narrow_conv"]
    assert before.also == (
        "batch norm",
        "ReLU",
    )  # of the layer that they are made for, not of the concatenation


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("densenet121", [6, 12, 24, 16]),  # table 1 of the paper
        ("densenet201", [6, 12, 48, 32]),
        ("resnet50", [2, 3, 5, 2]),  # table 1 has 3, 4, 6, 3: the first of each has its own shortcut
        ("resnet152", [2, 7, 35, 2]),
        ("resnet110", [18, 17, 17]),
    ],
)
def test_blocks_are_repeated_as_often_as_the_papers_say(name, times):
    assert [frame.times for frame in shorten(list_steps(SHEETS[name]), SAME)[1]] == times


def test_layers_of_a_chain_are_repeated_as_in_the_table_of_vgg():
    steps, frames = shorten(list_steps(SHEETS["vgg16"]), SAME)
    assert not frames
    assert [step.times for step in steps if step.kind == "conv"] == [2, 2, 3, 3, 3]


def test_the_modules_of_googlenet_are_alike_and_not_the_same():
    steps = list_steps(SHEETS["googlenet"])
    assert shorten(steps, SAME)[1] == []
    alike, frames = shorten(steps, ALIKE)
    assert [frame.times for frame in frames] == [2, 5, 2]
    (reduce,) = [step for step in alike if step.name == "inception_4a_3x3_reduce"]
    assert reduce.what == "1×1 conv, 96–160"
    assert reduce.filters == (96, 112, 128, 144, 160)  # table 1 of the paper, column "#3×3 reduce"


def test_a_block_with_another_number_ends_the_repetition():
    steps = list_steps(resnet18(nn).sheet())
    assert [f.times for f in shorten(steps, SAME)[1]] == [2]
    changed = [replace(s, filters=(65,)) if s.name == "conv2_2_1_conv" else s for s in steps]
    assert shorten(changed, SAME)[1] == []


def test_every_network_has_a_title_and_no_title_is_without_a_network():
    assert set(TITLES) == set(CATALOGUE)
    assert len(set(TITLES.values())) == len(TITLES)
    assert network_title("lenet5") == "LeNet-5 (LeCun et al., 1998)"


# -- where it is drawn --------------------------------------------------------------------------------------


def faults(flow, steps):
    """Return what is wrong with a layout: boxes on boxes, lines through boxes, slanted lines, what lies outside."""
    found = []
    boxes = {name: (p.left, p.top, p.right, p.bottom) for name, p in flow.places.items()}
    for (a, first), (b, second) in itertools.combinations(boxes.items(), 2):
        if min(first[2], second[2]) > max(first[0], second[0]) + 1e-6 and (
            min(first[3], second[3]) > max(first[1], second[1]) + 1e-6
        ):
            found.append(f"{a} lies on {b}")
    for line in flow.lines:
        for (x1, y1), (x2, y2) in itertools.pairwise(line):
            if abs(x1 - x2) > 1e-6 and abs(y1 - y2) > 1e-6:
                found.append(f"a line leads from {x1, y1} to {x2, y2}")
            for name, (left, top, right, bottom) in boxes.items():
                is_apart = max(x1, x2) <= left + 1e-6 or min(x1, x2) >= right - 1e-6
                if not is_apart and max(y1, y2) > top + 1e-6 and min(y1, y2) < bottom - 1e-6:
                    found.append(f"a line leads through {name}")
        points = [*line]
        if not all(0 <= x <= flow.width + 1e-6 and 0 <= y <= flow.height + 1e-6 for x, y in points):
            found.append("a line leaves the picture")
    wanted = sorted((source, step.name) for step in steps for source in step.inputs)
    if sorted(filter(None, (ends(line, boxes) for line in flow.lines))) != wanted:
        found.append("the lines do not lead where they should")
    return found


def ends(line, boxes):
    """Return which boxes a line joins."""

    def at(point):
        x, y = point
        return [
            name
            for name, (left, top, right, bottom) in boxes.items()
            if left - 1e-6 <= x <= right + 1e-6 and top - 1e-6 <= y <= bottom + 1e-6
        ]

    begin, end = at(line[0]), at(line[-1])
    return (begin[0], end[0]) if begin and end else None


@EACH_NETWORK
@pytest.mark.parametrize("style", ["boxes", "volumes"])
def test_nothing_lies_on_anything_else(name, style):
    with on_paper(Paper()):
        drawn = fit_network(SHEETS[name], style, room_for())
    assert faults(drawn.flow, drawn.steps) == []
    for left, top, width, height, _ in drawn.flow.frames:
        inside = [p for p in drawn.flow.places.values() if p.right > left and p.left < left + width]
        for place in inside:  # beside the frame, or wholly in it
            is_in = top <= place.top and place.bottom <= top + height and place.right <= left + width
            assert is_in or place.bottom < top + 1e-6 or place.top > top + height - 1e-6


def test_the_check_of_a_layout_sees_what_is_wrong():
    with on_paper(Paper()):
        drawn = fit_network(SHEETS["resnet18"], "boxes", room_for())
    flow, steps = drawn.flow, drawn.steps
    place = flow.places["conv2_1_1_conv"]
    flow.places["conv2_1_1_conv"] = replace(place, x=place.x + 0.4)
    assert faults(flow, steps)
    flow.places["conv2_1_1_conv"] = place
    assert not faults(flow, steps)
    flow.lines[3][-1] = (flow.lines[3][-1][0], flow.lines[3][-1][1] + 0.02)
    assert any(fault.startswith("a line leads from") for fault in faults(flow, steps))
    del flow.lines[3]
    assert faults(flow, steps) == ["the lines do not lead where they should"]


graphs = (
    st.integers(1, 14)
    .flatmap(lambda n: st.tuples(*[st.sets(st.integers(0, max(i - 1, 0)), max_size=3) for i in range(n)]))
    .map(lambda g: {str(i): [str(s) for s in sources if s < i] for i, sources in enumerate(g)})
)


@settings(deadline=None, max_examples=150)
@given(graphs, st.sampled_from(["other", "sign", "concat"]), st.floats(1.5, 30))
def test_no_line_of_any_graph_leads_through_a_box(graph, kind, widest):
    steps = [Step(name, kind, name, inputs=tuple(sources)) for name, sources in graph.items()]
    sizes = {step.name: Size(0.5, 0.2, 0.2) for step in steps}
    labels = {step.name: Label("8×8×8", 0.4) for step in steps}
    network = Network({step.name: step for step in steps}, place_boxes(graph), sizes, labels, ())
    arranger = Arranger(network)
    rows = arranger.fold(widest)
    flow = arranger.arrange(rows)
    assert [level for levels in rows for level in levels] == list(range(arranger.depth))
    assert faults(flow, steps) == []
    assert arranger.measure(rows) == pytest.approx((flow.width, flow.height))


def test_a_u_is_drawn_as_a_u():
    """Lines across are one straight piece, and each depth lies below the one before it."""
    sheet = u_net()
    with on_paper(Paper(is_slide=True)):
        drawn = fit_network(sheet, "boxes", room_for())
    assert faults(drawn.flow, drawn.steps) == []
    places = drawn.flow.places
    heights = [places[name].y for name in ("join0", "join1", "join2", "bottom")]
    assert heights == sorted(set(heights))
    straight = [line for line in drawn.flow.lines if len(line) == 2 and line[0][1] == line[1][1]]
    across = [line for line in straight if any(line[1][0] == places[f"join{i}"].left for i in range(3))]
    assert len(across) == 3
    assert u_layout(list_steps(SHEETS["resnet18"])) is None


# -- how it looks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("is_slide", [False, True])
def test_no_words_stand_out_of_their_box_or_off_the_picture(name, is_slide):
    with on_paper(Paper(is_slide=is_slide)):
        figure = draw_network(SHEETS[name], "boxes", network_title(name))
        figure.draw_without_rendering()
    (axes,) = figure.get_axes()
    boxes = [patch.get_window_extent() for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    for text in axes.texts:
        extent = text.get_window_extent()
        assert min(extent.x0, extent.y0) >= 0
        assert extent.x1 <= figure.bbox.x1
        assert extent.y1 <= figure.bbox.y1
        middle = (extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2
        own = [box for box in boxes if box.contains(*middle)]
        if own and not text.get_text().startswith("×"):
            assert min(own, key=lambda box: box.width).width >= extent.width * 0.99


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet121", "vgg16", "alexnet", "resnet18"])
def test_large_networks_fit_a_page_and_a_slide_in_letters_that_can_be_read(name):
    for paper, least in ((Paper(), 5.5), (Paper(is_slide=True), 7.0)):
        with on_paper(paper):
            drawn = fit_network(SHEETS[name], "boxes", room_for("title"))
            figure = draw_network(SHEETS[name], "boxes", "title")
        wide, high = figure.get_size_inches()
        assert wide <= 8
        assert high <= 10.01
        points = 7.5 * drawn.scale * (13.333 / wide if paper.is_slide else 1)
        assert points >= least
        assert not drawn.is_packed


def test_the_slabs_of_a_u_are_read_on_a_slide_and_no_words_lie_on_others():
    with on_paper(Paper(is_slide=True)):
        figure = draw_network(u_net(4), "volumes", "title")
        figure.draw_without_rendering()
    (axes,) = figure.get_axes()
    assert min(text.get_fontsize() for text in axes.texts) * 13.333 / figure.get_figwidth() >= 7
    extents = [text.get_window_extent() for text in axes.texts]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(extents, 2))
    assert all(figure.bbox.x0 <= each.x0 and each.x1 <= figure.bbox.x1 for each in extents)
    slabs = [patch.get_window_extent() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert not any(slab.overlaps(each) for slab in slabs for each in extents if each.width > each.height)


@pytest.mark.parametrize("name", ["resnet50", "resnet18"])
def test_blocks_of_rows_stand_below_each_other_and_fill_the_width(name):
    with on_paper(Paper()):
        drawn = fit_network(SHEETS[name], "boxes", room_for("title"))
    rows = {}
    for step in drawn.steps:
        place = drawn.flow.places[step.name]
        rows.setdefault(round(place.y, 3), []).append((round(place.left, 3), step.kind))
    begins = [tuple(sorted(row)) for row in rows.values()]
    blocks = [row for row in begins if [kind for _, kind in row[:2]] == ["conv", "conv"]]
    assert len(blocks) >= 4
    assert len({row[:2] for row in blocks}) == 1
    ends = [
        max(
            drawn.flow.places[s.name].right for s in drawn.steps if round(drawn.flow.places[s.name].y, 3) == y
        )
        for y in rows
    ]
    assert np.median(ends) > 0.8 * drawn.flow.width


def test_a_picture_is_as_wide_as_was_asked_for():
    for width in (4.0, 12.0):
        with on_paper(Paper(width=width)):
            figure = draw_network(SHEETS["resnet18"])
        assert figure.get_figwidth() <= width + 0.01
    with on_paper(Paper(title="Mine", is_slide=True)):
        figure = draw_network(SHEETS["mnist"], "volumes", "Theirs")
        assert figure.get_suptitle() == "Mine"
        content = figure_bytes(figure, ".svg")
    root = ElementTree.fromstring(content)
    width, height = (float(root.get(side).removesuffix("pt")) for side in ("width", "height"))
    assert width / height == pytest.approx(16 / 9, rel=1e-3)


def test_an_unknown_style_is_refused():
    with pytest.raises(ValueError, match="drawn as boxes or volumes, not as 'cubes'"):
        draw_network(SHEETS["mnist"], "cubes")


def test_slabs_follow_the_sizes_of_the_maps():
    with on_paper(Paper()):
        drawn = fit_network(SHEETS["vgg16"], "volumes", room_for())
    solids = {step.name: drawn.form.solid(step) for step in drawn.steps}
    thick, high, deep = zip(
        *(solids[name] for name in ("conv1_1", "conv2_1", "conv3_1", "conv5_1")), strict=True
    )
    assert list(thick) == sorted(set(thick))  # 64, 128, 256, 512 channels
    assert list(high) == sorted(set(high), reverse=True)  # 224, 112, 56, 14 rows
    assert list(deep) == sorted(set(deep), reverse=True)
    assert solids["fc8"][1] < solids["fc6"][1]  # 1,000 units below 4,096


# -- strangers' networks ------------------------------------------------------------------------------------


def long_sheet(n):
    rows = [Row("image", "InputLayer", (32, 32, 3))]
    for i in range(n):
        size = 32 // (1 + i * 4 // n)
        inputs = (rows[-1].name, rows[max(0, i - 9)].name)
        rows.append(Row(f"conv{i}", "Conv2D", (size, size, 8), trainable=Count(i + 1), inputs=inputs))
    return Sheet("long", tuple(rows), ())


@pytest.mark.parametrize("n", [1, 60, 3_000])
def test_a_tangle_of_many_layers_is_drawn_all_the_same(n):
    with on_paper(Paper()):
        drawn = fit_network(long_sheet(n), "boxes", room_for())
    assert sum(step.layers for step in drawn.steps) == n + 1
    assert faults(drawn.flow, drawn.steps) == []


def test_hostile_names_stay_text_and_follow_the_page_into_the_dark():
    names = ['</text><script>alert("x")</script>&amp;', "a\x1b[31m\ud800", "$x^2$ --> {0} %s 猫", "_" * 200]
    rows = [Row(names[0], "InputLayer", (3, 3, 1))]
    for before, name in itertools.pairwise(names):
        rows.append(Row(name, "Dense{}", (3, 3, 1), trainable=Count(9), inputs=(before,)))
    drawing = network_drawing(Sheet('"><b>', tuple(rows), ()), '"><b>')
    root = ElementTree.fromstring(drawing.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert root.get("aria-label") == 'The network "><b>'
    assert "var(--paper, #ffffff)" in drawing.svg
    assert "var(--ink, #222222)" in drawing.svg


def test_two_pictures_of_one_network_are_the_same():
    first, second = (network_drawing(SHEETS["lenet5"], "LeNet-5") for _ in range(2))
    assert first == second


def test_a_layer_that_is_read_before_it_is_made_does_not_hang():
    rows = (
        Row("a", "InputLayer", (4, 4, 1)),
        Row("b", "Conv2D", (4, 4, 1), inputs=("c", "b", "nobody")),
        Row("c", "Add", (4, 4, 1), inputs=("a", "b")),
    )
    assert isinstance(draw_network(Sheet("s", rows, ("c",))), Figure)
