"""What a command's user need not see: tracebacks of Ctrl-C, and what libraries say to programmers."""

import os
import sys


def end_quietly() -> None:
    """From now on an interrupt waits for the end of an import; one that nobody catches prints `Error: interrupted`."""
    before = sys.excepthook

    def hook(kind, error, trace):  # type: ignore[no-untyped-def]  # importing the types would take longer than all else
        if issubclass(kind, KeyboardInterrupt):
            print("Error: interrupted", file=sys.stderr)
        else:
            before(kind, error, trace)

    sys.excepthook = hook
    import signal  # now that an interrupt meanwhile prints its line

    if not hasattr(signal, "setitimer"):  # Windows
        return
    waiting = False

    def interrupt(number: int, frame) -> None:  # type: ignore[no-untyped-def]
        nonlocal waiting
        if not _is_importing(frame):
            waiting = False
            raise KeyboardInterrupt
        if waiting and number == signal.SIGINT:  # the second time of asking
            os.write(2, b"Error: interrupted\n")
            os._exit(130)
        waiting = True
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, LATER)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


LATER = 0.02
"""Seconds between two looks whether an import is over."""


def _is_importing(frame) -> bool:  # type: ignore[no-untyped-def]
    """Tell whether an import is going on: code in C that is being imported loses an interrupt, or falls over it."""
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def hush_libraries() -> None:
    """From now on warnings are not shown, nor what Matplotlib logs of its cache and fonts.

    Nor does Matplotlib write documentation for each kind of artist while it is imported: in a command nobody reads it,
    and it takes a tenth of the time of a map.
    """
    import warnings

    warnings.simplefilter("ignore")
    sys.meta_path.insert(0, _BeforeMatplotlib())


class _BeforeMatplotlib:
    """Sees Matplotlib's modules when they are imported, and not before: what is needed for it takes time to import."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "matplotlib":
            import logging

            logging.getLogger(name).setLevel(logging.ERROR)
        artist = sys.modules.get("matplotlib.artist")
        if hasattr(artist, "kwdoc"):
            artist.kwdoc = str  # type: ignore[union-attr]  # names the kind, and says no more


def collect_seldom() -> None:
    """From now on Python looks for garbage a hundred times less often: a start makes many objects, and all are kept."""
    import gc

    gc.set_threshold(70_000, 10, 10)
