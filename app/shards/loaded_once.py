"""Loaded by the process that workers are forked from: the packages that take long, and nothing that computes.

TensorFlow is imported, but does nothing yet: threads that it starts would not be there after a fork.
"""

import atexit
import contextlib
import os
import signal
import sys

from app.shards.forking import ASKED_BY, tell_unless_gone, while_asked_for, worker_environment
from app.show.chatter import without_chatter


def load() -> None:
    """Make this process one that workers are forked from."""
    os.environ.update(worker_environment())
    sys.excepthook = tell_unless_gone
    # a worker that needs what is broken says so
    with while_asked_for(), without_chatter(), contextlib.suppress(Exception):
        import distributed.nanny  # noqa: F401
        import keras  # noqa: F401
        import tensorflow  # noqa: F401
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # there are workers now, and who asked for them ends them
    atexit.register(os._exit, 0)  # there is nothing to tidy up, and TensorFlow takes its time over it


if ASKED_BY in os.environ:  # elsewhere it is a module like others
    load()
