"""Work on many pictures, cut into shards: what one is, what is done with it, and what becomes of it."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from app.shards.needs import Needs


@dataclass(frozen=True)
class Shard:
    """Pictures that are done together, by one process, and whose results are written whole or not at all."""

    name: str
    items: Sequence[Any]
    """What stands for each picture: a path, a number in a data set."""


@dataclass(frozen=True)
class ShardDone:
    """What became of a shard."""

    shard: Shard
    failures: Mapping[str, str] = field(default_factory=dict)
    """Pictures without a result, and why."""


def _no_tick(pictures: float) -> None:
    """Tell nobody."""


class Work(Protocol):
    """A model that is open in this process, and what it is asked of pictures.

    `records` is the one place where results come from: a plain loop calls it, and so do the workers of a cluster.
    """

    batch_size: int
    """Pictures that `records` is asked of at a time."""
    tick: Callable[[float], None] = staticmethod(_no_tick)
    """Is told by `records` how much of a long batch is done, counted in pictures."""

    def read(self, items: Sequence[Any]) -> Any:
        """Return the pictures of a batch as `records` takes them; threads read batches ahead."""

    def records(self, batch: Any) -> Any:
        """Return the results of a batch that was read; they depend on nothing else, and nothing is written."""

    def skipped(self, item: Any, reason: str) -> Any:
        """Return what stands in the place of a picture that cannot be done, as a batch of one."""

    def leave(self, shard: Shard, records: Sequence[Any]) -> Mapping[str, str]:
        """Write the results of a shard's batches, and return the pictures without a result, and why."""


class Job(Protocol):
    """Everything that says what is done with each picture; small, and sent to every process that takes part."""

    @property
    def folder(self) -> Path:
        """Where results are left: the same folder for all processes."""

    @property
    def needs(self) -> Needs:
        """What every process must find alike."""

    def open(self) -> Work:
        """Load the model in this process.

        Raises:
            ValueError: it cannot be loaded.
        """


def shard_name(number: int, *facts: Any) -> str:
    """Return what a shard is called: its number, and a hash of what decides its results.

    Args:
        number: from 0; names sort as shards follow one another.
        facts: what decides the results, as JSON can hold it.

    >>> shard_name(3, "mnist", ["a.png", 120])
    '000003-da2df2d61695'
    """
    text = json.dumps(facts, sort_keys=True, default=str)
    return f"{number:06d}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def cut(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield items in pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
