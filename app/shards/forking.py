"""The process that the workers of this machine are forked from: it loads TensorFlow once, for all of them."""

import os
import sys
from collections.abc import Mapping

from app.files.versions import PROGRAM
from app.show.chatter import SETTINGS

FORKS = sys.platform == "linux"
"""Whether workers are forked; elsewhere a fork of a process with libraries may crash, and each worker loads its own."""
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

    forkserver.set_forkserver_preload(["app.shards.loaded_once"])
    before = dict(os.environ)
    path = os.pathsep.join(
        [str(PROGRAM), *filter(None, [before.get("PYTHONPATH")])]
    )  # it may start elsewhere
    _set_environment(before | worker_environment() | {"PYTHONPATH": path})
    try:
        forkserver.ensure_running()
    finally:
        _set_environment(before)


def _set_environment(wanted: Mapping[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)
