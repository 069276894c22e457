"""Worksheets as they are asked for: about which network, for whom, with how many blanks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.worksheet.identity import Identity
from app.worksheet.networks import name_of, open_network, source_of
from app.worksheet.results import ClassHandouts, Handout
from app.worksheet.students import list_students
from app.worksheet.worksheet import make_worksheet

LONGEST_SEED = 100


def make_handouts(
    network: Any,
    students: int | str | Path | Iterable[str] | None = None,
    blanks: int | str | None = None,
    seed: int | str = 0,
    vary: bool = False,
) -> Handout | ClassHandouts:
    """Return a worksheet about a network, or one for each student.

    Raises:
        ValueError: there is no such network, or not so many cells to blank.
        TypeError: it is no network, or a student has no name.
    """
    source = source_of(network)
    identity = identify(source, "" if blanks is None else str(blanks), str(seed), bool(vary))
    if students is None:
        return make_handout(source, identity)
    return make_class(source, identity, list_students(students))


def identify(source: str, blanks: str, seed: str, vary: bool) -> Identity:
    """Return what identifies the sheets of a network.

    Raises:
        ValueError: the seed is too long.
    """
    if len(seed) > LONGEST_SEED:
        raise ValueError(f"a seed of {len(seed)} signs is too long; {LONGEST_SEED} are enough")
    return Identity(name_of(source), seed or "0", blanks=blanks, vary=vary)


def make_handout(source: str, identity: Identity) -> Handout:
    """Return one worksheet.

    Raises:
        ValueError: there is no such network, or not so many cells to blank.
    """
    return Handout(make_worksheet(open_network(source), identity))


def make_class(source: str, identity: Identity, students: Iterable[str]) -> ClassHandouts:
    """Return a worksheet for each student.

    Raises:
        ValueError: there is no such network, or not so many cells to blank.
    """
    handouts = ClassHandouts(open_network(source), identity, tuple(students))
    handouts[0]  # refuses what is wrong with all of them
    return handouts
