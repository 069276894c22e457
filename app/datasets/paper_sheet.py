"""A photographed sheet: whether its ink is dark or light, how wide its strokes are, its paper, and the ink on it."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.datasets.paper import as_bytes, box_mean, estimate_paper, measure_noise, smoothed, steps, widened
from app.datasets.paper_parts import MOST_INK, find_parts

LOOKED_AT = 512
"""Pixels of the longer side in which ink is looked for: enough for a sign that ends up in 20, and quick."""
SMALLEST = 128
"""Smaller photographs are enlarged by a whole number to at least this."""
COARSE = 240
"""Pixels of the longer side in the first look."""
WINDOWS = (5, 9, 17, 33, 65)
"""Sides of windows that are tried in the first look: strokes are narrower than the right one."""
CLEARER, CLEAREST_WINDOW = 2.0, 9
"""How many times more must stand out in one colour than in grey for it to be looked at instead, and in which window."""
CLOSE = 0.5
"""How near dark and light ink must be to each other in the first look for a second one."""
DRAWN, DRAWN_BORDER = 0.3, 0.9
"""Shares of a picture and of its border that have one grey level where the paper was drawn by a program."""
MASKED = (0.2, 0.4, 0.6)
"""Shares of the strongest ink from which the paper below is guessed: the first that masks little enough."""
MOST_MASKED = 0.35
"""Share of the sheet that ink and its surroundings may cover while the paper is estimated."""
MOST_GAIN = 3.0
"""Ink in a shadow counts as much as it would in the light, but at most by this factor."""


@dataclass(frozen=True)
class Sheet:
    """What a picture is made of: paper, and how far ink differs from it."""

    picture: np.ndarray
    """As it is looked at, bytes, (height, width) or (height, width, 3)."""
    scale: float
    """Pixels here for one of the picture that was given."""
    is_dark: bool
    """Whether the ink is darker than its paper."""
    window: int
    """Side of a window that its strokes fit into."""
    paper: np.ndarray
    """Grey levels, (height, width)."""
    ink: np.ndarray
    """Grey levels by which each pixel differs from the paper, in the light; 0 for paper."""
    edges: np.ndarray
    """The steps of the grey picture."""
    noise: float
    """Spread of the paper's grey levels."""
    is_drawn: bool = False
    """Whether the paper is of one grey level throughout, as a program draws it and no camera sees it."""

    @property
    def unevenness(self) -> float:
        """Grey levels between the darkest and the lightest paper, without the outermost fiftieths."""
        low, high = np.percentile(self.paper, (2, 98))
        return float(high - low)


def read_sheet(picture: np.ndarray) -> Sheet:
    """Return a picture as a sheet.

    Args:
        picture: bytes, (height, width) or (height, width, 3).
    """
    level = _drawn_paper(picture)
    image, scale = _brought_near(Image.fromarray(picture), SMALLEST if level is None else 1)
    seen = np.asarray(image)
    if level is not None:
        return _drawn_sheet(seen, scale, level)
    is_dark, window = _look(_clearest(image))
    grey = _weighed(seen, is_dark, window)
    noise = measure_noise(grey)
    smooth = smoothed(grey, noise)
    paper, mask = lift_paper(smooth, window, is_dark, noise)
    apart = paper - smooth if is_dark else smooth - paper
    ink = np.clip(apart, 0, None)
    if is_dark:
        ink = ink * np.clip(np.median(paper) / np.maximum(paper, 1), 1 / MOST_GAIN, MOST_GAIN)
    rest = np.abs(apart[~mask])
    spread = float(np.median(rest)) / 0.6745 if rest.size else noise
    edges = steps(as_bytes(smooth))
    return Sheet(seen, scale, is_dark, window, paper, ink.astype(np.float32), edges, spread)


def _drawn_paper(picture: np.ndarray) -> int | None:
    """Return the grey level of a paper that is the same throughout, as a program draws it and no camera sees it."""
    grey = np.asarray(Image.fromarray(picture).convert("L"))
    border = np.concatenate([grey[[0, -1]].ravel(), grey[:, [0, -1]].ravel()])
    level = int(np.median(border))
    is_drawn = (border == level).mean() > DRAWN_BORDER and (grey == level).mean() > DRAWN
    return level if is_drawn else None


