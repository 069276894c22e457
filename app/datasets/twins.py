"""Pictures that look the same: the same one twice, in another format, or at another size.

Two pictures are twins where what differs between their likenesses is little beside what there is to be seen in
them: rms(a − b) ≤ s · min(std(a), std(b)), at 8×8 pixels and then at 16×16. At 8×8 a third, half, twice or three
times the size, JPEG at a quality of 25 and a palette of 256 colours give at most 0.07 of photographs; different
photographs give 1.1 and more, the nearest of CIFAR-10's 0.47. So no plain ground makes two pictures alike by itself.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from app.datasets.looks import Look

COARSE_SHARE = 0.15
"""s at 8×8."""
FINE_SHARE, SAME_SIZE_SHARE, GREY_SHARE = 0.35, 0.25, 0.07
"""s at 16×16: of pictures of two sizes; of one size in colour; of one size in grey, as digits are."""
LEAST_CONTRAST = 0.6
"""Standard deviation, in levels, below which a likeness shows nothing that could be compared."""
ROUNDING = 0.6
"""Root mean square difference, in levels, that rounding may give; taken for no more than half of the contrast."""
LARGEST_TINT = 10.0
"""Levels by which red − green, and blue − green, may differ: the same shirt in another colour is no twin."""
SAME_COLOUR = 2
"""Levels by which two pictures of one colour each may differ."""
BLOCK = 256
"""Pictures that are compared with all others at a time."""
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
Group = np.ndarray
"""A number for each picture; twins have the same one."""


def shows_nothing(look: Look) -> bool:
    """Return whether a likeness is too plain to be compared: what there is may be too small for it."""
    return float(look.coarse.std()) < LEAST_CONTRAST


def find_twins(
    looks: Sequence[Look], contents: Sequence[str | None] | None = None, tolerance: float = 1.0
) -> Group:
    """Return a number for each picture, that of the first of those that look the same; twins of twins are twins.

    Args:
        looks: the pictures.
        contents: hashes of the files of pictures that show nothing: those of one hash are twins. None: not known.
        tolerance: what s is multiplied by; pictures of a film, each like the next, need less of it than 1.
    """
    group = np.arange(len(looks))
    _join_contents(group, contents or ())
    plain = np.array([shows_nothing(look) for look in looks], bool)
    _join_blank(group, looks, [i for i in range(len(looks)) if plain[i] and looks[i].is_blank])
    seen = np.flatnonzero(~plain)
    if len(seen) > 1:
        _join_alike(group, looks, seen, tolerance)
    _, first, which = np.unique(group, return_index=True, return_inverse=True)
    return np.asarray(first[which])


def _join(group: Group, one: int, others: np.ndarray) -> None:
    """Make one group of a picture and others."""
    group[np.isin(group, group[others])] = group[one]


def _join_contents(group: Group, contents: Sequence[str | None]) -> None:
    first: dict[str, int] = {}
    for i, content in enumerate(contents):
        if content is not None and first.setdefault(content, i) != i:
            _join(group, first[content], np.array([i]))


def _join_blank(group: Group, looks: Sequence[Look], blank: Sequence[int]) -> None:
    """Join pictures of one colour each, if it is the same."""
    places = np.array(blank, int)
    colours = np.array([looks[i].likeness.mean(axis=(0, 1)) for i in blank]).reshape(-1, 3)
    for i, colour in zip(places, colours, strict=True):
        same = places[(np.abs(colours - colour) <= SAME_COLOUR).all(axis=1)]
        if (group[same] != group[i]).any():
            _join(group, i, same)


def _join_alike(group: Group, looks: Sequence[Look], seen: np.ndarray, tolerance: float) -> None:
    """Join pictures whose likenesses differ by little."""
    coarse = np.stack([looks[i].coarse for i in seen]).reshape(len(seen), -1).astype(np.float32)
    order = np.argsort(coarse.mean(axis=1), kind="stable")
    seen = seen[order]
    finer = _Finer([looks[i] for i in seen], tolerance)
    for row, columns in _near(coarse[order], tolerance):
        columns = columns[group[seen[columns]] != group[seen[row]]]
        twins = columns[finer.are_twins(row, columns)]
        if len(twins):
            _join(group, int(seen[row]), seen[twins])


def _near(coarse: np.ndarray, tolerance: float) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each row with the numbers of the rows behind it that may be twins; rows are sorted by their means.

    Means of twins differ by no more than the root mean square of the difference, so that most rows need no look.
    """
    mean, squares = coarse.mean(axis=1), (coarse**2).mean(axis=1)
    limit = _limit(coarse.std(axis=1), COARSE_SHARE * tolerance)
    bound = limit**2 + 1e-2  # 32 bits leave errors of some thousandths
    for start in range(0, len(coarse), BLOCK):
        rows = slice(start, min(start + BLOCK, len(coarse)))
        end = int(np.searchsorted(mean, mean[rows.stop - 1] + limit[rows].max(), side="right"))
        differences = coarse[rows] @ coarse[start:end].T
        differences *= -2 / coarse.shape[1]
        differences += squares[rows, np.newaxis]
        differences += squares[start:end]
        is_near = differences <= bound[rows, np.newaxis]
        for row in range(len(is_near)):
            columns = np.flatnonzero(is_near[row, row + 1 :]) + row + 1
            columns = columns[differences[row, columns] <= bound[start + columns]]
            if len(columns):
                yield start + row, start + columns


def _limit(contrast: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Return the root mean square difference up to which likenesses are the same."""
    return np.maximum(share * contrast, np.minimum(ROUNDING, contrast / 2))


class _Finer:
    """The finer likenesses of pictures, to be compared."""

    def __init__(self, looks: Sequence[Look], tolerance: float) -> None:
        self.tolerance = tolerance
        self.colours = np.stack([look.likeness for look in looks])
        self.grey = (self.colours @ LUMINANCE).reshape(len(looks), -1)
        self.contrast = self.grey.std(axis=1)
        self.size = np.array([look.size for look in looks])
        self.is_grey = np.array([look.is_grey for look in looks])

    def are_twins(self, one: int, others: np.ndarray) -> np.ndarray:
        """Return which of some pictures, by their numbers, are twins of one."""
        in_colour = ~(self.is_grey[others] | self.is_grey[one])
        has_size = (self.size[others] == self.size[one]).all(axis=1)
        share = np.where(has_size, np.where(in_colour, SAME_SIZE_SHARE, GREY_SHARE), FINE_SHARE)
        limit = _limit(np.minimum(self.contrast[others], self.contrast[one]), share * self.tolerance)
        is_near = ((self.grey[others] - self.grey[one]) ** 2).mean(axis=1) <= limit**2
        tinted = others[is_near & in_colour]
        if len(tinted):
            differences = self.colours[tinted].astype(np.float32) - self.colours[one]
            is_near[is_near & in_colour] = _tint(differences) <= LARGEST_TINT
        return np.asarray(is_near)


def _tint(differences: np.ndarray) -> np.ndarray:
    """Return the mean size of the difference of red − green and blue − green, over cells of 4×4 pixels."""
    tints = differences[..., [0, 2]] - differences[..., [1]]
    count, side = len(tints), tints.shape[1] // 4
    cells = tints.reshape(count, side, 4, side, 4, 2).mean(axis=(2, 4))
    return np.asarray(np.abs(cells).mean(axis=(1, 2, 3)))
