"""Each format is read back by a parser that is not ours; no number and no name may be lost."""

import csv
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from app.commands.reports import choose_format
from app.show import writers
from app.show.document import Document, Drawing, Paragraph, Table
from app.show.signs import SIGNS, to_ascii
from app.show.writers import WRITERS, Writer, write_document
from app.show.writers.csv import write as write_csv
from app.show.writers.tex_escapes import escape as escape_tex
from app.show.writers.text import wrap
from app.untrusted.text import visible

TEXTS = [name for name, writer in WRITERS.items() if not writer.is_binary]
HOSTILE = [
    "conv_1",
    "_x_",
    "*a*",
    "a|b",
    "a\\b",
    "<script>alert(1)</script>",
    "&amp;",
    "&lt;",
    "`code`",
    "[link](http://x)",
    "a~~b~~",
    "$x^2$",
    "_%$#&{}~^\\",
    "卷积层",
    "étage_ß",
    "\"'",
    ":smile:",
    "# x",
    "--",
    "``x''",
    "?`!`",
    "=1+1",
    "- item",
    "1. item",
    "a  b",
    "</td>",
    "</style>",
    "𝒳",
    "γ/β",
]
names = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs", "Mn", "Cf"]),
        min_size=1,
        max_size=12,
    ),
)


def cells_table(cells):
    return Table(("layer", "count"), tuple((cell, "1,234") for cell in cells), numbers=(1,))


def written(table, format="text", **options):
    return write_document(Document("report", (table,)), format, **options)


class CellParser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells, self.tags, self.is_open = [], set(), False

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "td":
            self.is_open = True
            self.cells.append("")

    def handle_endtag(self, tag):
        self.is_open = self.is_open and tag != "td"

    def handle_data(self, text):
        if self.is_open:
            self.cells[-1] += text


@settings(deadline=None)
@given(st.lists(names, min_size=1, max_size=4), st.booleans())
def test_html_says_every_name_and_nothing_else(cells, ascii_only):
    page = written(cells_table(cells), "html", ascii_only=ascii_only)
    parser = CellParser()
    parser.feed(page)
    assert parser.cells[::2] == [visible(cell) for cell in cells]
    assert "script" not in parser.tags
    assert page.isascii() or not ascii_only


def test_html_is_one_file_that_needs_no_other():
    page = written(cells_table(["a"]), "html")
    assert not re.search(r"https?://|<script|<link|@import|url\(|src=", page)


def test_html_shows_drawings_and_captions():
    drawing = Drawing("<svg><title>x</title></svg>", "a <caption>")
    page = write_document(Document("r", (drawing,)), "html")
    assert drawing.svg in page
    assert "a &lt;caption&gt;" in page
    for format in ("text", "markdown", "latex"):
        assert "caption" in write_document(Document("r", (drawing,)), format)


@settings(deadline=None)
@given(st.lists(names, min_size=1, max_size=4))
def test_markdown_shows_every_name_as_it_is(cells):
    source = written(cells_table(cells), "markdown")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    inside = [t for t in tokens if t.type == "inline"]
    shown = ["".join(child.content for child in t.children) for t in inside]
    kinds = {child.type for t in inside for child in t.children}
    assert kinds <= {"text", "text_special"}
    assert shown == ["report", "layer", "count", *[x for c in cells for x in (visible(c), "1,234")]]


@pytest.mark.parametrize(
    "text",
    ["# no heading", "- no list", "1. no list", "> no quotation", "+ a", "a\n# b", "*x* and _y_", "=== x"],
)
def test_a_paragraph_in_markdown_is_running_text(text):
    source = write_document(Document("r", (Paragraph(text),)), "markdown")
    tokens = MarkdownIt().parse(source)[3:]
    assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    shown = "".join("\n" if c.type == "softbreak" else c.content for c in tokens[1].children)
    assert shown == text


def test_csv_gives_numbers_without_separators_and_no_total():
    table = Table(
        ("layer", "shape", "n"),
        (("a,b", "1,690", "1,234"), ("c", "1,024×2", "−5")),
        numbers=(2,),
        total=("total", "", "1,229"),
    )
    assert list(csv.reader(io.StringIO(written(table, "csv")))) == [
        ["layer", "shape", "n"],
        ["a,b", "1690", "1234"],
        ["c", "1024×2", "-5"],
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "＝1+1"])
def test_csv_gives_a_spreadsheet_no_formula(cell):
    text = write_csv(Document("r", (cells_table([cell]),)))
    assert list(csv.reader(io.StringIO(text)))[1][0] == "'" + cell


