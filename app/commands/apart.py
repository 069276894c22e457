"""A command run again in a child process with limits, because it opens a stranger's model.

What lies beneath Keras (HDF5, TensorFlow's kernels) can be brought down by a damaged or hostile file. The child takes
the blow: its death is one line, and what it takes of memory, time and disk is bounded. The parent imports nothing
heavy.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models import CATALOGUE

ISOLATE = "convlab.isolate"
"""Under this name a command's context says whether it is to run apart."""
CHILD = "CONVLAB_APART"
"""Set in the child: the number of the file that is the real standard error."""
MEMORY, SECONDS = "CONVLAB_MEMORY", "CONVLAB_SECONDS"
"""Settings of the user's: bytes and seconds of processor time that the child may take."""
BASE = 6 << 30
"""Bytes that any model may take; for each byte of --memory it may take two more."""
OF_MACHINE = 0.75
"""Share of the machine's memory that is never exceeded."""
A_CORE = 64 << 20
"""Bytes of stacks for each processor core, which count as data."""
TIME = 6 * 3600
"""Seconds of processor time."""
FILE_SIZE = 8 << 30
"""Bytes of any file that is written."""
PATIENCE = 10
"""Seconds in which an interrupted child may clean up."""


def strangers(parameters: dict[str, Any]) -> list[str]:
    """Return the models among a command's parameters that are files, and no networks of the catalogue."""
    given = [parameters.get("name"), *(parameters.get("names") or ())]
    return [
        name for name in given if isinstance(name, str) and name not in CATALOGUE and Path(name).is_file()
    ]


def run_apart(models: Sequence[str], chunk: int = 0) -> int:
    """Run this very command again as a child; return its exit code.

    Args:
        models: what the message names if it dies.
        chunk: bytes that --memory grants.

    Raises:
        ValueError: the child was ended by a signal.
    """
    memory, seconds = _memory(chunk), int(os.environ.get(SECONDS, TIME))
    with tempfile.TemporaryFile() as chatter:
        try:
            shown = os.dup(2)
        except OSError:  # no standard error at all
            shown = os.open(os.devnull, os.O_WRONLY)
        try:
            child = subprocess.Popen(
                sys.orig_argv,
                executable=sys.executable,
                stderr=chatter,
                pass_fds=[shown],
                env=os.environ | {CHILD: str(shown), MEMORY: str(memory), SECONDS: str(seconds)},
            )
            code = _wait(child)
        finally:
            os.close(shown)
        if code >= 0:
            return code
        chatter.seek(0)
        said = chatter.read(1 << 20).decode(errors="replace")
    raise ValueError(_death(-code, " and ".join(models), memory, seconds, said))


def _memory(chunk: int) -> int:
    if MEMORY in os.environ:
        return int(float(os.environ[MEMORY]))
    wanted = BASE + 2 * chunk + A_CORE * (os.cpu_count() or 1)
    with contextlib.suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        wanted = min(wanted, int(OF_MACHINE * machine))
    return wanted


def _wait(child: "subprocess.Popen[bytes]") -> int:
    """Return the child's code; whoever ends this process ends the child too."""

    def pass_on(number: int, _: Any) -> None:
        child.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        return child.wait()
    except KeyboardInterrupt:  # a terminal tells both; `kill` tells only the one that it names
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(1)
        child.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(PATIENCE)
        child.kill()
        return child.wait()
    finally:
        signal.signal(signal.SIGTERM, before)


def _death(number: int, models: str, memory: int, seconds: int, said: str) -> str:
    """Return why the child died, in a sentence without its full stop."""
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    gigabytes = f"{memory / 1e9:.1f} GB"
    if name == "SIGXCPU":
        return f"{models} took more than {seconds:,} seconds of processor time ({SECONDS} sets the limit)"
    if name in ("SIGINT", "SIGTERM"):
        return f"the process that opened {models} was told to end ({name})"
    if name == "SIGKILL" or "bad_alloc" in said or "out of memory" in said.lower():
        return f"{models} took more than the memory there is ({gigabytes}; {MEMORY} sets the limit, in bytes)"
    return f"{models} brought down the process that opened it ({name}): it is damaged, or made to do so"


def enter() -> bool:
    """Return whether this is such a child; then set its limits, and its standard error right.

    What C++ writes goes where the parent keeps it; what Python writes goes to the user.
    """
    if CHILD not in os.environ:
        return False
    sys.stderr = os.fdopen(int(os.environ.pop(CHILD)), "w", buffering=1, encoding=sys.stderr.encoding)
    memory, seconds = int(os.environ.pop(MEMORY)), int(os.environ.pop(SECONDS))
    with contextlib.suppress(ImportError):  # Windows
        import resource

        limits = {"RLIMIT_DATA": memory, "RLIMIT_CPU": seconds, "RLIMIT_FSIZE": FILE_SIZE, "RLIMIT_CORE": 0}
        for name, value in limits.items():
            _limit(resource, getattr(resource, name), value)
    _die_with_parent()
    return True


def _limit(resource: Any, kind: int, value: int) -> None:
    """Lower a limit of this process; one that is lower already stays."""
    soft, hard = resource.getrlimit(kind)
    known = [each for each in (soft, hard, value) if each != resource.RLIM_INFINITY]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (min(known), hard))


PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """End with the parent, however it ends; on Linux alone."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
