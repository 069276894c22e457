"""Shards handed out to the workers of a Dask cluster, and taken back as they are done."""

import contextlib
import os
import pickle
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.files.atomic import sweep
from app.shards.dask_workers import WAITING, NoClusterError
from app.shards.deaths import NOTES, BringsDownError, forget_deaths
from app.shards.doing import Told, do_watched
from app.shards.forking import ONE_THREAD
from app.shards.needs import UnfitWorkerError
from app.shards.shard import Job, Shard, ShardDone

if TYPE_CHECKING:
    from distributed import Client, Future

LOOKING = 0.5
"""Seconds between two looks at what is done."""
TELLING = 0.5
"""Seconds between two reports of a worker."""
KEPT = "finished shards are kept, and the same command does the others"
GONE = f"the scheduler is gone; {KEPT}"
QUEUE = 2
"""Shards that are handed out for each worker: one that it does, and one that waits."""


def do_on_workers(client: "Client", job: Job, shards: Iterator[Shard], told: Told) -> Iterator[ShardDone]:
    """Do shards on the workers of a cluster, and yield them as they are done, in no order.

    Args:
        client: of the cluster.
        job: what is done; every process opens the model for itself.
        shards: what is to be done; a few more are handed out than there are workers, so that memory does not grow
            with their number.
        told: is told how many pictures are done in all, those of unfinished shards too.

    Raises:
        UnfitWorkerError: a worker would compute something else, or does not see the files.
        NoClusterError: all workers, or the scheduler, are gone.
        ValueError: whatever a shard raises.
    """
    from concurrent.futures import CancelledError

    from distributed.comm import CommClosedError

    try:
        verify_workers(client, job)
        with _Run(client, job, told) as run:
            yield from run.do(shards)
    except (ConnectionError, CommClosedError, CancelledError) as error:
        raise NoClusterError(GONE) from error


