"""Counts that show themselves: of one network, of several side by side, and what was found in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.counting.comparison import LayerCount
from app.counting.counted import Counted
from app.counting.rows import Row
from app.params.changes import Change, find_changes
from app.params.reports.changes import change_document
from app.params.reports.columns import DEFAULT, at_least, choose_columns
from app.params.reports.count import catalogue_document, count_document, rows_document
from app.params.reports.explanation import explanation_document, find_row
from app.show.document import PAGES, Block, Document, Paragraph, Table
from app.show.drawings import network_drawing
from app.show.results import ShowsFigure, ShowsReport, save_report, save_result
from models import Network
from models.titles import network_title

if TYPE_CHECKING:
    from app.params.lint import Finding


@dataclass(frozen=True, repr=False, eq=False)
class ModelCount(Counted, ShowsReport, ShowsFigure):
    """A network counted by hand: shapes, parameters, multiply-accumulates and receptive fields, row by row.

    `print` it for its report; in a notebook it is a table. `count["conv2"]` is one row. Two counts are equal
    if `diff` finds no row that differs.
    """

    model: Any = None
    """The `keras.Model` that was counted, if it was one in memory."""
    input_shape: tuple[int, ...] | None = None
    """The input that was asked for instead of the network's own."""
    witness: tuple[LayerCount, ...] | None = None
    """What Keras says of a model in memory, layer by layer."""
    columns: tuple[str, ...] = DEFAULT
    """What the report tells of each row: names of `app.params.reports.columns.COLUMNS`."""
    style: str = "boxes"
    """How the network is drawn: `boxes` or `volumes`."""

    _repr_png_ = None  # type: ignore[assignment]
    """In a notebook the count is its table; `plot` draws it."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row for each call of a layer, in the order of the calls."""
        return self.sheet.rows

    @property
    def parameters(self) -> int:
        """All parameters, trained or not."""
        return int(self.sheet.parameters)

    @property
    def trainable(self) -> int | None:
        """The parameters that training changes; None where a file does not say which they are."""
        return int(self.sheet.trainable) if self.sheet.is_split_known else None

    @property
    def non_trainable(self) -> int | None:
        """The parameters that training by gradient leaves alone; None where a file does not say which they are."""
        return int(self.sheet.non_trainable) if self.sheet.is_split_known else None

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one image, biases not counted."""
        return int(self.sheet.multiply_accumulates)

    @property
    def connections(self) -> int:
        """One link for every value that a unit reads, and one for its bias."""
        return int(self.sheet.connections)

    @property
    def is_exact(self) -> bool:
        """Whether every row has a formula; if not, the totals are lower bounds."""
        return not self.sheet.unknown

    def __getitem__(self, layer: str) -> Row:
        return find_row(self.sheet, layer)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelCount) and not find_changes(self.rows, other.rows, False)

    def __hash__(self) -> int:
        return hash((self.sheet.name, self.parameters, len(self.rows)))

    def __repr__(self) -> str:
        parameters = at_least(self.parameters, self.sheet.is_weighed)
        work = at_least(self.macs, self.is_exact)
        return f"<count of {self.sheet.name}: {len(self)} rows, {parameters} parameters, {work} MACs>"

    def document(self, format: str = "text") -> Document:
        """Return the report of the count; an HTML page has drawings, CSV the bare rows."""
        return counts_document([self], self.columns, format, self.style)

    @property
    def title(self) -> str:
        """What people call the network: `LeNet-5 (LeCun et al., 1998)`."""
        return network_title(self.sheet.name) if self.network is not None else self.sheet.name

    def draw(self) -> Any:
        """Return the network as a figure."""
        from app.show.drawings.figures import draw_network

        return draw_network(self.sheet, self.style, self.title)

    def plot(self, axes: Any = None, style: str = "boxes") -> Any:
        """Return a matplotlib figure of the network: layers, sizes, parameters, and which reads which.

        A long network is folded into rows; where the letters would become too small, what is repeated is drawn once.

        Args:
            axes: draw in the place of these axes of your own figure, which is then returned.
            style: `boxes`, or `volumes`: slabs whose sides follow height, width and channels, as in many papers.

        Raises:
            ValueError: there is no such style.
        """
        return ShowsFigure.plot(replace(self, style=style), axes)

    def check(self) -> "CountCheck":
        """Hold the count against a second witness, row by row.

        A network of the catalogue and a model in memory are compared with Keras, a file with the shapes of the
        weights that it stores; a network also with what is published of it.
        """
        from app.params.checks import check_count

        return check_count(self)

    def lint(self) -> "Findings":
        """Return what a teacher would point at."""
        return Findings(self)

    def explain(self, layer: str) -> "LayerDerivation":
        """Return the whole derivation of one row, in sentences.

        Raises:
            ValueError: there is no such layer; the message names the closest.
        """
        return LayerDerivation((self,), find_row(self.sheet, layer).name)

    def diff(self, other: Any, with_names: bool = False) -> "CountDifference":
        """Return every row that differs from another network's.

        Args:
            other: a count, or whatever can be counted.
            with_names: let other layer names be a difference too.
        """
        from app.params.counts import count_model

        counted = other if isinstance(other, ModelCount) else count_model(other)
        return CountDifference(self, counted, with_names)

    def save(self, path: str | Path, columns: Sequence[str] | str | None = None) -> Path:
        """Write the report, or as .png or .svg the picture; return the path.

        Args:
            path: its ending says the format: .html, .pdf, .md, .tex, .csv, .json, .txt.
            columns: what to tell of each row, `("layer", "output", "parameters")`; `"all"` for everything.

        Raises:
            ValueError: an unknown ending or column.
        """
        shown = self.with_columns(columns) if columns else self
        is_report = Path(path).suffix.lower() == ".pdf"  # with the picture on its first page
        return save_report(shown, Path(path)) if is_report else save_result(shown, Path(path))

    def with_columns(self, columns: Sequence[str] | str) -> "ModelCount":
        """Return the same count with other columns in its report; `"all"` for all of them.

        Raises:
            ValueError: there is no such column.
        """
        from app.params.reports.columns import COLUMNS

        text = columns if isinstance(columns, str) else ",".join(columns)
        return replace(self, columns=tuple(COLUMNS) if text == "all" else choose_columns(text))


def counts_document(
    counts: Sequence[Counted], columns: Sequence[str], format: str, style: str = "boxes"
) -> Document:
    """Return the report of one or several counts, as it is for a format; a page begins with the network's picture."""
    if format == "csv":
        return rows_document(counts, columns)
    document = count_document(counts, columns, with_drawings=format in PAGES, in_full=format != "text")
    return _with_pictures(document, counts, style) if format in PAGES else document


