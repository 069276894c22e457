"""What is written on a photographed sheet: printed lines taken away, the sign told from specks and other marks."""

from dataclasses import dataclass, field

import numpy as np

from app.datasets.paper import as_bytes, widened
from app.datasets.paper_lines import remove_lines
from app.datasets.paper_parts import Parts, find_parts
from app.datasets.paper_sheet import Sheet, read_sheet

LEAST_CONTRAST = 10
"""Grey levels by which a sign must differ from its paper."""
LEVELS = (0.6, 0.4, 0.25, 0.1)
"""Shares of the strongest ink above which parts are looked for; on drawn paper the last is enough."""
SURE = 0.5
"""Share of a sign's contrast that each of its parts must reach somewhere."""
WEAK = 0.25
"""Share of a sign's contrast below which nothing of a photograph is ink; of a drawing `LEVELS[-1]`."""
NEAR = 0.15
"""Parts of one sign lie nearer to each other than this share of its longer side."""
DOT = 0.5
"""The same of the dot above an i."""
OTHER_INK, OTHER_SIZE = 0.25, 0.4
"""What is as large as this share of the sign, in ink and in its longer side, is another sign."""


@dataclass(frozen=True)
class Written:
    """The ink of a sheet, and what was found out about it on the way."""

    sheet: Sheet
    ink: np.ndarray
    """(height, width): 0 for paper, 1 for full ink, of the sign alone."""
    contrast: float
    """Grey levels between ink and paper."""
    lines: int
    """Printed lines that were taken away."""
    others: tuple[int, int]
    """Other signs beside it, and above or below it, that were left out."""
    is_cut: bool
    """Whether the sign touches the picture's border."""
    stages: tuple[tuple[str, np.ndarray], ...] = field(default=())
    """What each step left, as words and bytes, (height, width[, 3])."""


@dataclass(frozen=True)
class _Sign:
    mask: np.ndarray
    contrast: float
    others: tuple[int, int]


