"""Marks: right, following from an earlier slip, wrong; and forms, whatever a spreadsheet made of them."""

import contextlib
import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import BOARDS, NETWORKS, make

from app.counting.chalkboard import nn
from app.questions.answers import write_value
from app.show.writers import write_document
from app.worksheet.documents import key_document, sheet_document
from app.worksheet.forms import SHEET_COLUMNS, read_answers, write_form
from app.worksheet.grade_files import Grading
from app.worksheet.grading import grade_texts
from app.worksheet.identity import Identity
from app.worksheet.worksheet import make_worksheet

STATUSES = {"right", "follows", "wrong", "unreadable", "missing"}


def right_answers(worksheet):
    return {n: write_value(cell.value) for n, cell in worksheet.blanks.items()}


def marked(worksheet, changes, **options):
    """Mark the right answers with changes to some, given by place."""
    texts = right_answers(worksheet)
    for place, text in changes.items():
        texts[worksheet.number(*place)] = text
    return grade_texts(worksheet, {n: t for n, t in texts.items() if t is not None}, **options)


def verdict(marks, *place):
    return next(v for v in marks.verdicts if v.cell.place == place)


@pytest.mark.parametrize("vary", [False, True])
@pytest.mark.parametrize("name", BOARDS)
def test_a_sheet_filled_from_its_key_scores_all(name, vary):
    for seed in range(6):
        for blanks in ("1", "7", "all"):
            worksheet = make(name, seed, blanks, vary)
            marks = grade_texts(worksheet, right_answers(worksheet))
            assert marks.percent == 100, marks
            assert not marks.notes


def test_an_answer_worked_out_from_a_wrong_one_follows_and_gets_half():
    """13 − 3 + 1 taken for 12: pool2 is then 6×6, conv3 4×4, flatten 16·64 = 1,024 and so on."""
    changes = {
        ("conv2", "output"): "12×12×64",
        ("conv2", "MACs"): str(3 * 3 * 32 * 12 * 12 * 64),
        ("pool2", "output"): "6×6×64",
        ("conv3", "output"): "4×4×64",
        ("flatten", "output"): "1,024",
        ("hidden", "parameters"): str((1024 + 1) * 64),
        ("", "parameters"): str(93_322 + (1024 - 576) * 64),
    }
    marks = marked(make("mnist"), changes)
    assert verdict(marks, "conv2", "output").status == "wrong"
    for place in list(changes)[1:]:
        assert verdict(marks, *place).status == "follows", place
    assert "(8)" in verdict(marks, "pool2", "output").words
    assert verdict(marks, "pool2", "output").words.startswith("follows from your answer")
    # The true values of what would have followed are right all the same.
    assert verdict(marks, "conv3", "MACs").status == "right"
    assert marks.points == marks.count("right") + 0.5 * 6


@pytest.mark.parametrize(("credit", "points"), [(0, 27), (0.5, 27.5), (1, 28)])
def test_the_credit_can_be_chosen(credit, points):
    changes = {("conv2", "parameters"): "18432", ("", "parameters"): str(93_322 - 64)}
    marks = marked(make("mnist"), changes, credit=credit)
    assert verdict(marks, "", "parameters").status == "follows"
    assert marks.points == points


def test_a_shown_number_ends_what_follows():
    """Where the pooling's output is printed, a wrong shape before it excuses nothing after it."""
    for seed in range(200):
        worksheet = make("mnist", seed, "12")
        places = {cell.place for cell in worksheet.blanks.values()}
        if {("conv1", "output"), ("conv2", "output")} <= places and ("pool1", "output") not in places:
            break
    marks = marked(worksheet, {("conv1", "output"): "28×28×32", ("conv2", "output"): "12×12×64"})
    assert verdict(marks, "conv1", "output").mistakes[0] == "padding assumed"
    assert verdict(marks, "conv2", "output").status == "wrong"


def test_a_hidden_row_passes_on_what_follows():
    """The map behind ReLU is not printed where the convolution's is asked for."""
    board = nn.Sequential(
        [
            nn.Input((12, 12, 1), name="in"),
            nn.Conv2D(2, 3, name="conv"),
            nn.ReLU(name="relu"),
            nn.MaxPooling2D(2, name="pool"),
        ]
    )
    sheets = [make_worksheet(board, Identity("x", str(seed), blanks="4")) for seed in range(60)]
    wanted = {("conv", "output"), ("pool", "output")}
    worksheet = next(
        sheet
        for sheet in sheets
        if wanted <= {cell.place for cell in sheet.blanks.values()} and ("relu", "output") in sheet.hidden
    )
    marks = marked(worksheet, {("conv", "output"): "12×12×2", ("pool", "output"): "6×6×2"})
    assert verdict(marks, "conv", "output").status == "wrong"
    assert verdict(marks, "pool", "output").status == "follows"


