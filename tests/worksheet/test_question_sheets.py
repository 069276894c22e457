"""Sheets with questions of other kinds: made, handed out, filled in, graded; the network's sheets as they were."""

import csv
import io
import json
import re

import pytest
from conftest import refusal
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import make

from app.questions.kinds import ALL, KINDS
from app.questions.question import GRID
from app.show.writers import FORMATS, WRITERS, write_document
from app.worksheet.__main__ import main
from app.worksheet.documents import answer_text, key_document, sheet_document
from app.worksheet.drawing import MOST_LAYERS, draw_layers
from app.worksheet.forms import write_form
from app.worksheet.grade_files import Grading
from app.worksheet.grading import grade_texts
from app.worksheet.identity import Identity, find_identity, read_kinds, write_kinds
from app.worksheet.making import make_handouts
from app.worksheet.worksheet import make_worksheet, rebuild_worksheet
from models import CATALOGUE

EVERYTHING = write_kinds([(kind, 2) for kind in KINDS])


def sheet_of(kinds=EVERYTHING, seed="0", student=""):
    return make_worksheet(None, Identity("", str(seed), student, kinds=kinds))


def right(worksheet):
    return {number: answer_text(asked) for number, asked in worksheet.asked.items()}


def filled(form, answers, delimiter=",", quoting=csv.QUOTE_MINIMAL):
    """A form as a spreadsheet gives it back, with answers by number."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    for row in csv.reader(io.StringIO(form)):
        is_line = len(row) == 3 and row[0].isdigit()
        writer.writerow([*row[:2], answers.get(int(row[0]), "")] if is_line else row)
    return stream.getvalue()


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(KINDS)), st.integers(0, 10**6), st.sampled_from(["", "Ada", "李雷"]))
def test_a_sheet_filled_from_its_key_scores_all(kind, seed, student):
    number = len(KINDS[kind].makers)
    worksheet = sheet_of(f"{kind}.{number}", seed, student)
    grades = grade_texts(worksheet, right(worksheet))
    assert grades.percent == 100
    assert not grades.notes
    assert grades.points == worksheet.points


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_sheet_filled_from_its_key_scores_all_over_many_seeds(kind):
    for seed in range(200):
        worksheet = sheet_of(f"{kind}.{len(KINDS[kind].makers)}", seed)
        assert grade_texts(worksheet, right(worksheet)).percent == 100


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_the_form_comes_back_from_any_spreadsheet(tmp_path, delimiter, quoting):
    worksheet = sheet_of(student='Zoë; "Z", x')
    path = tmp_path / "form.csv"
    path.write_text(filled(write_form(worksheet), right(worksheet), delimiter, quoting), "utf-8")
    assert Grading().grade(path).percent == 100


def test_a_sheet_as_csv_is_its_own_form_and_has_the_whole_questions(tmp_path):
    worksheet = sheet_of()
    text = write_document(sheet_document(worksheet, with_form=True, format="csv"), "csv")
    for asked in worksheet.questions.values():
        assert asked.line.split("?")[0] in " ".join(text.replace('""', '"').split())
    (tmp_path / "sheet.csv").write_text(filled(text, right(worksheet)), "utf-8")
    assert Grading().grade(tmp_path / "sheet.csv").percent == 100


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_typical_mistake_is_named_and_the_rest_stays_right(kind):
    worksheet = sheet_of(f"{kind}.{len(KINDS[kind].makers)}", 5)
    for number, asked in worksheet.questions.items():
        mistake = asked.mistakes[0]
        grades = grade_texts(worksheet, {**right(worksheet), number: asked.write(mistake.value)})
        verdict = next(each for each in grades if each.number == number)
        assert mistake.name in verdict.mistakes
        assert grades.count("right") == len(worksheet.questions) - 1
        assert grades.percent < 100


def test_a_partly_right_grid_earns_a_part():
    worksheet = sheet_of("backward.4", 1)
    number, asked = next(
        (n, q) for n, q in worksheet.questions.items() if q.form == GRID and len(q.answer) > 1
    )
    first = asked.answer_text.split()[0]
    wrong = asked.answer_text.replace(first, "99" + (";" if first.endswith(";") else ""), 1)
    grades = grade_texts(worksheet, {**right(worksheet), number: wrong})
    assert grades.count("partly right") == 1
    assert worksheet.points - asked.points < grades.points < worksheet.points
    text = write_document(grades.document())
    assert f"{len(worksheet.questions) - 1} of {len(worksheet.questions)} right, 1 partly right: " in text
    assert f"{grades.points:g} of {worksheet.points} points" in text


def test_counts_and_questions_stand_on_one_sheet(door, tmp_path):
    line = (
        "mnist",
        "--kind",
        "counts",
        "--kind",
        "sizes",
        "--kind",
        "choice",
        "--blanks",
        "5",
        "--seed",
        "3",
    )
    path = tmp_path / "sheet.html"
    assert door(main, *line, "--output", path)[0] == 0
    data = json.loads(door(main, *line, "--key", "--format", "json")[1])
    assert [answer["number"] for answer in data["answers"]] == list(range(1, 10))
    assert [answer.get("kind", "counts") for answer in data["answers"]] == ["counts"] * 5 + ["sizes"] * 2 + [
        "choice"
    ] * 2
    worksheet = make("mnist", 3, 5)
    mixed = make_handouts("mnist", None, 5, 3, False, ["counts", "sizes", "choice"]).worksheet
    assert mixed.blanks == worksheet.blanks
    form = tmp_path / "sheet-answers.csv"
    form.write_text(filled(form.read_text("utf-8"), right(mixed)), "utf-8")
    assert "9 of 9 right (100 %)." in door(main, "--grade", form)[1]


def test_the_sheets_of_a_network_keep_their_identity():
    """What was handed out before there were other kinds is still graded."""
    text = "convlab-worksheet/1?network=mnist&seed=7&student=Ada+L.&blanks=12&vary=yes&check=b8ea160c"
    assert str(make("mnist", 7, 12, True, "Ada L.").identity) == text
    assert find_identity(text) == make("mnist", 7, 12, True, "Ada L.").identity


GOLDEN = {"convolution.2-sizes.2": "98867e2b"}


@pytest.mark.parametrize("kinds", list(GOLDEN))
def test_a_sheet_of_questions_keeps_its_check(kinds):
    """A change here makes sheets that were handed out unmarkable."""
    assert sheet_of(kinds, "7").identity.check == GOLDEN[kinds]


def test_a_changed_identity_is_noticed():
    identity = sheet_of("sizes.2").identity
    assert rebuild_worksheet(None, identity).identity == identity
    for text in ("seed=1", "student=x", "kinds=sizes.3", "kinds=fields.2"):
        name, value = text.split("=")
        other = Identity(**{**vars(identity), name: value})
        assert "the questions, or the line" in refusal(rebuild_worksheet, None, other)
    bad = str(identity).replace("sizes.2", "sizes.two")
    assert "convolution.2-sizes.3" in refusal(read_kinds, find_identity(bad).kinds)


def graded(tmp_path, identity):
    (tmp_path / "form.csv").write_text(f"number,answer\nsheet,{identity}\n", "utf-8")
    return Grading().grade(tmp_path / "form.csv")


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ("nonsense.2", "unknown kind"),
        ("sizes.0", "must look like"),
        ("sizes", "must look like"),
        ("sizes.9999", "are the most"),
        ("article.9", "1 to 5"),
    ],
)
def test_a_form_that_names_what_there_is_not_is_refused(tmp_path, kinds, message):
    assert message in refusal(graded, tmp_path, Identity("", kinds=kinds, check="0"))


def test_a_form_of_questions_takes_no_network(tmp_path):
    (tmp_path / "form.csv").write_text(write_form(sheet_of("sizes.2")), "utf-8")
    assert "its sheet has no network" in refusal(Grading("mnist").grade, tmp_path / "form.csv")


@pytest.mark.parametrize("format_", [name for name in FORMATS if not WRITERS[name].is_binary])
def test_every_format_has_the_head_and_all_questions_and_no_answer(format_):
    worksheet = sheet_of(seed=11)
    text = write_document(sheet_document(worksheet, with_form=format_ == "csv", format=format_), format_)
    key = write_document(key_document(worksheet, is_marked_inside=format_ == "csv"), format_)
    for asked in worksheet.questions.values():
        for step in asked.steps:
            assert step not in text
    assert not {"196,609,000", "196609000"} & set(re.findall(r"[\d,]+", text))
    assert {"196,609,000", "196609000"} & set(re.findall(r"[\d,]+\d", key.replace("{,}", ",")))
    if format_ not in ("csv", "json"):
        assert text.count("Name: ") == 1
        assert text.count("Date: ") == 1
        assert f"of {worksheet.points}" in text
        assert "Fill in the empty grids" in text
        for number in worksheet.questions:
            assert f"({number})" in text
            assert (
                "points" in text.split(f"({number})")[1][:20]
                or "1 point" in text.split(f"({number})")[1][:20]
            )


def test_the_page_has_grids_to_fill_in_a_small_line_and_keeps_questions_together():
    worksheet = sheet_of("convolution.1-choice.1", 7)
    page = write_document(sheet_document(worksheet, format="html"), "html")
    answer = worksheet.questions[1].answer
    assert page.count('class="cl-edge"') == len(answer) * len(answer[0])
    assert page.count('class="cl-plain"') == sum(
        len(g.grid) * len(g.grid[0]) for g in worksheet.questions[1].givens
    )
    assert '<p class="small">For marking: convlab-worksheet/1' in page
    assert page.count('<p class="keep">') == 4  # the head, two questions, the options
    assert "size: landscape" in page
    assert '<body class="form' not in page
    assert '<p class="keep">(1) [' in page


def test_the_network_is_drawn_without_the_shapes_that_are_asked_for():
    worksheet = make("mnist")
    drawing = draw_layers(worksheet)
    assert all(name in drawing.svg for name in worksheet.cases)
    assert "28×28×1" in drawing.svg
    assert not [
        cell
        for cell in worksheet.blanks.values()
        if cell.quantity == "output" and answer_text(cell) + "<" in drawing.svg
    ]
    assert draw_layers(make("branched")).svg.count("<rect") == len(make("branched").cases)
    long = make_handouts("resnet50").worksheet
    assert len(long.cases) > MOST_LAYERS
    assert draw_layers(long) is None
    assert "<svg" in write_document(sheet_document(worksheet, format="html"), "html")
    assert "Picture" not in write_document(sheet_document(worksheet))


def test_a_class_gets_numbers_of_their_own(door, tmp_path):
    line = ("--kind", "all", "--number", "1", "--students", "3", "--seed", "5", "--output", tmp_path)
    code, output, _ = door(main, *line)
    assert code == 0
    assert "3 sheets" in output
    forms = sorted((tmp_path / "sheets").glob("*.csv"))
    keys = [
        json.loads(write_document(key_document(sheet_of(write_kinds([(k, 1) for k in ALL]), 5, n)), "json"))
        for n in "123"
    ]
    assert len({json.dumps(key["answers"]) for key in keys}) == 3
    for form, student in zip(forms, "123", strict=True):
        worksheet = sheet_of(write_kinds([(kind, 1) for kind in ALL]), 5, student)
        form.write_text(filled(form.read_text("utf-8"), right(worksheet)), "utf-8")
    assert door(main, "--grade", tmp_path)[1].count("100 %") == 4  # each, and the average


def test_an_empty_form_is_not_handed_in_and_stays_out_of_the_average(door, tmp_path):
    sheets = make_handouts(students=3, kinds="sizes", number=2)
    sheets.save(tmp_path)
    forms = sorted((tmp_path / "sheets").glob("*.csv"))
    answers = [right(handout.worksheet) for handout in sheets]
    forms[0].write_text(filled(forms[0].read_text("utf-8"), answers[0]), "utf-8")
    forms[1].write_text(filled(forms[1].read_text("utf-8"), {1: answers[1][1]}), "utf-8")
    code, output, _ = door(main, "--grade", tmp_path)
    assert code == 0
    assert "Average of 2 sheets: 75 %." in output
    assert "Not handed in, and not in the average: sheet 3." in output
    assert output.count("not handed in") == 1
    grades = Grading().grade(tmp_path)
    assert (grades.percent, grades.absent) == (75, 1)
    assert "75 % on average, 1 not handed in" in repr(grades)
    assert grades.to_dict()["percent"] == 75
    for form in forms[:2]:
        form.write_text(filled(form.read_text("utf-8"), {}), "utf-8")
    output = door(main, "--grade", tmp_path)[1]
    assert "No form was filled in." in output
    grades = Grading().grade(tmp_path)
    assert grades.percent is None
    assert grades.to_dict()["percent"] is None
    assert "nothing handed in" in repr(grades)
    assert "counts as not handed in" in door(main, "--grade", forms[0])[1]


def test_answers_in_memory_are_graded_as_they_are():
    handout = make_handouts(kinds=["convolution", "fields", "choice"], number=2, seed=4)
    answers = {number: asked.answer for number, asked in handout.questions.items()}
    assert handout.grade(answers).percent == 100
    as_lists = {n: [list(row) for row in a] if isinstance(a[0], tuple) else a for n, a in answers.items()}
    assert handout.grade(as_lists).percent == 100
    assert handout.grade({1: None, 2: ""}).is_handed_in is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--kind", "poolng"), "has no 'poolng'; did you mean pooling?"),
        (("--kind", "counts"), "name a network"),
        (("mnist", "--kind", "sizes"), "mnist is a network"),
        (("--kind", "sizes", "--blanks", "3"), "blanks is for the count of a network"),
        (("--kind", "sizes", "--vary"), "vary is for the count of a network"),
        (("mnist", "--number", "3"), "goes with a kind of questions"),
        (("--kind", "sizes", "--number", "0"), "1<=x<=100"),
        (("--kind", "all", "--number", "50"), "100 are the most"),
        (("--kind", "sizes", "--seed", "9" * 101), "is too long"),
        (("--kind", "sizes", "--output", "x/sheet.docx"), "cannot be written"),
    ],
)
def test_what_cannot_be_asked_is_one_line(door, arguments, message):
    code, _, error = door(main, *arguments)
    assert code == 2
    assert message in error
    assert len(error.strip().splitlines()) == 1


def test_the_help_names_every_kind(door):
    output = door(main, "--help-all")[1]
    for kind in KINDS.values():
        assert f"{kind.name:<12} {kind.words}" in output
    assert set(CATALOGUE).isdisjoint(KINDS)


def test_kinds_that_are_named_twice_are_asked_once():
    worksheet = make_handouts(kinds=["sizes", "all", "sizes"], number=1).worksheet
    assert [asked.kind for asked in worksheet.questions.values()] == [
        "sizes",
        *(k for k in ALL if k != "sizes"),
    ]
    assert len(make_handouts(kinds="article").worksheet.questions) == 5
    assert len(make_handouts(kinds="article", number=9).worksheet.questions) == 5
    assert "unknown kind" in refusal(make_handouts, kinds="nothing")
