"""X and not X: small pictures that are drawn by a seed, for the network of article 000.

A sign is a few strokes between points of a square from −1 to 1. What a kind of picture changes is done to the strokes,
before they become pixels: so X and not X are moved, turned, scaled and bent alike.
"""

import re
from dataclasses import dataclass

import numpy as np

from app.datasets.dataset import Dataset, make_dataset

NAME = "x_or_not_x"
CLASS_NAMES = ("not X", "X")
KINDS = {
    "centred": "in the middle",
    "moved": "anywhere in the picture, whole",
    "turned": "in the middle, turned by 5° to 20° either way",
    "scaled": "in the middle, 0.6 to 0.85 or 1.2 to 1.6 times as large",
    "bent": "in the middle, each stroke bent",
    "noisy": "in the middle, noise on every pixel",
    "all": "moved, turned, scaled, bent and noisy at once, each by half as much",
}
"""What is done to the signs, by the name of the kind."""
DEFAULT_KIND, DEFAULT_SIZE = "moved", 5
SIZES = range(5, 33, 2)
TRAINING, TEST = 2000, 1000
"""Pictures of each part, half of them X."""
MOST_SEED = 2**31 - 1

Stroke = tuple[float, float, float, float]
"""From (x, y) to (x, y)."""
X_STROKES: tuple[Stroke, ...] = ((-1, -1, 1, 1), (-1, 1, 1, -1))
NOT_X: dict[str, tuple[Stroke, ...]] = {
    "line": ((-1, 0, 1, 0),),
    "diagonal": ((-1, -1, 1, 1),),
    "half stroke": ((-1, -1, 0, 0),),
    "plus": ((-1, 0, 1, 0), (0, -1, 0, 1)),
    "T": ((-1, -1, 1, -1), (0, -1, 0, 1)),
    "L": ((-1, -1, -1, 1), (-1, 1, 1, 1)),
    "U": ((-1, -1, -1, 1), (-1, 1, 1, 1), (1, 1, 1, -1)),
    "O": ((-1, -1, 1, -1), (1, -1, 1, 1), (1, 1, -1, 1), (-1, 1, -1, -1)),
    "V": ((-1, -1, 0, 1), (0, 1, 1, -1)),
    "Y": ((-1, -1, 0, 0), (1, -1, 0, 0), (0, 0, 0, 1)),
    "X without an arm": ((-1, -1, 1, 1), (-1, 1, 0, 0)),
}
"""Signs that are no X; each is drawn in four directions."""
SPECKS = "specks"
"""Five pixels by chance: the twelfth sign that is no X."""
MOST_STROKES = 5
PIECES = 6
"""Straight pieces of a stroke that is bent."""


@dataclass(frozen=True)
class Pictures:
    """Which pictures are drawn."""

    kind: str = DEFAULT_KIND
    size: int = DEFAULT_SIZE
    """Height and width in pixels."""
    seed: int = 0

    @property
    def name(self) -> str:
        """The name under which they are asked for."""
        given = [self.kind] * (self.kind != DEFAULT_KIND) + [str(self.size)] * (self.size != DEFAULT_SIZE)
        return ":".join([NAME, *given] + [f"seed={self.seed}"] * (self.seed != 0))

    @property
    def reach(self) -> int:
        """How far a sign reaches from its middle, in pixels: half the way to the border."""
        return self.size // 4

    @property
    def room(self) -> int:
        """How far a sign can be moved without being cut off, in pixels."""
        return self.size // 2 - self.reach


def is_x_or_not_x(source: str) -> bool:
    """Return whether a name asks for these pictures."""
    return re.split("[:;,/ ]", source, maxsplit=1)[0] == NAME


def read_name(source: str) -> Pictures:
    """Return the pictures that a name asks for: `x_or_not_x:KIND:SIZE:seed=N`, each part optional, in any order.

    Raises:
        ValueError: a part is none of these, or is given twice.

    >>> read_name("x_or_not_x:turned:9")
    Pictures(kind='turned', size=9, seed=0)
    """
    first, *parts = source.split(":")
    found: dict[str, str | int] = {}
    for part in parts if first == NAME else [source]:
        what, value = _read_part(part, source)
        if what in found:
            raise ValueError(
                f"{source!r} gives the {what} twice, {found[what]} and {value}; give one of them"
            )
        found[what] = value
    return Pictures(**found)  # type: ignore[arg-type]


