"""An exported model as a result that shows itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.export.comparing import Agreement
from app.files.folders import shown
from app.show.document import Document, Paragraph
from app.show.results import ShowsReport
from app.untrusted.text import visible

MOST_OPERATORS = 8
"""Kinds of operators that the report names; the card has all."""


@dataclass(frozen=True, repr=False, eq=False)
class Exported(ShowsReport):
    """A model as a file of another format, which gave Keras' numbers when it was run."""

    name: str
    """What the model is called."""
    title: str
    """Of the format: `ONNX`."""
    path: Path
    """The file, or for a SavedModel the folder."""
    card_path: Path
    """The card beside it, JSON."""
    card: dict[str, Any]
    """Everything that a user of the file needs: inputs, pixels, classes, the source's SHA-256, how it was checked."""
    agreement: Agreement
    """How far it gives what Keras gives."""
    snippet: str
    """Lines of Python that run it on a picture."""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.name} as {self.title}: {shown(self.path)}>"

    def lines(self) -> list[str]:
        """Return what was written, how it was checked, and what is to be known of it, a line each."""
        found, card = self.agreement, self.card
        same = (
            ""
            if found.same_class is None
            else f", the same class for {found.same_class:,} of {found.pictures:,}"
        )
        tried = (
            "one at a time"
            if found.batches == (1,)
            else f"in batches of {' and '.join(map(str, found.batches))}"
        )
        kind = f"{self.title} {card['opset']}" if card.get("opset") else self.title
        return [
            f"Export   {shown(self.path)}, {kind}, {card['size_bytes']:,} bytes",
            f"Inside   {_operators(card['operators'])}",
            f"Checked  {card['checked']['runtime']} and Keras on {card['checked']['pictures']}, {tried}",
            f"         largest difference of outputs {found.difference:.1g} ({found.allowed:.0e} is allowed){same}",
            f"Pixels   enter as {card['pixels']['words']}"
            if card["pixels"]
            else "Input    numbers that are no picture",
            f"Card     {shown(self.card_path)}",
            *(f"Note     {note}" for note in self.notes),
        ]

    def __str__(self) -> str:
        return "\n".join(
            map(visible, [*self.lines(), "", "Run it in Python:", "", *self.snippet.splitlines()])
        )

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the lines and the lines of Python; as data the card."""
        blocks = (Paragraph("\n".join(self.lines())), Paragraph(self.snippet))
        data = {"path": str(self.path), **self.card}
        return Document(f"{self.name} as {self.title}", blocks, data)


def _operators(counts: dict[str, int]) -> str:
    """Return how many operators there are, and the most frequent kinds.

    >>> _operators({"Conv": 3, "Relu": 4})
    '7 operators of 2 kinds: Relu 4, Conv 3'
    """
    named = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{name} {count}" for name, count in named[:MOST_OPERATORS])
    more = len(named) - MOST_OPERATORS
    kinds = f"{len(named)} kind{'s' if len(named) != 1 else ''}"
    return f"{sum(counts.values()):,} operators of {kinds}: {listed}" + (
        f", and {more} more" if more > 0 else ""
    )
