"""Exercises at the terminal: asked one by one, each answer explained, and a score at the end."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from shlex import quote

import click

from app.exercises.results import Exercises
from app.questions.documents import points_text, question_blocks
from app.questions.kinds import ALL
from app.questions.marking import PARTLY, RIGHT, UNREADABLE, WRONG, Verdict
from app.questions.question import Question
from app.show.document import Document, Table
from app.show.signs import to_ascii
from app.show.tables import text_width
from app.show.writers import write_document
from app.show.writers.text import wrap
from app.untrusted.text import visible

HINT, QUIT = "?", ("q", "quit", "exit")
COLOURS = {RIGHT: "green", PARTLY: "yellow"}


class Leaving(Exception):  # noqa: N818
    """Whoever practises has had enough."""


@dataclass
class Score:
    """What was earned so far."""

    exercises: Exercises
    verdicts: list[Verdict] = field(default_factory=list)
    skipped: list[Question] = field(default_factory=list)

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def most(self) -> int:
        """Points of the exercises that were answered or skipped."""
        return sum(
            question.points for question in (*self.skipped, *(verdict.question for verdict in self.verdicts))
        )

    def lines(self) -> list[str]:
        """Return the summary: the score, how many were right, and the mistakes by how often they were made."""
        if not self.verdicts:
            return [f"No exercise was answered{f'; {len(self.skipped)} skipped' if self.skipped else ''}."]
        statuses = Counter(verdict.status for verdict in self.verdicts)
        counts = {
            RIGHT: statuses[RIGHT],
            PARTLY: statuses[PARTLY],
            WRONG: statuses[WRONG],
            "skipped": len(self.skipped),
        }
        parts = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        share = f"{100 * self.points / self.most:.0f} %"
        lines = [f"Score: {self.points:g} of {points_text(self.most)} ({share}): {parts}."]
        mistakes = Counter(name for verdict in self.verdicts for name in verdict.mistakes)
        if mistakes:
            named = (f"{name} ({times}×)" if times > 1 else name for name, times in mistakes.most_common())
            lines.append(f"Mistakes: {', '.join(named)}.")
        return lines


def practise(exercises: Exercises, ascii_only: bool = False) -> Score:
    """Ask all exercises; `q`, Ctrl-C or the end of the input ends it with the score so far."""
    score = Score(exercises)
    show = Printer(ascii_only)
    count = f"{len(exercises)} exercise{'s' if len(exercises) != 1 else ''}"
    show.line(f"{count}, {points_text(exercises.points)}, seed {exercises.seed}.")
    show.line("Type your answer. ? gives a hint, an empty line skips the exercise, q ends.")
    try:
        for number, question in enumerate(exercises, 1):
            _ask(number, question, score, show)
    except (Leaving, click.Abort, KeyboardInterrupt, EOFError):
        show.line()
    for line in ("", *score.lines(), f"The same exercises again: {command_line(exercises)}"):
        show.line(line)
    return score


def command_line(exercises: Exercises) -> str:
    """Return the command that asks the same exercises."""
    kinds = "" if exercises.kinds == ALL else "".join(f" --kind {kind}" for kind in exercises.kinds)
    return f"python -m app.exercises{kinds} --number {len(exercises)} --seed {quote(exercises.seed)}"


@dataclass
class Printer:
    """What is written to the terminal."""

    ascii_only: bool = False

    def line(self, text: str = "", colour: str | None = None) -> None:
        """Print one line, broken at spaces where the terminal ends."""
        for part in wrap(visible(text), text_width()) if text else [""]:
            click.secho(to_ascii(part) if self.ascii_only else part, fg=colour)

    def question(self, question: Question) -> None:
        """Print a question with its grids and options."""
        document = Document("", tuple(question_blocks(question, None)))
        click.echo(write_document(document, width=text_width(), ascii_only=self.ascii_only), nl=False)


def _ask(number: int, question: Question, score: Score, show: Printer) -> None:
    """Ask one exercise until an answer can be read, then explain it."""
    show.line()
    show.line(f"Exercise {number} of {len(score.exercises)}: {question.kind}, {points_text(question.points)}")
    show.line()
    show.question(question)
    show.line()
    while True:
        text = _prompt(f"Your answer ({question.how})", show)
        if text == HINT:
            show.line(f"Hint: {question.hint}")
            continue
        if not text:
            score.skipped.append(question)
            show.line(f"Skipped. The answer is {question.answer_text}.")
            break
        verdict = question.check(text)
        if verdict.status != UNREADABLE:
            score.verdicts.append(verdict)
            _judge(verdict, show)
            break
        show.line(f"This cannot be read: {verdict.words}. Try again.")
    show.line("Working:")
    for step in question.steps:
        show.line(f"- {step}")
    show.line(f"Score so far: {score.points:g} of {points_text(score.most)}.")


def _prompt(words: str, show: Printer) -> str:
    """Return what was typed.

    Raises:
        Leaving: it was `q`.
        click.Abort: the input has ended, or Ctrl-C was pressed.
    """
    shown = to_ascii(words) if show.ascii_only else words
    text: str = click.prompt(shown, default="", show_default=False, prompt_suffix=": ").strip()
    if not sys.stdin.isatty():
        click.echo(visible(text))  # so that a piped run reads like a session
    if text.lower() in QUIT:
        raise Leaving
    return text


def _judge(verdict: Verdict, show: Printer) -> None:
    question = verdict.question
    if verdict.status == RIGHT:
        show.line("Right.", COLOURS[RIGHT])
        return
    earned = f", {verdict.points:g} of {points_text(question.points)}" if verdict.points else ""
    named = f"{verdict.words[0].upper()}{verdict.words[1:]}."
    show.line(f"{verdict.status.capitalize()}{earned}. {named}", COLOURS.get(verdict.status, "red"))
    show.line(f"The answer is {question.answer_text}.")


def list_kinds(rows: Sequence[tuple[str, str]]) -> Document:
    """Return the kinds of exercises as a table."""
    return Document("Kinds of exercises", (Table(("kind", "asks for"), tuple(rows)),), dict(rows))