def _read_part(part: str, source: str) -> tuple[str, str | int]:
    if part in KINDS:
        return "kind", part
    if match := re.fullmatch(r"(\d{1,9})(?:[x×](\d{1,9}))?", part):
        if int(match[1]) in SIZES and match[2] in (None, match[1]):
            return "size", int(match[1])
        raise ValueError(
            f"the pictures of {NAME} are squares of an odd number of pixels from {SIZES[0]} to {SIZES[-1]}, not {part}"
        )
    if match := re.fullmatch(r"seed=(\d{1,10})", part):
        if int(match[1]) <= MOST_SEED:
            return "seed", int(match[1])
        raise ValueError(f"a seed is a whole number from 0 to {MOST_SEED:,}, not {match[1]}")
    raise ValueError(
        f"{source!r}: {part!r} is no kind, size or seed; write {NAME}:KIND:SIZE:seed=N, as in {NAME}:turned:9. "
        f"Kinds: {', '.join(KINDS)}; size: an odd number of pixels from {SIZES[0]} to {SIZES[-1]}"
    )


def load_x_or_not_x(source: str = NAME, training: int = TRAINING, test: int = TEST) -> Dataset:
    """Draw the pictures that a name asks for; the same name gives the same pictures.

    Args:
        source: `x_or_not_x`, or with a kind, a size and a seed behind it: see `read_name`.
        training: pictures of the training part, half of them X.
        test: of the test part.

    Raises:
        ValueError: there are no such pictures.

    >>> data = load_x_or_not_x("x_or_not_x:centred")
    >>> data
    <data set x_or_not_x:centred: 2,000 training and 1,000 test images of 5×5×1, 2 classes>
    """
    return draw_dataset(read_name(source), training, test)


