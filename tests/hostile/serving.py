"""The server: it imports TensorFlow once, computes nothing, and runs every job in a fork with limits.

Lines of JSON come in, a job each, and go out, an outcome each.
"""

import contextlib
import importlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMITS = {
    resource.RLIMIT_DATA: 6 << 30,
    resource.RLIMIT_CPU: 100,
    resource.RLIMIT_FSIZE: 1 << 30,
    resource.RLIMIT_CORE: 0,
}
"""What a job may take before the system stops it; what it is judged by is less."""
COMMANDS = (
    *"params data saliency features train worksheet calculate claims faith pretrained".split(),
    *"predict evaluate export transfer".split(),
)
PACKAGES = (
    "tensorflow keras h5py tf_keras_vis PIL.Image matplotlib.figure matplotlib.backends.backend_agg".split()
)


def import_everything() -> None:
    """Import what commands need. TensorFlow computes nothing, so that it has no threads yet when this forks."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow", OPENBLAS_NUM_THREADS="1")
    os.environ.update(OMP_NUM_THREADS="1", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    for name in (*PACKAGES, *(f"app.{command}.__main__" for command in COMMANDS)):
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.startswith("app.engine")]
    assert len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208


def serve() -> None:
    """Answer jobs until there are none."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import_everything()
    idle = _measure(lambda: None, {})["peak"]
    print("ready", file=answers, flush=True)
    for line in iter(sys.stdin.readline, ""):
        job = json.loads(line)
        outcome = _measure(_work(job), job)
        outcome["memory"] = max(
            outcome["peak"] - idle, 0
        )  # what is inherited counts even where Python is started anew
        print(json.dumps(outcome), file=answers, flush=True)


def _work(job: dict[str, Any]) -> Any:
    if "flips" in job:
        from hostile.flips import sweep

        return lambda: sweep(job)
    return lambda: _command(job["arguments"], job["is_fresh"])


def _measure(work: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Run something in a fork; return how it ended and what it took."""
    started = time.monotonic()
    process = os.fork()
    if not process:
        code = 70
        try:
            _enter(job)
            code = work() or 0
        finally:
            os._exit(code)
    late = _watch(process, job.get("seconds", 60))
    _, status, took = os.wait4(process, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "late": late,
        "clock": time.monotonic() - started,
        "processor": took.ru_utime + took.ru_stime,
        "peak": took.ru_maxrss * 1024,
    }


def _watch(process: int, seconds: float) -> bool:
    """Wait for an end; what takes too long is killed, with whatever it started."""
    handle = os.pidfd_open(process)
    try:
        late = not select.select([handle], [], [], seconds)[0]
    finally:
        os.close(handle)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    if late:
        os.kill(process, signal.SIGKILL)
    return late


def _enter(job: dict[str, Any]) -> None:
    """Make this fork a process like one that a terminal starts: streams, folder, environment, limits."""
    os.setsid()
    streams = job.get("streams", {})
    _open_input(job)
    _open_output(2, streams.get("stderr", os.devnull), "file")
    _open_output(1, streams.get("stdout", os.devnull), job.get("stdout", "file"))
    os.environ.update(job.get("environment", {}))
    tempfile.tempdir = None
    if "folder" in job:
        os.chdir(job["folder"])
    for limit, value in LIMITS.items():
        value = job["processor"] if "processor" in job and limit == resource.RLIMIT_CPU else value
        resource.setrlimit(limit, (value, value))
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _open_input(job: dict[str, Any]) -> None:
    asked = job.get("stdin", "")
    path = os.path.join(job.get("folder", ""), asked) if asked not in ("", "closed") else os.devnull  # noqa: PTH118
    source = os.open(path, os.O_RDONLY)
    os.dup2(source, 0)
    if source:
        os.close(source)
    if asked == "closed":
        os.close(0)


def _open_output(number: int, path: str, kind: str) -> None:
    if kind == "pipe":
        reading, writing = os.pipe()
        os.close(reading)
    else:
        name = "/dev/full" if kind == "full" else path
        writing = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(writing, number)
    os.close(writing)
    if kind == "closed":
        os.close(number)


def _command(arguments: list[str], is_fresh: bool) -> int:
    """Run a command of the project as a program that reads its command line; returns its exit code."""
    if is_fresh:
        os.environ["PYTHONPATH"] = str(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "app", *arguments])
    sys.stdin = None if _is_closed(0) else os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = _text(1)
    sys.stderr = _text(2)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    sys.argv = ["app", *arguments]
    try:
        _main()(prog_name="python -m app")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code


def _main() -> Any:
    import app.__main__

    return app.__main__.main


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def _text(number: int) -> Any:
    return Path(f"/proc/self/fd/{number}").open("w", encoding="utf-8", errors="backslashreplace")


ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    serve()
