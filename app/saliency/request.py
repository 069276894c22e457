"""What was asked of the saliency door, checked before anything heavy is loaded."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.commands.door import open_data, prepare_folder
from app.commands.reports import choose_format
from app.counting.stored.model_files import verify_contents
from app.datasets.dataset import black_pixel
from app.datasets.subjects import Subject, check_fit, first_of_class, own_picture, test_image, test_images
from app.files.classes import find_class
from app.files.saved import SavedModel
from app.maps.methods import ARTICLE, OF_CELLS, TITLES
from app.show.pictures import PICTURE_ENDINGS
from models import Pixels

if TYPE_CHECKING:
    from app.maps.methods.method import Settings

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class MapRequest:
    """What was asked for, option by option."""

    name: str
    pixel_range: tuple[float, float] | None
    image_input: str | None
    head: str | None
    regression: bool
    image_path: Path | None
    image_folder: Path | None
    index: int | None
    count: int | None
    over_epochs: bool
    source: str | None
    prepare: Literal["auto", "digit", "resize"]
    class_text: str | None
    against_text: str | None
    all_classes: bool
    methods: tuple[str, ...]
    layer: str | None
    cell: tuple[int, int] | None
    engine: Literal["convlab", "tf-keras-vis"]
    samples: int
    noise: float
    steps: int
    baseline: float | None
    patch: int | None
    seed: int
    sanity: bool
    faithfulness: bool
    agree: bool
    colour: Literal["max", "mean", "channels"]
    is_signed: bool
    palette: str
    overlay: float | None
    output: Path
    report: Path | None
    raw: Path | None
    memory: int
    restart: bool

    def check(self) -> None:
        """Refuse options that contradict each other, and files that cannot be written.

        Raises:
            ValueError: the first thing that is wrong.
        """
        given = {
            "--class": self.class_text is not None,
            "--all-classes": self.all_classes,
            "--image": self.image_path is not None,
            "--images": self.image_folder is not None,
            "--index": self.index is not None,
            "--count": self.count is not None,
            "--data": self.source is not None,
            "--against": self.against_text is not None,
            "--over-epochs": self.over_epochs,
            "--report": self.report is not None,
            "--raw": self.raw is not None,
            "--overlay": self.overlay is not None,
            "--signed": self.is_signed,
            "--colour channels": self.colour == "channels",
        }
        for one, other in CONTRADICTIONS:
            if given[one] and given[other]:
                raise ValueError(f"{one} and {other} contradict each other; give one of them")
        elsewhere = self.image_folder is not None or self.over_epochs or self.against_text is not None
        if self.tests and elsewhere:
            raise ValueError(
                f"--{self.tests[0]} tests maps of single classes of one model; leave out --images, "
                "--over-epochs and --against"
            )
        if self.restart and self.image_folder is None:
            raise ValueError("--restart belongs to --images; without it there is nothing to forget")
        low, high = self.pixel_range or (0.0, 1.0)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"--pixel-range needs two finite numbers, low before high, not {low} {high}")
        for name, number in (("--noise", self.noise), ("--baseline", self.baseline or 0.0)):
            if not abs(number) < MOST:
                raise ValueError(f"{name} must be a number below {MOST:g}, not {number}")
        self._check_files()

    def _check_files(self) -> None:
        for file in (self.output, self.raw, self.report):
            if file is not None and file.suffix.lower() in (*PICTURE_ENDINGS, ".npz") and file.is_dir():
                raise ValueError(f"{file} is a folder; give a file name in it")
        if self.image_folder is not None and self.output.suffix:
            raise ValueError(f"--images writes many files: --output must be a folder, not {self.output}")
        prepare_folder(self.folder)
        if self.raw is not None:
            if self.raw.suffix != ".npz":
                raise ValueError(f"--raw writes an .npz file, not {self.raw.name}")
            prepare_folder(self.raw.parent)
        if self.report is not None:
            choose_format(None, self.report)
            prepare_folder(self.report.parent)

    @property
    def chosen_methods(self) -> tuple[str, ...]:
        """The maps to draw, each once; the article's if none was named."""
        if "all" in self.methods:
            return tuple(TITLES)
        return tuple(dict.fromkeys(self.methods)) or ARTICLE

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests of faith that were asked for."""
        asked = {"sanity": self.sanity, "faithfulness": self.faithfulness, "agree": self.agree}
        return tuple(name for name, is_asked in asked.items() if is_asked)

    @property
    def folder(self) -> Path:
        """The folder for the picture."""
        if self.output.suffix.lower() in PICTURE_ENDINGS:
            return self.output.parent
        if self.output.suffix and not self.output.is_dir():
            raise ValueError(
                f"a picture cannot be written as {self.output.name}; use {', '.join(PICTURE_ENDINGS)}"
            )
        return self.output

    def picture(self, default: str) -> Path:
        """Return the file for the picture: as given, or `default` in the folder."""
        named = self.output.suffix.lower() in PICTURE_ENDINGS
        return self.output if named else self.folder / default

    def check_model(self, saved: SavedModel) -> None:
        """Check what can be checked of a model file without loading it.

        Raises:
            ValueError: it is damaged, or has no maps for a class-activation map.
        """
        verify_contents(saved.path)
        without = [method for method in self.chosen_methods if method in OF_CELLS]
        if "all" in self.methods and not saved.has_convolution:
            raise ValueError(
                f"{saved.path} has no convolution, so no class-activation maps; instead of --method all "
                "name others: vanilla, gradient-input, smoothgrad, integrated, occlusion"
            )
        if without and not saved.has_convolution:
            raise ValueError(
                f"{saved.path} has no convolution, so no maps for {TITLES[without[0]]}; try --method vanilla"
            )

    def settings(self, saved: SavedModel, channels: int) -> "Settings":
        """Return what the methods are told; without --baseline black stands for nothing."""
        from app.maps.methods.method import Settings

        black = black_pixel(self.pixels(saved), channels)
        baseline = black if self.baseline is None else self.baseline
        return Settings(
            self.layer, self.samples, self.noise, self.steps, baseline, self.patch, seed=self.seed
        )

    def pixels(self, saved: SavedModel) -> Pixels:
        """Return how pictures enter the network: as asked for, else as its card says."""
        return Pixels(self.pixel_range) if self.pixel_range else saved.pixels

    def as_digit(self, saved: SavedModel, shape: Shape) -> bool:
        """Return whether own pictures are prepared as MNIST's were."""
        return saved.takes_digits(shape) if self.prepare == "auto" else self.prepare == "digit"

    def find_class(self, text: str | None, names: tuple[str, ...]) -> int | None:
        """Return the class that a text means, None for None."""
        return None if text is None else find_class(text, names)


