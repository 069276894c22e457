"""The process that the workers of this machine are forked from: it loads TensorFlow once, for all of them.

It is the fork server of `multiprocessing`, of which a program has one; it stays until the program ends.
"""

import contextlib
import os
import signal
import site
import sys
import threading
from collections.abc import Iterator
from types import TracebackType

from app.files.versions import PROGRAM
from app.show.chatter import SETTINGS

FORKS = sys.platform == "linux"
"""Whether workers are forked; elsewhere a fork of a process with libraries may crash, and each worker loads its own."""
LOADED = "app.shards.loaded_once"
ASKED_BY = "CONVLAB_ASKED_BY"
"""The environment variable that tells the process who started it."""
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
"""Has TensorFlow, if it has not computed yet, compute with one thread, as every worker does: sums that are shared out
end in other last digits."""


def worker_environment() -> dict[str, str]:
    """Return the environment variables that make a worker: one thread, no chatter, no graphics card but a named one."""
    return {
        **SETTINGS,
        **ONE_THREAD,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", ""),
    }


def dask_settings(are_forked: bool) -> dict[str, object]:
    """Return what Dask is told of how to start workers."""
    if not are_forked:
        return {"distributed.nanny.pre-spawn-environ": worker_environment()}
    return {
        "distributed.worker.multiprocessing-method": "forkserver",
        "distributed.nanny.environ": {**os.environ, **worker_environment()},
        "distributed.nanny.pre-spawn-environ": {},
    }


def start_loading() -> bool:
    """Start the process, if it is not there; it loads what workers need while this one goes on, and ends with it.

    Returns:
        Whether workers can be forked: not on every system, nor where the path of temporary files is too long for a
        socket.
    """
    if not FORKS:
        return False
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # else the fork server starts it, and lets Ctrl-C through
    forkserver.set_forkserver_preload([LOADED])
    # it finds this program from anywhere, and takes nothing from the folder that it starts in
    own = None if str(PROGRAM) in site.getsitepackages() else str(PROGRAM)
    path = os.pathsep.join(filter(None, [own, os.environ.get("PYTHONPATH")]))
    try:
        with _environment({"PYTHONPATH": path, "PYTHONSAFEPATH": "1", ASKED_BY: str(os.getpid())}):
            # Ctrl-C waits until it knows what to do then
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                forkserver.ensure_running()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
    except OSError:
        return False
    return True


_ENVIRONMENT = threading.Lock()


@contextlib.contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    """Set a few variables for the block."""
    with _ENVIRONMENT:
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


LOOKING = 0.2
"""Seconds between two looks at who asked."""


@contextlib.contextmanager
def while_asked_for() -> Iterator[None]:
    """End this process if who asked for it ends during the block, or at Ctrl-C.

    The fork server looks after that by itself, but not while it imports; who reads the output of a command would wait.
    """
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOKING):
            if str(os.getppid()) != os.environ[ASKED_BY]:
                os._exit(1)

    looking = threading.Thread(target=look, daemon=True)
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()  # no thread is left when workers are forked
        signal.signal(signal.SIGINT, before)


def tell_unless_gone(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell of an error as Python does, but not where whoever wants a worker is gone before it has started.

    Then a pipe has ended, or something without a file's name is not found: a semaphore.
    """
    if not isinstance(error, EOFError | OSError) or getattr(error, "filename", None):
        sys.__excepthook__(kind, error, trace)
