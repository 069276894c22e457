"""What was asked of the command: the model and the data opened, evaluated, and the result printed and left in files."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from app.commands.data import open_and_tell
from app.commands.options import take
from app.commands.outputs import OUTPUT, shown, slug
from app.evaluate.run import Part, evaluate, own_data
from app.files.atomic import write_text
from app.files.folders import prepare_folder
from app.maps.open_model import ModelChoice, OpenModel
from app.shards.dask_workers import WorkersChoice
from app.shards.helpers import Helpers
from app.show.progress import Progress, waiting
from app.show.tables import make_console, print_parts
from app.show.writers.csv import harmless
from app.untrusted.places import verify_writable
from app.untrusted.text import visible

if TYPE_CHECKING:
    from app.evaluate.results import Evaluation

PICTURES = ("-confusion.png", "-calibration.png", "-mistakes.png")
"""Pictures that are left; the last one only where there are mistakes."""
PREDICTIONS = "-predictions.csv"
REPORTS = (".html", ".json", ".csv")
"""Reports that are left, by their endings."""


@dataclass(frozen=True)
class EvaluateRequest:
    """All that was asked for."""

    model: ModelChoice
    source: str | None = None
    part: Part | None = None
    prepare: Literal["auto", "digit", "resize"] = "auto"
    mistakes: int = 12
    method: str | None = None
    batch_size: int = 64
    output: Path = OUTPUT
    verbose: bool = False
    workers: WorkersChoice = field(default_factory=WorkersChoice)


def answer(options: dict[str, Any]) -> None:
    """Evaluate what the command line asks for; print the report, leave pictures, reports and predictions.

    Raises:
        ValueError: options that do not go together, or data that do not fit the model.
    """
    request = EvaluateRequest(take(ModelChoice, options), workers=take(WorkersChoice, options), **options)
    if request.output.suffix and not request.output.is_dir():
        raise ValueError(f"evaluation leaves several files: --output must be a folder, not {request.output}")
    opened = OpenModel(request.model)
    prepare_folder(request.output)
    data = open_and_tell(request.source or own_data(opened), tells_split=False)
    for path in places_of(request.output, opened.name, data.name).values():
        verify_writable(path)
    request.workers.start_loading()
    with Progress(make_console(stderr=True), "images", waits=True, is_steady=True) as progress:
        found = evaluate(
            opened,
            data,
            request.part,
            request.prepare,
            request.mistakes,
            request.method,
            request.batch_size,
            lambda done, total: progress.update(done, total=total),
            Helpers(request.workers, request.output),
        )
    if request.verbose:
        click.echo(str(found))
    else:
        print_parts(found.summary())
    _leave(found, request.output, request.verbose)


def places_of(folder: Path, model: str, data: str) -> dict[str, Path]:
    """Return where everything goes that is left, by how the file's name ends."""
    name = slug("evaluation", model, data if data != model else None)
    return {ending: folder / f"{name}{ending}" for ending in (*PICTURES, *REPORTS, PREDICTIONS)}


def _leave(found: "Evaluation", folder: Path, in_full: bool) -> None:
    """Write the pictures, the reports and what was said of each image; say where, in full or in three lines."""
    from app.show.canvas import save_figure
    from app.show.results import save_result

    places = places_of(folder, found.model, found.data)
    if any(path.exists() for path in places.values()):
        click.echo("The files of an earlier evaluation of these names are replaced.")
    draw = dict(zip(PICTURES, (found.plot, found.plot_calibration, found.plot_mistakes), strict=True))
    pictures = PICTURES if found.mistakes else PICTURES[:-1]
    with waiting("drawing the pictures and writing the report, about 4 s"):
        for ending in pictures:
            save_figure(draw[ending](), places[ending])
        for ending in REPORTS:
            save_result(found, places[ending])
        write_text(places[PREDICTIONS], predictions_csv(found))
    print_parts(_files_lines(places, pictures, in_full))


def _files_lines(places: dict[str, Path], pictures: Sequence[str], in_full: bool) -> list[str]:
    if in_full:
        told = [("Picture", ending) for ending in pictures] + [("Report", ending) for ending in REPORTS]
        return [f"{what}: {shown(places[ending])}" for what, ending in (*told, ("Predictions", PREDICTIONS))]
    report = REPORTS[0]
    others = [*pictures, *REPORTS[1:], PREDICTIONS]
    return [
        f"Report: {shown(places[report])}",
        f"Beside it: {', '.join(others)}",
        "The tables are in the report; --verbose prints them.",
    ]


def predictions_csv(found: "Evaluation") -> str:
    """Return what was said of each image, a line each."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("image", "class", "predicted", "right", "probability", "probability_of_class"))
    for image, label, predicted, sure, true in found.rows():
        names = (harmless(visible(text)) for text in (image, label, predicted))
        writer.writerow((*names, "yes" if label == predicted else "no", f"{sure:.7g}", f"{true:.7g}"))
    return stream.getvalue()
