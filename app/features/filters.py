"""The filters of a convolution, and in which form they can be drawn."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.counting.rows import shape_text
from app.features.feature_maps import LINEAR
from app.features.results import listed
from app.program.program import Program
from app.program.steps import Step

FAINT = 0.01
"""A filter with less than this share of the largest norm is all but 0."""


@dataclass(frozen=True)
class LayerFilters:
    """The weights of one convolution."""

    layer: str
    weights: np.ndarray
    """(rows, columns, input maps, filters)."""
    form: Literal["signed", "colours", "norms"]
    """How they are drawn: weights with their sign, weights of red, green and blue as a colour, or, for
    filters over many maps, the norm at each place of the window, √(Σ w² over the maps)."""

    def pictures(self) -> np.ndarray:
        """Return what is drawn: (filters, rows, columns), or with colours (filters, rows, columns, 3).

        Colours are ½ + w / (2 max |w|), the maximum over all filters: grey is 0.
        """
        first = np.moveaxis(self.weights, -1, 0)
        if self.form == "signed":
            return np.asarray(first[..., 0])
        if self.form == "norms":
            return np.asarray(np.sqrt((first**2).sum(axis=-1)))
        largest = float(np.abs(first).max()) or 1.0
        return np.asarray(0.5 + first / (2 * largest))

    def sentences(self) -> list[str]:
        """Return what there is to say of the filters, a line each."""
        rows, columns, maps, count = self.weights.shape
        low, high = float(self.weights.min()), float(self.weights.max())
        lines = [
            f"{count} filters of {shape_text((rows, columns, maps))}, weights from {low:.3g} to {high:.3g}"
        ]
        norms = np.sqrt((self.weights**2).sum(axis=(0, 1, 2)))
        faint = [int(k) for k in np.flatnonzero(norms < FAINT * norms.max())]
        if not norms.max():
            lines.append("every weight is 0")
        elif faint:
            lines.append(
                f"{len(faint)} of {count} filters are all but 0: their norm is below 1 % of the "
                f"largest ({listed(faint)})"
            )
        if self.form == "norms":
            lines.append(f"drawn: √(Σ w²) over the {maps} input maps at each place of the window")
        return lines


def find_filters(model: Program, layer: str | None = None) -> LayerFilters:
    """Return the filters of a convolution; those of the first one without a name.

    Raises:
        ValueError: there is no convolution, none of that name, or its window is one cell, which has
            no shape to draw.
    """
    steps = [step for step in model.steps if _weights(step) is not None]
    names = list(dict.fromkeys(step.name.removesuffix(LINEAR) for step in steps))
    if not steps:
        raise ValueError("the model has no convolution over rows and columns, so no filters to draw")
    if layer is not None and layer.removesuffix(LINEAR) not in names:
        raise ValueError(f"layer {layer!r} is not a convolution of the model; there are {', '.join(names)}")
    index = 0 if layer is None else names.index(layer.removesuffix(LINEAR))
    weights = _weights(next(s for s in steps if s.name.removesuffix(LINEAR) == names[index]))
    assert weights is not None
    rows, columns, maps, _ = weights.shape
    if rows * columns == 1:
        raise ValueError(
            f"the filters of {names[index]} are 1×1: each mixes {maps} maps and has no shape to draw; "
            f"convolutions: {', '.join(names)}"
        )
    if maps == 1:
        return LayerFilters(names[index], weights, "signed")
    is_coloured = index == 0 and maps == 3 == model.image_shape[-1]
    return LayerFilters(names[index], weights, "colours" if is_coloured else "norms")


def _weights(step: Step) -> np.ndarray | None:
    """Return a convolution's weights as (rows, columns, input maps, filters), None for other steps.

    A depthwise filter sees one map: (rows, columns, maps, multiplier) are maps · multiplier filters.
    """
    values = step.kernel()
    if values is None or values.ndim != 4 or len(step.input_shape) != 4:
        return None
    if step.kind in ("DepthwiseConv2D", "SeparableConv2D"):
        return values.reshape(*values.shape[:2], 1, -1)
    return values.swapaxes(2, 3) if step.kind == "Conv2DTranspose" else values
