"""Printed lines on paper, ruled or squared: found as straight lines across the whole picture, and taken away."""

from dataclasses import dataclass

import numpy as np

MOST_TURN = 12
"""Degrees by which lines may be turned against the picture."""
STEP = 0.25
"""Degrees from one direction that is tried to the next."""
LEAST_FILLED = 0.5
"""Share of a line's way through the picture that must be drawn: handwriting is shorter."""
LEAST_REACH = 0.85
"""Share of the way between its two ends."""
MANY = 3
"""So many lines are printed; fewer might be the foot of a 2."""
REACH_ALONE = 0.97
"""Share of the way that one of fewer lines must reach."""
FAINT_ALONE = 0.6
"""Share of the strongest ink below which its own must be."""
MOST_LINES = 80
"""In one direction."""
BEND = 2
"""Rows by which a line may lie off the straight one, to either side: paper is seldom flat."""
REACH = 6
"""Pixels across a line in which its thickness is looked for."""
DARKER = 1.8
"""Times the line's own ink: what is darker on a line was written over it."""


@dataclass(frozen=True)
class Line:
    """A line near to a row of pixels: row = start + slope · column, and a little more where the sheet is bent."""

    start: float
    slope: float
    bends: tuple[tuple[float, float], ...] = ()
    """Columns, and the rows by which the line lies lower there."""
    reach: float = 1.0
    """Share of its way through the picture from its first point to its last."""

    def rows(self, width: int) -> np.ndarray:
        """Return its row in each column."""
        columns = np.arange(width)
        rows = self.start + self.slope * columns
        if self.bends:
            rows = rows + np.interp(columns, *np.transpose(self.bends))
        return np.rint(rows).astype(int)


def remove_lines(ink: np.ndarray, least: float) -> tuple[np.ndarray, int]:
    """Return the ink without long thin straight lines, and how many there were.

    Args:
        ink: how much darker than the paper each pixel is, (height, width); 0 for paper.
        least: ink below is noise.
    """
    across, down = find_lines(ink, least), find_lines(ink.T, least)
    if len(across) + len(down) < MANY:
        across, down = _surely_printed(ink, across), _surely_printed(ink.T, down)
    plain = ink.copy()
    for page, lines in ((plain, across), (plain.T, down)):
        for line in lines:
            _remove(page, line, least)
    return plain, len(across) + len(down)


def _surely_printed(ink: np.ndarray, lines: list[Line]) -> list[Line]:
    """Return those of few lines that run from border to border and are fainter than what is written."""
    strong = FAINT_ALONE * float(np.percentile(ink, 99.8))
    return [line for line in lines if line.reach >= REACH_ALONE and _ink_on(ink, line) <= strong]


def find_lines(ink: np.ndarray, least: float) -> list[Line]:
    """Return the lines that run from left to right through the picture, by counting points along each direction.

    A point is a pixel darker than those above and below it. Every direction has a count for each row at which a
    line may start (the Hough transform, of straight lines near to the horizontal).
    """
    height, width = ink.shape
    if min(height, width) < 40:
        return []
    middle = ink[1:-1]
    is_ridge = (middle > least) & (middle >= ink[:-2]) & (middle > ink[2:])
    rows, columns = np.nonzero(is_ridge)
    rows = rows + 1
    slopes = np.tan(np.deg2rad(np.arange(-MOST_TURN, MOST_TURN + STEP / 2, STEP)))
    shift = int(width * slopes[-1]) + 2
    starts = np.rint(rows[None] - slopes[:, None] * columns[None]).astype(np.int32) + shift
    size = height + 2 * shift
    which = np.arange(len(slopes), dtype=np.int32)[:, None]
    counts = np.bincount((which * size + starts).ravel(), minlength=len(slopes) * size)
    counts = counts.reshape(len(slopes), size).astype(np.int32)
    inside = _lengths(slopes, np.arange(size) - shift, height, width)
    is_left = np.ones(len(rows), bool)
    found: list[Line] = []
    for _ in range(MOST_LINES):
        wide = sum(np.roll(counts, off, axis=1) for off in range(-BEND, BEND + 1))
        share = np.where(inside >= 0.7 * width, wide / np.maximum(inside, 1), 0)
        best = np.unravel_index(int(share.argmax()), share.shape)
        if share[best] < LEAST_FILLED:
            break
        off = starts[best[0]] - best[1]
        near = is_left & (np.abs(off) <= BEND + 2)
        bends = _bends(columns[near], off[near], width)
        is_left &= ~near
        np.subtract.at(counts, (np.broadcast_to(which, starts[:, near].shape), starts[:, near]), 1)
        reach = _reach(columns[near]) / max(inside[best], 1)
        line = Line(float(best[1] - shift), float(slopes[best[0]]), bends, reach)
        if reach >= LEAST_REACH and _is_even(ink, line):
            found.append(line)
    return found