def test_an_unanswered_blank_passes_on_what_follows():
    changes = {("conv2", "output"): "12×12×64", ("pool2", "output"): None, ("conv3", "output"): "4×4×64"}
    marks = marked(make("mnist"), changes)
    assert verdict(marks, "pool2", "output").status == "missing"
    assert verdict(marks, "conv3", "output").status == "follows"


def test_a_field_follows_from_a_wrong_field():
    marks = marked(make("mnist"), {("conv2", "sees"): "6×6", ("pool2", "sees"): "8×8"})
    assert verdict(marks, "conv2", "sees").mistakes == ("jump ignored",)
    assert verdict(marks, "pool2", "sees").status == "follows"


def test_a_memory_follows_from_a_wrong_total():
    worksheet = make("mnist")
    wrong = 93_322 - 650
    memory = worksheet.cells["", "memory of the parameters"]
    given_text = f"{float(memory.value) * wrong / 93_322:.3f}"
    marks = marked(worksheet, {("", "parameters"): str(wrong), memory.place: given_text})
    assert verdict(marks, *memory.place).status == "follows"


def test_macs_follow_from_the_layers_own_wrong_parameters():
    changes = {("conv2", "parameters"): str((3 * 3 + 1) * 64), ("conv2", "MACs"): str(9 * 64 * 11 * 11)}
    assert verdict(marked(make("mnist"), changes), "conv2", "MACs").status == "follows"


def test_a_mistake_on_top_of_a_wrong_answer_is_named_with_that_answer():
    changes = {("conv2", "output"): "12×12×64", ("pool2", "output"): "7×7×64", ("conv3", "output"): "4×4×64"}
    changes = {("flatten", "output"): "600", ("hidden", "parameters"): str(600 * 64)}
    marks = marked(make("mnist"), changes)
    found = verdict(marks, "hidden", "parameters")
    assert found.mistakes[0] == "bias forgotten"
    assert "worked out with your answer" in found.words


def test_what_is_not_on_the_sheet_or_cannot_be_read_is_said():
    worksheet = make("mnist", 0, "5")
    marks = grade_texts(worksheet, {1: "soup", 2: "", 99: "3"})
    assert marks.verdicts[0].status == "unreadable"
    assert marks.count("missing") >= 3
    assert marks.notes == ("there is no question (99) on this sheet",)


TEXTS = st.one_of(
    st.text(max_size=40),
    st.integers(-(10**40), 10**40).map(str),
    st.tuples(st.integers(-9, 10**20), st.integers(-9, 10**20), st.integers(0, 10**20)).map(
        lambda t: "x".join(map(str, t))
    ),
    st.sampled_from(["0", "0x0x0", "1e99", "9" * 60, "-1", "1×1×1", "5", "(0,)", "1" * 20 + "x1x1"]),
)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(BOARDS)), st.booleans(), st.dictionaries(st.integers(0, 40), TEXTS))
def test_marking_takes_whatever_a_student_types(name, vary, texts):
    worksheet = make(name, 2, vary=vary)
    marks = grade_texts(worksheet, texts)
    assert {v.status for v in marks.verdicts} <= STATUSES
    assert 0 <= marks.points <= len(marks.verdicts) == len(worksheet.blanks)
    assert all(v.words for v in marks.verdicts if v.status != "right")


def filled(worksheet, delimiter=",", end="\n", quote=csv.QUOTE_MINIMAL, write=lambda text: text):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quote)
    right = right_answers(worksheet)
    for number, question, _ in csv.reader(io.StringIO(write_form(worksheet))):
        answer = right.get(int(number)) if number.isdigit() else "answer" if number == "number" else ""
        writer.writerow([number, question, write(answer)])
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quote", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_form_comes_back_from_any_spreadsheet(tmp_path, encoding, delimiter, end, quote):
    path = tmp_path / "form.csv"
    path.write_bytes(filled(make("mnist", 3, vary=True), delimiter, end, quote).encode(encoding))
    assert Grading().grade(path).percent == 100


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.replace(",", "."),
        lambda text: text.replace(",", " "),
        lambda text: text.replace(",", ""),
        lambda text: text.replace("×", "*"),
        lambda text: f"({', '.join(text.split('×'))})" if "×" in text else text,
        lambda text: f"  {text} ",
    ],
)
def test_answers_may_be_written_in_every_way(tmp_path, write):
    path = tmp_path / "form.csv"
    path.write_text(filled(make("mnist"), write=write), "utf-8")
    assert Grading().grade(path).percent == 100


def test_commas_that_were_not_quoted_are_put_together_again(tmp_path):
    worksheet = make("mnist")
    lines = filled(worksheet).replace('"', "").replace("×", ",")
    (tmp_path / "form.csv").write_text(lines, "utf-8")
    assert Grading().grade(tmp_path / "form.csv").percent == 100


def test_empty_columns_shuffled_lines_a_separator_line_and_empty_lines_do_no_harm(tmp_path):
    header, *lines = filled(make("mnist"), ";").splitlines()
    text = "\n".join(["sep=;", "", header + ";;;", *(line + ";;;" for line in reversed(lines)), ";;;", ""])
    (tmp_path / "form.csv").write_text(text, "utf-8")
    assert Grading().grade(tmp_path / "form.csv").percent == 100


