"""What is found in layers: their maps for one image, and their filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.samples import Sample
from app.features.answer import Answer, prediction_facts, prediction_lines
from app.features.results import LayerMaps
from app.maps.probabilities import Probabilities

if TYPE_CHECKING:
    from app.features.filters import LayerFilters


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
        lines = prediction_lines(self.sample, self.said, self.probabilities)
        for each in self.layers:
            first, *others = each.sentences()
            lines += [f"  {each.layer}: {first}", *(f"    {line}" for line in others)]
        return lines

    def facts(self) -> dict[str, Any]:
        """Return size, range and dead maps of each layer."""
        return {
            **prediction_facts(self.said, self.probabilities),
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


def _colours(layers: Sequence[LayerMaps]) -> str:
    """Return how the colours of layers are to be read."""
    plain = "black is 0; the lighter a cell, the larger its value"
    signed = "blue is below 0, grey 0, yellow above 0"
    with_signs = [float(layer.values.min()) < 0 for layer in layers]
    if any(with_signs) and not all(with_signs):
        return f"Rows with values below 0: {signed}. Other rows: {plain}."
    text = signed if any(with_signs) else plain
    return f"{text[0].upper()}{text[1:]}."


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
