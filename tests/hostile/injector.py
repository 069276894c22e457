"""A command in this process, in which the n-th operation on files of one kind fails.

By hand: `PYTHONPATH=tests python -m hostile.injector write 3 FOLDER -- train …` makes the third write below FOLDER
fail; `count 0` lists all operations there.
"""

import atexit
import builtins
import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ERRORS = {
    "open to write": errno.ENOSPC,
    "open to read": errno.EIO,
    "write": errno.ENOSPC,
    "read": errno.EIO,
    "fsync": errno.EIO,
    "rename": errno.EACCES,
    "mkdir": errno.ENOSPC,
    "link": errno.EPERM,
}
"""What each kind of operation fails with."""
CHANGES = ("open to write", "write", "fsync", "rename", "mkdir", "link")
SIGNALS = {"kill": signal.SIGKILL, "interrupt": signal.SIGINT}
"""Faults of another kind: before the n-th operation that changes something the process gets a signal."""
COUNT = "count"
"""The fault that never comes: operations are only counted."""


@dataclass(frozen=True)
class Job:
    """A command line, and what goes wrong while it runs."""

    arguments: Sequence[str]
    """Behind `python -m app`."""
    scope: Sequence[str] = ()
    """Folders; operations elsewhere are left alone."""
    kind: str = COUNT
    """A key of `ERRORS` or `SIGNALS`."""
    number: int = 0
    """Which of the operations fails, from 1 on."""
    room: int | None = None
    """Bytes beyond which no file grows (RLIMIT_FSIZE), HDF5's own writes included."""
    stop: tuple[int, int] | None = None
    """An epoch, from 0 on, and the signal that the process gets before it."""
    is_quick: bool = True
    """Whether the process ends at once, without taking Python and its libraries down."""
    environment: dict[str, str] = field(default_factory=dict)
    seconds: float = 120


@dataclass(frozen=True)
class Operation:
    """One operation on a file, and who asked for it."""

    kind: str
    path: str
    site: str
    """The places in the project, the innermost first."""


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and how it ended."""

    code: int
    """Negative for a signal."""
    out: str
    err: str
    operations: tuple[Operation, ...]
    has_fired: bool
    """Whether there was an n-th operation."""

    @property
    def fault(self) -> Operation:
        """The operation that failed."""
        return self.operations[-1] if self.has_fired else Operation("none", "", "")


class Injector:
    """Stands between Python and the file system, counts operations and lets one of them fail."""

    def __init__(
        self, kind: str, number: int, scope: Sequence[str], note: Callable[[dict[str, Any]], None]
    ) -> None:
        self.kind, self.number, self.note = kind, number, note
        self.scope = tuple(os.path.abspath(folder) for folder in scope)  # noqa: PTH100
        self.count, self.is_busy = 0, False

    def meet(self, kind: str, path: Any) -> None:
        """Count an operation; raise if it is the one that fails."""
        name = self.name_of(path)
        if not name or self.is_busy:
            return
        self.is_busy = True
        is_counted = kind == self.kind or (self.kind in SIGNALS and kind in CHANGES) or self.kind == COUNT
        self.count += is_counted
        fires = is_counted and self.count == self.number and self.kind != COUNT
        if is_counted and (fires or self.kind == COUNT):
            self.note({"operation": asdict(Operation(kind, name, _site())), "fires": fires})
        self.is_busy = False
        if fires and self.kind in SIGNALS:
            signal.raise_signal(SIGNALS[self.kind])
        elif fires:
            named = () if isinstance(path, int) else (name,)  # as the system does
            raise OSError(ERRORS[kind], os.strerror(ERRORS[kind]), *named)

    def name_of(self, path: Any) -> str:
        """Return the path of a file, or of an open one, in the scope, "" elsewhere."""
        if isinstance(path, int):
            with suppress(OSError):
                name = os.readlink(f"/proc/self/fd/{path}")  # noqa: PTH115
                return name if self._is_inside(name) else ""
            return ""
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        return name if self._is_inside(name) else ""

    def _is_inside(self, name: str) -> bool:
        return any(name == folder or name.startswith(folder + os.sep) for folder in self.scope)

    def install(self) -> None:
        """Take the places of Python's functions."""
        builtins.open = io.open = self._open()  # type: ignore[assignment]
        os.open = self._os_open(os.open)  # type: ignore[assignment]
        for name, kind in (("mkdir", "mkdir"), ("link", "link"), ("rename", "rename"), ("replace", "rename")):
            setattr(os, name, self._before(getattr(os, name), kind))
        for name in ("write", "fsync", "read"):
            setattr(os, name, self._before(getattr(os, name), name))

    def _before(self, function: Any, kind: str) -> Any:
        def met(path: Any, *arguments: Any, **options: Any) -> Any:
            self.meet(kind, path)
            return function(path, *arguments, **options)

        return met

    def _os_open(self, function: Any) -> Any:
        def met(path: Any, flags: int, *arguments: Any, **options: Any) -> Any:
            for_writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if for_writing or not (options.get("dir_fd") is not None or os.path.isdir(path)):  # noqa: PTH112
                self.meet("open to write" if for_writing else "open to read", path)
            return function(path, flags, *arguments, **options)

        return met

    def _open(self) -> Any:
        function, injector = builtins.open, self

        class File(io.FileIO):
            """A file whose reads and writes are counted."""

            def write(self, data: Any) -> int:  # type: ignore[override]
                injector.meet("write", self.fileno())
                return super().write(data)  # type: ignore[return-value]

            def readinto(self, buffer: Any) -> int:  # type: ignore[override]
                injector.meet("read", self.fileno())
                return super().readinto(buffer)  # type: ignore[return-value]

            def readall(self) -> bytes:  # type: ignore[override]
                injector.meet("read", self.fileno())
                return super().readall()

            def read(self, size: int = -1) -> bytes:  # type: ignore[override]
                injector.meet("read", self.fileno())
                return super().read(size)  # type: ignore[return-value]

        def met(
            file: Any,
            mode: str = "r",
            buffering: int = -1,
            encoding: Any = None,
            errors: Any = None,
            newline: Any = None,
            closefd: bool = True,
            opener: Any = None,
        ) -> Any:
            if not injector.name_of(file):
                return function(file, mode, buffering, encoding, errors, newline, closefd, opener)
            for_writing = bool(set(mode) & set("wax+"))
            if not isinstance(file, int) and opener is None:
                injector.meet("open to write" if for_writing else "open to read", file)
            raw = File(file, mode.replace("b", "").replace("t", ""), closefd, opener)
            if buffering == 0:
                return raw
            size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
            kind = (
                io.BufferedRandom if "+" in mode else io.BufferedWriter if for_writing else io.BufferedReader
            )
            buffered = kind(raw, size)
            if "b" in mode:
                return buffered
            text = io.TextIOWrapper(buffered, encoding, errors, newline, buffering == 1)
            text.mode = mode  # type: ignore[misc]
            return text

        return met