@pytest.mark.parametrize("name", NETWORKS)
def test_a_sheet_written_as_csv_is_its_own_form(tmp_path, name):
    worksheet = make(name, 1, vary=True)
    text = write_document(sheet_document(worksheet, with_form=True), "csv")
    path = tmp_path / "sheet.csv"
    path.write_text(text, "utf-8")
    assert Grading().grade(path).percent == 0
    assert Grading().grade(path).count("missing") == len(worksheet.blanks)
    in_the_form = "\n".join(
        line
        + (f'"{right_answers(worksheet)[int(line.split(",")[0])]}"' if line.split(",")[0].isdigit() else "")
        for line in text.splitlines()
    )
    path.write_text(in_the_form, "utf-8")
    assert Grading().grade(path).percent == 100
    in_the_table = text
    for number, answer in right_answers(worksheet).items():
        in_the_table = in_the_table.replace(f"({number}) ______", f'"({number}) {answer}"', 1)
    path.write_text(in_the_table, "utf-8")
    assert Grading().grade(path).percent == 100
    cells = list(csv.reader(io.StringIO(text)))
    for row in cells:
        for number, cell in worksheet.blanks.items():
            if cell.layer and row[:1] == [cell.layer] and len(row) == len(SHEET_COLUMNS):
                row[SHEET_COLUMNS.index(cell.quantity)] = right_answers(worksheet)[number]
    stream = io.StringIO()
    csv.writer(stream).writerows(cells)
    path.write_text(stream.getvalue(), "utf-8")
    totals = sum(not cell.layer for cell in worksheet.blanks.values())
    assert Grading().grade(path).count("missing") == totals


def test_a_number_that_is_answered_twice_is_said(tmp_path):
    worksheet = make("mnist", 0, "5")
    (tmp_path / "form.csv").write_text(
        filled(worksheet) + "2,again,17\n77,what,3\nx,y,z\n2,again,\n", "utf-8"
    )
    marks = Grading().grade(tmp_path / "form.csv")
    assert marks.verdicts[1].text == "17"
    assert "(2) is answered twice; the last answer counts" in marks.notes
    assert "there is no question (77) on this sheet" in marks.notes
    assert marks.count("right") == 4


def line(network, blanks=3):
    """Return the line that names a sheet, with a check that cannot be right."""
    return f"number,answer\nsheet,{Identity(network, blanks=str(blanks), check='0')}\n".encode()


BAD_FILES = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n", "empty"),
    "binary": (bytes(range(256)) * 20, "which sheet|not a text file"),
    "zip": (b"PK\x03\x04" + bytes(100), "save the spreadsheet as CSV"),
    "large": (b"x" * 2_000_000, "too many"),
    "other csv": (b"name,age\nAda,36\n", "does not say which sheet"),
    "unknown network": (line("nmist"), "did you mean mnist"),
    "changed": (line("mnist"), "has changed"),
    "huge blanks": (line("mnist", 9_999_999_999), "number of blanks"),
    "more blanks than cells": (line("mnist", 500), "29 cells"),
    "a file of the student's": (line("../../secret.h5"), "name it too"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_form_is_refused_in_one_line(tmp_path, name):
    content, message = BAD_FILES[name]
    path = tmp_path / "form.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        Grading().grade(path)
    assert str(path) in str(error.value)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 400), st.booleans())
def test_a_damaged_form_is_marked_or_refused_but_never_crashes(tmp_path_factory, junk, at, cut):
    content = filled(make("mnist", 0, "5")).encode()
    path = tmp_path_factory.mktemp("forms") / "form.csv"
    path.write_bytes(content[:at] + junk + (b"" if cut else content[at:]))
    with contextlib.suppress(ValueError):
        assert {v.status for v in Grading().grade(path).verdicts} <= STATUSES


def test_a_key_is_not_marked_and_is_passed_over_in_a_folder(tmp_path):
    worksheet = make("mnist")
    key = tmp_path / "key.csv"
    key.write_text(write_document(key_document(worksheet, is_marked_inside=True), "csv"), "utf-8")
    with pytest.raises(ValueError, match="answer key"):
        Grading().grade(key)
    with pytest.raises(ValueError, match="holds no answers"):
        Grading().grade(tmp_path)
    (tmp_path / "a.csv").write_text(filled(worksheet), "utf-8")
    (tmp_path / "b.CSV").write_text("nothing", "utf-8")
    marks = Grading().grade(tmp_path)
    assert [m.percent for m in marks] == [100]
    assert [path.name for path in marks.problems] == ["b.CSV"]


def test_a_form_remembers_its_sheet(tmp_path):
    worksheet = make("branched", 4, "6", True, "Ada; Lovelace, née Byron")
    (tmp_path / "form.csv").write_text(write_form(worksheet), "utf-8")
    assert read_answers(tmp_path / "form.csv").identity == worksheet.identity
