"""One module for each format in which a report can be written; the table of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.show import signs
from app.show.document import PAPERS, Document
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
    write: Callable[..., str | bytes]
    """`write(document, width=…, ascii_only=…, paper=…)`; what the format has no use for it takes as `**_`."""
    has_title: bool = True
    """Whether it has a place for the report's own title."""
    is_binary: bool = False
    """Whether it is no text: it goes into a file, and not to a terminal."""
    has_escapes: bool = False
    """Whether any character can be written in ASCII without loss, so that no `×` need become an `x`."""


def _write_pdf(document: Document, **how: Any) -> bytes:
    from app.show.writers import pdf  # here: most commands write none

    return pdf.write(document, **how)


WRITERS = {
    writer.name: writer
    for writer in (
        Writer("text", (".txt",), text.write),
        Writer("markdown", (".md",), markdown.write),
        Writer("html", (".html", ".htm"), html.write, has_escapes=True),
        Writer("csv", (".csv",), csv.write, has_title=False),
        Writer("json", (".json",), json.write, has_escapes=True),
        Writer("latex", (".tex",), latex.write, has_escapes=True),
        Writer("pdf", (".pdf",), _write_pdf, is_binary=True, has_escapes=True),
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
    """Return `document` in one of `FORMATS` but PDF, ending in a newline.

    Control characters in names are written as escapes, so that no name can steer a terminal.

    Args:
        document: the report.
        format: one of `FORMATS`.
        width: columns that text may take; 200 without it. Only text has a width.
        ascii_only: write nothing but ASCII; a format without escapes of its own writes `x` for `×`.
        terminal: how text is shown on a terminal, where no table may be wider than the screen.

    Raises:
        ValueError: there is no such format, or it is no text.
    """
    written = _write(document, format, width=width, ascii_only=ascii_only, terminal=terminal)
    if isinstance(written, bytes):
        raise ValueError(f"a report in the format {format} is no text; write it into a file")
    return written


def document_bytes(
    document: Document,
    format: str = "text",
    width: int | None = None,
    ascii_only: bool = False,
    paper: str | None = None,
) -> bytes:
    """Return `document` in one of `FORMATS` as the content of a file.

    Args:
        document: the report.
        format: one of `FORMATS`.
        width: columns that text may take; 200 without it.
        ascii_only: write nothing but ASCII, in formats that are text.
        paper: `a4` or `letter`, for pages; without it a PDF has A4, and an HTML page what the printer has.

    Raises:
        ValueError: there is no such format or paper.
    """
    if paper not in (None, *PAPERS):
        raise ValueError(f"unknown paper {paper!r}; there are: {', '.join(PAPERS)}")
    written = _write(document, format, width=width, ascii_only=ascii_only, paper=paper)
    return written if isinstance(written, bytes) else written.encode("utf-8", "backslashreplace")


def _write(document: Document, format: str, ascii_only: bool = False, **how: Any) -> str | bytes:
    if format not in WRITERS:
        raise ValueError(f"unknown format {format!r}; there are: {', '.join(FORMATS)}")
    writer = WRITERS[format]
    document = document.changed(visible)
    if writer.has_title:
        document = document.without_repeated_titles()
    if ascii_only and not writer.has_escapes:
        document = document.changed(signs.to_ascii)
    return writer.write(document, ascii_only=ascii_only, **how)


def write_fragment(document: Document) -> str:
    """Return `document` as a piece of HTML for a notebook: its tables and texts, no script and no drawings."""
    return html.write_fragment(document.changed(visible).without_repeated_titles())
