"""Pictures made ready for a network, by several threads, each with what was done to it or why it cannot be read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.array_files import ENDINGS as ARRAYS
from app.datasets.array_files import open_array, pieces
from app.datasets.given import given_samples
from app.datasets.pictures import PlainPicture, read_picture
from app.datasets.samples import Sample, fitted_sample
from models.pixels import Ink, Pixels

MOST_ENLARGED = 4.0
"""Times that both sides of a picture may be enlarged: beyond that, fewer than a 16th of the pixels are its own."""
BLANK = 2
"""Grey levels between the darkest and the brightest value of a picture that shows nothing."""
AS_IT_IS = "taken as it is"
"""What a sample says of a picture that nothing was done to."""


Item = str | tuple[str, int]
"""What stands for an image: its file; or, where that holds several, the file and the image's number in it."""


def title_of(item: Item) -> str:
    """Return what an image is called.

    >>> title_of(("digits.npy", 3))
    'digits.npy, image 3'
    """
    return item if isinstance(item, str) else f"{item[0]}, image {item[1]}"


@dataclass(frozen=True)
class Piece:
    """Something that is read at once: a file, or some images of an array."""

    source: Any
    """A path, or whatever `given_samples` takes."""
    name: str = ""
    """What its images are called."""
    start: int = 0
    """The number of the first of them."""
    is_many: bool = False
    """Whether they are numbered."""
    error: str = ""
    """Why there is nothing to read."""


@dataclass(frozen=True)
class Ready:
    """An image as the network takes it, or why there is none."""

    name: str
    sample: Sample | None = None
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Reader:
    """Makes pictures ready for one network."""

    shape: tuple[int | None, ...]
    """Height, width and channels that it takes; None where it leaves one open."""
    pixels: Pixels
    ink: Ink | None
    """How pictures of signs are prepared; None: they are only resized."""
    hint: str = ""
    """What is said of each picture that was only resized."""

    def pieces(self, files: Iterable[str | Path], size: int) -> Iterator[Piece]:
        """Yield what is to be read: each file, and arrays some images at a time."""
        for file in files:
            path = Path(file)
            if path.suffix.lower() not in ARRAYS:
                yield Piece(path, str(file))
                continue
            try:
                array = open_array(path)
            except ValueError as error:
                yield Piece(path, str(file), error=_reason(error, path))
                continue
            yield from self.of_array(array, size, str(file))

    def of_array(self, array: np.ndarray, size: int, name: str = "") -> Iterator[Piece]:
        """Yield an array some images at a time."""
        if not len(array.shape) or 0 in array.shape:
            yield Piece(array, name or "the array", error="it holds no images")
            return
        for start, part in pieces(array, self.shape, size):
            yield Piece(part, name, start, array.ndim > 2 and part.shape != array.shape)

    def items(self, files: Iterable[str | Path]) -> list[Item]:
        """Return what stands for each image of files, which can be told without reading one."""
        found: list[Item] = []
        for file in map(str, files):
            count = self._count(Path(file))
            found += [file] if count == 1 else [(file, number) for number in range(count)]
        return found

    def count(self, files: Iterable[str | Path]) -> int:
        """Return how many images files hold."""
        return sum(self._count(Path(file)) for file in files)

    def _count(self, path: Path) -> int:
        """Return how many images are in a file, of which only arrays hold several; 1 where it cannot be read."""
        if path.suffix.lower() not in ARRAYS:
            return 1
        try:
            array = open_array(path)
        except ValueError:
            return 1
        is_one = array.ndim < 3 or 0 in array.shape or next(pieces(array, self.shape, 1))[1] is array
        return 1 if is_one else len(array)

    def read_items(self, items: Sequence[Item], folder: str | Path = "") -> list[Ready]:
        """Return the images that items stand for, those of one array together.

        Args:
            items: of `items`.
            folder: where their files are, unless they say so themselves.
        """
        found: list[Ready] = []
        for file, same in groupby(items, lambda item: "" if isinstance(item, str) else item[0]):
            if not file:
                for item in same:
                    for piece in self.pieces([Path(folder, str(item))], 1):
                        found += self.read(replace(piece, name=str(item)))
                continue
            numbers = [int(item[1]) for item in same]
            try:
                part = _open_again(Path(folder, file), _age(Path(folder, file)))[numbers[0] : numbers[-1] + 1]
            except ValueError as error:
                found += [
                    Ready(title_of((file, i)), error=_reason(error, Path(folder, file))) for i in numbers
                ]
            else:
                found += self.read(Piece(part, file, numbers[0], is_many=True))
        return found

    def read(self, piece: Piece) -> list[Ready]:
        """Return the images of a piece; what cannot be read has a reason."""
        if piece.error:
            return [Ready(piece.name, error=piece.error)]
        try:
            if isinstance(piece.source, Path) and self.shape[0] != 1:
                return [self._picture(piece.source, piece.name)]
            return self._given(piece)
        except ValueError as error:
            return self._one_by_one(piece) or [Ready(self._name(piece), error=_reason(error, piece.source))]
        except MemoryError:
            return [Ready(piece.name, error="there is not enough memory for it")]

    def _name(self, piece: Piece) -> str:
        """Return what an image is called: its piece, and its number where that has several."""
        word = "series" if self.shape[0] == 1 else "image"
        title = f"{word} {piece.start}" if piece.is_many else ""
        return ", ".join(filter(None, (piece.name, title)))

    def _picture(self, path: Path, name: str) -> Ready:
        picture = read_picture(path)
        sample = fitted_sample(picture, name, self.shape, self.ink)
        notes = picture_notes(picture, sample.pixels, self.shape, self.ink is not None)
        doubts = tuple(getattr(sample, "warnings", ()))
        changes = tuple(change for change in said_of(sample) if change not in doubts)
        hint = (self.hint,) if self.hint and changes else ()
        return Ready(name, sample, changes, (*doubts, *notes, *hint))

    def _given(self, piece: Piece) -> list[Ready]:
        samples = given_samples(piece.source, self.shape, self.pixels, self.ink)
        is_many = piece.is_many or len(samples) > 1
        word = "series" if self.shape[0] == 1 else "image"
        found = []
        for number, sample in enumerate(samples, piece.start):
            title = f"{word} {number}" if piece.is_many or (is_many and piece.name) else ""
            name = ", ".join(filter(None, (piece.name, title))) or sample.title
            changes = said_of(sample)
            found.append(Ready(name, sample, changes))
        return found

    def _one_by_one(self, piece: Piece) -> list[Ready]:
        """Return the images of an array, of which some cannot be read; [] where it is one image."""
        array = piece.source
        if not isinstance(array, np.ndarray) or array.ndim < 3 or len(array) < 2:
            return []
        one = [Piece(array[i : i + 1], piece.name, piece.start + i, is_many=True) for i in range(len(array))]
        found = [ready for each in one for ready in self.read(each)]
        return found if piece.is_many or any(ready.sample for ready in found) else []


