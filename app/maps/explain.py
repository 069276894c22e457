"""Images explained: every map that was asked for, each with its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from app.maps.doubts import doubt_prediction
from app.maps.explainer import Explainer
from app.maps.feature_layers import find_feature_steps, ways_out
from app.maps.methods import ARTICLE, METHODS
from app.maps.methods.method import Colour, Method, RawMaps, Settings
from app.maps.placement import Box, Placement, find_unseen, place_cells, placement_of
from app.maps.probabilities import Probabilities
from app.maps.reference import reference_maps
from app.maps.verdict import (
    MapVerdict,
    Prediction,
    clipped_sentence,
    describe_rectifiers,
    judge_values,
    saturation_note,
    unseen_note,
)
from app.program.heads import looks_like_probabilities, looks_like_votes
from app.program.program import Program
from app.program.steps import Step


@dataclass(frozen=True)
class Map:
    """One map of one image."""

    method: str
    values: np.ndarray
    """What the picture shows, unscaled: (height, width[, channels]); negative only where signs are shown."""
    raw: np.ndarray
    """What was computed: a value a pixel and channel, or cells (rows, columns); signed."""
    verdict: MapVerdict
    box: Box | None = None
    """For class-activation maps: what the strongest cell sees (`Placement.field_box`)."""

    @property
    def is_of_cells(self) -> bool:
        """Whether its values are cells of a layer, not pixels."""
        return METHODS[self.method].is_of_cells


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
    methods: Sequence[str] = ARTICLE
    against: int | None = None
    """The class that the explained one is held against, if any: why 3 and not 8."""
    colour: Colour = "max"
    """How maps of pixels combine the colour channels."""
    is_signed: bool = False
    """Whether pictures keep the sign: what speaks for the class, and what against it."""
    settings: Settings = field(default_factory=Settings)
    cell: tuple[int, int] | None = None
    """Row and column of the cell whose field is framed in class-activation maps; the strongest without."""
    engine: str | None = None
    """`tf-keras-vis` computes the maps by it; they are placed, judged and drawn alike. Else the machine does."""
    note: str = ""
    """What there is to say of the choice of maps."""

    def name(self, class_index: int) -> str:
        """Return what is explained, in words."""
        name = self.class_names[class_index]
        return name if self.against is None else f"{name} rather than {self.class_names[self.against]}"


def explain_images(
    explainer: Explainer,
    images: np.ndarray,
    classes: Sequence[int],
    question: Question,
    outputs: np.ndarray | None = None,
) -> list[Explanation]:
    """Return an explanation of each image for its class, all images together.

    Args:
        explainer: the replayed model.
        images: (images, height, width, channels), scaled as the model takes them.
        classes: the class to explain, one for each image.
        question: which maps, and how they are shown.
        outputs: what the model puts out for the images, its head applied, where that is known already.

    Raises:
        ValueError: an unknown method, a class out of range, or no maps for a class-activation map.
    """
    unknown = [method for method in question.methods if method not in METHODS]
    if unknown:
        raise ValueError(f"unknown method {unknown[0]!r}; there are {', '.join(METHODS)}")
    against = None if question.against is None else [question.against] * len(classes)
    batch = _Batch(explainer, images, classes, explainer.targets(classes, against), question)
    unseen = find_unseen(explainer.model, (images.shape[1], images.shape[2]))
    border = unseen_note(unseen)
    columns = [batch.maps(METHODS[name]) for name in question.methods]
    explanations = []
    outputs = explainer.outputs(images) if outputs is None else outputs
    for image, prediction, *maps in zip(images, batch.predictions(outputs), *columns, strict=True):
        notes = _common_notes(explainer.model, prediction, border, question)
        explanations.append(Explanation(image, prediction, tuple(maps), unseen, notes))
    return explanations


@dataclass(frozen=True)
class _Batch:
    """Images that are explained together."""

    explainer: Explainer
    images: np.ndarray
    classes: Sequence[int]
    targets: np.ndarray
    question: Question

    def maps(self, method: Method) -> list[Map]:
        """Return a map of each image."""
        asked = (self.explainer, self.images, self.targets)
        if self.question.engine == "tf-keras-vis":
            computed = reference_maps(*asked, method, self.question.settings)
        else:
            computed = method.compute(*asked, self.question.settings)
        shown = method.picture(computed.raw, self.question.colour, self.question.is_signed)
        make = self._cell_maps if method.is_of_cells else self._pixel_maps
        return make(method, computed, shown)

    def _pixel_maps(self, method: Method, computed: RawMaps, pictures: np.ndarray) -> list[Map]:
        model, changed = self.explainer.model, ("", "")
        if method.rule != "plain":
            found = (*model.rectifiers(), model.not_looked_into())
            changed = describe_rectifiers(*found), clipped_sentence(*found)
        maps = []
        for i, (raw, values) in enumerate(zip(computed.raw, pictures, strict=True)):
            verdict = MapVerdict(
                method.name,
                self.question.name(self.classes[i]),
                *_made_of(self.images),
                judge_values(values, raw),
                *changed,
                computed.notes[i : i + 1],
            )
            maps.append(Map(method.name, values, raw, verdict))
        return maps

    def _cell_maps(self, method: Method, computed: RawMaps, cells: np.ndarray) -> list[Map]:
        layer = self.question.settings.layer
        steps = find_feature_steps(self.explainer.model, layer)
        names = " + ".join(step.name for step in steps)
        placement = placement_of(self.explainer, layer, self.images)
        drawn = place_cells(cells, placement)
        framed = _check_cell(self.question.cell, computed.raw.shape[1:], names)
        notes = [_placement_note(placement, framed), *_ways_note(self.explainer.model, layer, steps)]
        if not method.asks_for_class:
            notes.append("the map is the same for every class")
        maps = []
        for i, raw in enumerate(computed.raw):
            verdict = MapVerdict(
                method.name,
                self.question.name(self.classes[i]) if method.asks_for_class else "any",
                names,
                (*raw.shape[len(raw) == 1 :], sum(step.map_shape[2] or 0 for step in steps)),
                judge_values(cells[i], raw),
                notes=(*notes, *computed.notes[i : i + 1]),
            )
            row, column = framed or np.unravel_index(int(raw.argmax()), raw.shape)
            box = placement.field_box(int(row), int(column))
            maps.append(Map(method.name, drawn[i], raw, verdict, box))
        return maps

    def predictions(self, outputs: np.ndarray) -> list[Prediction]:
        """Return what the network says of each image."""
        head, question = self.explainer.model.head, self.question
        ready = head.kind != "value" and (looks_like_probabilities(outputs) or looks_like_votes(outputs))
        are_of_classes = head.kind not in ("value", "pixels")
        return [
            Prediction(
                class_index=int(row.argmax()),
                name=question.class_names[int(row.argmax())],
                probability=float(row.max()),
                explained_index=c,
                explained_name=question.name(c),
                explained_probability=float(row[c]),
                is_of_probabilities=ready,
                is_contrast=question.against is not None,
                is_quantity=head.kind == "value",
                is_share=head.kind == "pixels",
                doubt=doubt_prediction(row) if are_of_classes else "",
                probabilities=Probabilities.of(head, row, question.class_names),
            )
            for row, c in zip(head.as_probabilities(outputs), self.classes, strict=True)
        ]


def _made_of(images: np.ndarray) -> tuple[str, tuple[int, ...]]:
    """Return what maps of pixels are made of, and its size; a series has no rows."""
    size = images.shape[1:]
    return ("the series", size[1:]) if size[0] == 1 else ("the image", size)


def _check_cell(cell: tuple[int, int] | None, size: tuple[int, ...], layer: str) -> tuple[int, int] | None:
    if cell is not None and not all(0 <= n < most for n, most in zip(cell, size, strict=True)):
        raise ValueError(
            f"there is no cell {cell[0]}, {cell[1]} in the maps of {layer}: they have rows 0 to "
            f"{size[0] - 1} and columns 0 to {size[1] - 1}"
        )
    return cell


def _ways_note(model: Program, layer: str | None, steps: Sequence[Step]) -> list[str]:
    """Return what there is to say where the network leads to its output in several ways."""
    exits = [step.name for step in ways_out(model)]
    if layer is not None or model.is_per_pixel or len(exits) < 2:
        return []
    if len(steps) > 1:
        return [f"the network has {len(exits)} ways to its output: their maps are taken side by side"]
    others = ", ".join(name for name in exits if name != steps[0].name)
    return [
        f"the network has {len(exits)} ways to its output, with maps of other sizes: --layer shows the others, {others}"
    ]


def _placement_note(placement: Placement, framed: tuple[int, int] | None) -> str:
    if placement.window is None:
        return "cells are stretched over the image: a layer before them has no known field"
    size = f"{placement.window[0]}×{placement.window[1]} pixels"
    if placement.is_spread:
        return "each cell sees the whole image, so the cells are spread evenly over it"
    if placement.is_series:
        size = f"{placement.window[1]} step{'s' if placement.window[1] > 1 else ''}"
    note = f"each cell sees {size}"
    which = "the strongest" if framed is None else f"the one in row {framed[0]}, column {framed[1]}"
    note += " and is drawn at the centre of what it sees"
    if placement.window[0] >= placement.unseen.shape[0] and placement.window[1] >= placement.unseen.shape[1]:
        return note  # a frame would run around the image
    return f"{note}; the frame shows what {which} cell sees"


def _common_notes(model: Program, prediction: Prediction, border: str, question: Question) -> tuple[str, ...]:
    notes = (
        saturation_note(prediction.explained_probability, model.head.kind, prediction.probability),
        prediction.doubt,
        border,
        *model.notes,
        f"the maps were computed by {question.engine}" if question.engine == "tf-keras-vis" else "",
        question.note,
        _headless_note(model, prediction) if model.head.kind == "none" else "",
    )
    return tuple(note for note in notes if note)


def _headless_note(model: Program, prediction: Prediction) -> str:
    if model.head.is_binary:
        return "the one output has no sigmoid; it is read as the logit of class 1"
    if prediction.is_of_probabilities:
        return (
            "the output looks like probabilities, but no softmax was found: the maps explain the "
            "probability, not a logit"
        )
    return "the model ends in raw scores; the probability is their softmax"
