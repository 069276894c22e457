"""Sliding windows along one axis: padding, output size, receptive field, and the way back from fields.

n cells, a kernel of k taps, stride s, dilation d; p cells of padding before and after. From its first
to its last tap a window spans w = d·(k − 1) + 1 cells.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.counting.axes import Axis, Taps
from app.counting.count import Count
from app.counting.rows import Row

Padding = str | tuple[int, int]
"""`valid` (none), `same` (as Keras pads), `causal` (w − 1 before), `full` (w − 1 on each side), or cells
before and after."""


def span(kernel: int, dilation: int = 1) -> int:
    """Return the cells from the first to the last tap of a kernel: d·(k − 1) + 1."""
    return dilation * (kernel - 1) + 1


def span_text(kernel: int | str, dilation: int | str = 1) -> str:
    """Return `span` as it is written, in numbers or signs: `5`, or `(2·(3 − 1) + 1)` where dilated."""
    return f"{kernel}" if dilation == 1 else f"({dilation}·({kernel} − 1) + 1)"


@dataclass(frozen=True)
class Window:
    """A window that slides along one axis: a convolution's kernel or a pool."""

    kernel: int
    stride: int = 1
    padding: Padding = "valid"
    dilation: int = 1
    ceil: bool = False
    """Keep a last window that hangs over the end (PyTorch's and Caffe's pools), if it starts in the
    image or in the padding before it."""

    def __post_init__(self) -> None:
        if self.ceil and isinstance(self.padding, tuple) and max(self.padding) >= self.kernel:
            raise ValueError(
                f"with ceil the padding must be smaller than the pool of {self.kernel:,}, "
                f"not {max(self.padding):,}"
            )

    @property
    def span(self) -> int:
        """The cells from the first to the last tap: d·(k − 1) + 1."""
        return span(self.kernel, self.dilation)

    def sides(self, size: int) -> tuple[int, int]:
        """Return the cells of padding before and after `size` cells.

        same: P = max((⌈n/s⌉ − 1)·s + w − n, 0), of which ⌊P/2⌋ come before and the rest after: with
        stride 2 the two sides can differ, and depend on the size.
        """
        match self.padding:
            case "same":
                total = max((-(-size // self.stride) - 1) * self.stride + self.span - size, 0)
                return total // 2, total - total // 2
            case "valid":
                return 0, 0
            case "causal" | "full":
                return self.span - 1, 0 if self.padding == "causal" else self.span - 1
        return self.padding  # type: ignore[return-value]

    def output_size(self, size: int) -> Count:
        """Return how many windows there are on `size` cells.

        ⌊(n + p_before + p_after − w)/s⌋ + 1, which is ⌈n/s⌉ for same and causal;  with ceil
        min(⌈(n + p_before + p_after − w)/s⌉ + 1, ⌈(n + p_before)/s⌉).

        Raises:
            ValueError: the kernel does not fit.

        Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, §2 and 5;
        torch.nn.MaxPool2d for ceil.
        """
        before, after = self.sides(size)
        room = size + before + after - self.span
        value = room // self.stride + 1
        if self.ceil:
            value = min(-(-room // self.stride) + 1, -(-(size + before) // self.stride))
        if value < 1:
            dilated = f" (dilated by {self.dilation:,}: {self.span:,})" if self.dilation > 1 else ""
            padded = f" with {before:,} + {after:,} of padding" if before + after else ""
            cells = "1 cell" if size == 1 else f"{size:,} cells"
            raise ValueError(f"a kernel of {self.kernel:,}{dilated} does not fit into {cells}{padded}")
        signs = (f"{n:,}" for n in (self.kernel, self.stride, self.dilation, before, after))
        return Count(value, self.write(size, f"{size:,}", *signs))

    def write(self, size: int, n: str, k: str, s: str, d: str, before: str, after: str) -> str:
        """Write the sum for `size` cells, with symbols or numbers as signs; empty where there is none."""
        if self.padding in ("same", "causal"):
            return f"⌈{n}/{s}⌉" if self.stride > 1 else ""
        sides = self.sides(size)
        padding = f" + 2·{before}" if sides[0] == sides[1] else f" + {before} + {after}"
        room = f"{n}{padding if any(sides) else ''} − {self.span_text(k, d)}"
        if self.stride == 1:
            return f"{room} + 1"
        if not self.ceil:
            return f"⌊({room})/{s}⌋ + 1"
        hanging, starts = f"⌈({room})/{s}⌉ + 1", f"⌈({n} + {before})/{s}⌉"
        cells = size + sum(sides) - self.span
        if -(-cells // self.stride) + 1 <= -(-(size + sides[0]) // self.stride):
            return hanging
        return f"min({hanging}, {starts if sides[0] else f'⌈{n}/{s}⌉'})"

    def span_text(self, kernel: str, dilation: str) -> str:
        """Return the span in the given signs: `k`, or `(d·(k − 1) + 1)` where the window is dilated."""
        return span_text(kernel, dilation if self.dilation > 1 else 1)

    def taps(self, size: int) -> Taps:
        """Return which of `size` cells each output reads: o reads o·s + t·d − p."""
        (before, _), stride, step = self.sides(size), self.stride, self.dilation
        return Taps(
            lambda o: range(o * stride - before, o * stride - before + step * self.kernel, step),
            self.output_size(size),
            period=(1, stride),
        )

    def widen(self, field: int, jump: int) -> tuple[int, int]:
        """Return receptive field and jump behind the window: r' = r + (w − 1)·j and j' = s·j."""
        return field + (self.span - 1) * jump, self.stride * jump


@dataclass(frozen=True)
class RecoveredWindow:
    """A sliding window along one axis, in cells of the map it slides over."""

    span: float
    """Cells from its first to its last tap: d·(k − 1) + 1."""
    stride: float
    before: float
    """Cells of padding in front."""
    inputs: int
    outputs: int

    @property
    def is_whole(self) -> bool:
        """Whether it slides by whole cells; behind enlarged maps it may not."""
        return self.stride >= 1 and all(float(n).is_integer() for n in (self.span, self.stride, self.before))

    @property
    def last(self) -> int:
        """The last cell that any tap touches, counted from 0."""
        return math.floor((self.outputs - 1) * self.stride - self.before + self.span - 1)

    def cells(self) -> set[int]:
        """Return the cells from the first to the last tap of each window, padding left out."""
        span, stride, before = int(self.span), int(self.stride), int(self.before)
        if stride <= span:
            return set(range(max(-before, 0), min(self.last + 1, self.inputs)))
        starts = range(-before, self.outputs * stride - before, stride)
        touched = {cell for start in starts for cell in range(start, start + span)}
        return touched & set(range(self.inputs))


def window_between(inner: Axis, outer: Axis) -> RecoveredWindow:
    """Return the window that slid over `inner` and made `outer`.

    From r' = r + (span − 1)·j, j' = s·j and c' = c + ((span − 1)/2 − p)·j.
    """
    jump = float(inner.jump)
    span = float(outer.size - inner.size) / jump + 1
    return RecoveredWindow(
        span=span,
        stride=float(outer.jump) / jump,
        before=(span - 1) / 2 - float(outer.start - inner.start) / jump,
        inputs=len(inner.windows),
        outputs=len(outer.windows),
    )


def find_windows(row: Row, rows: Mapping[str, Row]) -> tuple[RecoveredWindow, ...]:
    """Return the window of a row along each axis; none where it is not one window over one map.

    Args:
        row: one row of a network.
        rows: all rows of the network, by name.
    """
    sources = [rows[name] for name in row.inputs if name in rows]
    if len(sources) != 1 or sources[0].field is None or row.field is None or row.field.whole:
        return ()
    inner, outer = sources[0].field.axes, row.field.axes
    if len(inner) != len(outer):
        return ()
    return tuple(window_between(one, other) for one, other in zip(inner, outer, strict=True))
