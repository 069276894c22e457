"""python -m app.worksheet: sheets with blanks, their answer keys, and marks that say what went wrong."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from app.commands.door import Door
from app.commands.outputs import prepare_folder, shown
from app.commands.reports import ENDINGS, choose_format, deliver
from app.show.document import Document
from app.show.tables import WIDE
from app.show.writers import FORMATS
from app.worksheet.documents import key_document, sheet_document
from app.worksheet.grades import class_document, grades_document
from app.worksheet.grading import CREDIT, grade_file, grade_folder, name_of, open_network
from app.worksheet.handouts import FileStyle, file_name, write_key, write_sheet
from app.worksheet.identity import Identity
from app.worksheet.students import read_students
from app.worksheet.worksheet import Worksheet, make_worksheet

PRINTED = "html"
"""The format of sheets that are written into a folder."""
MOST_STUDENTS = 1000
LONGEST_SEED = 100
EPILOG = """\b
Examples:
  python -m app.worksheet worked_example --blanks all
  python -m app.worksheet mnist --vary --students 30 --output output/class
  python -m app.worksheet --grade output/class/sheets
"""


@click.command(cls=Door, epilog=EPILOG)
@click.argument("network", required=False, metavar="[NAME|FILE]")
@click.option("--blanks", help="How many cells are blank, or 'all' (default: 12).")
@click.option("--seed", help="Any number or word; the same one always gives the same sheet (default: 0).")
@click.option("--vary", is_flag=True, help="Give the layers other settings, and the input another size.")
@click.option("--students", help="One sheet each for so many students, or for the names in a file.")
@click.option("--key", is_flag=True, help="Print the answer key instead of the sheet.")
@click.option("--grade", type=click.Path(path_type=Path), help="Mark a filled-in form, or a folder of them.")
@click.option(
    "--credit",
    type=click.FloatRange(0, 1),
    default=CREDIT,
    show_default=True,
    help="What an answer is worth that follows from an earlier wrong one.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), help="How sheets or marks are written.")
@click.option("--output", type=click.Path(path_type=Path), help="A file, or a folder for all files.")
@click.option("--width", type=click.IntRange(min=20), help="Columns that text may take.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Only ASCII signs: 3x3, 5*5.")
def main(network: str | None, grade: Path | None, credit: float, key: bool, **options: Any) -> None:
    """Make worksheets about a network, and mark them.

    NAME is a network of the catalogue (python -m app.params lists them), FILE a model file, which is
    read as data. The sheet is the network's count with numbered blanks; what is left is enough to work
    every blank out. A layer's settings and the input's shape are never blank.

    With --output the sheet, its key with all workings (…-key) and an empty form for the answers
    (…-answers.csv) are written; a sheet written as CSV is its own form. Every sheet says in one line what
    it was made from, so --grade needs only the form. Whoever has ConvLab can print the key of any sheet.

    Answers may be written as 1,690 or 1.690 or 1 690 (for whole numbers a point or comma before three
    digits parts thousands; in a memory it is the decimal mark), shapes as 26x26x32, 26×26×32, (26, 26, 32)
    or 26*26*32. A wrong answer is explained by the mistake that gives exactly this number. An answer that
    is worked out correctly from an earlier wrong one gets --credit.
    """
    if grade is not None:
        _grade(grade, network, credit, key, options)
        return
    if network is None:
        raise ValueError("name a network or a model file, or answers to mark with --grade")
    if credit != CREDIT:
        raise ValueError("--credit is for marking; it goes with --grade")
    identity = Identity(
        name_of(network), options["seed"] or "0", blanks=options["blanks"] or "", vary=options["vary"]
    )
    if len(identity.seed) > LONGEST_SEED:
        raise ValueError(f"a seed of {len(identity.seed)} signs is too long; {LONGEST_SEED} are enough")
    students = read_students(options["students"]) if options["students"] else []
    if students:
        _write_class(network, identity, students, options)
        return
    worksheet = make_worksheet(open_network(network), identity)
    output, format_ = options["output"], options["format_"]
    if output is not None and not key:
        _write_one(worksheet, output, options)
        return
    is_csv = choose_format(format_, output) == "csv"
    document = key_document(worksheet, is_csv) if key else sheet_document(worksheet, is_csv)
    _deliver(document, options)


def _grade(path: Path, source: str | None, credit: float, key: bool, options: dict[str, Any]) -> None:
    given = [f"--{name}" for name in ("blanks", "seed", "vary", "students") if options[name]]
    given += ["--key"] if key else []
    if given:
        raise ValueError(f"--grade reads from the answers what the sheet was; leave out {given[0]}")
    if path.is_dir():
        marks, problems = grade_folder(path, source, credit)
        document = class_document(marks, problems)
    else:
        document = grades_document(grade_file(path, source, credit))
    _deliver(document, options)


def _deliver(document: Document, options: dict[str, Any]) -> None:
    output: Path | None = options["output"]
    if output is not None:
        if output.is_dir():
            raise ValueError(f"--output {output} is a folder; name a file in it")
        prepare_folder(output.parent)
    deliver(document, options["format_"], output, options["width"], options["ascii_only"])


def _write_class(network: str, identity: Identity, students: Sequence[str], options: dict[str, Any]) -> None:
    folder: Path | None = options["output"]
    if folder is None or (folder.suffix.lower() in ENDINGS and not folder.is_dir()):
        raise ValueError("--students writes many files; name a folder with --output")
    style = _style(options, options["format_"] or PRINTED)
    board = open_network(network)
    sheets, keys = prepare_folder(folder / "sheets"), prepare_folder(folder / "keys")
    digits = len(str(len(students)))
    for i, student in enumerate(students, 1):
        worksheet = make_worksheet(board, dataclasses.replace(identity, student=student))
        name = student if student.isdigit() else f"{i:0{digits}d}-{file_name(student)}"
        write_sheet(worksheet, sheets, name, style)
        write_key(worksheet, keys, name, style)
    click.echo(f"{len(students)} sheets with forms for the answers: {shown(sheets)}")
    click.echo(f"{len(students)} keys: {shown(keys)}")


def _write_one(worksheet: Worksheet, output: Path, options: dict[str, Any]) -> None:
    ending = output.suffix.lower()
    if ending in ENDINGS and not output.is_dir():
        folder, name = output.parent, output.stem
        style = dataclasses.replace(_style(options, ENDINGS[ending]), ending=ending)
    elif ending and not output.is_dir():
        raise ValueError(
            f"a sheet cannot be written as {output.name}; use an ending of {', '.join(ENDINGS)}, or a "
            "folder (make it first if its name has a point in it)"
        )
    else:
        folder, style = output, _style(options, PRINTED)
        identity = worksheet.identity
        name = file_name(f"{Path(identity.network).stem}-{identity.seed}")
    prepare_folder(folder)
    paths = write_sheet(worksheet, folder, name, style)
    for what, path in zip(("Sheet", "Form for the answers"), paths, strict=False):
        click.echo(f"{what}: {shown(path)}")
    click.echo(f"Key: {shown(write_key(worksheet, folder, name, style))}")


def _style(options: dict[str, Any], otherwise: str) -> FileStyle:
    format_ = options["format_"] or otherwise
    ending = next(ending for ending, name in ENDINGS.items() if name == format_)
    return FileStyle(format_, ending, options["width"] or WIDE, options["ascii_only"])


if __name__ == "__main__":
    main(prog_name="python -m app.worksheet")
