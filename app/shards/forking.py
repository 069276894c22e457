"""The process that the workers of this machine are forked from: it loads TensorFlow once, for all of them."""

import os
import signal
import sys
from collections.abc import Mapping
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


def dask_settings() -> dict[str, object]:
    """Return what Dask is told of how to start workers."""
    if not FORKS:
        return {"distributed.nanny.pre-spawn-environ": worker_environment()}
    return {
        "distributed.worker.multiprocessing-method": "forkserver",
        "distributed.nanny.environ": worker_environment(),
        "distributed.nanny.pre-spawn-environ": {},
    }


def start_loading() -> None:
    """Start the process, if it is not there; it loads what workers need while this one goes on, and ends with it."""
    if not FORKS:
        return
    from multiprocessing import forkserver

    forkserver.set_forkserver_preload([LOADED])
    before = dict(os.environ)
    path = os.pathsep.join(
        [str(PROGRAM), *filter(None, [before.get("PYTHONPATH")])]
    )  # it may start elsewhere
    _set_environment(before | worker_environment() | {"PYTHONPATH": path, ASKED_BY: str(os.getpid())})
    try:
        forkserver.ensure_running()
    finally:
        _set_environment(before)


def _set_environment(wanted: Mapping[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)


def end_with_parent(is_wanted: bool) -> None:
    """Have Linux end this process when the one that started it ends, or no longer; on other systems nothing happens.

    The fork server looks after that by itself, but not while it imports.
    """
    import ctypes

    if FORKS:
        ctypes.CDLL(None).prctl(ON_DEATH_OF_PARENT, signal.SIGKILL if is_wanted else 0)
        if os.environ.get(ASKED_BY) not in (None, str(os.getppid())):
            os._exit(1)  # it has ended already


ON_DEATH_OF_PARENT = 1
"""Linux' number for it in `prctl`: PR_SET_PDEATHSIG."""


def tell_unless_gone(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell of an error as Python does, but not where whoever wants a worker is gone before it has started.

    Then a pipe has ended, or something without a file's name is not found: a semaphore.
    """
    if not isinstance(error, EOFError | OSError) or getattr(error, "filename", None):
        sys.__excepthook__(kind, error, trace)
