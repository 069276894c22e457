"""Which class of a model a class of a data set is: by name where both have names, else by number."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from app.datasets.dataset import Dataset
from app.files.classes import find_class
from app.files.saved import ModelFacts

MOST_NAMED = 8
"""Classes that a message lists."""


@dataclass(frozen=True)
class Matching:
    """The model's class for each class of a data set."""

    classes: tuple[int, ...]
    names: tuple[str, ...]
    """What the model's classes are called: as the data call them where the model has only numbers."""
    note: str = ""
    """How they were found, where that is not plain."""

    def labels(self, labels: np.ndarray) -> np.ndarray:
        """Return labels of the data set as classes of the model."""
        return np.asarray(self.classes, np.int64)[labels]


def match_classes(facts: ModelFacts, names: Sequence[str], data: Dataset) -> Matching:
    """Return which class of a model each class of a data set is.

    Names are compared first: a folder's classes stand in another order than the model's, or are only some of them.
    Letters large or small, spaces, underscores and hyphens are the same. Where one side has only numbers, class 3 is
    class 3.

    Args:
        facts: the model, to be named.
        names: what its classes are called.
        data: the data set.

    Raises:
        ValueError: the data set has classes that the model does not have.
    """
    theirs = data.class_names
    if set(theirs) <= set(names):
        same = tuple(names.index(name) for name in theirs)
        return Matching(same, tuple(names), _order(same, len(names)))
    numbers = _numbers(theirs, names)
    if numbers is not None:
        return _by_number(facts, names, data, numbers)
    found = _by_name(theirs, names)
    if missing := [name for label, name in enumerate(theirs) if label not in found]:
        raise ValueError(
            f"{data.name} has {_counted(missing)} that {facts} does not have: {_listed(missing)}; the model has "
            f"{_listed(names)}"
        )
    matched = [*found.values()]
    if len(set(matched)) < len(matched):
        twice = next(name for name, c in zip(theirs, matched, strict=True) if matched.count(c) > 1)
        raise ValueError(f"two classes of {data.name} are one class of {facts}, as {twice!r}")
    return Matching(tuple(matched), tuple(names), _order(matched, len(names)))


def shared_classes(labels: Sequence[str], names: Sequence[str]) -> dict[int, int]:
    """Return the class of a model that each class of a data set is; those that it does not have are left out.

    As `match_classes` does it; where no name is shared and there are as many on both sides, by number.

    Args:
        labels: what the classes of the data set are called.
        names: what those of the model are called.

    >>> shared_classes(("cat", "dog", "tree"), ("dog", "horse", "cat"))
    {0: 2, 1: 0}
    >>> shared_classes(("3", "7"), ("0", "1", "2", "3"))
    {0: 3}
    >>> shared_classes(("T-shirt/top", "pants"), ("T-shirt", "trouser"))
    {0: 0, 1: 1}
    """
    if set(labels) <= set(names):
        return {label: names.index(name) for label, name in enumerate(labels)}
    numbers = _numbers(labels, names)
    if numbers is None:
        found = _by_name(labels, names)
        if found or len(labels) != len(names):
            return found
        numbers = [*range(len(labels))]
    return {label: number for label, number in enumerate(numbers) if number < len(names)}


def labels_of(data: Dataset, names: Sequence[str], wanted: Iterable[int]) -> list[int]:
    """Return the class of a data set that each of some classes of a model is.

    Raises:
        ValueError: the data set has no such class.
    """
    known = {number: label for label, number in reversed(shared_classes(data.class_names, names).items())}
    labels = []
    for number in wanted:
        if number not in known:
            raise ValueError(
                f"{data.name} has no images of class {names[number]}: it has {_listed(data.class_names)}"
            )
        labels.append(known[number])
    return labels


def _numbers(labels: Sequence[str], names: Sequence[str]) -> list[int] | None:
    """Return the number that each class of a data set stands for, where one side has only numbers; else None."""
    if _are_numbers(labels):
        return [int(label) for label in labels]
    return [*range(len(labels))] if _are_numbers(names) else None


def _by_name(labels: Sequence[str], names: Sequence[str]) -> dict[int, int]:
    """Return the class of a model that is called as a class of a data set, for each that has one."""
    found = {}
    for label, name in enumerate(labels):
        with suppress(ValueError):
            found[label] = find_class(name, tuple(names))
    return found


def _by_number(facts: ModelFacts, names: Sequence[str], data: Dataset, numbers: list[int]) -> Matching:
    theirs = data.class_names
    beyond = [number for number in numbers if number >= len(names)]
    if beyond:
        raise ValueError(
            f"{data.name} has {data.classes:,} classes ({_listed(theirs)}), {facts} has {len(names):,} "
            f"({_listed(names)}): class {beyond[0]} is none of the model's; --data names other images"
        )
    if _are_numbers(theirs) and _are_numbers(names):
        return Matching(tuple(numbers), tuple(names))
    if _are_numbers(theirs):
        side, called = "data", list(names)
    else:
        side, called = "model", list(names)
        for number, name in zip(numbers, theirs, strict=True):
            called[number] = name
    pairs = [f"{number} is {called[number]}" for number in numbers][:3] + ["…"] * (len(numbers) > 3)
    note = f"The classes of the {side} have no names: matched by number ({', '.join(pairs)})."
    return Matching(tuple(numbers), tuple(called), note)


def _order(found: Sequence[int], classes: int) -> str:
    """Return what there is to say of classes that were matched by name."""
    if list(found) == list(range(classes)):
        return ""
    if len(found) < classes:
        return f"The data have {len(found):,} of the model's {classes:,} classes, matched by name."
    return "The data have the model's classes in another order: they are matched by name."


def _are_numbers(names: Sequence[str]) -> bool:
    return all(re.fullmatch(r"[0-9]{1,6}", name) for name in names)


def _counted(names: Sequence[str]) -> str:
    return "a class" if len(names) == 1 else f"{len(names):,} classes"


def _listed(names: Sequence[str]) -> str:
    more = f", … ({len(names):,})" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
