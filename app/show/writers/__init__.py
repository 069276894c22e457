"""One module for each format in which a report can be written."""

from app.show.document import Document
from app.show.writers import csv, json, markdown, text

FORMATS = ("text", "markdown", "csv", "json")


def write_document(
    document: Document, format: str = "text", width: int | None = None, ascii_only: bool = False
) -> str:
    """Return `document` in one of `FORMATS`, ending in a newline.

    Args:
        document: the report.
        format: one of `FORMATS`.
        width: columns that text may take; the terminal's without it. Only text has a width.
        ascii_only: write "·", "×" and their like with ASCII signs.
    """
    match format:
        case "text":
            written = text.write(document, width)
        case "markdown":
            written = markdown.write(document)
        case "csv":
            written = csv.write(document)
        case "json":
            written = json.write(document)
        case _:
            raise ValueError(f"unknown format {format!r}; there are: {', '.join(FORMATS)}")
    return text.to_ascii(written) if ascii_only else written
