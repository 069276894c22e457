"""ART 1: little pictures are put into categories; a new category is opened where none is near enough."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.show.frames.frame import Frame, Grid, Mark, Walk

CHOICE = 0.5
"""L of the choice |x ∧ w|/(L + |w|): a small template is preferred to a large one that fits as well."""
MOST_CELLS = 100
LETTERS = {
    "L": ("100", "100", "111"),
    "L with a gap": ("100", "000", "111"),
    "T": ("111", "010", "010"),
    "T, cut": ("111", "010", "000"),
    "bar": ("010", "010", "010"),
}


@dataclass(frozen=True)
class Presented:
    """One picture shown to the network."""

    name: str
    picture: np.ndarray
    tried: tuple[tuple[int, float, float], ...]
    """The categories that were asked, in order: (number, choice, match)."""
    category: int
    is_new: bool
    template: np.ndarray
    """What the category keeps afterwards."""


def present(pictures: Sequence[tuple[str, np.ndarray]], vigilance: float, rounds: int = 1) -> list[Presented]:
    """Return what becomes of each picture, in order.

    The category with the largest |x ∧ w|/(L + |w|) is asked first. Its match is |x ∧ w|/|x|, the share of the picture
    that its template has; from the vigilance on it takes the picture, and its template becomes x ∧ w. Else the next is
    asked; after the last a new one is opened.

    Source: Carpenter and Grossberg 1987, with fast learning.
    """
    templates: list[np.ndarray] = []
    found = []
    for name, picture in [*pictures] * rounds:
        x = picture.astype(bool)
        choices = [float((x & w).sum() / (CHOICE + w.sum())) for w in templates]
        tried, chosen = [], None
        for number in sorted(range(len(templates)), key=lambda i: (-choices[i], i)):
            match = float((x & templates[number]).sum() / x.sum())
            tried.append((number, choices[number], match))
            if match >= vigilance:
                chosen = number
                break
        is_new = chosen is None
        if chosen is None:
            chosen = len(templates)
            templates.append(x.copy())
        else:
            templates[chosen] = templates[chosen] & x
        found.append(Presented(name, x, tuple(tried), chosen, is_new, templates[chosen].copy()))
    return found


def art_walk(pictures: dict[str, np.ndarray] | None = None, vigilance: float = 0.7, rounds: int = 2) -> Walk:
    """Return how pictures of 0 and 1 are put into categories.

    Args:
        pictures: by name, all of one size, each with a 1 at least; None: five letters of 3×3.
        vigilance: from 0 to 1: the share of a picture that a template must have.
        rounds: how often all are shown.

    Raises:
        ValueError: a number is out of range, a picture is empty, or sizes differ.

    >>> art_walk(vigilance=0.5).facts["categories"] < art_walk(vigilance=1.0).facts["categories"]
    True
    """
    given = {name: np.array([[int(c) for c in row] for row in rows]) for name, rows in LETTERS.items()}
    given = given if pictures is None else {name: np.asarray(picture) for name, picture in pictures.items()}
    shapes = {picture.shape for picture in given.values()}
    if len(shapes) != 1 or not all(
        p.ndim == 2 and 0 < p.size <= MOST_CELLS and (p > 0).any() for p in given.values()
    ):
        raise ValueError(
            f"pictures have one size, rows and columns, at most {MOST_CELLS} cells, and a 1 at least"
        )
    if not 0 <= vigilance <= 1 or not 1 <= rounds <= 20:
        raise ValueError(
            f"the vigilance is from 0 to 1 and there are 1 to 20 rounds, not {vigilance:g} and {rounds}"
        )
    shown = present([(name, picture > 0) for name, picture in given.items()], vigilance, rounds)
    frames = tuple(_frame(each, vigilance, number // len(given) + 1) for number, each in enumerate(shown))
    count = 1 + max(each.category for each in shown)
    last = {each.name: each.category for each in shown}
    words = "; ".join(
        f"category {i}: {', '.join(n for n, c in last.items() if c == i) or 'none any more'}"
        for i in range(count)
    )
    return Walk(
        f"ART 1 with vigilance {vigilance:g}",
        frames,
        (
            "A picture is shown to the category that fits best: |x ∧ w|/(L + |w|), L = 0.5.",
            "A template with the share of the picture that the vigilance asks for keeps what both have in common.",
            "Otherwise the next category is asked; after the last one a new one is opened.",
        ),
        (
            f"{count} categories after {rounds} rounds: {words}.",
            "A larger vigilance asks for more likeness, and usually opens more categories.",
        ),
        {"categories": count, "category": last, "vigilance": vigilance},
    )


def _frame(each: Presented, vigilance: float, round_number: int) -> Frame:
    lines = [
        f"category {number}: choice {choice:.3f}, match {match:.3f} {'≥' if match >= vigilance else '<'} {vigilance:g}"
        for number, choice, match in each.tried
    ]
    lines.append(
        f"a new category, {each.category}, keeps the picture"
        if each.is_new
        else f"category {each.category} takes it"
    )
    ink = tuple((int(r), int(c)) for r, c in np.argwhere(each.template))
    parts = (
        Grid(f"picture: {each.name}", each.picture.astype(int).tolist(), tone="grey"),
        "→",
        Grid(
            f"template of category {each.category}",
            each.template.astype(int).tolist(),
            (Mark("result", ink),) if ink else (),
            tone="grey",
        ),
    )
    return Frame(each.name, parts, tuple(lines), f"round {round_number}")
