"""One module for each format in which a report can be written."""

from app.show import signs
from app.show.document import Document
from app.show.writers import csv, html, json, latex, markdown, text

FORMATS = ("text", "markdown", "html", "csv", "json", "latex")


def write_document(
    document: Document, format: str = "text", width: int | None = None, ascii_only: bool = False
) -> str:
    """Return `document` in one of `FORMATS`, ending in a newline.

    Control characters in names are written as escapes, so that no name can steer a terminal.

    Args:
        document: the report.
        format: one of `FORMATS`.
        width: columns that text may take; 200 without it. Only text has a width.
        ascii_only: write nothing but ASCII. Text, Markdown and CSV write `x` for `×` and their like;
            HTML, JSON and LaTeX have escapes of their own and lose nothing.

    Raises:
        ValueError: there is no such format.
    """
    document = document.changed(signs.visible)
    if format != "csv":  # which has no place for a report's own title
        document = document.without_repeated_titles()
    if ascii_only and format in ("text", "markdown", "csv"):
        document = document.changed(signs.to_ascii)
    match format:
        case "text":
            written = text.write(document, width)
            return signs.to_ascii(written) if ascii_only else written
        case "markdown":
            return markdown.write(document)
        case "html":
            return html.write(document, ascii_only)
        case "csv":
            return csv.write(document)
        case "json":
            return json.write(document, ascii_only)
        case "latex":
            return latex.write(document)
    raise ValueError(f"unknown format {format!r}; there are: {', '.join(FORMATS)}")
