"""YOLO's boxes: the cell that answers for an object, overlap worked by hand, and non-maximum suppression.

The boxes are made up; no network is asked. Sides are measured in shares of the picture, 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport

CELLS, BOXES_A_CELL, CLASSES = 7, 2, 20
"""S, B and C of YOLO on Pascal VOC (Redmon et al. 2016, §2)."""


@dataclass(frozen=True)
class Box:
    """A box around an object.

    Raises:
        ValueError: it has no extent, or reaches beyond the picture.
    """

    name: str
    """The class."""
    left: float
    top: float
    right: float
    bottom: float
    score: float = 1.0
    """Confidence times the probability of the class."""

    def __post_init__(self) -> None:
        if not (
            0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1 and 0 <= self.score <= 1
        ):
            raise ValueError(
                f"a box has 0 ≤ left < right ≤ 1, 0 ≤ top < bottom ≤ 1 and a score of 0 to 1, not {self.left:g} "
                f"{self.top:g} {self.right:g} {self.bottom:g} {self.score:g}"
            )

    @property
    def area(self) -> float:
        """Width times height."""
        return (self.right - self.left) * (self.bottom - self.top)

    @property
    def centre(self) -> tuple[float, float]:
        """Down and across."""
        return (self.top + self.bottom) / 2, (self.left + self.right) / 2

    def cell(self, cells: int = CELLS) -> tuple[int, int]:
        """Return row and column of the grid's cell that holds the centre: it answers for the object."""
        row, column = (min(int(at * cells), cells - 1) for at in self.centre)
        return row, column

    def target(self, cells: int = CELLS) -> tuple[float, float, float, float]:
        """Return x, y, w, h as YOLO learns them: the centre within its cell, the sides of the picture's."""
        row, column = self.cell(cells)
        down, across = self.centre
        return across * cells - column, down * cells - row, self.right - self.left, self.bottom - self.top


def overlap(one: Box, other: Box) -> float:
    """Return the area that two boxes share.

    >>> overlap(Box("", 0, 0, 0.5, 0.5), Box("", 0.25, 0, 0.75, 0.5))
    0.125
    """
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0.0) * max(height, 0.0)


def intersection_over_union(one: Box, other: Box) -> float:
    """Return IoU = shared/(area + area − shared): 1 for equal boxes, 0 for boxes apart.

    >>> round(intersection_over_union(Box("", 0, 0, 0.5, 0.5), Box("", 0.25, 0, 0.75, 0.5)), 4)
    0.3333
    """
    shared = overlap(one, other)
    return shared / (one.area + other.area - shared)


@dataclass(frozen=True)
class Decision:
    """What becomes of one box."""

    box: Box
    because: Box | None
    """The kept box of its class that overlaps it too much; None: it is kept."""
    iou: float = 0.0
    """The overlap with that box."""


