"""A walk as a page: its numbers are all in it, names are only text, nothing is asked of the network."""

import base64
import hashlib
import itertools
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_walks import X, digit, pooling, sliding, softmax

from app.show.frames.frame import Frame, Grid, Mark, Walk, rectangle
from app.show.frames.markup import DEEP, MIDDLE, cells_of, outline
from app.show.frames.page import script_json, write_page
from app.show.frames.page_looks import LOOKS
from app.show.frames.plain import plain_facts, plain_walk, window_of
from app.show.frames.words import signs_of
from app.show.writers.page_style import STYLE

WALKS = {"padded": sliding(X, border=1), "softmax": softmax(), "pooling": pooling()}
EACH_WALK = pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'<!--&lt;\x1b[31m\u202e"


class Reader(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, the scripts, the texts."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.scripts, self.texts = [], {}, []
        self._inside = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._inside = tag
        if tag == "script":
            self.scripts[dict(attributes).get("type", "")] = ""

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside == "script":
            kind = next(a.get("type", "") for t, a in reversed(self.elements) if t == "script")
            self.scripts[kind] += data
        else:
            self.texts.append(data)


def data_of(page):
    return json.loads(Reader(page).scripts["application/json"])


def unlike(walk, data):
    """Return where the numbers of a page differ from those of the walk, to the last digit."""
    found = []
    for number, (frame, plain) in enumerate(zip(walk.frames, data["frames"], strict=True)):
        for part, said in zip(frame.parts, plain["parts"], strict=True):
            if isinstance(part, Grid) and data["numbers"][said["numbers"]] != [list(r) for r in part.values]:
                found.append((number, part.caption))
    return found


@EACH_WALK
def test_the_page_gives_back_the_numbers(walk):
    assert unlike(walk, data_of(write_page(walk))) == []


def test_the_check_sees_a_number_that_differs_in_its_last_digit():
    data = data_of(write_page(WALKS["softmax"]))
    data["numbers"][1][0][0] += 1e-15
    assert unlike(WALKS["softmax"], data) == [(0, "exp(z)"), (1, "exp(z)"), (2, "exp(z)")]


@EACH_WALK
def test_the_page_gives_back_marks_texts_and_what_is_known(walk):
    for frame, plain in zip(walk.frames, plain_walk(walk)["frames"], strict=True):
        assert (plain["title"], plain["section"], plain["working"]) == (
            frame.title,
            frame.section,
            list(frame.working),
        )
        grids = [part for part in plain["parts"] if isinstance(part, dict)]
        for grid, said in zip(frame.grids, grids, strict=True):
            marks = [
                (mark["role"], set(cells_of(mark, grid.rows, grid.columns))) for mark in said.get("marks", ())
            ]
            assert marks == [(mark.role, set(mark.cells)) for mark in grid.marks]
            assert said.get("shown") == grid.shown
            assert tuple(said.get("border", (0, 0, 0, 0))) == grid.border
            assert said["largest"] == grid.strongest


def test_equal_grids_are_stored_once_and_others_are_not():
    walk = sliding(digit(), tone="grey")
    assert len(plain_walk(walk)["numbers"]) == 3
    copies = tuple(Frame("", (Grid("x", [[1.5, 2]]),)) for _ in range(5))
    assert len(plain_walk(Walk("", copies))["numbers"]) == 1
    others = (*copies, Frame("", (Grid("x", [[1.5, 3]]),)))
    assert plain_walk(Walk("", others))["numbers"] == [[[1.5, 2]], [[1.5, 3]]]


def test_a_page_of_many_steps_stays_small():
    walk = sliding(digit(), tone="grey")
    assert len(walk.frames) == 676
    assert len(write_page(walk)) < 700_000


def test_numbers_that_json_lacks_are_texts():
    grid = Grid("x", [[float("nan"), float("inf"), float("-inf"), None, 0.1]])
    page = write_page(Walk("", (Frame("", (grid,)),)))
    assert data_of(page)["numbers"] == [[["NaN", "Infinity", "-Infinity", None, 0.1]]]
    assert "nan</span>" in page
    assert plain_facts({"a": (float("nan"), {2: "b"})}) == {"a": ["NaN", {"2": "b"}]}


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.integers(1, 5)] * 2), st.tuples(*[st.integers(1, 3)] * 2), st.integers(0, 3))
def test_a_window_is_told_from_other_cells(size, steps, place):
    cells = rectangle(place, 2, *size, steps)
    assert rectangle(*window_of(cells)[:4], window_of(cells)[4:]) == cells
    if size[0] > 1 and size[1] > 1:
        assert window_of(cells[1:]) is None


def strange(page):
    """Return the elements and attributes that no name may have added to a page."""
    reader = Reader(page)
    scripts = [attributes for tag, attributes in reader.elements if tag == "script"]
    found = [a for a in scripts if a not in ({"type": "application/json", "id": "data"}, {})]
    found += [
        tag for tag, _ in reader.elements if tag in ("img", "iframe", "object", "embed", "base", "form")
    ]
    found += [name for _, attributes in reader.elements for name in attributes if name.startswith("on")]
    return found + (["scripts"] if len(scripts) != 2 else [])


def hostile_walk():
    mark = Mark("window", ((0, 0),))
    large = Grid(HOSTILE, [[0] * 30] * 30, (mark,), note=HOSTILE)
    frame = Frame(HOSTILE, (Grid(HOSTILE, [[1]], (mark,), note=HOSTILE), HOSTILE, large), (HOSTILE,), HOSTILE)
    return Walk(HOSTILE, (frame, frame), (HOSTILE,), (HOSTILE,), {HOSTILE: HOSTILE})


