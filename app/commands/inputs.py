"""What commands take in: a model, images for it, a data set."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from app.commands.data import open_data
from app.counting.stored.model_files import verify_contents
from app.datasets.dataset import scale_pixels
from app.datasets.samples import Sample, check_fit, first_of_class, own_picture, test_image, test_images
from app.files.classes import find_class
from app.files.saved import SavedModel, find_model
from app.maps.explainer import MEMORY_BYTES, Explainer
from app.maps.load import load_explainer
from app.maps.verdict import percent
from models import Pixels

if TYPE_CHECKING:
    from app.engine.replay.steps import Replay

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class ModelChoice:
    """Which model, and how it is read."""

    name: str
    pixel_range: Pixels | None = None
    image_input: str | None = None
    """The input that is the image, where there are several."""
    head: str | None = None
    """The output to explain, where there are several."""
    regression: bool = False
    """Whether the outputs are quantities; False: as the stored loss says."""


@dataclass(frozen=True)
class ImageChoice:
    """Which images a model is shown."""

    image_path: Path | None = None
    index: int | None = None
    count: int | None = None
    source: str | None = None
    prepare: Literal["auto", "digit", "resize"] = "auto"


class OpenModel:
    """A model file that is read as data first and loaded when its layers are needed."""

    def __init__(self, choice: ModelChoice, memory_bytes: int = MEMORY_BYTES) -> None:
        self.choice, self.memory_bytes = choice, memory_bytes
        self.saved: SavedModel = find_model(choice.name)
        verify_contents(self.saved.path)
        self.pixels = choice.pixel_range or self.saved.pixels
        """How pictures enter it: as asked for, else as its card says."""

    @property
    def stem(self) -> str:
        """What the model is called in file names and headings."""
        return self.saved.path.stem

    def load(self, file: Path | None = None) -> Explainer:
        """Load the model, or another file of the same network, and make it ready for maps."""
        return load_explainer(
            self.saved,
            file=file,
            image_input=self.choice.image_input,
            head=self.choice.head,
            is_regression=self.choice.regression or None,
            memory_bytes=self.memory_bytes,
        )

    @cached_property
    def explainer(self) -> Explainer:
        """The model, ready for maps."""
        return self.load()

    @property
    def model(self) -> "Replay":
        """The model, replayed."""
        return self.explainer.model

    @property
    def _is_read_on_paper(self) -> bool:
        """Whether its file alone tells what enters and leaves it; of quantities one unit is one, not two."""
        saved = self.saved
        told = saved.input_shape is not None and saved.classes is not None
        return told and not (self.choice.regression or saved.may_be_regression)

    @cached_property
    def shape(self) -> Shape:
        """Height, width and channels of its images."""
        shape = self.saved.input_shape if self._is_read_on_paper else self.model.image_shape
        assert shape is not None
        return shape

    def check_images(self) -> None:
        """Raise ValueError for a network that takes no images."""
        if len(self.shape) != 3:
            raise ValueError(f"{self.saved.path} takes inputs of shape {self.shape}, not images")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What its classes are called."""
        classes = self.saved.classes if self._is_read_on_paper else None
        return self.saved.class_names(classes or self.model.classes)

    def find_class(self, text: str | None) -> int | None:
        """Return the class that `text` means, None without one."""
        return None if text is None else find_class(text, self.names)

    def takes_digits(self, prepare: str) -> bool:
        """Return whether own pictures are prepared as MNIST's were."""
        return self.saved.takes_digits(self.shape) if prepare == "auto" else prepare == "digit"

    def scaled(self, images: np.ndarray) -> np.ndarray:
        """Return bytes as the network takes them."""
        return np.asarray(scale_pixels(images, self.pixels))

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest value that any channel of a picture can have at the input."""
        channels = len(self.pixels.mean or self.pixels.std) or 1
        ends = [scale_pixels(np.full(channels, x, np.float32), self.pixels) for x in (0, 255)]
        return float(np.min(ends)), float(np.max(ends))

    def answer(self, probabilities: np.ndarray) -> str:
        """Return what the network says, from its probabilities, (classes,), or its quantities."""
        best = int(probabilities.argmax())
        if self.model.head.kind == "value":
            return f"puts out {probabilities[best]:.4g} for {self.names[best]}"
        return f"predicts {self.names[best]} ({percent(float(probabilities[best]))})"


def choose_images(
    opened: OpenModel, choice: ImageChoice, wanted: int | None = None, each_class: bool = False
) -> list[Sample]:
    """Return the user's own picture, test images, or the first test image of a class or of each.

    Raises:
        ValueError: there is no such image, or it does not fit the model.
    """
    shape = opened.shape
    if choice.image_path is not None:
        return [own_picture(choice.image_path, shape, opened.takes_digits(choice.prepare))]
    data = open_data(choice.source)
    check_fit(data, shape)
    if choice.index is not None:
        return [test_image(data, choice.index)]
    if choice.count is not None:
        return test_images(data, choice.count, wanted)
    if each_class:
        return [first_of_class(data, c) for c in range(len(opened.names))]
    return [test_image(data, 0) if wanted is None else first_of_class(data, wanted)]
