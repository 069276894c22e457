"""python -m app.params: count networks by hand, explain and compare them, check them against Keras."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from app.commands.door import CheckFailedError, Door
from app.commands.options import InputShape
from app.commands.outputs import leave_picture
from app.commands.reports import choose_format, deliver, report_options
from app.counting.counted import Counted, open_counted
from app.counting.published import compare_figures
from app.params.lint import lint_document
from app.params.reports.changes import change_document
from app.params.reports.columns import COLUMNS, choose_columns
from app.params.reports.comparison import comparison_document, summarise
from app.params.reports.count import catalogue_document, count_document, rows_document
from app.params.reports.explanation import explanation_document
from app.params.reports.networks import networks_document
from app.show.document import Document
from app.show.pictures import PICTURE_ENDINGS
from models import CATALOGUE

EXAMPLES = """\b
Examples:
  python -m app.params mnist --output mnist.html
  python -m app.params path/to/model.keras --lint
  python -m app.params --compare mnist keras_vis_mnist
  python -m app.params --diff worked_example worked_example_classifier
  python -m app.params mnist --explain conv2
  python -m app.params --catalogue --output networks.html
"""


@click.command(cls=Door, epilog=EXAMPLES)
@click.argument("names", nargs=-1, metavar="NAME|FILE...")
@click.option(
    "--check/--no-check",
    default=None,
    help="Compare with Keras, row by row (default for the count of networks by name).",
)
@click.option(
    "--input-shape",
    type=InputShape(),
    metavar="HxWxC",
    help="The input's shape, 224x224x3: for a file that leaves it open, or to try a network on another.",
)
@click.option("--columns", metavar="A,B,...", help=f"Columns of the count: {', '.join(COLUMNS)}.")
@click.option("--full", is_flag=True, help="All columns.")
@click.option("--compare", is_flag=True, help="One line for each network instead; --output x.png draws it.")
@click.option("--diff", is_flag=True, help="The first difference of two networks and every changed row.")
@click.option("--names", "with_names", is_flag=True, help="With --diff: other layer names differ too.")
@click.option("--explain", metavar="LAYER", help="The whole derivation of one row, in sentences.")
@click.option("--lint", is_flag=True, help="What a teacher would point at.")
@click.option(
    "--catalogue",
    is_flag=True,
    help="Every network, or those named, beside what is published of it and what well-known code has.",
)
@report_options
def main(names: tuple[str, ...], check: bool | None, **options: Any) -> None:
    """Count networks by hand: every shape, parameter, multiply-accumulate and receptive field.

    A NAME is a network of the catalogue, a FILE a Keras model (.keras, .h5, or the .json of its
    configuration), which is read as data and never run. Without either the networks are listed. The count
    is made from formulas alone, the parameters with their working. A second witness checks it row by row:
    for a name the same network built with Keras, for a file the shapes of its stored weights. Exit code 1
    if a row, or a published figure, differs.

    One multiply-accumulate (MAC) counts once and biases are not counted. MB is 10^6 bytes, MiB 2^20.
    Connections are one link for every value that a unit reads, and one for its bias; poolings included.
    "sees" is the receptive field, in pixels of the input. A row without a formula shows "?", and totals
    with such a row begin with "≥".
    """
    report = {key: options.pop(key) for key in ("format_", "output", "width", "ascii_only")}
    mode = _choose_mode(names, options)
    shape = options["input_shape"]
    options["columns"] = tuple(COLUMNS) if options["full"] else choose_columns(options["columns"])
    if mode == "compare" and _is_picture(report["output"]):
        _draw_comparison([open_counted(name, shape) for name in names], report["output"])
        return
    format_ = choose_format(report["format_"], report["output"])
    names = names or (tuple(CATALOGUE) if mode == "catalogue" else ())
    subjects = [open_counted(name, shape) for name in names]
    files = [subject.name for subject in subjects if subject.network is None]
    if check and files:
        raise ValueError(f"--check builds networks of the catalogue; {files[0]} is a file: leave it out")
    deliver(_build(mode, subjects, options, format_), **report)
    networks = [subject for subject in subjects if subject.name not in files]
    is_as_published = mode in ("count", "catalogue") and shape is None
    failed = _published_differences(networks) if is_as_published else []
    failed += [
        f"{subject.name}: {difference}"
        for subject in subjects
        if subject.stored is not None and mode == "count"
        for difference in subject.stored.differences
    ]
    if networks and (check or (check is None and mode == "count")):
        is_report_on_screen = report["output"] is None and format_ != "text"
        failed += _keras_differences(networks, shape, lambda line: click.echo(line, err=is_report_on_screen))
    if failed:
        raise CheckFailedError("; ".join(failed))


def _choose_mode(names: Sequence[str], options: dict[str, Any]) -> str:
    """Return which report is asked for: count, compare, diff, explain, lint or catalogue."""
    asked = [
        mode
        for mode in ("compare", "diff", "explain", "lint", "catalogue")
        if options[mode] not in (None, False)
    ]
    if len(asked) > 1:
        raise ValueError(f"{' and '.join(f'--{mode}' for mode in asked)} contradict each other; choose one")
    mode = asked[0] if asked else "count"
    needed = {"compare": 2, "diff": 2, "explain": 1, "lint": 1}.get(mode, 0)
    if len(names) < needed or (mode == "diff" and len(names) > 2):
        least = "" if mode == "diff" else "at least "
        raise ValueError(
            f"--{mode} takes {least}{needed} network{'s' if needed > 1 else ''}, not {len(names)}; "
            "python -m app.params without a name lists them"
        )
    if options["with_names"] and mode != "diff":
        raise ValueError("--names goes with --diff only")
    if mode != "count" and (options["columns"] or options["full"]):
        raise ValueError(f"--columns and --full belong to the count, not to --{mode}")
    return mode


def _build(mode: str, subjects: Sequence[Counted], options: dict[str, Any], format_: str) -> Document:
    if not subjects:
        return catalogue_document(list(CATALOGUE.values()))
    with_drawings = format_ == "html"
    match mode:
        case "compare":
            return comparison_document(subjects, with_drawings)
        case "diff":
            return change_document(subjects[0], subjects[1], options["with_names"])
        case "explain":
            return explanation_document(subjects, options["explain"])
        case "lint":
            return lint_document(subjects)
        case "catalogue":
            return networks_document(subjects)
    if format_ == "csv":
        return rows_document(subjects, options["columns"])
    return count_document(subjects, options["columns"], with_drawings)


def _is_picture(output: Path | None) -> bool:
    return output is not None and output.suffix.lower() in PICTURE_ENDINGS


def _draw_comparison(subjects: Sequence[Counted], output: Path) -> None:
    from app.params.figures import draw_comparison

    leave_picture(draw_comparison([summarise(subject) for subject in subjects]), output)


def _published_differences(subjects: Sequence[Counted]) -> list[str]:
    return [
        f"{subject.network.name}: {compared.published.quantity} is {compared.ours:,}, published is "
        f"{compared.published.value:,}"
        for subject in subjects
        if subject.network is not None
        for compared in compare_figures(subject.network, subject.sheet)
        if not compared.is_as_declared
    ]


def _keras_differences(
    subjects: Sequence[Counted], shape: tuple[int, ...] | None, say: Callable[[str], None]
) -> list[str]:
    """Build each network with Keras, compare the rows, say the verdict, return what differs."""
    say("Checking against Keras …")
    from app.counting.comparison import compare_rows
    from app.engine.build import outline_model
    from app.engine.measure import count_layers

    different = []
    for subject in subjects:
        assert subject.network is not None
        name, sheet = subject.network.name, subject.sheet
        found = compare_rows(sheet.rows, count_layers(outline_model(subject.network, input_shape=shape)))
        if found:
            say(f"{name}: {len(found)} differences")
            different += [f"{name}: {difference}" for difference in found]
        else:
            say(f"{name}: all {len(sheet.rows)} rows agree with Keras, {sheet.parameters:,} parameters")
    return different


if __name__ == "__main__":
    main(prog_name="python -m app.params")
