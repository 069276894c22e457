"""A shard done by this process: batch after batch, then written whole."""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from app.datasets.ahead import read_ahead
from app.shards.deaths import Attempt
from app.shards.shard import Job, Shard, ShardDone, Work, cut

Told = Callable[[float], None]
"""Is told how many pictures are done; a part of a long batch counts as its part of the pictures."""
AHEAD = 2
"""Batches that threads read while another one is computed."""
BROUGHT_DOWN = "it crashes the process that works on it"


def do_shards(work: Work, shards: Iterable[Shard], told: Told) -> Iterator[ShardDone]:
    """Do shards one after the other in this process: the plain loop.

    Args:
        work: the open model.
        shards: what is to be done.
        told: is told how many pictures are done in all.
    """
    before = 0
    for shard in shards:
        yield do_shard(work, shard, lambda done, before=before: told(before + done))  # type: ignore[misc]
        before += len(shard.items)


def do_shard(work: Work, shard: Shard, told: Told, left_out: Iterable[int] = ()) -> ShardDone:
    """Do a shard, and leave its results.

    Args:
        work: the open model.
        shard: what is to be done.
        told: is told how many pictures are done.
        left_out: numbers of pictures that are not to be touched.
    """
    records: list[Any] = []
    done = 0
    batches = cut(range(len(shard.items)), work.batch_size)
    runs = (run for batch in batches for run in groupby(batch, set(left_out).__contains__))

    def read(run: tuple[bool, list[int]]) -> tuple[list[Any], Any]:
        items = [shard.items[i] for i in run[1]]
        return items, None if run[0] else work.read(items)

    for items, batch in read_ahead(read, ((out, list(numbers)) for out, numbers in runs), AHEAD, AHEAD):
        if batch is None:
            records += [work.skipped(item, BROUGHT_DOWN) for item in items]
        else:
            work.tick = partial(_tell_part, told, done)
            records.append(work.records(batch))
        done += len(items)
        told(done)
    return ShardDone(shard, dict(work.leave(shard, records)))


def _tell_part(told: Told, before: int, pictures: float) -> None:
    told(before + pictures)


class _Process:
    """What this process has open; a worker does many shards of one job."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._job = b""
        self._work: Work | None = None

    def work(self, job: Job) -> Work:
        """Return the work of a job, opened once."""
        import pickle

        key = pickle.dumps(job)
        if self._work is None or key != self._job:
            self._work = None  # so that two models are never in memory
            job.needs.verify()
            self._work, self._job = job.open(), key
        return self._work


_PROCESS = _Process()


def do_watched(job: Job, shard: Shard, told: Told) -> ShardDone:
    """Do a shard of a job in a process that may die over it; see `deaths`.

    One shard at a time is done in a process: TensorFlow uses its cores by itself.

    Raises:
        UnfitWorkerError: this process would compute something else.
        BringsDownError: the shard brings down every process.
    """
    with _PROCESS.lock:
        work = _PROCESS.work(job)
        attempt = Attempt(job.folder, shard)
        try:
            if attempt.is_searching:
                _search(work, shard, attempt)
            return do_shard(work, shard, told, attempt.note.left_out)
        finally:
            attempt.end()


def _search(work: Work, shard: Shard, attempt: Attempt) -> None:
    """Do each picture alone, from the one that the last process died over on."""
    for number in range(max(attempt.note.at, 0), len(shard.items)):
        if number not in attempt.note.left_out:
            attempt.alone(number)
            work.records(work.read([shard.items[number]]))
    attempt.searched()
