"""Sheets, forms and keys as files to hand out, or to keep."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from app.files.atomic import write_bytes
from app.show.document import Document
from app.show.tables import WIDE
from app.show.writers import ENDINGS, WRITERS, document_bytes
from app.untrusted.places import verify_writable
from app.worksheet.documents import key_document, sheet_document
from app.worksheet.forms import write_form
from app.worksheet.identity import Identity
from app.worksheet.worksheet import Worksheet

PRINTED = "html"
"""The format of sheets that are written into a folder."""


@dataclass(frozen=True)
class FileStyle:
    """How sheets and keys are written into files."""

    format: str = ""
    """A name of `app.show.writers.FORMATS`; empty: as the ending says, `html` in a folder."""
    width: int = WIDE
    ascii_only: bool = False
    ending: str = ""
    """Of the files; empty: the format's."""
    paper: str | None = None
    """`a4` or `letter`; None: A4 as PDF, and in HTML what the printer has."""

    def chosen(self, otherwise: str = PRINTED, ending: str = "") -> "FileStyle":
        """Return the style with the format and the ending that files get.

        Raises:
            ValueError: there is no such format.
        """
        format_ = self.format or otherwise
        if format_ not in WRITERS:
            raise ValueError(f"unknown format {format_!r}; there are: {', '.join(WRITERS)}")
        return replace(self, format=format_, ending=ending or WRITERS[format_].endings[0])

    def write(self, document: Document) -> bytes:
        """Return the document in this style, as the content of a file.

        Raises:
            ValueError: there is no such paper.
        """
        return document_bytes(document, self.format, self.width, self.ascii_only, self.paper)


@dataclass(frozen=True)
class SheetFiles:
    """Where a sheet, the form for its answers and its key lie."""

    sheet: Path
    form: Path | None
    """None where the sheet can be filled in itself."""
    key: Path
    style: FileStyle

    @classmethod
    def named(cls, name: str, folder: Path, keys: Path, style: FileStyle) -> "SheetFiles":
        """Return the files of a sheet that is called `name`, in a folder and a folder of the keys."""
        form = None if style.format == "csv" else folder / f"{name}-answers.csv"
        return cls(folder / f"{name}{style.ending}", form, keys / f"{name}-key{style.ending}", style)

    def write(self, worksheet: Worksheet) -> None:
        """Write all of them.

        Raises:
            ValueError: there is a form already, which may have answers in it, or something that is no regular file.
        """
        for path in (self.sheet, self.form, self.key):
            if path is not None:
                verify_writable(path)
        is_form = self.form is None
        sheet = self.style.write(sheet_document(worksheet, with_form=is_form, format=self.style.format))
        key = self.style.write(key_document(worksheet, is_marked_inside=is_form))
        if self.form is None:
            _write_form(self.sheet, sheet)
        else:
            _write_form(self.form, write_form(worksheet).encode())
            write_bytes(self.sheet, sheet)
        write_bytes(self.key, key)


def place_files(identity: Identity, path: Path, style: FileStyle) -> SheetFiles:
    """Return where the files of one sheet lie: `path` is the sheet's file, or a folder.

    Raises:
        ValueError: no sheet is written with such an ending.
    """
    ending = path.suffix.lower()
    if path.is_dir() or not ending:
        name = file_name(f"{Path(identity.network).stem or 'questions'}-{identity.seed}")
        return SheetFiles.named(name, path, path, style.chosen())
    if ending not in ENDINGS:
        raise ValueError(
            f"a sheet cannot be written as {path.name}; use an ending of {', '.join(ENDINGS)}, or a "
            "folder (make it first if its name has a point in it)"
        )
    return SheetFiles.named(path.stem, path.parent, path.parent, style.chosen(ENDINGS[ending], ending))


def _write_form(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() != content:
        raise ValueError(f"{path} is there already and may have answers in it; move it away first")
    write_bytes(path, content)


def file_name(text: str) -> str:
    """Return a name as a file can have it: letters, digits, points and hyphens."""
    return re.sub(r"[^\w.]+", "-", text).strip("-.")[:40] or "sheet"
