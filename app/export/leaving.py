"""An export put into its place whole or not at all, and nothing of anybody else's overwritten."""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.export.formats import Format
from app.files.atomic import replacing_all, sweep, sync_folder
from app.files.cards import hash_file
from app.files.lock import only_one
from app.untrusted.json_text import read_json
from app.untrusted.places import verify_writable

OF_SAVED_MODEL = {
    "saved_model.pb",
    "fingerprint.pb",
    "variables",
    "assets",
    "assets.extra",
    "keras_metadata.pb",
}
"""What lies in the folder of a SavedModel; a folder with anything else in it is never replaced."""
PATTERN = re.compile(r"[*?\[]")
"""What makes TensorFlow look for all files that fit, where it reads the weights of a SavedModel."""


def card_beside(path: Path) -> Path:
    """Return where the card of an export is; the card of a model of Keras' has another name.

    >>> card_beside(Path("output/mnist.onnx"))
    PosixPath('output/mnist.onnx.json')
    """
    return path.with_name(f"{path.name}.json")


def verify_place(path: Path, format: Format, model: str, replace: bool, advice: str) -> None:
    """Refuse to write where something lies that is no earlier export of the same model.

    Args:
        path: where the export goes.
        format: what is written.
        model: what the model is called.
        replace: other files, and other SavedModels, may be lost.
        advice: what the message says to do.

    Raises:
        ValueError: something of another origin is there, or a folder with other things in it.
    """
    card = card_beside(path)
    verify_writable(card)
    if format.is_folder:
        _verify_folder(path)
    else:
        verify_writable(path)
    if replace or not (path.exists() or card.exists()):
        return
    if format.is_folder and path.exists() and not any(path.iterdir()) and not card.exists():
        return
    if not _is_ours(path, card, format, model):
        there = path if path.exists() else card
        raise ValueError(f"{there} is there already, and is no export of {model}; give {advice} to lose it")


def _verify_folder(path: Path) -> None:
    if found := PATTERN.search(str(path)):
        raise ValueError(
            f"TensorFlow takes the {found[0]} in {path} for a pattern; give a SavedModel another name"
        )
    if path.is_symlink():
        raise ValueError(f"{path} is a link to somewhere else; give the folder's own path")
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file; a SavedModel is a folder, so give another name")
    other = sorted({each.name for each in path.iterdir()} - OF_SAVED_MODEL) if path.is_dir() else []
    if other:
        raise ValueError(
            f"{path} is a folder with other things in it ({other[0]}); give the name of a new one"
        )


def _is_ours(path: Path, card: Path, format: Format, model: str) -> bool:
    """Return whether an export of the same model is there, as it was written."""
    try:
        known: Any = read_json(card)
        written_for = (known["format"], known["source"]["model"])
        if not path.exists():
            return written_for == (format.name, model)
        return (*written_for, known["sha256"]) == (format.name, model, hash_export(path))
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return False


def files_of(path: Path) -> list[Path]:
    """Return the files of an export: the file itself, or those in the folder, in order."""
    return sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def hash_export(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and hashes of the files in a folder."""
    if not path.is_dir():
        return hash_file(path)
    lines = [f"{hash_file(each)}  {each.relative_to(path).as_posix()}\n" for each in files_of(path)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other runs from writing the same export while the block runs; nothing is left of the lock.

    Raises:
        ValueError: another run writes it.
    """
    lock = path.with_name(f".{path.name}.lock")
    with only_one(lock, f"writing {path}"):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


@contextlib.contextmanager
def making(path: Path, is_folder: bool) -> Iterator[tuple[Path, Path]]:
    """Give the places where an export and its card are made; both go to theirs when the block ends well.

    If the block raises, nothing is left.
    """
    sweep(path.parent, card_beside(path).name)
    if not is_folder:
        sweep(path.parent, path.name)
        with replacing_all(path, card_beside(path)) as (file, card):
            yield file, card
        return
    for left in path.parent.glob(f".{glob.escape(path.name)}-????????.tmp"):  # of a killed run
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", suffix=".tmp", dir=path.parent) as made:
        folder, before, written = Path(made) / "export", Path(made) / "before", b""
        try:
            with replacing_all(card_beside(path)) as (card,):
                yield folder, card
                for each in files_of(folder):
                    with each.open("rb") as file:
                        os.fsync(file.fileno())
                written = card.read_bytes()
                _swap(folder, path, before)
        except BaseException:
            is_moved = bool(written) and not folder.exists()
            if is_moved and not _holds(card_beside(path), written):  # the card is not in its place
                path.rename(folder)
                if before.exists():
                    before.rename(path)
            raise
        sync_folder(path.parent)


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


def _swap(folder: Path, path: Path, before: Path) -> None:
    """Put a folder into its place; the one that is there goes to `before`, or comes back if that fails."""
    if path.exists():
        path.rename(before)
    try:
        folder.rename(path)
    except BaseException:
        if before.exists() and not path.exists():
            before.rename(path)
        raise
