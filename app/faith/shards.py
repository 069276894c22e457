"""The tests of faith in shards of images: what every process that takes part does with its images."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.streamed import Images
from app.faith.asked import FaithRequest, open_run
from app.faith.faithfulness import faithfulness_part, faithfulness_ticks
from app.faith.parts import Gathered, Part, put_together
from app.faith.run import FaithRun, counted
from app.faith.sanity import sanity_part, sanity_ticks
from app.maps.open_model import ModelChoice, OpenModel
from app.shards.columns import Columns, ColumnStore
from app.shards.helpers import Helpers
from app.shards.needs import Needs
from app.shards.shard import Shard, Work
from app.shards.stored_images import StoredImages

Item = tuple[int, Any]
"""An image: its number, from 0, and what stands for it where it is read."""
Pictures = tuple[list[int], np.ndarray, Sequence[int] | None]
"""Images that could be read, scaled: their numbers, pixels, and classes if those are known."""
Read = Callable[[Sequence[Item]], tuple[Pictures, dict[int, str]]]
"""Returns images by their items, and why others cannot be read, by number."""
Keep = Callable[[str, Columns], None]
"""Takes the results of a shard, by its name."""
IN_SHARDS = ("sanity", "faithfulness")
"""Tests that are done image by image."""
LOST, WHY = "lost", "why"
"""Columns of images that could not be tested: their numbers, and the reasons."""


@dataclass(frozen=True)
class Batch:
    """What was found of some images."""

    parts: Mapping[str, Part] = field(default_factory=dict)
    """By test; nothing where no image could be read."""
    lost: Mapping[int, str] = field(default_factory=dict)
    """Images that could not be tested, by number, and why."""


class FaithWork(Work):
    """Maps that are tested in this process; see `app.shards.shard.Work`.

    Args:
        run: the network and the tests' settings; its images are left aside.
        tests: which of `IN_SHARDS`.
        read: returns images by their items, and why others cannot be read.
        keep: takes the results of a shard, by its name.
    """

    def __init__(self, run: FaithRun, tests: Sequence[str], read: Read, keep: Keep | None = None) -> None:
        self.run, self.keep = run, keep
        self.tests = [test for test in IN_SHARDS if test in tests]
        self.batch_size = run.at_once
        self._read = read

    def read(self, items: Sequence[Item]) -> tuple[Pictures, dict[int, str]]:
        """Return images as the network takes them."""
        return self._read(items)

    def records(self, batch: tuple[Pictures, dict[int, str]]) -> Batch:
        """Return what each test finds of images."""
        (numbers, images, known), lost = batch
        if not numbers:
            return Batch(lost=lost)
        classes = self.run.explainer.predicted_classes(images) if known is None else known
        part = self.run.part(images, classes, numbers)
        ticks = {"sanity": sanity_ticks, "faithfulness": faithfulness_ticks}
        work = sum(ticks[test](part) for test in self.tests)
        done = counted(lambda share, name: self.tick(share * len(numbers)), max(work, 1))  # noqa: ARG005
        tested = {"sanity": sanity_part, "faithfulness": faithfulness_part}
        return Batch({test: tested[test](part, done) for test in self.tests}, lost)

    def skipped(self, item: Item, reason: str) -> Batch:
        """Return what stands in the place of an image that cannot be tested."""
        return Batch(lost={item[0]: reason})

    def leave(self, shard: Shard, records: Sequence[Batch]) -> Mapping[str, str]:
        """Keep what was found of a shard."""
        lost = {number: why for batch in records for number, why in batch.lost.items()}
        columns: dict[str, np.ndarray] = {
            LOST: np.array(list(lost), np.int64),
            WHY: np.array(list(lost.values()), np.str_),
        }
        for test in self.tests:
            parts = [batch.parts[test] for batch in records if batch.parts]
            if parts:
                found = put_together(parts).columns()
                columns.update({f"{test}/{name}": values for name, values in found.items()})
        assert self.keep is not None
        self.keep(shard.name, columns)
        return {}


class Found:
    """What was found of all images: shards are taken in one after the other, in their order."""

    def __init__(self) -> None:
        self._tests: dict[str, Gathered] = {}
        self.lost: dict[int, str] = {}
        """Images that could not be tested, by number, and why."""

    def take(self, columns: Columns) -> None:
        """Take in the results of one more shard."""
        self.lost.update(zip(columns[LOST].tolist(), columns[WHY].tolist(), strict=True))
        for test in IN_SHARDS:
            begins = f"{test}/"
            own = {
                name.removeprefix(begins): column
                for name, column in columns.items()
                if name.startswith(begins)
            }
            if own:
                self._tests.setdefault(test, Gathered()).add(Part.of(own))

    def part(self, test: str) -> Part:
        """Return what a test found of all images.

        Raises:
            ValueError: no image could be read.
        """
        if test not in self._tests:
            raise ValueError(f"no image could be read: {next(iter(self.lost.values()), 'there is none')}")
        return self._tests[test].whole()


def reading(opened: OpenModel, read: Callable[[Sequence[Any]], list[np.ndarray | str]]) -> Read:
    """Return a function that reads images as a network takes them, from one that reads bytes."""

    def read_scaled(items: Sequence[Item]) -> tuple[Pictures, dict[int, str]]:
        found = read([item for _, item in items])
        pairs = [(number, image) for (number, _), image in zip(items, found, strict=True)]
        good = [(number, image) for number, image in pairs if isinstance(image, np.ndarray)]
        lost = {number: image for number, image in pairs if isinstance(image, str)}
        pixels = opened.scaled(np.stack([image for _, image in good])) if good else np.empty(0)
        return ([number for number, _ in good], pixels, None), lost

    return read_scaled


@dataclass(frozen=True)
class FaithJob:
    """What is tested on every image; see `app.shards.shard.Job`."""

    choice: ModelChoice
    """With the model's own path, so that all processes open the same file."""
    memory: int
    shuffled: ModelChoice | None
    asked: FaithRequest
    """With the count of images that there are."""
    stored: StoredImages
    folder: Path
    needs: Needs

    @property
    def facts(self) -> tuple[Any, ...]:
        """What decides what is found of an image: files and versions, what is asked, and how images are read."""
        array = self.stored.array.name if self.stored.array else None
        images = (array, self.stored.shape, self.stored.ink, self.stored.is_fitted)
        how = (self.choice, self.shuffled, self.asked, images)
        return ("faith", dict(self.needs.files), dict(self.needs.programs), repr(how))

    def open(self) -> FaithWork:
        """Load the model in this process."""
        opened = OpenModel(self.choice, self.memory)
        other = None if self.shuffled is None else OpenModel(self.shuffled, self.memory)
        run = open_run(opened, self.asked, self.stored.shape, other)
        read = reading(opened, self.stored.read)
        return FaithWork(run, self.asked.tests, read, ColumnStore(self.folder).put)


def faith_job(
    helpers: Helpers,
    opened: OpenModel,
    asked: FaithRequest,
    images: Images,
    shuffled: OpenModel | None = None,
) -> tuple[FaithJob, list[Any]]:
    """Return what every process is told, and what stands for each image."""
    choice, files = opened.for_workers()
    other, more = (None, {}) if shuffled is None else shuffled.for_workers()
    stored, items = StoredImages.of(images, helpers.folder, range(len(images)))
    needs = helpers.needs({**files, **more}, [item for item in items if isinstance(item, str)])
    tests = tuple(test for test in IN_SHARDS if test in asked.tests)
    asked = replace(asked, tests=tests, methods=tuple(asked.methods))
    job = FaithJob(choice, opened.memory_bytes, other, asked, stored, helpers.folder, needs)
    return job, items
