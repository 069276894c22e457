"""Every map by name: what it computes, and what its picture shows of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from app.engine.replay.rectifiers import Rule
from app.maps.explainer import Explainer
from app.maps.methods.cam import class_activation, eigen_cam, find_map
from app.maps.methods.gradients import gradient_times_input, input_gradients
from app.maps.methods.masking import occlusion, score_cam
from app.maps.methods.sampling import Moment, integrated_gradients, smooth_grad
from app.maps.placement import Placement, find_placement, place_cells


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
class Computed:
    """What a method made of a batch of images."""

    raw: np.ndarray
    """Signed: a value a pixel and channel, (images, height, width, channels), or cells, (images, rows,
    columns)."""
    notes: tuple[str, ...] = field(default=())
    """What is to be said of each image's map; empty, or one an image."""

    @property
    def is_of_cells(self) -> bool:
        """Whether it is a class-activation map."""
        return self.raw.ndim == 3


Compute = Callable[[Explainer, np.ndarray, np.ndarray, Settings], Computed]


@dataclass(frozen=True)
class Method:
    """One kind of map."""

    compute: Compute
    shows: Literal["magnitude", "positive"]
    """What the picture shows of the raw values unless signs are asked for."""
    rule: Rule = "plain"
    """How it passes rectifiers."""
    uses_maps: bool = False
    """Whether it is made of a layer's maps."""
    asks_for_class: bool = True
    """Whether another class gives another map."""


def _gradient(rule: Rule) -> Compute:
    return lambda e, x, t, s: Computed(input_gradients(e, x, t, rule))  # noqa: ARG005


def _smooth(moment: Moment) -> Compute:
    return lambda e, x, t, s: Computed(smooth_grad(e, x, t, s.samples, s.noise, moment, s.seed))


def _cam(rule: str) -> Compute:
    return lambda e, x, t, s: Computed(class_activation(e, x, t, rule, s.layer))


def _times_input(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> Computed:  # noqa: ARG001
    return Computed(gradient_times_input(e, x, t))


def _integrated(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> Computed:
    raw, gaps = integrated_gradients(e, x, t, s.steps, s.baseline)
    sums = raw.sum(axis=(1, 2, 3))
    said = [
        f"sums to {total:.4g}, {abs(gap):.2g} away from the change of the score that it explains"
        for total, gap in zip(sums, gaps, strict=True)
    ]
    return Computed(raw, tuple(said))


def _eigen(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> Computed:  # noqa: ARG001
    return Computed(eigen_cam(e, x, s.layer))


def _score_cam(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> Computed:
    return Computed(score_cam(e, x, t, placement_of(e, s.layer, x), s.layer))


def _guided_cam(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> Computed:
    cells = np.maximum(class_activation(e, x, t, "gradcam", s.layer), 0)
    placed = place_cells(cells, placement_of(e, s.layer, x))
    return Computed(placed[..., np.newaxis] * input_gradients(e, x, t, "guided"))


def _occlusion(e: Explainer, x: np.ndarray, t: np.ndarray, s: Settings) -> Computed:
    height, width = x.shape[1:3]
    side = s.patch or min(max(2, round(min(height, width) / 8)), height, width)
    stride = s.stride or max(1, side // 2)
    return Computed(occlusion(e, x, t, (side, side), stride, s.baseline))


def placement_of(explainer: Explainer, layer: str | None, images: np.ndarray) -> Placement:
    """Return where the cells of a layer's maps lie on images of this size."""
    step = find_map(explainer.model, layer)
    size = (images.shape[1], images.shape[2])
    key = (step.outputs[0], size)
    kept: dict[Any, Placement] = explainer.placements
    if key not in kept:
        rows, columns = _cells(explainer, step, images)
        kept[key] = find_placement(explainer.model, step.outputs[0], (rows, columns), size)
    return kept[key]


def _cells(explainer: Explainer, step: Any, images: np.ndarray) -> tuple[int, int]:
    rows, columns = step.map_shape[:2]
    if rows is None or columns is None:  # an open size: look at the maps of one image of this size
        model = explainer.model
        stop = model.position(step.outputs[0]) + 1
        values = model.run(model.start(model.as_input(images[:1])), steps=slice(stop))
        rows, columns = step.to_maps(values[step.outputs[0]]).shape[1:3]
    return int(rows), int(columns)


METHODS: dict[str, Method] = {
    "vanilla": Method(_gradient("plain"), "magnitude"),
    "gradient-input": Method(_times_input, "magnitude"),
    "guided": Method(_gradient("guided"), "magnitude", rule="guided"),
    "relu": Method(_gradient("rectified"), "magnitude", rule="rectified"),
    "smoothgrad": Method(_smooth("mean"), "magnitude"),
    "smoothgrad-squared": Method(_smooth("squared"), "magnitude"),
    "vargrad": Method(_smooth("variance"), "magnitude"),
    "integrated": Method(_integrated, "magnitude"),
    "gradcam": Method(_cam("gradcam"), "positive", uses_maps=True),
    "gradcam++": Method(_cam("gradcam++"), "positive", uses_maps=True),
    "layercam": Method(_cam("layercam"), "positive", uses_maps=True),
    "hirescam": Method(_cam("hirescam"), "positive", uses_maps=True),
    "eigencam": Method(_eigen, "positive", uses_maps=True, asks_for_class=False),
    "scorecam": Method(_score_cam, "positive", uses_maps=True),
    "guided-gradcam": Method(_guided_cam, "magnitude", rule="guided", uses_maps=True),
    "occlusion": Method(_occlusion, "positive"),
}
"""In teaching order."""
