"""What the page is told: the network as a program, images, what Keras says of them, and what is drawn where.

All of it is plain values. Arrays are base64 of little-endian numbers in row-major order, as in a written program.
"""

import base64
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.counting.rows import Sheet
from app.lab.checking import LARGE, keras_answers, keras_words
from app.lab.encoded import arrays_of, as_half, as_single, as_text, weight_count
from app.maps.feature_layers import feature_layers, find_feature_steps
from app.maps.open_model import OpenModel
from app.maps.placement import Placement, find_placement, find_unseen
from app.program.program import NotWrittenError, Program
from app.program.written import as_json, written_form

if TYPE_CHECKING:
    from app.datasets.samples import Sample
    from app.maps.explainer import Explainer
    from models.pixels import Ink

MOST_PARAMETERS = 3_000_000
"""Weights of a network that a page computes; in half precision twice as many."""
MOST_PRODUCTS = 150_000_000
"""Multiply-accumulates of one image that a page computes, about 0.2 s."""
MOST_EPOCH_BYTES = 24 << 20
"""Bytes of the weights of all epochs; beyond, some epochs are left out."""
PROBES, RANDOM_PROBES = 12, 4
"""Images with Keras' answers by which a page checks itself; without any, random ones, of large ones one."""


@dataclass(frozen=True)
class Chosen:
    """An image that the page offers."""

    sample: "Sample"
    label: int | None
    """Its class, by the network's numbers; None where it is not known."""
    index: int | None = None
    """Its number among the test images; None for a picture of somebody's own."""


@dataclass(frozen=True)
class Wishes:
    """What was asked of the page."""

    is_half: bool = False
    """Whether weights are kept in half precision, so that the page is half as large."""
    is_served: bool = True
    """Whether a server stands behind the page; a hand-out computes all by itself."""
    language: str = "en"
    prepare: str = "auto"
    """How pictures are fitted, drawn ones too: see `OpenModel.ink`."""