def _drawn_sheet(seen: np.ndarray, scale: float, level: int) -> Sheet:
    """Return a sheet whose paper has one grey level; its ink is what differs most from it, squared and summed."""
    grey = np.asarray(Image.fromarray(seen).convert("L")).astype(np.float32)
    darker, lighter = np.clip(level - grey, 0, None), np.clip(grey - level, 0, None)
    is_dark = bool((darker**2).sum() > (lighter**2).sum())
    ink, paper = darker if is_dark else lighter, np.full(grey.shape, level, np.float32)
    return Sheet(seen, scale, is_dark, 0, paper, ink, steps(as_bytes(grey)), 0.0, is_drawn=True)


def _brought_near(image: Image.Image, smallest: int) -> tuple[Image.Image, float]:
    """Return the picture in the size in which it is looked at, and pixels there for one of it."""
    longer = max(image.size)
    if longer > LOOKED_AT:
        scale = LOOKED_AT / longer
        size = [max(1, round(n * scale)) for n in image.size]
        return image.resize((size[0], size[1]), Image.Resampling.BOX, reducing_gap=2.0), scale
    if longer < smallest:
        times = math.ceil(smallest / longer)
        return image.resize((image.width * times, image.height * times), Image.Resampling.BICUBIC), float(
            times
        )
    return image, 1.0


