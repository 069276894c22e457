"""A job done: by a plain loop in this process, or by the workers of a cluster."""

import contextlib
from collections.abc import Callable, Iterator
from itertools import chain

from app.shards.dask_workers import WorkersChoice
from app.shards.doing import Told, do_shards
from app.shards.shard import Job, Shard, ShardDone, Work


def run_job(
    job: Job | None,
    open_work: Callable[[], Work],
    shards: Iterator[Shard],
    workers: WorkersChoice,
    told: Told,
) -> Iterator[ShardDone]:
    """Do shards, and yield them as they are done: by a plain loop in their order, by workers in any.

    Args:
        job: what workers are told; None where there are none.
        open_work: gives the job's work in this process, where the model may be open already.
        shards: what is to be done.
        workers: who does it; nobody: this process.
        told: is told how many pictures are done in all.

    Raises:
        ValueError: nobody is there to do it, a worker cannot take part, or whatever the work raises.
    """
    first = next(shards, None)
    if first is None:
        return  # nobody is needed
    whole = chain([first], shards)
    if job is None or not workers:
        yield from do_shards(open_work(), whole, told)
        return
    from app.shards.dask_workers import connected
    from app.shards.handing_out import do_on_workers

    with connected(workers) as client, contextlib.closing(do_on_workers(client, job, whole, told)) as done:  # type: ignore[type-var]
        yield from done