def picture_notes(
    picture: PlainPicture, pixels: np.ndarray, shape: tuple[int | None, ...], is_cropped: bool
) -> tuple[str, ...]:
    """Return what there is to doubt of a picture.

    Args:
        picture: as it was read.
        pixels: as the network gets it, bytes.
        shape: height, width and channels that the network takes.
        is_cropped: whether it was prepared as a sign of a hand, which is cut out first.
    """
    notes = []
    if np.ptp(pixels.reshape(-1, pixels.shape[-1]), axis=0).max() <= BLANK:
        notes.append("the picture is blank: all its pixels have the same value")
    height, width = shape[:2]
    if height and width and not is_cropped:
        given_width, given_height = picture.size if all(picture.size) else picture.image.size
        times = min(height / given_height, width / given_width)
        if times > MOST_ENLARGED:
            notes.append(
                f"enlarged {times:.1f} times from {given_width}×{given_height}: the answer means little, "
                "unless the network learnt from pictures as small"
            )
    return tuple(notes)


@lru_cache(maxsize=1)
def _open_again(path: Path, age: int) -> np.ndarray:  # noqa: ARG001
    """Return the array in a file that is asked for again and again; `age` tells a newer file of the same name."""
    return open_array(path)


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def said_of(sample: Sample) -> tuple[str, ...]:
    """Return what was done to a picture, a phrase each."""
    return () if sample.caption == AS_IT_IS else tuple(sample.caption.split("; "))


def _reason(error: Exception, source: Any) -> str:
    """Return what was wrong, without the name of the file, which stands beside it."""
    text = " ".join(str(error).split())
    for subject in (f"image {source} ", f"the array {source} ", f"{source}: ", f"{source} "):
        text = text.removeprefix(subject)
    return text.removeprefix("is ")
