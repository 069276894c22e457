"""Commands run in forks of one process, each with its fault.

A server imports TensorFlow once and computes nothing; each command runs in a fork of it, which then ends as any other
process.
"""

import gc
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hostile.injector import ROOT, Job, Operation, Outcome, run

COMMANDS = "train saliency worksheet data params predict evaluate export transfer".split()


def _import_everything() -> None:
    """Import what commands need; TensorFlow computes nothing, so that it has no threads yet when this forks."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    from importlib import import_module

    import tensorflow as tf

    threads, constant = _threads(), tf.constant
    tf.constant = lambda *_, **__: None  # the device search that the next import begins
    import_module("app.engine")
    tf.constant = constant
    rooms = (
        "engine.store",
        "engine.training.fit",
        "engine.training.keep_epochs",
        "engine.measure",
        "maps.explain",
    )
    rooms += ("train.run", "train.figures", "saliency.run", "saliency.report", "data.results", "show.canvas")
    rooms += (
        "evaluate.run",
        "evaluate.report",
        "evaluate.figures",
        "export.run",
        "transfer.run",
        "transfer.figures",
    )
    rooms += ("engine.exporting", "engine.export_running")
    for room in (*rooms, *(f"{name}.__main__" for name in COMMANDS)):
        import_module(f"app.{room}")
    from app.show.canvas import figure_png, new_figure

    figure_png(new_figure(1, 1, "fonts are looked up once"))
    assert _threads() == threads, "TensorFlow has threads already, which no fork would have"


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


class Running:
    """A forked command, and what it has printed so far."""

    def __init__(self, pid: int, job: Job, streams: dict[str, int]) -> None:
        self.pid, self.streams, self.ends = pid, streams, time.monotonic() + job.seconds
        self.texts = dict.fromkeys(streams, b"")

    def outcome(self) -> dict[str, Any]:
        """Wait for its end."""
        _, status = os.waitpid(self.pid, 0)
        notes = [json.loads(line) for line in self.texts["log"].splitlines()]
        return {
            "code": os.waitstatus_to_exitcode(status),
            "out": self.texts["out"].decode(errors="replace"),
            "err": self.texts["err"].decode(errors="replace"),
            "operations": [note["operation"] for note in notes],
            "has_fired": any(note["fires"] for note in notes),
        }


def _fork(job: Job) -> Running | None:
    """Start a job; returns None in the new process, whose streams are then the job's."""
    pipes = {name: os.pipe() for name in ("out", "err", "log")}
    pid = os.fork()
    if pid:
        for _, end in pipes.values():
            os.close(end)
        return Running(pid, job, {name: end for name, (end, _) in pipes.items()})
    os.setpgid(0, 0)
    for target, name in ((1, "out"), (2, "err")):
        os.dup2(pipes[name][1], target)
    sys.stdout = Path("/dev/fd/1").open("w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = Path("/dev/fd/2").open("w", 1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    os.environ.update(job.environment)
    log, put = pipes["log"][1], os.write
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run(job, lambda note: put(log, json.dumps(note).encode() + b"\n") and None)
    return None


def _watch(running: Sequence[Running]) -> None:
    """Read what commands print until all have ended; one that takes too long is killed."""
    with selectors.DefaultSelector() as selector:
        for each in running:
            for name, end in each.streams.items():
                selector.register(end, selectors.EVENT_READ, (each, name))
        while selector.get_map():
            for key, _ in selector.select(timeout=1):
                each, name = key.data
                if chunk := os.read(key.fd, 1 << 16):
                    each.texts[name] += chunk
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
            for each in running:
                if time.monotonic() > each.ends:
                    with suppress(ProcessLookupError):
                        os.kill(each.pid, signal.SIGKILL)


def serve() -> None:
    """Answer lines of jobs, which run side by side, with lines of outcomes."""
    answers = os.dup(1)
    os.dup2(2, 1)
    _import_everything()
    gc.freeze()
    os.write(answers, b"ready\n")
    for line in iter(sys.stdin.readline, ""):
        running = []
        for job in (Job(**asked) for asked in json.loads(line)):
            if (started := _fork(job)) is None:
                return
            running.append(started)
        _watch(running)
        text = json.dumps([each.outcome() for each in running]).encode() + b"\n"
        while text:
            text = text[os.write(answers, text) :]


class Forks:
    """The server, as the tests see it."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hostile.forking"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._read()

    def _read(self) -> str:
        assert self._process.stdout
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"the server of forks ended with {self._process.wait()}")
        return line

    def run(self, *jobs: Job) -> list[Outcome]:
        """Run commands side by side; return how they ended."""
        assert self._process.stdin
        print(json.dumps([asdict(job) for job in jobs]), file=self._process.stdin, flush=True)
        outcomes = json.loads(self._read())
        return [
            Outcome(**{**each, "operations": tuple(Operation(**one) for one in each["operations"])})
            for each in outcomes
        ]

    def close(self) -> None:
        """End the server."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)


if __name__ == "__main__":
    serve()
