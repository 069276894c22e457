"""The parts into which ink falls: pixels that touch each other, found row by row."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.datasets.paper import slide

MOST_INK = 0.2
"""Share of the picture above which a part is rather the sheet, or the table, than its ink."""
BORDER = 0.25
"""What a part counts that touches one side of the picture, against one that touches none."""


@dataclass(frozen=True)
class Parts:
    """Parts of a mask, numbered from 1; 0 is what belongs to none."""

    labels: np.ndarray
    """(height, width)."""
    count: int

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of `values` over each part, (count,)."""
        return np.bincount(self.labels.ravel(), np.ravel(values), self.count + 1)[1:]

    def largest(self, values: np.ndarray) -> np.ndarray:
        """Return the largest of `values` in each part, (count,)."""
        found = np.zeros(self.count)
        inside = self.labels > 0
        np.maximum.at(found, self.labels[inside] - 1, values[inside])
        return found

    @cached_property
    def areas(self) -> np.ndarray:
        """Pixels of each part, (count,)."""
        return np.bincount(self.labels.ravel(), minlength=self.count + 1)[1:]

    @cached_property
    def boxes(self) -> np.ndarray:
        """First row, row behind the last, first column, column behind the last of each part, (count, 4)."""
        rows, columns = np.nonzero(self.labels)
        which = self.labels[rows, columns] - 1
        boxes = np.tile([self.labels.shape[0], 0, self.labels.shape[1], 0], (self.count, 1))
        for column, places in ((0, rows), (2, columns)):
            np.minimum.at(boxes[:, column], which, places)
            np.maximum.at(boxes[:, column + 1], which, places + 1)
        return boxes

    @property
    def sizes(self) -> np.ndarray:
        """The longer side of each part's box, (count,)."""
        return np.asarray((self.boxes[:, 1::2] - self.boxes[:, ::2]).max(axis=1, initial=0))

    @property
    def sides(self) -> np.ndarray:
        """How many of the picture's four sides each part touches, (count,)."""
        (height, width), boxes = self.labels.shape, self.boxes
        ends = (boxes[:, 0] == 0, boxes[:, 1] == height, boxes[:, 2] == 0, boxes[:, 3] == width)
        return np.sum(ends, axis=0)

    def scores(self, ink: np.ndarray, edges: np.ndarray) -> np.ndarray:
        """Return how much each part looks written, (count,): Σ ink · mean ink² · sharpness² / (1 + share²).

        Sharpness is the step at a part's edge as a share of its ink: about 1 of a stroke, far less of a shadow. Share
        is the part of the picture that it covers, of `MOST_INK`. What touches the border counts less.

        Args:
            ink: how far each pixel differs from its paper.
            edges: the steps of the picture (`steps`).
        """
        if not self.count:
            return np.zeros(0)
        mask = self.labels > 0
        rim = mask & ~slide(np.pad(mask, 1, mode="edge"), 3, np.minimum)
        mass = self.sums(np.where(mask, ink, 0))
        mean, share = mass / self.areas, self.areas / mask.size / MOST_INK
        sharp = self.sums(np.where(rim, edges, 0)) / np.maximum(self.sums(rim), 1) / mean
        at_border = np.where(self.sides > 0, BORDER / np.maximum(self.sides, 1), 1)
        return np.asarray(mass * mean**2 * np.clip(sharp, 0, 1) ** 2 / (1 + share**2) * at_border)

    def nearness(self) -> np.ndarray:
        """Return 1.2 for a part in the middle of the picture down to 0.7 at its border, (count,)."""
        middles = (self.boxes[:, ::2] + self.boxes[:, 1::2]) / 2 / self.labels.shape
        return np.asarray(1.2 - np.abs(middles - 0.5).max(axis=1))


def find_parts(mask: np.ndarray) -> Parts:
    """Return the parts of a mask; pixels that touch at a corner belong together.

    >>> find_parts(np.array([[1, 0, 0, 1], [0, 1, 0, 1]], bool)).labels.tolist()
    [[1, 0, 0, 2], [0, 1, 0, 2]]
    """
    turns = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(turns == 1)
    ends = np.nonzero(turns == -1)[1]
    roots = _join_runs(rows, starts.tolist(), ends.tolist(), mask.shape[0])
    found, numbers = np.unique(roots, return_inverse=True)
    painted = np.zeros((mask.shape[0], mask.shape[1] + 1), np.int64)
    np.add.at(painted, (rows, starts), numbers + 1)
    np.add.at(painted, (rows, ends), -(numbers + 1))
    return Parts(np.cumsum(painted, axis=1)[:, :-1], len(found))


def _join_runs(rows: np.ndarray, starts: list[int], ends: list[int], height: int) -> np.ndarray:
    """Return for each run of pixels in a row the first run of its part: runs of two rows join where they touch."""
    parents = list(range(len(starts)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = parents[parents[run]]
            run = parents[run]
        return run

    first_of_row = np.searchsorted(rows, np.arange(height + 1)).tolist()
    for row in range(1, height):
        above, last_above = first_of_row[row - 1], first_of_row[row]
        for run in range(first_of_row[row], first_of_row[row + 1]):
            while above < last_above and ends[above] < starts[run]:
                above += 1
            other = above
            while other < last_above and starts[other] <= ends[run]:
                one, two = root(other), root(run)
                parents[max(one, two)] = min(one, two)
                other += 1
    return np.array([root(run) for run in range(len(parents))], np.int64)
