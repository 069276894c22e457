"""What the saliency door leaves behind: words in the terminal, a picture, a report, raw maps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from app.commands.door import shown
from app.commands.reports import deliver
from app.datasets.subjects import Subject
from app.maps.methods import TITLES
from app.saliency.request import MapRequest
from app.show.tables import make_console

if TYPE_CHECKING:
    from app.maps.explain import Explanation
    from app.maps.verdict import MapVerdict
    from app.saliency.faith_tests import MapTests


def leave_results(
    request: MapRequest,
    subjects: Sequence[Subject],
    results: "Sequence[Explanation]",
    title: str,
    picture: Path,
    facts: dict[str, Any],
    tested: "MapTests | None" = None,
) -> None:
    """Print the verdicts, and write the pictures and whatever else was asked for."""
    from app.maps.record import as_record, describe, save_raw
    from app.saliency.report import map_report
    from app.show.canvas import figure_svg, save_figure

    headings = [f"{subject.title} ({subject.caption})" for subject in subjects]
    console = make_console()
    for line in describe(headings, results):
        console.print(line)
    for line in tested.sentences() if tested else ():
        console.print(line)
    click.echo(f"Pixels entered as {facts['pixels']}")
    figure = draw(request, subjects, results, title, tested.labels() if tested else {})
    save_figure(figure, picture)
    click.echo(f"Picture: {shown(picture)}")
    first = subjects[0]
    for name, made in (tested.figures(first.pixels, first.title) if tested else {}).items():
        path = picture.with_stem(f"{picture.stem}-{name}")
        save_figure(made, path)
        click.echo(f"Picture: {shown(path)}")
    if request.raw is not None:
        save_raw(request.raw, np.stack([result.image for result in results]), results)
        click.echo(f"Raw maps: {shown(request.raw)}")
    if request.report is not None:
        records = [as_record(*pair) for pair in zip(headings, results, strict=True)]
        report = map_report(title, records, figure_svg(figure), facts)
        if tested:
            report = replace(report, blocks=(*report.blocks, *tested.blocks()))
        deliver(report, output=request.report)


def draw(
    request: MapRequest,
    subjects: Sequence[Subject],
    results: "Sequence[Explanation]",
    title: str,
    labels: Mapping[str, str],
) -> Any:
    """Return all maps in one matplotlib figure; `labels` are words to put to the maps of a method."""
    from app.maps.figures import Line, MapStyle, Panel, draw_maps

    lines = []
    for subject, result in zip(subjects, results, strict=True):
        panels = tuple(
            Panel(
                map_title(m.method, request.is_signed),
                "; ".join(filter(None, [m.verdict.caption(), labels.get(m.method)])),
                m,
                request.is_signed,
            )
            for m in result.maps
        )
        caption = f"{subject.caption}; {result.prediction.sentence()}"
        heading = subject.title
        if request.all_classes:
            heading, caption = f"class {result.prediction.explained_name}", f"{heading}, {caption}"
        lines.append(Line(subject.pixels, heading, caption, panels, result.unseen))
    return draw_maps(lines, title, _notes(results), MapStyle(request.palette, request.overlay))


def map_title(method: str, is_signed: bool) -> str:
    """Return what a map is called above its picture; |…| only where the sign is dropped."""
    return TITLES[method].replace("|", "") if is_signed else TITLES[method]


def _notes(results: "Sequence[Explanation]") -> list[str]:
    """Return what is said below the figure, each thing once, with whose map it is about."""
    verdicts = [each.verdict for result in results for each in result.maps]
    own: dict[str, list[MapVerdict]] = {}
    for verdict in verdicts:
        for note in verdict.notes:
            own.setdefault(note, []).append(verdict)
    lines = [f"{_whose(about)}: {note}" for note, about in own.items()]
    common = [note for result in results for note in result.notes]
    if len(results) > 1:  # what is true of one image only is said in the terminal
        common = [note for note in common if "saturated" not in note]
        lines = [line for line, about in zip(lines, own.values(), strict=True) if len(about) > 1]
    return list(dict.fromkeys([*lines, *common]))


def _whose(verdicts: "Sequence[MapVerdict]") -> str:
    titles = dict.fromkeys(TITLES[verdict.method].split(",")[0] for verdict in verdicts)
    return ", ".join(titles)


def slug(text: str) -> str:
    """Return `text` as part of a file name."""
    return re.sub(r"[^\w]+", "-", text.removeprefix("class ")).strip("-").lower()
