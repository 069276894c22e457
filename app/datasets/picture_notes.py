"""What is to be said of pictures in files: their sizes, what looks the same, classes that are nearly empty."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from app.datasets.looks import Look, is_misnamed
from app.datasets.picture_files import LeftOut
from app.untrusted.text import visible

FEW = 10
"""Pictures below which a class is called nearly empty."""
UNEVEN = 3
"""Times as many pictures in the largest class as in the smallest, from which this is said."""
NAMED = 3
"""Files that a sentence names."""

TOLD = ("which is not used", "no training pictures")
"""Ends of reasons that have a sentence of their own."""
KINDS = 3
"""Reasons for leaving files out that a sentence names."""

Group = tuple[Path, ...]


@dataclass(frozen=True, eq=False)
class PictureFacts:
    """What was found out about the pictures of a data set when they were looked at."""

    root: Path
    """The folder that names of files are told from."""
    sizes: np.ndarray
    """Width and height of each picture that is used, (count, 2), the smallest area first."""
    formats: dict[str, int]
    """How many pictures hold which format, the most frequent first."""
    counts: np.ndarray
    """Training and test pictures of each class, (classes, 2)."""
    class_names: tuple[str, ...]
    twins: tuple[Group, ...] = ()
    """Files that look the same, in groups."""
    contradictory: tuple[Group, ...] = ()
    """Those groups whose files lie in different classes."""
    in_both_parts: tuple[Path, ...] = ()
    """Test pictures that look the same as a training picture."""
    misnamed: tuple[tuple[Path, str], ...] = ()
    """Files called as another format than they hold, and what they hold."""
    blank: tuple[Path, ...] = ()
    """Pictures all of one colour."""
    split_notes: tuple[str, ...] = ()
    """How the test pictures were held out of the others, where nobody had parted them."""

    @property
    def is_held_out(self) -> bool:
        """Whether the test pictures were held out of the others, since nobody had parted them."""
        return bool(self.split_notes)

    @classmethod
    def of(
        cls,
        root: Path,
        files: Sequence[Path],
        looks: Sequence[Look],
        labels: np.ndarray,
        group: np.ndarray,
        is_test: np.ndarray,
        class_names: tuple[str, ...],
    ) -> Self:
        """Return the facts of pictures by their first looks.

        Args:
            root: the folder that names of files are told from.
            files: the pictures.
            looks: what was seen of each.
            labels: the class of each.
            group: a number for each; those that look the same have the same one.
            is_test: which are test pictures.
            class_names: what the classes are called.
        """
        sizes = np.array([look.size for look in looks]).reshape(-1, 2)
        order = np.argsort(group, kind="stable")
        ends = np.flatnonzero(np.diff(group[order])) + 1
        groups = [places.tolist() for places in np.split(order, ends) if len(places) > 1]
        learnt = set(group[~is_test].tolist())
        counts = np.stack(
            [np.bincount(labels[part], minlength=len(class_names)) for part in (~is_test, is_test)], 1
        )
        return cls(
            root,
            sizes[np.argsort(sizes.prod(axis=1), kind="stable")],
            dict(Counter(look.format for look in looks).most_common()),
            counts,
            class_names,
            tuple(tuple(files[i] for i in places) for places in groups),
            tuple(tuple(files[i] for i in places) for places in groups if len(set(labels[places])) > 1),
            tuple(files[i] for i in np.flatnonzero(is_test).tolist() if group[i] in learnt),
            tuple(
                (file, look.format)
                for file, look in zip(files, looks, strict=True)
                if is_misnamed(file, look)
            ),
            tuple(file for file, look in zip(files, looks, strict=True) if look.is_blank),
        )

    @property
    def smallest(self) -> tuple[int, int]:
        """Width and height of the smallest picture."""
        return self._size(0)

    @property
    def median(self) -> tuple[int, int]:
        """Width and height of the picture in the middle, by its area."""
        return self._size(len(self.sizes) // 2)

    @property
    def largest(self) -> tuple[int, int]:
        """Width and height of the largest picture."""
        return self._size(-1)

    def _size(self, place: int) -> tuple[int, int]:
        width, height = self.sizes[place].tolist()
        return width, height


def tell(
    facts: PictureFacts, shape: tuple[int, int, int], left_out: Sequence[LeftOut], only_tested: Sequence[str]
) -> list[str]:
    """Return what is to be said of pictures, a sentence or two each.

    Args:
        facts: what was found out about them.
        shape: height, width and channels that they are brought to.
        left_out: files that are not used, with the reason.
        only_tested: classes without training pictures.
    """
    said = [*_of_sizes(facts, shape), *_of_classes(facts, only_tested)]
    said += filter(None, [left_out_note(facts.root, left_out)])
    if facts.misnamed:
        listed = [f"{shown(facts.root, path)} holds {format_}" for path, format_ in facts.misnamed]
        verb = "are" if len(listed) > 1 else "is"
        said.append(
            f"{files(len(listed))} {verb} named as another format, and read all the same: {first_of(listed)}."
        )
    copies = sum(len(group) - 1 for group in facts.twins)
    if copies:
        listed = [" and ".join(shown(facts.root, path) for path in group[:2]) for group in facts.twins]
        verb = "look" if copies > 1 else "looks"
        said.append(f"{pictures(copies).capitalize()} {verb} the same as another one: {first_of(listed)}.")
    if facts.contradictory:
        listed = [" and ".join(shown(facts.root, path) for path in group) for group in facts.contradictory]
        said.append(f"Pictures that look the same lie in different classes: {first_of(listed)}.")
    if facts.in_both_parts:
        count, listed = len(facts.in_both_parts), [shown(facts.root, path) for path in facts.in_both_parts]
        verb = "pictures are" if count > 1 else "picture is"
        said.append(
            f"{count:,} test {verb} also in training, so that the accuracy will look too good: {first_of(listed)}."
        )
    if facts.blank:
        listed, verb = (
            [shown(facts.root, path) for path in facts.blank],
            "are" if len(facts.blank) > 1 else "is",
        )
        said.append(f"{pictures(len(listed)).capitalize()} {verb} all of one colour: {first_of(listed)}.")
    return said


def left_out_note(root: Path, left_out: Sequence[LeftOut]) -> str:
    """Return a sentence on files that are not used, without those that have one of their own; "" for none."""
    others = [(path, reason) for path, reason in left_out if not reason.endswith(TOLD)]
    verb = "are" if len(others) > 1 else "is"
    return f"{files(len(others))} {verb} left out: {some(root, others)}." if others else ""


def _of_sizes(facts: PictureFacts, shape: tuple[int, int, int]) -> list[str]:
    height, width, _ = shape
    small, large = ("×".join(map(str, size)) for size in (facts.smallest, facts.largest))
    if small == large == f"{width}×{height}":
        return []
    sizes = (
        f"are {small}"
        if (facts.sizes == facts.sizes[0]).all()
        else f"have different sizes, {small} to {large}"
    )
    return [
        f"The pictures {sizes}. They are brought to the size that a network takes, here to {width}×{height}."
    ]


def _of_classes(facts: PictureFacts, only_tested: Sequence[str]) -> list[str]:
    said, train = [], facts.counts[:, 0]
    if only_tested:
        one = len(only_tested) == 1
        words = "class has" if one else "classes have"
        said.append(
            f"{len(only_tested):,} {words} test pictures but no training pictures, and {'is' if one else 'are'} left "
            f"out: {first_of(list(only_tested))}."
        )
    if len(facts.class_names) == 1:
        said.append(f"There is only one class, {facts.class_names[0]}: a network has nothing to tell apart.")
    untested = [name for name, (_, test) in zip(facts.class_names, facts.counts, strict=True) if not test]
    if untested:
        words = "class has" if len(untested) == 1 else "classes have"
        said.append(f"{len(untested):,} {words} no test pictures: {first_of(untested)}.")
    few = [f"{name} ({n:,})" for name, n in zip(facts.class_names, train.tolist(), strict=True) if n < FEW]
    if few:
        words = "class has" if len(few) == 1 else "classes have"
        said.append(f"{len(few):,} {words} fewer than {FEW} training pictures: {first_of(few)}.")
    least, most = int(train.argmin()), int(train.argmax())
    if train[most] >= UNEVEN * train[least]:
        names = facts.class_names
        said.append(
            f"The classes are uneven: {names[most]} has {train[most]:,} training pictures, {names[least]} "
            f"{train[least]:,}. A network that always says {names[most]} is right in "
            f"{100 * train[most] / train.sum():.0f} % of them."
        )
    return said


def some(root: Path, left_out: Sequence[LeftOut]) -> str:
    """Return the most frequent reasons why files are not used, each with the first file and how many more there are."""
    by_kind: dict[str, list[LeftOut]] = {}
    for path, reason in left_out:
        by_kind.setdefault(_kind(reason), []).append((path, reason))
    kinds = sorted(by_kind, key=lambda kind: -len(by_kind[kind]))
    parts = []
    for kind in kinds[:KINDS]:
        (path, reason), *others = by_kind[kind]
        more = f" and {len(others):,} more" * bool(others)
        parts.append(f"{shown(root, path)}{more} ({kind if others else reason})")
    rest = sum(len(by_kind[kind]) for kind in kinds[KINDS:])
    return "; ".join(parts) + f"; {rest:,} more for other reasons" * bool(rest)


def _kind(reason: str) -> str:
    """Return a reason without what it says of a single file."""
    return reason.split(" (")[0].split(":")[0]


def shown(root: Path, path: Path) -> str:
    """Return the name of a file as it is told, from the folder of the data on."""
    name = os.path.relpath(path, root) if path.is_absolute() == root.is_absolute() else str(path)
    return visible(name if not name.startswith("..") else str(path))


def pictures(count: int) -> str:
    """Return a number of pictures in words.

    >>> pictures(1), pictures(1200)
    ('1 picture', '1,200 pictures')
    """
    return f"{count:,} picture{'s' * (count != 1)}"


def files(count: int) -> str:
    """Return a number of files in words."""
    return f"{count:,} file{'s' * (count != 1)}"


def first_of(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - NAMED
    return f"{', '.join(names[:NAMED])}{f' and {more:,} more' * (more > 0)}"
