"""The experiments that there are, in teaching order; each is loaded when it is done."""

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.experiment.study import Study

SEEDS = {"plain-vs-residual": 3, "vanishing-gradient": 5, "resnet-vs-densenet": 3}
"""The experiments that train, and how many seeds each is done with unless others are asked for."""
TIMELINE = "imagenet-timeline"
"""The one that trains nothing."""
EXPERIMENTS = (*SEEDS, TIMELINE)
MOST_SEEDS = 100


def find_experiment(name: Any) -> str:
    """Return the name of an experiment that there is.

    Raises:
        ValueError: there is none that is called so; the message lists those that there are.
    """
    if name in EXPERIMENTS:
        return str(name)
    close = difflib.get_close_matches(str(name), EXPERIMENTS, n=1)
    hint = f"did you mean {close[0]}? There are" if close else "there are"
    raise ValueError(f"there is no experiment {name!r}; {hint} {', '.join(EXPERIMENTS)}")


def load_study(name: str) -> "Study":
    """Return an experiment that trains, from the module that has its name."""
    study: Study = import_module(f"app.experiment.{name.replace('-', '_')}").STUDY
    return study
