"""A number that remembers how it was worked out."""

import math


class Count(int):
    """An integer with its visible working: `Count(260, "(5·5·1 + 1)·10")`.

    It is an ordinary int in every sum; the working belongs to this one number and is not carried
    into results.
    """

    working: str

    def __new__(cls, value: int, working: str = "") -> "Count":
        """Make the count `value`, worked out as `working` (without its result)."""
        self = super().__new__(cls, value)
        self.working = working
        return self

    def __getnewargs__(self) -> tuple[int, str]:  # type: ignore[override]
        return int(self), self.working

    def plus(self, other: "Count") -> "Count":
        """Return the sum, its working that of both terms: `2·3 + 4`."""
        if not self or not other:
            return self or other
        return Count(int(self) + int(other), f"{self.working or int(self)} + {other.working or int(other)}")

    def sum_line(self) -> str:
        """Return working and result, `(5·5·1 + 1)·10 = 260`; the bare number without a working."""
        return f"{self.working} = {int(self):,}" if self.working else f"{int(self):,}"


NONE = Count(0)
"""Nothing to count: no weights, no arithmetic."""


def product(*factors: int) -> str:
    """Return the factors as they are written in a working: `product(3, 3, 32)` is `3·3·32`."""
    return "·".join(f"{factor:,}" for factor in factors)


def product_count(*factors: int) -> Count:
    """Return the product of the factors, which are its working."""
    return Count(math.prod(factors), product(*factors))
