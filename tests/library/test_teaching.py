"""What a teacher needs, as functions: the same as the commands, and results that show themselves."""

import csv
import json
import re

import pytest
from conftest import ROOT, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

import app.calculate.__main__ as calculate
import app.claims.__main__ as claims
import app.worksheet.__main__ as worksheet
from app.claims.ledger import CLAIMS
from app.library.teaching import check_claims, grade_answers, make_worksheets, work_out
from models import find_network


def printed(result, capsys):
    print(result)
    return capsys.readouterr().out


def is_one_line(result):
    return 10 < len(repr(result)) < 200 and "\n" not in repr(result)


# --- claims -----------------------------------------------------------------------------------


def test_claims_are_printed_as_the_command_prints_them(capsys, door):
    for arguments, line in (
        (
            {"article": "002", "verdict": ["wrong", "not computable"]},
            "002 --verdict wrong --verdict not-computable",
        ),
        ({"article": ("001",), "source": "differs"}, "001 --source differs"),
        ({"article": "002", "verdict": "rounded"}, "002 --verdict rounded"),
        ({"article": "004", "ids": "004-10"}, "004 --id 004-10"),
    ):
        assert printed(check_claims(**arguments), capsys) == door(claims.main, "--article", *line.split())[1]


def test_all_claims_are_as_declared_and_one_that_is_not_is_told(monkeypatch):
    from dataclasses import replace

    checked = check_claims()
    assert checked
    assert [found.claim.id for found in checked] == [claim.id for claim in CLAIMS]
    assert len(checked) == len(checked.to_dict()["claims"]) == 206
    assert checked["004-10"].verdict == "exact"
    assert is_one_line(checked)
    assert is_one_line(checked["004-10"])
    assert "<table" in checked._repr_html_()
    planted = [replace(c, figure=338_461) if c.id == "004-10" else c for c in CLAIMS]
    monkeypatch.setattr("app.claims.checking.CLAIMS", planted)
    none_shown = check_claims(article="003", verdict="rounded")
    assert not none_shown
    assert none_shown.differences[0].startswith("004-10 is wrong, declared exact")
    assert "1 not as declared" in repr(none_shown)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"article": "4"}, "there is no article '4'; there are 000, 001, 002, 003, 004"),
        ({"article": ["004", 4]}, "there is no article 4"),
        ({"article": 4, "verdict": 4}, "there is no article 4"),
        ({"ids": 4}, "there is no claim '4'"),
        ({"verdict": "right"}, "there is no verdict 'right'; there are exact, rounded, wrong"),
        ({"source": "yes"}, "there is no source 'yes'; there are agrees, differs"),
        ({"ids": "004-99"}, "004-01 to 004-66"),
        ({"ids": ["004-10", ""]}, "as in 004-10"),
    ],
)
def test_claims_that_there_are_not_are_refused(arguments, message):
    assert message in refusal(check_claims, **arguments)


# --- worksheets -------------------------------------------------------------------------------


def test_a_sheet_and_its_key_are_printed_as_the_command_prints_them(capsys, door):
    sheet = make_worksheets("mnist", blanks="all", seed=7, vary=True)
    line = ("mnist", "--blanks", "all", "--seed", "7", "--vary")
    assert printed(sheet, capsys) == door(worksheet.main, *line)[1]
    assert printed(sheet.key, capsys) == door(worksheet.main, *line, "--key")[1]
    assert sheet.to_dict() == json.loads(door(worksheet.main, *line, "--format", "json")[1])
    assert is_one_line(sheet)
    assert is_one_line(sheet.key)
    for cell in sheet.blanks.values():
        assert cell.working not in sheet._repr_html_() or not cell.working
    assert "<table" in sheet.key._repr_html_()
    assert str(make_worksheets(find_network("mnist"))) == str(make_worksheets("mnist"))
    assert len(make_worksheets("x_or_not_x").blanks) == len(make_worksheets("x_or_not_x", blanks=12).blanks)


