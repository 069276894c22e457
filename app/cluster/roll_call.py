"""The roll call of workers that train together, before anything heavy is loaded: all are there, and mean the same."""

import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.cluster.links import SILENCE, Link, LostWorkerError
from app.cluster.tf_config import Cluster, hold_own_port, split_address

MARGIN = 10.0
"""Seconds that a worker waits longer than the chief, which knows who is missing."""
GREETING = "convlab training 1"
"""How a worker begins."""
SOON = 2.0
"""Seconds after which it is told for whom is waited."""
BEAT = 1.0
"""Seconds between two signs of life of the chief."""

Facts = Mapping[str, str]
"""What must be alike in all workers, by what it is called."""
Told = Callable[[str], None]


def call_roll(cluster: Cluster, facts: Facts, patience: float, told: Told) -> dict[int, Link]:
    """Wait until all workers are there and have the same in mind; return the connections that this one keeps.

    Raises:
        ValueError: the workers were started with different things.
        LostWorkerError: a worker does not come.
    """
    if cluster.is_chief:
        return _Roll(cluster, facts, patience, told).call()
    with hold_own_port(cluster):  # a second process of the same number finds it in use
        try:
            return {0: _answer_roll(cluster, facts, patience, told)}
        except _RefusedError as error:
            raise ValueError(str(error)) from error


