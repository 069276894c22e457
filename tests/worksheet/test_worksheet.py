"""The worksheet door: sheets without answers in them, keys, forms, marks of one and of a class."""

import csv
import json
import re

import pytest
from conftest import ROOT
from pdf_pages import text_of

from app.show.writers import FORMATS
from app.worksheet.__main__ import main


def fill(form, answers):
    """Write answers, by number, into a form."""
    rows = list(csv.reader(form.read_text("utf-8").splitlines()))
    for row in rows:
        if row and row[0].isdigit():
            row[2] = answers.get(int(row[0]), "")
    with form.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(rows)


def answers_of(door, *arguments):
    """Return the key's answers, by number, as they are printed."""
    code, output, _ = door(main, *arguments, "--key", "--format", "csv")
    assert code == 0
    rows = csv.reader(output.splitlines())
    return {int(row[0]): row[2] for row in rows if row[0].isdigit()}


def test_a_sheet_is_printed_with_its_blanks_and_without_their_answers(door):
    code, output, _ = door(main, "worked_example", "--blanks", "all")
    assert code == 0
    for text in ("(1) ______", "10 filters 5×5, valid", "28×28×1", "200 units", "convlab-worksheet/1?"):
        assert text in output, text
    for answer in ("338,200", "338,460", "169,000", "26×26×10", "1,690"):
        assert answer not in output, answer


def test_a_sheet_can_be_written_on(door, tmp_path):
    """Blanks of twelve underscores in text; on paper lines of 25 mm, and tall rows."""
    assert "(1) ____________ " in door(main, "mnist", "--blanks", "all")[1]
    page = door(main, "mnist", "--format", "html")[1]
    assert '<body class="form">' in page
    assert page.count('<span class="blank"></span>') == 12
    latex = door(main, "mnist", "--format", "latex")[1]
    assert latex.count(r"\rule{25mm}") == 12
    assert latex.count(r"\arraystretch}{2}") == 2
    for format_, sign in (("html", 'class="blank"'), ("html", 'class="form"'), ("latex", "25mm")):
        assert sign not in door(main, "mnist", "--key", "--format", format_)[1]


@pytest.mark.parametrize("format_", ["text", "markdown", "html", "latex"])
def test_the_key_says_what_it_is_below_its_table(door, format_):
    output = door(main, "worked_example", "--key", "--format", format_)[1]
    output = output.replace("{-}", "-")
    assert output.count("Key: convlab-key/1") == output.count("convlab-key/1") == 1
    assert output.index("convlab-key/1") > output.rindex("total")


def test_the_key_has_the_workings(door):
    code, output, _ = door(main, "worked_example", "--blanks", "all", "--key")
    assert code == 0
    for text in (
        "(5·5·1 + 1)·10 = 260",
        "⌊(26 − 2)/2⌋ + 1 = 13",
        "13·13·10 = 1,690",
        "260 + 338,200 = 338,460",
        "5 + (2 − 1)·1 = 6",
    ):
        assert text in output, text


@pytest.mark.parametrize("format_", FORMATS)
def test_sheets_are_written_in_every_format(door, tmp_path, format_):
    code, output, _ = door(main, "mnist", "--format", format_, "--output", tmp_path / "out", "--seed", "7")
    assert code == 0
    sheet, *form, key = [tmp_path / "out" / line.rpartition("/")[2] for line in output.splitlines()]
    assert len(form) == (format_ != "csv")
    assert {sheet, *form, key} == set((tmp_path / "out").iterdir())
    if format_ == "pdf":
        assert "(12)" in text_of(sheet.read_bytes())
        assert "total: " in text_of(key.read_bytes())
        assert "name a file with --output" in door(main, "mnist", "--key", "--format", "pdf")[2]
        return
    printed = door(main, "mnist", "--seed", "7", "--key", "--format", format_)[1]
    assert key.read_text("utf-8") == printed
    text = sheet.read_text("utf-8")
    assert "blank" in text if format_ == "json" else "(12)" in text
    assert "convlab" in text