@pytest.mark.parametrize(
    ("where", "options", "line"),
    [
        ("sheet.md", {}, ()),
        ("sheet.htm", {"ascii_only": True}, ("--ascii",)),
        ("sheet.csv", {}, ()),
        ("new/folder", {"format": "text", "width": 90}, ("--format", "text", "--width", "90")),
    ],
)
def test_a_sheet_is_saved_as_the_command_writes_it(where, options, line, door, tmp_path):
    path = make_worksheets("mnist", seed="q").save(tmp_path / "library" / where, **options)
    door(worksheet.main, "mnist", "--seed", "q", "--output", tmp_path / "command" / where, *line)
    ours, theirs = (
        {p.relative_to(tmp_path / which): p.read_bytes() for p in (tmp_path / which).rglob("*.*")}
        for which in ("library", "command")
    )
    assert ours == theirs
    assert len(ours) == (2 if where.endswith("csv") else 3)
    assert path.relative_to(tmp_path / "library") in ours
    assert "key" not in path.name


def test_a_class_is_saved_as_the_command_writes_it_and_graded(capsys, door, tmp_path):
    names = ["Ada Lovelace", "李雷", "7", '=cmd("x")']
    (tmp_path / "names.txt").write_text("\n".join(names), "utf-8")
    sheets = make_worksheets("mnist", names, seed=3, vary=True)
    assert sheets.save(tmp_path / "library", format="csv") == tmp_path / "library"
    line = ("--students", tmp_path / "names.txt", "--seed", "3", "--vary", "--format", "csv")
    door(worksheet.main, "mnist", *line, "--output", tmp_path / "command")
    ours, theirs = (
        {p.relative_to(tmp_path / which): p.read_bytes() for p in (tmp_path / which).rglob("*.csv")}
        for which in ("library", "command")
    )
    assert ours == theirs
    assert len(ours) == 8
    assert [sheet.student for sheet in sheets] == names
    assert str(sheets["李雷"]) == str(sheets[1]) != str(sheets[0])
    assert list(make_worksheets("mnist", tmp_path / "names.txt").students) == names
    assert list(make_worksheets("mnist", 3).students) == ["1", "2", "3"]
    assert is_one_line(sheets)
    assert "4 worksheets: Count a network varied from the network for MNIST, seed 3" in printed(
        sheets, capsys
    )
    assert sheets.to_dict()["students"]["Ada Lovelace"] == "1-Ada-Lovelace"
    grades = grade_answers(tmp_path / "library")
    assert printed(grades, capsys) == door(worksheet.main, "--grade", tmp_path / "library")[1]
    assert (len(grades), grades["7"].percent, grades.problems) == (4, 0, {})
    assert is_one_line(grades)
    assert "there are no answers of 'Bob'" in refusal(grades.__getitem__, "Bob")
    assert "there is no student 'Bob'" in refusal(sheets.__getitem__, "Bob")


def test_answers_are_graded_in_memory_and_from_a_form(capsys, door, tmp_path):
    sheet = make_worksheets("worked_example", blanks=10, seed=7)
    right = {number: cell.value for number, cell in sheet.blanks.items() if not cell.unit}
    grades = sheet.grade({**right, 3: 250, 2: None})
    verdicts = {verdict.number: verdict.status for verdict in grades}
    assert (verdicts[1], verdicts[2], verdicts[3], verdicts[10]) == ("right", "missing", "wrong", "missing")
    assert "the bias is forgotten" in grades.verdicts[2].words
    assert all(map(is_one_line, (grades, *grades)))
    form = tmp_path / "form.csv"
    rows = [[*row[:2], str({**right, 3: 250}.get(int(row[0]), ""))] for row in rows_of(sheet.form)]
    form.write_text(f"{sheet.form.splitlines()[1]}\nnumber,question,answer\n", "utf-8")
    with form.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    from_form = grade_answers(form, credit=1)
    assert printed(from_form, capsys) == door(worksheet.main, "--grade", form, "--credit", "1")[1]
    assert from_form.points == grades.points + 1
    path = from_form.save(tmp_path / "grades.json")
    assert json.loads(path.read_text("utf-8")) == from_form.to_dict()


def rows_of(form):
    return [row for row in csv.reader(form.splitlines()) if row[0].isdigit()]


