"""The progress of long work: a moving bar on a terminal, a line now and then elsewhere."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)


class TrainingProgress:
    """Shows how far training is; use it in a `with` block and hand `update` to `fit`."""

    def __init__(self, console: Console, epochs: int) -> None:
        self.console, self.epochs = console, epochs
        self._started = time.perf_counter()
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps,"),
            TimeRemainingColumn(),
            TextColumn("left, accuracy {task.fields[accuracy]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", epoch=1, epochs=epochs, accuracy="…", total=None)
        self._epoch = -1

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self, epoch: int, step: int, steps: int, measures: Mapping[str, float]) -> None:
        """Show the state after a step: epoch from 0, steps done and in all, measures so far."""
        if epoch != self._epoch:
            self._epoch = epoch
            self._bar.update(self._task, total=steps * self.epochs, epoch=epoch + 1)
            if not self.console.is_terminal:
                self.console.print(f"epoch {epoch + 1} of {self.epochs}: {steps:,} steps …")
        accuracy = measures.get("accuracy")
        text = "…" if accuracy is None else f"{accuracy:.4f}"
        self._bar.update(self._task, completed=epoch * steps + step, accuracy=text)


def epoch_line(number: int, epochs: int, measures: Mapping[str, float]) -> str:
    """Return one finished epoch in words."""
    return (
        f"epoch {number}/{epochs}: training accuracy {measures['accuracy']:.4f}, "
        f"test accuracy {measures['val_accuracy']:.4f}, {measures['seconds']:.1f} s"
    )


@contextlib.contextmanager
def track(console: Console, total: int, done: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` things are done; the block calls what it is given with how many more."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("", total=total, completed=done)
    with bar:
        yield lambda count: bar.advance(task, count)


@contextlib.contextmanager
def track_share(console: Console, what: str) -> Iterator[Callable[[float, str], None]]:
    """Show a share of work, 0…1; the block calls what it is given with the share and what is done now."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("", total=1.0)
    with bar:
        yield lambda share, name: bar.update(task, completed=share, description=name)


class DownloadProgress:
    """Shows how much of a file has come; use it in a `with` block and hand `update` to the fetcher.

    Nothing is shown before the first bytes: a file that is there already needs no bar.
    """

    def __init__(self, console: Console, what: str) -> None:
        self.console, self.what = console, what
        self._bar = Progress(
            TextColumn(f"Fetching {what}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "DownloadProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self, done: int, total: int | None) -> None:
        """Show that `done` bytes of `total` have come."""
        if self._task is None:
            self._task = self._bar.add_task("", total=total)
            self._bar.start()
            if not self.console.is_terminal:
                size = "" if total is None else f" ({total / 1e6:,.1f} MB)"
                self.console.print(f"Fetching {self.what}{size} …")
        self._bar.update(self._task, completed=done)
