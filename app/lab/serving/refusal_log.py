"""The log: one line at most for each request that was refused, and not many of them."""

import contextlib
import time
from collections import deque
from collections.abc import Callable

from app.untrusted.text import visible

MOST_LETTERS = 200
MINUTE = 60.0


class RefusalLog:
    """Writes at most so many lines in any minute; the last of them says that others are left out.

    Args:
        write: gets each line, without its end; what it raises for a closed file is ignored.
        most: lines in any 60 seconds; 0 for none.
    """

    def __init__(self, write: Callable[[str], object] | None, most: int) -> None:
        self._write, self._most = write, most
        self._times: deque[float] = deque(maxlen=max(most, 1))

    def add(self, text: str) -> None:
        """Write a line, with controls as escapes, unless there were too many within the minute."""
        now = time.monotonic()
        while self._times and self._times[0] <= now - MINUTE:
            self._times.popleft()
        if self._write is None or len(self._times) >= self._most:
            return
        self._times.append(now)
        line = visible(text)
        line = line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1] + "…"
        if len(self._times) == self._most:
            line += " (for up to a minute, others are not shown)"
        with contextlib.suppress(OSError, ValueError):
            self._write(line)
