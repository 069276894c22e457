"""Sheets, forms and keys as files to hand out, or to keep."""

import re
from dataclasses import dataclass
from pathlib import Path

from app.files.atomic import write_text
from app.show.document import Document
from app.show.writers import write_document
from app.worksheet.documents import key_document, sheet_document
from app.worksheet.forms import write_form
from app.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class FileStyle:
    """How reports are written into files."""

    format: str
    ending: str
    width: int
    ascii_only: bool = False

    def write(self, document: Document) -> str:
        """Return the document in this style."""
        return write_document(document, self.format, self.width, self.ascii_only)


def write_sheet(worksheet: Worksheet, folder: Path, name: str, style: FileStyle) -> list[Path]:
    """Write a sheet and, where it cannot be filled in itself, an empty form; return their paths.

    Raises:
        ValueError: there is a form already, which may have answers in it.
    """
    sheet, form = folder / f"{name}{style.ending}", folder / f"{name}-answers.csv"
    if style.format == "csv":
        _write_form(sheet, style.write(sheet_document(worksheet, with_form=True)))
        return [sheet]
    _write_form(form, write_form(worksheet))
    write_text(sheet, style.write(sheet_document(worksheet)))
    return [sheet, form]


def write_key(worksheet: Worksheet, folder: Path, name: str, style: FileStyle) -> Path:
    """Write the answers with their workings; return the path."""
    path = folder / f"{name}-key{style.ending}"
    write_text(path, style.write(key_document(worksheet, style.format == "csv")))
    return path


def _write_form(path: Path, text: str) -> None:
    if path.exists() and path.read_bytes() != text.encode():
        raise ValueError(f"{path} is there already and may have answers in it; move it away first")
    write_text(path, text)


def file_name(text: str) -> str:
    """Return a name as a file can have it: letters, digits, points and hyphens."""
    return re.sub(r"[^\w.]+", "-", text).strip("-.")[:40] or "sheet"
