"""What is found of single maps and classes: the nearest images, projections, maximised inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.dataset import as_shown
from app.datasets.samples import Sample
from app.features.answer import Answer, prediction_facts, prediction_lines, probability_records
from app.features.results import CloseUp, tally
from app.maps.probabilities import Probabilities
from app.maps.verdict import percent
from models import Pixels

if TYPE_CHECKING:
    from app.features.maximisation import MaximisedInput
    from app.features.nearest import NearestImages


@dataclass(frozen=True, repr=False, eq=False)
class Nearest(Answer):
    """The images of a data set that maps of a layer, or classes, answer to most."""

    model: str
    data: str
    """What the data are called."""
    part: str
    """`training` or `test`."""
    layer: str | None
    """The layer whose maps are asked; None: the classes are."""
    units: tuple[int, ...]
    """Numbers of the maps, or of the classes."""
    found: "NearestImages"
    rows: "tuple[NearestRow, ...]"
    pixels: Pixels
    class_names: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the figure is called."""
        images = f"{self.part.capitalize()} images of {self.data}"
        if self.layer is None:
            return f"{images} with the largest logits of {self.model}"
        return f"{images} that activate maps of {self.layer} in {self.model} most"

    @property
    def parts(self) -> tuple[str | None, ...]:
        """What its file is called, in parts."""
        return "nearest", self.model, self.layer or "class", *map(str, self.units)

    @property
    def images(self) -> dict[int, list[int]]:
        """The numbers of the images, by unit, the strongest first."""
        return {row.unit: [int(n) for n in row.numbers] for row in self.rows}

    def lines(self) -> list[str]:
        """Return how many units are silent, and what each of the chosen ones answers to."""
        what = "classes" if self.layer is None else f"maps of {self.layer}"
        first = f"{what}, {self.part} images of {self.data}: {self.found.sentence()}"
        return [first, *(f"  {self._heading(row)}" for row in self.rows)]

    def facts(self) -> dict[str, Any]:
        """Return the images of each unit and its activations."""
        return {
            "units": [
                {
                    "unit": row.unit,
                    "images": [int(n) for n in row.numbers],
                    "values": [float(value) for value in row.values],
                    "labels": list(row.labels),
                }
                for row in self.rows
            ]
        }

    def _heading(self, row: "NearestRow") -> str:
        if self.layer is None:
            heading = (
                f"class {self.class_names[row.unit]}: the largest logits of {self.found.images:,} images"
            )
        else:
            above = f"above 0 for {self.found.active[row.unit]:,} of {self.found.images:,} images"
            heading = f"map {row.unit} of {self.layer}: {above}"
        if row.labels:
            heading += f"; strongest {row.values[0]:.3g}; labelled {tally(row.labels)}"
        return heading

    def draw(self) -> Any:
        """Return a row of images for each unit, and below it what the activation comes from.

        Raises:
            ValueError: no image activates any of the units.
        """
        from app.features.figures import UnitRow, draw_nearest
        from app.show.mosaic import Tile, pixels

        drawn = [row for row in self.rows if len(row.numbers)]
        if not drawn:
            units = ", ".join(map(str, self.units))
            raise ValueError(f"no image activates map {units} of {self.layer}: nothing to draw")
        rows = []
        for row in drawn:
            captions = [
                f"{n} ({label})\n{value:.3g}"
                for n, label, value in zip(row.numbers, row.labels, row.values, strict=True)
            ]
            tiles = [
                Tile(pixels(as_shown(crop, self.pixels), 0, 1), caption)
                for crop, caption in zip(row.crops, captions, strict=True)
            ]
            rows.append(UnitRow(self._heading(row), tiles, [Tile(each) for each in row.projections]))
        unit = "logit" if self.layer is None else "activation"
        notes = [f"Above each image: its number, its label in brackets, and the {unit}."]
        if self.layer is not None:
            notes.append(
                "Each image is cut to what the map's strongest cell sees. Below it: the activation, carried back "
                "to these pixels by the deconvolutional network (yellow: positive, blue: negative)."
            )
        return draw_nearest(rows, self.title, notes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return activations, places and counts of every unit of the layer."""
        return {"values": self.found.values, "places": self.found.places, "active": self.found.active}


@dataclass(frozen=True, eq=False)
class NearestRow:
    """One unit and its images."""

    unit: int
    numbers: np.ndarray
    """Of the images, the strongest first."""
    values: np.ndarray
    """Their activations."""
    labels: tuple[str, ...]
    crops: Sequence[np.ndarray]
    """What the strongest cell sees of each image, as the network takes it."""
    projections: Sequence[np.ndarray] = ()
    """The activation carried back to the same pixels; none for a class."""

    def __repr__(self) -> str:
        return f"<unit {self.unit}: {len(self.numbers)} images>"


@dataclass(frozen=True, repr=False, eq=False)
class Projections(Answer):
    """What in one image the maps of a layer answer to: their strongest cells carried back to the pixels."""

    model: str
    sample: Sample
    inputs: np.ndarray
    """(height, width, channels), as the network takes it."""
    said: str
    """What the network says of the image."""
    layer: str
    seen: Mapping[int, CloseUp]
    """By the number of the map."""
    probabilities: Probabilities | None = None
    """Those of all classes; None of quantities."""

    @property
    def title(self) -> str:
        """What the figure is called."""
        return f"The parts of {self.sample.title} that activate maps of {self.layer} in {self.model}"

    @property
    def parts(self) -> tuple[str | None, ...]:
        """What its file is called, in parts."""
        return "project", self.model, self.sample.title, self.layer

    def lines(self) -> list[str]:
        """Return where the strongest cell of each map is."""
        lines = prediction_lines(self.sample, self.said, self.probabilities)
        for unit, each in self.seen.items():
            row, column = each.cell
            nothing = "" if each.projection.any() else "; nothing to carry back"
            where = f"{each.value:.3g} at row {row}, column {column}"
            lines.append(f"  map {unit} of {self.layer}: {where}{nothing}")
        return lines

    def facts(self) -> dict[str, Any]:
        """Return the strongest cell of each map."""
        cells = [{"map": u, "value": e.value, "cell": list(e.cell)} for u, e in self.seen.items()]
        return {**prediction_facts(self.said, self.probabilities), "layer": self.layer, "maps": cells}

    def draw(self) -> Any:
        """Return the image and the projection of each map."""
        from app.features.figures import draw_projections

        notes = [
            f"{self.sample.caption}; the network {self.said}",
            "Above each map: its number and the value of its strongest cell. Dashed: the pixels that this cell sees.",
            "Inside: the value, carried back to the pixels (yellow: positive, blue: negative).",
        ]
        return draw_projections(self.sample.pixels, self.seen, self.title, notes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the image, the maps' numbers and their projections, (maps, height, width)."""
        return {
            "image": self.inputs,
            "units": np.array(list(self.seen)),
            "projections": np.stack([each.projection for each in self.seen.values()]),
        }


@dataclass(frozen=True, repr=False, eq=False)
class Maximised(Answer):
    """Inputs made from noise that classes, or maps of a layer, answer to most."""

    model: str
    layer: str | None
    """The layer whose maps are asked; None: the classes are."""
    units: tuple[int, ...]
    """Numbers of the classes or of the maps."""
    made: "tuple[MaximisedInput, ...]"
    crops: Sequence[np.ndarray]
    """What is drawn: the inputs, or what the central cell sees of them."""
    how: str
    """The settings in words."""
    pixels: Pixels
    class_names: tuple[str, ...]
    probabilities: tuple[Probabilities | None, ...]
    """Of inputs made for classes those of all classes, one an input; else None."""
    asked: tuple[str | None, ...] = ()
    """What was asked for, as it is in the file's name."""

    @property
    def images(self) -> np.ndarray:
        """The inputs, (units, height, width, channels), as the network takes them."""
        return np.stack([each.image for each in self.made])

    @property
    def scores(self) -> np.ndarray:
        """The logit of each class, or the central cell of each map, (units,)."""
        return np.array([each.score for each in self.made])

    @property
    def title(self) -> str:
        """What the figure is called."""
        if self.layer is None:
            return f"Pictures made so that {self.model} gives a class the highest score"
        return f"Pictures made so that maps of {self.layer} in {self.model} are most active"

    @property
    def parts(self) -> tuple[str | None, ...]:
        """What its file is called, in parts."""
        return "maximise", self.model, *self.asked

    def _sure(self, number: int) -> str:
        return percent(float(self.made[number].probabilities[self.units[number]]))

    def lines(self) -> list[str]:
        """Return how far each score was raised."""
        if self.layer is not None:
            return [
                f"map {unit} of {self.layer}: {each.start:.3g} → {each.score:.3g}"
                for unit, each in zip(self.units, self.made, strict=True)
            ]
        return [
            f"class {self.class_names[c]}: logit {_tenths(each.start)} → {each.score:.3g}; the network "
            f"is {self._sure(i)} sure that this is {self.class_names[c]}"
            for i, (c, each) in enumerate(zip(self.units, self.made, strict=True))
        ]

    def facts(self) -> dict[str, Any]:
        """Return the scores before and after, and of inputs made for classes the probabilities of all classes."""
        made = zip(self.units, self.made, strict=True)
        return {
            "layer": self.layer,
            "settings": self.how,
            "inputs": [
                {"unit": unit, "start": each.start, "score": each.score, **probability_records(probabilities)}
                for (unit, each), probabilities in zip(made, self.probabilities, strict=True)
            ],
        }

    def draw(self) -> Any:
        """Return the inputs, each with what the network says of it."""
        from app.features.figures import draw_maximised
        from app.show.mosaic import Tile, pixels

        tiles = []
        for i, (unit, each, crop) in enumerate(zip(self.units, self.made, self.crops, strict=True)):
            if self.layer is None:
                caption = f"{self.class_names[unit]} ({self._sure(i)})\nlogit {each.score:.3g}"
            else:
                caption = f"map {unit}: {each.score:.3g}"
            tiles.append(Tile(pixels(as_shown(crop, self.pixels), 0, 1), caption))
        if self.layer is None:
            note = (
                "Made from noise by gradient ascent, not taken from any data. Above each picture: its class, the "
                "probability that the network gives it, and its logit."
            )
        else:
            note = (
                "Made from noise by gradient ascent. Shown is what the map's central cell sees; above it the value "
                "of this cell before the rectifier."
            )
        return draw_maximised(tiles, self.title, [note, self.how])

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the inputs and their scores."""
        which = "classes" if self.layer is None else "units"
        arrays = {which: np.array(self.units), "images": self.images, "scores": self.scores}
        known = [each.values for each in self.probabilities if each is not None]
        return {**arrays, "probabilities": np.array(known)} if len(known) == len(self.made) else arrays


def _tenths(value: float) -> str:
    """Return a number to one digit behind the point: 0 of −0.008, as what noise begins with means no more."""
    return f"{round(value, 1) + 0:g}".replace("-", "−")
