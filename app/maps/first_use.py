"""The first use of a network whose weights come as a package: it is filled once, and kept as a model of its own."""

import contextlib

from app.files.atomic import sweep
from app.files.cards import card_path
from app.files.folders import prepare_folder
from app.files.lock import one_by_one
from app.files.packaged import find_packaged, is_installed
from app.files.saved import saved_path
from models import CATALOGUE, PACKAGED


def make_ready(name: str) -> None:
    """Write the model and the card of a network with packaged weights, unless they are there; else do nothing.

    Two commands that do it at once wait for each other, and the second finds what the first wrote.

    Args:
        name: whatever names a model.

    Raises:
        ValueError: the package is another one than was published, or the folder cannot be written.
    """
    if name not in PACKAGED or saved_path(name).is_file() or not is_installed(PACKAGED[name]):
        return
    weights = find_packaged(PACKAGED[name])
    path = saved_path(name)
    try:
        folder = prepare_folder(path.parent)
    except ValueError as error:
        raise ValueError(
            f"{name} is to be written once, and {error}; set CONVLAB_MODELS to a folder that can be written"
        ) from error
    with one_by_one(folder / ".backup" / f"{name}.filling.lock"):
        if path.is_file():
            return
        sweep(folder, path.name, card_path(path).name)
        from app.show.tables import make_console

        with contextlib.suppress(OSError):
            make_console(stderr=True).print(f"Filling {name} with {PACKAGED[name].file}, once …")
        from app.engine.filled import write_filled

        write_filled(CATALOGUE[name], weights, path)
