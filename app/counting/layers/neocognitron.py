"""The two kinds of cells of Fukushima's neocognitron."""

import math
from typing import Any

from app.counting import formulas
from app.counting.count import Count, product
from app.counting.layers.base import positive
from app.counting.layers.sliding import Sliding, square_window
from app.counting.rows import Shape, Weight


class SCells(Sliding):
    """Cells that answer to a learned feature: excitation against inhibition, divided."""

    is_taught = False

    def __init__(self, planes: int, kernel_size: int, selectivity: float = 1.5, **common: Any) -> None:
        super().__init__(**common)
        self.window, self.selectivity = square_window(kernel_size), selectivity
        (self.planes,) = positive((planes,), "the planes")

    def channels_out(self, channels: int) -> int:  # noqa: ARG002
        """Return the planes."""
        return self.planes

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Return the excitation of k·k·c·p, and an inhibition for each plane."""
        excitation = Weight("excitation", (*self.window.kernel_size, inputs[0][-1], self.planes))
        return excitation, Weight("inhibition", (self.planes,))

    def trainable(self, *inputs: Shape) -> Count:
        """Return (k·k·c + 1)·p."""
        return formulas.conv_parameters(self.window.kernel_size, inputs[0][-1], self.planes)

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k·k·c and the inhibition for each cell, and k·k·c for each place's energy."""
        *sizes, planes = self.output_shape(*inputs)
        area = (*self.window.kernel_size, inputs[0][-1])
        value = ((math.prod(area) + 1) * planes + math.prod(area)) * math.prod(sizes)
        working = f"(({product(*area)} + 1)·{planes} + {product(*area)})·{product(*sizes)}"
        return Count(value, working)

    def connections(self, *inputs: Shape) -> Count:
        """Return the same: each product is a link into a cell."""
        return self.multiply_accumulates(*inputs)

    def settings(self) -> str:
        """Return planes, area and selectivity."""
        return f"{self.planes:,} planes {self.window}, r {self.selectivity:g}"


class CCells(Sliding):
    """Cells that answer wherever in their area a feature is, each to its own plane."""

    is_taught = False

    def __init__(self, kernel_size: int, saturation: float = 0.5, **common: Any) -> None:
        super().__init__(**common)
        self.window, self.saturation = square_window(kernel_size), saturation

    def multiply_accumulates(self, *inputs: Shape) -> Count:
        """Return k·k for each cell; the mean over the planes reuses them."""
        return formulas.depthwise_multiply_accumulates(self.window.kernel_size, self.output_shape(*inputs))

    def connections(self, *inputs: Shape) -> Count:
        """Return k·k and the inhibition for each cell, and k·k·p into the inhibiting cell of each place."""
        output = self.output_shape(*inputs)
        area = math.prod(self.window.kernel_size)
        window = product(*self.window.kernel_size)
        value = (2 * area + 1) * math.prod(output)
        return Count(value, f"({window} + 1 + {window})·{product(*output)}")

    def settings(self) -> str:
        """Return the area and the saturation."""
        return f"{self.window}, α {self.saturation:g}"
