"""What was asked of the command: a list of the kinds, or exercises."""

from random import SystemRandom
from typing import Any

from app.commands.reports import deliver
from app.exercises.results import make_exercises
from app.exercises.session import list_kinds, practise
from app.questions.kinds import KINDS

LARGEST_SEED = 9999


def answer(options: dict[str, Any]) -> None:
    """List the kinds, or ask exercises and print the score.

    Raises:
        ValueError: options that do not go together, or more exercises than there are.
    """
    if options["list_kinds"]:
        given = [f"--{name}" for name in ("kind", "number", "seed") if options[name]]
        if given:
            raise ValueError(f"--list asks nothing; leave out {given[0]}")
        deliver(
            list_kinds([(kind.name, kind.words) for kind in KINDS.values()]), ascii_only=options["ascii_only"]
        )
        return
    seed = options["seed"] or str(SystemRandom().randint(1, LARGEST_SEED))
    practise(make_exercises(options["kind"] or None, options["number"], seed), options["ascii_only"])
