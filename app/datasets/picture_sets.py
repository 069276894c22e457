"""From files of pictures and their labels to a data set: looked at, freed of what cannot be read, and parted."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.datasets.ahead import read_ahead
from app.datasets.class_names import MOST_CLASSES
from app.datasets.dataset import Dataset
from app.datasets.looks import Look, look_at
from app.datasets.parting import Parted, part_pictures
from app.datasets.picture_files import LeftOut, natural_key
from app.datasets.picture_notes import PictureFacts, first_of, pictures, some, tell
from app.datasets.streamed import Shape, StreamedImages
from app.datasets.twins import find_twins, shows_nothing
from app.untrusted.text import visible

__all__ = ["Listing", "PictureFile", "Report", "make_picture_set", "pictures"]

Report = Callable[[int, int], None]
"""Told how many pictures have been looked at, and of how many."""
LARGEST_OWN = 256
"""Pixels a side up to which pictures that are all of one size keep it."""
USUAL_SIZE = (224, 224)
"""Height and width of all others, as most networks of photographs take them."""


@dataclass(frozen=True)
class PictureFile:
    """A picture in a file, unread."""

    path: Path
    label: str
    part: str
    """`train` or `test`; "" where nothing says so."""


@dataclass(frozen=True)
class Listing:
    """Pictures with their classes and parts, before one of them is read."""

    name: str
    source: str
    root: Path
    """The folder that names of files are told from."""
    files: tuple[PictureFile, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """A picture that can be read."""

    file: PictureFile
    look: Look


def make_picture_set(listing: Listing, report: Report | None = None) -> Dataset:
    """Return the data set of pictures in files, which are read again when they are asked for.

    Every picture is looked at once: what cannot be read is left out. Pictures that look the same are found, so that
    none lies in both parts where this has to part them: then one in five of each class is a test image.

    Raises:
        ValueError: too few of the pictures can be read, or there are too many classes.
    """
    used = _choose(listing, report)
    looks, files = [each.look for each in used.seen], [each.file.path for each in used.seen]
    names = tuple(_in_order({each.file.label for each in used.seen}))
    if len(names) > MOST_CLASSES:
        raise ValueError(f"{listing.source}: {len(names):,} classes; at most {MOST_CLASSES:,}")
    number = {name: i for i, name in enumerate(names)}
    labels = np.array([number[each.file.label] for each in used.seen])
    parted, said = _part(listing, used, labels, names)
    shape = _own_shape(looks)
    train, test = (_in_turns(np.flatnonzero(which), labels) for which in (~parted.is_test, parted.is_test))
    facts = PictureFacts.of(listing.root, files, looks, labels, parted.group, parted.is_test, names)
    facts = replace(facts, split_notes=tuple(said))
    return Dataset(
        listing.name,
        listing.source,
        StreamedImages([files[i] for i in train], shape),
        labels[train],
        StreamedImages([files[i] for i in test], shape),
        labels[test],
        names,
        (*listing.notes, *used.notes, *said, *tell(facts, shape, used.left_out, used.only_tested)),
        tuple(used.left_out),
        facts,
    )


@dataclass(frozen=True)
class _Used:
    """The pictures that are used, and what became of the others."""

    seen: list[_Seen]
    left_out: list[LeftOut]
    notes: list[str]
    only_tested: list[str]
    """Classes without training pictures."""


def _choose(listing: Listing, report: Report | None) -> _Used:
    """Return the pictures that can be read, of classes that can be learnt.

    Raises:
        ValueError: there are none.
    """
    seen, left_out = _look_at_all(listing, report)
    known = {each.file.label for each in seen if each.file.part != "test"}
    if not known:
        raise ValueError(f"{listing.source}: none of its training pictures can be read")
    lost = {file.label for file in listing.files} - {each.file.label for each in seen}
    others = [each for each in seen if each.file.label not in known]
    left_out += [(each.file.path, "of a class that has no training pictures") for each in others]
    return _Used(
        [each for each in seen if each.file.label in known],
        sorted(left_out, key=lambda each: natural_key(str(each[0]))),
        [f"None of the pictures of {name} can be read: there is no such class." for name in _in_order(lost)],
        _in_order({each.file.label for each in others}),
    )


def _in_order(labels: Iterable[str]) -> list[str]:
    return sorted(labels, key=natural_key)


def _look_at_all(listing: Listing, report: Report | None) -> tuple[list[_Seen], list[LeftOut]]:
    """Return the pictures that can be read, and the files that cannot, with the reason."""
    seen: list[_Seen] = []
    left_out = [*listing.left_out]
    found = read_ahead(_try, [file.path for file in listing.files])
    for number, (file, look) in enumerate(zip(listing.files, found, strict=True), 1):
        if isinstance(look, Look):
            seen.append(_Seen(file, look))
        else:
            left_out.append((file.path, look))
        if report:
            report(number, len(listing.files))
    if not seen:
        count, why = len(listing.files), f": {some(listing.root, left_out)}"
        raise ValueError(f"{listing.source}: none of its {pictures(count)} can be read{why}")
    return seen, left_out


def _try(path: Path) -> Look | str:
    """Return a look at a picture, or why there is none."""
    try:
        return look_at(path)
    except ValueError as error:
        said = str(error)
        for begin in (f"image {path} ", f"{path} "):
            said = said.removeprefix(begin)
        return visible(said.removeprefix("is "))


def _content(seen: _Seen) -> str | None:
    """Return a hash of the file of a picture too plain to be compared by its likeness."""
    if not shows_nothing(seen.look) or seen.look.is_blank:
        return None
    with seen.file.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _part(
    listing: Listing, used: _Used, labels: np.ndarray, names: Sequence[str]
) -> tuple[Parted, list[str]]:
    """Return which pictures are test images, as their files say or else by what they show; with sentences that say so.

    Raises:
        ValueError: there are too few pictures to hold some out.
    """
    looks, contents = [each.look for each in used.seen], [_content(each) for each in used.seen]
    group = find_twins(looks, contents)
    is_test = np.array([each.file.part == "test" for each in used.seen], bool)
    if is_test.any():
        return Parted(is_test, group), []
    parted = part_pictures(looks, contents, labels, group)
    if not parted.is_test.any():
        raise ValueError(
            f"{listing.source}: there are no test pictures, and no class has two different pictures of its own, of "
            "which one could be held out"
        )
    said = [
        f"{int(parted.is_test.sum()):,} of the {pictures(len(looks))} are held out as test images: one in five of each "
        "class, always the same ones. Pictures that look the same stay together."
    ]
    if parted.films:
        many = "classes" if len(parted.films) > 1 else "class"
        listed = first_of([names[label] for label in parted.films])
        said.append(
            f"The pictures of the {many} {listed} look like each other, as pictures of one film do: test pictures have "
            "near copies in training, and the accuracy will look too good."
        )
    return parted, said


def _own_shape(looks: Sequence[Look]) -> Shape:
    """Return the shape of pictures that no network has asked for yet."""
    channels = 1 if all(look.is_grey for look in looks) else 3
    (width, height), *others = {look.size for look in looks}
    if not others and max(width, height) <= LARGEST_OWN:
        return height, width, channels
    return (*USUAL_SIZE, channels)


def _in_turns(places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return places in an order in which the classes take turns, so that the first few show each class."""
    turn = np.empty(len(places), int)
    for label in np.unique(labels[places]):
        of_class = np.flatnonzero(labels[places] == label)
        turn[of_class] = np.arange(len(of_class))
    return places[np.lexsort((labels[places], turn))]
