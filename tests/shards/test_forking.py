"""Workers of this machine are forked from one process that has loaded TensorFlow, and has not computed with it."""

import ast
import os
import signal
import subprocess
import sys

import pytest
from conftest import ROOT

from app.shards.dask_workers import WorkersChoice, connected
from app.shards.forking import (
    ASKED_BY,
    FORKS,
    ONE_THREAD,
    start_loading,
    tell_unless_gone,
    worker_environment,
)

pytestmark = pytest.mark.skipif(not FORKS, reason="workers are forked on Linux alone")

LOADED = """
import os, sys
import app.shards.loaded_once
from tensorflow.python.eager import context
is_loaded = {"keras", "tensorflow", "distributed"} <= sys.modules.keys()
threads = len(os.listdir("/proc/self/task"))
print(is_loaded, threads, context.context()._context_handle, flush=True)
"""


def test_nothing_is_loaded_that_a_fork_would_break():
    """Threads are not copied by a fork: there is one, and TensorFlow has not looked for its devices."""
    environment = os.environ | {ASKED_BY: str(os.getpid())}
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
    wanted = {**ONE_THREAD, "OMP_NUM_THREADS": "1", "KERAS_BACKEND": "tensorflow"}
    (source,) = {parent for parent, _, _ in told.values()}
    assert source != os.getpid()
    for _, is_loaded, environment in told.values():
        assert is_loaded
        assert environment.items() >= wanted.items()
    assert {name: os.environ.get(name) for name in before} == before


ASKING = """
import os, sys
from app.shards.dask_workers import WorkersChoice, connected
with connected(WorkersChoice(1)) as client:
    print(client.run(lambda: (os.getppid(), "tensorflow" in sys.modules)), os.getpid())
"""


def ask(folder, **environment):
    """Whether the worker of a program in a folder is a child of the program, and whether it has loaded TensorFlow."""
    asked = [sys.executable, "-P", "-c", ASKING]
    told = subprocess.run(
        asked,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    answers, own = told.stdout.rsplit(None, 1)
    ((parent, is_loaded),) = ast.literal_eval(answers).values()
    return parent == int(own), is_loaded


def test_what_lies_in_the_folder_is_not_run(tmp_path):
    for name in ("app", "keras", "distributed"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is of somebody else')")
    assert ask(tmp_path) == (False, True)


def test_a_package_that_is_broken_is_found_by_who_needs_it(tmp_path):
    (tmp_path / "keras.py").write_text("raise AttributeError('this is broken')")
    assert ask(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}") == (False, False)


def test_without_room_for_a_socket_workers_are_started_as_elsewhere(tmp_path):
    """The path of a socket has at most 107 letters."""
    place = tmp_path / ("long" * 25)
    place.mkdir()
    assert ask(tmp_path, TMPDIR=str(place)) == (True, False)


def test_whoever_is_gone_before_a_worker_has_started_is_no_mistake_of_it(capsys):
    tell_unless_gone(FileNotFoundError, FileNotFoundError(2, "No such file or directory"), None)
    tell_unless_gone(EOFError, EOFError(), None)
    assert capsys.readouterr().err == ""
    tell_unless_gone(KeyError, KeyError("a mistake"), None)
    assert "KeyError: 'a mistake'" in capsys.readouterr().err
    tell_unless_gone(FileNotFoundError, FileNotFoundError(2, "No such file or directory", "program.py"), None)
    assert "'program.py'" in capsys.readouterr().err


SLOW = "import time, app.shards.forking as f\nwith f.while_asked_for():\n    time.sleep(600)\n"


@pytest.mark.parametrize("seconds", [0, 1])
def test_it_ends_with_who_asked_even_while_it_loads(tmp_path, seconds):
    """Its standard output is that of the command: who reads this would wait until it is closed."""
    (tmp_path / "slow_to_load.py").write_text(SLOW)
    script = "import time, app.shards.forking as f; f.LOADED = 'slow_to_load'; f.start_loading(); "
    asked = [sys.executable, "-c", f"{script} time.sleep({seconds}); print('done')"]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    with subprocess.Popen(asked, env=environment, stdout=subprocess.PIPE, text=True) as run:
        assert run.communicate(timeout=60)[0] == "done\n"


def test_an_interrupt_while_it_loads_is_told_by_who_asked_alone(tmp_path):
    (tmp_path / "slow_to_load.py").write_text(SLOW)
    script = (
        "import time, app.shards.forking as f; f.LOADED = 'slow_to_load'\n"
        "try:\n    f.start_loading(); print(flush=True); time.sleep(600)\n"
        "except KeyboardInterrupt:\n    print('interrupted')"
    )
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, start_new_session=True, **pipes
    ) as run:
        assert run.stdout.readline() == "\n"
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does it
        assert run.communicate(timeout=60) == ("interrupted\n", "")
