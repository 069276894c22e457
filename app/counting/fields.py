"""Receptive fields: what each cell of a map sees of the input image, by interval arithmetic.

Along one axis a cell sees the pixels from `first` to `last`. A window that slides over a map sees
the union of what its cells see; cells of padding see nothing. So the field of every single
position is known, borders included, with the actual size of the image: `same` padding with
stride 2 is not symmetric. A field is kept as an interval, from its first pixel to its last; pixels
that a dilated or strided kernel skips in between are not told apart.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

Window = tuple[int, int] | None
"""First and last pixel seen, both included; None: the cell sees nothing of the image."""


def union(windows: Sequence[Window]) -> Window:
    """Return the smallest window that contains all of `windows`."""
    seen = [window for window in windows if window is not None]
    if not seen:
        return None
    return min(first for first, _ in seen), max(last for _, last in seen)


@dataclass(frozen=True)
class Axis:
    """What the cells of a map see along one axis of the image, in pixels."""

    windows: tuple[Window, ...]
    """The pixels seen by each position, clipped to the image."""
    size: int
    """The receptive field away from the borders: r' = r + d·(k − 1)·j."""
    jump: float
    """Pixels between the centres of neighbouring positions: j' = s·j."""
    start: float
    """Centre of the first position, c' = c + (d·(k − 1)/2 − p)·j; pixel i has its centre at i."""
    pixels: int
    """Size of the image along this axis."""

    @classmethod
    def of_image(cls, size: int) -> "Axis":
        """Return the axis of the image itself: each pixel sees itself."""
        return cls(tuple((i, i) for i in range(size)), size=1, jump=1, start=0, pixels=size)

    def slide(self, kernel: int, stride: int, before: int, dilation: int, outputs: int) -> "Axis":
        """Return the axis after a window of `kernel` taps, with `before` cells of padding."""
        taps = [range(-before + o * stride, -before + o * stride + dilation * kernel, dilation)
                for o in range(outputs)]  # fmt: skip
        cells = len(self.windows)
        return Axis(
            tuple(union([self.windows[t] for t in tap if 0 <= t < cells]) for tap in taps),
            size=self.size + int(dilation * (kernel - 1) * self.jump),
            jump=self.jump * stride,
            start=self.start + (dilation * (kernel - 1) / 2 - before) * self.jump,
            pixels=self.pixels,
        )

    def pad(self, before: int, after: int) -> "Axis":
        """Return the axis with cells that see nothing at both ends."""
        windows = (None,) * before + self.windows + (None,) * after
        return dataclasses.replace(self, windows=windows, start=self.start - before * self.jump)

    def collapse(self) -> "Axis":
        """Return the axis of one cell that reads all positions, as global pooling does."""
        cells = len(self.windows)
        return self.slide(cells, stride=cells, before=0, dilation=1, outputs=1)

    def merge(self, other: "Axis") -> "Axis":
        """Return the axis of a map that reads two maps of one size, cell by cell."""
        wider = self if self.size >= other.size else other
        pairs = zip(self.windows, other.windows, strict=True)
        return dataclasses.replace(wider, windows=tuple(union(p) for p in pairs))

    def centres(self) -> list[float]:
        """Return the centre of each position's field, borders ignored, in pixels."""
        return [self.start + i * self.jump for i in range(len(self.windows))]

    def seen(self) -> Window:
        """Return the pixels that at least one position sees, as one window."""
        return union(self.windows)


@dataclass(frozen=True)
class Field:
    """The receptive field of a map: one `Axis` for each spatial axis of the image."""

    axes: tuple[Axis, ...]
    whole: bool = False
    """True behind a layer that reads every position at once (dense, global pooling)."""

    def collapse(self) -> "Field":
        """Return the field of a unit that reads the whole map."""
        return Field(tuple(axis.collapse() for axis in self.axes), whole=True)

    def merge(self, other: "Field") -> "Field":
        """Return the field of a map made of two maps, cell by cell."""
        axes = tuple(a.merge(b) for a, b in zip(self.axes, other.axes, strict=True))
        return Field(axes, self.whole or other.whole)

    def window_sizes(self) -> tuple[int, ...]:
        """Return the extent of the field in pixels: the seen part of the image where `whole`."""
        if not self.whole:
            return tuple(axis.size for axis in self.axes)
        windows = [axis.seen() for axis in self.axes]
        return tuple(0 if window is None else window[1] - window[0] + 1 for window in windows)
