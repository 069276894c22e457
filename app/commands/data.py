"""Data sets by name: the option that takes one, and what it means."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset

DATA_HELP = (
    "mnist (bundled, the default), a folder of MNIST-format IDX files (Fashion-MNIST, KMNIST, EMNIST; "
    "class names from labels.txt), an .npz file with x_train, y_train, x_test and y_test, or "
    "fashion_mnist, cifar10 or cifar100, which Keras downloads."
)


def data_option(what: str = "") -> Callable[[Any], Any]:
    """Return the option --data; `what` says what the data are for."""
    return click.option("--data", "source", metavar="SOURCE", help=f"{what} {DATA_HELP}".strip())


def open_data(source: str | None) -> "Dataset":
    """Return the data set that `--data` names; the bundled MNIST without it.

    Args:
        source: `mnist`, a folder of IDX files, an `.npz` file, or the name of a Keras data set, which
            is downloaded.

    Raises:
        ValueError: there is no such data, or it is damaged.
    """
    from app.datasets import sources

    if source in (None, "mnist"):
        return sources.load_mnist()
    if source in sources.KERAS_DATA_SETS and not Path(source).exists():
        from app.engine.downloads import load_keras_dataset

        return load_keras_dataset(source)
    return sources.load_local(source)
