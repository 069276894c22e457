"""Reports as PDF, read back by pypdf: every number is there, nothing is cut, tables repeat their heads."""

import io
import json
import subprocess
import sys

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_pages import filled, outside, pages_of, text_of
from pypdf import PdfReader

from app.library.counting import count
from app.show import fonts
from app.show.document import PAPERS, Document, Drawing, Paragraph, Table
from app.show.svg import Picture
from app.show.writers import document_bytes, pdf, pdf_layout, write_document
from app.show.writers.pdf_layout import BREAK, SIZES_OF_PAPER, breakable, lay_out, measure

ROW = ("conv{}", "Conv2D", "32 filters 3×3, same", "26×26×32", "(3·3·1 + 1)·32 = 320", "1,234,567", "3×3")
HEAD = ("layer", "kind", "settings", "output", "working", "MACs", "sees")
SIGNS = "· × − ∂ ≥ ≤ ⌊⌋ ½ … “sees” é ß γ"
NAMES = (
    "#let x = 1",
    '#panic("x")',
    "$x^2$ *b* _i_ @ref <end> `raw` \\ //",
    "</svg>",
    '"; import sys',
    "a" * 3000,
    "ab " * 800,
    "مرحبا بالعالم",
    "שלום",
    "😀🐱",
    "e\u0301\u0323" * 30,
    "\ud800 half",
    "a\x00b\x1b[31m",
    "\u202eabc",
    "\u200b" * 50,
    "１２３ 猫 カタカナ 한국어",
)


def long_table(rows, **more):
    return Table(HEAD, tuple(tuple(c.format(i) for c in ROW) for i in range(rows)), **more)


def bars(width=340, height=200):
    picture = Picture("bars")
    picture.rectangle(0, 0, width, height, "one")
    picture.text(4, 14, "conv1 · 5×5")
    return picture.finish(width, height)


def pages(content):
    return len(PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_report_is_a_pdf_of_its_paper_with_all_its_text(paper):
    table = Table(("layer", "count"), (("c1", "156"), ("c3", "1,516")), "By layer", total=("sum", "1,672"))
    blocks = (Paragraph(SIGNS), table, Drawing(bars(), "What it costs"), Paragraph("the foot", is_small=True))
    content = document_bytes(Document("LeNet-5", blocks), "pdf", paper=paper)
    ((width, height, pieces),) = pages_of(content)
    assert (width, height) == pytest.approx(SIZES_OF_PAPER[paper], abs=0.01)
    text = text_of(content)
    for part in ("LeNet-5", *SIGNS.split(), "By layer", "c3", "1,516", "1,672", "What it costs", "the foot"):
        assert part in text, part
    (foot,) = [piece for piece in pieces if "the foot" in piece.text]
    assert foot.y < 40
    assert not outside(content)


def test_the_default_is_a4_and_other_papers_are_refused():
    content = document_bytes(Document("r", ()), "pdf")
    assert pages_of(content)[0][:2] == pytest.approx(SIZES_OF_PAPER["a4"], abs=0.01)
    assert set(PAPERS) == set(SIZES_OF_PAPER)
    for format in ("pdf", "html", "text"):
        with pytest.raises(ValueError, match="unknown paper 'a3'; there are: a4, letter"):
            document_bytes(Document("r", ()), format, paper="a3")


def test_a_pdf_is_no_text():
    with pytest.raises(ValueError, match="a report in the format pdf is no text; write it into a file"):
        write_document(Document("r", ()), "pdf")
    assert document_bytes(Document("r", ()), "text") == b"r\n"


def test_one_report_gives_the_same_bytes_twice_in_other_processes_too():
    code = (
        "import hashlib; from app.library.counting import count; from app.show.writers import document_bytes;"
        "print(hashlib.sha256(document_bytes(count('lenet5').document('pdf'), 'pdf')).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("paper", "rows"), [("a4", 150), ("letter", 150), pytest.param("a4", 2000, marks=pytest.mark.slow)]
)
def test_a_long_table_breaks_between_rows_and_repeats_its_head(paper, rows):
    content = document_bytes(Document("Long", (long_table(rows, numbers=(5,)),)), "pdf", paper=paper)
    text = text_of(content)
    assert pages(content) > rows / 60
    assert text.count("settings") == pages(content)
    for i in (0, 1, rows // 2, rows - 2, rows - 1):
        assert text.count(f"conv{i} ") + text.count(f"conv{i}\n") == 1
    assert text.count("1,234,567") == rows
    assert not outside(content)
    assert min(filled(content)[:-1]) > 0.9


def test_a_word_that_leaves_the_page_would_be_seen(monkeypatch):
    document = Document("r", (Paragraph("m" * 200),))
    assert not outside(document_bytes(document, "pdf"))
    monkeypatch.setattr(pdf, "breakable", lambda text, *_, **__: text)
    assert outside(document_bytes(document, "pdf"))


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_name_breaks_the_page_or_becomes_a_part_of_the_program(name):
    table = Table((name, "count"), ((name, "1,234"), ("(1) ____________", "5")), name, is_form=True)
    blocks = (Paragraph(name), table, Drawing(bars(), name), Paragraph(name, is_small=True))
    content = document_bytes(Document(name, blocks), "pdf")
    assert not outside(content)
    assert "1,234" in text_of(content)
    if name.isascii() and name.isprintable() and len(name) < 60:
        assert text_of(content).count(name) >= 5


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=6), st.integers(1, 12))
def test_no_text_at_all_breaks_the_page(texts, columns):
    row = tuple(texts[i % len(texts)] for i in range(columns))
    table = Table(row, (row, row), texts[0], prose=(0,), total=row)
    assert not outside(document_bytes(Document(texts[0], (Paragraph(texts[-1]), table)), "pdf"))


