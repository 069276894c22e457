"""Pictures predicted in shards by the workers of a cluster, and read again in their order."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.reading import Item, Reader, Ready, title_of
from app.files.listing import Listing, list_pictures
from app.maps.explainer import Explainer
from app.maps.open_model import ModelChoice, OpenModel
from app.maps.predictions import PicturePrediction, Predictions
from app.predict.run import Prepare, as_result, ask, reader_of
from app.shards.columns import Columns, ColumnStore, join_columns
from app.shards.dask_workers import WorkersChoice
from app.shards.helpers import Helpers
from app.shards.needs import Needs
from app.shards.running import run_job
from app.shards.shard import Shard, Work, cut, shard_name
from app.shards.stored_images import identity

SHARD = 512
"""Pictures of a shard, about: whole batches."""


class PredictWork(Work):
    """A model that is open in this process; see `app.shards.shard.Work`."""

    def __init__(self, opened: OpenModel, reader: Reader, job: "PredictJob") -> None:
        self.opened, self.reader, self.job = opened, reader, job
        self.batch_size, self.store = job.batch_size, ColumnStore(job.folder)

    def read(self, items: Sequence[Item]) -> list[Ready]:
        """Return pictures as the network takes them, or why they cannot be read."""
        return self.reader.read_items(items, self.job.source)

    def records(self, batch: list[Ready]) -> Columns:
        """Return what the network says of a batch."""
        return as_columns(list(ask(self.opened, self._explainer, batch)), len(self.opened.names))

    @cached_property
    def _explainer(self) -> Explainer:
        return self.opened.explainer_for(self.job.images, self.batch_size)

    def skipped(self, item: Item, reason: str) -> Columns:
        """Return what stands in the place of a picture that cannot be predicted."""
        return as_columns([PicturePrediction(title_of(item), error=reason)], len(self.opened.names))

    def leave(self, shard: Shard, records: Sequence[Any]) -> Mapping[str, str]:
        """Keep the answers of a shard."""
        self.store.put(shard.name, join_columns(records))
        return {}


@dataclass(frozen=True)
class PredictJob:
    """What is asked of every picture; see `app.shards.shard.Job`."""

    choice: ModelChoice
    """With the model's own path, so that all processes open the same file."""
    memory: int
    images: int
    """How many pictures there are; it decides who runs the network."""
    batch_size: int
    prepare: Prepare
    source: str
    """The folder from which files are named."""
    folder: Path
    needs: Needs

    def open(self) -> PredictWork:
        """Load the model in this process."""
        opened = OpenModel(self.choice, self.memory)
        return PredictWork(opened, reader_of(opened, self.prepare), self)

    @property
    def facts(self) -> tuple[Any, ...]:
        """What decides an answer besides its picture: files, versions, and how it is asked."""
        how = (repr(self.choice), self.batch_size, self.prepare, self.source)
        return ("predict", dict(self.needs.files), dict(self.needs.programs), *how)


def predict_on_workers(
    opened: OpenModel,
    pictures: Listing,
    prepare: Prepare,
    batch_size: int,
    workers: WorkersChoice,
    output: Path,
) -> Iterator[PicturePrediction]:
    """Yield what a network says of pictures, in their order, as `predict_pictures` does; workers ask it.

    Args:
        opened: the model, of a file.
        pictures: the files.
        prepare: how pictures are fitted.
        batch_size: images that the network is asked of at a time.
        workers: who asks it.
        output: a folder that all of them see; shards lie in `.shards` in it.
    """
    helpers = Helpers(workers, output)
    folder = helpers.folder
    items = reader_of(opened, prepare).items(pictures.files)
    choice, files = opened.for_workers()
    here = str(Path.cwd())
    needs = helpers.needs(files, [str(Path(here, file)) for file in pictures.files])
    job = PredictJob(choice, opened.memory_bytes, len(items), batch_size, prepare, here, folder, needs)
    store, shards = ColumnStore(folder), list(_shards(job, items))
    waiting = [shard for shard in shards if not store.has(shard.name)]
    there = {shard.name for shard in shards} - {shard.name for shard in waiting}
    done = run_job(job, job.open, iter(waiting), workers, lambda count: None)  # noqa: ARG005
    for shard in shards:
        while shard.name not in there:
            there.add(next(done).shard.name)
        yield from as_predictions(store.get(shard.name))


def predict_files(
    opened: OpenModel, images: Any, prepare: Prepare, batch_size: int, workers: WorkersChoice
) -> Predictions:
    """Return what a network says of files, asked by workers: `predict_images` for pictures that others can read.

    Raises:
        ValueError: no files are given, or whatever `predict_images` raises.
    """
    given = [images] if isinstance(images, (str, Path)) else images
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, (str, Path)) for each in given):
        raise ValueError("workers predict pictures in files: give paths of files or folders")
    listing = list_pictures(map(str, given), None, opened.shape[0] == 1)
    said = predict_on_workers(opened, listing, prepare, batch_size, workers, Path("output"))
    return as_result(opened, images, list(said))


def _shards(job: PredictJob, items: Sequence[Item]) -> Iterator[Shard]:
    for number, part in enumerate(cut(items, job.batch_size * -(-SHARD // job.batch_size))):
        known = [_identity(job.source, item) for item in part]
        yield Shard(shard_name(number, job.facts, known), part)


def _identity(folder: str, item: Item) -> Any:
    if isinstance(item, str):
        return identity(str(Path(folder, item)))
    return (*identity(str(Path(folder, item[0]))), item[1])


def as_columns(said: Sequence[PicturePrediction], classes: int) -> dict[str, np.ndarray]:
    """Return answers as columns; those of pictures that could not be read have no numbers."""
    blank = np.full(classes, np.nan, np.float32)
    values = [blank if each.values is None else each.values for each in said]
    return {
        "image": np.array([each.image for each in said]),
        "values": np.array(values),
        "words": np.array([json.dumps([each.changes, each.notes]) for each in said]),
        "error": np.array([each.error for each in said]),
    }


def as_predictions(columns: Columns) -> Iterator[PicturePrediction]:
    """Yield the answers that columns hold."""
    texts = (columns[name].tolist() for name in ("image", "words", "error"))
    for image, words, error, values in zip(*texts, columns["values"], strict=True):
        if error:
            yield PicturePrediction(image, error=error)
        else:
            changes, notes = json.loads(words)
            yield PicturePrediction(image, values, tuple(changes), tuple(notes))
