"""What is found inside a network, as results that show themselves: in words, as a figure, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.dataset import as_shown
from app.datasets.samples import Sample
from app.features.results import CloseUp, LayerMaps, tally
from app.maps.probabilities import Probabilities
from app.maps.verdict import percent
from app.show.document import PAGES, Block, Document, Drawing, Paragraph
from app.show.results import ShowsFigure, ShowsReport
from models import Pixels

if TYPE_CHECKING:
    from app.features.filters import LayerFilters
    from app.features.maximisation import MaximisedInput
    from app.features.nearest import NearestImages


class Answer(ShowsReport, ShowsFigure):
    """A result with words and a figure; `print` gives the words, a notebook shows the figure."""

    _repr_html_ = None  # type: ignore[assignment]

    @property
    def title(self) -> str:
        """What the figure is called."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[str | None, ...]:
        """What its file is called, in parts."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return what there is to say, a line each."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """Return the same as plain values."""
        return {"lines": self.lines()}

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"<{self.title}>"

    def document(self, format: str = "text") -> Document:
        """Return the words, and in an HTML page the figure."""
        blocks: list[Block] = [Paragraph("\n".join(line.strip() for line in self.lines()))]
        if format in PAGES:
            from app.show.canvas import figure_svg

            blocks.insert(0, Drawing(figure_svg(self.plot()), self.title))
        return Document(self.title, tuple(blocks), {"title": self.title, **self.facts()})


@dataclass(frozen=True, repr=False, eq=False)
class ImageMaps(Answer):
    """What the layers of a network make of one image."""

    model: str
    sample: Sample
    inputs: np.ndarray
    """(height, width, channels), as the network takes it."""
    said: str
    """What the network says of the image."""
    layers: tuple[LayerMaps, ...]
    layer: str | None = None
    """The layer that was asked for; None: all of them."""
    count: int = 8
    """Maps in a row, where there is a row for each layer."""
    probabilities: Probabilities | None = None
    """Those of all classes; None of quantities."""

    def __getitem__(self, layer: str) -> np.ndarray:
        for each in self.layers:
            if each.layer == layer:
                return each.values
        names = ", ".join(each.layer for each in self.layers)
        raise ValueError(f"there are no maps of {layer!r} here; there are those of {names}")

    @property
    def title(self) -> str:
        """What the figure is called."""
        return f"Feature maps of {self.model} for {self.sample.title}"

    @property
    def parts(self) -> tuple[str | None, ...]:
        """What its file is called, in parts."""
        return "maps", self.model, self.sample.title, self.layer

    def lines(self) -> list[str]:
        """Return what the network says, and each layer in numbers."""
        lines = _prediction_lines(self)
        for each in self.layers:
            first, *others = each.sentences()
            lines += [f"  {each.layer}: {first}", *(f"    {line}" for line in others)]
        return lines

    def facts(self) -> dict[str, Any]:
        """Return size, range and dead maps of each layer."""
        return {
            **_prediction_facts(self),
            "layers": [
                {
                    "layer": each.layer,
                    "shape": list(each.values.shape),
                    "lowest": float(each.values.min()),
                    "largest": float(each.values.max()),
                    "dead": list(each.dead),
                }
                for each in self.layers
            ],
        }

    def draw(self) -> Any:
        """Return all maps of the layer, or a row for each layer."""
        from app.features import figures

        pixels, notes = self.sample.pixels, [f"{self.sample.caption}; the network {self.said}"]
        hatched = "Hatched: 0 everywhere for this image."
        if self.layer is not None:
            one = self.layers[0]
            notes += [_colours([one]), *([hatched] if one.dead else []), *one.sentences()[1:]]
            return figures.draw_layer(pixels, one, self.title, notes)
        chosen = figures.choose_rows(len(self.layers))
        rows = [self.layers[i] for i in chosen]
        notes += [
            f"Each row: the {self.count} maps with the largest cells, the largest first; above each its number.",
            f"{_colours(rows)} Each row has its own scale.",
            *([hatched] if any(set(row.strongest(self.count)) & set(row.dead) for row in rows) else []),
        ]
        if len(chosen) < len(self.layers):
            notes.append(f"Drawn: {len(chosen)} of the {len(self.layers)} layers, from first to last.")
        return figures.draw_layers(pixels, rows, self.count, self.title, notes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the image and the maps of each layer, (rows, columns, maps)."""
        return {"image": self.inputs, **{m.layer.replace("/", "."): m.values for m in self.layers}}


