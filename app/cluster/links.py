"""Connections between workers that train together: messages, a line of JSON each."""

import contextlib
import json
import socket
import time
from typing import Any

from app.untrusted.json_text import parse_json

SILENCE = 30.0
"""Seconds without a sign of life after which a worker is given up."""
LONGEST = 1 << 16
"""Bytes of a message of somebody who may be anybody."""
LONGEST_RESULT = 64 << 20
"""Bytes of a message of a worker of ours."""


class LostWorkerError(Exception):
    """Another worker did not come, ended or does not answer."""


class Link:
    """A connection to another worker: messages, a line of JSON each."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.heard = connection, time.monotonic()
        self.longest = LONGEST
        self._waiting = b""
        connection.settimeout(SILENCE)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, **message: Any) -> None:
        """Send a message.

        Raises:
            OSError: the other side is gone.
        """
        self.connection.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> list[dict[str, Any]]:
        """Return the messages that have come, after waiting for some bytes.

        Raises:
            OSError: the other side is gone.
            ValueError: what came is none.
        """
        received = self.connection.recv(1 << 16)
        if not received:
            raise ConnectionResetError("the connection has ended")
        self.heard = time.monotonic()
        *lines, self._waiting = (self._waiting + received).split(b"\n")
        if len(self._waiting) > self.longest:
            raise ValueError("a message is too long")
        messages = [parse_json(line, self.longest) for line in lines]
        if not all(isinstance(each, dict) for each in messages):
            raise ValueError("what came is no message")
        return messages

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError):
            self.connection.close()
