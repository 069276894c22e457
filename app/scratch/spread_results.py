"""How wide values and gradients spread, as a result that shows itself."""

from dataclasses import asdict, dataclass
from typing import Any

from app.scratch.results import drawn_block
from app.scratch.spread import SCALES, Division, LayerSpread
from app.show.document import Block, Document, Paragraph, Table
from app.show.results import ShowsFigure, ShowsReport


@dataclass(frozen=True, repr=False, eq=False)
class InitialSpread(ShowsReport, ShowsFigure):
    """How wide values and gradients spread, layer by layer, for weights too small, right and too large.

    `print` it for the tables; in a notebook it is its picture.
    """

    name: str
    rows: tuple[LayerSpread, ...]
    gain: float
    """The right weights have the standard deviation gain/√n."""
    division: tuple[Division, ...]
    seed: int

    _repr_html_ = None  # type: ignore[assignment]
    """In a notebook it is its picture."""

    @property
    def rule(self) -> str:
        """How the right weights are drawn, in words."""
        return "√(1/n), Xavier's" if self.gain == 1 else "√(2/n), He's, for rectifiers"

    @property
    def factors(self) -> tuple[str, ...]:
        """How wide the weights of each way are drawn, in words."""
        return "a third", self.rule, "three times"

    @property
    def title(self) -> str:
        """What the picture is called."""
        return f"{self.name}: spread of values and gradients, layer by layer"

    def __repr__(self) -> str:
        ends = ", ".join(
            f"{name} {value:.2g}" for (name, _), value in zip(SCALES, self.rows[-1].values, strict=True)
        )
        return f"<spread in {self.name}, last layer: {ends}>"

    def sentences(self) -> list[str]:
        """Return what becomes of values and gradients on their way, a line for each way to draw the weights."""
        first, last = self.rows[0], self.rows[-1]
        return [
            f"{name} ({factor}): values {first.values[i]:.2g} in {first.name}, {last.values[i]:.2g} in {last.name}; "
            f"gradients {last.gradients[i]:.2g} there, {first.gradients[i]:.2g} back in {first.name}"
            for i, ((name, _), factor) in enumerate(zip(SCALES, self.factors, strict=True))
        ]

    def document(self, format: str = "text") -> Document:
        """Return both tables, what becomes of the values, and article 002's division; in a page the picture too."""
        columns = (
            "layer",
            *(f"values, {name}" for name, _ in SCALES),
            *(f"gradients, {name}" for name, _ in SCALES),
        )
        rows = tuple(
            (row.name, *(f"{each:.3g}" for each in (*row.values, *row.gradients))) for row in self.rows
        )
        spread = Table(columns, rows, "standard deviations, layer by layer", numbers=tuple(range(1, 7)))
        divided = Table(
            (
                "randn(3, 3) divided by",
                "its variance",
                "as a fraction",
                "9 products with values of variance 1",
            ),
            tuple(
                (str(each.divisor), f"{each.variance:.5f}", each.stated, f"{each.output_variance:.3f}")
                for each in self.division
            ),
            "article 002 wants a variance of 1/n = 1/9",
            numbers=(0, 1, 2, 3),
        )
        said = (
            "Dividing by a number divides the variance by its square: /9 gives 1/81, a ninth of what is wanted, and /3 "
            "gives 1/9."
        )
        blocks: tuple[Block, ...] = (
            *drawn_block(self, format, "spread of values and gradients"),
            spread,
            Paragraph("\n".join(self.sentences())),
            divided,
            Paragraph(said),
        )
        return Document(self.title, blocks, self._facts())

    def draw(self) -> Any:
        """Return the spread of values and of gradients, layer by layer."""
        from app.scratch.figures import draw_spread

        names = [f"{name}: {factor}" for (name, _), factor in zip(SCALES, self.factors, strict=True)]
        return draw_spread(self.rows, names, self.title)

    def _facts(self) -> dict[str, Any]:
        return {
            "network": self.name,
            "seed": self.seed,
            "gain": self.gain,
            "scales": dict(SCALES),
            "layers": [asdict(row) for row in self.rows],
            "division": [asdict(each) for each in self.division],
        }
