"""What was asked of the command: a data set, shown, and its picture in a folder."""

import re
from pathlib import Path

from app.commands.data import open_data
from app.commands.outputs import leave_picture
from app.datasets.augmentation import find_augmentation
from app.files.folders import prepare_folder
from app.show.progress import waiting

LONGEST_NAME = 60
"""Letters of the data's name in the name of a picture."""


def answer(source: str | None, augment: str | None, verbose: bool, output: Path) -> None:
    """Print what is in a data set, in short or in full, and leave its picture, and one of augmented copies on demand.

    Raises:
        ValueError: there is no such data or augmentation, or the folder cannot be written.
    """
    if augment is not None:
        find_augmentation(augment)
    prepare_folder(output)
    with waiting("reading the pictures, about 1 s"):
        opened = open_data(source)
        from app.data.results import show_dataset

        data = show_dataset(opened)
    from app.show.tables import print_parts

    print_parts(data.parts() if verbose else data.summary())
    name = re.sub(r"[^\w\-.:+, ]", "-", f"data-{data.name}")[:LONGEST_NAME]
    with waiting("drawing the picture, about 1 s"):
        figure = data.plot()
    leave_picture(figure, output / f"{name}.png")
    if augment is not None:
        leave_picture(data.plot_augmentation(augment), output / f"{name}-augmented-{augment}.png")
