"""Photographs of own digits, made by a seed: MNIST's test digits written on paper, a whiteboard or a chalkboard.

Everything that a camera adds is drawn in the order in which it happens: the sheet with its lines and its texture, the
strokes of a pencil, a pen or a marker on it, the light (gradient, vignette, shadow, glare) over both, then blur, noise
and JPEG. `PYTHONPATH=. python tests/photographed_digits.py FOLDER [COUNT]` writes them as files named NUMBER-LABEL.jpg;
without a folder it prints how many of 200 the shipped network mnist reads rightly.
"""

import contextlib
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from app.datasets.digits import MNIST
from app.datasets.pictures import PlainPicture
from app.datasets.samples import fitted_sample
from app.maps.doubts import doubt_digits
from app.maps.open_model import ModelChoice, OpenModel

PAPERS = ("plain", "ruled", "squared", "whiteboard", "chalkboard")
PENS = {
    "pencil": (95, 95, 100),
    "blue pen": (45, 60, 150),
    "black pen": (40, 40, 48),
    "marker": (25, 25, 30),
    "red pen": (190, 40, 50),
}


THIN = ("pencil", "blue pen", "black pen", "red pen")


@dataclass(frozen=True)
class Photograph:
    """A picture of a digit, its label and what it was made with."""

    picture: Image.Image
    label: int
    paper: str
    pen: str
    light: tuple[str, ...]


def photographs(
    images: np.ndarray, labels: np.ndarray, count: int = 200, seed: int = 0
) -> Iterator[Photograph]:
    """Yield `count` photographs of digits drawn from MNIST's images, (n, 28, 28, 1), all kinds of paper in turn."""
    draw = np.random.default_rng(seed)
    for number in range(count):
        index = int(draw.integers(len(images)))
        yield photograph(images[index, ..., 0], int(labels[index]), PAPERS[number % len(PAPERS)], draw)


def photograph(digit: np.ndarray, label: int, paper: str, draw: np.random.Generator) -> Photograph:
    """Return one digit, (28, 28) bytes, as a camera sees it on a sheet of this kind."""
    short = int(draw.integers(300, 1200))
    height, width = (short, int(short * draw.uniform(1, 1.34)))
    if draw.random() < 0.5:
        height, width = width, height
    pen = _choose_pen(paper, draw)
    sheet, colour = _sheet(paper, pen, (height, width), draw)
    ink = _stroke(digit, pen, (height, width), draw)[..., None]
    scene = sheet * (1 - ink) + np.asarray(colour, np.float32) * ink
    light, said = _light(paper, (height, width), draw)
    scene = scene * light[..., None]
    if paper == "whiteboard" or draw.random() < 0.15:
        scene, said = scene + _glare((height, width), draw)[..., None], (*said, "glare")
    return Photograph(_camera(scene, draw), label, paper, pen, said)


def _choose_pen(paper: str, draw: np.random.Generator) -> str:
    if paper == "chalkboard":
        return "chalk"
    if paper == "whiteboard":
        return "marker"
    return str(draw.choice(list(PENS)))


def _noise(size: tuple[int, int], grain: float, draw: np.random.Generator) -> np.ndarray:
    """Return smooth noise of mean 0 and spread 1, its grains about so many pixels wide."""
    coarse = [max(2, round(n / grain)) for n in size]
    small = Image.fromarray(draw.normal(size=coarse).astype(np.float32))
    large = np.asarray(small.resize((size[1], size[0]), Image.Resampling.BICUBIC))
    return (large - large.mean()) / (large.std() + 1e-6)


