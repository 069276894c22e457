"""A window as the calculator asks for it: the formula in symbols, and sizes backwards."""

from dataclasses import dataclass

from app.counting.count import Count
from app.counting.windows import Window


@dataclass(frozen=True)
class ReversibleWindow(Window):
    """A window of which both the output and the inputs for an output are asked."""

    def output_size(self, size: int) -> Count:
        """Return how many windows there are on `size` cells; where nothing changes it, n is the sum.

        Raises:
            ValueError: the kernel does not fit.
        """
        try:
            count = super().output_size(size)
        except ValueError as error:
            advice = "take a smaller kernel, more padding or a larger input"
            raise ValueError(f"{error}; {advice}") from error
        return Count(count, count.working or f"{size:,}")

    def formula(self, size: int) -> str:
        """Return the formula for `size` cells in symbols, without the terms that do nothing."""
        before, after = self.sides(size)
        sides = ("p", "p") if before == after else ("p_before", "p_after")
        return self.write(size, "n", "k", "s", "d", *sides) or "n"

    def smallest_input(self, outputs: int) -> int:
        """Return the fewest cells that give at least `outputs` windows; one cell at least.

        same: (o − 1)·s + 1;  otherwise (o − 1)·s + w − p_before − p_after;  with ceil
        max((o − 2)·s + w + 1 − p_before − p_after, (o − 1)·s + 1 − p_before).
        """
        steps = (outputs - 1) * self.stride
        if self.padding == "same":
            return steps + 1
        before, after = self.sides(1)
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