def _with_pictures(document: Document, counts: Sequence[Counted], style: str) -> Document:
    """Return a report with a title for people, and with the picture of each network before its table."""
    titles = [network_title(c.sheet.name) if c.network is not None else c.sheet.name for c in counts]
    blocks, waiting = list[Block](), list(zip(counts, titles, strict=True))
    for block in document.blocks:
        if waiting and isinstance(block, Table) and block.title == waiting[0][0].sheet.name:
            counted, title = waiting.pop(0)
            blocks.append(network_drawing(counted.sheet, title, style))
            block = replace(block, title="Layer by layer" if len(counts) == 1 else title)
        blocks.append(block)
    return replace(document, title=titles[0] if len(titles) == 1 else document.title, blocks=tuple(blocks))


@dataclass(frozen=True)
class CountCheck(ShowsReport):
    """A count held against second witnesses; true if nothing differs."""

    lines: tuple[str, ...]
    """What each witness says, in words."""
    differences: tuple[str, ...]
    """Every row or published figure that differs; empty if none does."""

    def __bool__(self) -> bool:
        return not self.differences

    def __repr__(self) -> str:
        return f"<check: {'nothing differs' if self else f'{len(self.differences)} differences'}>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the witnesses' verdicts and every difference."""
        data = {"agrees": bool(self), "lines": list(self.lines), "differences": list(self.differences)}
        return Document("", (Paragraph("\n".join((*self.lines, *self.differences))),), data)