def _site() -> str:
    """Return the places in the project that led here, the innermost first."""
    frame, found = sys._getframe(1), []
    while frame is not None and len(found) < 4:
        name = frame.f_code.co_filename
        if name.startswith(str(ROOT / "app") + os.sep):
            found.append(f"{Path(name).relative_to(ROOT)}:{frame.f_lineno}")
        frame = frame.f_back  # type: ignore[assignment]
    return " < ".join(found)


def _stop_before(epoch: int, number: int) -> None:
    """Send this process a signal before an epoch begins."""
    from keras.callbacks import CallbackList

    begin = CallbackList.on_epoch_begin

    def stopped(self: Any, now: int, logs: Any = None) -> None:
        if now == epoch:
            signal.raise_signal(number)
        begin(self, now, logs)

    CallbackList.on_epoch_begin = stopped


def run(job: Job, note: Callable[[dict[str, Any]], None]) -> None:
    """Run the command of a job, with its fault; never returns."""
    import resource
    import tempfile
    from importlib import import_module

    name, *arguments = job.arguments
    main = import_module(f"app.{name}.__main__").main
    if name in ("train", "saliency", "export", "transfer") or (
        name == "params" and "--no-check" not in arguments
    ):
        _first_use()
    if job.stop:
        _stop_before(*job.stop)
    tempfile.tempdir = os.environ.get("TMPDIR")
    Injector(job.kind, job.number, job.scope, note).install()
    if job.room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.room, resource.RLIM_INFINITY))
    try:
        main(arguments, prog_name=f"python -m app.{name}")
    except SystemExit as leaving:
        if not job.is_quick or not isinstance(leaving.code, int):
            raise
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(leaving.code)


def _first_use() -> None:
    """Let TensorFlow look for devices and say so, as the import of `app.engine` does."""
    from importlib import import_module

    import_module("app.engine")  # first: it imports TensorFlow without its chatter
    import tensorflow as tf

    from app.show.chatter import without_chatter

    with without_chatter():
        tf.constant(0.0)


if __name__ == "__main__":
    kind, number, folder = sys.argv[1:4]
    sys.path.insert(0, str(ROOT))
    run(Job(sys.argv[5:], (folder,), kind, int(number)), lambda note: print(note, file=sys.stderr))