MOST = 1e6
"""Beyond what any network takes for a pixel."""

CONTRADICTIONS = (
    ("--class", "--all-classes"),
    ("--image", "--index"),
    ("--image", "--data"),
    ("--image", "--images"),
    ("--image", "--count"),
    ("--images", "--index"),
    ("--images", "--count"),
    ("--images", "--data"),
    ("--images", "--all-classes"),
    ("--over-epochs", "--images"),
    ("--over-epochs", "--count"),
    ("--over-epochs", "--all-classes"),
    ("--images", "--overlay"),
    ("--images", "--raw"),
    ("--images", "--report"),
    ("--index", "--count"),
    ("--count", "--all-classes"),
    ("--against", "--all-classes"),
    ("--signed", "--colour channels"),
)
"""Options that cannot both be followed."""


def choose_subjects(
    request: MapRequest, saved: SavedModel, shape: Shape, classes: int, wanted: int | None
) -> list[Subject]:
    """Return the images to explain: the user's own, test images, or the first of each class."""
    if request.image_path is not None:
        return [own_picture(request.image_path, shape, request.as_digit(saved, shape))]
    data = open_data(request.source)
    check_fit(data, shape)
    if request.index is not None:
        return [test_image(data, request.index)]
    if request.count is not None:
        return test_images(data, request.count, wanted)
    if request.all_classes:
        return [first_of_class(data, c) for c in range(classes)]
    return [test_image(data, 0) if wanted is None else first_of_class(data, wanted)]
