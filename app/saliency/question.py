"""What is asked of a network, and how the answer is shown."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from app.datasets.dataset import black_pixel
from app.maps.methods import ARTICLE, METHODS
from app.maps.open_model import OpenModel

if TYPE_CHECKING:
    from app.maps.methods.method import Settings

GRADIENTS = ("vanilla", "guided", "relu")
"""The maps of one image of each class, unless others are named: those of the article's grid."""
MOST = 1e6
"""Beyond what any network takes for a pixel."""


@dataclass(frozen=True)
class MapQuestion:
    """What is asked of the network, and how the maps are made."""

    class_text: str | None = None
    against_text: str | None = None
    all_classes: bool = False
    each_class: bool = False
    """Whether one test image of each class is explained for its own class."""
    methods: tuple[str, ...] = ()
    layer: str | None = None
    cell: tuple[int, int] | None = None
    engine: str | None = None
    """Who computes: `numpy`, `tensorflow` or `tf-keras-vis`; None: the lightest that can."""
    samples: int = 20
    noise: float = 0.2
    steps: int = 50
    baseline: float | None = None
    patch: int | None = None
    seed: int = 0
    note: str = ""
    """What there is to say of the choice of maps."""

    @property
    def chosen_methods(self) -> tuple[str, ...]:
        """The maps to draw, each once; without names those of the article, of each class the gradients alone."""
        if "all" in self.methods:
            return tuple(METHODS)
        return tuple(dict.fromkeys(self.methods)) or (GRADIENTS if self.each_class else ARTICLE)

    def fitted_to(self, opened: OpenModel) -> "MapQuestion":
        """Return the question as it is asked of a model, checked as far as that goes without loading it.

        Where no map is named and the model has no convolution, class-activation maps are left out.

        Raises:
            ValueError: a number out of range, or no maps for a class-activation map.
        """
        for name, number in (("--noise", self.noise), ("--baseline", self.baseline or 0.0)):
            if not abs(number) < MOST:
                raise ValueError(f"{name} must be a number below {MOST:g}, not {number}")
        if opened.facts.has_convolution:
            return self
        if not self.methods or "all" in self.methods:
            return self.without_maps("without a convolution")
        for method in self.chosen_methods:
            if METHODS[method].uses_maps:
                raise ValueError(
                    f"{opened.facts} has no convolution, so no maps for {METHODS[method].title}; try --method vanilla"
                )
        return self

    def without_maps(self, why: str) -> "MapQuestion":
        """Return the question without the class-activation maps, which were not asked for one by one."""
        kept = tuple(name for name in self.chosen_methods if not METHODS[name].uses_maps)
        if kept == self.chosen_methods:
            return self
        return replace(self, methods=kept, note=f"{why} there are no class-activation maps")

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
    palette: str | None = None
    """Colours of unsigned maps; None: as suits the image."""
    overlay: float | None = None
    """How solid maps lie over the image; None: the more solid the larger their value, see `MapStyle`."""
    is_beside: bool = False
    """Whether each map is drawn a second time, without the image."""
