"""The geometry of a sliding window along one axis: padding, output size, and the way back.

n cells, a kernel of k taps, stride s, dilation d; p cells of padding before and after. From its first
to its last tap a window spans w = d·(k − 1) + 1 cells.
"""

from dataclasses import dataclass

from app.counting import formulas
from app.counting.count import Count

Padding = str | tuple[int, int]
"""`valid` (none), `same` (as Keras pads), `full` (w − 1 on each side), or cells before and after."""


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
        return formulas.span(self.kernel, self.dilation)

    def sides(self, size: int) -> tuple[int, int]:
        """Return the cells of padding before and after `size` cells."""
        if isinstance(self.padding, tuple):
            return self.padding
        if self.padding == "full":
            return self.span - 1, self.span - 1
        return formulas.padding_amounts(size, self.kernel, self.stride, self.padding, self.dilation)

    def output_size(self, size: int) -> Count:
        """Return how many windows there are on `size` cells.

        same: ⌈n/s⌉;  otherwise ⌊(n + p_before + p_after − w)/s⌋ + 1;  with ceil
        min(⌈(n + p_before + p_after − w)/s⌉ + 1, ⌈(n + p_before)/s⌉).

        Raises:
            ValueError: the kernel does not fit.

        Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016;
        torch.nn.MaxPool2d for ceil.
        """
        if self.padding == "same":
            value = -(-size // self.stride)
        else:
            before, after = self.sides(size)
            room = size + before + after - self.span
            value = room // self.stride + 1
            if self.ceil:
                value = min(-(-room // self.stride) + 1, -(-(size + before) // self.stride))
        if value < 1:
            raise ValueError(self._misfit(size))
        return Count(value, self._write(size, f"{size:,}", self._numbers(size)))

    def formula(self, size: int) -> str:
        """Return the formula for `size` cells in symbols, without the terms that do nothing."""
        before, after = self.sides(size)
        sides = ("p", "p") if before == after else ("p_before", "p_after")
        return self._write(size, "n", ("k", "s", "d", *sides))

    def smallest_input(self, outputs: int) -> int:
        """Return the fewest cells that give at least `outputs` windows; one cell at least.

        same: (o − 1)·s + 1;  otherwise (o − 1)·s + w − p_before − p_after;  with ceil
        max((o − 2)·s + w + 1 − p_before − p_after, (o − 1)·s + 1 − p_before).
        """
        if self.padding == "same":
            return (outputs - 1) * self.stride + 1
        before, after = self.sides(1)
        steps = (outputs - 1) * self.stride
        if self.ceil:
            hanging = steps - self.stride + 1 + self.span - before - after
            return max(hanging, steps + 1 - before, 1)
        return max(steps + self.span - before - after, 1)

    def inputs_for(self, outputs: int) -> range:
        """Return every size that gives exactly `outputs` windows; they are consecutive."""
        return range(self.smallest_input(outputs), self.smallest_input(outputs + 1))

    def reachable(self, inputs: range) -> range:
        """Return every output size of `inputs`, consecutive sizes: again consecutive."""
        smallest = max(inputs.start, self.smallest_input(1))
        if smallest >= inputs.stop:
            return range(0)
        return range(int(self.output_size(smallest)), int(self.output_size(inputs[-1])) + 1)

    def span_text(self, kernel: str, dilation: str) -> str:
        """Return the span in the given signs: `k`, or `(d·(k − 1) + 1)` where the window is dilated."""
        return formulas.span_text(kernel, dilation if self.dilation > 1 else 1)

    def _numbers(self, size: int) -> tuple[str, str, str, str, str]:
        before, after = (f"{cells:,}" for cells in self.sides(size))
        return f"{self.kernel:,}", f"{self.stride:,}", f"{self.dilation:,}", before, after

    def _write(self, size: int, n: str, signs: tuple[str, str, str, str, str]) -> str:
        """Write the sum for `size` cells, either with symbols or with numbers as signs."""
        k, s, d, before, after = signs
        if self.padding == "same":
            return f"⌈{n}/{s}⌉" if self.stride > 1 else n
        room = f"{n}{self._padding_text(size, before, after)} − {self.span_text(k, d)}"
        if self.stride == 1:
            return f"{room} + 1"
        if not self.ceil:
            return f"⌊({room})/{s}⌋ + 1"
        sides = self.sides(size)
        hanging, starts = f"⌈({room})/{s}⌉ + 1", f"⌈({n} + {before})/{s}⌉"
        cells = size + sum(sides) - self.span
        if -(-cells // self.stride) + 1 <= -(-(size + sides[0]) // self.stride):
            return hanging
        return f"min({hanging}, {starts if sides[0] else f'⌈{n}/{s}⌉'})"

    def _padding_text(self, size: int, before: str, after: str) -> str:
        sides = self.sides(size)
        if not any(sides):
            return ""
        return f" + 2·{before}" if sides[0] == sides[1] else f" + {before} + {after}"

    def _misfit(self, size: int) -> str:
        before, after = self.sides(size)
        dilated = f" (dilated by {self.dilation:,}: {self.span:,})" if self.dilation > 1 else ""
        padded = f" with {before:,} + {after:,} of padding" if before + after else ""
        cells = "1 cell" if size == 1 else f"{size:,} cells"
        return (
            f"a kernel of {self.kernel:,}{dilated} does not fit into {cells}{padded}; "
            "take a smaller kernel, more padding or a larger input"
        )
