"""The filters of a convolution, transposed or not: how many, in how many groups, and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.calculate.dimensions import kernel_signs, size_signs
from app.calculate.reports.answers import Answer, count_text
from app.counting import formulas
from app.counting.count import Count


@dataclass(frozen=True)
class FilterBank:
    """What a convolution has besides its windows."""

    filters: int = 1
    groups: int = 1
    use_bias: bool = True

    def check(self, channels: int) -> None:
        """Refuse groups that do not divide channels and filters.

        Raises:
            ValueError: they do not.
        """
        for number, words in ((channels, "channel"), (self.filters, "filter")):
            if number % self.groups:
                raise ValueError(
                    f"{count_text(self.groups, 'group')} cannot share out {count_text(number, words)}"
                    "; take a number that divides channels and filters"
                )

    def text(self) -> str:
        """Return `10 filters, 2 groups, no bias`, without what is usual."""
        parts = [count_text(self.filters, "filter")]
        parts += [count_text(self.groups, "group")] if self.groups > 1 else []
        return ", ".join(parts if self.use_bias else [*parts, "no bias"])

    def data(self) -> dict[str, Any]:
        """Return the filters for machines."""
        return {"filters": self.filters, "groups": self.groups, "use_bias": self.use_bias}

    def costs(self, kernel: Sequence[int], channels: int, sizes: Sequence[int], side: str) -> list[Answer]:
        """Return parameters and MACs: in each group of channels its share of the filters.

        Args:
            kernel: the kernel's size along each axis.
            channels: those of the input.
            sizes: the cells that meet the whole kernel: those of the output, of the input where transposed.
            side: which these are, `out` or `in`.
        """
        rank, groups = len(kernel), self.groups
        weights = f"{kernel_signs(rank)}·{'c/g' if groups > 1 else 'c'}"
        parameters = formulas.conv_parameters(kernel, channels, self.filters, groups, self.use_bias)
        macs = formulas.conv_multiply_accumulates(kernel, channels, (*sizes, self.filters), groups)
        shared = Answer(
            "channels that a filter reads", "c/g", Count(channels // groups, f"{channels:,}/{groups:,}")
        )
        return [
            *([shared] if groups > 1 else []),
            Answer("parameters", f"({weights} + 1)·f" if self.use_bias else f"{weights}·f", parameters),
            Answer("MACs", f"{weights}·{size_signs(rank, side)}·f", macs),
        ]
