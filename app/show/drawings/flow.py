"""What is laid out: a network with the sizes of its steps; and the places, lines, labels and frames that come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.show.drawings.layout import Layout
from app.show.drawings.repeats import Frame
from app.show.drawings.steps import Step

Point = tuple[float, float]

SLOT, HEAD, LEAST_STUB = 0.09, 0.16, 0.07
"""Between two lines across; before the head of an arrow; what of a line is seen behind a box."""
LANE_GAP, CLIMB = 0.13, 0.22
"""Between lanes; and where arrows go up and down between them."""
ROW_GAP, EDGE, FRAME_PAD = 0.34, 0.13, 0.12
BAR_END = 0.13
"""What of a bar stands out beyond the first and the last line that it joins."""


@dataclass(frozen=True)
class Size:
    """What a step takes: across, and above and below the line that goes through it."""

    width: float
    up: float
    down: float
    body: float | None = None
    """How wide what lines lead to is, where words below it are wider."""


@dataclass(frozen=True)
class Place:
    """Where a step is drawn."""

    x: float
    """Its middle."""
    y: float
    """The height at which lines reach it."""
    width: float
    """That of what lines lead to."""
    top: float
    bottom: float

    @property
    def left(self) -> float:
        """Its left side."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Label:
    """The size of what a step makes, written at its arrow."""

    text: str
    width: float


@dataclass(frozen=True)
class Network:
    """What is drawn: steps with their places in levels and lanes, their sizes, their labels and frames."""

    steps: Mapping[str, Step]
    layout: Layout
    sizes: Mapping[str, Size]
    labels: Mapping[str, Label]
    frames: Sequence[Frame]
    is_u: bool = False
    """Whether lanes are depths: arrows lead down and up between them."""


@dataclass
class Flow:
    """A network laid out."""

    places: dict[str, Place] = field(default_factory=dict)
    lines: list[list[Point]] = field(default_factory=list)
    """Each ends in an arrow head."""
    labels: list[tuple[float, float, str]] = field(default_factory=list)
    """Left end, base line and text."""
    frames: list[tuple[float, float, float, float, int]] = field(default_factory=list)
    """Left, top, width, height, times."""
    width: float = 0.0
    height: float = 0.0


@dataclass
class Gap:
    """The room between two levels: a frame's end, a label, a frame's begin, lines across, an arrow's head."""

    ends_frame: bool = False
    stub: float = LEAST_STUB
    begins_frame: bool = False
    leaving: list[str] = field(default_factory=list)
    arriving: list[tuple[str, str]] = field(default_factory=list)
    left: float = 0.0

    @property
    def stub_left(self) -> float:
        """Return where the label begins."""
        return self.left + FRAME_PAD * self.ends_frame

    @property
    def frame_left(self) -> float:
        """Return where the next frame begins."""
        return self.stub_left + self.stub

    def slot(self, i: int) -> float:
        """Return where a line leads across."""
        return self.frame_left + FRAME_PAD * self.begins_frame + SLOT * i

    def leaves(self, name: str) -> float:
        """Return where the lines of a step turn off."""
        return self.slot(self.leaving.index(name))

    def arrives(self, source: str, target: str) -> float:
        """Return where a line turns towards its target."""
        return self.slot(len(self.leaving) + self.arriving.index((source, target)))

    @property
    def width(self) -> float:
        """Return how wide the gap is."""
        slots = max(len(self.leaving) + len(self.arriving) - 1, 0)
        return self.slot(slots) + HEAD - self.left
