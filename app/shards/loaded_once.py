"""Loaded by the process that workers are forked from: the packages that take long, and nothing that computes.

TensorFlow is imported, but does nothing yet: threads that it starts would not be there after a fork.
"""

import os
import signal
import sys

from app.shards.forking import end_with_parent, tell_unless_gone
from app.show.chatter import without_chatter

sys.excepthook = tell_unless_gone
signal.signal(signal.SIGINT, lambda *_: os._exit(130))
end_with_parent(True)
with without_chatter():
    import distributed.nanny
    import keras
    import tensorflow as tf
end_with_parent(False)
signal.signal(
    signal.SIGINT, signal.SIG_IGN
)  # from here on there are workers, and who asked for them ends them

__all__ = ["distributed", "keras", "tf"]