def find_written(picture: np.ndarray, keeps_dots: bool = False) -> Written:
    """Return the sign that is written on a sheet.

    Args:
        picture: bytes, (height, width) or (height, width, 3).
        keeps_dots: whether small parts above a sign belong to it, as those of i and j do.

    Raises:
        ValueError: nothing is written there.
    """
    sheet = read_sheet(picture)
    stages = [
        ("as photographed", sheet.picture),
        ("the paper", as_bytes(sheet.paper)),
        ("the ink", _shown(sheet.ink)),
    ]
    plain, lines = (sheet.ink, 0) if sheet.is_drawn else remove_lines(sheet.ink, max(2.5 * sheet.noise, 3.0))
    sign = _find_sign(sheet, plain, keeps_dots)
    if lines and sign is None:  # the lines were a sign of straight strokes
        plain, lines = sheet.ink, 0
        sign = _find_sign(sheet, plain, keeps_dots)
    if sign is None:
        raise ValueError("the picture is blank: no digit stands out from its background")
    if lines:
        stages.append((f"without {lines} printed line{'s' * (lines > 1)}", _shown(plain)))
    level = np.where(sign.mask, _levels(sheet, plain, sign.contrast), 0).astype(np.float32)
    stages.append(("cut out", as_bytes(255 * level)))
    mask = sign.mask
    border = sum(int(line.sum()) for line in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    is_cut = border > 2 and not sheet.is_drawn
    return Written(sheet, level, sign.contrast, lines, sign.others, is_cut, tuple(stages))


def _levels(sheet: Sheet, ink: np.ndarray, contrast: float) -> np.ndarray:
    """Return ink as a share of full ink; of a photograph the weakest is paper."""
    if sheet.is_drawn:
        return np.where(ink < LEVELS[-1] * ink.max(), 0, ink / ink.max())
    low = max(0.2 * contrast, 2.5 * sheet.noise)
    return np.clip((ink - low) / max(contrast - low, 1), 0, 1)


def _find_sign(sheet: Sheet, ink: np.ndarray, keeps_dots: bool) -> _Sign | None:
    """Return the sign: the part that looks written most, and what belongs to it; None where there is none."""
    strong = float(ink.max()) if sheet.is_drawn else float(np.percentile(ink, 99.8))
    least = max(2 * sheet.noise, 6.0)
    found: tuple[float, np.ndarray] | None = None
    for level in LEVELS[-1:] if sheet.is_drawn else LEVELS:
        parts = find_parts(ink > max(level * strong, least))
        scores = parts.scores(ink, sheet.edges) * parts.nearness()
        if parts.count and (found is None or scores.max() > found[0]):
            found = float(scores.max()), parts.labels == int(scores.argmax()) + 1
    if found is None:
        return None
    core = found[1]
    contrast = float(np.percentile(ink[core], 80))  # of full strokes, without the strongest pixels
    if contrast < LEAST_CONTRAST:
        return None
    if sheet.is_drawn:
        mask = ink > LEVELS[-1] * ink.max()
    else:
        surely = widened(ink > 0.9 * SURE * contrast, max(2, sheet.window // 3))
        mask = core | ((ink > WEAK * contrast) & surely)
    parts = find_parts(mask)
    main = int(np.bincount(parts.labels[core])[1:].argmax())
    chosen = _belonging(parts, main, ink, contrast, keeps_dots)
    return _Sign(np.append(False, chosen)[parts.labels], contrast, _other_signs(parts, chosen, ink, contrast))


def _belonging(parts: Parts, main: int, ink: np.ndarray, contrast: float, keeps_dots: bool) -> np.ndarray:
    """Return which parts are of one sign with the main one: near to it, or to those that are, and no specks."""
    mass, boxes, large = parts.sums(ink), parts.boxes, parts.sizes[main]
    fit = (parts.largest(ink) > SURE * contrast) & (mass > (0.002 if keeps_dots else 0.01) * mass[main])
    fit &= (parts.sizes <= 1.1 * large) & ((parts.sides == 0) | (mass > 0.2 * mass[main]))
    chosen = np.arange(parts.count) == main
    while True:
        top, left = boxes[chosen].min(axis=0)[[0, 2]]
        bottom, right = boxes[chosen].max(axis=0)[[1, 3]]
        rows = np.maximum(0, np.maximum(boxes[:, 0] - bottom, top - boxes[:, 1]))
        columns = np.maximum(0, np.maximum(boxes[:, 2] - right, left - boxes[:, 3]))
        near = np.hypot(rows, columns) <= NEAR * large
        if keeps_dots:
            near |= (columns == 0) & (rows <= DOT * large)
        new = fit & near & ~chosen
        if not new.any():
            return chosen
        chosen |= new


def _other_signs(parts: Parts, chosen: np.ndarray, ink: np.ndarray, contrast: float) -> tuple[int, int]:
    """Return how many other signs lie beside the chosen one, and above or below it."""
    mass, boxes = parts.sums(ink), parts.boxes
    top, left = boxes[chosen].min(axis=0)[[0, 2]]
    bottom, right = boxes[chosen].max(axis=0)[[1, 3]]
    large = max(bottom - top, right - left)
    other = ~chosen & (parts.largest(ink) > SURE * contrast) & (parts.sides < 2)
    other &= (
        (mass > OTHER_INK * mass[chosen].sum())
        & (parts.sizes > OTHER_SIZE * large)
        & (parts.sizes < 2.5 * large)
    )
    rows = np.abs((boxes[:, 0] + boxes[:, 1]) - (top + bottom))
    columns = np.abs((boxes[:, 2] + boxes[:, 3]) - (left + right))
    return int((other & (columns >= rows)).sum()), int((other & (columns < rows)).sum())


def _shown(ink: np.ndarray) -> np.ndarray:
    """Return ink as bytes, its strongest white."""
    return as_bytes(ink * (255 / max(float(np.percentile(ink, 99.8)), 1.0)))
