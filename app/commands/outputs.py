"""Where pictures and numbers go."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.files.folders import prepare_folder, shown
from app.show.pictures import PICTURE_ENDINGS
from app.untrusted.places import verify_writable

OUTPUT = Path("output")
"""Where pictures go unless another folder is given."""


class OutputFile(click.ParamType):
    """A file to be written: refused at once where there is anything but a regular file."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002
        """Return the path."""
        path = Path(value)
        verify_writable(path)
        return path


def slug(*parts: str | None) -> str:
    """Return texts as one part of a file name: `maps-mnist-test-image-18`."""
    words = [re.sub(r"[^\w]+", "-", part).strip("-").lower() for part in parts if part]
    return "-".join(words)


@dataclass(frozen=True)
class OutputFiles:
    """Where a picture, its numbers and its report go."""

    output: Path = OUTPUT
    """A folder, or the picture's own file."""
    raw: Path | None = None
    report: Path | None = None

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            ValueError: an ending that cannot be written, or a folder that cannot.
        """
        if self.is_picture:  # the others are `OutputFile`s
            verify_writable(self.output)
        if self.output.suffix and not self.is_picture and not self.output.is_dir():
            raise ValueError(
                f"a picture cannot be written as {self.output.name}; use {', '.join(PICTURE_ENDINGS)}"
            )
        prepare_folder(self.output.parent if self.is_picture else self.output)
        if self.raw is not None:
            if self.raw.suffix != ".npz":
                raise ValueError(f"--raw writes an .npz file, not {self.raw.name}")
            prepare_folder(self.raw.parent)
        if self.report is not None:
            from app.commands.reports import choose_format

            choose_format(None, self.report)
            prepare_folder(self.report.parent)

    @property
    def is_picture(self) -> bool:
        """Whether the output is the picture's own file, and not a folder."""
        return self.output.suffix.lower() in PICTURE_ENDINGS

    def picture(self, name: str) -> Path:
        """Return the file for the picture: as given, or one in the folder that is called `name`."""
        return self.output if self.is_picture else self.output / f"{name}.png"

    def save_raw(self, result: Any, what: str = "Numbers") -> None:
        """Write a result's unscaled numbers, if that was asked for, and say so."""
        if self.raw is not None:
            from app.show.results import save_result

            save_result(result, self.raw)
            click.echo(f"{what}: {shown(self.raw)}")


def leave_picture(figure: Any, path: Path, is_named: bool = False, err: bool = False) -> None:
    """Write a figure and say where it is.

    Another picture is replaced only where the user named the file; else this one gets a number.

    Args:
        figure: a matplotlib figure.
        path: where it goes.
        is_named: whether the user named the file.
        err: say it on standard error, where standard output is a report.
    """
    from app.files.atomic import write_bytes
    from app.show.canvas import figure_bytes

    content = figure_bytes(figure, path.suffix.lower())
    place = path if is_named else free_place(path, content)
    write_bytes(place, content)
    kept = "" if place == path else f" ({path.name} holds another picture, and stays)"
    click.echo(f"Picture: {shown(place)}{kept}", err=err)


def free_place(path: Path, content: bytes) -> Path:
    """Return `path`, or, where files of other content are called so, the first `NAME-2`, `NAME-3` that is free."""
    number, place = 1, path
    while place.is_file() and (place.stat().st_size != len(content) or place.read_bytes() != content):
        number += 1
        place = path.with_stem(f"{path.stem}-{number}")
    return place
