"""The geometry of a transposed convolution along one axis, and its checkerboard.

Every one of n cells writes w = d·(k − 1) + 1 cells (d apart), s cells after its neighbour: (n − 1)·s + w
cells in all. Padding cuts cells off both ends.
"""

import math
from collections import Counter
from dataclasses import dataclass

from app.counting import formulas
from app.counting.count import Count
from app.counting.windows import Padding, span, span_text

CUTS = ("valid", "same", "full")
"""Paddings that are words."""
KERAS_CUTS = ("valid", "same")


@dataclass(frozen=True)
class Transposed:
    """A transposed convolution along one axis."""

    kernel: int
    stride: int = 1
    padding: Padding = "valid"
    """`valid` or `same` as Keras cuts, `full` (w − 1 off each side), or the cells cut off before and after."""
    dilation: int = 1
    output_padding: int | None = None
    """Cells added at the end; None leaves it to Keras' rule (0 where the padding is none of Keras')."""

    @property
    def is_cut_by_keras(self) -> bool:
        """Whether Keras has this padding; the others follow PyTorch's rule."""
        return self.padding in KERAS_CUTS

    @property
    def span(self) -> int:
        """The cells that one cell writes over: d·(k − 1) + 1."""
        return span(self.kernel, self.dilation)

    def output_size(self, size: int) -> Count:
        """Return how many cells `size` cells become.

        valid: n·s + max(w − s, 0);  same: n·s;  valid or same with output padding o:
        (n − 1)·s + w − 2·p + o with p = 0 or ⌊w/2⌋;  numbers: (n − 1)·s + w − p_before − p_after + o;
        full: the same with p = w − 1, which takes back what a convolution's full padding added.

        Raises:
            ValueError: the padding leaves nothing, or the output padding is too large.

        Source: Dumoulin and Visin, 2016, §4; keras.layers.Conv2DTranspose; torch.nn.ConvTranspose2d.
        """
        self._check_output_padding()
        if isinstance(self.padding, str) and self.is_cut_by_keras:
            value = formulas.transposed_output_size(
                size, self.kernel, self.stride, self.padding, self.dilation, self.output_padding
            )
        else:
            made = (size - 1) * self.stride + self.span
            value = Count(made - sum(self._cut()) + (self.output_padding or 0))
        if value < 1:
            made = (size - 1) * self.stride + self.span
            raise ValueError(
                f"padding that cuts off {made - value:,} cells leaves nothing of {made:,}; "
                "take less padding or a larger input"
            )
        numbers = (size, self.kernel, self.stride, self.dilation, self.output_padding or 0)
        signs = tuple(f"{number:,}" for number in (*numbers, *self._cut()))
        return Count(value, self._write(signs))

    def formula(self) -> str:
        """Return the formula in symbols, without the terms that do nothing."""
        before, after = self._cut()
        if self.padding == "same":
            cut = ("⌊w/2⌋", "⌊w/2⌋")
        else:
            cut = ("p", "p") if before == after else ("p_before", "p_after")
        return self._write(("n", "k", "s", "d", "o", *cut))

    def inputs_for(self, outputs: int) -> range:
        """Return the size that becomes exactly `outputs` cells, as a range of one or none."""
        size, rest = divmod(outputs - self._constant(), self.stride)
        fits = rest == 0 and size >= 1 and outputs >= 1
        return range(size, size + 1) if fits else range(0)

    def reachable(self, inputs: range) -> range:
        """Return every output size of `inputs`, consecutive sizes: they lie a stride apart."""
        least = (1 - self._constant() + self.stride - 1) // self.stride
        smallest = max(inputs.start, least)
        if smallest >= inputs.stop:
            return range(0)
        first, last = (n * self.stride + self._constant() for n in (smallest, inputs[-1]))
        return range(first, last + 1, self.stride)

    def overlaps(self) -> tuple[int, int]:
        """Return the fewest and the most products that make up a cell away from the ends.

        Tap t writes cells that leave the remainder t·d mod s; each remainder has its number of taps.
        They differ where the kernel is not divisible by the stride: the checkerboard of Odena,
        Dumoulin and Olah, Deconvolution and Checkerboard Artifacts, 2016.
        """
        taps = Counter(tap * self.dilation % self.stride for tap in range(self.kernel))
        fewest = min(taps.values()) if len(taps) == self.stride else 0
        return fewest, max(taps.values())

    def _constant(self) -> int:
        """Return c of the output size n·s + c."""
        far = math.ceil(self.span / self.stride) + sum(self._cut()) + 1
        return int(self.output_size(far)) - far * self.stride

    def _check_output_padding(self) -> None:
        below = self.stride if self.is_cut_by_keras else max(self.stride, self.dilation)
        if self.output_padding is not None and self.output_padding >= below:
            raise ValueError(
                f"the output padding {self.output_padding:,} must be below {below:,}, the stride"
                + ("" if self.is_cut_by_keras else " or the dilation")
            )

    def _cut(self) -> tuple[int, int]:
        """Return the cells that the formula takes off before and after."""
        if isinstance(self.padding, tuple):
            return self.padding
        cut = {"valid": 0, "same": self.span // 2, "full": self.span - 1}[self.padding]
        return cut, cut

    def _write(self, signs: tuple[str, ...]) -> str:
        """Write the sum, either with symbols or with numbers as signs."""
        n, k, s, d, o, *cut = signs
        reach = span_text(k, d if self.dilation > 1 else 1)
        if self.is_cut_by_keras and self.output_padding is None:
            extra = f" + max({reach} − {s}, 0)" if self.padding == "valid" else ""
            return f"{n}·{s}{extra}"
        text = f"({n} − 1)·{s} + {reach}"
        before, after = self._cut()
        if before or after:
            text += f" − 2·{cut[0]}" if before == after else f" − {cut[0]} − {cut[1]}"
        return f"{text} + {o}" if self.output_padding else text
