"""The workers of Dask `distributed`: those of a cluster that runs already, or processes of this machine."""

import contextlib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from app.shards.forking import dask_settings, start_loading

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):([0-9]{1,5})")
"""What the address of a scheduler looks like."""
MOST_WORKERS = 1000
CONNECTING = 10.0
"""Seconds that a scheduler has to answer."""
WAITING = 60.0
"""Seconds that are waited for a first worker, or for another one where all are gone."""


NO_SCHEDULER = (OSError, ValueError, ImportError, RuntimeError, TypeError, MemoryError, OverflowError)
"""What Dask raises where no scheduler answers: it takes the first bytes of another protocol for a message's length."""


class NoClusterError(ValueError):
    """There is nobody to do the work."""


@dataclass(frozen=True)
class WorkersChoice:
    """Who does the work besides this process."""

    workers: int | None = None
    """Processes of this machine that are started for it."""
    scheduler: str | None = None
    """The address of a cluster that runs already."""

    def __post_init__(self) -> None:
        if self.workers is not None and self.scheduler is not None:
            raise ValueError(
                "--workers starts processes here, and --scheduler takes a cluster that runs already; give one of them"
            )
        if self.workers is not None and not 1 <= self.workers <= MOST_WORKERS:
            raise ValueError(f"--workers is a number from 1 to {MOST_WORKERS:,}, not {self.workers}")
        found = None if self.scheduler is None else ADDRESS.fullmatch(self.scheduler)
        if self.scheduler is not None and (found is None or not 0 < int(found[3]) < 1 << 16):
            raise ValueError(
                f"--scheduler is an address as tcp://host:8786, not {self.scheduler!r}; dask scheduler prints its own"
            )
        if self and importlib.util.find_spec("distributed") is None:
            raise ValueError(
                f"{self.option} needs the package distributed, which is not installed: pip install -r "
                "requirements-cluster.txt"
            )

    @property
    def option(self) -> str:
        """The option that names them."""
        return "--workers" if self.scheduler is None else "--scheduler"

    def start_loading(self) -> None:
        """Have the processes of `workers` load what they need while this one goes on; they are started later."""
        if self.workers is not None:
            start_loading()

    def __bool__(self) -> bool:
        """Return whether there is anybody."""
        return self.workers is not None or self.scheduler is not None


@contextlib.contextmanager
def connected(choice: WorkersChoice) -> Iterator["Client"]:
    """Give a client of the cluster; one of processes of this machine is started for the block.

    Raises:
        NoClusterError: the scheduler does not answer, or no worker comes.
    """
    import logging

    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in one line
    with contextlib.ExitStack() as stack:
        if choice.scheduler is None:
            place: Any = stack.enter_context(_local_cluster(choice.workers or 1))
        else:
            place = choice.scheduler
        here = choice.scheduler is None
        try:
            if choice.scheduler is not None:
                _reach(choice.scheduler)
            client = stack.enter_context(Client(place, timeout=CONNECTING, set_as_default=False))
        except NO_SCHEDULER as error:
            raise NoClusterError(_no_scheduler(choice.scheduler, error)) from error
        try:
            client.wait_for_workers(1, timeout=WAITING)
        except TimeoutError as error:
            raise NoClusterError(
                f"none of the {choice.workers} processes of --workers has started within {WAITING:.0f} s"
                if here
                else f"the scheduler at {choice.scheduler} has had no worker for {WAITING:.0f} s; start some with: "
                f"dask worker {choice.scheduler} --nthreads 1 --memory-limit 0"
            ) from error
        yield client


def _no_scheduler(address: str | None, error: BaseException) -> str:
    if address is None:
        return f"the processes of --workers cannot be reached ({error})"
    tls = "; tls:// needs the certificates that Dask's settings name, distributed.comm.tls"
    return (
        f"no Dask scheduler answers at {address} within {CONNECTING:.0f} s; is it running, and can this machine reach "
        f"it?{tls if address.startswith('tls') else ''}"
    )


def _reach(scheduler: str) -> None:
    """Look whether a scheduler answers; Dask's client would try for longer, and print what went wrong.

    Raises:
        Exception: one of `NO_SCHEDULER`; none does.
    """
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from distributed.comm import connect
    from distributed.security import Security

    async def greet() -> None:
        settings = Security().get_connection_args("client")
        comm = await asyncio.wait_for(connect(scheduler, timeout=CONNECTING, **settings), CONNECTING)
        comm.abort()

    with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own
        thread.submit(asyncio.run, greet()).result()


@contextlib.contextmanager
def _local_cluster(count: int) -> Iterator[Any]:
    """Start worker processes on this machine, each with one thread."""
    import atexit

    import dask
    from distributed import LocalCluster
    from distributed.deploy.spec import close_clusters

    with dask.config.set(dask_settings(start_loading())):
        make = partial(
            LocalCluster,
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            # any free port: another cluster may have the usual one
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=50,
            memory_limit=0,  # Dask would halt a worker that is near a limit, for good: TensorFlow gives nothing back
            preload=["app.shards.deaf_to_interrupts"],
        )
        try:
            cluster = make()
        except RuntimeError as error:
            raise NoClusterError(
                f"the processes of --workers did not start ({error.__cause__ or error}). Each of them imports the "
                "program that asks for them: in one of your own, such calls must stand below the line "
                'if __name__ == "__main__":'
            ) from error
        except KeyboardInterrupt:
            # it cannot end a cluster that is half there; the processes end with this one
            atexit.unregister(close_clusters)
            raise
        with cluster:
            yield cluster
