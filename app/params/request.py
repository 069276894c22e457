"""What was asked of the command: which report, of which networks, and the checks that go with it."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from app.commands.door import CheckFailedError
from app.commands.outputs import leave_picture
from app.commands.reports import choose_format, deliver
from app.params.checks import check_against_keras, published_differences, stored_differences
from app.params.counts import count_model
from app.params.reports.columns import COLUMNS, choose_columns
from app.params.reports.count import catalogue_document
from app.params.results import (
    Comparison,
    CountDifference,
    LayerDerivation,
    ModelCount,
    PublishedFigures,
    counts_document,
)
from app.show.document import Document
from app.show.paper import PAPER, on_paper
from app.show.pictures import PICTURE_ENDINGS
from app.show.styles import GREEN, RED, paint_for
from models import CATALOGUE


def answer(names: tuple[str, ...], check: bool | None, options: dict[str, Any]) -> None:
    """Deliver the report that was asked for, and check what it counts.

    Raises:
        ValueError: options that do not go together, or a network that cannot be counted.
        CheckFailedError: a row, or a published figure, differs.
    """
    report = {key: options.pop(key) for key in ("format_", "output", "width", "ascii_only")}
    style = options.pop("style")
    mode = choose_mode(names, options)
    shape = options["input_shape"]
    columns = tuple(COLUMNS) if options["full"] else choose_columns(options["columns"])
    picture = _picture_file(mode, names, options["draw"], report)
    if picture is not None:
        paper = replace(PAPER.get(), width=report["width"]) if report["width"] else PAPER.get()
        with on_paper(paper):
            found = [count_model(name, shape) for name in names]
            figure = Comparison(tuple(found)).plot() if mode == "compare" else found[0].plot(style=style)
            leave_picture(figure, picture, is_named=True)
        return
    report["width"] = _columns(report["width"])
    format_ = choose_format(report["format_"], report["output"])
    names = names or (tuple(CATALOGUE) if mode == "catalogue" else ())
    counts = tuple(count_model(name, shape) for name in names)
    files = [count.name for count in counts if count.network is None]
    if check and files:
        raise ValueError(f"--check builds networks of the catalogue; {files[0]} is a file: leave it out")
    deliver(_report(mode, counts, columns, options, format_), **report)
    networks = [count for count in counts if count.name not in files]
    failed: list[str] = []
    if mode in ("count", "catalogue") and shape is None:
        failed += [line for count in networks for line in published_differences(count)]
    if mode == "count":
        failed += [line for count in counts for line in stored_differences(count)]
    if networks and (check or (check is None and mode == "count")):
        is_report_on_screen = report["output"] is None and format_ != "text"
        failed += _check(networks, is_report_on_screen)
    if failed:
        raise CheckFailedError("; ".join(failed))


def choose_mode(names: Sequence[str], options: dict[str, Any]) -> str:
    """Return which report is asked for: count, compare, diff, explain, lint or catalogue."""
    asked = [
        mode
        for mode in ("compare", "diff", "explain", "lint", "catalogue", "draw")
        if options[mode] not in (None, False)
    ]
    if len(asked) > 1:
        raise ValueError(f"{' and '.join(f'--{mode}' for mode in asked)} contradict each other; choose one")
    mode = asked[0] if asked else "count"
    needed = {"compare": 2, "diff": 2, "explain": 1, "lint": 1, "draw": 1}.get(mode, 0)
    is_exact = mode in ("diff", "draw")
    if len(names) < needed or (is_exact and len(names) > needed):
        least = "" if is_exact else "at least "
        raise ValueError(
            f"--{mode} takes {least}{needed} network{'s' if needed > 1 else ''}, not {len(names)}; "
            "python -m app.params without a name lists them"
        )
    if options["with_names"] and mode != "diff":
        raise ValueError("--names goes with --diff only")
    if mode != "count" and (options["columns"] or options["full"]):
        raise ValueError(f"--columns and --full belong to the count, not to --{mode}")
    return mode


def _picture_file(mode: str, names: Sequence[str], drawn: Path | None, report: dict[str, Any]) -> Path | None:
    """Return the file of the picture that was asked for: by --draw, or by --output with a picture's ending.

    Raises:
        ValueError: it is no picture's, or a report is asked for beside it.
    """
    output = report["output"]
    if drawn is None:
        is_one = (
            mode == "count" and len(names) == 1 and output is not None and output.suffix.lower() != ".pdf"
        )
        is_drawn = report["format_"] is None and (
            mode == "compare" or is_one
        )  # a count as .pdf is its report
        return output if is_drawn and _is_picture(output) else None
    if not _is_picture(drawn):
        raise ValueError(f"a network is drawn into a file of {', '.join(PICTURE_ENDINGS)}, not {drawn.name}")
    if output is not None or report["format_"]:
        raise ValueError("--draw makes a picture and no report: leave out --output and --format")
    return drawn


def _columns(width: float | None) -> int | None:
    if width is None:
        return None
    if width < 20 or width != int(width):
        raise ValueError(f"text takes 20 columns or more, not --width {width:g}; inches are for --draw")
    return int(width)


def _report(
    mode: str, counts: tuple[ModelCount, ...], columns: Sequence[str], options: dict[str, Any], format_: str
) -> Document:
    if not counts:
        return catalogue_document(list(CATALOGUE.values()))
    match mode:
        case "compare":
            return Comparison(counts).document(format_)
        case "diff":
            return CountDifference(counts[0], counts[1], options["with_names"]).document(format_)
        case "explain":
            return LayerDerivation(counts, options["explain"]).document(format_)
        case "lint":
            from app.params.lint import lint_document

            return lint_document(counts)
        case "catalogue":
            return PublishedFigures(counts).document(format_)
    return counts_document(counts, columns, format_)


def _is_picture(output: Path | None) -> bool:
    return output is not None and output.suffix.lower() in PICTURE_ENDINGS


def _check(counts: Sequence[ModelCount], err: bool) -> list[str]:
    """Compare each network with Keras, say the verdict, green or red, and return what differs.

    `err`: it is said on standard error, where standard output is a report.
    """
    paint = paint_for(sys.stderr if err else sys.stdout)
    click.echo("Checking against Keras …", err=err)
    different = []
    for count in counts:
        line, found = check_against_keras(count)
        click.echo(paint(line, RED if found else GREEN), err=err)
        different += found
    return different
