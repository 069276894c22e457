"""What doors share that look at an image with a model: their options, the model, the image, the files."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from app.commands.door import DATA_HELP, OUTPUT, open_data, prepare_folder, shown
from app.counting.stored.model_files import verify_contents
from app.datasets.dataset import scale_pixels
from app.datasets.subjects import Subject, check_fit, first_of_class, own_picture, test_image
from app.files.atomic import replacing
from app.files.classes import find_class
from app.files.saved import SavedModel, find_model
from app.show.pictures import PICTURE_ENDINGS
from models import Pixels

if TYPE_CHECKING:
    from app.engine.replay.steps import Replay

Decorator = Callable[..., Any]

MODEL: tuple[Decorator, ...] = (
    click.option(
        "--model",
        "name",
        metavar="NAME|FILE",
        required=True,
        help="A trained network of the catalogue, or any .keras or .h5 file.",
    ),
)
PIXELS: tuple[Decorator, ...] = (
    click.option(
        "--pixel-range",
        nargs=2,
        type=float,
        metavar="LOW HIGH",
        help="What black and white are worth to the network. Default: as its card says; without "
        "one 0 1, or 0 255 for a model that rescales by itself.",
    ),
)
IMAGE: tuple[Decorator, ...] = (
    click.option(
        "--image",
        "image_path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A PNG or JPEG of your own. Digits are prepared as MNIST's were.",
    ),
    click.option("--index", type=click.IntRange(0), metavar="N", help="Test image N, from 0 (0)."),
    click.option(
        "--class", "class_text", metavar="CLASS", help="The first test image of a class, by number or name."
    ),
    click.option(
        "--prepare",
        type=click.Choice(["auto", "digit", "resize"]),
        default="auto",
        show_default=True,
        help="How --image is fitted: as MNIST's digits were, or only resized.",
    ),
    click.option("--data", "source", metavar="SOURCE", help="Test images. " + DATA_HELP),
    *PIXELS,
)
FILES: tuple[Decorator, ...] = (
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        default=OUTPUT,
        show_default=True,
        help="Folder, or a file ending in .png, .svg or .pdf.",
    ),
    click.option(
        "--raw", type=click.Path(path_type=Path), metavar="FILE.npz", help="Also write the unscaled numbers."
    ),
)


@dataclass(frozen=True)
class Files:
    """Where the picture and the numbers go."""

    output: Path
    raw: Path | None

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            ValueError: an ending that cannot be written, or a folder that cannot.
        """
        for file in (self.output, self.raw):
            if file is not None and file.suffix.lower() in (*PICTURE_ENDINGS, ".npz") and file.is_dir():
                raise ValueError(f"{file} is a folder; give a file name in it")
        suffix = self.output.suffix.lower()
        if suffix and suffix not in PICTURE_ENDINGS and not self.output.is_dir():
            raise ValueError(
                f"a picture cannot be written as {self.output.name}; use {', '.join(PICTURE_ENDINGS)}"
            )
        prepare_folder(self.output.parent if suffix in PICTURE_ENDINGS else self.output)
        if self.raw is not None:
            if self.raw.suffix != ".npz":
                raise ValueError(f"--raw writes an .npz file, not {self.raw.name}")
            prepare_folder(self.raw.parent)

    def picture(self, *parts: str | None) -> Path:
        """Return the file for the picture: as given, or one in the folder named after `parts`."""
        if self.output.suffix.lower() in PICTURE_ENDINGS:
            return self.output
        words = [re.sub(r"[^\w]+", "-", part).strip("-").lower() for part in parts if part]
        return self.output / ("-".join(words) + ".png")

    def save_raw(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Write the numbers, if that was asked for, and say so."""
        if self.raw is not None:
            with replacing(self.raw) as temporary:
                np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]
            click.echo(f"Numbers: {shown(self.raw)}")


class Opened:
    """A model file that is read as data first and loaded when its layers are needed."""

    def __init__(self, name: str, pixel_range: tuple[float, float] | None = None) -> None:
        low, high = pixel_range or (0.0, 1.0)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"--pixel-range needs two finite numbers, low before high, not {low} {high}")
        self.saved: SavedModel = find_model(name)
        verify_contents(self.saved.path)
        if not self.saved.has_convolution:
            raise ValueError(f"{self.saved.path} has no convolution, so no maps and no filters")
        self.pixels = Pixels(pixel_range) if pixel_range else self.saved.pixels

    @property
    def stem(self) -> str:
        """What the model is called in file names and headings."""
        return self.saved.path.stem

    @cached_property
    def model(self) -> "Replay":
        """The model, replayed."""
        from app.engine.replay.replay import Choice, replay
        from app.engine.store import load_model

        choice = Choice(loss=self.saved.loss)
        return replay(load_model(self.saved.path), choice)

    @cached_property
    def shape(self) -> tuple[int | None, ...]:
        """Height, width and channels of its images."""
        read = self.saved.input_shape
        if read is None or len(read) != 3 or (read[0] in (1, 3) and read[2] not in (1, 3)):
            return self.model.image_shape  # what is on paper may have the channels in front
        return read

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What its classes are called."""
        return self.saved.class_names(self.saved.classes or self.model.classes)

    def find_class(self, text: str | None) -> int | None:
        """Return the class that `text` means, None without one."""
        return None if text is None else find_class(text, self.names)

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
        from app.maps.verdict import percent

        best = int(probabilities.argmax())
        if self.model.head.kind == "value":
            return f"puts out {probabilities[best]:.4g} for {self.names[best]}"
        return f"predicts {self.names[best]} ({percent(float(probabilities[best]))})"


def choose_image(
    opened: Opened,
    image_path: Path | None,
    index: int | None,
    class_text: str | None,
    prepare: str,
    source: str | None,
) -> Subject:
    """Return the user's own picture, test image N, or the first test image of a class.

    Raises:
        ValueError: options that contradict each other, or no such image.
    """
    for one, other, both in (
        ("--image", "--index", image_path is not None and index is not None),
        ("--image", "--class", image_path is not None and class_text is not None),
        ("--index", "--class", index is not None and class_text is not None),
        ("--image", "--data", image_path is not None and source is not None),
    ):
        if both:
            raise ValueError(f"{one} and {other} contradict each other; give one of them")
    wanted = opened.find_class(class_text)
    if image_path is not None:
        as_digit = prepare == "digit"
        if prepare == "auto":
            as_digit = opened.saved.takes_digits(opened.shape)
        return own_picture(image_path, opened.shape, as_digit)
    data = open_data(source)
    check_fit(data, opened.shape)
    return test_image(data, index or 0) if wanted is None else first_of_class(data, wanted)


def options(*groups: tuple[Decorator, ...]) -> Decorator:
    """Return a decorator that gives a command groups of options, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return decorate
