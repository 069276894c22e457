"""Sheets as they are handed out: titles, lines for the name, PDF and HTML on A4 and Letter, marks by name."""

import csv

import pytest
from pdf_pages import filled, outside, pages_of, text_of
from sheets import BOARDS, make

from app.show.document import PAPERS, Drawing, Paragraph, Table
from app.show.writers import document_bytes, write_document
from app.worksheet.__main__ import main
from app.worksheet.documents import key_document, sheet_document
from app.worksheet.forms import read_answers, write_form
from app.worksheet.grade_files import Grading
from app.worksheet.identity import Identity, find_identity
from app.worksheet.making import make_handouts
from app.worksheet.titles import COMMON, network_name, task, write_title
from models.titles import TITLES


def sheet(network, **asked):
    return make_handouts(network, **asked).worksheet


def pdf_of(worksheet, paper="a4"):
    return document_bytes(sheet_document(worksheet, format="pdf"), "pdf", paper=paper)


@pytest.mark.parametrize(
    ("identity", "title"),
    [
        (Identity("lenet5"), "Count LeNet-5"),
        (Identity("worked_example"), "Count the worked example"),
        (Identity("mnist", vary=True), "Count a network varied from the network for MNIST"),
        (Identity("plain18"), "Count the plain network of 18 layers"),
        (Identity("own.keras"), "Count own.keras"),
        (Identity("lenet5", kinds="sizes.2"), "Count LeNet-5, and sizes"),
        (Identity("", kinds="sizes.2-choice.1"), "Questions: sizes, choice"),
        (Identity("", kinds="sizes.1-choice.1-fields.1-pooling.1"), "4 kinds of questions"),
        (Identity("", kinds="article.5"), "Exercises of article 001, section “Exercises”"),
    ],
)
def test_titles_are_for_people(identity, title):
    assert write_title(identity) == title


def test_every_network_of_the_catalogue_has_a_name_that_fits_a_sentence():
    for name in TITLES:
        said = network_name(name)
        assert "(" not in said
        assert not said.startswith(("A ", "The ", *(f"{word} " for word in COMMON))), said


def test_the_head_has_a_line_for_the_name_wherever_none_is_known():
    heads = {
        student: sheet_document(make("mnist", blanks=12, student=student)).blocks[0].text
        for student in ("", "7", "Ada", "２")
    }
    assert heads[""].startswith("Name: ______")
    assert heads["7"].startswith("Sheet 7    Name: ______")
    assert heads["２"].startswith("Sheet ２    Name: ______")
    assert heads["Ada"].startswith("Name: Ada    Date: ____")
    assert all("Date: ____" in head and head.endswith("of 12") for head in heads.values())


def test_the_task_says_what_is_asked_and_what_it_is_worth():
    worksheet = make("mnist", 3, 12, vary=True)
    said = task(worksheet)
    shape = "×".join(str(n) for n in next(iter(worksheet.cases.values())).row.output_shape)
    assert f"varied from the network for MNIST: its input is {shape}," in said
    assert shape != "28×28×1"
    assert "the 12 numbered blanks (1 point each)" in said
    assert "varied" not in task(make("mnist"))
    assert task(make("mnist", blanks=1)).startswith("Work out the numbered blank (1 point) from")
    for worksheet in (make(name, blanks="all") for name in BOARDS):
        asked = {cell.quantity for cell in worksheet.blanks.values() if cell.layer}
        assert ("receptive fields" in task(worksheet)) == ("sees" in asked)
    questions = sheet(None, kinds=["sizes"], number=1)
    assert task(questions) == "Write each answer on its line; the points stand beside each question."


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", ["lenet5", "worked_example", "mnist", "x_or_not_x", "keras_vis_mnist"])
def test_a_small_network_is_one_upright_page_with_its_drawing_and_all_blanks(name, paper):
    for asked in ({}, {"vary": True, "seed": 3}, {"blanks": "all"}):
        worksheet = sheet(name, **asked)
        content = pdf_of(worksheet, paper)
        ((width, height, pieces),) = pages_of(content)
        assert width < height
        assert not outside(content)
        text = text_of(content)
        assert all(f"({number})" in text for number in worksheet.blanks)
        assert text.count(list(worksheet.cases)[-1]) >= 2  # in the table, and drawn
        (code,) = [piece for piece in pieces if "For marking" in piece.text]
        assert code.size < 7
        assert code.y < 44
        assert find_identity(text.replace("\n", "")) == worksheet.identity


@pytest.mark.parametrize("paper", PAPERS)
def test_a_long_network_fills_its_pages(paper):
    worksheet = sheet("resnet18")
    content = pdf_of(worksheet, paper)
    assert not outside(content)
    assert len(pages_of(content)) == 3
    assert min(filled(content)[:-1]) > 0.85
    assert text_of(content).count("settings") == 3
    text = text_of(content).replace("\n", " ")
    assert all(name in text for name in worksheet.cases)


def test_a_key_is_one_page_and_its_code_is_no_sheets():
    worksheet = sheet("lenet5", blanks="all")
    content = document_bytes(key_document(worksheet), "pdf")
    assert not outside(content)
    assert "convlab-key/1" in text_of(content)
    assert "Answers: Count LeNet-5" in text_of(content)
    assert all(
        f"{cell.value:,}" in text_of(content)
        for cell in worksheet.blanks.values()
        if isinstance(cell.value, int)
    )


