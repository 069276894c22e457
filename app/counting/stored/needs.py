"""What a stored model will take of memory, worked out before anything of it is loaded."""

import math
from dataclasses import dataclass
from pathlib import Path

from app.counting.rows import Sheet
from app.counting.stored.model_files import Config
from app.counting.stored.reader import read_board
from app.counting.stored.weight_files import StoredWeights, read_weights
from app.untrusted.memory import verify_fits

BYTES = 4
"""Of a float32."""
COPIES = 2
"""Of the weights while they are loaded: what is read from the file, and the variables."""
PASSES = 2
"""Of the activations of one image: values on the way forward, gradients on the way back."""
MOST_BEYOND = 4
"""How many times more parameters than it stores a file may announce: some layers share theirs."""
FEW = 25_000_000
"""Parameters that a file may announce whatever it stores."""


@dataclass(frozen=True)
class Needs:
    """What one image takes to go through a model, forward and back."""

    parameters: int
    """By hand, of the layers that have a formula."""
    stored: int
    """Numbers that the file stores for the model."""
    activations: int
    """Values that all layers put out for one image."""

    @property
    def memory(self) -> int:
        """Bytes, in float32."""
        weights = max(self.parameters, self.stored)
        return BYTES * (COPIES * weights + PASSES * self.activations)


def measure_needs(path: Path, config: Config) -> Needs | None:
    """Return what the model in a file will take; None where its layers cannot be followed on paper.

    Raises:
        ValueError: its stored weights are damaged.
    """
    weights = read_weights(path, config)
    try:
        sheet = read_board(config, strict=False).sheet()
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        return None
    return _needs(sheet, weights)


def _needs(sheet: Sheet, weights: StoredWeights | None) -> Needs:
    known = [row for row in sheet.rows if not row.unknown]
    return Needs(
        parameters=sum(int(row.trainable) + int(row.non_trainable) for row in known),
        stored=sum(math.prod(shape) for _, shape in weights.arrays) if weights else 0,
        activations=sum(math.prod(n for n in row.output_shape if n is not None) for row in sheet.rows),
    )


def verify_needs(path: Path, config: Config) -> Needs | None:
    """Refuse a file whose model takes more memory than there is, or announces weights that it does not hold.

    Returns:
        What it takes, None where that is not known.

    Raises:
        ValueError: it does; the message says the numbers.
    """
    needs = measure_needs(path, config)
    if needs is None:
        return None
    if needs.parameters > max(FEW, MOST_BEYOND * needs.stored):
        raise ValueError(
            f"{path}: its layers have {needs.parameters:,} parameters, and the file stores {needs.stored:,}"
        )
    verify_fits(
        needs.memory, f"{path} ({needs.parameters:,} parameters, {needs.activations:,} values an image)"
    )
    return needs