class _Roll:
    """The chief's side of a roll call."""

    def __init__(self, cluster: Cluster, facts: Facts, patience: float, told: Told) -> None:
        self.cluster, self.facts, self.patience, self.told = cluster, facts, patience, told
        self.links: dict[int, Link] = {}
        self.others: dict[int, dict[str, Any]] = {}
        self.left: dict[int, float] = {}
        """When a worker went that had come."""
        self._selector = selectors.DefaultSelector()

    def call(self) -> dict[int, Link]:
        """Return a connection to each of the others."""
        begun, beaten, is_told = time.monotonic(), 0.0, False
        try:
            with hold_own_port(self.cluster) as listener, self._selector:
                self._selector.register(listener, selectors.EVENT_READ)
                while self._missing():
                    if time.monotonic() - begun > self.patience:
                        raise LostWorkerError(self._missing_words())
                    for index, when in self.left.items():
                        if time.monotonic() - when > SILENCE:
                            raise LostWorkerError(gone_words(self.cluster, index))
                    if time.monotonic() - beaten > BEAT:
                        beaten = time.monotonic()
                        self._tell_all(kind="waiting")
                    if not is_told and time.monotonic() - begun > SOON:
                        self.told(f"Waiting for {self._names()} (at most {self.patience:,.0f} s) …")
                        is_told = True
                    for key, _ in self._selector.select(0.2):
                        self._meet(listener) if key.fileobj is listener else self._listen(key)
            self._compare()
        except BaseException as error:
            kind = "refused" if isinstance(error, ValueError) else "lost"
            interrupted = f"{self.cluster.name(0)} was interrupted; start all again"
            self._tell_all(kind=kind, reason=str(error) or interrupted)
            for link in self.links.values():
                link.close()
            raise
        self._tell_all(kind="go")
        return self.links

    def _missing(self) -> list[int]:
        return [index for index in range(1, self.cluster.size) if index not in self.links]

    def _names(self) -> str:
        return ", ".join(map(self.cluster.name, self._missing()))

    def _missing_words(self) -> str:
        plural = "has" if len(self._missing()) == 1 else "have"
        return f"{self._names()} {plural} not come within {self.patience:,.0f} s; start all workers"

    def _meet(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        self._selector.register(connection, selectors.EVENT_READ, Link(connection))

    def _listen(self, key: selectors.SelectorKey) -> None:
        """Take what somebody says; who is no worker, or has gone again, is forgotten."""
        link: Link = key.data
        try:
            for message in link.receive():
                self._take(link, message)
        except (OSError, ValueError):
            self._selector.unregister(key.fileobj)
            link.close()
            for index in [each for each, known in self.links.items() if known is link]:
                del self.links[index]
                self.left[index] = time.monotonic()

    def _take(self, link: Link, message: dict[str, Any]) -> None:
        index, facts = message.get("index"), message.get("facts")
        if message.get("kind") != GREETING or isinstance(index, bool):
            raise ValueError("no worker of ours")
        if not isinstance(index, int) or not isinstance(facts, dict):
            raise ValueError("no worker of ours")
        if not 0 < index < self.cluster.size:
            raise ValueError("no worker of ours")
        if index in self.links:
            name = self.cluster.name(index)
            link.send(kind="refused", reason=f"{name} was started twice; give each worker its own index")
            raise ValueError("has come already")
        self.links[index], self.others[index] = link, facts
        self.left.pop(index, None)
        link.send(kind="waiting")

    def _compare(self) -> None:
        """Refuse workers that have something else in mind.

        Raises:
            ValueError: one of them has.
        """
        mine = {"workers": ", ".join(self.cluster.addresses), **self.facts}
        for index in sorted(self.links):
            for what, value in mine.items():
                other = str(self.others[index].get(what, "nothing"))[:500]
                if other != value:
                    raise ValueError(
                        f"the workers do not fit together: {self.cluster.name(index)} has {what} {other}, and "
                        f"{self.cluster.name(0)} has {what} {value}"
                    )

    def _tell_all(self, **message: Any) -> None:
        for link in self.links.values():
            with contextlib.suppress(OSError):
                link.send(**message)


def _answer_roll(cluster: Cluster, facts: Facts, patience: float, told: Told) -> Link:
    """Go to the chief, and return the connection once all are there."""
    begun, left, is_told = time.monotonic(), 0.0, False
    deadline = begun + patience + MARGIN
    mine = {"workers": ", ".join(cluster.addresses), **facts}
    while time.monotonic() < deadline:
        try:
            link = Link(socket.create_connection(split_address(cluster.addresses[0]), timeout=3))
            try:
                link.send(kind=GREETING, index=cluster.index, facts=mine)
                return _wait_for_go(link, left + SILENCE if left else deadline)
            except BaseException:
                link.close()
                raise
        except _LeftError as error:
            left = error.heard
        except (OSError, ValueError):
            if left and time.monotonic() - left > SILENCE:
                raise LostWorkerError(gone_words(cluster, 0)) from None
        if not is_told and time.monotonic() - begun > SOON:
            told(f"Waiting for {cluster.name(0)} (at most {patience:,.0f} s) …")
            is_told = True
        time.sleep(0.3)
    raise LostWorkerError(f"{cluster.name(0)} has not come within {patience:,.0f} s; start all workers")


class _RefusedError(Exception):
    """What the chief says against this worker, or against all."""


class _LeftError(Exception):
    """The chief had answered, and is gone, or silent."""

    def __init__(self, heard: float) -> None:
        super().__init__()
        self.heard = heard
        """When it was heard last."""


def gone_words(cluster: Cluster, index: int) -> str:
    """Return that a worker had come and is gone."""
    return f"{cluster.name(index)} had come, and has been gone for {SILENCE:.0f} s; start all again"


def _wait_for_go(link: Link, until: float) -> Link:
    """Return the connection once the chief says that all are there.

    Raises:
        _LeftError: the chief answered, and then went, or fell silent.
        OSError: nobody answers until then.
        ValueError: who answers is no chief.
    """
    has_answered = False
    while True:
        link.connection.settimeout(SILENCE if has_answered else max(0.1, until - time.monotonic()))
        try:
            messages = link.receive()
        except OSError as error:
            if has_answered:
                raise _LeftError(link.heard) from error
            raise
        for message in messages:
            has_answered = True
            kind, reason = message.get("kind"), str(message.get("reason", ""))[:2000]
            if kind == "go":
                link.connection.settimeout(SILENCE)
                return link
            if kind == "lost":
                raise LostWorkerError(reason)
            if kind == "refused":
                raise _RefusedError(reason)
