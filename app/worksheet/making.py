"""Worksheets as they are asked for: about which network or of which kinds, for whom, with how many blanks."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.questions.kinds import ALL
from app.questions.making import find_kind
from app.worksheet.identity import Identity, write_kinds
from app.worksheet.networks import board_of, name_of, source_of
from app.worksheet.results import ClassHandouts, Handout
from app.worksheet.students import list_students
from app.worksheet.worksheet import make_worksheet

LONGEST_SEED = 100
COUNTS = "counts"
"""The kind of question that a network's blanks are."""
EVERY = "all"
"""Stands for all kinds of questions that never run out."""
PAIR = 2
"""Questions of each kind where no number is asked for."""


def make_handouts(
    network: Any = None,
    students: int | str | Path | Iterable[str] | None = None,
    blanks: int | str | None = None,
    seed: int | str = 0,
    vary: bool = False,
    kinds: str | Sequence[str] = (),
    number: int | None = None,
) -> Handout | ClassHandouts:
    """Return a worksheet about a network, with questions of other kinds, or with both; or one for each student.

    Raises:
        ValueError: there is no such network or kind, or not so many cells to blank.
        TypeError: it is no network, or a student has no name.
    """
    source = "" if network is None else source_of(network)
    chosen = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    identity = identify(source, "" if blanks is None else str(blanks), str(seed), bool(vary), chosen, number)
    if students is None:
        return make_handout(source, identity)
    return make_class(source, identity, list_students(students))


def identify(
    source: str, blanks: str, seed: str, vary: bool, kinds: Sequence[str] = (), number: int | None = None
) -> Identity:
    """Return what identifies sheets.

    Args:
        source: the network; empty for sheets without one.
        blanks: how many, or `all`; empty for a dozen.
        seed: any number or word.
        vary: whether layers get other settings.
        kinds: of questions; without any the sheet is the count of a network.
        number: questions of each kind.

    Raises:
        ValueError: the seed is too long, there is no such kind, or two arguments contradict each other.
    """
    if len(seed) > LONGEST_SEED:
        raise ValueError(f"a seed of {len(seed)} signs is too long; {LONGEST_SEED} are enough")
    has_counts = not kinds or COUNTS in kinds
    counts = _how_many([kind for kind in kinds if kind != COUNTS], number)
    if has_counts and not source:
        raise ValueError("questions of the kind counts are about a network: name a network or a model file")
    if source and not has_counts:
        raise ValueError(f"{source} is a network; ask about it with the kind {COUNTS}, or leave it out")
    if not has_counts and (blanks or vary):
        raise ValueError(f"{'blanks' if blanks else 'vary'} is for the count of a network, the kind {COUNTS}")
    network = name_of(source) if source else ""
    return Identity(network, seed or "0", blanks=blanks, vary=vary, kinds=write_kinds(counts))


def _how_many(kinds: Sequence[str], number: int | None) -> list[tuple[str, int]]:
    """Return kinds, each once, with the number of questions.

    Raises:
        ValueError: there is no such kind, or a number without a kind or out of range.
    """
    if number is not None and not kinds:
        raise ValueError(
            "a number of questions goes with a kind of questions; blanks says how many cells are blank"
        )
    if number is not None and number < 1:
        raise ValueError(f"the number of questions of each kind must be 1 or more, not {number}")
    named = dict.fromkeys(name for kind in kinds for name in (ALL if kind == EVERY else (kind,)))
    counts = []
    for name in named:
        kind = find_kind(name)
        most = len(kind.makers) if kind.is_fixed else number or PAIR
        counts.append((name, min(number or most, most)))
    return counts


def make_handout(source: str, identity: Identity) -> Handout:
    """Return one worksheet.

    Raises:
        ValueError: there is no such network, or not so many cells to blank.
    """
    return Handout(make_worksheet(board_of(source), identity))


def make_class(source: str, identity: Identity, students: Iterable[str]) -> ClassHandouts:
    """Return a worksheet for each student.

    Raises:
        ValueError: there is no such network, or not so many cells to blank.
    """
    handouts = ClassHandouts(board_of(source), identity, tuple(students))
    handouts[0]  # refuses what is wrong with all of them
    return handouts
