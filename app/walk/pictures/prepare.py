"""A digit on paper, prepared for a network step by step, with what a trained network then reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.counting.rows import shape_text
from app.datasets.digits import PreparedSign, prepare_sign
from app.datasets.pictures import read_picture
from app.datasets.samples import Sample
from app.maps.doubts import doubt_digits
from app.maps.open_model import ModelChoice, OpenModel
from app.maps.verdict import percent
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport
from app.untrusted.text import visible

FIELD = (28, 28)
"""Height and width of MNIST's images."""
READER = "mnist"
"""The network that reads the digit."""


@dataclass(frozen=True)
class Preparation(ShowsReport, ShowsFigure):
    """What each step of a preparation leaves, and what a network says of the last."""

    name: str
    """Of the picture."""
    sign: PreparedSign
    says: str
    """What the network reads."""
    doubts: tuple[str, ...]
    """Why it may be wrong."""

    @property
    def stages(self) -> tuple[tuple[str, np.ndarray], ...]:
        """Each step, as words and bytes (height, width[, 3])."""
        return self.sign.stages or (("as it is", self.sign.pixels),)

    def draw(self) -> Any:
        """Return the steps side by side."""
        from app.walk.pictures.figures.prepare import draw_preparation

        return draw_preparation(self)

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a line for each step, what was done, and what the network reads."""
        rows = tuple(
            (str(i), words, shape_text(pixels.shape[:2])) for i, (words, pixels) in enumerate(self.stages, 1)
        )
        done = "; ".join(self.sign.changes) or "nothing: the picture is prepared already"
        words = [f"Done: {done}.", f"{READER} {self.says}.", *(f"Doubt: {doubt}." for doubt in self.doubts)]
        data = {"steps": [row[1] for row in rows], "changes": list(self.sign.changes), "says": self.says}
        table = Table(("step", "what is left", "pixels"), rows, numbers=(0,))
        return Document(
            f"How {self.name} becomes an image like MNIST's",
            (table, *map(Paragraph, words)),
            {**data, "doubts": list(self.doubts)},
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what each step leaves, by its number."""
        return {f"step{i}": pixels for i, (_, pixels) in enumerate(self.stages, 1)}


def prepare_picture(image: Path | str) -> Preparation:
    """Return how a picture of a digit is prepared as MNIST's images were, step by step.

    Raises:
        ValueError: there is no such picture, or nothing is written on it.
    """
    path = Path(image)
    read = read_picture(path)
    picture = read.image.convert("L" if read.image.mode in ("L", "1") else "RGB")
    try:
        sign = prepare_sign(np.asarray(picture), FIELD)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    opened = OpenModel(ModelChoice(READER))
    outputs = opened.explainer.outputs(opened.scaled(sign.pixels[None, ..., None]))
    shares = np.asarray(opened.model.head.as_probabilities(outputs)[0])
    best = int(shares.argmax())
    sample = Sample(sign.pixels[..., None], path.name, "", is_digit=True)
    doubts = (*sign.warnings, *doubt_digits(opened, opened.explainer, [sample], shares[None]))
    says = f"reads {opened.names[best]} ({percent(float(shares[best]))})"
    return Preparation(visible(path.name), sign, says, tuple(filter(None, doubts)))
