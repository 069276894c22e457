"""Ctrl-C before a command has begun: a line, and no traceback."""

import sys


def end_quietly() -> None:
    """From now on an interrupt that nobody catches prints `Error: interrupted`."""
    before = sys.excepthook

    def hook(kind, error, trace):  # type: ignore[no-untyped-def]  # importing the types would take longer than all else
        if issubclass(kind, KeyboardInterrupt):
            print("Error: interrupted", file=sys.stderr)
        else:
            before(kind, error, trace)

    sys.excepthook = hook
