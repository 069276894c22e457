"""A network asked about labelled images, in shards: what every process that takes part does with its images."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.streamed import Images
from app.evaluate.measures import Outcome
from app.maps.explainer import Explainer
from app.maps.open_model import ModelChoice, OpenModel
from app.shards.columns import Columns, ColumnStore, join_columns
from app.shards.helpers import Helpers
from app.shards.needs import Needs
from app.shards.shard import Shard, Work
from app.shards.stored_images import StoredImages

Item = tuple[int, Any, int]
"""An image: which part it is of, what stands for it there, and its class."""
Read = Callable[[int, Sequence[Any]], list[np.ndarray | str]]
"""Returns images of a part as bytes; what cannot be read, the reason instead."""


class AskWork(Work):
    """A model that is open in this process, and how images are read; see `app.shards.shard.Work`.

    Args:
        opened: the model.
        images: how many are asked about in all; it decides who runs the network.
        batch_size: images at a time.
        read: how they are read.
        store: where the results of shards are kept.
    """

    def __init__(
        self, opened: OpenModel, images: int, batch_size: int, read: Read, store: ColumnStore
    ) -> None:
        self.opened, self.images, self.batch_size, self.store = opened, images, batch_size, store
        self._read = read

    def read(self, items: Sequence[Item]) -> Any:
        """Return images with their classes, in the order of their items."""
        which = items[0][0]
        return self._read(which, [item[1] for item in items]), [item[2] for item in items]

    def records(self, batch: Any) -> Columns:
        """Return what the network says of images, a few numbers each: the fields of `Outcome`, and `error`.

        Raises:
            ValueError: the network puts out values that are no numbers.
        """
        images, labels = batch
        rows = [i for i, image in enumerate(images) if isinstance(image, np.ndarray)]
        errors = [image if isinstance(image, str) else "" for image in images]
        columns = _blank(labels, errors)
        if rows:
            explainer = self._explainer
            outputs = explainer.outputs(self.opened.scaled(np.stack([images[i] for i in rows])))
            shares = as_shares(explainer.model.head.as_probabilities(outputs))
            outcome = Outcome.of(shares, np.array(labels)[rows])
            for name, values in vars(outcome).items():
                columns[name][rows] = values
        return columns

    @cached_property
    def _explainer(self) -> Explainer:
        return self.opened.explainer_for(self.images, self.batch_size)

    def skipped(self, item: Item, reason: str) -> Columns:
        """Return what stands in the place of an image that cannot be asked about."""
        return _blank([item[2]], [reason])

    def leave(self, shard: Shard, records: Sequence[Any]) -> Mapping[str, str]:
        """Keep the numbers of a shard."""
        self.store.put(shard.name, join_columns(records))
        return {}


def _blank(labels: Sequence[int], errors: Sequence[str]) -> dict[str, np.ndarray]:
    whole = {name: np.full(len(labels), -1, np.int64) for name in ("predicted", "ranks")}
    real = {name: np.full(len(labels), np.nan) for name in ("confidence", "of_true", "squares")}
    return {"error": np.array(errors), "labels": np.array(labels, np.int64), **whole, **real}


@dataclass(frozen=True)
class AskJob:
    """What is asked of every image; see `app.shards.shard.Job`."""

    choice: ModelChoice
    """With the model's own path, so that all processes open the same file."""
    memory: int
    images: int
    batch_size: int
    stored: tuple[StoredImages, ...]
    """The images of each part."""
    folder: Path
    needs: Needs

    @property
    def facts(self) -> tuple[Any, ...]:
        """What decides what is said of an image: the files and versions, how it is asked, and how images are fitted."""
        how = (
            repr(self.choice),
            self.batch_size,
            repr([(each.shape, each.ink, each.array and each.array.name) for each in self.stored]),
        )
        return ("evaluate", dict(self.needs.files), dict(self.needs.programs), *how)

    def open(self) -> AskWork:
        """Load the model in this process."""

        def read(which: int, items: Sequence[Any]) -> list[np.ndarray | str]:
            return self.stored[which].read(items)

        opened = OpenModel(self.choice, self.memory)
        return AskWork(opened, self.images, self.batch_size, read, ColumnStore(self.folder))


def ask_job(
    helpers: Helpers, opened: OpenModel, batch_size: int, parts: Sequence[tuple[Images, np.ndarray]]
) -> tuple[AskJob, list[list[Item]]]:
    """Return what every process is told, and what stands for the images of each part."""
    folder = helpers.folder
    choice, files = opened.for_workers()
    stored, items = [], []
    for which, (images, labels) in enumerate(parts):
        kept, found = StoredImages.of(images, folder, range(len(labels)))
        stored.append(kept)
        items.append([(which, item, int(label)) for item, label in zip(found, labels, strict=True)])
    needs = helpers.needs(files, [item for part in items for _, item, _ in part if isinstance(item, str)])
    images_in_all = sum(map(len, items))
    job = AskJob(choice, opened.memory_bytes, images_in_all, batch_size, tuple(stored), folder, needs)
    return job, items


def as_shares(probabilities: np.ndarray) -> np.ndarray:
    """Return probabilities that sum to 1 for each image: those of separate sigmoid units are divided by their sum.

    Raises:
        ValueError: they are no numbers.
    """
    if not np.isfinite(probabilities).all():
        raise ValueError("the network puts out values that are no numbers (NaN or infinite)")
    sums = probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
    is_whole = np.abs(sums - 1) < 1e-3
    return np.where(is_whole, probabilities, probabilities / np.where(sums > 0, sums, 1))
