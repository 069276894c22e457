"""Many pictures explained in shards: what every process that takes part does with its pictures."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.datasets.reading import Item, Reader, Ready, title_of
from app.datasets.samples import Sample, own_picture
from app.files.atomic import write_bytes
from app.files.folder_run import FolderRun, file_state
from app.maps.methods import METHODS
from app.maps.open_model import ModelChoice, OpenModel
from app.saliency.question import MapQuestion, Presentation
from app.saliency.run import MapRun
from app.saliency.shard_arrays import ArrayChoice, columns_of, failures_in, spread_columns
from app.shards.columns import join_columns, write_columns
from app.shards.needs import Needs
from app.shards.shard import Shard, Work

if TYPE_CHECKING:
    from app.maps.explain import Explanation

STRIPS = 64
"""Pictures that are explained together where each gets a strip of its own."""
ROWS = 256
"""Pictures that are explained together where arrays are kept."""


@dataclass(frozen=True)
class MapJob:
    """What is asked of every picture; see `app.shards.shard.Job`."""

    choice: ModelChoice
    """With the model's own path, so that all processes open the same file."""
    memory: int
    question: MapQuestion
    style: Presentation
    prepare: str
    images: int
    """How many there are in all; it decides who runs the network."""
    run: FolderRun
    kept: ArrayChoice
    needs: Needs

    @property
    def folder(self) -> Path:
        """Where results are left."""
        return self.run.output

    def open(self) -> "MapWork":
        """Load the model in this process."""
        opened = OpenModel(self.choice, self.memory)
        asked = MapRun.of(opened, self.question, self.style)
        return MapWork.of(replace(asked, images=self.images), self.run, self.prepare, self.kept)


@dataclass(frozen=True)
class Strip:
    """A picture's strip and record, or why there are none."""

    path: Path
    state: Sequence[int] = ()
    """What its file was before it was read."""
    png: bytes = b""
    record: Mapping[str, Any] | None = None
    error: str = ""


class MapWork(Work):
    """A model that is open in this process, and how its maps are kept: as strips; see `app.shards.shard.Work`."""

    batch_size = STRIPS

    def __init__(self, run: MapRun, folder: FolderRun, prepare: str, kept: ArrayChoice) -> None:
        self.run, self.folder, self.prepare, self.kept = run, folder, prepare, kept
        run.explainer.machine.compute_alike(-(-run.images // self.batch_size))

    @staticmethod
    def of(run: MapRun, folder: FolderRun, prepare: str, kept: ArrayChoice) -> "MapWork":
        """Return the work that leaves what is asked for."""
        return (ArrayWork if kept.arrays else MapWork)(run, folder, prepare, kept)

    def read(self, items: Sequence[Item]) -> Any:
        """Return pictures as the network takes them, or why they cannot be read."""
        shape, ink = self.run.opened.shape, self.run.opened.ink(self.prepare)
        found: list[tuple[Strip, Sample | None]] = []
        for item in items:
            path = self.folder.source / str(item)
            strip = Strip(path, file_state(path))
            try:
                found.append((strip, own_picture(path, shape, ink)))
            except ValueError as error:
                found.append((replace(strip, error=str(error).removeprefix(f"{path}: ")), None))
        return found

    def records(self, batch: Any) -> Any:
        """Return the strips of pictures; those of one size are explained together."""
        strips = {strip.path: strip for strip, _ in batch}
        ready = [(strip, sample) for strip, sample in batch if sample is not None]
        for _, same in groupby(ready, key=lambda pair: pair[1].pixels.shape):
            group = list(same)
            try:
                self.run.explainer.check_size(group[0][1].pixels.shape)
            except ValueError as error:
                strips.update((strip.path, replace(strip, error=str(error))) for strip, _ in group)
            else:
                strips.update((strip.path, strip) for strip in self._draw(group))
        return [strips[strip.path] for strip, _ in batch]

    def skipped(self, item: Item, reason: str) -> Any:
        """Return what stands in the place of a picture that cannot be explained."""
        return [Strip(self.folder.source / str(item), error=reason)]

    def leave(self, shard: Shard, records: Sequence[Any]) -> dict[str, str]:  # noqa: ARG002
        """Write the strips and records of pictures; return what could not be explained."""
        strips: list[Strip] = [strip for batch in records for strip in batch]
        for strip in strips:
            if strip.record is not None:
                write_bytes(self.folder.output / f"{self.folder.stem(strip.path)}.png", strip.png)
                self.folder.finish(strip.path, strip.state, dict(strip.record))
        return {str(strip.path): strip.error for strip in strips if strip.error}

    def _draw(self, ready: Sequence[tuple[Strip, Sample]]) -> Iterator[Strip]:
        """Yield the strips of pictures of one size."""
        from app.maps.figures.panels import Panel
        from app.maps.record import as_record
        from app.maps.strip import draw_strip

        style = self.run.style
        results = self.run.explain_samples([sample for _, sample in ready], [self.run.wanted] * len(ready))
        for (strip, sample), result in zip(ready, results, strict=True):
            panels = [
                Panel(METHODS[each.method].label, each.verdict.headline(), each, style.is_signed)
                for each in result.maps
            ]
            caption, png = f"{sample.title}: {result.prediction.sentence()}", io.BytesIO()
            draw_strip(sample.pixels, caption, panels, style.palette).save(png, "png")
            found = as_record(strip.path.name, result)
            record = {"file": str(strip.path), "changes": sample.caption, **found}
            yield replace(strip, png=png.getvalue(), record=record)


class ArrayWork(MapWork):
    """The same, with maps kept as arrays."""

    batch_size = ROWS

    def read(self, items: Sequence[Item]) -> Any:
        """Return pictures as the network takes them, or why they cannot be read."""
        return self._reader.read_items(items, self.folder.source)

    def records(self, batch: Any) -> Any:
        """Return the columns of pictures, a row each; those that cannot be explained have a reason."""
        ready: list[Ready] = batch
        rows = [i for i, each in enumerate(ready) if each.sample is not None]
        errors = {i: each.error for i, each in enumerate(ready)}
        files = [each.name for each in ready]
        if not rows:
            return spread_columns(self._of_black, rows, files, errors)
        samples = [sample for each in ready if (sample := each.sample)]
        columns = columns_of([files[i] for i in rows], self._explain(samples), self.kept)
        return columns if len(rows) == len(files) else spread_columns(columns, rows, files, errors)

    def skipped(self, item: Item, reason: str) -> Any:
        """Return what stands in the place of a picture that cannot be explained."""
        return spread_columns(self._of_black, [], [title_of(item)], {0: reason})

    def leave(self, shard: Shard, records: Sequence[Any]) -> dict[str, str]:
        """Write the columns of a shard into its file; return what could not be explained."""
        columns = join_columns(records)
        write_columns(self.folder.output / f"{shard.name}.npz", columns)
        return failures_in(columns)

    @cached_property
    def _reader(self) -> Reader:
        opened = self.run.opened
        return Reader(opened.shape, opened.pixels, opened.ink(self.prepare))

    def _explain(self, samples: Sequence[Sample]) -> "list[Explanation]":
        return self.run.explain_samples(samples, [self.run.wanted] * len(samples))

    @cached_property
    def _of_black(self) -> dict[str, np.ndarray]:
        """The columns of a black picture: their shapes and types are those of any picture."""
        height, width, channels = (side or 1 for side in self.run.opened.shape)
        black = Sample(np.zeros((height, width, channels), np.uint8), "black", "")
        return columns_of(["black"], self._explain([black]), self.kept)