@dataclass(frozen=True, repr=False, eq=False)
class Filters(Answer):
    """The filters of a convolution."""

    model: str
    found: "LayerFilters"

    @property
    def layer(self) -> str:
        """The convolution."""
        return self.found.layer

    @property
    def weights(self) -> np.ndarray:
        """(rows, columns, input maps, filters)."""
        return self.found.weights

    @property
    def title(self) -> str:
        """What the figure is called."""
        return f"Filters of {self.layer} in {self.model}"

    @property
    def parts(self) -> tuple[str | None, ...]:
        """What its file is called, in parts."""
        return "filters", self.model, self.layer

    def lines(self) -> list[str]:
        """Return how many there are, their range, and which are all but 0."""
        first, *others = self.found.sentences()
        return [f"{self.layer}: {first}", *(f"  {line}" for line in others)]

    def draw(self) -> Any:
        """Return the filters side by side."""
        from app.features.figures import draw_filters

        notes = self.found.sentences()
        notes.append(
            {
                "signed": "Yellow: a positive weight; blue: a negative one; grey: 0. All filters share one scale.",
                "norms": "The lighter a cell, the larger the weights there, over all input maps together.",
                "colours": "Red, green and blue are ½ + w / (2 max |w|) of a weight w: a weight of 0 is grey. All "
                "filters share one scale.",
            }[self.found.form]
        )
        unit = {"signed": "weight", "norms": "√(Σ w²)", "colours": ""}[self.found.form]
        return draw_filters(self.found.pictures(), unit, self.title, notes)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights."""
        return {"weights": self.weights}


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
        lines = _prediction_lines(self)
        for unit, each in self.seen.items():
            row, column = each.cell
            nothing = "" if each.projection.any() else "; nothing to carry back"
            where = f"{each.value:.3g} at row {row}, column {column}"
            lines.append(f"  map {unit} of {self.layer}: {where}{nothing}")
        return lines

    def facts(self) -> dict[str, Any]:
        """Return the strongest cell of each map."""
        cells = [{"map": u, "value": e.value, "cell": list(e.cell)} for u, e in self.seen.items()]
        return {**_prediction_facts(self), "layer": self.layer, "maps": cells}

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


def _prediction_lines(answer: ImageMaps | Projections) -> list[str]:
    """Return what the network says of the image, and the probabilities of all classes."""
    probabilities = [] if answer.probabilities is None else [f"  {answer.probabilities}"]
    return [f"{answer.sample.title} ({answer.sample.caption}): {answer.said}", *probabilities]


def _prediction_facts(answer: ImageMaps | Projections) -> dict[str, Any]:
    return {"says": answer.said, **_records(answer.probabilities)}


def _colours(layers: Sequence[LayerMaps]) -> str:
    """Return how the colours of layers are to be read."""
    plain = "black is 0; the lighter a cell, the larger its value"
    signed = "blue is below 0, grey 0, yellow above 0"
    with_signs = [float(layer.values.min()) < 0 for layer in layers]
    if any(with_signs) and not all(with_signs):
        return f"Rows with values below 0: {signed}. Other rows: {plain}."
    text = signed if any(with_signs) else plain
    return f"{text[0].upper()}{text[1:]}."


def _tenths(value: float) -> str:
    """Return a number to one digit behind the point: 0 of −0.008, as what noise begins with means no more."""
    return f"{round(value, 1) + 0:g}".replace("-", "−")


def _records(probabilities: Probabilities | None) -> dict[str, Any]:
    return {} if probabilities is None else {"probabilities": probabilities.to_records()}


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
                {"unit": unit, "start": each.start, "score": each.score, **_records(probabilities)}
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