@settings(deadline=None)
@given(st.lists(names, min_size=1, max_size=4))
def test_csv_keeps_every_name(cells):
    rows = list(csv.reader(io.StringIO(written(cells_table([*cells, "words"]), "csv"))))[1:-1]
    assert [row[0].removeprefix("'") for row in rows] == [visible(c).removeprefix("'") for c in cells]
    assert {row[1] for row in rows} == {"1234"}


def test_csv_joins_tables_with_the_same_columns():
    one, two = (Table(("a", "b"), ((name, "1"),), title=name) for name in ("x", "y"))
    other = Table(("c",), (("z",),))
    text = write_document(Document("r", (one, two, other)), "csv")
    assert text == "table,a,b\nx,x,1\ny,y,1\n\nc\nz\n"


def test_json_is_the_data():
    data = {"卷积": [1, 2.5, None], "half": "\ud800"}
    for ascii_only in (False, True):
        text = write_document(Document("r", (), data), "json", ascii_only=ascii_only)
        assert json.loads(text) == data
        text.encode("ascii" if ascii_only else "utf-8")


tables = st.integers(1, 4).flatmap(
    lambda n: st.builds(
        Table,
        columns=st.tuples(*[st.sampled_from(["a", "kind", "working"])] * n),
        rows=st.lists(
            st.tuples(
                *[
                    st.sampled_from(
                        [
                            "",
                            "1,690,000",
                            "26×26×32",
                            "卷积层卷积层",
                            "(1,690 + 1)·200 = 338,200",
                            "x" * 50,
                            *HOSTILE,
                        ]
                    )
                ]
                * n
            ),
            max_size=4,
        ).map(tuple),
        title=st.sampled_from(["", "title"]),
        prose=st.sets(st.integers(0, n - 1)).map(tuple),
    )
)


@settings(deadline=None, max_examples=200)
@given(tables, st.integers(20, 90))
def test_text_cuts_nothing_at_any_width(table, width):
    lines = written(table, width=width).splitlines()
    for row in table.rows:
        for i, cell in enumerate(row):
            for part in cell.split() if i in table.prose else [cell]:
                assert any(part.strip() in line for line in lines), (part, lines)


@settings(deadline=None, max_examples=200)
@given(tables, st.integers(20, 90))
def test_a_line_of_text_is_too_long_only_where_one_value_is(table, width):
    longest = max((cell_len(c) for row in table.rows for c in row), default=0)
    for line in written(table, width=width).splitlines():
        assert cell_len(line) <= max(width, longest + 11), line


@pytest.mark.parametrize(("width", "lines"), [(60, 3), (34, 4), (31, 5), (25, 3)])
def test_a_table_becomes_narrower_step_by_step(width, lines):
    """In columns, with its prose broken, with its prose below, and last a line for each value."""
    table = Table(("layer", "working"), (("conv", "(5·5·1 + 1)·10 = 260 and so"),), prose=(1,))
    text = written(table, width=width).splitlines()[2:]
    assert len(text) == lines
    assert [i for i, line in enumerate(text) if "working:" in line] == {31: [3], 25: [1]}.get(width, [])


@settings(deadline=None)
@given(st.lists(st.text("ab·", min_size=1, max_size=9), max_size=9), st.integers(1, 20))
def test_wrapping_loses_no_word(words, width):
    lines = wrap(" ".join(words), width)
    assert " ".join(lines) == " ".join(words)
    assert all(len(line) <= width or " " not in line for line in lines)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_ascii_text_is_ascii_and_keeps_what_was_ascii(text):
    plain = to_ascii(text)
    assert plain.isascii()
    assert "?" not in plain or "?" in text
    kept = "".join(c for c in text if c.isascii())
    assert all(c in plain for c in kept)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1", "gbk"])
