"""Folders that are written into, and paths as they are told."""

import os
import tempfile
from pathlib import Path

from app.untrusted.places import ADDRESS


def prepare_folder(folder: Path) -> Path:
    """Return `folder`, made if it is missing, after trying to write in it.

    Raises:
        ValueError: it cannot be made or written.
    """
    if ADDRESS.match(str(folder)) and not folder.exists():
        raise ValueError(f"cannot write into the output folder {folder}: it is an address")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"cannot write into the output folder {folder}: it is no folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        raise ValueError(
            f"cannot write into the output folder {folder}: {getattr(error, 'strerror', None) or error}"
        ) from error
    return folder


def prepare_logs(csv_log: Path | None, tensorboard: Path | None) -> None:
    """Make the folders that a training's logs go to.

    Raises:
        ValueError: one cannot be made or written.
    """
    for folder in (tensorboard, csv_log and csv_log.parent):
        if folder is not None:
            prepare_folder(folder)


def shown(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)