class PageContents:
    """What one page is about.

    Args:
        opened: the model.
        images: what the page offers besides drawing.
        wishes: what was asked of the page.
    """

    def __init__(
        self, opened: OpenModel, images: Sequence[Chosen] = (), wishes: Wishes | None = None
    ) -> None:
        self.opened, self.images, self.wishes = opened, images, wishes or Wishes()

    @cached_property
    def explainer(self) -> "Explainer":
        """The model in TensorFlow, whose answers the page is held to."""
        return self.opened.explainer_by("tensorflow")

    @cached_property
    def program(self) -> Program:
        """The network as plain steps, for the page.

        Raises:
            NotWrittenError: the page cannot compute it; the message says why.
        """
        from app.engine.replay.plain import as_program
        from app.engine.replay.steps import Replay
        from app.scratch.machine import NumpyMachine

        model = self.explainer.model
        assert isinstance(model, Replay)
        program = as_program(model)
        weights = weight_count(program)
        most = MOST_PARAMETERS * (2 if self.wishes.is_half else 1)
        too_many = f"it has {weights:,} weights, and a page holds up to {most:,}"
        if weights > 2 * MOST_PARAMETERS:
            raise NotWrittenError(too_many)
        products = NumpyMachine(program).products
        if products > MOST_PRODUCTS:
            raise NotWrittenError(
                f"it takes about {products / 1e6:,.0f} million multiply-accumulates an image, and a page "
                f"computes up to {MOST_PRODUCTS / 1e6:,.0f} million"
            )
        if weights > most:
            raise NotWrittenError(f"{too_many}; with --float16 it can")
        return program

    @cached_property
    def why_not(self) -> str:
        """Why the page cannot compute the network; "" where it can."""
        try:
            _ = self.program
        except NotWrittenError as error:
            return str(error)
        return ""

    def as_dict(self) -> dict[str, Any]:
        """Return the contents as plain values.

        Raises:
            NotWrittenError: a hand-out is asked for, and the page cannot compute the network.
        """
        if self.why_not and not self.wishes.is_served:
            raise NotWrittenError(self.why_not)
        opened, explainer = self.opened, self.explainer
        return {
            "version": 1,
            "language": self.wishes.language,
            "model": {"name": opened.name, "argument": self._argument, "notes": list(explainer.model.notes)},
            "classes": list(opened.names),
            "pixels": asdict(opened.pixels) | {"bounds": list(opened.bounds)},
            "ink": told_ink(opened.ink(self.wishes.prepare)),
            "shape": list(self.shape),
            "images": [self._image(each) for each in self.images],
            "program": self._outline() if self.why_not else self._written,
            "served": self.why_not or None,
            "isHalf": self.wishes.is_half and not self.why_not,
            **self._paper(),
            "placements": self._placements(),
            "check": self._check(),
            "epochs": [] if self.why_not else self._epochs(),
        }

    @property
    def _argument(self) -> str:
        """What --model is given in a command that does the same."""
        path, name = self.opened.facts.path, self.opened.choice.name
        if isinstance(name, str) and not Path(name).suffix:
            return name
        return "MODEL.keras" if path is None else path.name

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of an image.

        Raises:
            ValueError: the network leaves its size open.
        """
        shape = self.explainer.model.image_shape
        if None in shape:
            raise ValueError(
                f"{self.opened.facts} leaves the size of its images open; give it, as --image-shape 64x64x3"
            )
        return tuple(int(n or 0) for n in shape)

    def _image(self, chosen: Chosen) -> dict[str, Any]:
        sample = chosen.sample
        held = (
            {"bytes": as_text(sample.pixels, "u1")}
            if sample.inputs is None
            else {"inputs": as_text(sample.inputs, "<f4")}
        )
        return {
            "title": sample.title,
            "caption": sample.caption,
            "label": chosen.label,
            "index": chosen.index,
            **held,
        }

    @cached_property
    def _written(self) -> dict[str, Any]:
        written = as_json(self.program)
        if self.wishes.is_half:
            for name, values in arrays_of(self.program).items():
                written["arrays"][name] = as_half(values)
        return written

    def _outline(self) -> dict[str, Any]:
        """Return the steps of a network that the page does not compute, in the shapes in which its values are sent."""
        from app.lab.answers import sent_slots

        model, sent = self.explainer.model, sent_slots(self)
        steps = [
            {
                "name": step.name,
                "kind": step.kind or "operation",
                "settings": {},
                "reads": [slot.index for slot in step.inputs()],
                "fills": step.outputs[0].index,
                "shape": list(sent[step.outputs[0].index]),
                "wholeShape": [int(n or 1) for n in (step.map_shape or step.shape[1:])],
                "arrays": {},
            }
            for step in model.steps
            if step.outputs[0].index in sent
        ]
        return written_form(model, steps, {})

    def _paper(self) -> dict[str, Any]:
        """Return the network as the calculator changes it, or why it is none that paper can follow."""
        from app.counting.stored.reader import read_board
        from app.lab.layers_data import network_data

        told = self.opened.choice.image_shape
        try:
            board = read_board(self.opened.facts.config, strict=False, input_shape=told)
            sheet = board.sheet()
            return {"network": network_data(board, sheet), "notOnPaper": None, "drawing": _drawn(sheet)}
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            return {"network": None, "notOnPaper": str(error), "drawing": None}

    def _placements(self) -> dict[str, Any]:
        """Return where the cells of each layer's maps lie on the image, and which layers Grad-CAM takes."""
        model, size = self.explainer.model, (self.shape[0], self.shape[1])
        layers = []
        for step in feature_layers(model):
            rows, columns, _ = step.map_shape
            slot = step.outputs[0]
            placed = find_placement(model, slot, (int(rows or 1), int(columns or 1)), size)
            layers.append({"slot": slot.index, "name": step.name, **_placed(placed)})
        try:
            last = [step.outputs[0].index for step in find_feature_steps(model, None)]
        except ValueError:
            last = []
        unseen = find_unseen(model, size)
        return {"layers": layers, "last": last, "unseen": as_text(unseen, "u1") if unseen.any() else None}

    def _check(self) -> dict[str, Any]:
        """Return Keras' answers to the images that the page offers, or, without any, to random ones."""
        if self.why_not:  # the numbers are Keras' own
            return {"by": keras_words()}
        if self.images:
            probes = self.opened.inputs_of([each.sample for each in self.images[:PROBES]])
        else:
            low, high = self.opened.bounds
            count = RANDOM_PROBES if math.prod(self.shape) <= LARGE else 1
            probes = np.random.default_rng(0).uniform(low, high, (count, *self.shape))
        probes = probes.astype("float32")
        answers = keras_answers(self.explainer, probes, self._written, is_half=self.wishes.is_half)
        given = None if self.images else as_text(probes, "<f4")
        return {"isOfImages": bool(self.images), "inputs": given, **answers}

    def _epochs(self) -> list[dict[str, Any]]:
        """Return the weights after each epoch that training kept beside the model's file."""
        path = self.opened.facts.path
        if path is None:
            return []
        from app.engine.replay.plain import as_program
        from app.engine.replay.steps import Replay
        from app.engine.training.keep_epochs import epochs_folder

        files = sorted(epochs_folder(path).glob("epoch-*.keras"))
        files = _spread(files, MOST_EPOCH_BYTES // max(1, 4 * weight_count(self.program)))
        card = self.opened.facts.card
        history = [] if card is None else list(getattr(card, "history", None) or [])
        found = []
        for file in files:
            number = int(file.stem.split("-")[1])
            model = self.opened.load(file, "tensorflow").model
            assert isinstance(model, Replay)
            arrays = arrays_of(as_program(model))
            told = history[number - 1] if 0 < number <= len(history) else {}
            write = as_half if self.wishes.is_half else as_single
            found.append(
                {
                    "epoch": number,
                    "accuracy": told.get("val_accuracy"),
                    "loss": told.get("val_loss"),
                    "arrays": {name: write(values) for name, values in arrays.items()},
                }
            )
        return found


def _drawn(sheet: Sheet) -> str:
    """Return the network as a drawing, SVG as base64: a picture that runs nothing."""
    from app.show.canvas import figure_bytes
    from app.show.drawings.figures import draw_network
    from app.show.paper import Paper, on_paper

    with on_paper(Paper()):
        return base64.b64encode(figure_bytes(draw_network(sheet), ".svg")).decode("ascii")


def told_ink(ink: "Ink | None") -> dict[str, Any] | None:
    """Return how signs stand in the network's images, by the names that `drawing/preparing.js` has for it."""
    if ink is None:
        return None
    return {"isLight": ink.is_light, "box": ink.box, "byMass": ink.by_mass}


def _spread(files: Sequence[Path], most: int) -> list[Path]:
    """Return at most `most` files, evenly over all of them, the first and the last among them."""
    if len(files) <= most:
        return list(files)
    if most < 2:
        return []
    return [files[round(i * (len(files) - 1) / (most - 1))] for i in range(most)]


def _placed(placement: Placement) -> dict[str, Any]:
    rows, columns = (np.round(np.asarray(axis, float), 6).tolist() for axis in placement.centres)
    return {
        "rows": rows,
        "columns": columns,
        "window": None if placement.window is None else list(placement.window),
        "isSpread": placement.is_spread,
        "unseen": as_text(placement.unseen, "u1") if placement.unseen.any() else None,
    }
