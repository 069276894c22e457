"""What is found inside a network, as a result that shows itself: in words, as a figure, as arrays."""

from typing import Any

from app.datasets.samples import Sample
from app.maps.probabilities import Probabilities
from app.show.document import PAGES, Block, Document, Drawing, Paragraph
from app.show.results import ShowsFigure, ShowsReport


class Answer(ShowsReport, ShowsFigure):
    """A result with words and a figure; `print` gives the words, a notebook shows the figure."""

    _repr_html_ = None  # type: ignore[assignment]

    @property
    def title(self) -> str:
        """What the figure is called."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[str | None, ...]:
        """What its file is called, in parts."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return what there is to say, a line each."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """Return the same as plain values."""
        return {"lines": self.lines()}

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"<{self.title}>"

    def document(self, format: str = "text") -> Document:
        """Return the words, and in an HTML page the figure."""
        blocks: list[Block] = [Paragraph("\n".join(line.strip() for line in self.lines()))]
        if format in PAGES:
            from app.show.canvas import figure_svg

            blocks.insert(0, Drawing(figure_svg(self.plot()), self.title))
        return Document(self.title, tuple(blocks), {"title": self.title, **self.facts()})


def prediction_lines(sample: Sample, said: str, probabilities: Probabilities | None) -> list[str]:
    """Return what the network says of an image, and the probabilities of all classes."""
    all_classes = [] if probabilities is None else [f"  {probabilities}"]
    return [f"{sample.title} ({sample.caption}): {said}", *all_classes]


def prediction_facts(said: str, probabilities: Probabilities | None) -> dict[str, Any]:
    """Return the same as plain values."""
    return {"says": said, **probability_records(probabilities)}


def probability_records(probabilities: Probabilities | None) -> dict[str, Any]:
    """Return the probabilities of all classes as plain values; nothing of quantities."""
    return {} if probabilities is None else {"probabilities": probabilities.to_records()}
