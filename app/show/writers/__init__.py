"""One module for each format in which a report can be written; the table of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.show import signs
from app.show.document import Document
from app.show.writers import csv, html, json, latex, markdown, text
from app.untrusted.text import visible

if TYPE_CHECKING:
    from app.show.table_text import Terminal


@dataclass(frozen=True)
class Writer:
    """A format in which a report can be written."""

    name: str
    """As `--format` takes it."""
    endings: tuple[str, ...]
    """Of its files, in lower case; a new file gets the first."""
    write: Callable[..., str]
    """`write(document, width=…, ascii_only=…)`; what the format has no use for it takes as `**_`."""
    has_title: bool = True
    """Whether it has a place for the report's own title."""
    has_escapes: bool = False
    """Whether any character can be written in ASCII without loss, so that no `×` need become an `x`."""


WRITERS = {
    writer.name: writer
    for writer in (
        Writer("text", (".txt",), text.write),
        Writer("markdown", (".md",), markdown.write),
        Writer("html", (".html", ".htm"), html.write, has_escapes=True),
        Writer("csv", (".csv",), csv.write, has_title=False),
        Writer("json", (".json",), json.write, has_escapes=True),
        Writer("latex", (".tex",), latex.write, has_escapes=True),
    )
}
FORMATS = tuple(WRITERS)
ENDINGS = {ending: writer.name for writer in WRITERS.values() for ending in writer.endings}
"""The format that the ending of a file's name stands for."""


def write_document(
    document: Document,
    format: str = "text",
    width: int | None = None,
    ascii_only: bool = False,
    terminal: "Terminal | None" = None,
) -> str:
    """Return `document` in one of `FORMATS`, ending in a newline.

    Control characters in names are written as escapes, so that no name can steer a terminal.

    Args:
        document: the report.
        format: one of `FORMATS`.
        width: columns that text may take; 200 without it. Only text has a width.
        ascii_only: write nothing but ASCII; a format without escapes of its own writes `x` for `×`.
        terminal: how text is shown on a terminal, where no table may be wider than the screen.

    Raises:
        ValueError: there is no such format.
    """
    if format not in WRITERS:
        raise ValueError(f"unknown format {format!r}; there are: {', '.join(FORMATS)}")
    writer = WRITERS[format]
    document = document.changed(visible)
    if writer.has_title:
        document = document.without_repeated_titles()
    if ascii_only and not writer.has_escapes:
        document = document.changed(signs.to_ascii)
    if format == "text":
        return text.write(document, width, ascii_only, terminal)
    return writer.write(document, width=width, ascii_only=ascii_only)


def write_fragment(document: Document) -> str:
    """Return `document` as a piece of HTML for a notebook: its tables and texts, no script and no drawings."""
    return html.write_fragment(document.changed(visible).without_repeated_titles())