def _lengths(slopes: np.ndarray, starts: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return how many columns of the picture a line runs through, (slopes, starts)."""
    slope = np.where(np.abs(slopes) < 1e-9, 1e-9, slopes)[:, None]
    ends = np.sort(np.stack([(0 - starts) / slope, (height - 1 - starts) / slope]), axis=0)
    return np.clip(np.minimum(ends[1], width - 1) - np.maximum(ends[0], 0) + 1, 0, width)


def _bends(columns: np.ndarray, off: np.ndarray, width: int) -> tuple[tuple[float, float], ...]:
    """Return how far points lie below a straight line, by twelfths of its way: the middle one of each."""
    twelfths = columns * 12 // width
    return tuple(
        (float((part + 0.5) * width / 12), float(np.median(off[twelfths == part])))
        for part in np.unique(twelfths).tolist()
    )


def _reach(columns: np.ndarray) -> int:
    """Return the way from the first of some points to the last."""
    return int(np.ptp(columns)) + 1 if columns.size else 0


def _is_even(ink: np.ndarray, line: Line) -> bool:
    """Return whether all fifths of a line but one are about as dark as the whole: a row of dots and a stroke is not."""
    height, width = ink.shape
    rows, columns = line.rows(width), np.arange(width)
    inside = (rows >= 0) & (rows < height)
    rows, columns = rows[inside], columns[inside]
    along = np.max([ink[np.clip(rows + off, 0, height - 1), columns] for off in (-1, 0, 1)], axis=0)
    fifths = [float(np.median(part)) for part in np.array_split(along, 5) if part.size]
    return (
        sum(fifth >= 0.3 * float(np.median(along)) for fifth in fifths) >= len(fifths) - 1
        and min(fifths[1:-1]) > 0
    )


def _ink_on(ink: np.ndarray, line: Line) -> float:
    """Return the usual ink of a line."""
    height, width = ink.shape
    return float(np.median(ink[np.clip(line.rows(width), 0, height - 1), np.arange(width)]))


def _remove(ink: np.ndarray, line: Line, least: float) -> None:
    """Set the ink of a line to 0, except where something darker was written over it; strokes across it are mended."""
    height, width = ink.shape
    columns = np.arange(width)
    centre = line.rows(width)
    kept = (centre >= 0) & (centre < height)
    columns, centre = columns[kept], centre[kept]
    around = np.stack(
        [ink[np.clip(centre + off, 0, height - 1), columns] for off in range(-REACH, REACH + 1)]
    )
    profile = np.median(around, axis=1)
    top = float(profile[REACH - 1 : REACH + 2].max())
    if top <= 0:
        return
    ends = []
    for way in (-1, 1):
        off = 0
        while abs(off) < REACH - 1 and profile[REACH + off + way] > max(0.15 * top, 0.3 * least):
            off += way
        ends.append(off + way)
    first, last = ends
    written = max(DARKER * top, top + least)
    above, below = (_widened(around[REACH + end]) for end in (max(first - 1, -REACH), min(last + 1, REACH)))
    bridge = np.where(np.minimum(above, below) > least, np.minimum(above, below), 0)
    for off in range(first, last + 1):
        rows = centre + off
        inside = (rows >= 0) & (rows < height)
        values = around[REACH + off]
        new = np.where(values > written, values, np.minimum(bridge, np.maximum(values, bridge)))
        ink[rows[inside], columns[inside]] = new[inside]


def _widened(values: np.ndarray) -> np.ndarray:
    """Return the largest of two pixels on either side: strokes cross lines at a slant."""
    padded = np.pad(values, 2)
    return np.max([padded[i : i + len(values)] for i in range(5)], axis=0)
