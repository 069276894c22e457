"""Many pictures explained in shards: what every process that takes part does with its pictures."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.cluster.columns import join_columns, write_columns
from app.cluster.needs import Needs
from app.cluster.shards import Shard
from app.datasets.array_files import open_array
from app.datasets.reading import Piece, Reader, Ready
from app.datasets.samples import Sample, own_picture
from app.files.atomic import write_bytes
from app.files.folder_run import FolderRun
from app.maps.methods import METHODS
from app.maps.open_model import ModelChoice, OpenModel
from app.saliency.question import MapQuestion, Presentation
from app.saliency.run import MapRun
from app.saliency.shard_arrays import ArrayChoice, columns_of, spread_columns

if TYPE_CHECKING:
    from app.maps.explain import Explanation

STRIPS = 64
"""Pictures that are explained together where each gets a strip of its own."""
ROWS = 256
"""Pictures that are explained together where arrays are kept."""

Item = str | tuple[str, int]
"""A picture: its file, below the folder of the run; or the file of an array, and the image's number in it."""


@dataclass(frozen=True)
class MapJob:
    """What is asked of every picture; see `app.cluster.shards.Job`."""

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
    png: bytes = b""
    record: Mapping[str, Any] | None = None
    error: str = ""


class MapWork:
    """A model that is open in this process, and how its maps are kept: as strips; see `app.cluster.shards.Work`."""

    batch_size = STRIPS

    def __init__(self, run: MapRun, folder: FolderRun, prepare: str, kept: ArrayChoice) -> None:
        self.run, self.folder, self.prepare, self.kept = run, folder, prepare, kept

    @staticmethod
    def of(run: MapRun, folder: FolderRun, prepare: str, kept: ArrayChoice) -> "MapWork":
        """Return the work that leaves what is asked for."""
        return (ArrayWork if kept.arrays else MapWork)(run, folder, prepare, kept)

    def records(self, items: Sequence[Item]) -> Any:
        """Return the strips of pictures; those of one size are explained together."""
        errors: dict[Path, str] = {}
        strips: dict[Path, Strip] = {}
        for _, same in groupby(self._read(items, errors), key=lambda pair: pair[1].pixels.shape):
            group = list(same)
            try:
                self.run.explainer.check_size(group[0][1].pixels.shape)
            except ValueError as error:
                errors.update((path, str(error)) for path, _ in group)
            else:
                strips.update((strip.path, strip) for strip in self._draw(group))
        paths = [self.folder.source / str(item) for item in items]
        return [strips.get(path) or Strip(path, error=errors[path]) for path in paths]

    def skipped(self, item: Item, reason: str) -> Any:
        """Return what stands in the place of a picture that cannot be explained."""
        return [Strip(self.folder.source / str(item), error=reason)]

    def leave(self, shard: Shard, records: Sequence[Any]) -> dict[str, str]:  # noqa: ARG002
        """Write the strips and records of pictures; return what could not be explained."""
        strips: list[Strip] = [strip for batch in records for strip in batch]
        for strip in strips:
            if strip.record is not None:
                write_bytes(self.folder.output / f"{self.folder.stem(strip.path)}.png", strip.png)
                self.folder.finish(strip.path, dict(strip.record))
        return {str(strip.path): strip.error for strip in strips if strip.error}

    def _read(self, items: Sequence[Item], errors: dict[Path, str]) -> Iterator[tuple[Path, Sample]]:
        """Yield the pictures that can be read; note the others with the reason."""
        shape, ink = self.run.explainer.model.image_shape, self.run.opened.ink(self.prepare)
        for item in items:
            path = self.folder.source / str(item)
            try:
                yield path, own_picture(path, shape, ink)
            except ValueError as error:
                errors[path] = str(error).removeprefix(f"{path}: ")

    def _draw(self, ready: Sequence[tuple[Path, Sample]]) -> Iterator[Strip]:
        """Yield the strips of pictures of one size."""
        from app.maps.figures.panels import Panel
        from app.maps.record import as_record
        from app.maps.strip import draw_strip

        style = self.run.style
        results = self.run.explain_samples([sample for _, sample in ready], [self.run.wanted] * len(ready))
        for (path, sample), result in zip(ready, results, strict=True):
            panels = [
                Panel(METHODS[each.method].label, each.verdict.headline(), each, style.is_signed)
                for each in result.maps
            ]
            caption, png = f"{sample.title}: {result.prediction.sentence()}", io.BytesIO()
            draw_strip(sample.pixels, caption, panels, style.palette).save(png, "png")
            record = {"file": str(path), "changes": sample.caption, **as_record(path.name, result)}
            yield Strip(path, png.getvalue(), record)


class ArrayWork(MapWork):
    """The same, with maps kept as arrays."""

    batch_size = ROWS

    def records(self, items: Sequence[Item]) -> Any:
        """Return the columns of pictures, a row each; those that cannot be explained have a reason."""
        ready = [each for _, same in groupby(items, _file_of) for each in self._ready([*same])]
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

    def _ready(self, items: Sequence[Item]) -> list[Ready]:
        """Return pictures of one file as the network takes them, or why they cannot be read."""
        first = items[0]
        if isinstance(first, str):
            return [
                ready
                for item in items
                for ready in self._reader.read(Piece(self.folder.source / str(item), title_of(item)))
            ]
        path = self.folder.source / first[0]
        try:
            array = self._array(path)
        except ValueError as error:
            return [Ready(title_of(item), error=str(error)) for item in items]
        start, name = first[1], path.name
        return self._reader.read(Piece(array[start : start + len(items)], name, start, is_many=True))

    @cached_property
    def _reader(self) -> Reader:
        opened = self.run.opened
        return Reader(opened.shape, opened.pixels, opened.ink(self.prepare))

    def _array(self, path: Path) -> np.ndarray:
        """Return an array, opened once."""
        if getattr(self, "_open", (None,))[0] != path:
            self._open = (path, open_array(path))
        return self._open[1]

    def _explain(self, samples: Sequence[Sample]) -> "list[Explanation]":
        return self.run.explain_samples(samples, [self.run.wanted] * len(samples))

    @cached_property
    def _of_black(self) -> dict[str, np.ndarray]:
        """The columns of a black picture: their shapes and types are those of any picture."""
        height, width, channels = (side or 1 for side in self.run.opened.shape)
        black = Sample(np.zeros((height, width, channels), np.uint8), "black", "")
        return columns_of(["black"], self._explain([black]), self.kept)


def _file_of(item: Item) -> str | None:
    """Return the file of an array; None for all pictures, which are read one by one."""
    return None if isinstance(item, str) else item[0]


def title_of(item: Item) -> str:
    """Return what a picture is called."""
    return item if isinstance(item, str) else f"{Path(item[0]).name}, image {item[1]}"


def failures_in(columns: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Return the pictures without maps, and why."""
    wrong = np.flatnonzero(columns["error"] != "")
    return {str(columns["image"][i]): str(columns["error"][i]) for i in wrong}
