"""Images explained: every map that was asked for, each with its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from app.engine.replay.steps import Replay, looks_like_probabilities
from app.maps.explainer import Explainer
from app.maps.methods.cam import find_map
from app.maps.methods.gradients import Colour, combine_channels
from app.maps.methods.methods import METHODS, Computed, Method, Settings, placement_of
from app.maps.placement import Box, Placement, find_unseen, place_cells
from app.maps.reference import reference_maps
from app.maps.verdict import (
    Prediction,
    Verdict,
    describe_rectifiers,
    judge_values,
    saturation_note,
    unseen_note,
)


@dataclass(frozen=True)
class Map:
    """One map of one image."""

    method: str
    values: np.ndarray
    """What the picture shows, unscaled: (height, width[, channels]); negative only where signs are shown."""
    raw: np.ndarray
    """What was computed: a value a pixel and channel, or cells (rows, columns); signed."""
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


@dataclass(frozen=True)
class Question:
    """What is asked of every image of a batch."""

    class_names: Sequence[str]
    """What the classes are called."""
    methods: Sequence[str] = ("vanilla", "guided", "relu", "gradcam")
    against: int | None = None
    """The class that the explained one is held against, if any: why 3 and not 8."""
    colour: Colour = "max"
    """How maps of pixels combine the colour channels."""
    is_signed: bool = False
    """Whether pictures keep the sign: what speaks for the class, and what against it."""
    settings: Settings = field(default_factory=Settings)
    cell: tuple[int, int] | None = None
    """Row and column of the cell whose field is framed in class-activation maps; the strongest without."""
    engine: Literal["convlab", "tf-keras-vis"] = "convlab"
    """Who computes the maps; they are placed, judged and drawn alike."""

    def name(self, class_index: int) -> str:
        """Return what is explained, in words."""
        name = self.class_names[class_index]
        return name if self.against is None else f"{name} rather than {self.class_names[self.against]}"


def explain_images(
    explainer: Explainer, images: np.ndarray, classes: Sequence[int], question: Question
) -> list[Explanation]:
    """Return an explanation of each image for its class, all images together.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        classes: the class to explain, one for each image.
        question: which maps, and how they are shown.

    Raises:
        ValueError: an unknown method, a class out of range, or no maps for a class-activation map.
    """
    unknown = [method for method in question.methods if method not in METHODS]
    if unknown:
        raise ValueError(f"unknown method {unknown[0]!r}; there are {', '.join(METHODS)}")
    model = explainer.model
    against = None if question.against is None else [question.against] * len(classes)
    targets = explainer.targets(classes, against)
    unseen = find_unseen(model, (images.shape[1], images.shape[2]))
    columns = [_maps(explainer, images, targets, classes, name, question) for name in question.methods]
    predictions = _predict(explainer, images, classes, question)
    return [
        Explanation(
            image,
            prediction,
            tuple(column[i] for column in columns),
            unseen,
            _common_notes(model, prediction, unseen, question.engine),
        )
        for i, (image, prediction) in enumerate(zip(images, predictions, strict=True))
    ]


def _maps(
    explainer: Explainer,
    images: np.ndarray,
    targets: np.ndarray,
    classes: Sequence[int],
    name: str,
    question: Question,
) -> list[Map]:
    method = METHODS[name]
    if question.engine == "tf-keras-vis":
        computed = reference_maps(explainer, images, targets, name, question.settings)
    else:
        computed = method.compute(explainer, images, targets, question.settings)
    names = [question.name(c) for c in classes]
    if computed.is_of_cells:
        return _cell_maps(explainer, images, computed, name, names, question)
    return _pixel_maps(explainer.model, images, computed, name, names, question)


def _pixel_maps(
    model: Replay, images: np.ndarray, computed: Computed, name: str, names: list[str], question: Question
) -> list[Map]:
    method = METHODS[name]
    changed = (
        "" if method.rule == "plain" else describe_rectifiers(*model.rectifiers(), model.not_looked_into())
    )
    pictures = _picture(computed.raw, method, question)
    maps = []
    for i, (raw, values) in enumerate(zip(computed.raw, pictures, strict=True)):
        verdict = Verdict(
            name,
            names[i],
            "the image",
            images.shape[1:],
            judge_values(values, raw),
            changed,
            _own_notes(computed, i),
        )
        maps.append(Map(name, values, raw, verdict))
    return maps


def _picture(raw: np.ndarray, method: Method, question: Question) -> np.ndarray:
    """Return what is drawn of maps of pixels, (images, height, width[, channels])."""
    if question.is_signed:
        return np.asarray(raw.sum(axis=-1))
    if method.shows == "positive":
        return np.asarray(np.maximum(raw.sum(axis=-1), 0))
    return combine_channels(raw, question.colour)


def _cell_maps(
    explainer: Explainer,
    images: np.ndarray,
    computed: Computed,
    name: str,
    names: list[str],
    question: Question,
) -> list[Map]:
    step = find_map(explainer.model, question.settings.layer)
    placement = placement_of(explainer, question.settings.layer, images)
    cells = computed.raw if question.is_signed else np.maximum(computed.raw, 0)
    drawn = place_cells(cells, placement)
    covered = placement.covered()
    size = (*computed.raw.shape[1:], step.map_shape[2] or 0)
    framed = _check_cell(question.cell, computed.raw.shape[1:], step.name)
    notes = [_placement_note(placement, framed)]
    if not METHODS[name].asks_for_class:
        notes.append("asks for no class: it is the same map for all of them")
    maps = []
    for i, raw in enumerate(computed.raw):
        explained = names[i] if METHODS[name].asks_for_class else "any"
        verdict = Verdict(
            name,
            explained,
            step.name,
            size,
            judge_values(cells[i], raw),
            notes=(*notes, *_own_notes(computed, i)),
        )
        row, column = framed or np.unravel_index(int(raw.argmax()), raw.shape)
        box = placement.field_box(int(row), int(column))
        maps.append(Map(name, drawn[i], raw, verdict, covered, box))
    return maps


def _own_notes(computed: Computed, index: int) -> tuple[str, ...]:
    return (computed.notes[index],) if computed.notes else ()


def _check_cell(cell: tuple[int, int] | None, size: tuple[int, ...], layer: str) -> tuple[int, int] | None:
    if cell is not None and not all(0 <= n < most for n, most in zip(cell, size, strict=True)):
        raise ValueError(
            f"there is no cell {cell[0]}, {cell[1]} in the maps of {layer}: they have rows 0 to "
            f"{size[0] - 1} and columns 0 to {size[1] - 1}"
        )
    return cell


def _placement_note(placement: Placement, framed: tuple[int, int] | None) -> str:
    if placement.window is None:
        return "cells are stretched over the image: a layer before them has no known field"
    note = f"each cell sees {placement.window[0]}×{placement.window[1]} pixels"
    which = "the strongest" if framed is None else f"the one in row {framed[0]}, column {framed[1]}"
    return f"{note} and is drawn at the centre of what it sees; the frame is what {which} sees"


def _predict(
    explainer: Explainer, images: np.ndarray, classes: Sequence[int], question: Question
) -> list[Prediction]:
    head, names = explainer.model.head, question.class_names
    outputs = explainer.outputs(images)
    values = head.as_probabilities(outputs)
    ready = head.kind != "value" and looks_like_probabilities(outputs)
    return [
        Prediction(
            int(row.argmax()),
            names[int(row.argmax())],
            float(row.max()),
            c,
            question.name(c),
            float(row[c]),
            ready,
            question.against is not None,
            head.kind == "value",
        )
        for row, c in zip(values, classes, strict=True)
    ]


def _common_notes(model: Replay, prediction: Prediction, unseen: np.ndarray, engine: str) -> tuple[str, ...]:
    notes = [
        saturation_note(prediction.explained_probability, model.head.kind, prediction.probability),
        unseen_note(unseen),
        *model.notes,
        "" if engine == "convlab" else f"the maps were computed by {engine}",
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
