"""Workers that train together, watched from the roll call until the last one is done.

TensorFlow finds out late that a worker is gone, or never, and says so in many lines. So each worker keeps a
connection to the chief, which is made at the port that TensorFlow opens afterwards. The end of a process ends its
connection at once; a machine that is stopped or cut off falls silent.
"""

import contextlib
import faulthandler
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from app.cluster.links import LONGEST_RESULT, SILENCE, Link, LostWorkerError
from app.cluster.roll_call import Facts, Told, call_roll
from app.cluster.tf_config import Cluster, Distribution, find_hosts

BEAT = 1.0
"""Seconds between two signs of life."""
GRACE = 12.0
"""Seconds that this process has to end by itself when another one is gone."""
CONNECTING = 50
"""Seconds in which TensorFlow has to connect the workers, once all are ready for it."""
PARTING = 10.0
"""Seconds that are waited for the others at the end."""
SPEAKER = """
import select, sys
if not select.select([0], [], [], float(sys.argv[1]))[0]:
    print(sys.argv[2], file=sys.stderr)
"""
"""A program that says something unless its input ends in time."""


class Team:
    """The workers that train together, as one of them sees them.

    Args:
        cluster: who they are.
        links: the connections of the chief to all others, or of another worker to the chief, by number.
    """

    current: ClassVar["Distribution | None"] = None
    """On what this process trains: TensorFlow has to know before it does anything else."""

    def __init__(self, cluster: Cluster, links: dict[int, Link]) -> None:
        self.cluster, self.links = cluster, links
        self.kept = "no epoch is finished: start all again"
        """What remains of the run if it ends now."""
        self.abort: Callable[[str], None] | None = None
        """Ends what waits for another worker."""
        self._lost, self._result = "", None
        self._has_lost, self._is_over, self._has_left = (threading.Event() for _ in range(3))
        self._may_start = threading.Event()
        self._gone: set[int] = set()
        self._ready: set[int] = set()
        self._stderr = _own_stderr()
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def begin(self) -> None:
        """Watch the others from now on."""
        for link in self.links.values():
            link.heard, link.longest = time.monotonic(), LONGEST_RESULT
        self._thread.start()

    @property
    def lost(self) -> str:
        """Who is gone, and what remains, in a sentence; "" while all are there."""
        return f"{self._lost}; {self.kept}" if self._lost else ""

    def wait_for_loss(self, seconds: float) -> str:
        """Return who is gone, after waiting until that is known."""
        self._has_lost.wait(seconds)
        return self.lost

    def keep(self, epochs: int) -> None:
        """Note how many epochs are kept."""
        if epochs:
            which = "epoch 1 is" if epochs == 1 else f"epochs 1 to {epochs} are"
            self.kept = f"{which} kept: start all again to go on"

    def wait_for_all(self) -> None:
        """Wait until all workers have come as far as this.

        Raises:
            LostWorkerError: one of them ended before.
        """
        if not self.cluster.is_chief:
            self._send_all(kind="ready")
        while not (self._ready >= set(self.links) if self.cluster.is_chief else self._may_start.is_set()):
            if self.lost:
                raise LostWorkerError(self.lost)
            time.sleep(0.02)
        if self.cluster.is_chief:
            self._send_all(kind="start")

    @contextlib.contextmanager
    def connecting(self) -> Iterator[None]:
        """Bound the time of the block, in which TensorFlow connects the workers and lets nothing else of Python run."""
        late = f"Error: not all workers could be connected within {CONNECTING} s; {self.kept}"
        run = [sys.executable, "-I", "-S", "-c", SPEAKER, str(CONNECTING - 1), late]
        with (
            subprocess.Popen(run, stdin=subprocess.PIPE, stderr=self._stderr) as speaker,
            Path(os.devnull).open("w") as no,
        ):
            faulthandler.dump_traceback_later(CONNECTING, exit=True, file=no)  # which needs nothing of Python
            try:
                yield
            finally:
                faulthandler.cancel_dump_traceback_later()
                assert speaker.stdin is not None
                speaker.stdin.close()

    def rest(self) -> None:
        """Say that this process needs no other one any more: who ends from now on is not missed."""
        self._is_over.set()

    def finish(self, result: Any = None) -> Any:
        """End the work together: the chief hands out what came out, once it has written it; return that.

        Raises:
            LostWorkerError: the chief ended before.
        """
        if self.cluster.is_chief:
            self.rest()
            self._send_all(kind="finished", result=result)
            deadline = time.monotonic() + PARTING
            while len(self._gone) < len(self.links) and time.monotonic() < deadline:
                time.sleep(0.02)
            return result
        while 0 not in self._gone:
            time.sleep(0.02)
        if self.lost:
            raise LostWorkerError(self.lost)
        self.rest()
        with self._sending, contextlib.suppress(OSError):
            self.links[0].send(kind="finished")
        return self._result

    def stop(self, reason: str) -> None:
        """Tell the others why this process ends before its time."""
        self._is_over.set()
        self._send_all(kind="stopped", reason=reason)

    def close(self) -> None:
        """End all connections."""
        is_first = not self._has_left.is_set()
        self._is_over.set()
        self._has_left.set()
        if self._thread.is_alive():
            self._thread.join(BEAT * 3)
        for link in self.links.values():
            link.close()
        if is_first and not self._has_lost.is_set():  # else who ends the process may be about to say so
            os.close(self._stderr)

    def _send_all(self, **message: Any) -> None:
        with self._sending:
            for index, link in self.links.items():
                if index not in self._gone:
                    with contextlib.suppress(OSError):
                        link.send(**message)

    def _watch(self) -> None:
        """Listen to the others, and give signs of life."""
        with selectors.DefaultSelector() as selector:
            for index, link in self.links.items():
                selector.register(link.connection, selectors.EVENT_READ, index)
            due = 0.0
            while not self._has_left.is_set():
                if time.monotonic() >= due:
                    self._send_all(kind="alive")
                    due = time.monotonic() + BEAT
                for key, _ in selector.select(BEAT / 2):
                    if not self._hear(key.data):
                        selector.unregister(key.fileobj)
                for index, link in self.links.items():
                    if index not in self._gone and time.monotonic() - link.heard > SILENCE:
                        self._lose(index, f"is gone (it has not answered for {SILENCE:.0f} s)")

    def _hear(self, index: int) -> bool:
        """Take the messages of another worker; return whether there may be more."""
        try:
            messages = self.links[index].receive()
        except (OSError, ValueError):
            self._lose(index, "is gone (its process has ended)")
            return False
        for message in messages:
            kind, reason = message.get("kind"), str(message.get("reason", ""))[:1000]
            if kind == "finished":
                self._result = message.get("result")
                self._gone.add(index)
            elif kind == "ready":
                self._ready.add(index)
            elif kind == "start":
                self._may_start.set()
            elif kind == "stopped":
                self._lose(index, f"has stopped: {reason}")
            elif kind == "lost":
                self._say_lost(reason)
        return True

    def _lose(self, index: int, how: str) -> None:
        if index in self._gone:
            return
        self._gone.add(index)
        if not self._is_over.is_set():
            self._say_lost(f"{self.cluster.name(index)} {how}")
            if self.cluster.is_chief:
                self._send_all(kind="lost", reason=self._lost)

    def _say_lost(self, sentence: str) -> None:
        if self._has_lost.is_set() or self._is_over.is_set():
            return
        self._lost = sentence
        self._has_lost.set()
        threading.Thread(target=self._end, name="end", daemon=True).start()

    def _end(self) -> None:
        """Have what waits for the lost worker fail; where it waits on, end the process."""
        threading.Thread(target=self._abort, name="abort", daemon=True).start()
        if not self._has_left.wait(GRACE):
            is_terminal = os.isatty(self._stderr)
            shown = "\r\x1b[K\x1b[?25h" if is_terminal else ""  # the bar goes, the cursor comes back
            os.write(self._stderr, f"{shown}Error: {self.lost}\n".encode(errors="replace"))
            os._exit(1)

    def _abort(self) -> None:
        if self.abort is not None:
            with contextlib.suppress(Exception):
                self.abort(self._lost)


