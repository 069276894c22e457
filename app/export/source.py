"""The model that is exported, and how pictures enter it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.export.comparing import Arrays
from app.export.formats import Format
from app.export.pictures import Entrance, random_numbers
from app.export.snippets import Use
from app.maps.open_model import OpenModel

if TYPE_CHECKING:
    from app.engine.exporting import Exportable, Port


@dataclass
class Source:
    """The model that is exported, and how pictures enter it."""

    opened: OpenModel
    exportable: "Exportable"
    image: "Port"
    """The input that takes the picture."""
    entrance: Entrance
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, opened: OpenModel, format: Format) -> "Source":
        """Return the model, loaded; for other formats than TensorFlow's own one that computes in float32.

        Raises:
            ValueError: it cannot be loaded, or has no such input.
        """
        from app.engine.exporting import Exportable, computes_in_float32, in_float32

        model = opened.keras_model()
        notes = []
        if format.name != "saved_model" and not computes_in_float32(model):
            notes.append(
                f"the model computes in {model.compute_dtype}; the export, and Keras beside it, compute in float32"
            )
            model = in_float32(model)
        exportable = Exportable(model)
        image = _image_port(exportable.inputs, opened.choice.image_input)
        entrance = Entrance(image.shape, opened.choice.image_shape)
        return cls(opened, exportable, image, entrance, notes)

    def inputs_for(self, pictures: np.ndarray) -> Arrays:
        """Return what every input gets: the pictures, and random numbers for the others."""
        inputs = {}
        for port in self.exportable.inputs:
            if port is self.image:
                inputs[port.name] = pictures.astype(port.dtype)
            else:
                inputs[port.name] = random_numbers(port.shape, len(pictures), port.dtype)
                self.notes.append(f"the input {port.name} got random numbers in the comparison")
        return inputs

    @property
    def units(self) -> int | None:
        """How many numbers a picture gives, None where they are no row or of several outputs."""
        output, *others = self.exportable.outputs
        return None if others or len(output.shape) != 1 else output.shape[0]

    @property
    def class_names(self) -> list[str]:
        """What the outputs are called; [] where they are no classes."""
        opened, units = self.opened, self.units
        if opened.choice.class_names:
            return list(opened.choice.class_names)
        if units is None or opened.choice.regression or opened.facts.may_be_regression:
            return []
        return list(opened.facts.class_names(2 if units == 1 else units))

    def snippet(self, path: Path, format: Format) -> str:
        """Return lines of Python that run its export on one picture."""
        entrance, ports = self.entrance, self.exportable.inputs
        if len(ports) > 1:
            return "# the model has several inputs; the card says what they are called and how large they are"
        use = Use(
            entrance.picture,
            entrance.shape,
            entrance.channels_first,
            self.opened.pixels,
            self.image.name,
            self.exportable.outputs[0].name,
        )
        return "\n".join(use.lines(format.name, path))


def _image_port(ports: "Sequence[Port]", asked: str | None) -> "Port":
    """Return the input that takes the picture: the one that is asked for, else the first of pictures' rank."""
    if asked is not None:
        found = next((port for port in ports if port.name == asked), None)
        if found is None:
            names = ", ".join(port.name for port in ports)
            raise ValueError(f"the model has no input {asked!r}; it has {names}")
        return found
    return next((port for port in ports if len(port.shape) == 3), ports[0])
