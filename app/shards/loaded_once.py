"""Loaded by the process that workers are forked from: the packages that take long, and nothing that computes.

TensorFlow is imported, but does nothing yet: threads that it starts would not be there after a fork.
"""

import atexit
import contextlib
import os
import signal
import sys

from app.shards.forking import tell_unless_gone, while_asked_for, worker_environment
from app.show.chatter import without_chatter

os.environ.update(worker_environment())
sys.excepthook = tell_unless_gone
with (
    while_asked_for(),
    without_chatter(),
    contextlib.suppress(Exception),
):  # a worker that needs what is broken says so
    import distributed.nanny
    import keras
    import tensorflow as tf
signal.signal(
    signal.SIGINT, signal.SIG_IGN
)  # from here on there are workers, and who asked for them ends them
atexit.register(os._exit, 0)  # there is nothing to tidy up, and TensorFlow takes its time over it

__all__ = ["distributed", "keras", "tf"]
