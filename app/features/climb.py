"""How an input is made that maximises something: steps, regularisers, input modifiers, and their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.engine.replay.steps import Replay

LARGE = 64
"""Height from which an image counts as a photograph, with tf-keras-vis' own settings."""
OPEN_SIZE = 224
"""Height and width where the model leaves them open."""


@dataclass(frozen=True)
class Climb:
    """How the input is made. Numbers are for pixels of 0…1 and are scaled to others."""

    steps: int = 100
    rate: float = 0.02
    """Learning rate of RMSprop."""
    memory: float = 0.99
    """ρ of RMSprop."""
    total_variation: float = 0.75
    """Weight of the mean difference between neighbouring pixels."""
    norm: float = 0.25
    """Weight of the mean |pixel|."""
    jitter: int = 0
    """Each step rolls the image by up to so many pixels, and does not roll it back."""
    rotation: float = 0.0
    """Each step turns it by up to so many degrees, which blurs it a little."""
    seed: int = 0

    def __post_init__(self) -> None:
        numbers = (self.rate, self.total_variation, self.norm, self.rotation)
        if self.steps < 1 or self.rate <= 0 or min(*numbers, self.jitter) < 0:
            raise ValueError(f"steps and rate must be above 0 and weights not below it: {self}")

    def words(self) -> str:
        """Return the settings in words."""
        return (
            f"{self.steps} steps; total variation {self.total_variation:g}, norm {self.norm:g}, "
            f"jitter {self.jitter}, rotation {self.rotation:g}°, seed {self.seed}"
        )


def default_climb(height: int, is_of_class: bool) -> Climb:
    """Return settings for images of a height.

    Small ones stand still: rolling and turning 28×28 pixels a hundred times blurs every stroke away. Large
    ones get tf-keras-vis' steps and rate, which are for 224×224 pixels of 0…255; and, for a class, its
    jitter and rotation, which would roll away what one cell looks at.
    """
    if height < LARGE:
        return Climb()
    large = Climb(200, 1 / 255, 0.999)
    return replace(large, jitter=4, rotation=1.0) if is_of_class else large


def settle_climb(model: Replay, is_of_class: bool, given: Mapping[str, Any]) -> Climb:
    """Return the settings for a model's images: as given, the defaults where None was given."""
    default = default_climb(model.image_shape[0] or OPEN_SIZE, is_of_class)
    return replace(default, **{key: value for key, value in given.items() if value is not None})
