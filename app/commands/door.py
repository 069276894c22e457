"""What all doors share: one clean line for an error, names of models, folders that can be written.

Exit codes: 0 fine, 1 a check failed, 2 wrong usage or bad input.
"""

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.show.signs import ERROR_HANDLER

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset

DATA_HELP = (
    "mnist (bundled, the default), a folder of MNIST-format IDX files (Fashion-MNIST, KMNIST, EMNIST; "
    "class names from labels.txt), an .npz file with x_train, y_train, x_test and y_test, or "
    "fashion_mnist, cifar10 or cifar100, which Keras downloads."
)
OUTPUT = Path("output")
"""Where pictures go unless another folder is given."""


class CheckFailedError(Exception):
    """A check that a command made has failed; exit code 1."""


class Door(click.Command):
    """A command that says what is wrong in one line.

    Bad usage and what the rooms raise for bad input exit with 2, a failed check with 1. Set
    CONVLAB_DEBUG=1 to see the traceback instead.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command and leave with its exit code."""
        kwargs["standalone_mode"] = False
        if sys.stdout is None or sys.stdout.closed:  # closed by the caller: nowhere to print
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=ERROR_HANDLER)  # a terminal without "·" shows "*"
        try:
            code = super().main(*args, **kwargs)
        except click.exceptions.Exit as finished:
            code = finished.exit_code
        except (KeyboardInterrupt, click.Abort):
            code = _report("interrupted", 130)
        except CheckFailedError as failure:
            code = _report(str(failure), 1)
        except click.ClickException as error:
            code = _report(error.format_message(), 2)
        except (ValueError, OSError, OverflowError) as error:
            if os.environ.get("CONVLAB_DEBUG"):
                raise
            code = _report(_describe(error), 2)
        except Exception as error:
            if not type(error).__module__.startswith("tensorflow") or os.environ.get("CONVLAB_DEBUG"):
                raise
            code = _report(f"TensorFlow cannot compute this: {str(error).splitlines()[0]}", 2)
        sys.exit(code or 0)


def _describe(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def _one_line(message: str) -> str:
    return " ".join(message.split())


def _report(message: str, code: int) -> int:
    line = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in _one_line(message))
    click.echo(f"Error: {line}", err=True)
    return code


def prepare_folder(folder: Path) -> Path:
    """Return `folder`, made if it is missing, after trying to write in it.

    Raises:
        ValueError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"cannot write into the output folder {folder}: {error.strerror or error}"
        ) from error
    return folder


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


def shown(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)
