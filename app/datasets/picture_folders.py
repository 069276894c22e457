"""Folders of pictures: a sub-folder for each class, or `train/` and `test/` with such sub-folders."""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from app.datasets.dataset import Dataset
from app.datasets.picture_files import Gathered, LeftOut, Level, gather, read_level
from app.datasets.picture_sets import Listing, PictureFile, Report, make_picture_set, pictures
from app.untrusted.text import visible

EXPECTED = (
    "expected a sub-folder for each class with its pictures in it, or train/ and test/ with such sub-folders"
)
PARTS = {
    "train": ("train", "training"),
    "test": ("test", "testing"),
    "val": ("val", "valid", "validation", "dev"),
}
"""What the folders of the parts are called, in small letters."""


@dataclass
class _Found:
    """Pictures of classes, and what is to be said of their folders."""

    files: list[PictureFile] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    nested: int = 0

    def add(self, other: "_Found") -> None:
        """Take over what was found elsewhere."""
        self.files += other.files
        self.left_out += other.left_out
        self.notes += other.notes
        self.nested += other.nested


def load_picture_folder(folder: Path, report: Report | None = None) -> Dataset:
    """Return the data set in a folder of pictures; the pictures are read when they are asked for.

    Args:
        folder: one sub-folder for each class; or `train/` and `test/`, or `val/`, with such sub-folders.
        report: told how many pictures have been looked at, and of how many.

    Raises:
        ValueError: its folders lie otherwise, or none of the pictures can be read.
    """
    return make_picture_set(list_folder(folder), report)


def list_folder(folder: Path) -> Listing:
    """Return the pictures in a folder with their classes and parts, unread.

    Raises:
        ValueError: its folders lie otherwise; the message says what was expected and what is there.
    """
    level = read_level(folder)
    gathered = {path: gather(path) for path in level.folders}
    parts = _find_parts(gathered)
    found = _Found()
    if parts:
        found.left_out += [
            *level.left_out,
            *((path, "beside the folders of the parts") for path in level.files),
        ]
        _list_parts(parts, gathered, found)
    else:
        found.add(_list_classes(folder, level, gathered, ""))
    if found.nested:
        verb = "lies in a folder" if found.nested == 1 else "lie in folders"
        found.notes.append(f"{pictures(found.nested)} {verb} inside the folders of the classes.")
    name = visible(folder.resolve().name) or "pictures"
    return Listing(name, str(folder), folder, tuple(found.files), tuple(found.left_out), tuple(found.notes))


def _find_parts(gathered: dict[Path, Gathered]) -> dict[str, list[Path]]:
    """Return the folders of the parts; {} where the sub-folders are classes.

    A folder `train` that only holds pictures is a class of vehicles, and so is one beside folders of other names,
    unless there is a folder for tests too.
    """
    parts: dict[str, list[Path]] = {}
    others = []
    for path, seen in gathered.items():
        part = next((part for part, names in PARTS.items() if path.name.casefold() in names), None)
        classes = {file.relative_to(path).parts[0] for file in seen.nested}
        if part and classes and (not seen.direct or len(classes) > 1):
            parts.setdefault(part, []).append(path)
        elif seen.files and part is None:
            others.append(path)
    return {} if "train" not in parts or (others and len(parts) == 1) else parts


def _list_parts(parts: dict[str, list[Path]], gathered: dict[Path, Gathered], found: _Found) -> None:
    """List the pictures of the parts; of `test` and `val` only one is used."""
    used = {"train": "train"} | (
        {"test": "test"} if "test" in parts else {"val": "test"} if "val" in parts else {}
    )
    for part, role in used.items():
        for path in parts.get(part, ()):
            level = read_level(path)
            found.add(_list_classes(path, level, {each: gather(each) for each in level.folders}, role))
    known = {path for part in used for path in parts.get(part, ())}
    for path, seen in gathered.items():
        if path in known or not seen.files:
            continue
        why = "has no folders of classes" if seen.direct else "is neither train/ nor test/"
        why = "is for choosing between trainings" if path in parts.get("val", ()) else why
        found.left_out += [(each, f"in {visible(path.name)}/, which is not used") for each in seen.files]
        found.notes.append(
            f"The folder {visible(path.name)}, with {pictures(len(seen.files))}, is not used: it {why}."
        )
    if used.get("val"):
        names = ", ".join(visible(path.name) for path in parts["val"])
        found.notes.append(f"There is no folder test: the pictures in {names} are the test images.")


def _list_classes(folder: Path, level: Level, gathered: dict[Path, Gathered], part: str) -> _Found:
    """Return the pictures of a folder whose sub-folders are classes.

    Raises:
        ValueError: they are none.
    """
    _verify_classes(folder, level, gathered)
    loose = [(path, "beside the folders of the classes") for path in level.files]
    found = _Found(left_out=[*level.left_out, *loose])
    for path, seen in gathered.items():
        found.left_out += seen.left_out
        if not seen.files:
            shown = f"{folder.name}/{path.name}" if part else path.name
            found.notes.append(f"The folder {visible(shown)} holds no pictures: there is no such class.")
            continue
        label = class_label(path.name) or "?"
        found.files += [PictureFile(file, label, part) for file in seen.files]
        found.nested += len(seen.nested)
    return found


def class_label(name: str) -> str:
    """Return what a class is called whose folder, or label, has a name; the same for both ways of writing an é."""
    return visible(unicodedata.normalize("NFC", name).strip())


def _verify_classes(folder: Path, level: Level, gathered: dict[Path, Gathered]) -> None:
    """Refuse a folder whose sub-folders are no classes.

    Raises:
        ValueError: there are no pictures, none in sub-folders, or all lie deeper.
    """
    if any(seen.direct for seen in gathered.values()):
        return
    deep = [path for path, seen in gathered.items() if seen.nested]
    left = [*level.left_out, *(each for seen in gathered.values() for each in seen.left_out)]
    hint = ""
    if deep:
        example = gathered[deep[0]].nested[0].relative_to(folder)
        said = f"the pictures lie in folders inside of folders, as {visible(str(example))}"
        hint = f"; try {visible(str(deep[0]))}" if len(deep) == 1 else ""
    elif level.files:
        said, hint = (
            f"{pictures(len(level.files))} and no folders of pictures",
            "; or give a .csv file of files and labels",
        )
    else:
        why = f" ({visible(left[0][0].name)}: {left[0][1]})" if left else ""
        others = "" if gathered else ", nor IDX files (train-images-idx3-ubyte and three more) or CSV tables"
        said = f"there are no pictures in {'its folders' if gathered else 'it'}{why}{others}"
    raise ValueError(f"{visible(str(folder))}: {said}; {EXPECTED}{hint}")