def _clearest(image: Image.Image) -> np.ndarray:
    """Return the picture in grey, or the red, green or blue channel if much more stands out in that."""
    grey = np.asarray(image.convert("L"))
    if image.mode != "RGB":
        return grey
    small = (
        image.resize([max(1, n // 4) for n in image.size], Image.Resampling.BOX)
        if max(image.size) > COARSE
        else image
    )
    choices = [np.asarray(small.convert("L")), *np.moveaxis(np.asarray(small), -1, 0)]
    strengths = []
    for choice in choices:
        apart = np.maximum(*(_apart(choice, CLEAREST_WINDOW, is_dark) for is_dark in (True, False)))
        strengths.append(float(np.percentile(apart, 99)) / (measure_noise(choice) + 1.5))
    best = int(np.argmax(strengths))
    return np.asarray(image)[..., best - 1] if best and strengths[best] > CLEARER * strengths[0] else grey


def _look(grey: np.ndarray) -> tuple[bool, int]:
    """Return whether the ink is dark, and the side of the window that its strokes fit into.

    Strokes are long for their thickness, so the best part is judged by its ink over the square of the window. Where
    dark and light come near to each other, as where a thick stroke leaves narrow gaps, the paper is estimated for
    both: gaps between strokes are none of it.
    """
    scale = min(1.0, COARSE / max(grey.shape))
    if scale < 1:
        size = [max(1, round(n * scale)) for n in grey.shape]
        grey = np.asarray(Image.fromarray(grey).resize((size[1], size[0]), Image.Resampling.BOX))
    noise = measure_noise(grey)
    small = as_bytes(smoothed(grey, noise))
    edges = steps(small)
    looks = {way: _look_for(small, edges, noise, way) for way in (True, False)}
    is_dark = looks[True].judged >= looks[False].judged
    if looks[not is_dark].judged > CLOSE * looks[is_dark].judged:
        is_dark = _decide(small, edges, noise, looks)
    return is_dark, int(looks[is_dark].side / scale * 1.3) | 1


@dataclass(frozen=True)
class _Best:
    """The part that looks written most, for dark or for light ink."""

    judged: float
    """Its score over the square of the window in which it was seen."""
    side: int
    """The window that it fits into."""
    box: tuple[int, int, int, int]
    """First row, row behind the last, first column, column behind the last."""
    share: float
    """Its share of the picture."""

    def holds(self, other: "_Best") -> bool:
        """Return whether the other lies within this one, as the inside of a 0 lies within its stroke."""
        mine, its = self.box, other.box
        return mine[0] <= its[0] and mine[1] >= its[1] and mine[2] <= its[2] and mine[3] >= its[3]


def _look_for(grey: np.ndarray, edges: np.ndarray, noise: float, is_dark: bool) -> _Best:
    """Return the best part for dark, or light, ink, and the least window that holds all of it."""
    found = [_best_part(_apart(grey, side, is_dark), edges, noise) for side in WINDOWS]
    scores = [score for score, _, _ in found]
    best = chosen = int(np.argmax([score / side**2 for score, side in zip(scores, WINDOWS, strict=True)]))
    while chosen + 1 < len(WINDOWS) and scores[chosen + 1] > 1.1 * scores[chosen]:
        chosen += 1
    _, box, share = found[chosen]
    return _Best(scores[best] / WINDOWS[best] ** 2, WINDOWS[chosen], box, share)


def _decide(grey: np.ndarray, edges: np.ndarray, noise: float, looks: dict[bool, _Best]) -> bool:
    """Return whether the ink is dark where both might be: what holds the other is ink, else the better on its paper."""
    for way in (True, False):
        if looks[way].share < MOST_INK and looks[way].holds(looks[not way]):
            return way
    smooth = grey.astype(np.float32)
    again = {}
    for way in (True, False):
        paper, _ = lift_paper(smooth, looks[way].side, way, noise)
        ink = np.clip(paper - smooth if way else smooth - paper, 0, None)
        again[way] = _best_part(ink, edges, noise)[0] / looks[way].side ** 2
    return again[True] >= again[False]


def _apart(grey: np.ndarray, side: int, is_dark: bool) -> np.ndarray:
    paper = estimate_paper(grey, side, is_dark)
    return (paper - grey if is_dark else grey - paper).astype(np.float32)


def _best_part(
    ink: np.ndarray, edges: np.ndarray, noise: float
) -> tuple[float, tuple[int, int, int, int], float]:
    """Return the score of the part that stands out most, its box and its share of the picture."""
    strong = float(np.percentile(ink, 99.8))
    parts = find_parts(ink > max(4, 2 * noise, 0.4 * strong))
    if strong < 4 or not parts.count:
        return 0.0, (0, 0, 0, 0), 0.0
    scores = parts.scores(ink, edges)
    best = int(scores.argmax())
    top, bottom, left, right = parts.boxes[best].tolist()
    return float(scores[best]), (top, bottom, left, right), float(parts.areas[best] / ink.size)


def _weighed(seen: np.ndarray, is_dark: bool, window: int) -> np.ndarray:
    """Return the grey picture in which the ink stands out best: each channel by its contrast over its variance."""
    if seen.ndim == 2:
        return seen
    if (seen == seen[..., :1]).all():
        return seen[..., 0]
    channels = np.moveaxis(seen, -1, 0)
    apart = np.stack([_apart(channel, window, is_dark) for channel in channels])
    strongest = apart.max(axis=0)
    contrast = apart[:, strongest >= max(np.percentile(strongest, 99), 1)].mean(axis=1)
    noise = np.array([measure_noise(channel) for channel in channels])
    weights = contrast / (noise + 1.5) ** 2
    return as_bytes(seen @ (weights / weights.sum())) if weights.sum() else seen[..., 0]


def lift_paper(
    smooth: np.ndarray, window: int, is_dark: bool, noise: float, looks: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Return the paper, and the mask of the ink and its surroundings below which it is guessed.

    The first paper is a closing (or an opening); where that shows ink, the next is the mean of the paper around it.
    With that one the ink is looked for again: in what a stroke encloses, it is seen what is paper.
    """
    paper = estimate_paper(as_bytes(smooth), window, is_dark).astype(np.float32)
    mask = np.zeros(smooth.shape, bool)
    for look in range(looks):
        apart = paper - smooth if is_dark else smooth - paper
        shares = MASKED[look:]
        mask = _mask_ink(apart, noise, shares, max(2, window // (6 + 6 * look)))
        paper = _fill_paper(smooth, mask, paper, window)
    return paper, mask


def _mask_ink(apart: np.ndarray, noise: float, shares: tuple[float, ...], reach: int) -> np.ndarray:
    """Return where more than a share of the strongest ink stands out, and what lies up to `reach` from it."""
    usual, strong = float(np.median(apart)), float(np.percentile(apart, 99.7))
    mask = np.zeros(apart.shape, bool)
    for share in shares:  # more than a third of a sheet is never ink: it is texture
        seen = apart > max(usual + share * (strong - usual), usual + 3 * noise, 2)
        mask = widened(seen, reach)
        if mask.mean() < MOST_MASKED:
            break
    return mask


def _fill_paper(smooth: np.ndarray, mask: np.ndarray, paper: np.ndarray, window: int) -> np.ndarray:
    """Return the paper: the mean of what is not masked, as near as there is any, else what it was."""
    known, weight = np.where(mask, 0, smooth), (~mask).astype(np.float32)
    filled, is_filled = paper.copy(), np.zeros(smooth.shape, bool)
    for reach in (max(1, window // 12), window // 3 + 1, window, 4 * window):
        radius = min(reach, max(smooth.shape))
        total, share = box_mean(known, radius), box_mean(weight, radius)
        new = ~is_filled & (share > 0.1)
        filled[new] = total[new] / share[new]
        is_filled |= new
        if is_filled.all():
            break
    return filled
