"""Reading ahead: threads fetch what comes next while something else works on what is there."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")

MOST_THREADS = 8
"""Beyond them the disk, or Python itself, is what waits."""


def read_ahead(
    read: Callable[[Item], Found], items: Iterable[Item], ahead: int = 64, threads: int | None = None
) -> Iterator[Found]:
    """Yield `read(item)` of all items, in their order, while threads read the next ones.

    At most `ahead` results are waiting, so that a million items take no more memory than a hundred. What `read`
    raises is raised where its result would have come.

    Args:
        read: called from several threads at once.
        items: taken one after the other, by the thread that asks for the results.
        ahead: results that may wait.
        threads: how many read; None: as many as there are processor cores, at least 2 and at most 8.

    >>> list(read_ahead(len, ["a", "bb", "ccc"]))
    [1, 2, 3]
    """
    count = threads or min(MOST_THREADS, max(2, os.cpu_count() or 1))
    waiting: deque[Future[Found]] = deque()
    pool = ThreadPoolExecutor(count, thread_name_prefix="read-ahead")
    try:
        for item in items:
            waiting.append(pool.submit(read, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