def test_a_model_file_that_is_trained_again_has_another_sheet(tmp_path):
    """A notebook makes sheets about one file again and again: nothing of it is kept."""
    sizes = []
    for units in (3, 4):
        layers = [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 8], "name": "image"}},
            {"class_name": "Dense", "config": {"units": units, "name": "dense", "activation": "relu"}},
        ]
        config = {"class_name": "Sequential", "config": {"name": "small", "layers": layers}}
        (tmp_path / "small.json").write_text(json.dumps(config))
        sheet = make_worksheets(tmp_path / "small.json", blanks="all")
        sizes.append(next(cell.value for cell in sheet.blanks.values() if cell.quantity == "parameters"))
    assert sizes == [27, 36]
    form = sheet.save(tmp_path / "sheet.csv")
    message = refusal(grade_answers, form)
    assert f'name it too: grade_answers("{form}", network="path/to/small.json")' in message
    assert grade_answers(form, tmp_path / "small.json").percent == 0


class NoNetwork:
    def save(self, path):
        pass


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("nmist",), ValueError, "did you mean mnist?"),
        (("nowhere.keras",), ValueError, "does not exist"),
        ((NoNetwork(),), TypeError, "NoNetwork; save it and give the file"),
        ((3,), TypeError, "not int"),
        (("mnist", 0), ValueError, "students must be 1 to 1000, not 0"),
        (
            ("mnist", "Ada"),
            ValueError,
            "students takes a number or a file with a name in each line, not 'Ada'",
        ),
        (("mnist", []), ValueError, "students has 0 names; expected 1 to 1000"),
        (
            ("mnist", ["Ada", "Ada "]),
            ValueError,
            "'Ada' is there twice; each student needs a name of their own",
        ),
        (("mnist", ["Ada", " "]), ValueError, "a line is no name"),
        (("mnist", ["Ada", 3]), TypeError, "students are names, not 3"),
        (("mnist", 1.5), TypeError, "not 1.5"),
        (("mnist", None, 500), ValueError, "at most 29, or 'all'"),
        (("mnist", 3, 500), ValueError, "at most 29, or 'all'"),
        (("mnist", None, "some"), ValueError, "1 or more, or 'all', not 'some'"),
        (("mnist", None, None, "9" * 101), ValueError, "a seed of 101 signs is too long"),
    ],
)
def test_sheets_that_cannot_be_made_are_refused(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make_worksheets(*arguments)


def test_what_cannot_be_saved_or_graded_is_refused(tmp_path):
    sheet = make_worksheets("mnist")
    assert "use an ending of .txt, .md" in refusal(sheet.save, tmp_path / "sheet.docx")
    assert "unknown format 'docx'" in refusal(sheet.save, tmp_path, format="docx")
    assert "name a folder, not a.html" in refusal(make_worksheets("mnist", 2).save, tmp_path / "a.html")
    assert ".json" in refusal(sheet.key.save, tmp_path / "key.png")
    assert list(tmp_path.iterdir()) == []
    form = sheet.save(tmp_path / "sheet.csv")
    form.write_text(form.read_text("utf-8") + "7,,3\n", "utf-8")
    assert "may have answers in it" in refusal(sheet.save, tmp_path / "sheet.csv")
    assert "credit must be from 0 to 1, not 2" in refusal(grade_answers, form, credit=2)
    assert "credit must be from 0 to 1, not 2" in refusal(sheet.grade, {}, credit=2)
    assert "no such file" in refusal(grade_answers, tmp_path / "none.csv")
    assert "is about mnist, not lenet5" in refusal(grade_answers, form, "lenet5")


# --- single layers ----------------------------------------------------------------------------

SPOKEN = [
    ("conv", ((28, 28, 1),), {"kernel": 5, "filters": 10}, "28x28x1 --kernel 5 --filters 10"),
    (
        "conv",
        ("56x60x32",),
        {
            "kernel": (3, 5),
            "stride": [2, 1],
            "padding": ((1, 2), 0),
            "groups": 4,
            "filters": 64,
            "bias": False,
        },
        "56x60x32 --kernel 3x5 --stride 2x1 --padding 1,2x0 --groups 4 --filters 64 --no-bias",
    ),
    (
        "conv",
        (),
        {
            "find": (13, 13, 10),
            "kernel": 5,
            "then_pool": True,
            "inputs": range(20, 65),
            "paddings": [0, 1, "same"],
        },
        "--find 13x13x10 --kernel 5 --then-pool --inputs 20-64 --paddings 0,1,same",
    ),
    ("pool", (112,), {"pool": 3, "stride": 2, "ceil": True}, "112 --pool 3 --stride 2 --ceil"),
    ("pool", (20,), {"pool": 2, "ceil": False, "padding": "same"}, "20 --pool 2 --padding same"),
    (
        "pool",
        (),
        {"find": 5, "pools": range(2, 5), "pool_strides": (1, 3)},
        "--find 5 --pools 2-4 --pool-strides 1,3",
    ),
    ("transposed", ((7, 9, 64),), {"kernel": 3, "output_padding": 0}, "7x9x64 --kernel 3 --output-padding 0"),
    ("dense", ((13, 13, 10),), {"units": 200, "flatten": True}, "13x13x10 --units 200 --flatten"),
    (
        "receptive-field",
        ("conv3", "pool2"),
        {"input": 28, "cell": (1, 2)},
        "conv3 pool2 --input 28 --cell 1x2",
    ),
    ("receptive_field", ("conv3",), {"find": 9, "depth": 5}, "conv3 --find 9 --depth 5"),
    ("padding", (224,), {"kernel": 7, "stride": 2}, "224 --kernel 7 --stride 2"),
    ("conv", ((100, 3),), {"kernel": 5, "dimensions": 1}, "100x3 --kernel 5 --dimensions 1"),
    (
        "conv",
        ((16, 28, 28, 3),),
        {"kernel": (1, 3, 3), "padding": ((1, 2), "full", 0)},
        "16x28x28x3 --kernel 1x3x3 --padding 1,2xfullx0",
    ),
    (
        "transposed",
        ((7, 7, 64),),
        {"kernel": 4, "stride": 2, "filters": 32, "groups": 8},
        "7x7x64 --kernel 4 --stride 2 --filters 32 --groups 8",
    ),
    ("pool", ((3, 224, 224),), {"pool": 2}, "3x224x224 --pool 2"),
    ("pool", (), {"find": (5, 13, 13, 2), "stride": 2}, "--find 5x13x13x2 --stride 2"),
]


@pytest.mark.parametrize(("question", "about", "options", "line"), SPOKEN)
def test_numbers_and_tuples_say_what_is_typed(question, about, options, line, capsys, door):
    answer = work_out(question, *about, **options)
    typed = (question.replace("_", "-"), *line.split())
    assert printed(answer, capsys) == door(calculate.main, *typed)[1]
    assert answer.to_dict() == json.loads(door(calculate.main, *typed, "--format", "json")[1])
    assert is_one_line(answer)
    assert "<table" in answer._repr_html_()


def test_one_number_of_an_answer_can_be_had(tmp_path):
    answer = work_out("conv", 28, kernel=5, filters=10)
    assert (answer["parameters"], answer["output"]) == (260, [24, 24, 10])
    assert "no 'params'; there are output rows and columns, parameters, MACs" in refusal(
        answer.__getitem__, "params"
    )
    path = answer.save(tmp_path / "conv.md")
    assert "(5·5·1 + 1)·10" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("question", "about", "options", "message"),
    [
        (
            "dence",
            (28,),
            {},
            "no question 'dence'; did you mean dense? There are conv, pool, transposed, dense,",
        ),
        (3, (), {}, "there is no question 3; There are conv"),
        ("conv", (28,), {"kernal": 3}, "conv has no setting 'kernal'; it has kernel, stride, padding"),
        ("dense", (28,), {"size": 3}, "dense has no setting 'size'; it has units, bias, flatten"),
        ("conv", (28, 28, 1), {"kernel": 5}, "conv takes one input, not 3; write a size as (28, 28, 1)"),
        ("conv", (), {"kernel": 5}, "the input's size is missing; for example: 28x28x1"),
        ("conv", (28,), {}, "kernel is missing; for example: kernel=3"),
        ("dense", (28,), {}, "units is missing; for example: units=200"),
        ("conv", (28,), {"kernel": 5.5}, "the kernel size '5.5' is not a whole number"),
        ("conv", (28,), {"kernel": 5, "bias": "no"}, "bias is True or False, not 'no'"),
        ("conv", (28,), {"kernel": 99}, "does not fit into 28 cells"),
        ("conv", (28,), {"kernel": 3, "inputs": 9}, "inputs goes with find=SIZE"),
        ("conv", (28,), {"kernel": (3, 3, 3)}, "(rows x columns); three axes need dimensions=3"),
        (
            "conv",
            (28,),
            {"kernel": 3, "dimensions": 4},
            "dimensions must be a whole number from 1 to 3, not 4",
        ),
        ("conv", ((3, 224, 224),), {"kernel": 7}, "3 rows, 224 columns and 224 channels; if its first"),
        ("conv", (28,), {"find": 9}, "the input says nothing to find; write inputs=28 to fix it"),
        ("conv", (), {"find": 9, "pool_strides": 3}, "pool_strides needs then_pool"),
        ("conv", (), {"find": 9, "kernel": 3, "kernels": 3}, "kernel and kernels contradict"),
        (
            "conv",
            (),
            {"find": 9, "inputs": (20, 64)},
            "inputs is one size, 28, or '20-64' or range(20, 65), not",
        ),
        ("pool", (9,), {"pool": 2, "padding": "same", "ceil": True}, "ceil goes with valid or a number"),
        ("receptive-field", (), {}, "which layers?"),
        ("receptive-field", ("conv3",), {"cell": 3}, "cell goes with input=SIZE"),
        ("receptive-field", ("conv3x5",), {"find": 9}, "conv3x5: find stacks square layers only"),
        (
            "receptive-field",
            ("conv3", "conv5"),
            {"find": 9, "depth": 50},
            "give fewer pieces or a smaller depth",
        ),
    ],
)
def test_what_cannot_be_worked_out_is_said_in_the_words_of_python(question, about, options, message):
    said = refusal(work_out, question, *about, **options)
    assert message in said
    assert "--" not in said
    assert "\n" not in said


