"""What a path may be: regular files alone are read, and written over."""

import re
import stat
from pathlib import Path

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/+", re.IGNORECASE)
"""How `https://…` begins; a path has one of its two slashes left. `C:/` is a drive."""
KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def verify_readable(path: Path, what: str = "", expected: str = "") -> None:
    """Refuse a path that is no regular file; links are followed.

    Args:
        path: what somebody gave.
        what: what to call it: `model file`.
        expected: what it should have been: `a PNG or JPEG file`.

    Raises:
        ValueError: it does not exist, or is a folder, pipe, device, socket or address.

    >>> verify_readable(Path("https://example.org/cat.keras"), "model file")
    Traceback (most recent call last):
    ValueError: model file https:/example.org/cat.keras is an address; fetch the file and give its path
    """
    named = f"{what} {path}".strip()
    state = _state(path)
    if state == "a file":
        return
    if state == "an address":
        raise ValueError(f"{named} is an address; fetch the file and give its path")
    hint = f"; expected {expected}" if expected else ""
    if state in ("", "a folder"):
        raise ValueError(f"{named} {'is a folder' if state else 'does not exist'}{hint}")
    raise ValueError(f"{named} is {state}, not a regular file{hint}")


def verify_writable(path: Path) -> None:
    """Refuse to write to anything but a regular file, or a place where there is nothing yet.

    A link is refused too: what is asked to be written here would lie, or be replaced, elsewhere.

    Raises:
        ValueError: it is a link, folder, pipe, device or socket.
    """
    try:
        is_link = path.is_symlink()
    except (OSError, ValueError):
        is_link = False
    if is_link:
        raise ValueError(f"{path} is a link to somewhere else; give the file's own path")
    state = _state(path)
    if state == "a folder":
        raise ValueError(f"{path} is a folder; give a file name in it")
    if state == "an address":
        raise ValueError(f"{path} is an address; give the path of a file")
    if state not in ("", "a file"):
        raise ValueError(f"{path} is {state}; only regular files are written")


def _state(path: Path) -> str:
    """Return what is at a path: `a file`, `a folder`, `a pipe`; "" for nothing."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # a name with a zero byte in it is a ValueError
        return "an address" if ADDRESS.match(str(path)) else ""
    if stat.S_ISREG(mode):
        return "a file"
    if stat.S_ISDIR(mode):
        return "a folder"
    return next((words for is_kind, words in KINDS if is_kind(mode)), "no file")
