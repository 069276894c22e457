"""Exercises: asked one by one with hints, workings and a score; ended politely however it ends; as objects too."""

import io
import json
import signal
import subprocess
import sys

import pytest
from conftest import ROOT, refusal

import app as lab
from app.exercises.__main__ import main
from app.exercises.results import Exercises, make_exercises
from app.exercises.session import Score
from app.questions.kinds import ALL, KINDS
from app.questions.making import make_question


@pytest.fixture
def session(door, monkeypatch):
    """Run the command with lines typed; returns the exit code and the output."""

    def run(*arguments, typed=()):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        code, output, error = door(main, *arguments)
        assert error == ""
        assert "Traceback" not in output
        return code, output

    return run


def answers(*kinds, number=5, seed=7):
    return [question.answer_text for question in make_exercises(kinds or None, number, seed)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_all_right_answers_score_everything(session, kind):
    number = len(KINDS[kind].makers)
    typed = answers(kind, number=number)
    code, output = session("--kind", kind, "--number", number, "--seed", "7", typed=typed)
    exercises = make_exercises(kind, number, 7)
    assert code == 0
    assert output.count("Right.") == number
    assert f"Score: {exercises.points} of {exercises.points} points (100 %): {number} right." in output
    for question in exercises:
        for step in question.steps:
            assert " ".join(step.split()) in " ".join(output.split())


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_usual_mistake_is_named_and_the_answer_shown(session, kind):
    question = make_exercises(kind, 1, 3)[0]
    mistake = question.mistakes[0]
    _, output = session("--kind", kind, "--number", "1", "--seed", "3", typed=[question.write(mistake.value)])
    said = " ".join(output.split())
    assert mistake.words[1:] in said
    assert f"The answer is {question.answer_text}." in said
    assert f"Mistakes: {mistake.name}." in said


def test_a_hint_a_skip_and_an_answer_that_cannot_be_read(session):
    question = make_exercises("pooling", 2, 7)[0]
    typed = ["?", "soup", "1 2", "", question.answer_text]
    code, output = session("--kind", "pooling", "--number", "2", "--seed", "7", typed=["?", "soup", ""])
    assert code == 0
    assert f"Hint: {question.hint}" in output
    assert "This cannot be read: 'soup' is not a number" in output
    assert output.count("Exercise 1 of 2") == 1
    assert f"Skipped. The answer is {question.answer_text}." in output
    assert "No exercise was answered; 1 skipped." in output
    _, output = session("--kind", "pooling", "--number", "2", "--seed", "7", typed=typed)
    assert "Score: 0 of 4 points (0 %): 1 wrong, 1 skipped." in output


def test_a_partly_right_grid_counts_in_part(session):
    question = next(
        make_question("pooling", seed) for seed in range(50) if make_question("pooling", seed).size == (2, 2)
    )
    seed = next(seed for seed in range(50) if make_question("pooling", seed) == question)
    wrong = question.answer_text.rpartition(" ")[0] + " 99"
    _, output = session("--kind", "pooling", "--number", "1", "--seed", seed, typed=[wrong])
    assert "Partly right, 1.5 of 2 points. 3 of 4 cells are right; wrong: row 2, column 2 (99, not" in output
    assert "Score: 1.5 of 2 points (75 %): 1 partly right." in output


@pytest.mark.parametrize("word", ["q", "Q", "quit", "exit"])
def test_q_ends_with_the_score(session, word):
    typed = [*answers("sizes")[:2], word, "1", "2"]
    code, output = session("--kind", "sizes", "--seed", "7", typed=typed)
    assert code == 0
    assert "Exercise 3 of 5" in output
    assert "Exercise 4 of 5" not in output
    assert "Score: 2 of 2 points (100 %): 2 right." in output
    assert "python -m app.exercises --kind sizes --number 5 --seed 7" in output


@pytest.mark.parametrize("typed", [[], ["1"], ["?"]])
def test_the_end_of_the_input_ends_with_the_score(session, typed):
    code, output = session("--kind", "parameters", "--seed", "1", typed=typed)
    assert code == 0
    assert "The same exercises again: " in output
    assert "Aborted" not in output


def test_an_interrupt_ends_with_the_score():
    line = [sys.executable, "-u", "-m", "app.exercises", "--kind", "sizes", "--seed", "7"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(line, cwd=ROOT, text=True, bufsize=1, **pipes) as process:
        process.stdin.write(f"{answers('sizes')[0]}\n")
        process.stdin.flush()
        for seen in process.stdout:
            if "Exercise 2 of 5" in seen:
                break
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Score: 1 of 1 point (100 %): 1 right." in output
    assert error == ""


def test_the_line_that_is_printed_asks_the_same_again(session):
    _, first = session("--number", "3")
    line = first.rpartition("python -m app.exercises ")[2].split()
    _, second = session(*line)
    assert first == second
    _, third = session("--number", "3", "--seed", "a b'c")
    assert "--seed 'a b'\"'\"'c'" in third


def test_without_a_seed_the_exercises_are_others():
    lines = set()
    for seed in range(8):
        lines.add(make_exercises("convolution", 1, seed)[0].line)
    assert len(lines) == 8


def test_the_kinds_are_listed(session, door):
    code, output = session("--list")
    assert code == 0
    for kind in KINDS.values():
        assert f"{kind.name} " in output
        assert kind.words in output
    code, _, error = door(main, "--list", "--seed", "3")
    assert code == 2
    assert error == "Error: --list asks nothing; leave out --seed\n"


def test_only_ascii_signs_are_written_where_that_is_asked_for(session):
    typed = [line for kind in ALL for line in ("?", "x", "1")]
    _, output = session("--seed", "7", "--number", "9", "--ascii", typed=typed)
    assert output.isascii()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--kind", "counts"), "has no 'counts'"),
        (("--kind", "article", "--number", "6"), "article: there are 5 exercises, not 6; ask for at most 5"),
        (("--number", "0"), "1<=x<=100"),
        (("--number", "many"), "not a valid integer"),
        (("--seed", "9" * 101), "a seed of 101 signs is too long"),
        (("mnist",), "unexpected extra argument"),
    ],
)
def test_what_cannot_be_asked_is_one_line(door, arguments, message):
    code, output, error = door(main, *arguments)
    assert (code, output) == (2, "")
    assert message in error
    assert len(error.strip().splitlines()) == 1


