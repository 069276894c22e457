"""One image explained: every map that was asked for, each with its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.engine.heads import looks_like_probabilities
from app.engine.rectifiers import Rule
from app.engine.steps import Replay
from app.visualisation.cam import find_map, grad_cam
from app.visualisation.gradients import Colour, combine_channels, input_gradients
from app.visualisation.placement import Box, Placement, find_placement, find_unseen, place_cells
from app.visualisation.verdict import (
    Prediction,
    Verdict,
    describe_rectifiers,
    judge_values,
    saturation_note,
    unseen_note,
)

RULES: dict[str, Rule] = {"vanilla": "plain", "guided": "guided", "relu": "rectified"}
"""The gradient maps; `relu` is keras-vis' name for the rectified (deconvnet) rule."""
METHODS = (*RULES, "gradcam")


@dataclass(frozen=True)
class Map:
    """One map of one image."""

    method: str
    values: np.ndarray
    """What the picture shows, unscaled and never negative: (height, width[, channels])."""
    raw: np.ndarray
    """What was computed: signed gradients (height, width, channels), or signed cells (rows, columns)."""
    verdict: Verdict
    covered: np.ndarray | None = None
    """For class-activation maps: where the cells lie (`Placement.covered`)."""
    box: Box | None = None
    """For class-activation maps: what the strongest cell sees (`Placement.field_box`)."""


@dataclass(frozen=True)
class Explanation:
    """One image, explained for one class."""

    image: np.ndarray
    """(height, width, channels), as the network took it."""
    prediction: Prediction
    maps: tuple[Map, ...]
    unseen: np.ndarray
    """(height, width), true where the network never looks."""
    notes: tuple[str, ...]
    """What holds for all maps."""


def explain_images(
    model: Replay,
    images: np.ndarray,
    classes: Sequence[int],
    class_names: Sequence[str],
    methods: Sequence[str] = METHODS,
    colour: Colour = "max",
    layer: str | None = None,
) -> list[Explanation]:
    """Return an explanation of each image for its class, all images in one batch.

    Args:
        model: the replayed model.
        images: (batch, height, width, channels), scaled as the model takes them.
        classes: the class to explain, one for each image.
        class_names: what the classes are called.
        methods: any of `METHODS`.
        colour: how the gradient maps combine the channels.
        layer: the maps that Grad-CAM uses; the last spatial ones if it is None.

    Raises:
        ValueError: an unknown method, or no maps for Grad-CAM.
    """
    unknown = [method for method in methods if method not in METHODS]
    if unknown:
        raise ValueError(f"unknown method {unknown[0]!r}; there are {', '.join(METHODS)}")
    size = (images.shape[1], images.shape[2])
    unseen = find_unseen(model, size)
    placement = _placement(model, size, layer) if "gradcam" in methods else None
    names = [class_names[c] for c in classes]
    columns = [
        _cam_maps(model, images, classes, names, placement, layer)
        if method == "gradcam" and placement
        else _gradient_maps(model, images, classes, names, method, colour)
        for method in methods
    ]
    predictions = _predict(model, images, classes, class_names)
    return [
        Explanation(image, prediction, tuple(column[i] for column in columns), unseen,
                    _common_notes(model, prediction, unseen))
        for i, (image, prediction) in enumerate(zip(images, predictions, strict=True))
    ]  # fmt: skip


def _placement(model: Replay, size: tuple[int, int], layer: str | None) -> Placement:
    step = find_map(model, layer)
    cells = [n or 0 for n in step.shape[1:3]]
    if 0 in cells:  # an open size: ask for the cells of this one
        values = model.run(model.as_input(np.zeros((1, *size, model.image_shape[-1]))))
        cells = list(values[step.outputs[0]].shape[1:3])
    return find_placement(model, step.outputs[0], (cells[0], cells[1]), size)


def _predict(model: Replay, images: np.ndarray, classes: Sequence[int],
             class_names: Sequence[str]) -> list[Prediction]:  # fmt: skip
    outputs = np.asarray(model.run(model.as_input(images), head=True)[model.output])
    probabilities = model.head.as_probabilities(outputs)
    ready = looks_like_probabilities(outputs)
    return [
        Prediction(int(row.argmax()), class_names[int(row.argmax())], float(row.max()),
                   c, class_names[c], float(row[c]), ready)
        for row, c in zip(probabilities, classes, strict=True)
    ]  # fmt: skip


def _gradient_maps(model: Replay, images: np.ndarray, classes: Sequence[int], names: list[str],
                   method: str, colour: Colour) -> list[Map]:  # fmt: skip
    raw = input_gradients(model, images, classes, RULES[method])
    changed = "" if method == "vanilla" else describe_rectifiers(*model.rectifiers())
    maps = []
    for gradient, values, name in zip(raw, combine_channels(raw, colour), names, strict=True):
        largest, is_empty, is_constant = judge_values(values)
        verdict = Verdict(
            method, name, "the image", images.shape[1:], largest, is_empty, is_constant, changed
        )
        maps.append(Map(method, values, gradient, verdict))
    return maps


def _cam_maps(model: Replay, images: np.ndarray, classes: Sequence[int], names: list[str],
              placement: Placement, layer: str | None) -> list[Map]:  # fmt: skip
    activation = grad_cam(model, images, classes, layer)
    if placement.window:
        note = f"each cell sees {placement.window[0]}×{placement.window[1]} pixels"
        note += " and is drawn at the centre of what it sees; the frame is what the strongest sees"
    else:
        note = "cells are stretched over the image: a layer before them has no known field"
    channels = next(s.shape[-1] for s in model.steps if activation.slot in s.outputs)
    maps = []
    for cells, signed, name in zip(activation.cells, activation.signed, names, strict=True):
        largest, is_empty, is_constant = judge_values(cells)
        verdict = Verdict(
            "gradcam", name, activation.tensor, (*cells.shape, channels or 0), largest,
            is_empty, is_constant, notes=(note,),
        )  # fmt: skip
        row, column = np.unravel_index(int(cells.argmax()), cells.shape)
        box = placement.field_box(int(row), int(column))
        drawn = place_cells(cells, placement)
        maps.append(Map("gradcam", drawn, signed, verdict, placement.covered(), box))
    return maps


def _common_notes(model: Replay, prediction: Prediction, unseen: np.ndarray) -> tuple[str, ...]:
    notes = [
        saturation_note(prediction.explained_probability, model.head.kind),
        unseen_note(unseen),
    ]
    if model.head.kind == "none":
        notes.append(_headless_note(model, prediction))
    return tuple(note for note in notes if note)


def _headless_note(model: Replay, prediction: Prediction) -> str:
    if model.head.is_binary:
        return "the one output has no sigmoid; it is read as the logit of class 1"
    if prediction.is_of_probabilities:
        return (
            "the output looks like probabilities, but no softmax was found: the maps explain the "
            "probability, not a logit"
        )
    return "the model ends in raw scores; the probability is their softmax"