def test_the_ending_of_the_file_chooses_the_format(door, tmp_path):
    door(main, "mnist", "--output", tmp_path / "sheet.md")
    assert {p.name for p in tmp_path.iterdir()} == {"sheet.md", "sheet-key.md", "sheet-answers.csv"}
    assert (tmp_path / "sheet.md").read_text("utf-8").startswith("# Count the network for MNIST\n")


def test_a_form_with_answers_is_never_written_over(door, tmp_path):
    door(main, "mnist", "--output", tmp_path)
    assert door(main, "mnist", "--output", tmp_path)[0] == 0
    fill(tmp_path / "mnist-0-answers.csv", {1: "5"})
    before = (tmp_path / "mnist-0-answers.csv").read_bytes()
    code, _, error = door(main, "mnist", "--output", tmp_path)
    assert code == 2
    assert "may have answers in it" in error
    assert (tmp_path / "mnist-0-answers.csv").read_bytes() == before


def test_a_filled_form_is_marked_and_a_bad_score_is_no_error(door, tmp_path):
    door(main, "worked_example", "--blanks", "all", "--output", tmp_path / "sheet.md")
    form = tmp_path / "sheet-answers.csv"
    answers = answers_of(door, "worked_example", "--blanks", "all")
    number = next(n for n, answer in answers.items() if answer == "260")
    fill(form, {**answers, number: "250"})
    code, output, _ = door(main, "--grade", form)
    assert code == 0
    assert "16 of 17 right (94 %)." in output
    assert "the bias is forgotten" in output
    assert "(5·5·1 + 1)·10 = 260" in output
    fill(form, {})
    code, output, _ = door(main, "--grade", form)
    assert code == 0
    assert "0 of 17 right (0 %)." in output


def test_marks_come_as_data_too(door, tmp_path):
    door(main, "mnist", "--output", tmp_path / "sheet.csv")
    fill(tmp_path / "sheet.csv", answers_of(door, "mnist") | {1: "288"})
    code, output, _ = door(main, "--grade", tmp_path / "sheet.csv", "--format", "json")
    data = json.loads(output)
    assert code == 0
    assert (data["right"], data["blanks"]) == (11, 12)
    assert data["answers"][0]["mistakes"] == ["bias forgotten"]
    assert data["answers"][0]["answer"] == 320


