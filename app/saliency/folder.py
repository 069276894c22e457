"""A whole folder of pictures explained: in batches, in constant memory, resumed where it was stopped."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from app.commands.door import shown
from app.datasets.subjects import Subject, own_picture
from app.files.atomic import replacing
from app.files.folder_run import FolderRun, batches
from app.files.saved import SavedModel, hash_file
from app.maps.methods import METHODS
from app.saliency.request import MapRequest
from app.saliency.run import explain_pixels
from app.show.tables import make_console

if TYPE_CHECKING:
    from app.engine.replay.steps import Replay
    from app.maps.explain import Explanation

BATCH = 64
"""Pictures read at a time."""

Ready = list[tuple[Path, Subject]]


def explain_folder(
    request: MapRequest, saved: SavedModel, model: "Replay", wanted: int | None, against: int | None
) -> None:
    """Explain every picture of a folder; leave a strip and a record of each, skip what cannot be read.

    Raises:
        ValueError: not one picture could be read.
    """
    from app.show.progress import track

    assert request.image_folder is not None
    run = FolderRun(request.image_folder, request.output, _settings(request, saved))
    pictures = run.pictures()
    run.begin(request.restart)
    waiting = [picture for picture in pictures if not run.is_done(picture)]
    done = len(pictures) - len(waiting)
    if done:
        click.echo(f"{done:,} of {len(pictures):,} pictures are done (--restart does them again)")
    unreadable: dict[Path, str] = {}
    folder = FolderExplainer(request, saved, model, (wanted, against))
    with track(make_console(), len(pictures), done, "pictures") as advance:
        for batch in batches(waiting, BATCH):
            ready = folder.read(batch, unreadable)
            for _, same in groupby(ready, key=lambda pair: pair[1].pixels.shape):
                group = list(same)
                try:
                    folder.explainer.check_size(group[0][1].pixels.shape)
                except ValueError as error:
                    unreadable.update((path, str(error)) for path, _ in group)
                else:
                    folder.explain(run, group)
            advance(len(batch))
    finished = len(pictures) - len(unreadable)
    where = shown(run.output)
    click.echo(f"{finished:,} of {len(pictures):,} pictures: a strip and a .json each in {where}")
    for path, reason in unreadable.items():
        click.echo(f"  skipped {shown(path)}: {reason}")
    if not finished:
        raise ValueError(f"none of the {len(pictures):,} files in {run.source} could be read")


class FolderExplainer:
    """Explains batches of pictures, with one explainer and so one compilation for all of them."""

    def __init__(
        self, request: MapRequest, saved: SavedModel, model: "Replay", asked: tuple[int | None, int | None]
    ) -> None:
        from app.maps.explainer import Explainer

        self.request, self.saved = request, saved
        self.explainer = Explainer(model, request.memory)
        self.wanted, self.against = asked

    def read(self, paths: Sequence[Path], unreadable: dict[Path, str]) -> Ready:
        """Return the pictures that can be read; note the others with the reason."""
        shape = self.explainer.model.image_shape
        as_digit = self.request.as_digit(self.saved, shape)
        ready: Ready = []
        for path in paths:
            try:
                ready.append((path, own_picture(path, shape, as_digit)))
            except ValueError as error:
                unreadable[path] = str(error).removeprefix(f"{path}: ")
        return ready

    def explain(self, run: FolderRun, ready: Ready) -> None:
        """Explain pictures of one size, and leave a strip and a record of each."""
        from app.maps.record import as_record

        pixels = np.stack([subject.pixels for _, subject in ready])
        asked = ([self.wanted] * len(ready), self.against)
        results = explain_pixels(self.request, self.saved, self.explainer, pixels, asked)
        for (path, subject), result in zip(ready, results, strict=True):
            with replacing(run.output / f"{run.stem(path)}.png") as temporary:
                self._strip(subject, result).save(temporary)
            record = {"file": str(path), "changes": subject.caption, **as_record(path.name, result)}
            run.finish(path, record)

    def _strip(self, subject: Subject, result: "Explanation") -> Any:
        from app.maps.figures import Panel
        from app.maps.strip import draw_strip

        panels = [
            Panel(METHODS[m.method].label, m.verdict.headline(), m, self.request.is_signed)
            for m in result.maps
        ]
        caption = f"{subject.title}: {result.prediction.sentence()}"
        return draw_strip(subject.pixels, caption, panels, self.request.palette)


def _settings(request: MapRequest, saved: SavedModel) -> dict[str, Any]:
    """Return everything that decides what the maps of a picture are."""
    names = (
        "class_text",
        "against_text",
        "layer",
        "cell",
        "engine",
        "samples",
        "noise",
        "steps",
        "baseline",
        "patch",
        "seed",
        "colour",
        "is_signed",
        "palette",
        "prepare",
        "image_input",
        "head",
        "regression",
    )
    chosen = {name: getattr(request, name) for name in names}
    pixels = request.pixels(saved).words()
    return {
        "model": saved.path.name,
        "model_sha256": hash_file(saved.path),
        "pixels": pixels,
        "methods": list(request.chosen_methods),
        **chosen,
    }
