"""Rows run in forks, each in a folder of its own, and judged."""

import contextlib
import fnmatch
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile.rows import REFUSED, Row

ROOT = Path(__file__).resolve().parents[2]
MOST_MEMORY = 1_500_000_000
"""Bytes of resident memory beyond those of a fork that does nothing."""
KEPT = ("saved_models", "data")
"""Folders of the project that no row may change."""
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
OF_LIBRARIES = (
    "tmp/__autograph_generated_file*",
    "home/.cache/matplotlib/*",
    "home/.config/matplotlib/*",
    "home/keras.json",
)
"""Files that TensorFlow removes when Python ends, which a fork leaves out, and what Matplotlib and Keras keep."""
HASHED = 1 << 24
"""Bytes of a file up to which its content is compared; beyond it only its size and date."""
BROKEN_PIPE = 128 + signal.SIGPIPE


@dataclass(frozen=True)
class Outcome:
    """How a row ended."""

    code: int
    """Negative for a signal."""
    late: bool
    """Whether it was stopped by the clock."""
    clock: float
    processor: float
    """Seconds of the processor, children included."""
    peak: int
    """Bytes of resident memory at most, of the process or the largest of its children."""
    memory: int
    """The same without those of a fork that does nothing."""
    out: str = ""
    err: str = ""
    left: tuple[str, ...] = ()
    """Files that were not there before."""
    changed: tuple[str, ...] = ()
    """What was changed, or is gone."""


@dataclass(frozen=True)
class Verdict:
    """A row, how it ended, and what is wrong with that."""

    row: Row
    outcome: Outcome
    faults: tuple[str, ...] = field(default=())


class Server:
    """The process that forks; it is started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Return the outcome of a job."""
        process = self._process or self._start()
        assert process.stdin
        print(json.dumps(job), file=process.stdin, flush=True)
        return dict(json.loads(self._read()))

    def _start(self) -> "subprocess.Popen[str]":
        paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hostile.serving"],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": paths,
                "CUDA_VISIBLE_DEVICES": "",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._read() == "ready\n"
        return self._process

    def _read(self) -> str:
        assert self._process
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended with {self._process.wait()}")
        return line

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.communicate()
            self._process = None


def run_row(server: Server, row: Row, scratch: Path) -> Verdict:
    """Make what a row needs below `scratch`, run it, judge it, and clear up."""
    folder = Path(tempfile.mkdtemp(prefix="row-", dir=scratch))
    try:
        return judge(row, _run(server, row, folder))
    finally:
        _clear(folder)


def _run(server: Server, row: Row, folder: Path) -> Outcome:
    work, outside, temporary, home, models = (
        folder / name for name in ("work", "outside", "tmp", "home", "models")
    )
    for each in (work, outside, temporary, home, models):
        each.mkdir()
    (outside / "precious.txt").write_text("of somebody\n")
    try:
        row.make(work)
    except Exception as error:
        raise RuntimeError(f"{row.name} cannot be made") from error
    streams = {name: str(folder / name) for name in ("stdout", "stderr")}
    job = {
        "arguments": [word.replace("OUTSIDE", str(outside)) for word in row.arguments],
        "folder": str(work),
        "streams": streams,
        "stdout": row.stdout,
        "stdin": row.stdin,
        "is_fresh": row.is_fresh,
        "seconds": row.seconds,
        "environment": _environment(folder),
    }
    watched = (work, outside, temporary, home, models, *(ROOT / name for name in KEPT))
    before = [snapshot(each, each.parent == ROOT) for each in watched]
    outcome = server.ask(job)
    after = [snapshot(each, each.parent == ROOT) for each in watched]
    left, changed = [], []
    for place, old, new in zip(watched, before, after, strict=True):
        prefix = "" if place == work else f"{place.name}/"
        left += [prefix + name for name in new if name not in old and new[name][0] != stat.S_IFDIR]
        changed += [prefix + name for name in old if new.get(name) != old[name]]
    texts = {name: _read(Path(path)) for name, path in streams.items()}
    return Outcome(
        **outcome, out=texts["stdout"], err=texts["stderr"], left=tuple(left), changed=tuple(changed)
    )


