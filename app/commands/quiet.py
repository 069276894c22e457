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
