"""The lock around the model: one question at a time, in a thread of its own, and nobody waits for ever."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from app.lab.serving.replies import busy

T = TypeVar("T")


class OneAtATime(Generic[T]):
    """Makes calls one after the other, always in the same thread: Keras keeps settings for each thread.

    The thread does not keep Python from ending: a call that takes long must not delay Ctrl-C.

    Args:
        most_waiting: requests that may wait for their turn.
        wait_seconds: how long one waits for its turn.
        call_seconds: how long it then waits for what the call returns. The call goes on, and keeps its turn.
    """

    def __init__(self, most_waiting: int, wait_seconds: float, call_seconds: float) -> None:
        self._most_waiting, self._wait_seconds, self._call_seconds = most_waiting, wait_seconds, call_seconds
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="lab model", daemon=True).start()

    async def run(self, call: Callable[[], T], is_wanted: Callable[[], bool] = lambda: True) -> T | None:
        """Return what the call returns; None if, when its turn came, nobody wanted it any more.

        Args:
            call: must not raise.

        Raises:
            RefusedError: 503; too many wait, its turn did not come in time, or the call takes too long.
        """
        if self._waiting >= self._most_waiting:
            raise busy("Too many questions wait for the model. Ask again in a moment.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise busy("The model is busy with other questions. Ask again in a moment.") from None
        finally:
            self._waiting -= 1
        if not is_wanted():
            self._turn.release()
            return None
        try:  # the turn ends with the call, even where the asker has gone
            return await asyncio.wait_for(asyncio.shield(self._hand_over(call)), self._call_seconds)
        except TimeoutError:
            raise busy("The model takes too long for this question.") from None

    def stop(self) -> None:
        """End the thread, once the call that it is making is over."""
        self._calls.put(None)

    def _hand_over(self, call: Callable[[], T]) -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        future.add_done_callback(lambda _: self._turn.release())

        def make() -> None:
            value = call()
            with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
                loop.call_soon_threadsafe(_settle, future, value)

        self._calls.put(make)
        return future

    def _work(self) -> None:
        while (make := self._calls.get()) is not None:
            make()


def _settle(future: "asyncio.Future[T]", value: T) -> None:
    if not future.done():
        future.set_result(value)
