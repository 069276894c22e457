"""Ctrl-C before a command has begun: a line, and no traceback."""

import sys
from types import TracebackType


def end_quietly() -> None:
    """From now on an interrupt that nobody catches prints `Error: interrupted`."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            print("Error: interrupted", file=sys.stderr)
        else:
            before(kind, error, trace)

    sys.excepthook = hook
