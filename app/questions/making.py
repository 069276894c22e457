"""Questions as they are asked for: of which kind, how many, from which seed, for whom."""

from collections.abc import Sequence
from difflib import get_close_matches

from app.questions.draws import Draws
from app.questions.kinds import KINDS, Kind
from app.questions.question import Question

MOST = 100
"""Questions of one sheet, or in one go."""


def find_kind(name: str) -> Kind:
    """Return a kind by its name.

    Raises:
        ValueError: there is none; the message names those there are.
    """
    if name not in KINDS:
        near = get_close_matches(name, KINDS, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"unknown kind of questions {name!r}{hint} (there are: {', '.join(KINDS)})")
    return KINDS[name]


def make_question(kind: str, seed: int | str = 0, number: int = 1, student: str = "") -> Question:
    """Return one question; the same arguments always give the same one.

    Args:
        kind: a name of `KINDS`.
        seed: any number or word.
        number: which question of this kind, from 1 on.
        student: for whom; each student gets other numbers.

    Raises:
        ValueError: there is no such kind, or it has not so many questions.

    >>> make_question("sizes", seed=3) == make_question("sizes", seed=3)
    True
    """
    found = find_kind(kind)
    if number < 1 or (found.is_fixed and number > len(found.makers)):
        most = f"1 to {len(found.makers)}" if found.is_fixed else "1 or more"
        raise ValueError(f"{kind} has questions {most}, not {number}")
    source = f"{kind}|{seed}|{student}"
    makers = list(found.makers) if found.is_fixed else Draws(f"order|{source}").shuffled(found.makers)
    return makers[(number - 1) % len(makers)](Draws(f"question|{number}|{source}"))


def make_questions(
    counts: Sequence[tuple[str, int]], seed: int | str = 0, student: str = ""
) -> tuple[Question, ...]:
    """Return questions, kind by kind.

    Args:
        counts: kinds, and how many of each.
        seed: any number or word.
        student: for whom.

    Raises:
        ValueError: there is no such kind, or too many are asked for.
    """
    total = sum(number for _, number in counts)
    if total > MOST:
        raise ValueError(f"{total:,} questions are too many; {MOST} are the most")
    return tuple(
        make_question(kind, seed, number, student) for kind, count in counts for number in range(1, count + 1)
    )
