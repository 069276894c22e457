"""What converters and runtimes say to programmers, held back and kept for the message of a failure."""

import contextlib
import io
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path


class Held:
    """What was written to standard error inside `held_back`; whole when the block has ended."""

    text = ""


@contextlib.contextmanager
def held_back() -> Iterator[Held]:
    """Hold back what is written to standard error inside, by Python and by C++; warnings and logs are not shown.

    With CONVLAB_DEBUG=1 it is passed on at the end.
    """
    held = Held()
    with tempfile.TemporaryFile() as file, contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings(action="ignore"))
        own = _own_handle()
        if own is None:  # a notebook, or a stream that somebody put there
            said = stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        handles = {2} if own is None else {2, own}
        saved = {handle: os.dup(handle) for handle in handles if _is_to_be_held(handle)}
        for handle in saved:
            os.dup2(file.fileno(), handle)
        try:
            yield held
        finally:
            if sys.stderr is not None:
                sys.stderr.flush()
            for handle, copy in saved.items():
                os.dup2(copy, handle)
                os.close(copy)
            file.seek(0)
            held.text = file.read().decode(errors="replace")
            if own is None:
                held.text += said.getvalue()
    if os.environ.get("CONVLAB_DEBUG") and sys.stderr is not None:
        sys.stderr.write(held.text)


def _own_handle() -> int | None:
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return None


def _is_to_be_held(handle: int) -> bool:
    """Return whether a stream is open, and not held already: a child's, from which its death is read."""
    try:
        os.fstat(handle)
    except OSError:
        return False
    with contextlib.suppress(OSError):
        return handle != 2 or CHATTER not in str(Path("/proc/self/fd/2").readlink())
    return True


CHATTER = "memfd:chatter"
"""Where `commands/apart.py` lets a child's C++ write."""
