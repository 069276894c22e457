"""Questions of every kind: answers by a second witness, mistakes that are ones, the same from the same seed."""

import dataclasses
import re
import subprocess
import sys

import pytest
from asked_questions import KIND_NAMES, NUMBERED, WORKERS, array, by_reading, given, is_answer, number, some
from conftest import ROOT, refusal

from app.counting.chalkboard import nn
from app.questions.kinds import ALL, KINDS
from app.questions.making import MOST, make_question, make_questions
from app.questions.question import GRID, LETTERS


@pytest.mark.parametrize("kind", list(WORKERS))
def test_an_answer_follows_from_what_is_printed(kind):
    for question in some(kind):
        assert is_answer(question, by_reading(question)), question


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(WORKERS))
def test_an_answer_follows_from_what_is_printed_over_many_seeds(kind):
    for question in some(kind, 250):
        assert is_answer(question, by_reading(question)), question


@pytest.mark.parametrize("kind", list(WORKERS))
def test_the_witness_does_not_agree_with_a_wrong_answer(kind):
    for question in some(kind, 2):
        for mistake in question.mistakes:
            wrong = dataclasses.replace(question, answer=mistake.value)
            if question.form != GRID or array(mistake.value).shape == array(question.answer).shape:
                assert not is_answer(wrong, by_reading(question)), (question, mistake)


@pytest.mark.keras
@pytest.mark.slow
def test_keras_computes_the_same_convolutions_and_poolings():
    import app.engine  # noqa: F401, I001
    import keras
    import numpy as np

    for question in some("convolution", 4):
        x, kernel = given(question)
        stride, border = number(r"stride (\d)", question.text), number(r"border of (\d)", question.text, 0)
        x = np.pad(x, ((0, 0), (border, border), (border, border), (0, 0)))
        y = keras.ops.conv(x.astype("float32"), kernel[0][..., None].astype("float32"), stride, "valid")
        assert is_answer(question, np.asarray(y)[0, :, :, 0] + number(r"bias (−?\d+)", question.text, 0))
    for question in some("pooling", 4):
        (x,) = given(question)
        size, stride = number(r"window of (\d)", question.text), number(r"stride (\d)", question.text)
        layer = keras.layers.MaxPooling2D if "max-pooling" in question.text else keras.layers.AveragePooling2D
        padding = "same" if "Incomplete" in question.text else "valid"
        y = layer(size, stride, padding)(x.astype("float32"))
        assert is_answer(question, np.asarray(y)[0, :, :, 0])


def test_the_chalkboard_finds_the_same_fields_and_shapes():
    for question in some("fields", 6):
        if question.is_range:
            continue
        layers = []
        for line in question.text.splitlines():
            if line[:1].isdigit():
                kernel, stride = number(r"(\d)×", line), number(r"stride (\d)", line)
                layers.append(
                    nn.Conv2D(1, kernel, strides=stride, dilation_rate=number(r"dilation (\d)", line, 1))
                )
        sheet = nn.Sequential([nn.Input((64, 64, 1)), *layers]).sheet()
        assert tuple(sheet.rows[-1].field.window_sizes()) == question.answer


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_mistakes_are_none_of_them_right_and_have_names_and_words(kind):
    for question in some(kind):
        values = [mistake.value for mistake in question.mistakes]
        assert values
        assert question.answer not in values
        assert len(values) == len(set(values))
        for mistake in question.mistakes:
            verdict = question.check(question.write(mistake.value))
            assert verdict.status in ("wrong", "partly right")
            assert mistake.name in verdict.mistakes
            assert mistake.words in verdict.words


EXPECTED = {
    "convolution": {
        "kernel flipped",
        "bias forgotten",
        "stride ignored",
        "padding ignored",
        "border counted",
    },
    "pooling": {"max and mean mixed up", "stride ignored", "border counted", "incomplete windows left out"},
    "sizes": {
        "stride ignored",
        "padding ignored",
        "one forgotten",
        "rounded up",
        "dilation ignored",
        "channels kept",
    },
    "parameters": {"bias forgotten", "channels forgotten", "bias counted", "one bias for all"},
    "fields": {"jump ignored", "kernel alone", "own stride counted", "dilation ignored", "counted from 1"},
    "backward": {"max and mean mixed up", "gradient not divided", "gradient flipped", "sign of the step"},
}


@pytest.mark.parametrize("kind", list(EXPECTED))
def test_the_typical_mistakes_are_known(kind):
    assert EXPECTED[kind] <= {mistake.name for question in some(kind) for mistake in question.mistakes}


def test_a_flipped_kernel_and_lost_signs_always_show():
    for question in some("convolution", 40):
        assert {"kernel flipped", "minus signs lost"} <= {mistake.name for mistake in question.mistakes}


def test_max_and_mean_always_differ():
    for question in some("pooling", 40):
        assert "max and mean mixed up" in {mistake.name for mistake in question.mistakes}


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_right_answer_is_right_however_it_is_given(kind):
    for question in some(kind, 4):
        assert question.check(question.answer_text).status == "right"
        assert question.check(question.answer).status == "right"
        assert question.check(f"  {question.answer_text} ").points == question.points


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_question_says_all_that_it_needs(kind):
    for question in some(kind, 4):
        assert question.steps
        assert question.hint
        assert question.points >= 1
        assert question.how
        assert "None" not in question.line + question.hint + " ".join(question.steps)
        if question.form == GRID:
            assert len(question.answer) * len(question.answer[0]) <= 36


