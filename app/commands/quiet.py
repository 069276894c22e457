"""What a command's user need not see: tracebacks of Ctrl-C, and what libraries say to programmers."""

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


def hush_libraries() -> None:
    """From now on warnings are not shown, nor what Matplotlib logs of its cache and fonts."""
    import warnings

    warnings.simplefilter("ignore")
    sys.meta_path.insert(0, _BeforeMatplotlib())


class _BeforeMatplotlib:
    """Sets the level of Matplotlib's log when it is imported, and not before: logging takes time to import."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "matplotlib":
            import logging

            logging.getLogger(name).setLevel(logging.ERROR)
