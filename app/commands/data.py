"""Data sets as people name them: what they may give, and the option of a command that takes it."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset

DATA_HELP = (
    "SOURCE is mnist (bundled); a folder of pictures, with a sub-folder for each class, or with train/ and test/ that "
    "have such; a .csv file of pictures, file and label in a line; a folder of IDX files (as MNIST and EMNIST) "
    "or of CSV tables (as Kaggle has them), or a .csv of label and pixels; FOLDER/emnist-letters, one of several sets "
    "in a folder; an .npz file; x_or_not_x, drawn by a seed (x_or_not_x:turned:9 turned, on 9×9 pixels); or "
    "fashion_mnist, cifar10 or cifar100, which Keras downloads. docs/data.md says more of each."
)
OWN_DATA = "the data that the network learnt from, or mnist"
"""The default of commands that ask a network."""
PATIENCE = 1.0
"""Seconds of reading that nothing is shown of."""


def data_option(what: str = "", default: str = "mnist", required: bool = False) -> Callable[[Any], Any]:
    """Return the option --data.

    Args:
        what: what the data are for.
        default: which are taken without it, in words.
        required: whether it must be given; then there is no default.
    """
    import click  # here, since the library opens data sets without it

    words = " ".join([*[what] * bool(what), DATA_HELP, *[f"Default: {default}."] * (not required)])
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


def open_and_tell(source: Any = None, tells_split: bool = True) -> "Dataset":
    """Return the data set that somebody asks for, and say on the error output what was found out about it.

    Args:
        source: as for `open_data`.
        tells_split: say also how test images were held out of the others.

    Raises:
        ValueError: there is no such data, or it is damaged.
    """
    import click

    data = open_data(source)
    for note in data.notes if tells_split else data.file_notes:
        click.echo(note, err=True)
    return data
