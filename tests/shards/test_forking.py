"""Workers of this machine are forked from one process that has loaded TensorFlow, and has not computed with it."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

from app.shards.dask_workers import WorkersChoice, connected
from app.shards.forking import FORKS, ONE_THREAD, start_loading, worker_environment

pytestmark = pytest.mark.skipif(not FORKS, reason="workers are forked on Linux alone")

LOADED = """
import os, sys
import app.shards.loaded_once
from tensorflow.python.eager import context
print("keras" in sys.modules, len(os.listdir("/proc/self/task")), context.context()._context_handle)
"""


def test_nothing_is_loaded_that_a_fork_would_break():
    """Threads are not copied by a fork: there is one, and TensorFlow has not looked for its devices."""
    environment = os.environ | worker_environment()
    asked = [sys.executable, "-c", LOADED]
    told = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "1", "None"]
    assert told.stderr == ""


def test_the_environment_of_who_asks_stays_as_it_is():
    before = {name: os.environ.get(name) for name in worker_environment()}
    start_loading()
    with connected(WorkersChoice(2)) as client:
        client.wait_for_workers(2)
        told = client.run(lambda: (os.getppid(), "tensorflow" in sys.modules, dict(os.environ)))
    (source,) = {parent for parent, _, _ in told.values()}
    assert source != os.getpid()
    for _, is_loaded, environment in told.values():
        assert is_loaded
        assert (
            environment.items()
            >= {**ONE_THREAD, "OMP_NUM_THREADS": "1", "KERAS_BACKEND": "tensorflow"}.items()
        )
    assert {name: os.environ.get(name) for name in before} == before


def test_whoever_is_gone_before_a_worker_has_started_is_no_mistake_of_it(capsys, monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # as it was, at the end
    from app.shards.loaded_once import tell

    tell(FileNotFoundError, FileNotFoundError("a semaphore"), None)
    assert capsys.readouterr().err == ""
    tell(KeyError, KeyError("a mistake"), None)
    assert "KeyError: 'a mistake'" in capsys.readouterr().err
