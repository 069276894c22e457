"""What a map method is: its facts, what it can be told and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.maps.explainer import Explainer
from app.program.steps import Rule

HIDDEN = 200
"""Patches of a map that hides pixels, about: for 28×28 pixels they are 361, for a large picture 225."""
Colour = Literal["max", "mean", "channels"]


@dataclass(frozen=True)
class Settings:
    """What the methods can be told."""

    layer: str | None = None
    """Whose maps the class-activation maps use; the last spatial ones if it is None."""
    samples: int = 20
    """Noisy versions of the image for SmoothGrad and its kin."""
    noise: float = 0.2
    """Their noise, as a share of the image's range."""
    steps: int = 50
    """Steps of integrated gradients."""
    baseline: float | tuple[float, ...] = 0.0
    """The pixel value that stands for nothing: where integrated gradients begin, what a patch hides with."""
    patch: int | None = None
    """Side of the occluding patch, in pixels; an eighth of the shorter side, at least 2, if it is None."""
    stride: int | None = None
    """How far it moves; half its side if it is None."""
    seed: int = 0


@dataclass(frozen=True)
class RawMaps:
    """What a method made of a batch of images."""

    raw: np.ndarray
    """Signed: a value a pixel and channel, (images, height, width, channels), or cells, (images, rows,
    columns)."""
    notes: tuple[str, ...] = ()
    """What is to be said of each image's map; empty, or one an image."""


Compute = Callable[[Explainer, np.ndarray, np.ndarray, Settings], RawMaps]
"""Takes the network, images (images, height, width, channels), targets (images, units) and settings."""


@dataclass(frozen=True)
class Method:
    """One kind of map, with all that is known of it."""

    name: str
    """What commands call it."""
    label: str
    """What it is called above a picture."""
    source: str
    """Who described it, and when."""
    compute: Compute
    formula: str = ""
    """What its picture shows, where that is a formula."""
    shows: Literal["magnitude", "positive"] = "magnitude"
    """What the picture shows of the raw values unless signs are asked for."""
    is_of_cells: bool = False
    """Whether its values are cells of a layer, not pixels."""
    settings: tuple[str, ...] = ()
    """Which of the `Settings` it follows."""
    rule: Rule = "plain"
    """How it passes rectifiers."""
    asks_for_class: bool = True
    """Whether another class gives another map."""
    hides_pixels: bool = False
    """Whether it is made as faithfulness is measured: pixels are hidden, and the score is looked at again."""
    is_of_article: bool = False
    """Whether article 004 draws it."""
    witness: str = ""
    """The class of tf-keras-vis that makes the same map, `module.Class`; "" where there is none."""

    @property
    def title(self) -> str:
        """The label, with the formula where there is one."""
        return f"{self.label}, {self.formula}" if self.formula else self.label

    @property
    def uses_maps(self) -> bool:
        """Whether it is made of a layer's maps, which a network without convolutions does not have."""
        return "layer" in self.settings

    def passes(self, samples: int, steps: int) -> int:
        """Return about how often the network is run for one image."""
        if self.hides_pixels:
            return HIDDEN
        counts = {"samples": samples, "steps": steps}
        return max(counts.get(name, 1) for name in ("", *self.settings))

    def picture(self, raw: np.ndarray, colour: Colour = "max", is_signed: bool = False) -> np.ndarray:
        """Return what is drawn of raw maps: (images, rows, columns), or (images, height, width[, channels]).

        With the sign, colour channels are summed: what speaks for the class, and what against it.
        """
        summed = raw if self.is_of_cells else raw.sum(axis=-1)
        if is_signed:
            return np.asarray(summed)
        return np.maximum(summed, 0) if self.shows == "positive" else combine_channels(raw, colour)


def combine_channels(raw: np.ndarray, colour: Colour = "max") -> np.ndarray:
    """Return |raw| with the colour channels combined, (…, height, width).

    `max` takes the largest magnitude of the channels, `mean` their mean, and `channels` keeps them
    apart, (…, height, width, channels).
    """
    magnitudes = np.abs(raw)
    if colour == "channels":
        return magnitudes
    return np.asarray(magnitudes.max(axis=-1) if colour == "max" else magnitudes.mean(axis=-1))