def _own_stderr() -> int:
    """Return where this process says what is wrong, also while somebody holds back what is written there."""
    try:
        return os.dup(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return os.open(os.devnull, os.O_WRONLY)


def fact_texts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return facts as texts that can be compared and told.

    >>> fact_texts({"batch_size": None, "seed": 3})
    {'batch size': 'as usual', 'seed': '3'}
    """
    return {
        name.replace("_", " "): "as usual" if value is None else str(value) for name, value in facts.items()
    }


def count_cards() -> dict[str, str]:
    """Return how many graphics cards this process may use, as a fact: all workers need as many."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    there = len(list(Path("/dev").glob("nvidia[0-9]*")))
    named = [each for each in (chosen or "").split(",") if each.strip() not in ("", "-1")]
    return {"graphics cards": str(there if chosen is None else min(there, len(named)))}


@contextlib.contextmanager
def taking_part(
    distribution: Distribution | None, facts: Callable[[], Facts], told: Told
) -> Iterator[Team | None]:
    """Take part in a training with others while the block runs; give the team, None where this process is alone.

    Args:
        distribution: on what is trained.
        facts: gives what must be alike in all workers; it is asked once.
        told: is told for whom is waited.

    Raises:
        ValueError: the workers were started with different things, or a name is not known.
        LostWorkerError: a worker did not come, ended, or does not answer.
    """
    if distribution is None:
        yield None
        return
    cluster, Team.current = distribution.cluster, distribution
    try:
        if cluster is not None:
            find_hosts(cluster, distribution.patience, told)
        if cluster is None or cluster.size == 1:
            yield None
            return
        if not os.environ.get("CONVLAB_DEBUG"):
            os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # a lost worker is told by us, in a line
        team = Team(cluster, call_roll(cluster, facts(), distribution.patience, told))
        if not cluster.is_chief:
            told(
                f"This is {cluster.name(cluster.index)}; {cluster.name(0)} shows the progress and writes the files"
            )
        with _watched(team):
            yield team
    finally:
        Team.current = None


@contextlib.contextmanager
def _watched(team: Team) -> Iterator[None]:
    team.begin()
    try:
        yield
    except BaseException as error:
        is_cut_off = type(error).__module__.startswith("tensorflow") and type(error).__name__ in CUT_OFF
        if is_cut_off and team.wait_for_loss(SILENCE + 2 * BEAT):
            raise LostWorkerError(team.lost) from error
        is_interrupt = isinstance(error, KeyboardInterrupt)
        team.stop("it was interrupted" if is_interrupt else str(error) or type(error).__name__)
        raise
    finally:
        team.close()


CUT_OFF = (
    "UnavailableError",
    "AbortedError",
    "CancelledError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalError",
)
"""TensorFlow's errors of what waited for another worker: it may notice a loss first."""