def _sheet(
    paper: str, pen: str, size: tuple[int, int], draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the empty sheet, (height, width, 3) from 0 to 255, and the colour of the ink on it."""
    if paper == "chalkboard":
        board = np.array([(40, 75, 60), (50, 52, 55), (35, 40, 38)][int(draw.integers(3))], float)
        sheet = board + 5 * _noise(size, 60, draw)[..., None] + 2 * _noise(size, 3, draw)[..., None]
        return sheet.astype(np.float32), np.full(3, draw.uniform(200, 240))
    base = np.array([235, 234, 228]) + draw.uniform(-18, 12, 3)
    sheet = np.broadcast_to(base, (*size, 3)).astype(np.float32)
    sheet = sheet + (draw.uniform(0.5, 2.5) * _noise(size, 2.5, draw))[..., None].astype(np.float32)
    if paper in ("ruled", "squared"):
        lines = _lines(paper, size, draw)[..., None]
        colour = np.array([(150, 175, 215), (175, 175, 180), (165, 200, 190)][int(draw.integers(3))])
        sheet = sheet * (1 - lines) + colour * lines
    if paper == "whiteboard":
        sheet = sheet + 4 * _noise(size, 90, draw)[..., None]
        colours = [(25, 25, 30), (30, 50, 160), (190, 30, 40), (20, 120, 60)]
        return sheet, np.array(colours[int(draw.integers(4))], float)
    return sheet, np.array(PENS[pen], float) + draw.uniform(-12, 12, 3)


def _lines(paper: str, size: tuple[int, int], draw: np.random.Generator) -> np.ndarray:
    """Return how much of each pixel a printed line covers, 0 to 1; the lines are turned by up to 5°."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    turn = np.deg2rad(draw.uniform(-5, 5))
    apart = min(size) * draw.uniform(0.06, 0.2)
    thick = max(1.0, min(size) * draw.uniform(0.002, 0.007))
    solid = draw.uniform(0.4, 1.0)
    covered = np.zeros(size, np.float32)
    for turned in (0.0, np.pi / 2)[: 1 + (paper == "squared")]:
        across = -x * np.sin(turn + turned) + y * np.cos(turn + turned) + draw.uniform(0, apart)
        off = np.abs((across + apart / 2) % apart - apart / 2)
        covered = np.maximum(covered, np.clip(thick / 2 + 0.5 - off, 0, 1))
    return solid * covered


def _stroke(digit: np.ndarray, pen: str, size: tuple[int, int], draw: np.random.Generator) -> np.ndarray:
    """Return how much of each pixel the digit's ink covers, 0 to 1."""
    side = int(min(size) * draw.uniform(0.3, 0.85))
    large = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    soft = large.rotate(draw.uniform(-10, 10), Image.Resampling.BICUBIC)
    soft = np.asarray(soft.filter(ImageFilter.GaussianBlur(side / 28 * 0.6)), np.float32) / 255
    level = draw.uniform(0.4, 0.72) if pen in THIN else draw.uniform(0.25, 0.5)
    ridge = _nearby_largest(soft, side / 28)  # a fine pen breaks no stroke, however soft MNIST has it
    ink = np.clip((soft - level * ridge) * side / 28 * 0.8 / ridge + 0.5, 0, 1) * (soft > 0.12)
    if pen in ("pencil", "chalk"):
        grain = _noise(ink.shape, draw.uniform(1.5, 3), draw)
        ink = ink * np.clip(0.78 + 0.22 * grain, 0.15, 1) * draw.uniform(0.7, 1)
    page = np.zeros(size, np.float32)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    margin = int(min(size) * 0.06)
    top, left = (
        int(draw.integers(margin, n - part_n - margin + 1))
        for n, part_n in zip(size, part.shape, strict=True)
    )
    page[top : top + part.shape[0], left : left + part.shape[1]] = part
    return page


def _nearby_largest(soft: np.ndarray, radius: float) -> np.ndarray:
    """Return the largest value near each pixel, smoothed: how strong the stroke is there."""
    size = tuple(max(1, round(n / radius)) for n in soft.shape)
    small = Image.fromarray(soft).resize((size[1], size[0]), Image.Resampling.BOX)
    largest = np.asarray(small, np.float32)
    for axis in (0, 1):
        padded = np.pad(largest, 1, mode="edge")
        largest = np.max([np.roll(padded, step, axis)[1:-1, 1:-1] for step in (-1, 0, 1)], axis=0)
    large = Image.fromarray(largest).resize(soft.shape[::-1], Image.Resampling.BILINEAR)
    return np.clip(np.asarray(large), 0.12, 1)


def _light(
    paper: str, size: tuple[int, int], draw: np.random.Generator
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the light on each pixel, about 0.3 to 1, and what it is made of."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32) / max(size)
    light, said = np.full(size, draw.uniform(0.75, 1.0), np.float32), []
    if draw.random() < 0.7:
        way = draw.uniform(0, 2 * np.pi)
        slope = draw.uniform(0.1, 0.55)
        light *= 1 - slope * np.clip((x - 0.5) * np.cos(way) + (y - 0.5) * np.sin(way) + 0.5, 0, 1)
        said.append("gradient")
    if draw.random() < 0.4:
        off = (x - x.max() / 2) ** 2 + (y - y.max() / 2) ** 2
        light *= 1 - draw.uniform(0.2, 0.7) * off
        said.append("vignette")
    if draw.random() < 0.5:
        way = draw.uniform(0, 2 * np.pi)
        edge = (x - draw.uniform(0.2, 0.8)) * np.cos(way) + (y - draw.uniform(0.2, 0.8)) * np.sin(way)
        soft = draw.uniform(0.004, 0.08)
        light *= 1 - draw.uniform(0.15, 0.45) / (1 + np.exp(-edge / soft))
        said.append("shadow")
    return light, tuple(said)


def _glare(size: tuple[int, int], draw: np.random.Generator) -> np.ndarray:
    """Return the light of lamps that a glossy surface throws back, added to the picture."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32) / max(size)
    glare = np.zeros(size, np.float32)
    for _ in range(int(draw.integers(1, 3))):
        at, wide = draw.uniform(0, 1, 2), draw.uniform(0.03, 0.12, 2)
        glare += draw.uniform(20, 70) * np.exp(-(((y - at[0]) / wide[0]) ** 2) - ((x - at[1]) / wide[1]) ** 2)
    return glare


def _camera(scene: np.ndarray, draw: np.random.Generator) -> Image.Image:
    """Return the scene with the blur, the tint and the noise of a camera, as JPEG leaves it."""
    scene = scene * (1 + draw.uniform(-0.06, 0.06, 3))
    scene = scene + draw.normal(0, draw.uniform(0.5, 6), scene.shape)
    picture = Image.fromarray(np.clip(np.rint(scene), 0, 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(draw.uniform(0, 1.2)))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=int(draw.integers(45, 96)))
    return Image.open(buffer).convert("RGB")


def with_even_paper(grey: np.ndarray) -> np.ndarray:
    """Return a digit prepared as if its paper were of one grey level, the median along the border: as it was done once.

    Raises:
        ValueError: nothing stands out.
    """
    border = np.concatenate([grey[[0, -1]].ravel(), grey[:, [0, -1]].ravel()])
    apart = np.median(border) - grey.astype(float)
    ink = np.clip(apart if (apart * np.abs(apart)).sum() > 0 else -apart, 0, None)
    if ink.max() < 16:
        raise ValueError("blank")
    ink[ink < 0.1 * ink.max()] = 0
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] * (255 / ink.max())
    box = [max(1, round(n * 20 / max(digit.shape))) for n in digit.shape]
    picture = Image.fromarray(digit.astype(np.uint8))
    small = np.asarray(picture.resize((box[1], box[0]), Image.Resampling.BOX), float)
    small *= 255 / max(small.max(), 1)
    centre = [(np.indices(small.shape)[axis] * small).sum() / max(small.sum(), 1) for axis in (0, 1)]
    top, left = (int(np.clip(round(14 - c), 0, 28 - n)) for c, n in zip(centre, box, strict=True))
    field = np.zeros((28, 28), np.uint8)
    field[top : top + box[0], left : left + box[1]] = small
    return field


@dataclass(frozen=True)
class Reading:
    """What a network reads of a photograph, with the paper taken for even and as it is done now."""

    photograph: Photograph
    plainly: int | None
    """With the paper taken for even; None: refused as blank."""
    read: int | None
    doubts: tuple[str, ...]
    """Why it may be wrong."""

    @property
    def is_right(self) -> bool:
        """Whether the digit was read rightly."""
        return self.read == self.photograph.label


def read_photographs(found: Iterable[Photograph]) -> list[Reading]:
    """Return what the shipped network mnist reads of photographs."""
    opened = OpenModel(ModelChoice("mnist"))

    def ask(field: np.ndarray) -> np.ndarray:
        outputs = opened.explainer.outputs(opened.scaled(field[None, ..., None]))
        return np.asarray(opened.model.head.as_probabilities(outputs)[0])

    readings = []
    for each in found:
        plain, read, doubts = None, None, ("refused",)
        with contextlib.suppress(ValueError):
            plain = int(ask(with_even_paper(np.asarray(each.picture.convert("L")))).argmax())
        with contextlib.suppress(ValueError):
            sample = fitted_sample(PlainPicture(each.picture), "", (28, 28, 1), MNIST)
            shares = ask(sample.pixels[..., 0])
            read = int(shares.argmax())
            unsure = doubt_digits(opened, opened.explainer, [sample], shares[None])
            doubts = tuple(filter(None, (*sample.warnings, *unsure)))
        readings.append(Reading(each, plain, read, doubts))
    return readings


def table(readings: list[Reading]) -> str:
    """Return a line for each kind of paper, and one for all."""
    lines = [
        "| paper | photographs | right before | right now | wrong, warned | right, warned |",
        "|---" * 6 + "|",
    ]
    for paper in (*PAPERS, "all"):
        those = [r for r in readings if paper in ("all", r.photograph.paper)]
        right = [r for r in those if r.is_right]
        wrong = [r for r in those if not r.is_right]
        warned = [f"{sum(bool(r.doubts) for r in some)} of {len(some)}" for some in (wrong, right)]
        before = sum(r.plainly == r.photograph.label for r in those)
        lines.append(f"| {paper} | {len(those)} | {before} | {len(right)} | {warned[0]} | {warned[1]} |")
    return "\n".join(lines)


def main() -> None:
    """Write the photographs into the folder that is named; without one, print how many are read rightly."""
    from app.datasets.sources import load_mnist

    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    data = load_mnist()
    found = photographs(np.asarray(data.test_images), data.test_labels, count)
    if len(sys.argv) < 2:
        print(table(read_photographs(found)))
        return
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for i, each in enumerate(found):
        each.picture.save(folder / f"{i:03}-{each.label}.jpg", quality=95)


if __name__ == "__main__":
    main()