def suppress(boxes: Sequence[Box], threshold: float = 0.5) -> list[Decision]:
    """Return what non-maximum suppression decides of each box, the highest score first.

    A box is kept unless a kept one of its class, whose score is as high, overlaps it by more than the threshold.

    Raises:
        ValueError: the threshold is no share.

    >>> close = [Box("cat", 0.1, 0.1, 0.5, 0.5, 0.9), Box("cat", 0.12, 0.1, 0.52, 0.5, 0.6)]
    >>> [each.because is None for each in suppress(close)]
    [True, False]
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"the threshold of the overlap is from 0 to 1, not {threshold:g}")
    decisions: list[Decision] = []
    for box in sorted(boxes, key=lambda box: -box.score):
        kept = [each.box for each in decisions if each.because is None and each.box.name == box.name]
        over = [(intersection_over_union(box, other), other) for other in kept]
        blocking = next(((iou, other) for iou, other in over if iou > threshold), None)
        decisions.append(Decision(box, *(blocking[::-1] if blocking else (None, 0.0))))
    return decisions


OBJECTS = (
    Box("dog", 0.10, 0.36, 0.44, 0.90),
    Box("bicycle", 0.18, 0.16, 0.74, 0.74),
    Box("car", 0.58, 0.08, 0.94, 0.32),
)
"""Where the objects of a made-up picture are."""
GUESSES = (
    Box("dog", 0.11, 0.38, 0.45, 0.91, 0.91),
    Box("dog", 0.06, 0.33, 0.40, 0.84, 0.62),
    Box("dog", 0.16, 0.42, 0.50, 0.92, 0.47),
    Box("bicycle", 0.17, 0.15, 0.73, 0.75, 0.85),
    Box("bicycle", 0.22, 0.20, 0.80, 0.76, 0.55),
    Box("car", 0.57, 0.07, 0.93, 0.32, 0.78),
    Box("car", 0.60, 0.10, 0.98, 0.36, 0.66),
    Box("car", 0.02, 0.04, 0.16, 0.16, 0.08),
)
"""What a network might say of it."""


@dataclass(frozen=True)
class BoxesDrawn(ShowsReport, ShowsFigure):
    """Objects on the grid, boxes that were guessed, and those that are left."""

    objects: tuple[Box, ...]
    guesses: tuple[Box, ...]
    least: float
    threshold: float

    @property
    def decisions(self) -> list[Decision]:
        """What becomes of each box whose score is high enough."""
        return suppress([box for box in self.guesses if box.score >= self.least], self.threshold)

    def draw(self) -> Any:
        """Return three panels: the grid with the cells that answer, all boxes, the boxes that are kept."""
        from app.walk.pictures.figures.boxes import draw_boxes

        return draw_boxes(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the grid's targets, an overlap worked by hand and every decision."""
        targets = tuple(
            (b.name, *map(str, b.cell()), *(f"{n:.3f}" for n in b.target())) for b in self.objects
        )
        decisions = tuple(_line(each) for each in self.decisions)
        low = sum(box.score < self.least for box in self.guesses)
        values = CELLS * CELLS * (BOXES_A_CELL * 5 + CLASSES)
        words = [
            f"YOLO's output: {CELLS}·{CELLS}·({BOXES_A_CELL}·5 + {CLASSES}) = {values:,} numbers: for each cell "
            f"{BOXES_A_CELL} boxes with x, y, w, h and a confidence, and {CLASSES} classes.",
            f"{low} of {len(self.guesses)} boxes have a score below {self.least:g} and are left out.",
            *self._by_hand(),
            "The boxes are made up; no network was asked.",
        ]
        tables = (
            Table(
                ("object", "row", "column", "x", "y", "w", "h"),
                targets,
                "the cell that answers",
                numbers=tuple(range(1, 7)),
            ),
            Table(("box", "score", "IoU", "decision"), decisions, "non-maximum suppression", numbers=(1, 2)),
        )
        return Document("YOLO: grid, boxes and suppression", (*tables, *map(Paragraph, words)), self._data())

    def _by_hand(self) -> list[str]:
        """Return the overlap of the first box that is dropped, worked out."""
        dropped = next((each for each in self.decisions if each.because), None)
        if dropped is None or dropped.because is None:
            return []
        one, other = dropped.because, dropped.box
        left, right = max(one.left, other.left), min(one.right, other.right)
        top, bottom = max(one.top, other.top), min(one.bottom, other.bottom)
        shared, union = overlap(one, other), one.area + other.area - overlap(one, other)
        return [
            f"IoU of the two {one.name} boxes with scores {one.score:g} and {other.score:g}: they share "
            f"({right:g} − {left:g})·({bottom:g} − {top:g}) = {shared:.4f}; together they cover "
            f"{one.area:.4f} + {other.area:.4f} − {shared:.4f} = {union:.4f}; "
            f"{shared:.4f}/{union:.4f} = {shared / union:.3f}."
        ]

    def _data(self) -> dict[str, Any]:
        decisions = [
            {"box": each.box.name, "score": each.box.score, "kept": each.because is None, "iou": each.iou}
            for each in self.decisions
        ]
        cells = [
            {"object": box.name, "cell": list(box.cell()), "target": list(box.target())}
            for box in self.objects
        ]
        return {"objects": cells, "decisions": decisions, "threshold": self.threshold, "least": self.least}


def _line(each: Decision) -> tuple[str, str, str, str]:
    if each.because is None:
        return each.box.name, f"{each.box.score:.2f}", "", "kept"
    words = f"dropped: overlaps the {each.because.name} of {each.because.score:.2f}"
    return each.box.name, f"{each.box.score:.2f}", f"{each.iou:.3f}", words


def yolo_boxes(
    threshold: float = 0.5,
    least: float = 0.2,
    objects: Sequence[Box] = OBJECTS,
    guesses: Sequence[Box] = GUESSES,
) -> BoxesDrawn:
    """Return boxes on YOLO's grid before and after non-maximum suppression.

    Args:
        threshold: an overlap of more than this, as IoU, drops the box with the lower score.
        least: boxes with a lower score are left out.
        objects: where the objects are.
        guesses: the boxes that were found.

    Raises:
        ValueError: a threshold is no share.

    >>> [each.box.name for each in yolo_boxes().decisions if each.because is None]
    ['dog', 'bicycle', 'car']
    """
    for what, value in (("threshold of the overlap", threshold), ("least score", least)):
        if not 0 <= value <= 1:
            raise ValueError(f"the {what} is from 0 to 1, not {value:g}")
    return BoxesDrawn(tuple(objects), tuple(guesses), least, threshold)
