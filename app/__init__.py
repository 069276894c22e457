"""ConvLab: a laboratory for convolutional networks.

>>> import app as lab
>>> lab.count("worked_example").parameters
338460

`dir(lab)` lists what there is, and `help(lab.count)` says what each of them does. Each name is loaded when it is
first used: importing `app` loads neither NumPy nor TensorFlow.
"""

import sys

if sys.argv[:1] == ["-m"]:  # python -m app…: this is the first of it that is read
    from app.commands.quiet import end_quietly

    end_quietly()

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from app.library.counting import compare, count, networks
    from app.library.data import Augmentation, open_data
    from app.library.model import explain, load, trust
    from app.library.pages import make_page
    from app.library.papers import on_paper
    from app.library.scratch import (
        build_in_numpy,
        compare_with_keras,
        initial_spread,
        nn,
        read_program,
        train_in_numpy,
        train_perceptron,
        write_program,
    )
    from app.library.stored_maps import open_maps
    from app.library.teaching import check_claims, grade_answers, make_exercises, make_worksheets, work_out
    from app.library.training import (
        build,
        fetch_pretrained,
        pretrained_networks,
        repeat_experiment,
        train_network,
    )
    from app.library.transferring import transfer_network
    from app.library.walking import illustrate, step_through

_HOMES = {
    "networks": "counting",
    "count": "counting",
    "compare": "counting",
    "load": "model",
    "explain": "model",
    "trust": "model",
    "open_maps": "stored_maps",
    "open_data": "data",
    "Augmentation": "data",
    "build": "training",
    "train_network": "training",
    "pretrained_networks": "training",
    "fetch_pretrained": "training",
    "repeat_experiment": "training",
    "transfer_network": "transferring",
    "on_paper": "papers",
    "make_page": "pages",
    "step_through": "walking",
    "illustrate": "walking",
    "nn": "scratch",
    "build_in_numpy": "scratch",
    "train_in_numpy": "scratch",
    "compare_with_keras": "scratch",
    "initial_spread": "scratch",
    "train_perceptron": "scratch",
    "write_program": "scratch",
    "read_program": "scratch",
    "work_out": "teaching",
    "check_claims": "teaching",
    "make_worksheets": "teaching",
    "make_exercises": "teaching",
    "grade_answers": "teaching",
}
"""The module of `app.library` that each public name is in."""

__all__ = [
    "Augmentation",
    "__version__",
    "build",
    "build_in_numpy",
    "check_claims",
    "compare",
    "compare_with_keras",
    "count",
    "explain",
    "fetch_pretrained",
    "grade_answers",
    "illustrate",
    "initial_spread",
    "load",
    "make_exercises",
    "make_page",
    "make_worksheets",
    "networks",
    "nn",
    "on_paper",
    "open_data",
    "open_maps",
    "pretrained_networks",
    "read_program",
    "repeat_experiment",
    "step_through",
    "train_in_numpy",
    "train_network",
    "train_perceptron",
    "transfer_network",
    "trust",
    "work_out",
    "write_program",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'app' has no attribute {name!r}; there are {', '.join(_HOMES)}")
    value = globals()[name] = getattr(import_module(f"app.library.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
