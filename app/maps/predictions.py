"""What a network says of images, as a result that shows itself."""

from dataclasses import dataclass

import numpy as np

from app.maps.probabilities import LARGEST, MOST_LISTED, Probabilities
from app.maps.verdict import percent
from app.show.document import Document, Table
from app.show.results import ShowsReport

SHOWN = 3
"""Quantities that the table has of each image."""


@dataclass(frozen=True, repr=False, eq=False)
class Predictions(ShowsReport):
    """The probability of each class for each image, or the quantities that a network puts out."""

    model: str
    images: tuple[str, ...]
    """What the images are called."""
    values: np.ndarray
    """(images, classes): probabilities, or quantities."""
    class_names: tuple[str, ...]
    are_quantities: bool = False

    @property
    def classes(self) -> list[int]:
        """The class with the largest value of each image."""
        return [int(c) for c in self.values.argmax(axis=1)]

    @property
    def names(self) -> list[str]:
        """What these classes are called."""
        return [self.class_names[c] for c in self.classes]

    def top(self, count: int = 5) -> list[list[tuple[str, float]]]:
        """Return for each image its classes with the largest probabilities, the largest first, as (name, value).

        Of equal ones the earlier class comes first.
        """
        order = np.argsort(-self.values, axis=1, kind="stable")[:, :count]
        return [
            [(self.class_names[c], float(row[c])) for c in best]
            for row, best in zip(self.values, order, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"<predictions of {self.model} for {len(self)} image{'s' if len(self) > 1 else ''}>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return a table with the probabilities of all classes, of more than ten the five largest."""
        data = [
            {"image": image, "top": [{"class": name, "value": value} for name, value in found]}
            for image, found in zip(self.images, self.top(len(self.class_names)), strict=True)
        ]
        table = self._quantities() if self.are_quantities else self._probabilities()
        return Document(f"What {self.model} says", (table,), data)

    def _probabilities(self) -> Table:
        rows = tuple(
            (
                image,
                f"{name} ({percent(float(row.max()))})",
                Probabilities(self.class_names, tuple(row)).listed(),
            )
            for image, name, row in zip(self.images, self.names, self.values.astype(float), strict=True)
        )
        is_whole = len(self.class_names) <= MOST_LISTED
        heading = "probabilities" if is_whole else f"the {LARGEST} largest probabilities"
        return Table(("image", "predicts", heading), rows, prose=(2,))

    def _quantities(self) -> Table:
        rows = tuple(
            (image, *(f"{name} ({value:.4g})" for name, value in found))
            for image, found in zip(self.images, self.top(SHOWN), strict=True)
        )
        return Table(("image", *("first", "second", "third")[: min(SHOWN, len(self.class_names))]), rows)
