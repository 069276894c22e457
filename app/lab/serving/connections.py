"""The connections that are open: never more than so many, and none that is slow keeps out one that is quick."""

import asyncio
import math
import time
from dataclasses import dataclass


@dataclass
class Connection:
    """One client.

    Args:
        closable_from: since when, by the monotonic clock, it may be closed for another's sake. A client that still
            sends its request, or has its reply, may always be; one whose question is being answered never.
        has_begun: whether anything came from it. Browsers open connections in advance, and send nothing.
        asked: what it asks for, for the log; "" until that is known.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    closable_from: float
    task: "asyncio.Task[None] | None" = None
    has_begun: bool = False
    asked: str = ""

    def may_be_closed(self, after: float = 0.0) -> None:
        """From now on, or so many seconds later, it may be closed for another's sake."""
        self.closable_from = time.monotonic() + after

    def must_stay(self) -> None:
        """It may not be closed for another's sake."""
        self.closable_from = math.inf

    def has_gone(self) -> bool:
        """Tell whether the client has hung up."""
        return self.reader.at_eof() or self.writer.transport.is_closing()


class Connections:
    """All that are open.

    Args:
        most: as many as may be open at the same time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: list[Connection] = []

    def has_room(self) -> bool:
        """Tell whether one more may be opened; for its sake, the one that was closable first is closed."""
        if len(self._open) < self._most:
            return True
        first = min(self._open, key=lambda each: each.closable_from)
        if first.closable_from > time.monotonic():
            return False
        self.close(first)
        return True

    def add(self, connection: Connection) -> None:
        """Count one more."""
        self._open.append(connection)

    def remove(self, connection: Connection) -> None:
        """Count one less, and let go of what it still holds."""
        if connection in self._open:
            self._open.remove(connection)
        connection.writer.transport.abort()

    def close(self, connection: Connection) -> None:
        """End one at once, whatever it is doing."""
        self.remove(connection)
        if connection.task is not None:
            connection.task.cancel()
