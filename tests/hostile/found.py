"""Damaged files that once ended, stopped or filled the process that read them: found by flipping bytes."""

from collections.abc import Iterator
from pathlib import Path

from hostile.flips import KINDS, write_damaged
from hostile.rows import Row

TRIALS = 2000
"""Of each kind, of the seed 0, when these were found."""
FOUND = (
    ("archive of Keras 3, counted", 1296, "params m.keras"),
    ("HDF5 of Keras 3, counted", 57, "params m.h5"),
    ("weights as published", 755, "pretrained densenet121 --weights m.h5 --output output"),
    ("weights as published", 824, "pretrained densenet121 --weights m.h5 --output output"),
    ("archive of Keras 3, loaded", 662, "saliency --model m.keras"),
    ("archive of Keras 3, loaded", 982, "saliency --model m.keras"),
    ("archive of Keras 3, loaded", 1384, "saliency --model m.keras"),
    ("archive whose sums are right, loaded", 3, "saliency --model m.keras"),
    ("HDF5 of Keras 3, loaded", 332, "saliency --model m.h5"),
)


def _write(folder: Path, name: str, trial: int) -> None:
    kind = next(each for each in KINDS if each.name == name)
    path = folder / kind.file
    for number in (-1, trial):
        write_damaged(kind, path, 0, number, TRIALS)
    path.with_name(f"{kind.file}.valid").unlink(missing_ok=True)


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for name, trial, command in FOUND:
        yield Row(
            f"models/found: {name}, {trial}",
            command,
            r"\w",
            lambda folder, name=name, trial=trial: _write(folder, name, trial),
            names=command.split()[-1] if "output" not in command else "m.h5",
            processor=65 if "saliency" in command else 25,
            seconds=150,
        )