def test_no_encoding_makes_a_question_mark_of_a_sign(encoding):
    for sign in [*SIGNS, "卷", "é", "γ"]:
        shown = sign.encode(encoding, "convlab_signs").decode(encoding)
        assert "?" not in shown
        assert shown == sign or shown.isascii()


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("name", ["a\x1b[31mb", "a\nb", "a\rb", "\u202eabc", "a\x00b", "\ud800", "\x9b"])
def test_no_name_can_steer_a_terminal(name, format):
    text = write_document(Document(name, (cells_table([name]),), {"name": "x"}), format)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", text)


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("format", TEXTS)
def test_ascii_only_is_ascii_in_every_format(format, ascii_only):
    table = Table(("layer", "×"), tuple((name, "3·3") for name in HOSTILE), "⌊x⌋", total=("…", "−"))
    document = Document("卷", (table, Paragraph("≥ 3")), {"卷": "×"})
    assert write_document(document, format, ascii_only=ascii_only).isascii() == (
        ascii_only or format == "latex"
    )


@pytest.mark.parametrize("writer", WRITERS.values(), ids=list(WRITERS))
def test_a_format_is_chosen_by_its_name_and_by_its_endings(writer):
    assert choose_format(writer.name, Path("report.md")) == writer.name
    for ending in writer.endings:
        assert choose_format(None, Path("report" + ending)) == writer.name
        assert choose_format(None, Path("report" + ending.upper())) == writer.name
    others = [ending for other in WRITERS.values() if other is not writer for ending in other.endings]
    assert writer.endings
    assert not set(writer.endings) & set(others)


@pytest.mark.parametrize("writer", [WRITERS[name] for name in TEXTS], ids=TEXTS)
def test_a_format_does_with_titles_and_signs_as_it_says(writer):
    table = Table(("layer",), (("3×3",),), "report")
    written = write_document(Document("report", (table,), {"title": "report", "rows": ["3×3"]}), writer.name)
    assert written.endswith("\n")
    assert ("report" in written) is writer.has_title
    drawn = write_document(Document("r", (table,), ["3×3"]), writer.name, ascii_only=True)
    assert ("3x3" in drawn) is not writer.has_escapes


def test_a_new_format_is_one_line_in_the_table(monkeypatch):
    loud = Writer("loud", (".loud",), lambda document, **_: document.title.upper() + "\n")
    monkeypatch.setitem(writers.WRITERS, "loud", loud)
    assert write_document(Document("×1", ()), "loud", ascii_only=True) == "X1\n"


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="unknown format 'docx'; there are: text, markdown"):
        write_document(Document("r", ()), "docx")


@given(st.text(max_size=20))
def test_latex_gets_ascii_with_balanced_braces(text):
    source = escape_tex(visible(text))
    assert source.isascii()
    bare = re.sub(r"\\[{}]", "", source)
    assert bare.count("{") == bare.count("}")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize("columns", [2, 8])
def test_latex_compiles_with_long_tables_and_hostile_names(tmp_path, columns):
    rows = tuple(tuple(f"{HOSTILE[(i + j) % len(HOSTILE)]}" for j in range(columns)) for i in range(200))
    table = Table(("a",) * columns, (*rows, ("x" * 300,) * columns), "_%$", prose=(1,), total=rows[0])
    signs = Paragraph("".join(SIGNS) + "αβγδεζηθικλμνξοπρςστυφχψωΓΔΩ áàâäãåçčñőū ßæøł\nnext #")
    (tmp_path / "a.tex").write_text(
        write_document(Document("\\input{x} 100 %", (signs, table, Table((), ()))), "latex")
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout[-1500:]
    if shutil.which("pdftotext"):
        subprocess.run(["pdftotext", "-layout", "a.pdf"], cwd=tmp_path, check=True)
        text = (tmp_path / "a.txt").read_text("utf-8")
        for name in ("conv_1", "a|b", "<script>alert(1)</script>", "U+5377", "étage_ß", "--"):
            assert name in text, name


@pytest.mark.parametrize("format", ["text", "markdown", "html", "latex"])
def test_a_title_is_said_once(format):
    """Wherever the table of the same title stands; other titles stay."""
    same, other = (Table(("a",), (("1",),), title=title) for title in ("report", "apart"))
    for blocks in ((same,), (Paragraph("words"), same), (same, other)):
        written = write_document(Document("report", blocks), format)
        body = written.partition("<body>")[2] or written
        assert body.count("report") == 1
        assert body.count("apart") == (other in blocks)
