"""What reports and figures show of the tests of faith: a line for each method."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SanityLine:
    """What became of one method's maps while the network forgot."""

    method: str
    between: float | None
    """Mean rank correlation of the maps of two different images."""
    means: tuple[float, ...]
    """Mean rank correlation with the trained network's map, stage by stage."""
    spreads: tuple[float, ...]
    """Its standard deviation over the images."""
    signed: tuple[float, ...]
    """The mean for signed maps."""
    blank: int
    """Maps of the trained network that are blank."""
    blank_after: tuple[int, ...]
    """Maps that are blank at each stage."""
    maps: int
    """Maps compared at each stage."""
    kept: float | None
    fails: bool
    label: str
    sentence: str
    shuffled: float | None = None
    """Mean rank correlation with the map of a network trained on shuffled labels."""


@dataclass(frozen=True)
class CurveLine:
    """How the probability went while pixels were removed and put in."""

    name: str
    made_of: str
    """pixels, cells, or nothing of the network."""
    shares: np.ndarray
    deletion: np.ndarray
    """Mean curve over the images."""
    insertion: np.ndarray
    deletion_area: float
    insertion_area: float
    gap: float
    error: float
    """Standard error of the gap."""
    blank: float
    """Share of the images."""
    seconds: float
    sentence: str


@dataclass(frozen=True)
class Band:
    """What random orders reach: lowest and highest."""

    deletion: tuple[float, float]
    """Areas."""
    insertion: tuple[float, float]
    deletion_curves: np.ndarray
    """Mean curve of each random order, (orders, steps + 1)."""
    insertion_curves: np.ndarray
    orders: int


@dataclass(frozen=True)
class AgreementLine:
    """Our map beside that of tf-keras-vis."""

    method: str
    verdict: str
    absolute: float | None
    relative: float | None
    why: str