@dataclass(frozen=True)
class Findings(ShowsReport):
    """What a teacher would point at in a network."""

    count: ModelCount
    found: "tuple[Finding, ...]" = field(init=False)

    def __post_init__(self) -> None:
        from app.params.lint import lint

        object.__setattr__(self, "found", tuple(lint(self.count)))

    def __iter__(self) -> "Iterator[Finding]":
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __repr__(self) -> str:
        return f"<lint of {self.count.name}: {len(self)} findings>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the findings: where, what, why it matters, what to do."""
        from app.params.lint import lint_document

        return lint_document([self.count])


@dataclass(frozen=True)
class LayerDerivation(ShowsReport):
    """How every number of a row is worked out."""

    counts: tuple[ModelCount, ...]
    layer: str

    def __repr__(self) -> str:
        return f"<derivation of {self.layer} in {', '.join(count.name for count in self.counts)}>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the sentences."""
        return explanation_document(self.counts, self.layer)


@dataclass(frozen=True)
class CountDifference(ShowsReport):
    """What changes from one network to another; true if anything does."""

    first: ModelCount
    second: ModelCount
    with_names: bool = False

    @property
    def changes(self) -> list[Change]:
        """Every row that differs."""
        return find_changes(self.first.rows, self.second.rows, self.with_names)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __repr__(self) -> str:
        return f"<from {self.first.name} to {self.second.name}: {len(self.changes)} rows differ>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the first difference and every changed row."""
        return change_document(self.first, self.second, self.with_names)


@dataclass(frozen=True)
class Comparison(ShowsReport, ShowsFigure):
    """Several networks side by side, a line each."""

    counts: tuple[ModelCount, ...]

    _repr_png_ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<comparison of {', '.join(count.name for count in self.counts)}>"

    def document(self, format: str = "text") -> Document:
        """Return a table with a line for each network; an HTML page has bars."""
        from app.params.reports.comparison import comparison_document

        return comparison_document(self.counts, with_drawings=format in PAGES)

    def draw(self) -> Any:
        """Return bars of parameters, MACs, depth and receptive field."""
        from app.params.figures import draw_comparison
        from app.params.reports.comparison import summarise

        return draw_comparison([summarise(count) for count in self.counts])


@dataclass(frozen=True)
class NetworkList(ShowsReport):
    """The networks of the catalogue, with year, source and parameters."""

    counts: tuple[ModelCount, ...]

    @property
    def names(self) -> list[str]:
        """What they are called."""
        return [count.name for count in self.counts]

    def __iter__(self) -> Iterator[Network]:
        return (count.network for count in self.counts if count.network is not None)

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, name: str) -> ModelCount:
        for count in self.counts:
            if count.name == name:
                return count
        raise ValueError(f"there is no network {name!r} here; there are {', '.join(self.names)}")

    def __repr__(self) -> str:
        return f"<{len(self)} networks>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the list."""
        return catalogue_document(list(self), [count.parameters for count in self.counts])

    def published(self) -> "PublishedFigures":
        """Return what is printed of the networks, held against the counts."""
        return PublishedFigures(self.counts)


@dataclass(frozen=True)
class PublishedFigures(ShowsReport):
    """What is counted of networks beside what is published of them and what well-known code has."""

    counts: tuple[ModelCount, ...]

    def __repr__(self) -> str:
        return f"<published figures of {len(self.counts)} networks>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return both tables, and the traps on the way."""
        from app.params.reports.networks import networks_document

        return networks_document(self.counts)