@pytest.mark.parametrize(
    "blocks",
    [(), (Paragraph(""),), (Table(("a",), ()),), (Table((), ()),), (Paragraph("", is_small=True),)],
    ids=["nothing", "no words", "no rows", "no columns", "no foot"],
)
def test_an_empty_report_is_one_page(blocks):
    assert pages(document_bytes(Document("", blocks), "pdf")) == 1


def test_forty_columns_are_broken_rather_than_cut():
    row = tuple(f"value{i}" for i in range(40))
    content = document_bytes(Document("Wide", (Table(row, (row,)),)), "pdf")
    ((width, height, _),) = pages_of(content)
    assert width > height
    assert not outside(content)
    letters = text_of(content).replace("\n", "").replace(BREAK, "").replace(" ", "")
    assert sum(map(letters.count, "0123456789")) == 2 * sum(len(str(i)) for i in range(40))


def test_pages_stand_upright_where_the_tables_fit_and_lie_on_their_side_where_they_do_not():
    assert lay_out(Document("r", (long_table(3),)), "a4")[0] is False
    wide = Table(HEAD * 2, (ROW * 2,))
    is_wide, layouts = lay_out(Document("r", (wide,)), "a4")
    assert is_wide
    assert sum(layouts[0].widths) + 7.5 * 13 <= SIZES_OF_PAPER["a4"][1] - 72 + 0.01


def test_a_row_longer_than_a_page_goes_on_over_pages():
    content = document_bytes(Document("r", (Table(("a", "b"), (("x", "word " * 9000),), prose=(1,)),)), "pdf")
    assert pages(content) > 3
    assert text_of(content).count("word") == 9000


def test_a_last_page_with_a_line_or_two_is_saved(monkeypatch):
    ends = [
        pages(document_bytes(Document("r", (long_table(rows), Paragraph("the end"))), "pdf"))
        for rows in (40, 54, 56, 58, 80)
    ]
    assert ends == [1, 1, 1, 1, 2]
    monkeypatch.setattr(pdf, "TIGHT", ())
    assert pages(document_bytes(Document("r", (long_table(58), Paragraph("the end"))), "pdf")) == 2


def test_drawings_stand_side_by_side_where_there_is_room():
    two = document_bytes(Document("r", (Drawing(bars(), "one"), Drawing(bars(), "two"))), "pdf")
    at = {piece.text.strip(): piece for piece in pages_of(two)[0][2]}
    assert at["one"].y == at["two"].y
    assert at["two"].x > at["one"].x + 200
    wide = document_bytes(Document("r", (Drawing(bars(3000), "one"), Drawing(bars(), "two"))), "pdf")
    at = {piece.text.strip(): piece for piece in pages_of(wide)[0][2]}
    assert at["one"].y > at["two"].y
    assert not outside(wide)


@pytest.mark.parametrize(
    "svg", ["", "<svg>", '<svg width="0" height="0"></svg>', '<svg width="9" height="9"><g>']
)
def test_a_drawing_that_is_none_is_refused(svg):
    with pytest.raises(ValueError, match=r"not an SVG|cannot be written as PDF"):
        document_bytes(Document("r", (Drawing(svg, "x"),)), "pdf")