class _Run:
    """Shards that are being done by a cluster."""

    def __init__(self, client: "Client", job: Job, told: Told) -> None:
        self.client, self.job, self.told = client, job, told
        self.topic = f"convlab-{uuid.uuid4().hex}"
        self.waiting: dict[Future, Shard] = {}
        self.tries: dict[str, int] = {}
        self.notes: dict[str, bytes] = {}
        """The note of a shard's deaths, as it was when it last came back undone."""
        self.finished = 0
        self.under_way: dict[str, float] = {}
        """Pictures that are done of shards that are not."""
        self.states: list[str] = []
        """Of the workers, as they were when they were last looked at."""
        self.looked = 0.0
        self.alone_since: float | None = None

    def __enter__(self) -> "_Run":
        self.client.subscribe_topic(self.topic, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # the cluster may be gone
            self.client.unsubscribe_topic(self.topic)
            self.client.cancel(list(self.waiting), force=True)
        with contextlib.suppress(OSError):  # notes of shards that are not done stay
            (self.job.folder / NOTES).rmdir()
        files = [f"{name}.npz" for name in self.tries]
        with contextlib.suppress(OSError):  # workers may have died while they wrote
            sweep(self.job.folder, *files)

    def _hear(self, event: tuple[float, tuple[str, float]]) -> None:
        name, done = event[1]
        if name in self.under_way:
            self.under_way[name] = done

    def do(self, shards: Iterator[Shard]) -> Iterator[ShardDone]:
        """Yield shards as they are done."""
        from distributed import wait

        while True:
            self._look()
            self._hand_out(shards)
            if not self.waiting:
                return
            with contextlib.suppress(TimeoutError), self.client.as_current():
                wait(list(self.waiting), timeout=LOOKING, return_when="FIRST_COMPLETED")
            for future in [each for each in self.waiting if each.done()]:
                shard = self.waiting.pop(future)
                done = self._result(future, shard)
                if done is not None:
                    self.under_way.pop(shard.name)
                    self.finished += len(shard.items)
                    yield done
            self.told(self.finished + sum(self.under_way.values()))
            self._verify_somebody_is_there()

    def _look(self) -> None:
        """See what the workers do, at most twice a second: of many workers that is a long answer."""
        if not self.states or time.monotonic() - self.looked > LOOKING:
            found = self.client.scheduler_info(n_workers=-1)["workers"].values()
            self.states, self.looked = [each["status"] for each in found], time.monotonic()

    def _hand_out(self, shards: Iterator[Shard]) -> None:
        room = QUEUE * max(1, len(self.states)) - len(self.waiting)
        for _ in range(room):
            shard = next(shards, None)
            if shard is None:
                return
            self._submit(shard)

    def _submit(self, shard: Shard) -> None:
        number = self.tries[shard.name] = self.tries.get(shard.name, 0) + 1
        key = f"{self.topic}-{shard.name}-{number}"
        self.under_way[shard.name] = 0
        if number == 1:
            forget_deaths(self.job.folder, shard)
        task = _as_task(do_reporting, self.job, shard, self.topic)
        self.waiting[self.client.submit(task, key=key, pure=False)] = shard

    def _result(self, future: "Future", shard: Shard) -> ShardDone | None:
        """Return what became of a shard; None where it was handed out again."""
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker as error:
            path = self.job.folder / NOTES / f"{shard.name}.json"
            note = path.read_bytes() if path.is_file() else b""
            if note == self.notes.get(shard.name, b""):
                raise BringsDownError(
                    f"shard {shard.name} brought down {error.last_worker.address} and the workers before it, before "
                    "any picture was read. The model may bring down its process, or memory run out while it is loaded"
                ) from error
            self.notes[shard.name] = note
            self._submit(shard)
            return None
        finally:
            future.release()

    def _verify_somebody_is_there(self) -> None:
        """Give up where nobody has been there for a while: a nanny starts a worker again, a dead machine does not."""
        if self.client.status not in ("running", "connecting"):
            raise NoClusterError(GONE)
        if "running" in self.states:
            self.alone_since = None
            return
        now = time.monotonic()
        self.alone_since = self.alone_since or now
        if now - self.alone_since > WAITING:
            what = "halted by Dask, since their memory is short," if self.states else "gone"
            raise NoClusterError(f"all workers have been {what} for {WAITING:.0f} s; {KEPT}")


def _as_task(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """Return a call as Dask can send it: the scheduler, which opens every task, needs no ConvLab for it."""
    content = pickle.dumps((function, arguments))

    def call() -> Any:  # sent as it is, since it has no place in a module
        import pickle

        function, arguments = pickle.loads(content)
        return function(*arguments)

    return call


def do_reporting(job: Job, shard: Shard, topic: str) -> ShardDone:
    """Do a shard on a worker, and report to the client how far it is."""
    from distributed import get_worker

    worker, last = get_worker(), time.monotonic()
    os.environ.update(ONE_THREAD)

    def told(done: float) -> None:
        nonlocal last
        if time.monotonic() - last > TELLING:
            last = time.monotonic()
            worker.log_event(topic, (shard.name, done))

    try:
        return do_watched(job, shard, told)
    except UnfitWorkerError as error:
        raise UnfitWorkerError(f"worker {worker.address} {error}") from error


def verify_workers(client: "Client", job: Job) -> None:
    """Refuse workers that would compute something else, or do not see the files.

    Raises:
        UnfitWorkerError: the first of them, and what is wrong with it.
    """
    probe = job.folder / f".probe-{uuid.uuid4().hex}"
    probe.write_text("")
    try:
        answers = client.run(look_around, job, probe, on_error="return")
    finally:
        for path in job.folder.glob(f"{probe.name}*"):
            path.unlink(missing_ok=True)
    for address, answer in sorted(answers.items()):
        if isinstance(answer, BaseException) and "No module named" in str(answer):
            raise UnfitWorkerError(
                f"worker {address} has no ConvLab, or another version of it ({answer}); start it in an environment "
                "where this version is installed"
            )
        if isinstance(answer, BaseException):
            raise UnfitWorkerError(f"worker {address} cannot take part: {answer}")
        if answer:
            raise UnfitWorkerError(f"worker {address} {answer}")


def look_around(job: Job, probe: Path) -> str:
    """Return what is wrong in this process, in words, "" where nothing is."""
    for difference in job.needs.differences():
        return difference
    if not probe.is_file():
        return f"does not see {job.folder}; all workers need the same files under the same paths"
    try:
        probe.with_name(f"{probe.name}-{uuid.uuid4().hex}").write_text("")
    except OSError as error:
        return f"cannot write into {job.folder}: {error.strerror}"
    return ""