def _environment(folder: Path) -> dict[str, str]:
    """Return what makes a row independent of whoever runs it; `gs`, if anybody calls it, leaves a trace."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("gs", "gswin32c", "convert", "rsvg-convert"):
        (tools / name).write_text(f"#!/bin/sh\necho started > {folder}/outside/{name}-was-started\n")
        (tools / name).chmod(0o755)
    return {
        "PATH": f"{tools}:{os.environ.get('PATH', '')}",
        "TMPDIR": str(folder / "tmp"),
        "HOME": str(folder / "home"),
        "KERAS_HOME": str(folder / "home"),
        "CONVLAB_MODELS": str(folder / "models"),
        "COLUMNS": "80",
        "CONVLAB_DEBUG": "",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _read(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return file.read(1 << 22).decode("utf-8", "backslashreplace")


def snapshot(folder: Path, by_date: bool = False) -> dict[str, tuple[Any, ...]]:
    """Return what lies in a folder and below: kinds, targets of links, contents or dates; links are not followed."""
    found = {}
    for path in sorted(_walk(folder)):
        state = path.lstat()
        kind = stat.S_IFMT(state.st_mode)
        more: Any = None
        if kind == stat.S_IFLNK:
            more = str(path.readlink())
        elif kind == stat.S_IFREG:
            small = state.st_size <= HASHED and not by_date
            more = hashlib.md5(path.read_bytes()).hexdigest() if small else state.st_mtime_ns
            more = (state.st_size, more)
        found[str(path.relative_to(folder))] = (kind, more)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        yield Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))


def _clear(folder: Path) -> None:
    for path in [folder, *_walk(folder)]:
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def judge(row: Row, outcome: Outcome) -> Verdict:
    """Say what is wrong with how a row ended."""
    return Verdict(row, outcome, tuple(_faults(row, outcome)))


def _faults(row: Row, outcome: Outcome) -> Iterator[str]:
    code, err = outcome.code, outcome.err
    if BROKEN_PIPE in row.codes and code == -signal.SIGPIPE:
        code = BROKEN_PIPE  # a shell says the same of both
    if outcome.late:
        yield f"did not end within {row.seconds:g} s"
    elif code < 0:
        yield f"killed by {signal.Signals(-code).name}"
    elif code not in row.codes:
        yield f"exit code {code}, expected {' or '.join(map(str, row.codes))}"
    if "Traceback" in outcome.out + err:
        yield "a traceback"
    if "internal error" in (outcome.out + err).lower():
        yield "an internal error"
    if code == REFUSED:
        yield from _faults_of_line(row, err)
    elif _must_say(row, code) and not re.search(row.message, outcome.out + err, re.IGNORECASE | re.DOTALL):
        yield f"does not say {row.message!r}"
    if found := DIRECTION.search(outcome.out + err) or CONTROL.search(outcome.out + err):
        yield f"prints the sign {found[0]!r}"
    if code == BROKEN_PIPE and err:
        yield "is not quiet"
    if outcome.processor > row.processor:
        yield f"takes {outcome.processor:.0f} s of the processor"
    if outcome.memory > MOST_MEMORY:
        yield f"takes {outcome.memory / 1e9:.1f} GB of memory"
    allowed = (*row.may_leave, *OF_LIBRARIES)
    unasked = [
        name
        for name in outcome.left
        if ".tmp" in name or not any(fnmatch.fnmatch(name, each) for each in allowed)
    ]
    if unasked:
        yield f"leaves {', '.join(unasked[:3])}"
    changed = [name for name in outcome.changed if name not in row.changes]
    if changed:
        yield f"changes {', '.join(changed[:3])}"


def _must_say(row: Row, code: int) -> bool:
    """Whether what a command prints that refuses nothing is to be looked at."""
    return code in row.codes and (row.says_always or REFUSED not in row.codes)


def _faults_of_line(row: Row, err: str) -> Iterator[str]:
    lines = err.splitlines()
    if len(lines) != 1:
        yield f"{len(lines)} lines of errors"
    last = lines[-1] if lines else ""
    if not last.startswith("Error: "):
        yield "no line that begins with Error:"
    if not re.search(row.message, last, re.IGNORECASE):
        yield f"does not say {row.message!r}"
    if ".tmp" in last:
        yield "names a temporary file"
    if row.names and row.names not in last:
        yield f"does not name {row.names}"
