"""Pictures as SVG: well formed, to scale, nothing on top of anything else."""

import itertools
from xml.etree import ElementTree

import pytest
from counted_networks import SHEETS
from hypothesis import given, settings
from hypothesis import strategies as st

from app.counting.chalkboard import nn
from app.counting.count import Count
from app.counting.counted import open_counted
from app.counting.rows import Row, Sheet
from app.show.drawings import count_drawings, draw_dense_blocks, draw_fields, draw_shares
from app.show.drawings.bars import MOST_BARS, draw_panel
from app.show.drawings.dense import MOST_LAYERS
from app.show.drawings.layout import place_boxes
from app.show.drawings.unseen import unseen_rectangles
from app.show.svg import Picture
from models.densenet import dense_block

SVG = "{http://www.w3.org/2000/svg}"


def parse(drawing):
    return ElementTree.fromstring(drawing.svg)


def texts(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def rectangles(root, style):
    return [
        tuple(float(e.get(k)) for k in ("x", "y", "width", "height"))
        for e in root.iter(f"{SVG}rect")
        if e.get("class") == f"cl-{style}"
    ]


graphs = (
    st.integers(1, 14)
    .flatmap(lambda n: st.tuples(*[st.sets(st.integers(0, max(i - 1, 0)), max_size=3) for i in range(n)]))
    .map(lambda g: {str(i): [str(s) for s in sources if s < i] for i, sources in enumerate(g)})
)


@settings(deadline=None, max_examples=300)
@given(graphs)
def test_boxes_and_passing_lines_never_share_a_place(graph):
    layout = place_boxes(graph)
    places = [(layout.levels[name], layout.lanes[name]) for name in graph]
    last = {n: max((layout.levels[t] for t in graph if n in graph[t]), default=0) for n in graph}
    for name, lane in layout.passes.items():
        places += [(level, lane) for level in range(layout.levels[name] + 1, last[name])]
    assert len(set(places)) == len(places)
    for name, sources in graph.items():
        assert all(layout.levels[source] < layout.levels[name] for source in sources)


def test_a_shortcut_runs_beside_the_main_path():
    layout = place_boxes({"a": [], "b": ["a"], "c": ["b"], "add": ["c", "a"]})
    assert [layout.lanes[n] for n in ("a", "b", "c", "add")] == [0, 0, 0, 0]
    assert layout.passes == {"a": 1}


def test_hostile_names_stay_text():
    name = '</text><script>alert("x")</script>&amp;'
    rows = (Row("a", "InputLayer", (3, 3, 1)), Row(name, "Dense", (1,), trainable=Count(9), inputs=("a",)))
    for drawing in count_drawings(Sheet(name, rows, ())):
        root = parse(drawing)
        assert not list(root.iter(f"{SVG}script"))
    assert any(name in texts(parse(drawing)) for drawing in count_drawings(Sheet("s", rows, ())))


def test_control_characters_are_drawn_as_escapes():
    rows = (Row("a\x1b[31m\ud800", "Dense", (3,), trainable=Count(9)),)
    drawing = draw_shares(Sheet("s\x00", rows, ()))[0]
    assert "a\\x1b[31m\\ud800" in texts(parse(drawing))


def long_sheet(n):
    rows = [Row("image", "InputLayer", (32, 32, 3))]
    for i in range(n):
        size = 32 // (1 + i * 4 // n)
        rows.append(
            Row(
                f"conv{i}",
                "Conv2D",
                (size, size, 8),
                trainable=Count(i + 1),
                inputs=(rows[-1].name, rows[max(0, i - 9)].name),
            )
        )
    return Sheet("long", tuple(rows), ())


def test_bars_are_as_long_as_their_share():
    sheet = open_counted("mnist").sheet
    parameters, macs = map(parse, draw_shares(sheet))
    for root, style, values in (
        (parameters, "one", [r.parameters for r in sheet.rows if r.parameters]),
        (macs, "two", [r.multiply_accumulates for r in sheet.rows if r.multiply_accumulates]),
    ):
        widths = [w for _, _, w, _ in rectangles(root, style)]
        longest = max(widths)
        assert [w / longest for w in widths] == pytest.approx([v / max(values) for v in values], abs=1e-3)
    assert any("36,928 · 39.6 %" in text for text in texts(parameters))


def test_very_many_bars_are_the_largest_and_the_sum_of_the_others():
    root = parse(draw_shares(long_sheet(500))[0])
    names = texts(root)
    assert f"the other {500 - MOST_BARS} layers" in names
    shown = [int(t.split(" ")[0].replace(",", "")) for t in names if t.endswith(" %")]
    assert sum(shown) == sum(range(1, 501))


def test_a_network_without_parameters_has_no_bars():
    sheet = nn.Sequential([nn.Input((4, 4, 1)), nn.MaxPooling2D(2)]).sheet()
    assert draw_shares(sheet) == []


def test_fields_are_drawn_to_scale_and_the_unseen_border_is_hatched():
    sheet = open_counted("mnist").sheet
    (drawing,) = draw_fields(sheet)
    root = parse(drawing)
    scale = 300 / 28
    widths = sorted(round(w / scale) for _, _, w, _ in rectangles(root, "ring"))
    assert widths == [3, 4, 8, 10, 18]
    hatched = [float(e.get("x1")) for e in root.iter(f"{SVG}line")]
    assert hatched
    whole = nn.Sequential([nn.Input((9, 9, 1)), nn.Conv2D(1, 3)]).sheet()
    assert not list(parse(draw_fields(whole)[0]).iter(f"{SVG}line"))


def looking(kernels, strides):
    """A network whose outputs look at a 12×10 image through one window each."""
    image = nn.Input((12, 10, 1), name="image")
    pairs = zip(kernels, strides, strict=True)
    return nn.Model(image, [nn.Conv2D(1, k, strides=s)(image) for k, s in pairs]).sheet()


windows = st.lists(
    st.tuples(*[st.integers(1, 5)] * 4), min_size=1, max_size=3
)  # kernel and stride, rows and columns


@settings(deadline=None, max_examples=60)
@given(windows)
def test_what_is_hatched_is_exactly_what_no_output_sees(found):
    """Held against the pixels that each output cell reads, and against the number that is reported."""
    kernels, strides = [f[:2] for f in found], [f[2:] for f in found]
    sheet = looking(kernels, strides)
    seen = {
        (o * s + a, p * t + b)
        for (k, m), (s, t) in zip(kernels, strides, strict=True)
        for o in range((12 - k) // s + 1)
        for p in range((10 - m) // t + 1)
        for a in range(k)
        for b in range(m)
    }
    fields = [sheet.row(name).fields["image"] for name in sheet.outputs]
    hatched = {
        (row, column)
        for top, bottom, left, right in unseen_rectangles(fields)
        for row in range(top, bottom)
        for column in range(left, right)
    }
    assert hatched == {(i, j) for i in range(12) for j in range(10)} - seen
    assert len(hatched) == sheet.unseen()["image"].count


def test_gaps_between_windows_are_hatched_too():
    """A 1×1 window with stride 2 on 6 cells leaves three rows and three columns, a line each."""
    sheet = nn.Sequential([nn.Input((6, 6, 1)), nn.Conv2D(1, 1, strides=2)]).sheet()
    field = sheet.rows[-1].field
    assert unseen_rectangles([field]) == [
        *[(row, row + 1, 0, 6) for row in (1, 3, 5)],
        *[(0, 6, n, n + 1) for n in (1, 3, 5)],
    ]
    wide = nn.Sequential([nn.Input((224, 224, 1)), nn.Conv2D(1, 1, strides=2)]).sheet()
    lines = list(parse(draw_fields(wide)[0]).iter(f"{SVG}line"))
    assert len(lines) == 112 + 112


def test_every_rectangle_is_hatched_however_thin():
    for width, height in ((300, 1), (1, 300), (1, 1), (3.9, 3.9), (4, 4), (50, 20)):
        picture = Picture("p")
        picture.hatch(10, 20, width, height)
        lines = list(ElementTree.fromstring(picture.finish(400, 400)).iter(f"{SVG}line"))
        assert lines
        for line in lines:
            assert all(10 <= float(line.get(k)) <= 10 + width + 0.06 for k in ("x1", "x2"))
            assert all(20 <= float(line.get(k)) <= 20 + height + 0.06 for k in ("y1", "y2"))


def test_a_caption_does_not_say_again_what_is_drawn():
    sheet = open_counted("mnist").sheet
    for drawing in [*draw_shares(sheet), draw_panel("Parameters", [("mnist", 93_322)])]:
        assert not any(text in drawing.caption for text in texts(parse(drawing)) if len(text) > 5)


@pytest.mark.parametrize("layers", [2, 5, MOST_LAYERS])
def test_a_dense_block_has_an_arc_for_each_direct_connection(layers):
    sheet = dense_block(nn, layers, 3, (8, 8, 6)).sheet()
    (drawing,) = draw_dense_blocks(sheet)
    root = parse(drawing)
    boxes = {}
    for x, y, width, height in rectangles(root, "plain") + rectangles(root, "box"):
        boxes[round(x)] = (x, x + width, y, height)
    edges = [box[:2] for _, box in sorted(boxes.items())]
    drawn = []
    for path in root.iter(f"{SVG}path"):
        if path.get("class") == "cl-edge":
            points = [tuple(map(float, p.split())) for p in path.get("d")[1:].split(" L")]
            ends = [
                next(i for i, (left, right) in enumerate(edges) if left < x < right)
                for x, _ in (points[0], points[-1])
            ]
            drawn.append(tuple(ends))
            assert min(y for _, y in points) >= 0
    assert sorted(drawn) == list(itertools.combinations(range(layers + 1), 2))
    assert len(drawn) == layers * (layers + 1) // 2
    assert f"= {len(drawn)} direct connections" in drawing.caption
    assert f"{3} maps" in texts(root)
    assert edges[-1][1] <= float(root.get("width"))


def test_arrows_of_one_box_do_not_end_in_one_point():
    root = parse(draw_dense_blocks(dense_block(nn, 5).sheet())[0])
    ends = [p.get("d").split(" L")[-1] for p in root.iter(f"{SVG}path") if p.get("class") == "cl-edge"]
    assert len(set(ends)) == len(ends)


def test_other_networks_and_very_long_blocks_have_no_arcs():
    assert draw_dense_blocks(SHEETS["googlenet"]) == []
    assert draw_dense_blocks(dense_block(nn, MOST_LAYERS + 1).sheet()) == []
    assert len(draw_dense_blocks(SHEETS["densenet121"])) == 2


def test_without_maps_there_are_no_fields():
    assert draw_fields(nn.Sequential([nn.Input((4,)), nn.Dense(2)]).sheet()) == []
