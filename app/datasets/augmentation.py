"""Augmentation as plain data: how far a training picture may be flipped, turned, moved, zoomed and shaded at random."""

from dataclasses import asdict, dataclass
from typing import Any

LARGEST_SHARE = 0.9
"""Shares beyond this leave next to nothing of a picture."""


@dataclass(frozen=True)
class Augmentation:
    """How far a training picture may be changed, anew each time that it is shown.

    Every change is drawn evenly from minus to plus the limit that is given; 0 leaves it out. Test pictures are never
    changed.

    >>> Augmentation(flip=True, rotation=10).words()
    'flipped left to right, turned by up to 10°'
    """

    flip: bool = False
    """Whether a picture is flipped left to right, half of the time."""
    rotation: float = 0.0
    """Largest angle, in degrees, either way."""
    zoom: float = 0.0
    """Largest share by which the picture grows or shrinks, 0.1 for 10 %."""
    translation: float = 0.0
    """Largest share of the width, and of the height, by which it is moved."""
    contrast: float = 0.0
    """Largest share by which differences from the mean of the picture grow or shrink."""
    brightness: float = 0.0
    """Largest share of the range of pixels that is added or taken away."""

    def __post_init__(self) -> None:
        """Refuse limits that are none.

        Raises:
            ValueError: an angle beyond 180°, or a share beyond 0…0.9; the message says which.
        """
        if not 0 <= self.rotation <= 180:
            raise ValueError(f"rotation is {self.rotation:g}; expected 0 to 180 degrees")
        for name in ("zoom", "translation", "contrast", "brightness"):
            if not 0 <= getattr(self, name) <= LARGEST_SHARE:
                raise ValueError(
                    f"{name} is {getattr(self, name):g}; expected a share, 0 to {LARGEST_SHARE:g}"
                )

    @property
    def changes_nothing(self) -> bool:
        """Whether pictures stay as they are."""
        return not any(asdict(self).values())

    def words(self) -> str:
        """Return what is done to a picture, in words; "nothing" where nothing is."""
        parts = [
            "flipped left to right" if self.flip else "",
            f"turned by up to {self.rotation:g}°" if self.rotation else "",
            f"zoomed by up to {self.zoom:.0%}" if self.zoom else "",
            f"moved by up to {self.translation:.0%}" if self.translation else "",
            f"contrast changed by up to {self.contrast:.0%}" if self.contrast else "",
            f"brightness changed by up to {self.brightness:.0%}" if self.brightness else "",
        ]
        return ", ".join(part.replace("%", " %") for part in parts if part) or "nothing"

    def to_dict(self) -> dict[str, Any]:
        """Return its limits by their names, as a recipe or a card keeps them."""
        return asdict(self)


NONE = Augmentation()
LIGHT = Augmentation(flip=True, rotation=10, zoom=0.1, translation=0.05)
STRONG = Augmentation(flip=True, rotation=20, zoom=0.2, translation=0.1, contrast=0.3, brightness=0.15)

AUGMENTATIONS: dict[str, Augmentation] = {"none": NONE, "light": LIGHT, "strong": STRONG}
"""The augmentations that have a name."""


def find_augmentation(given: "str | Augmentation | None") -> Augmentation:
    """Return the augmentation of that name; None is "none".

    Raises:
        ValueError: there is none of that name.
        TypeError: it is neither a name nor an augmentation.

    >>> find_augmentation("light").rotation
    10
    """
    if given is None or isinstance(given, Augmentation):
        return given or NONE
    if not isinstance(given, str):
        raise TypeError(
            f"expected the name of an augmentation or an Augmentation, not {type(given).__name__}"
        )
    if given not in AUGMENTATIONS:
        raise ValueError(f"there is no augmentation {given!r}; choose from {', '.join(AUGMENTATIONS)}")
    return AUGMENTATIONS[given]


def name_of(augmentation: Augmentation) -> str | None:
    """Return the name of an augmentation, None where it has none."""
    return next((name for name, each in AUGMENTATIONS.items() if each == augmentation), None)