def test_the_pages_leave_out_what_each_layer_reads_where_it_is_the_one_above():
    chain, branched = make("mnist"), make("branched")
    for worksheet, has_reads in ((chain, False), (branched, True)):
        document = sheet_document(worksheet, format="pdf")
        (table,) = [b for b in document.blocks if isinstance(b, Table) and b.columns[0] == "layer"]
        assert ("reads" in table.columns) is has_reads
        said = "\n".join(block.text for block in document.blocks if isinstance(block, Paragraph))
        assert ("Each layer reads the one above it." in said) is not has_reads
        assert any(isinstance(block, Drawing) for block in document.blocks)
    (table,) = [b for b in sheet_document(chain).blocks if isinstance(b, Table) and b.columns[0] == "layer"]
    assert "reads" in table.columns  # a form in CSV is read by its columns


def test_html_sheets_leave_the_paper_to_the_printer_unless_it_is_named():
    document = sheet_document(make("mnist"), format="html")
    page = document_bytes(document, "html").decode()
    assert page == write_document(document, "html")
    assert "size: a4" not in page
    assert "@page { size: letter; }" in document_bytes(document, "html", paper="letter").decode()
    long = sheet_document(sheet("resnet18"), format="html")
    page = document_bytes(long, "html", paper="a4").decode()
    assert "@page wide { size: a4 landscape; }" in page
    assert '<body class="form wide">' in page


@pytest.mark.parametrize("paper", PAPERS)
def test_the_command_writes_a_class_as_pdf_on_a_paper(door, tmp_path, paper):
    names = ["Ada Lovelace", "王小明", "محمد علي", "😀", "Long " * 19 + "name"]
    (tmp_path / "names.txt").write_text("\n".join(names), "utf-8")
    line = ("lenet5", "--vary", "--students", tmp_path / "names.txt", "--format", "pdf", "--paper", paper)
    code, _, error = door(main, *line, "--output", tmp_path / "class")
    assert (code, error) == (0, "")
    sheets = sorted((tmp_path / "class" / "sheets").glob("*.pdf"))
    assert len(sheets) == len(names)
    for path, name in zip(sheets[:2], names[:2], strict=True):
        content = path.read_bytes()
        assert name in text_of(content)
        assert pages_of(content)[0][0] == pytest.approx({"a4": 595.28, "letter": 612}[paper], abs=0.1)
        assert not outside(content)
    assert len(list((tmp_path / "class" / "sheets").glob("*.csv"))) == len(names)


def fill(form, name, answers):
    rows = list(csv.reader(form.read_text("utf-8").splitlines()))
    for row in rows:
        if row[0] == "name":
            row[2] = name
        elif row[0].isdigit():
            row[2] = answers.get(int(row[0]), "")
    with form.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def test_numbered_forms_ask_for_the_name_and_marks_use_it(door, tmp_path):
    sheets = make_handouts("mnist", students=4)
    sheets.save(tmp_path)
    forms = sorted((tmp_path / "sheets").glob("*.csv"))
    right = {
        number: str(cell.value) for number, cell in sheets[0].blanks.items() if isinstance(cell.value, int)
    }
    fill(forms[0], "  Grace   Hopper ", right)
    fill(forms[1], "Edsger", {})
    fill(forms[2], "", {1: "5"})
    code, output, _ = door(main, "--grade", tmp_path)
    assert code == 0
    assert "Marks of the class: Count the network for MNIST" in output
    assert "Not handed in, and not in the average: Edsger, sheet 4." in output
    assert "Average of 2 sheets" in output
    assert "Grace Hopper" in output
    grades = Grading().grade(tmp_path)
    assert grades["Grace Hopper"] is grades["1"]
    assert [each.who for each in grades] == ["Grace Hopper", "Edsger", "sheet 3", "sheet 4"]
    assert grades.percent == pytest.approx((grades["1"].percent + grades["3"].percent) / 2)
    assert "Marks of Grace Hopper: Count" in door(main, "--grade", forms[0])[1]
    rows = next(b for b in grades.document().blocks if isinstance(b, Table)).rows
    assert rows[1] == ("Edsger", forms[1].name, "", "", "", "not handed in")
    marks = tmp_path / "marks.pdf"
    assert door(main, "--grade", tmp_path, "--paper", "letter", "--output", marks)[0] == 0
    assert "Edsger" in text_of(marks.read_bytes())
    assert pages_of(marks.read_bytes())[0][0] == 612


def test_a_form_made_for_somebody_asks_for_no_name(tmp_path):
    assert "name,your name," in write_form(make("mnist"))
    assert "name,your name," in write_form(make("mnist", student="3"))
    assert "your name" not in write_form(make("mnist", student="Ada"))
    form = tmp_path / "form.csv"
    form.write_text(
        write_form(make("mnist")).replace("name,your name,", "Name,your name,\t" + "x" * 500), "utf-8"
    )
    assert read_answers(form).name == "x" * 100


def test_sheets_about_different_networks_are_told_apart_in_the_marks(tmp_path):
    for name in ("mnist", "lenet5"):
        make_handouts(name).save(tmp_path / f"{name}.csv")
    document = Grading().grade(tmp_path).document()
    assert document.title == "Marks of the class"
    assert document.blocks[-1].columns[2] == "sheet"
    assert {row[2] for row in document.blocks[-1].rows} == {"Count LeNet-5", "Count the network for MNIST"}


def test_an_unknown_paper_is_refused_before_anything_is_written(door, tmp_path):
    code, _, error = door(main, "mnist", "--paper", "a3", "--output", tmp_path / "x.pdf")
    assert code == 2
    assert "a3" in error
    with pytest.raises(ValueError, match="unknown paper 'a3'"):
        make_handouts("mnist").save(tmp_path / "x.pdf", paper="a3")
    assert list(tmp_path.iterdir()) == []
