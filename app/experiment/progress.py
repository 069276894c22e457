"""The progress of an experiment: a moving bar on a terminal, a line a finished run elsewhere."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class ExperimentProgress:
    """Shows which network is at work; use it in a `with` block."""

    def __init__(self, console: Console, runs: int) -> None:
        self.console, self.runs, self.finished = console, runs, 0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("runs,"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("…", total=runs)

    def __enter__(self) -> "ExperimentProgress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, network: str, seed: int) -> None:
        """Say what is at work; the first run of a network begins with building it."""
        self._bar.update(self._task, description=f"{network}, seed {seed}")

    def advance(self, share: float) -> None:
        """Move the bar by a share of a run."""
        self._bar.update(self._task, completed=self.finished + min(share, 0.99))

    def finish(self, run: Mapping[str, Any], was_kept: bool) -> None:
        """Count a run; where no bar moves, print a line."""
        self.finished += 1
        self._bar.update(self._task, completed=self.finished)
        how = "kept from before" if was_kept else f"{run['seconds']:.1f} s"
        if not self.console.is_terminal:
            self.console.print(f"{self.finished}/{self.runs}: {run['network']}, seed {run['seed']}: {how}")
