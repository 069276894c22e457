"""What was asked of the command: a sheet, its key, the sheets of a class, or grades."""

from pathlib import Path
from typing import Any

import click

from app.commands.outputs import prepare_folder, shown
from app.commands.reports import ENDINGS, choose_format, deliver
from app.show.results import ShowsReport
from app.show.tables import WIDE
from app.untrusted.places import verify_writable
from app.worksheet.handouts import FileStyle
from app.worksheet.making import identify, make_class, make_handout
from app.worksheet.results import KEYS, SHEETS, ClassHandouts, Handout
from app.worksheet.students import list_students
from app.worksheet.worksheet import CREDIT

NAME_IT = "python -m app.worksheet path/to/{network} --grade {path}"


def answer(network: str | None, options: dict[str, Any]) -> None:
    """Print or write what was asked for.

    Raises:
        ValueError: options that do not go together, or whatever cannot be made or graded.
    """
    output: Path | None = options["output"]
    if options["grade"] is not None:
        _print(_grade(network, options), "text", options)
        return
    if network is None and not options["kind"]:
        raise ValueError(
            "name a network or a model file, choose questions with --kind, or mark answers with --grade"
        )
    if options["credit"] != CREDIT:
        raise ValueError("--credit is for marking; it goes with --grade")
    seed, kinds = options["seed"] or "0", options["kind"]
    identity = identify(
        network or "", options["blanks"] or "", seed, options["vary"], kinds, options["number"]
    )
    students = list_students(options["students"], "--students") if options["students"] else []
    if students:
        folder = _class_folder(output)
        _write_class(make_class(network or "", identity, students), folder, options)
        return
    handout = make_handout(network or "", identity)
    if output is not None and not options["key"]:
        _write(handout, output, options)
        return
    report: ShowsReport = handout.key if options["key"] else handout
    _print(report, choose_format(options["format_"], output), options)


def _grade(network: str | None, options: dict[str, Any]) -> ShowsReport:
    given = [
        f"--{name}"
        for name in ("blanks", "seed", "vary", "students", "key", "kind", "number")
        if options[name]
    ]
    if given:
        raise ValueError(f"--grade reads from the answers what the sheet was; leave out {given[0]}")
    from app.worksheet.grade_files import Grading

    return Grading(network, options["credit"], NAME_IT).grade(options["grade"])


def _print(report: ShowsReport, format_: str, options: dict[str, Any]) -> None:
    """Print a report, or write it into the output file, whose folder is made."""
    output: Path | None = options["output"]
    if output is not None:
        verify_writable(output)
        prepare_folder(output.parent)
    rest = {name: options[name] for name in ("format_", "output", "width", "ascii_only", "paper")}
    deliver(report.document(format_), **rest)


def _style(options: dict[str, Any]) -> dict[str, Any]:
    """Return how files are written, as the arguments of `save`."""
    width = options["width"] or WIDE
    return {
        "format": options["format_"] or "",
        "width": width,
        "ascii_only": options["ascii_only"],
        "paper": options["paper"],
    }


def _class_folder(output: Path | None) -> Path:
    if output is None or (output.suffix.lower() in ENDINGS and not output.is_dir()):
        raise ValueError("--students writes many files; name a folder with --output")
    return output


def _write_class(handouts: ClassHandouts, folder: Path, options: dict[str, Any]) -> None:
    sheets, keys = prepare_folder(folder / SHEETS), prepare_folder(folder / KEYS)
    handouts.save(folder, **_style(options))
    click.echo(f"{len(handouts)} sheets with forms for the answers: {shown(sheets)}")
    click.echo(f"{len(handouts)} keys: {shown(keys)}")


def _write(handout: Handout, output: Path, options: dict[str, Any]) -> None:
    files = handout.files(output, FileStyle(**_style(options)))
    prepare_folder(files.sheet.parent)
    handout.save(output, **_style(options))
    written = {"Sheet": files.sheet, "Form for the answers": files.form, "Key": files.key}
    for what, path in written.items():
        if path is not None:
            click.echo(f"{what}: {shown(path)}")
