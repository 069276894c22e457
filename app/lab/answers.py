"""What the server answers the page: what its own engine would, for a network that it does not compute."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from app.lab.contents import PageContents
from app.lab.encoded import as_single
from app.lab.serving.page_answers import image_field, name_field, verify_fields
from app.program.steps import Slot
from app.show.frames.frame import Frame

METHODS = ("vanilla", "guided", "gradient-input", "gradcam")
"""Maps that the page asks for."""
MOST_SIDE, MOST_MAPS, MOST_UNITS = 28, 16, 512
"""Rows and columns, and maps of a layer that are sent; of larger ones evenly chosen rows and columns, and the first
maps."""
MOST_LAYERS = 40
"""Layers that are sent; of a deeper network evenly chosen ones."""


class Answers:
    """Answers questions of a page about its model."""

    def __init__(self, contents: PageContents) -> None:
        self.contents = contents
        self.shape = contents.shape
        self._slots = sent_slots(contents)

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a question, an object as JSON has it.

        Raises:
            ValueError: it is no question of the page, or asks for what is not there.
        """
        ask = name_field(question, "ask", ("look", "cell"))
        asked: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "look": self._look,
            "cell": self._cell,
        }
        return asked[ask](question)

    def _image(self, question: dict[str, Any]) -> np.ndarray:
        values = image_field(question, math.prod(self.shape))
        return np.asarray(values, "float32").reshape(1, *self.shape)

    def _look(self, question: dict[str, Any]) -> dict[str, Any]:
        verify_fields(question, ["ask", "image", "methods"], ["classIndex"])
        image, explainer = self._image(question), self.contents.explainer
        methods = question["methods"]
        if not isinstance(methods, list) or not all(name in METHODS for name in methods):
            raise ValueError(f"The methods must be some of {', '.join(METHODS)}.")
        outputs = explainer.outputs(image)
        shares = explainer.model.head.as_probabilities(outputs)[0]
        wanted = question.get("classIndex")
        if wanted is not None and (type(wanted) is not int or not 0 <= wanted < len(shares)):
            raise ValueError(f"The class must be a whole number from 0 to {len(shares) - 1}.")
        explained = int(shares.argmax()) if wanted is None else wanted
        return {
            "outputs": as_single(outputs[0]),
            "probabilities": [float(share) for share in shares],
            "predicted": int(shares.argmax()),
            "classIndex": explained,
            "maps": self._maps(image, explained, methods),
            "values": self._values(image),
        }

    def _maps(self, image: np.ndarray, explained: int, methods: list[str]) -> dict[str, Any]:
        from app.maps.methods import METHODS as KNOWN
        from app.maps.methods.method import Settings

        explainer = self.contents.explainer
        targets = explainer.targets([explained])
        found = {}
        for name in dict.fromkeys(methods):
            raw = KNOWN[name].compute(explainer, image, targets, Settings()).raw[0]
            found[name] = as_single(raw) | {"shows": KNOWN[name].shows}
        return found

    def _values(self, image: np.ndarray) -> dict[str, Any]:
        slots = [Slot(index) for index in self._slots]
        held = self.contents.explainer.machine.values(image, slots)
        return {
            str(slot.index): as_single(sampled(values[0])) for slot, values in zip(slots, held, strict=True)
        }

    def _cell(self, question: dict[str, Any]) -> dict[str, Any]:
        verify_fields(question, ["ask", "image", "stepName", "cell"])
        image, cell, name = self._image(question), question["cell"], question["stepName"]
        model = self.contents.explainer.model
        step = next((step for step in model.steps if step.name == name), None)
        if step is None or not isinstance(cell, dict):
            raise ValueError("There is no such layer.")
        numbers = [cell.get(key) for key in ("row", "column", "channel")]
        if not all(type(n) is int and 0 <= n < 1 << 20 for n in numbers):
            raise ValueError("A cell has a row, a column and a channel, whole numbers from 0 on.")
        row, column, channel = (int(n or 0) for n in numbers)
        size = step.map_shape or (1, 1, math.prod(int(n or 1) for n in step.shape[1:]))
        rows, columns = (_sample(int(n or 1)) for n in size[:2])
        if row >= len(rows) or column >= len(columns):
            raise ValueError("There is no such cell.")
        from app.workings.networks import walk_cell

        place = (int(rows[row]), int(columns[column])) if step.map_shape else None
        walk = walk_cell(self.contents.explainer.machine, image[0], name, place, channel)
        frame: Frame = walk.frames[0]
        return {"title": walk.title, "lines": [*map(str, frame.working), *map(str, walk.conclusion)]}


def sent_slots(contents: PageContents) -> dict[int, tuple[int, ...]]:
    """Return the slots whose values are sent, and the shape in which they are: evenly chosen ones of many."""
    steps = contents.explainer.model.steps
    shown = [
        step
        for step in steps
        if (step.map_shape or len(step.shape) == 2) and not step.name.endswith(":linear")
    ]
    chosen = shown
    if len(shown) > MOST_LAYERS:
        places = np.unique(np.linspace(0, len(shown) - 1, MOST_LAYERS).round().astype(int))
        chosen = [shown[place] for place in places]
    found: dict[int, tuple[int, ...]] = {}
    for step in chosen:
        size = [int(n or 1) for n in (step.map_shape or step.shape[1:])]
        if len(size) == 3:
            rows, columns = (len(_sample(n)) for n in size[:2])
            found[step.outputs[0].index] = (rows, columns, min(size[2], MOST_MAPS))
        else:
            found[step.outputs[0].index] = (min(size[0], MOST_UNITS),)
    return found


def sampled(values: np.ndarray) -> np.ndarray:
    """Return the values of a layer that are sent."""
    if values.ndim == 3:
        return np.asarray(values[_sample(values.shape[0])][:, _sample(values.shape[1]), :MOST_MAPS])
    return np.asarray(values.reshape(-1)[:MOST_UNITS])


def _sample(size: int) -> np.ndarray:
    """Return evenly spaced rows, all of them where there are few."""
    return np.arange(0, size, math.ceil(size / MOST_SIDE))