def test_the_kinds_take_turns():
    kinds = [question.kind for question in make_exercises(number=14)]
    assert sorted(kinds[:7]) == sorted(kinds[7:]) == sorted(ALL)
    kinds = [question.kind for question in make_exercises(["article", "sizes"], 14)]
    assert (kinds.count("article"), kinds.count("sizes")) == (5, 9)
    lines = [question.line for question in make_exercises(["sizes"], 8)]
    assert len(set(lines)) == 8


def test_exercises_are_objects_that_show_themselves(tmp_path):
    exercises = lab.make_exercises(["convolution", "choice"], number=4, seed=2)
    assert repr(exercises) in ("<4 exercises: convolution, choice>", "<4 exercises: choice, convolution>")
    assert isinstance(exercises, Exercises)
    assert len(exercises) == len(list(exercises)) == 4
    for question in exercises:
        assert question.text in str(question)
        assert "\n" not in repr(question)
        assert question.check(question.answer).status == "right"
        assert "<table" in question._repr_html_() or question.options
    facts = json.loads(exercises.save(tmp_path / "exercises.json").read_text("utf-8"))
    assert facts == exercises.to_dict()
    assert len(facts["exercises"]) == 4
    assert "answer" not in facts["exercises"][0]
    assert "cl-edge" in exercises.save(tmp_path / "exercises.html").read_text("utf-8")
    assert "did you mean sizes?" in refusal(lab.make_exercises, "size")
    assert "1 to 100, not 101" in refusal(lab.make_exercises, "sizes", 101)
    assert "too long" in refusal(lab.make_exercises, "sizes", 1, "9" * 101)


def test_a_score_counts_what_was_asked():
    exercises = make_exercises("article")
    score = Score(exercises)
    assert score.lines() == ["No exercise was answered."]
    score.verdicts += [
        exercises[0].check("196609000"),
        exercises[1].check("270"),
        exercises[2].check("102x102x3"),
    ]
    score.skipped.append(exercises[3])
    assert score.lines() == [
        "Score: 1 of 4 points (25 %): 1 right, 2 wrong, 1 skipped.",
        "Mistakes: bias forgotten, channels kept.",
    ]


def test_nothing_that_is_typed_steers_the_terminal(session):
    _, output = session(
        "--kind", "sizes", "--number", "1", "--seed", "\x1b[31m", typed=["\x1b[2J", "9" * 500]
    )
    assert "\x1b" not in output
    assert "longer than any answer" in output
