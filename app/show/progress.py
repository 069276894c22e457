"""The progress of long work: a moving bar on a terminal, a line now and then elsewhere."""

from typing import Any, Literal

from rich.console import Console


class Progress:
    """Shows how far long work is; use it in a `with` block.

    A terminal sees `WHAT ━━━ AMOUNT DOING TIME WORDS` as long as the block runs; elsewhere nothing is
    written but the lines that `update` is given.

    Args:
        console: where.
        what: the words in front of the bar.
        total: how much there is to do; None where that is not yet known.
        done: how much of it is done already.
        doing: the words behind the amount: a unit, or what is done now.
        words: the words at the end.
        amount: how what is done is told: as a count, a share or bytes.
        time: which time is told: what is left, or what has passed.
        waits: show nothing before the first `update`: there may be nothing to do.
    """

    def __init__(
        self,
        console: Console,
        what: str,
        total: float | None = None,
        done: int = 0,
        doing: str = "",
        words: str = "left",
        amount: Literal["count", "share", "bytes"] = "count",
        time: Literal["left", "passed"] = "left",
        waits: bool = False,
    ) -> None:
        from rich import progress  # takes a while, and much work is short

        amounts = {
            "count": progress.MofNCompleteColumn,
            "share": progress.TaskProgressColumn,
            "bytes": progress.DownloadColumn,
        }
        times = {"left": progress.TimeRemainingColumn, "passed": progress.TimeElapsedColumn}
        texts = [progress.TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in TEXTS]
        self._bar = progress.Progress(
            texts[0],
            progress.BarColumn(),
            amounts[amount](),
            texts[1],
            times[time](),
            texts[2],
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, completed=done, what=what, doing=doing, words=words)
        self._waits, self._line = waits, ""

    def __enter__(self) -> "Progress":
        if not self._waits:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def update(self, done: float, doing: str | None = None, *, line: str = "", **changes: Any) -> None:
        """Show that so much is done.

        Args:
            done: of the total.
            doing: other words behind the amount.
            line: printed where no bar moves, unless it was the last one printed.
            changes: another `total`, `what` or `words`.
        """
        self._bar.start()
        if doing is not None:
            changes["doing"] = doing
        self._bar.update(self._task, completed=done, **changes)
        if self._bar.disable and line not in ("", self._line):
            self._bar.console.print(line)
        self._line = line or self._line

    def advance(self, count: float) -> None:
        """Show that so much more is done."""
        self._bar.advance(self._task, count)


TEXTS = ("what", "doing", "words")
"""The texts of a bar that may change."""