def draw_dataset(pictures: Pictures, training: int = TRAINING, test: int = TEST) -> Dataset:
    """Return a data set of pictures, no two of them alike, half of each part X."""
    draw = np.random.default_rng([pictures.seed, pictures.size, list(KINDS).index(pictures.kind)])
    half = (training + test) // 2
    classes = [_draw_distinct(draw, pictures, half, is_x) for is_x in (False, True)]
    parts = []
    for start, stop in ((0, training // 2), (training // 2, half)):
        images = np.concatenate([of_class[start:stop] for of_class in classes])
        labels = np.repeat([0, 1], stop - start)
        order = draw.permutation(len(labels))
        parts.append((images[order], labels[order]))
    return make_dataset(
        pictures.name, f"drawn, seed {pictures.seed}", parts[0], parts[1], CLASS_NAMES, _notes(pictures)
    )


def _notes(pictures: Pictures) -> tuple[str, ...]:
    side = 2 * pictures.reach + 1
    places = (2 * pictures.room + 1) ** 2
    shared = f", and the {places} places" if pictures.kind == "moved" else ""
    return (
        f"Signs of {side}×{side} pixels before any change, {KINDS[pictures.kind]}.",
        "The ink is 80 to 100 %, drawn pixel by pixel.",
        f"No picture is in both parts. What they share are the signs, X and {len(NOT_X) + 1} others{shared}.",
    )


def _draw_distinct(draw: np.random.Generator, pictures: Pictures, count: int, is_x: bool) -> np.ndarray:
    """Return so many pictures of a class, no two alike: (count, size, size) bytes."""
    found: dict[bytes, np.ndarray] = {}
    while len(found) < count:
        for image in draw_signs(draw, pictures, count, is_x):
            found.setdefault(image.tobytes(), image)
    return np.stack(list(found.values())[:count])


def draw_signs(draw: np.random.Generator, pictures: Pictures, count: int, is_x: bool) -> np.ndarray:
    """Return signs as pictures, (count, size, size) bytes; 255 is full ink.

    Args:
        draw: what all chance comes from.
        pictures: their kind and size.
        count: how many.
        is_x: whether they are X; otherwise the twelve other signs, each as often.
    """
    strokes = (
        np.repeat(_padded(X_STROKES)[None], count, axis=0) if is_x else _others(draw, count, pictures.reach)
    )
    pieces = _place(draw, _bend(draw, strokes, pictures), pictures)
    ink = rasterise(pieces, pictures.size) * draw.uniform(0.8, 1, (count, pictures.size, pictures.size))
    spread = {"noisy": 0.2, "all": 0.1}.get(pictures.kind, 0.0)
    ink = ink + draw.normal(0, spread, ink.shape) if spread else ink
    return np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8)


def _padded(strokes: tuple[Stroke, ...]) -> np.ndarray:
    """Return strokes as an array, (`MOST_STROKES`, 4); the last one is repeated."""
    return np.array(strokes + strokes[-1:] * (MOST_STROKES - len(strokes)), float)


def _others(draw: np.random.Generator, count: int, reach: int) -> np.ndarray:
    """Return the strokes of signs that are no X, each kind as often, in four directions."""
    named = np.stack([_padded(strokes) for strokes in NOT_X.values()])
    which = draw.permutation(np.arange(count) % (len(named) + 1))
    strokes = named[np.minimum(which, len(named) - 1)].reshape(count, -1, 2)
    quarter = np.array([[0, 1], [-1, 0]])
    turns = np.stack([np.linalg.matrix_power(quarter, times) for times in range(4)])
    strokes = np.einsum("nij,nkj->nki", turns[draw.integers(0, 4, count)], strokes)
    strokes = strokes.reshape(count, MOST_STROKES, 4)
    for i in np.flatnonzero(which == len(named)):
        strokes[i] = np.tile(_specks(draw, reach), 2)
    return strokes


def _specks(draw: np.random.Generator, reach: int) -> np.ndarray:
    """Return five different points of the grid, (5, 2), that are not the pixels of a 3×3 X."""
    side = 2 * reach + 1
    cells = np.sort(draw.choice(side**2, MOST_STROKES, replace=False))
    if side == 3 and cells.tolist() == [0, 2, 4, 6, 8]:
        return _specks(draw, reach)
    return np.stack([cells % side, cells // side], axis=1) / reach - 1


def _bend(draw: np.random.Generator, strokes: np.ndarray, pictures: Pictures) -> np.ndarray:
    """Return strokes as chains of points, (count, strokes, points, 2), bent by a Bézier curve of degree 2."""
    start, end = strokes[..., :2], strokes[..., 2:]
    sizes = {"bent": (0.3, 0.8), "all": (0.0, 0.4)}.get(pictures.kind)
    if sizes is None:
        return np.stack([start, end], axis=2)
    bow = draw.uniform(*sizes, strokes.shape[:2]) * draw.choice((-1, 1), strokes.shape[:2])
    for i in range(1, MOST_STROKES):  # a stroke that is there twice stays one
        same = (strokes[:, i] == strokes[:, i - 1]).all(axis=1)
        bow[same, i] = bow[same, i - 1]
    control = (start + end) / 2 + (end - start)[..., ::-1] * (-0.5, 0.5) * bow[..., None]
    t = np.linspace(0, 1, PIECES + 1)[:, None]
    first, middle, last = (point[:, :, None] for point in (start, control, end))
    return (1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last


def _place(draw: np.random.Generator, points: np.ndarray, pictures: Pictures) -> np.ndarray:
    """Return points turned, scaled and moved, in pixels from the middle of the picture."""
    count, kind, reach = len(points), pictures.kind, pictures.reach
    sign = draw.choice((-1, 1), count)
    degrees = {"turned": (5, 20), "all": (0, 10)}.get(kind, (0, 0))
    angle = np.radians(draw.uniform(*degrees, count) * sign)
    turn = np.stack([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    smaller, larger = {"scaled": ((0.6, 0.85), (1.2, 1.6)), "all": ((0.8, 1), (1, 1.3))}.get(
        kind, ((1, 1), (1, 1))
    )
    scale = np.where(draw.random(count) < 0.5, draw.uniform(*smaller, count), draw.uniform(*larger, count))
    room = {"moved": pictures.room, "all": pictures.room // 2}.get(kind, 0)
    shift = draw.integers(-room, room + 1, (count, 2))
    turned = np.einsum("nij,nspj->nspi", turn, points)
    return turned * (reach * scale)[:, None, None, None] + shift[:, None, None, :]


def rasterise(points: np.ndarray, size: int) -> np.ndarray:
    """Return chains of points as ink, (count, size, size) of 0…1.

    A pixel's ink falls from 1 to 0 while the distance of its middle from the nearest stroke grows from 0.3 to 0.7
    pixels. So a stroke along a row, a column or a diagonal of pixels fills these and no others.

    Args:
        points: (count, strokes, points, 2), x and y in pixels from the middle of the picture.
        size: height and width.
    """
    start, step = points[:, :, :-1], np.diff(points, axis=2)
    start, step = (each.reshape(len(points), -1, 1, 2) for each in (start, step))
    grid = np.arange(size) - size // 2
    pixels = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(1, 1, -1, 2)
    length = np.maximum((step**2).sum(axis=-1), 1e-12)
    along = np.clip(((pixels - start) * step).sum(axis=-1) / length, 0, 1)
    distance = np.sqrt(((start + along[..., None] * step - pixels) ** 2).sum(axis=-1)).min(axis=1)
    return np.clip((0.7 - distance) / 0.4, 0, 1).reshape(-1, size, size)
