"""Data sets in `.npz` archives, under the names that Keras, MedMNIST and others give their arrays."""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from app.counting.stored.model_files import DAMAGE
from app.datasets.dataset import Dataset, make_dataset
from app.datasets.holdout import hold_out
from app.datasets.npy import read_npy
from app.datasets.upright import is_of_emnist, turn_upright
from app.untrusted.archives import verify_list, verify_members
from app.untrusted.memory import verify_fits
from app.untrusted.places import verify_readable

COPIES = 2
"""Of the images while they are read: as they are stored, and as bytes."""

KINDS = {
    "x": ("x", "image", "images", "img", "imgs", "data"),
    "y": ("y", "label", "labels", "target", "targets"),
}
"""What images and their labels are called in the names of arrays."""
PARTS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test", "testing"),
    "": ("",),
}
"""What the parts of a data set are called; the last is for an archive of one part."""


def load_npz(path: Path) -> Dataset:
    """Return the data set in an `.npz` archive.

    The arrays are x_train, y_train, x_test and y_test, or train_images and so on, as in MedMNIST, or images and
    labels alone. Validation images are test images where there are no others; else a part is held out.

    Raises:
        ValueError: the file is not such an archive, or lacks an array.
    """
    verify_readable(path)
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: not a readable .npz archive")
    try:
        verify_list(path)
        with zipfile.ZipFile(path) as archive:
            _check_directory(path, archive)
            members = {each.filename.removesuffix(".npy"): each for each in archive.infolist()}
            keys = _choose(_find_arrays(members), path, members)
            chosen = [members[key] for pair in keys.values() for key in pair]
            verify_members(path, chosen)
            verify_fits(COPIES * sum(each.file_size for each in chosen), f"{path}")
            arrays = {each: _read_member(archive, each, path) for each in chosen}
            pairs = [(arrays[members[images]], arrays[members[labels]]) for images, labels in keys.values()]
    except (*DAMAGE, MemoryError) as error:
        raise ValueError(f"{path}: not a readable .npz archive ({error})") from error
    notes: list[str] = []
    if len(pairs) == 1:
        *pairs, said = hold_out(*pairs[0], str(path))
        notes.append(f"{path.name} has no test images: {said}.")
    elif "val" in keys:
        what = "not used" if len(pairs) == 3 else "the test images, since there are no others"
        notes.append(f"The {len(pairs[1][1]):,} validation images are {what}.")
    data = make_dataset(path.stem, str(path), pairs[0], pairs[-1], notes=tuple(notes))
    return turn_upright(data, is_of_emnist(path))


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> np.ndarray:
    with archive.open(member) as file:
        try:
            return read_npy(file, member.file_size)
        except ValueError as error:
            raise ValueError(f"{path}: its member {member.filename!r} {error}") from error


def _check_directory(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive that lists fewer members than it says: a damaged byte may hide the test images.

    The number stands in bytes 10 and 11 of the record of 22 bytes, and a comment, that ends the file.
    """
    with path.open("rb") as file:
        file.seek(-22 - len(archive.comment), 2)
        count = int.from_bytes(file.read(12)[10:], "little")
    if count not in (len(archive.namelist()), 0xFFFF):
        raise ValueError(f"{path}: not a readable .npz archive (its list of arrays is damaged)")


def _find_arrays(names: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the arrays by what they are, ("train", "x"); of several the first."""
    meanings = {}
    for part, parts in PARTS.items():
        for kind, kinds in KINDS.items():
            spelled = {word for p in parts for k in kinds for word in (p + k, k + p)}
            meanings.update(dict.fromkeys(spelled, (part, kind)))
    found: dict[tuple[str, str], str] = {}
    for name in names:
        word = re.sub(r"[^a-z]", "", name.lower())
        if word in meanings:
            found.setdefault(meanings[word], name)
    return found


def _choose(
    found: dict[tuple[str, str], str], path: Path, names: Iterable[str]
) -> dict[str, tuple[str, str]]:
    """Return the arrays of images and labels, part by part: training first, test last.

    Raises:
        ValueError: one of them is missing.
    """
    parts = {part for part, _ in found}
    if parts == {""}:
        wanted = [""]
    else:
        is_needed = {"val": "test" not in parts and "val" in parts, "test": "test" in parts or not parts}
        whole = {part for part in parts if {(part, "x"), (part, "y")} <= set(found)}
        wanted = ["train", *(part for part, needed in is_needed.items() if needed or part in whole)]
    missing = [f"{kind}_{part}".rstrip("_") for part in wanted for kind in KINDS if (part, kind) not in found]
    if missing:
        known = "" if parts else "; train_images and train_labels, or images and labels, are understood too"
        raise ValueError(
            f"{path}: has no {', '.join(missing)}; it holds {', '.join(names) or 'nothing'}{known}"
        )
    return {part: (found[part, "x"], found[part, "y"]) for part in wanted}
