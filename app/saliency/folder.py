"""A whole folder of pictures explained: in batches, in constant memory, resumed where it was stopped."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from app.commands.inputs import ImageChoice
from app.commands.outputs import shown
from app.datasets.samples import Sample, own_picture
from app.files.atomic import replacing
from app.files.folder_run import FolderRun, batches
from app.maps.methods import METHODS
from app.saliency.run import MapRun
from app.show.progress import Progress
from app.show.tables import make_console
from app.untrusted.text import visible

BATCH = 64
"""Pictures read at a time."""

Ready = list[tuple[Path, Sample]]


@dataclass(frozen=True)
class FolderResult:
    """What a run over a folder left."""

    folder: Path
    """Where the strips and records are."""
    pictures: int
    done_before: int
    unreadable: dict[Path, str]
    """What could not be read, and why."""

    @property
    def finished(self) -> int:
        """How many pictures have a strip and a record."""
        return self.pictures - len(self.unreadable)

    def __repr__(self) -> str:
        return f"<{self.finished:,} of {self.pictures:,} pictures explained in {shown(self.folder)}>"

    def __str__(self) -> str:
        before = f"{self.done_before:,} of {self.pictures:,} pictures are done (--restart does them again)"
        said = f"{self.finished:,} of {self.pictures:,} pictures: a strip and a .json each in {shown(self.folder)}"
        skipped = [visible(f"  skipped {shown(path)}: {reason}") for path, reason in self.unreadable.items()]
        return "\n".join([*([before] if self.done_before else []), said, *skipped])


def explain_folder(
    run: MapRun, source: Path, output: Path, restart: bool = False, images: ImageChoice | None = None
) -> FolderResult:
    """Explain every picture of a folder; leave a strip and a record of each, skip what cannot be read.

    A run that was stopped goes on where it was.

    Args:
        run: the model and the question.
        source: the folder with pictures.
        output: the folder for strips and records, made if it is missing.
        restart: forget what an earlier run left.
        images: how pictures are prepared.

    Raises:
        ValueError: there are no pictures, or an earlier run had other settings.
    """
    images = images or ImageChoice()
    folder = FolderRun(source, output, settings_of(run, images))
    pictures = folder.pictures()
    run = replace(run, images=len(pictures))
    if run.explainer.model.is_series:
        raise ValueError(
            "--images reads pictures, and this network takes series; give one with --image FILE.csv"
        )
    folder.begin(restart)
    waiting = [picture for picture in pictures if not folder.is_done(picture)]
    done, unreadable = len(pictures) - len(waiting), dict[Path, str]()
    with Progress(make_console(), "pictures", len(pictures), done) as progress:
        for batch in batches(waiting, BATCH):
            ready = _read(run, batch, images.prepare, unreadable)
            for _, same in groupby(ready, key=lambda pair: pair[1].pixels.shape):
                group = list(same)
                try:
                    run.explainer.check_size(group[0][1].pixels.shape)
                except ValueError as error:
                    unreadable.update((path, str(error)) for path, _ in group)
                else:
                    explain_batch(run, folder, group)
            progress.advance(len(batch))
    return FolderResult(folder.output, len(pictures), done, unreadable)


def settings_of(run: MapRun, images: ImageChoice) -> dict[str, Any]:
    """Return everything that decides what the maps of a picture are: the whole request, and the file."""
    opened = run.opened
    file = {
        "name": opened.facts.path.name if opened.facts.path else opened.name,
        "sha256": opened.hash(),
        "pixel_range": opened.pixels.words(),
    }
    chosen = {key: value for key, value in vars(opened.choice).items() if key != "class_names" or value}
    return {
        "model": {**chosen, **file},
        "images": asdict(images),
        "question": asdict(run.question) | {"methods": run.question.chosen_methods},
        "style": asdict(run.style),
    }


def _read(run: MapRun, paths: Sequence[Path], prepare: str, unreadable: dict[Path, str]) -> Ready:
    """Return the pictures that can be read; note the others with the reason."""
    shape = run.explainer.model.image_shape
    ink = run.opened.ink(prepare)
    ready: Ready = []
    for path in paths:
        try:
            ready.append((path, own_picture(path, shape, ink)))
        except ValueError as error:
            unreadable[path] = str(error).removeprefix(f"{path}: ")
    return ready


def explain_batch(run: MapRun, folder: FolderRun, ready: Ready) -> None:
    """Explain pictures of one size, and leave a strip and a record of each."""
    from app.maps.figures.panels import Panel
    from app.maps.record import as_record
    from app.maps.strip import draw_strip

    results = run.explain_samples([sample for _, sample in ready], [run.wanted] * len(ready))
    style = run.style
    for (path, sample), result in zip(ready, results, strict=True):
        panels = [
            Panel(METHODS[each.method].label, each.verdict.headline(), each, style.is_signed)
            for each in result.maps
        ]
        caption = f"{sample.title}: {result.prediction.sentence()}"
        with replacing(folder.output / f"{folder.stem(path)}.png") as temporary:
            draw_strip(sample.pixels, caption, panels, style.palette).save(temporary)
        record = {"file": str(path), "changes": sample.caption, **as_record(path.name, result)}
        folder.finish(path, record)
