"""The columns that the table of a count can have."""

from collections.abc import Callable
from dataclasses import dataclass

from app.counting.rows import Row, Sheet, shape_text
from app.show.numbers import percentage

MOST_TERMS = 24
"""A longer sum is not written out."""


@dataclass(frozen=True)
class Column:
    """One column: its head, what it says of a row, what it says of the whole."""

    head: str
    cell: Callable[[Row, int], str]
    """What stands in a row's line; it is told the parameters of the whole network too."""
    total: Callable[[Sheet], str]
    is_number: bool = False
    is_prose: bool = False


def number(value: int) -> str:
    """Return a number with thousands separators; nothing for 0."""
    return f"{value:,}" if value else ""


def at_least(value: int, is_exact: bool) -> str:
    """Return a total, as a lower bound where something in it is not known."""
    return f"{value:,}" if is_exact else f"≥ {value:,}"


def output_text(row: Row) -> str:
    """Return the shape of what comes out, or that it is not known."""
    return shape_text(row.output_shape) if row.is_shape_known else "?"


def share(row: Row, whole: int) -> str:
    """Return a row's percentage of all parameters; nothing where it has none."""
    return percentage(row.parameters, whole) if row.parameters else ""


def working(row: Row) -> str:
    """Return how a row's parameters are worked out, `(5·5·1 + 1)·10 = 260`."""
    if row.shared_with:
        return f"shared with {row.shared_with}"
    line = row.trainable.working
    if row.non_trainable:
        kept = f"{row.non_trainable.working or f'{row.non_trainable:,}'} not trained"
        line = f"{line or f'{row.trainable:,}'} + {kept}" if row.trainable else kept
    if line and row.parameters:
        line = f"{line} = {row.parameters:,}"
    return f"not counted: {row.unknown}{f'; {line}' if line else ''}" if row.unknown else line


def total_working(sheet: Sheet) -> str:
    """Return the sum of all rows, or what is trained and what is not."""
    if not sheet.is_split_known:
        return ""
    if sheet.non_trainable:
        return f"{sheet.trainable:,} trainable + {sheet.non_trainable:,} not trained"
    terms = [f"{row.trainable:,}" for row in sheet.rows if row.trainable]
    return " + ".join(terms) if len(terms) <= MOST_TERMS else f"the sum of {len(terms):,} rows"


def sees(row: Row) -> str:
    """Return the receptive field; behind several inputs one for each."""
    if len(row.fields) > 1:
        return ", ".join(f"{name} {field.text()}" for name, field in row.fields.items())
    return row.field.text() if row.field else "–"


def total_connections(sheet: Sheet) -> str:
    """Return the sum of all connections; nothing where there are none."""
    return at_least(sheet.connections, not sheet.unknown) if sheet.connections else ""


def _nothing(sheet: Sheet) -> str:  # noqa: ARG001
    return ""


COLUMNS = {
    "layer": Column("layer", lambda row, _: row.name, lambda _: "total"),
    "kind": Column("kind", lambda row, _: row.kind, _nothing),
    "settings": Column("settings", lambda row, _: row.settings, _nothing, is_prose=True),
    "inputs": Column("reads", lambda row, _: ", ".join(row.inputs), _nothing, is_prose=True),
    "output": Column("output", lambda row, _: output_text(row), _nothing),
    "parameters": Column(
        "parameters",
        lambda row, _: f"{row.parameters:,}" if row.is_weighed else "?",
        lambda sheet: at_least(sheet.parameters, sheet.is_weighed),
        is_number=True,
    ),
    "trainable": Column(
        "trainable",
        lambda row, _: number(row.trainable) if row.is_split_known else "?",
        lambda sheet: at_least(sheet.trainable, sheet.is_weighed) if sheet.is_split_known else "?",
        is_number=True,
    ),
    "non-trainable": Column(
        "not trained",
        lambda row, _: number(row.non_trainable) if row.is_split_known else "?",
        lambda sheet: at_least(sheet.non_trainable, sheet.is_weighed) if sheet.is_split_known else "?",
        is_number=True,
    ),
    "share": Column("share %", share, lambda sheet: "100.0" if sheet.parameters else "", is_number=True),
    "working": Column("working", lambda row, _: working(row), total_working, is_prose=True),
    "macs": Column(
        "MACs",
        lambda row, _: "?" if row.unknown else number(row.multiply_accumulates),
        lambda sheet: at_least(sheet.multiply_accumulates, not sheet.unknown),
        is_number=True,
    ),
    "connections": Column(
        "connections",
        lambda row, _: "?" if row.unknown else number(row.connections),
        total_connections,
        is_number=True,
    ),
    "activations": Column(
        "output bytes",
        lambda row, _: number(row.activation_bytes),
        lambda sheet: f"{sheet.activation_bytes:,}",
        is_number=True,
    ),
    "sees": Column("sees", lambda row, _: sees(row), _nothing),
}
"""Every column, by the name it has on the command line, in the order in which they stand."""

DEFAULT = ("layer", "kind", "output", "parameters", "share", "working", "macs", "sees")
"""What is shown unless other columns are asked for."""

EXPENDABLE = (
    "connections", "activations", "settings", "inputs", "working", "share", "kind", "non-trainable", "trainable",
    "macs", "sees",
)  # fmt: skip
"""What a terminal without room for all columns leaves out, the least needed first."""


def choose_columns(names: str | None) -> tuple[str, ...]:
    """Return the columns asked for, `layer,output,macs`; the usual ones without a wish.

    Raises:
        ValueError: there is no such column; the message lists them.
    """
    if names is None:
        return DEFAULT
    chosen = tuple(name.strip().lower() for name in names.split(",") if name.strip())
    unknown = [name for name in chosen if name not in COLUMNS]
    if unknown or not chosen:
        what = f"no column {unknown[0]!r}" if unknown else "no columns named"
        raise ValueError(f"{what}; there are: {', '.join(COLUMNS)}")
    return chosen
