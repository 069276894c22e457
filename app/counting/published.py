"""Our figure beside a published one."""

from dataclasses import dataclass

from app.counting.rows import Sheet
from models import Network, Published

PUBLISHED_QUANTITIES = ("trainable parameters", "parameters", "connections", "multiply-accumulates")


@dataclass(frozen=True)
class FigureCheck:
    """A published figure and ours."""

    published: Published
    ours: int

    @property
    def is_equal(self) -> bool:
        """Whether ours is the same, to the digits that are printed."""
        return self.published.is_met_by(self.ours)

    @property
    def is_as_declared(self) -> bool:
        """Whether ours is the same, or differs and the entry says why."""
        return self.is_equal or bool(self.published.why)

    @property
    def layer(self) -> str:
        """The layer whose figure it is; empty for the whole network's."""
        return split_quantity(self.published.quantity)[1]

    @property
    def verdict(self) -> str:
        """`equal`, `equal, rounded` or `differs by -1,000` (ours minus theirs)."""
        if not self.is_equal:
            return f"differs by {self.ours - self.published.value:+,}"
        return "equal" if self.ours == self.published.value else "equal, rounded"


def compare_figures(network: Network, sheet: Sheet) -> list[FigureCheck]:
    """Return every published figure of a network beside ours, the source's own first."""
    return [FigureCheck(f, published_quantity(f.quantity, sheet)) for f in network.figures]


def published_quantity(quantity: str, sheet: Sheet) -> int:
    """Return our figure for one of `PUBLISHED_QUANTITIES`, of the network or, with its name before it, of a layer.

    Raises:
        ValueError: it is another quantity, or there is no such layer.
    """
    what, layer = split_quantity(quantity)
    counted = sheet.row(layer) if layer else sheet
    return int(getattr(counted, what.removesuffix(" parameters").replace("-", "_")))


def split_quantity(quantity: str) -> tuple[str, str]:
    """Return what a quantity counts and the layer that it is about: `conv parameters` in two.

    Raises:
        ValueError: it is none of `PUBLISHED_QUANTITIES`.
    """
    for what in PUBLISHED_QUANTITIES:
        if quantity == what or quantity.endswith(f" {what}"):
            return what, quantity.removesuffix(what).strip()
    raise ValueError(f"no figure of ours for the published quantity {quantity!r}")
