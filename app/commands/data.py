"""Data sets as people name them: what they may give, and the option of a command that takes it."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset

DATA_HELP = (
    "mnist (bundled, the default); a folder of pictures, a sub-folder for each class, or train/ and test/ with such "
    "sub-folders; a .csv file of pictures, a file and its label in a line; x_or_not_x (pictures of 5×5 pixels that are "
    "drawn by a seed, the default for the network of that name; x_or_not_x:KIND:SIZE, as x_or_not_x:turned:9, draws "
    "others); a folder of MNIST-format IDX files (Fashion-MNIST, KMNIST, EMNIST, which is turned upright; class names "
    "from labels.txt or EMNIST's mapping file) or of CSV tables (Kaggle's train.csv, mnist_train.csv); "
    "FOLDER/emnist-letters, the one of several sets in a folder; a .csv file, label and pixels in a line; an .npz file "
    "(x_train, y_train, x_test and y_test, or MedMNIST's names); or fashion_mnist, cifar10 or cifar100, which Keras "
    "downloads."
)
PATIENCE = 1.0
"""Seconds of reading that nothing is shown of."""


def data_option(what: str = "", required: bool = False) -> Callable[[Any], Any]:
    """Return the option --data; `what` says what the data are for, `required` whether it must be given."""
    import click  # here, since the library opens data sets without it

    words = f"{what} {DATA_HELP}".strip()
    return click.option("--data", "source", metavar="SOURCE", required=required, help=words)


def open_data(source: Any = None) -> "Dataset":
    """Return the data set that somebody asks for; the bundled MNIST where nothing is said.

    Args:
        source: `mnist`, `x_or_not_x` (see `app.datasets.x_or_not_x`), a folder of pictures, of IDX files or of CSV
            tables, a `.csv` or an `.npz` file, the name of a Keras data set, which is downloaded, a data set, or arrays
            as Keras gives them, ((x_train, y_train), (x_test, y_test)).

    Raises:
        ValueError: there is no such data, or it is damaged.
        TypeError: it is none of these.
    """
    from app.datasets.dataset import Dataset
    from app.datasets.idx_folders import load_mnist

    if isinstance(source, Dataset):
        return source
    if source is None or (isinstance(source, str) and source == "mnist"):
        return load_mnist()
    from app.datasets import sources

    if isinstance(source, (tuple, list)):
        return sources.load_arrays(source)
    if not isinstance(source, (str, Path)):
        raise TypeError(
            "expected the name of a data set, a folder, a .csv or .npz file, a data set or arrays "
            f"((x_train, y_train), (x_test, y_test)), not {type(source).__name__}"
        )
    if source in sources.KERAS_DATA_SETS and not Path(source).exists():
        from app.engine.downloads import load_keras_dataset

        return load_keras_dataset(str(source))
    with _reading() as report:
        return sources.load_local(str(source), report)


@contextlib.contextmanager
def _reading() -> Iterator[Callable[[int, int], None]]:
    """Inside, show how far reading is once it has taken a second; what is given is told how much is done."""
    began, shown = time.monotonic(), contextlib.ExitStack()
    bars: list[Any] = []

    def report(done: int, total: int) -> None:
        if not bars and time.monotonic() - began > PATIENCE:
            from app.show.progress import Progress
            from app.show.tables import make_console

            bar = Progress(make_console(stderr=True), "looking at pictures", total)
            bars.append(shown.enter_context(bar))
        if bars:
            bars[0].update(done)

    with shown:
        yield report


def open_and_tell(source: Any = None) -> "Dataset":
    """Return the data set that somebody asks for, and say on the error output what was found out about it.

    Raises:
        ValueError: there is no such data, or it is damaged.
    """
    import click

    data = open_data(source)
    for note in data.notes:
        click.echo(note, err=True)
    return data