@pytest.mark.skipif(fonts.find_spec(fonts.PACKAGE) is None, reason="the font is not installed")
def test_chinese_japanese_and_korean_names_are_signs():
    content = document_bytes(Document("卷积网络", (Table(("层", "ラベル"), (("猫", "고양이"),)),)), "pdf")
    for word in ("卷积网络", "层", "ラベル", "猫", "고양이"):
        assert word in text_of(content)
    names = {
        str(font["/BaseFont"])
        for page in PdfReader(io.BytesIO(content)).pages
        for font in (entry.get_object() for entry in page["/Resources"]["/Font"].values())
    }
    assert any("NotoSansCJK" in name for name in names)


def test_without_the_font_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    monkeypatch.setattr(pdf, "cjk_font", lambda: None)
    monkeypatch.setattr(fonts, "_wanted_in_vain", False)
    fonts.signs_for_pillow.cache_clear()
    measure.cache_clear()
    with pytest.warns(UserWarning, match="pip install cvttf-notosanscjk-regular"):
        content = document_bytes(Document("猫", ()), "pdf")
    assert content.startswith(b"%PDF")
    assert fonts.was_missed()
    fonts.signs_for_pillow.cache_clear()


def test_a_line_of_a_whole_book_is_parted(monkeypatch):
    monkeypatch.setattr(pdf, "LONGEST_LINE", 10)
    text = text_of(document_bytes(Document("0123456789" * 2 + "end", ()), "pdf"))
    assert text.split() == ["0123456789", "0123456789", "end"]


def test_words_are_broken_only_where_they_are_wider_than_the_line():
    assert breakable("conv1 relu", 40, 8) == "conv1 relu"
    assert breakable("conv1 " + "m" * 9, 40, 8) == "conv1 " + BREAK.join("m" * 9)


@pytest.mark.parametrize("text", ["conv1", "(3·3·1 + 1)·32 = 320", "26×26×32", "WWW iii"])
def test_widths_are_those_that_matplotlib_measures(text):
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    for is_bold in (False, True):
        font = FontProperties(family="DejaVu Sans", weight="bold" if is_bold else "normal")
        ends = TextPath((0, 0), text + "|", size=100, prop=font).get_extents().x1
        bar = TextPath((0, 0), "|", size=100, prop=font).get_extents().x1
        assert measure(is_bold)(text) * 100 == pytest.approx(ends - bar, rel=0.02)


def test_columns_shrink_to_one_length_and_never_below_their_least():
    assert pdf_layout._shrink([10, 100, 60], [10, 20, 20], 100) == pytest.approx([10, 45, 45], abs=0.01)
    assert pdf_layout._shrink([10, 100, 60], [10, 20, 55], 100) == pytest.approx([10, 35, 55], abs=0.01)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", ["lenet5", "mnist", "googlenet", "dense_block"])
def test_a_count_is_cut_nowhere_and_has_every_row(name, paper):
    counted = count(name)
    content = document_bytes(counted.document("pdf"), "pdf", paper=paper)
    assert not outside(content)
    text = text_of(content).replace("\n", " ")
    assert all(row.name in text for row in counted.rows)
    assert f"{counted.parameters:,}" in text


def test_a_count_is_saved_as_pdf_by_the_command_and_in_a_program(door, tmp_path):
    from app.params.__main__ import main

    assert count("mnist").save(tmp_path / "program.pdf").read_bytes().startswith(b"%PDF")
    code, output, _ = door(main, "mnist", "--no-check", "--output", tmp_path / "command.pdf")
    assert code == 0
    assert output.startswith("Report: ")
    assert (tmp_path / "command.pdf").read_bytes() == (tmp_path / "program.pdf").read_bytes()
    code, output, _ = door(main, "mnist", "--draw", tmp_path / "drawn.pdf")
    assert output.startswith("Picture: ")
    code, _, error = door(main, "mnist", "--no-check", "--format", "pdf")
    assert code == 2
    assert "a terminal cannot show a PDF; name a file with --output report.pdf" in error


def test_the_ledger_of_claims_is_a_pdf(door, tmp_path):
    from app.claims.__main__ import main

    code, _, _ = door(main, "--output", tmp_path / "claims.pdf")
    data = json.loads(door(main, "--format", "json")[1])
    text = text_of((tmp_path / "claims.pdf").read_bytes())
    assert code == 0
    found = [claim["id"] for claim in data["claims"]]
    assert len(found) > 200
    assert all(name in text for name in found)
    assert not outside((tmp_path / "claims.pdf").read_bytes())
