"""What was asked of the command: a data set, shown, and its picture in a folder."""

from pathlib import Path

from app.commands.data import open_data
from app.commands.outputs import leave_picture
from app.files.folders import prepare_folder


def answer(source: str | None, output: Path) -> None:
    """Print what is in a data set, and leave its picture.

    Raises:
        ValueError: there is no such data, or the folder cannot be written.
    """
    prepare_folder(output)
    opened = open_data(source)
    from app.data.results import show_dataset
    from app.show.tables import make_console

    data, console = show_dataset(opened), make_console()
    for part in data.parts():
        console.print(part)
    leave_picture(data.plot(), output / f"data-{data.name}.png")
