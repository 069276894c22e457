"""The progress of long work: a moving bar on a terminal or in a notebook, a line now and then elsewhere."""

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from threading import Thread

    from rich.console import Console

PATIENCE = 1.0
"""Seconds of work that a notebook shows nothing of."""
PAUSE = 0.25
"""Seconds between two states of a notebook's line."""
EVERY = 15.0
"""Seconds between two lines about steady work where no bar moves."""
BAR_WIDTH = 20
"""Signs of a notebook's bar."""
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
"""What turns in front of the words while something is waited for."""
ASCII_FRAMES = "|/-\\"
TURN = 0.1
"""Seconds between two of them."""
LOADING = "loading TensorFlow, about 4 s"


class waiting:  # noqa: N801  # it is used as a function is: with waiting("…")
    """Says on the terminal what is waited for, before the wait begins; use it in a `with` block.

    The words stand on standard error behind a sign that turns, and are gone when the block ends. Nothing is written
    where standard error is no terminal. A dumb terminal gets one line. Inside another block the words take the place
    of that block's for as long as it lasts. The terminal is found when the object is made: whoever holds back what is
    written to standard error makes it before.

    Args:
        words: what is done, and about how long that takes: `loading TensorFlow, about 4 s`.
    """

    _shown: "waiting | None" = None
    """Whose words are on the terminal."""

    def __init__(self, words: str) -> None:
        self._words, self._outer = words, waiting._shown
        self._place: int | None = None
        if sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty():
            try:
                self._place = os.dup(sys.stderr.fileno())
            except (OSError, ValueError):
                return

    def __enter__(self) -> Self:
        if self._place is None:
            return self
        if os.environ.get("TERM") == "dumb":
            self._write(f"{self._words} …\n")
            return self
        import threading  # here: a pipe needs none of it

        if self._outer is not None:
            self._outer._stop()
        self._ended = threading.Event()
        self._thread: Thread | None = None
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._place is None:
            return
        if os.environ.get("TERM") != "dumb":
            self._stop()
            waiting._shown = self._outer
            if self._outer is not None:
                self._outer._start()
        os.close(self._place)
        self._place = None

    def _start(self) -> None:
        from threading import Thread

        waiting._shown = self
        self._ended.clear()
        self._turn(0)
        self._thread = Thread(target=self._keep_turning, daemon=True)
        self._thread.start()

    def _stop(self) -> None:
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            self._thread = None
            self._write("\r\x1b[K")

    def _keep_turning(self) -> None:
        turns = 0
        while not self._ended.wait(TURN):
            turns += 1
            self._turn(turns)

    def _turn(self, turns: int) -> None:
        is_plain = "utf" not in (sys.stderr.encoding or "").lower()
        frames = ASCII_FRAMES if is_plain else FRAMES
        words = self._words[: max(_terminal_columns(self._place) - 3, 8)]
        self._write(f"\r{frames[turns % len(frames)]} {words}\x1b[K")

    def _write(self, text: str) -> None:
        if self._place is not None:
            try:
                os.write(self._place, text.encode(sys.stderr.encoding or "ascii", "replace"))
            except OSError:  # the terminal is gone
                return


def _terminal_columns(place: int | None) -> int:
    try:
        return os.get_terminal_size(place or 2).columns or 80
    except OSError:
        return 80


def clear_waiting() -> None:
    """Take the words of a `waiting` block from the terminal, where a bar is to be shown or a line printed."""
    if waiting._shown is not None:
        waiting._shown._stop()


