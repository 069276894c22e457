"""The experiments that there are, in teaching order; each is loaded when it is done."""

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.experiment.study import Study

SEEDS = {
    "plain-vs-residual": 3,
    "vanishing-gradient": 5,
    "resnet-vs-densenet": 3,
    "x_or_not_x": 5,
    "variational-autoencoder": 3,
}
"""The experiments that train, and how many seeds each is done with unless others are asked for."""
TIMELINE = "imagenet-timeline"
"""The one that trains nothing."""
EXPERIMENTS = (*SEEDS, TIMELINE)
MOST_SEEDS = 100
DRAWN = {"x_or_not_x": "x_or_not_x"}
"""Experiments that draw their own pictures, and the name of the data set."""


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


def data_of(name: str, source: Any) -> Any:
    """Return the data that an experiment is done with: what is asked for, or pictures that it draws itself.

    Raises:
        ValueError: data are asked for, and it draws its own.
    """
    if name in DRAWN and source is not None:
        raise ValueError(f"the experiment {name} draws its own pictures; leave out data")
    return DRAWN.get(name, source)


def load_study(name: str) -> "Study":
    """Return an experiment that trains, from the module that has its name."""
    study: Study = import_module(f"app.experiment.{name.replace('-', '_')}").STUDY
    return study
