"""What was asked of the command, in groups that travel alone; checked before anything heavy is loaded."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from app.commands.inputs import ImageChoice, ModelChoice, OpenModel
from app.commands.options import take
from app.commands.outputs import OutputFiles
from app.datasets.dataset import black_pixel
from app.maps.methods import ARTICLE, METHODS
from app.show.pictures import PALETTES

if TYPE_CHECKING:
    from app.maps.methods.method import Settings

MOST = 1e6
"""Beyond what any network takes for a pixel."""


@dataclass(frozen=True)
class MapQuestion:
    """What is asked of the network, and how the maps are made."""

    class_text: str | None = None
    against_text: str | None = None
    all_classes: bool = False
    methods: tuple[str, ...] = ()
    layer: str | None = None
    cell: tuple[int, int] | None = None
    engine: Literal["convlab", "tf-keras-vis"] = "convlab"
    samples: int = 20
    noise: float = 0.2
    steps: int = 50
    baseline: float | None = None
    patch: int | None = None
    seed: int = 0

    @property
    def chosen_methods(self) -> tuple[str, ...]:
        """The maps to draw, each once; the article's if none was named."""
        if "all" in self.methods:
            return tuple(METHODS)
        return tuple(dict.fromkeys(self.methods)) or ARTICLE

    def check(self, opened: OpenModel) -> None:
        """Check what can be checked without loading the model.

        Raises:
            ValueError: a number out of range, or no maps for a class-activation map.
        """
        for name, number in (("--noise", self.noise), ("--baseline", self.baseline or 0.0)):
            if not abs(number) < MOST:
                raise ValueError(f"{name} must be a number below {MOST:g}, not {number}")
        if opened.saved.has_convolution:
            return
        path = opened.saved.path
        if "all" in self.methods:
            raise ValueError(
                f"{path} has no convolution, so no class-activation maps; instead of --method all "
                "name others: vanilla, gradient-input, smoothgrad, integrated, occlusion"
            )
        for method in self.chosen_methods:
            if METHODS[method].uses_maps:
                raise ValueError(
                    f"{path} has no convolution, so no maps for {METHODS[method].title}; try --method vanilla"
                )

    def settings(self, opened: OpenModel, channels: int) -> "Settings":
        """Return what the methods are told; without --baseline black stands for nothing."""
        from app.maps.methods.method import Settings

        black = black_pixel(opened.pixels, channels)
        baseline = black if self.baseline is None else self.baseline
        return Settings(
            self.layer, self.samples, self.noise, self.steps, baseline, self.patch, seed=self.seed
        )


@dataclass(frozen=True)
class Presentation:
    """How the maps are shown."""

    colour: Literal["max", "mean", "channels"] = "max"
    is_signed: bool = False
    palette: str = PALETTES[0]
    overlay: float | None = None


@dataclass(frozen=True)
class FaithTests:
    """Which tests of faith are done on the maps."""

    sanity: bool = False
    faithfulness: bool = False
    agree: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Those that were asked for."""
        return tuple(name for name, is_asked in vars(self).items() if is_asked)


@dataclass(frozen=True)
class MapRequest:
    """All that was asked for."""

    model: ModelChoice
    images: ImageChoice = field(default_factory=ImageChoice)
    question: MapQuestion = field(default_factory=MapQuestion)
    style: Presentation = field(default_factory=Presentation)
    tests: FaithTests = field(default_factory=FaithTests)
    files: OutputFiles = field(default_factory=OutputFiles)
    image_folder: Path | None = None
    """Every picture of it is explained, and gets a strip and a record."""
    over_epochs: bool = False
    memory: int = 1 << 30
    """Bytes for the tensors of one chunk of images."""
    restart: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> Self:
        """Return the request that a command line makes; `options` are named as the fields of the groups."""
        return cls(
            take(ModelChoice, options),
            take(ImageChoice, options),
            take(MapQuestion, options),
            take(Presentation, options),
            take(FaithTests, options),
            take(OutputFiles, options),
            **options,
        )

    def check(self) -> None:
        """Refuse options that do not go together, and prepare the folders.

        Raises:
            ValueError: the first thing that is wrong.
        """
        elsewhere = self.image_folder or self.over_epochs or self.question.against_text is not None
        if self.tests.names and elsewhere:
            raise ValueError(
                f"--{self.tests.names[0]} tests maps of single classes of one model; leave out --images, "
                "--over-epochs and --against"
            )
        if self.restart and self.image_folder is None:
            raise ValueError("--restart belongs to --images; without it there is nothing to forget")
        if self.image_folder is not None and self.files.output.suffix:
            raise ValueError(
                f"--images writes many files: --output must be a folder, not {self.files.output}"
            )
        self.files.prepare()
