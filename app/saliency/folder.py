"""A whole folder of pictures explained: in batches, in constant memory, resumed where it was stopped."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import numpy as np

from app.commands.outputs import shown
from app.datasets.samples import Sample, own_picture
from app.files.atomic import replacing
from app.files.cards import hash_file
from app.files.folder_run import FolderRun, batches
from app.maps.methods import METHODS
from app.saliency.run import MapRun
from app.show.progress import Progress
from app.show.tables import make_console

BATCH = 64
"""Pictures read at a time."""

Ready = list[tuple[Path, Sample]]


def explain_folder(run: MapRun, source: Path) -> None:
    """Explain every picture of a folder; leave a strip and a record of each, skip what cannot be read.

    Raises:
        ValueError: not one picture could be read.
    """
    folder = FolderRun(source, run.request.files.output, settings_of(run))
    pictures = folder.pictures()
    folder.begin(run.request.restart)
    waiting = [picture for picture in pictures if not folder.is_done(picture)]
    done = len(pictures) - len(waiting)
    if done:
        click.echo(f"{done:,} of {len(pictures):,} pictures are done (--restart does them again)")
    unreadable: dict[Path, str] = {}
    with Progress(make_console(), "pictures", len(pictures), done) as progress:
        for batch in batches(waiting, BATCH):
            ready = _read(run, batch, unreadable)
            for _, same in groupby(ready, key=lambda pair: pair[1].pixels.shape):
                group = list(same)
                try:
                    run.opened.explainer.check_size(group[0][1].pixels.shape)
                except ValueError as error:
                    unreadable.update((path, str(error)) for path, _ in group)
                else:
                    explain_batch(run, folder, group)
            progress.advance(len(batch))
    finished = len(pictures) - len(unreadable)
    where = shown(folder.output)
    click.echo(f"{finished:,} of {len(pictures):,} pictures: a strip and a .json each in {where}")
    for path, reason in unreadable.items():
        click.echo(f"  skipped {shown(path)}: {reason}")
    if not finished:
        raise ValueError(f"none of the {len(pictures):,} files in {source} could be read")


def settings_of(run: MapRun) -> dict[str, Any]:
    """Return everything that decides what the maps of a picture are: the whole request, and the file."""
    asked, saved = run.request, run.opened.saved
    file = {
        "name": saved.path.name,
        "sha256": hash_file(saved.path),
        "pixel_range": run.opened.pixels.words(),
    }
    return {
        "model": asdict(asked.model) | file,
        "images": asdict(asked.images),
        "question": asdict(asked.question) | {"methods": asked.question.chosen_methods},
        "style": asdict(asked.style),
    }


def _read(run: MapRun, paths: Sequence[Path], unreadable: dict[Path, str]) -> Ready:
    """Return the pictures that can be read; note the others with the reason."""
    shape = run.opened.explainer.model.image_shape
    as_digit = run.opened.takes_digits(run.request.images.prepare)
    ready: Ready = []
    for path in paths:
        try:
            ready.append((path, own_picture(path, shape, as_digit)))
        except ValueError as error:
            unreadable[path] = str(error).removeprefix(f"{path}: ")
    return ready


def explain_batch(run: MapRun, folder: FolderRun, ready: Ready) -> None:
    """Explain pictures of one size, and leave a strip and a record of each."""
    from app.maps.figures import Panel
    from app.maps.record import as_record
    from app.maps.strip import draw_strip

    results = run.explain_pixels(
        np.stack([subject.pixels for _, subject in ready]), [run.wanted] * len(ready)
    )
    style = run.request.style
    for (path, subject), result in zip(ready, results, strict=True):
        panels = [
            Panel(METHODS[each.method].label, each.verdict.headline(), each, style.is_signed)
            for each in result.maps
        ]
        caption = f"{subject.title}: {result.prediction.sentence()}"
        with replacing(folder.output / f"{folder.stem(path)}.png") as temporary:
            draw_strip(subject.pixels, caption, panels, style.palette).save(temporary)
        record = {"file": str(path), "changes": subject.caption, **as_record(path.name, result)}
        folder.finish(path, record)