class Progress:
    """Shows how far long work is; use it in a `with` block.

    A terminal sees `WHAT ━━━ AMOUNT DOING TIME WORDS` as long as the block runs. A notebook sees the same as one
    line of the cell's output if the work takes longer than a second, and keeps how it ended. Elsewhere
    nothing is written but the lines that `update` is given.

    Args:
        console: where.
        what: the words in front of the bar.
        total: how much there is to do; None where that is not yet known.
        done: how much of it is done already.
        doing: the words behind the amount: a unit and a comma, or what is done now.
        words: the words at the end.
        amount: how what is done is told: as a count, a share or bytes.
        time: which time is told: what is left, or what has passed.
        waits: show nothing before the first `update`: there may be nothing to do.
        is_steady: each unit takes as long as the others: tell the rate, and, where no bar moves, every 15 seconds a
            line of what is done, the rate and the time left.
    """

    def __init__(
        self,
        console: "Console",
        what: str,
        total: float | None = None,
        done: int = 0,
        doing: str = "",
        words: str = "left",
        amount: Literal["count", "share", "bytes"] = "count",
        time: Literal["left", "passed"] = "left",
        waits: bool = False,
        is_steady: bool = False,
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
        self._what, self._pace = what, Pace(done) if is_steady else None
        notebook = find_notebook() if self._bar.disable else None
        self._notebook = None if notebook is None else NotebookLine(notebook)

    def __enter__(self) -> "Progress":
        if not self._waits:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
        if self._notebook:
            self._notebook.end(self._in_words(has_ended=True))

    def _start(self) -> None:
        clear_waiting()
        self._bar.start()
        if self._notebook:
            self._notebook.begin()

    def update(self, done: float, doing: str | None = None, *, line: str = "", **changes: Any) -> None:
        """Show that so much is done.

        Args:
            done: of the total.
            doing: other words behind the amount.
            line: printed where no bar moves, unless it was the last one printed.
            changes: another `total`, `what` or `words`.
        """
        self._start()
        if self._pace is not None:
            doing = f"{self._pace.rate(done)}, " if doing is None else doing
            total = changes.get("total", self._bar.tasks[0].total)
            if self._pace.is_due() and total is not None:
                line = self._pace.line(done, total, self._what)
        if doing is not None:
            changes["doing"] = doing
        self._bar.update(self._task, completed=done, **changes)
        if self._notebook:
            self._notebook.show(self._in_words)
        elif self._bar.disable and line not in ("", self._line):
            self._bar.console.print(line)
        self._line = line or self._line

    def advance(self, count: float) -> None:
        """Show that so much more is done."""
        self._bar.advance(self._task, count)
        if self._notebook:
            self._notebook.show(self._in_words)

    def _in_words(self, has_ended: bool = False) -> str:
        """Return the bar as one line of plain text; at the end with the time that passed, not what is left."""
        from rich import progress

        task = self._bar.tasks[0]
        columns = [column for column in self._bar.columns if not isinstance(column, progress.BarColumn)]
        what, amount, doing, left, words = (str(column.render(task)).strip() for column in columns)  # type: ignore[union-attr]
        if has_ended:
            doing = doing if doing.endswith(",") else ""
            left, words = "", str(progress.TimeElapsedColumn().render(task)) + words.removeprefix("left")
        return " ".join(filter(None, (what, text_bar(task.percentage), amount, doing, left, words)))


class Pace:
    """How fast steady work goes on.

    Args:
        before: what was done already when it began.
    """

    def __init__(self, before: float = 0) -> None:
        self._before, self._begun = before, time.monotonic()
        self._due = self._begun + EVERY

    def is_due(self) -> bool:
        """Return whether it is time for a line, 15 seconds after the last one."""
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + EVERY
        return True

    def rate(self, done: float) -> str:
        """Return how much is done in a second: `12 a second`."""
        rate = (done - self._before) / max(time.monotonic() - self._begun, 1e-3)
        return f"{rate:,.0f} a second" if rate >= 10 else f"{rate:.1f} a second"

    def line(self, done: float, total: float, what: str) -> str:
        """Return how far it is: `1,200 of 5,000 pictures, 20 a second, about 3 min left`."""
        if done <= self._before:
            return f"{done:,.0f} of {total:,.0f} {what}"
        passed = time.monotonic() - self._begun
        seconds = passed / (done - self._before) * max(total - done, 0)
        left = f"{seconds / 60:,.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
        return f"{done:,.0f} of {total:,.0f} {what}, {self.rate(done)}, about {left} left"


def text_bar(percentage: float) -> str:
    """Return a bar of plain signs.

    >>> text_bar(25)
    '━━━━━───────────────'
    """
    full = int(percentage / 100 * BAR_WIDTH)
    return "━" * full + "─" * (BAR_WIDTH - full)


class NotebookLine:
    """One line in the output of a notebook's cell, replaced in place a few times a second."""

    def __init__(self, shell: Any) -> None:
        from uuid import uuid4

        self._publish, self._transient = shell.display_pub.publish, {"display_id": uuid4().hex}
        self._due: float | None = None
        self._is_shown = False

    def begin(self) -> None:
        """Take the time, once: work that is done in a second shows no line."""
        if self._due is None:
            self._due = time.monotonic() + PATIENCE

    def show(self, text: Callable[[], str]) -> None:
        """Show a text if it is time for one."""
        if self._due is not None and time.monotonic() >= self._due:
            self._put(text())
            self._due = time.monotonic() + PAUSE

    def end(self, text: str) -> None:
        """Leave how it ended, if anything was shown."""
        if self._is_shown:
            self._put(text)

    def _put(self, text: str) -> None:
        self._publish({"text/plain": text}, {}, transient=self._transient, update=self._is_shown)
        self._is_shown = True


def find_notebook() -> Any:
    """Return IPython's shell in the kernel of a notebook, None elsewhere; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return None if getattr(shell, "kernel", None) is None else shell


TEXTS = ("what", "doing", "words")
"""The texts of a bar that may change."""
