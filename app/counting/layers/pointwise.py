"""Layers that work on each value by itself and store nothing: dropout, noise, scaling, augmentation."""

from typing import Any

from app.counting.layers.base import Elementwise, Layer


class TrainingOnly(Elementwise):
    """A layer that changes nothing once training is over."""

    keeps_values = is_linear = True
    is_taught = False


class _Dropout(TrainingOnly):
    """Values left out, or made wrong, at random while training."""

    family = "Dropout"


class Dropout(_Dropout):
    """Zeroes values at random while training; does nothing afterwards."""

    is_taught = True


class SpatialDropout2D(_Dropout):
    """Zeroes whole channels at random while training."""

    is_taught = True


class AutoContrast(Elementwise):
    """Stretches each image to the full range of values."""

    is_taught = False


class Rescaling(Layer):
    """x·scale + offset."""

    is_linear = True

    def __init__(self, scale: Any, offset: Any = 0.0, **common: Any) -> None:
        super().__init__(**common)
        self.scale, self.offset = scale, offset

    def settings(self) -> str:
        """Return the scale and the offset."""
        return f"times {_short(self.scale)}" + (f", plus {_short(self.offset)}" if self.offset else "")


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else "a list of numbers"


_DROPOUTS = {
    "SpatialDropout1D": "Zeroes whole channels at random while training.",
    "SpatialDropout3D": "Zeroes whole channels at random while training.",
    "AlphaDropout": "Dropout that keeps mean and variance, for SELU.",
    "GaussianDropout": "Multiplies by random numbers around 1 while training.",
}
_OTHERS = {
    "GaussianNoise": "Adds random numbers while training.",
    "ActivityRegularization": "Adds a term to the loss and changes nothing.",
    "Identity": "Changes nothing.",
    "Masking": "Marks time steps to be left out.",
    "RandomBrightness": "Changes the brightness at random while training.",
    "RandomColorDegeneration": "Fades colours at random while training.",
    "RandomColorJitter": "Changes colours at random while training.",
    "RandomContrast": "Changes the contrast at random while training.",
    "RandomElasticTransform": "Distorts the image at random while training.",
    "RandomErasing": "Covers a piece at random while training.",
    "RandomFlip": "Flips the image at random while training.",
    "RandomGaussianBlur": "Blurs at random while training.",
    "RandomGrayscale": "Takes the colour away at random while training.",
    "RandomHue": "Turns the colours at random while training.",
    "RandomInvert": "Inverts the image at random while training.",
    "RandomPerspective": "Tilts the image at random while training.",
    "RandomPosterization": "Lowers the number of shades at random while training.",
    "RandomRotation": "Turns the image at random while training.",
    "RandomSaturation": "Changes the saturation at random while training.",
    "RandomSharpness": "Changes the sharpness at random while training.",
    "RandomShear": "Shears the image at random while training.",
    "RandomTranslation": "Moves the image at random while training.",
    "RandomZoom": "Zooms at random while training.",
    "Solarization": "Inverts values above a threshold.",
}
globals().update(
    (kind, type(kind, (base,), {"__doc__": words}))
    for base, kinds in ((_Dropout, _DROPOUTS), (TrainingOnly, _OTHERS))
    for kind, words in kinds.items()
)
