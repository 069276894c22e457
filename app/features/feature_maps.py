"""Feature maps: what every layer makes of an image, and which of its maps stay silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf

from app.counting.rows import shape_text
from app.engine.compiling import Tensors
from app.engine.replay.heads import keeps_values
from app.engine.replay.steps import Replay, Step
from app.maps.explainer import Explainer
from app.maps.feature_layers import feature_layers, find_feature_layer

LINEAR = ":linear"
"""How the name of a step ends that is a layer before its own activation."""


@dataclass(frozen=True)
class LayerMaps:
    """The maps of one layer for one image."""

    layer: str
    values: np.ndarray
    """(rows, columns, maps)."""

    @cached_property
    def dead(self) -> tuple[int, ...]:
        """The numbers of the maps that are 0 in every cell."""
        return tuple(int(k) for k in np.flatnonzero((self.values == 0).all(axis=(0, 1))))

    @cached_property
    def constant(self) -> tuple[int, ...]:
        """The numbers of the maps that have one value, not 0, in every cell."""
        same = (self.values == self.values[:1, :1]).all(axis=(0, 1))
        return tuple(int(k) for k in np.flatnonzero(same & (self.values[0, 0] != 0)))

    @property
    def count(self) -> int:
        """The number of maps."""
        return int(self.values.shape[-1])

    def strongest(self, count: int) -> list[int]:
        """Return the numbers of the `count` maps with the largest cells, the largest first."""
        peaks = self.values.max(axis=(0, 1))
        return [int(k) for k in np.argsort(-peaks, kind="stable")[:count]]

    def sentences(self) -> list[str]:
        """Return what there is to say of the maps, a line each."""
        values = self.values
        row, column, best = np.unravel_index(int(values.argmax()), values.shape)
        zero = float((values == 0).mean())
        lines = [
            f"{shape_text(values.shape)}, {values.min():.3g} to {values.max():.3g}, {zero:.0%} of the "
            f"cells 0; strongest: map {best}, row {row}, column {column}".replace("%", " %")
        ]
        if self.dead:
            verb = "is" if len(self.dead) == 1 else "are"
            lines.append(
                f"{len(self.dead)} of {self.count} maps {verb} 0 everywhere for this image"
                f" ({listed(self.dead)})"
            )
        if self.constant:
            verb = "has" if len(self.constant) == 1 else "have"
            lines.append(
                f"{len(self.constant)} of {self.count} maps {verb} one value everywhere"
                f" ({listed(self.constant)})"
            )
        return lines


def listed(numbers: Sequence[int], most: int = 12) -> str:
    """Return numbers with commas between them, cut with an ellipsis after `most` of them."""
    return ", ".join(map(str, numbers[:most])) + (", …" if len(numbers) > most else "")


def feature_steps(model: Replay) -> list[Step]:
    """Return the steps whose maps are worth a look, in order.

    Left out are layers before their own activation (`find_feature_layer` still finds them) and what only passes
    maps on, such as dropout.

    Raises:
        ValueError: there is none.
    """
    steps = [
        step for step in feature_layers(model) if not step.name.endswith(LINEAR) and not keeps_values(step)
    ]
    if not steps:
        raise ValueError("no layer of the model has a map of more than one cell")
    return steps


def feature_maps(
    explainer: Explainer, images: np.ndarray, layers: Sequence[str] | None = None
) -> list[list[LayerMaps]]:
    """Return the maps of many layers, made in one run: for each image, a `LayerMaps` for each layer.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        layers: names of steps; those of `feature_steps` if it is None.

    Raises:
        ValueError: no step has that name, or it has no map.
    """
    model = explainer.model
    named = None if layers is None else [find_feature_layer(model, layer) for layer in layers]
    steps = feature_steps(model) if named is None else named
    stop = 1 + max(model.position(step.outputs[0]) for step in steps)

    def function(x: tf.Tensor) -> Tensors:
        values = model.run(model.start(x), steps=slice(stop))
        return tuple(step.to_maps(values[step.outputs[0]]) for step in steps)

    key = ("features", tuple(step.name for step in steps))
    columns = explainer.apply(key, function, [images])
    return [
        [LayerMaps(step.name, maps[i]) for step, maps in zip(steps, columns, strict=True)]
        for i in range(len(images))
    ]