def test_names_are_only_text():
    page = write_page(hostile_walk())
    assert strange(page) == []
    shown = HOSTILE.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    assert data_of(page)["title"] == shown
    assert "".join(Reader(page).texts).count(shown) >= 10
    assert "\x1b" not in page


@pytest.mark.parametrize(("less", "greater"), [("&lt;", "&gt;"), ("\\u003c", "\\u003e")])
def test_the_check_sees_a_name_that_is_not_escaped(less, greater):
    page = write_page(hostile_walk()).replace(less, "<").replace(greater, ">")
    assert strange(page) != []


@given(st.text())
def test_no_text_ends_the_script_element(text):
    written = script_json({"a": text})
    assert not set(written) & {*"<>&"}
    assert written.isascii()
    assert json.loads(written) == {"a": text}


def test_the_policy_allows_the_pages_own_script_and_no_request():
    page = write_page(WALKS["padded"])
    reader = Reader(page)
    policy = next(
        a["content"] for t, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    script = base64.b64encode(hashlib.sha256(reader.scripts[""].encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{script}'"
    assert rules["img-src"] == "data:"
    links = [a[k] for _, a in reader.elements for k in ("src", "href") if k in a]
    assert links == ["data:,"]
    assert set(re.findall(r"\w+://[^\s\"']*", page)) == {"http://www.w3.org/2000/svg"}


def test_the_first_step_and_the_last_stand_there_without_a_script():
    walk = WALKS["padded"]
    static = re.sub(r"<script.*?</script>", "", write_page(walk), flags=re.S)
    assert "Step 1 of 25: row 0, column 0" in static
    assert "Step 25 of 25: row 4, column 4" in static
    assert "Step 2 of 25" not in static
    assert "Without JavaScript" in static
    assert walk.frames[0].working[0] in static
    assert walk.frames[-1].working[0] in static


def test_a_table_has_headers_and_says_what_is_marked():
    page = write_page(WALKS["padded"])
    stage = page.split('id="stage"')[1].split("</section>")[0]
    assert stage.count("<table") == stage.count("aria-label=") - 1 == 3
    x = stage.split("<table")[1]
    assert x.count("<tr") == 1 + 7
    assert re.findall(r'<th scope="col">(\d)</th>', x) == ["0", "1", "2", "3", "4"]
    assert x.count('<th scope="col"><span class="sr">border</span></th>') == 2
    assert x.count(" window</span>") == 9
    assert x.count("border, window") == 5
    assert len(re.findall(r'<td class="[^"]*\bwt\b', x)) == 3


def test_a_large_grid_is_a_picture_with_a_label():
    page = write_page(sliding(digit(), tone="grey"))
    static = page.split('id="final"')[1].split("</section>")[0]
    labels = re.findall(r'<svg [^>]*aria-label="([^"]*)"', static)
    assert labels == [
        "X: 28 rows, 28 columns, drawn as a picture; window: rows 25 to 27, columns 25 to 27",
        "Y = X ∗ K: 26 rows, 26 columns, drawn as a picture; result: row 25, column 25, 0",
    ]


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_an_outline_is_as_long_as_the_cells_are_open(cells):
    pairs = sum((r + i, c + j) in cells for r, c in cells for i, j in ((0, 1), (1, 0)))
    assert len(re.findall("h1|v1", outline(cells))) == 4 * len(cells) - 2 * pairs


def test_the_legend_says_what_occurs():
    assert signs_of([Grid("x", [[1]])]) == []
    assert signs_of([Grid("x", [[1, 2]], shown=1)]) == ["unknown"]
    assert signs_of([Grid("x", [[1, 2]], shown=2), Grid("x", [[None]])]) == ["unknown"]
    page = write_page(WALKS["pooling"])
    assert "the cell of the window that decides" in page
    assert "zeros around the map" not in page


def variables(sheet):
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", sheet))


def modes():
    """The colours of the page, light and dark."""
    both = STYLE.split("@media print")[0] + LOOKS.split("main {")[0]
    dark = "".join(re.findall(r"prefers-color-scheme: dark\) \{\s*(:root \{.*?\})", both, re.S))
    light = variables(re.sub(r"@media[^{]*dark\) \{\s*:root \{.*?\}", "", both, flags=re.S))
    return {"light": light, "dark": {**light, **variables(dark)}}


def bytes_of(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def mixed(one, other, share):
    return [share * a + (1 - share) * b for a, b in zip(bytes_of(one), bytes_of(other), strict=True)]


def contrast(one, other):
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), the lighter one above."""
    lights = []
    for colour in (one, other):
        parts = [
            c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour
        ]
        lights.append(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05)
    return max(lights) / min(lights)


def test_the_contrast_is_the_one_of_the_standard():
    assert contrast([255] * 3, [0] * 3) == pytest.approx(21)
    assert contrast(bytes_of("#767676"), [255] * 3) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_numbers_are_read_on_every_colour_of_a_cell(mode):
    colours = modes()[mode]
    assert colours["zero"] == {"light": "#ffffff", "dark": "#0c0f12"}[mode]
    for share, end in itertools.product([i / 100 for i in range(101)], ("above", "below")):
        letters = bytes_of(colours["letters"])
        assert contrast(letters, mixed(colours[end], colours["zero"], share)) >= 4.5, (end, share)
    for share in [i / 1000 for i in range(1001)]:
        ink = "black" if share <= MIDDLE else "white" if share > DEEP else ""
        letters = bytes_of(colours[ink]) if ink else [0, 0, 0]
        assert contrast(letters, mixed(colours["black"], colours["white"], share)) >= 4.5, share
