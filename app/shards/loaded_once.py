"""Loaded by the process that workers are forked from: the packages that take long, and nothing that computes.

TensorFlow is imported, but does nothing yet: threads that it starts would not be there after a fork.
"""

import os
import signal
import sys
from types import TracebackType

from app.show.chatter import without_chatter


def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell of an error as Python does, unless it is that whoever wants the worker is gone before it has started."""
    if not issubclass(kind, EOFError | OSError):
        sys.__excepthook__(kind, error, trace)


signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # Ctrl-C: nobody needs it any more
sys.excepthook = tell
with without_chatter():
    import distributed.nanny
    import keras
    import tensorflow as tf
signal.signal(
    signal.SIGINT, signal.SIG_IGN
)  # from here on there are workers, and who asked for them ends them

__all__ = ["distributed", "keras", "tf"]
