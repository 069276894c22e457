"""Exercises as a result: questions to be gone through, in a program, a notebook or at the terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.questions.documents import question_blocks, question_data
from app.questions.draws import Draws
from app.questions.kinds import ALL, KINDS
from app.questions.making import MOST, find_kind, make_question
from app.questions.question import Question
from app.show.document import Block, Document
from app.show.results import ShowsReport

FEW = 5
"""Exercises where no number is asked for."""
LONGEST_SEED = 100


@dataclass(frozen=True, repr=False)
class Exercises(ShowsReport):
    """Exercises: iterate over them; `exercises[0].check("3x3")` marks an answer."""

    questions: tuple[Question, ...]
    seed: str
    kinds: tuple[str, ...]
    """The kinds that were asked for."""

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)

    def __getitem__(self, which: int) -> Question:
        return self.questions[which]

    def __repr__(self) -> str:
        kinds = ", ".join(dict.fromkeys(question.kind for question in self))
        return f"<{len(self)} exercise{'' if len(self) == 1 else 's'}: {kinds}>"

    @property
    def points(self) -> int:
        """The points of all exercises."""
        return sum(question.points for question in self)

    def document(self, format: str = "text") -> Document:
        """Return all exercises without their answers."""
        blocks: list[Block] = []
        for number, question in enumerate(self, 1):
            blocks += question_blocks(question, number, format)
        data = {"seed": self.seed, "exercises": [question_data(question) for question in self]}
        return Document(f"{len(self)} exercises, {self.points} points", tuple(blocks), data)


def make_exercises(
    kinds: str | Sequence[str] | None = None, number: int | None = None, seed: int | str = 0
) -> Exercises:
    """Return exercises; the kinds take turns, in an order that the seed decides.

    Args:
        kinds: a name of `KINDS`, or several; all that never run out without it.
        number: how many; five without it, or all there are of a kind that has fewer.
        seed: any number or word.

    Raises:
        ValueError: there is no such kind, or it has not so many exercises.
    """
    chosen = tuple(dict.fromkeys((kinds,) if isinstance(kinds, str) else kinds or ALL))
    found = [find_kind(kind) for kind in chosen]
    if len(str(seed)) > LONGEST_SEED:
        raise ValueError(f"a seed of {len(str(seed))} signs is too long; {LONGEST_SEED} are enough")
    if number is not None and not 1 <= number <= MOST:
        raise ValueError(f"the number of exercises must be 1 to {MOST}, not {number}")
    most = sum(len(kind.makers) for kind in found) if all(kind.is_fixed for kind in found) else MOST
    wanted = number or min(FEW, most)
    if wanted > most:
        raise ValueError(
            f"{', '.join(chosen)}: there are {most} exercises, not {wanted}; ask for at most {most}"
        )
    return Exercises(tuple(_take(chosen, wanted, str(seed))), str(seed), chosen)


def _take(kinds: Sequence[str], wanted: int, seed: str) -> Iterator[Question]:
    """Yield questions, the kinds in turns; a kind that has run out is passed over."""
    order = Draws(f"turns|{seed}").shuffled(kinds) if len(kinds) > 1 else list(kinds)
    taken = 0
    for turn in range(1, wanted + 1):
        for name in order:
            kind = KINDS[name]
            if taken < wanted and not (kind.is_fixed and turn > len(kind.makers)):
                taken += 1
                yield make_question(name, seed, turn)