def test_a_class_gets_sheets_of_their_own_and_a_table_of_marks(door, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text('Ada Lovelace\n\n李雷\nO\'Neill, "Tip"\n=cmd()\n', "utf-8")
    code, output, _ = door(
        main, "mnist", "--vary", "--students", names, "--format", "markdown", "--output", tmp_path / "class"
    )
    assert code == 0
    assert "4 sheets" in output
    sheets, keys = (sorted((tmp_path / "class" / part).iterdir()) for part in ("sheets", "keys"))
    assert len(sheets) == 8
    assert len(keys) == 4
    assert len({p.read_text("utf-8") for p in sheets}) == 8
    forms = [p for p in sheets if p.name.endswith("-answers.csv")]
    assert forms[0].name == "1-Ada-Lovelace-answers.csv"
    for form, key in zip(forms, keys, strict=True):
        found = re.findall(r"(\d+)[^\w]+\w+: [\w ]+?(?: in \w+)?[^\w.]+([\d,.×]+)", key.read_text("utf-8"))
        assert len(found) >= 12
        fill(form, {int(n): answer for n, answer in found})
    code, output, _ = door(main, "--grade", tmp_path / "class")
    assert code == 0
    assert output.count(" 12 of 12 ") == 8  # right, and points
    assert "Ada Lovelace" in output
    fill(forms[0], {})
    (tmp_path / "class" / "sheets" / "junk.csv").write_text("?")
    code, output, _ = door(main, "--grade", tmp_path / "class", "--format", "json")
    data = json.loads(output)
    assert code == 0
    assert [sheet["percent"] for sheet in data["sheets"]] == [0, 100, 100, 100]
    assert list(data["not marked"]) == ["junk.csv"]


def test_nothing_in_a_students_folder_has_an_answer(door, tmp_path):
    door(main, "mnist", "--vary", "--blanks", "all", "--students", "3", "--output", tmp_path)
    for key in sorted((tmp_path / "keys").iterdir()):
        text = key.read_text("utf-8")
        number = key.name.split("-")[0]
        long = set(re.findall(r"= ([\d,]{6,})", text))
        assert len(long) > 5
        for path in (tmp_path / "sheets").glob(f"{number}*"):
            assert not [n for n in long if n in path.read_text("utf-8")]


def test_a_sheet_of_a_model_file_is_marked_with_the_file(door, tmp_path):
    model = "saved_models/shipped/mnist.keras"
    door(main, model, "--output", tmp_path / "sheet.csv", "--blanks", "all")
    fill(tmp_path / "sheet.csv", answers_of(door, model, "--blanks", "all"))
    code, output, _ = door(main, "--grade", tmp_path / "sheet.csv", model)
    assert code == 0
    assert "(100 %)" in output
    assert "saved_models" not in (tmp_path / "sheet.csv").read_text("utf-8")
    code, _, error = door(main, "--grade", tmp_path / "sheet.csv")
    assert code == 2
    assert "name it too" in error


@pytest.mark.parametrize("change", [{"layers": 3}, {"layers": [3]}, {"layers": [{}]}, {}])
def test_a_damaged_model_is_one_line(door, tmp_path, change):
    import zipfile

    path = tmp_path / "odd.keras"
    with zipfile.ZipFile(path, "w") as archive:
        config = {"class_name": "Sequential", "config": {"name": "s", **change}}
        archive.writestr("config.json", json.dumps(config))
    code, _, error = door(main, path)
    assert code == 2
    assert len(error.strip().splitlines()) == 1
    assert error.startswith("Error: ")


def test_marks_can_be_written_into_a_file_of_a_new_folder(door, tmp_path):
    door(main, "mnist", "--output", tmp_path / "sheet.csv")
    marks = tmp_path / "new" / "marks.md"
    code, _, _ = door(main, "--grade", tmp_path / "sheet.csv", "--output", marks)
    assert code == 0
    assert "0 of 12 right" in marks.read_text("utf-8")
    code, _, error = door(main, "--grade", tmp_path / "sheet.csv", "--output", tmp_path)
    assert code == 2
    assert "is a folder" in error


def test_the_credit_is_said(door, tmp_path):
    door(main, "mnist", "--blanks", "all", "--output", tmp_path / "sheet.csv")
    right = answers_of(door, "mnist", "--blanks", "all")
    fill(tmp_path / "sheet.csv", {**right, 9: "18432", 27: str(93_322 - 64)})
    for credit, points in (("0", "27"), ("1", "28")):
        code, output, _ = door(main, "--grade", tmp_path / "sheet.csv", "--credit", credit)
        assert code == 0
        assert f"at {credit} each: {points} of 29 points" in output
        assert "follows from your answer (9)" in output


PAGE = (ROOT / "docs" / "worksheets.md").read_text("utf-8")
SHOWN = re.findall(r"```sh\npython -m app.worksheet (.*?)\n```\n\n```text\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize(("arguments", "shown"), SHOWN, ids=[a for a, _ in SHOWN])
def test_the_guide_shows_what_is_printed(door, monkeypatch, arguments, shown):
    monkeypatch.chdir(ROOT)
    _, output, _ = door(main, *arguments.split())

    def words(text):  # in any order, for cells are broken where a column ends
        return sorted(word for word in text.split() if "─" not in word)

    assert words(output) == words(shown)


def test_the_guide_shows_a_sheet_questions_a_key_and_marks():
    assert len(SHOWN) == 4
