"""A command goes on in a child process with limits, because it opens a stranger's model.

What lies beneath Keras (HDF5, TensorFlow's kernels) can be brought down, or made to hang, by a damaged or hostile
file. The child takes the blow: its death is one line, and what it takes of memory, time and disk is bounded. It is
made before anything heavy is imported, which takes some milliseconds.
"""

import atexit
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

from app.untrusted.limits import LOADING, READING, limit_process

MEMORY, SECONDS = "CONVLAB_MEMORY", "CONVLAB_SECONDS"
"""Settings of the user's: bytes and seconds of processor time that the child may take."""
BASE = 6 << 30
"""Bytes that any model may take; for each byte of --memory it may take two more."""
OF_MACHINE = 0.75
"""Share of the machine's memory that is never exceeded."""
A_CORE = 64 << 20
"""Bytes of stacks for each processor core, which count as data."""
FILE_SIZE = 8 << 30
"""Bytes of any file that is written."""
SHORT = 60
"""Seconds that a child may go on for if its parent is killed."""
PATIENCE = 10
"""Seconds in which an interrupted child may clean up."""


@dataclass(frozen=True)
class Limits:
    """What a child may take."""

    seconds: int = 6 * 3600
    """Of processor time."""
    memory: int | None = None
    """Bytes; None: what a model may take to be run."""

    def chosen(self, chunk: int) -> "Limits":
        """Return the same with what the user has set, and with memory for `chunk` bytes of --memory."""
        memory = self.memory
        if MEMORY in os.environ:
            memory = _number(MEMORY)
        elif memory is None:
            memory = BASE + 2 * chunk + A_CORE * (os.cpu_count() or 1)
            with contextlib.suppress(AttributeError, ValueError, OSError):
                machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
                memory = min(memory, int(OF_MACHINE * machine))
        return Limits(_number(SECONDS) if SECONDS in os.environ else self.seconds, memory)


COUNTING = Limits(seconds=20, memory=1_500_000_000)
"""What it may take to count a file, which loads no weights."""


def _number(name: str) -> int:
    text = os.environ[name]
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 50:
        raise ValueError(f"{name} must be a whole number, not {text!r}")
    return int(text)


MODELS = ("name", "network", "weights", "shuffled", "backbone")
"""Parameters of commands that may be a model's file; `names` are several."""


def strangers(parameters: dict[str, Any]) -> list[str]:
    """Return the models among a command's parameters that are files, and no networks of the catalogue."""
    from models import CATALOGUE

    given = [*map(parameters.get, MODELS), *(parameters.get("names") or ())]
    others = [name for name in given if isinstance(name, str) and name not in CATALOGUE]
    if not others:
        return []
    from app.files.saved import model_path  # which imports what reads models

    return [name for name in others if model_path(name).is_file()]


def go_on_apart(models: list[str], limits: Limits) -> None:
    """Split into parent and child: the child returns and goes on, the parent waits and leaves with its exit code.

    On systems other than Linux there is no child: elsewhere a fork is not safe.
    The child is to end with `leave`.

    Args:
        models: what the message names if the child dies.
        limits: what it may take.

    Raises:
        ValueError: in the parent; the child was ended by a signal.
    """
    if sys.platform != "linux":
        return
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):
            stream.flush()
    parent, chatter = os.getpid(), os.memfd_create("chatter")
    child = os.fork()
    if not child:
        _begin(chatter, limits, parent)
        return
    code = os.waitstatus_to_exitcode(_wait(child))
    if code >= 0:
        os._exit(code)  # there is nothing to tidy up, and Python takes its time over it
    said = os.pread(chatter, 1 << 20, 0).decode(errors="replace")
    raise ValueError(_death(-code, " and ".join(models), limits, said))


def leave(code: int) -> None:
    """End the child; Python would take its time over memory that goes with the process."""
    atexit._run_exitfuncs()  # temporary folders
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):
            stream.flush()
    os._exit(code)


def _begin(chatter: int, limits: Limits, parent: int) -> None:
    """Set the limits of this process; what C++ writes goes into `chatter`, what Python writes to the user."""
    with contextlib.suppress(OSError):  # no standard error at all
        encoding, errors = (getattr(sys.stderr, name, None) for name in ("encoding", "errors"))
        sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, encoding=encoding, errors=errors)
        os.dup2(chatter, 2)
    limit_process(limits.memory or 0, limits.seconds, FILE_SIZE)
    if limits.seconds > SHORT:
        _die_with(parent)


PR_SET_PDEATHSIG = 1


def _die_with(parent: int) -> None:
    """End with the parent, however it ends."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(2)


def _wait(child: int) -> int:
    """Return the child's status; whoever ends this process ends the child too."""
    before = signal.signal(signal.SIGTERM, lambda number, _: os.kill(child, number))
    try:
        return os.waitpid(child, 0)[1]
    except KeyboardInterrupt:  # a terminal tells both; `kill` tells only the one that it names
        for wait, number in ((1, signal.SIGINT), (PATIENCE, signal.SIGKILL)):
            until = time.monotonic() + wait
            while time.monotonic() < until:
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    return status
                time.sleep(0.02)
            os.kill(child, number)
        return os.waitpid(child, 0)[1]
    finally:
        signal.signal(signal.SIGTERM, before)


def _death(number: int, models: str, limits: Limits, said: str) -> str:
    """Return why the child died, in a sentence without its full stop."""
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    if name == "SIGXCPU":
        return (
            f"{models} took more processor time than it may: {READING} seconds to be read, {LOADING} to be loaded, "
            f"{limits.seconds:,} for everything ({SECONDS} sets this)"
        )
    if name in ("SIGINT", "SIGTERM"):
        return f"the process that opened {models} was told to end ({name})"
    memory = f"{(limits.memory or 0) / 1e9:.1f} GB; {MEMORY} sets the limit, in bytes"
    if name == "SIGKILL":
        return f"the process that opened {models} was killed, as happens where memory runs out ({memory})"
    if "bad_alloc" in said or "out of memory" in said.lower():
        return f"{models} took more than the memory there is ({memory})"
    return f"{models} brought down the process that opened it ({name}): it is damaged, or made to do so"