SUM = re.compile(r"(?:^|: |, |= |spans )((?:[-−·+/() ]*[\d.,]*\d)+\)*) = (−?[\d,.]*\d)")
"""A sum in a step of a working: 2·1 + 0·(−1) = 2."""


@pytest.mark.parametrize("kind", list(WORKERS))
def test_the_sums_in_the_steps_are_true(kind):
    counted = 0
    for question in some(kind, 5):
        for step in question.steps:
            for pair in SUM.findall(step):
                left, right = (each.replace(",", "").replace("·", "*").replace("−", "-") for each in pair)
                if left.count("(") == left.count(")"):
                    counted += 1
                    assert eval(left) == pytest.approx(float(right)), step
    assert counted >= 5


@pytest.mark.parametrize("seed", range(30))
def test_a_choice_has_four_different_options_and_one_answer(seed):
    for question in [make_question("choice", seed, n) for n in range(1, len(KINDS["choice"].makers) + 1)]:
        assert len(set(question.options)) == 4
        assert {mistake.value for mistake in question.mistakes} == set(LETTERS) - {question.answer}


def test_the_answer_of_a_choice_stands_at_every_letter():
    assert {question.answer for question in some("choice", 4)} == set(LETTERS)


def test_the_numbers_of_choices_are_right():
    """Worked out once more from the text."""
    found = 0
    for question in some("choice", 20):
        text, right = question.text, question.options[LETTERS.index(question.answer)]
        if "How many parameters" in text:
            kernel, channels, filters = (
                number(p, text) for p in (r"of (\d)×", r"reads (\d+) c", r"with (\d+) f")
            )
            assert right == f"{sum(kernel * kernel * channels + 1 for _ in range(filters)):,}"
        elif "cells in a row" in text.replace("\n", " "):
            cells, kernel, border = (
                number(p, text) for p in (r"reads (\d+)", r"kernel (\d)", r"padding (\d)")
            )
            starts = range(-border, cells + border - kernel + 1, number(r"stride (\d)", text))
            assert right == str(len(starts))
        elif "flattened" in text:
            side, channels = number(r"map of (\d+)", text), number(r"with (\d+)", text)
            assert right == f"{len([0 for _ in range(side) for _ in range(side) for _ in range(channels)]):,}"
        elif "multiply-accumulates" in text:
            filters, side, channels = (
                number(r"with (\d+)", text),
                number(r"map of (\d+)", text),
                number(r"×(\d+)\. H", text),
            )
            assert right == f"{9 * channels * (side - 2) ** 2 * filters:,}"
        elif "follow each other" in text:
            assert right == {"Three": "7×7", "Four": "9×9"}[text.split()[0]]
        elif "is replaced" in text:
            c = number(r"from (\d+)", text)
            assert right == f"{2 * 9 * c * c:,} instead of {25 * c * c:,}"
        else:
            continue
        found += 1
    assert found > 40


def test_the_five_exercises_of_the_article():
    one, two, three, four, five = make_questions([("article", 5)])
    assert (one.answer, two.answer, three.answer) == (196_609_000, 280, (102, 102, 4))
    assert "cannot take inputs of 256×256×3" in four.options[LETTERS.index(four.answer)]
    assert "skips pooling" in five.options[LETTERS.index(five.answer)]
    letters = {make_question("article", seed, n).answer for seed in range(20) for n in (4, 5)}
    assert letters == set(LETTERS)
    assert "article has questions 1 to 5, not 6" in refusal(make_question, "article", 0, 6)


@pytest.mark.parametrize("kind", NUMBERED)
def test_students_and_seeds_get_other_questions_and_a_seed_the_same(kind):
    def lines(seed, student):
        return [question.line for question in make_questions([(kind, 3)], seed, student)]

    assert lines(1, "Ada") == lines(1, "Ada")
    assert lines("1", "Ada") == lines(1, "Ada")
    assert lines(1, "Ada") != lines(1, "Bo")
    assert lines(1, "") != lines(2, "")
    assert len(set(lines(1, ""))) == 3


def test_the_same_seed_gives_the_same_questions_in_another_process():
    code = (
        "from app.questions.making import make_questions; from app.questions.kinds import KINDS; import hashlib;"
        "text = repr([(q.line, q.answer_text) for q in make_questions([(k, 4) for k in KINDS], 7, 'Ada L.')]);"
        "print(hashlib.sha256(text.encode()).hexdigest()[:12])"
    )
    seen = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PATH": ""},
        )  # fmt: skip
        seen.add(done.stdout)
    assert len(seen) == 1


def test_what_there_is_not_is_refused():
    assert "did you mean pooling?" in refusal(make_question, "poolng")
    assert "convolution, pooling" in refusal(make_question, "counts")
    assert "1 or more, not 0" in refusal(make_question, "sizes", 0, 0)
    assert f"{MOST} are the most" in refusal(make_questions, [("sizes", 99), ("choice", 2)])
    assert "article" not in ALL