values = st.sampled_from(
    [None, 0, 1, 3, -1, 2.5, "", "same", "3x5", (2, 3), (2, 3, 4, 1), ((1, 2), 0), [], range(2, 6), True, {}]
)
names = st.sampled_from(
    "kernel stride padding dilation filters groups bias find then_pool inputs kernels pool ceil units flatten "
    "input cell depth output_padding pools dimensions".split()
)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["conv", "pool", "transposed", "dense", "padding", "receptive_field"]),
    st.lists(values, max_size=2),
    st.dictionaries(names, values, max_size=4),
)
def test_whatever_is_asked_gives_an_answer_or_one_sentence(question, about, options):
    try:
        assert str(work_out(question, *about, **options))
    except ValueError as error:
        assert re.fullmatch(r"[^\n]{8,}", str(error))  # noqa: PT017


def test_the_command_and_python_know_the_same_settings():
    from app.calculate.questions import QUESTIONS

    assert set(calculate.main.commands) == set(QUESTIONS)
    for name, command in calculate.main.commands.items():
        report = {"format_", "output", "width", "ascii_only"}
        typed = {parameter.name for parameter in command.params} - report
        assert typed == {*QUESTIONS[name].settings, QUESTIONS[name].asks_about}


def test_the_documentation_names_every_question_and_its_settings():
    from app.calculate.questions import QUESTIONS

    text = re.sub(r"\s+", " ", work_out.__doc__)
    for name, question in QUESTIONS.items():
        assert f"`{name}`" in text
        assert not [setting for setting in question.settings if setting not in text]


# --- what is imported -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        (
            "app.worksheet lenet5 --seed 3",
            r"app\.worksheet\.(grad|mistakes|beliefs)\w*|app\.counting\.stored\.\w+|app\.show\.progress",
        ),
        (
            "app.calculate conv 28 --kernel 3",
            r"app\.calculate\.(searches|inverse|chains|reports\.(dense|padding|stacks|transposed|ways|rec\w+))",
        ),
    ],
)
def test_a_command_imports_only_what_its_answer_needs(line, left_out, command):
    module, *arguments = line.split()
    code = (
        f"import sys, runpy; sys.argv = {[module, *arguments]!r}\n"
        f"with __import__('contextlib').suppress(SystemExit): runpy.run_module({module!r}, run_name='__main__')\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    loaded = command("-c", code).stderr.split()
    assert "app.show.writers" in loaded
    assert not [name for name in loaded if re.fullmatch(left_out, name)]


def test_the_example_form_of_the_guide_is_graded():
    grades = grade_answers(str(ROOT / "docs" / "worksheet-answers.csv"))
    assert (len(grades), grades.count("right")) == (10, 5)
    assert "no.such cannot be written" in refusal(grades.save, ROOT / "no.such")
