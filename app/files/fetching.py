"""The published files of weights: looked up in Keras' cache, or fetched into it."""

import contextlib
import hashlib
import http.client
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path

from app.files.atomic import replacing
from app.files.cards import hash_file
from models import PublishedWeights

OnBytes = Callable[[int, int | None], None]
"""Called with the bytes that have come, and how many there will be, where that is known."""
CHUNK = 1 << 20
"""Bytes that are read at a time."""
SECONDS = 30
"""How long a silent server is waited for."""


def cache_folder() -> Path:
    """Return where Keras keeps weights: `models` in `$KERAS_HOME`, or in `~/.keras`."""
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"


def find_cached(published: PublishedWeights) -> Path | None:
    """Return the published file in the cache, None where there is none.

    Raises:
        ValueError: there is another file of its name, which is left alone.
    """
    path = cache_folder() / published.file
    if not path.is_file():
        return None
    found = hash_file(path, "md5")
    if found != published.md5:
        raise ValueError(
            f"{path} is not the published file, or it is cut short (MD5 {found}, published "
            f"{published.md5}); move it away, or give it to --weights as a file of your own"
        )
    return path


def fetch_weights(published: PublishedWeights, progress: OnBytes = lambda *_: None) -> Path:
    """Return the published file, from the cache or fetched into it, whole or not at all.

    Raises:
        ValueError: it cannot be fetched, or something else came; the message says what to do.
    """
    if cached := find_cached(published):
        return cached
    path = cache_folder() / published.file
    digest = hashlib.md5()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary, temporary.open("wb") as file:
            with contextlib.closing(urllib.request.urlopen(published.address, timeout=SECONDS)) as reply:
                size = reply.headers.get("Content-Length")
                while chunk := reply.read(CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    progress(file.tell(), int(size) if size else None)
            if digest.hexdigest() != published.md5:
                raise ValueError(
                    f"what came from {published.address} is not the published file, or it is cut "
                    f"short (MD5 {digest.hexdigest()}, published {published.md5}); nothing was kept"
                )
    except (OSError, http.client.HTTPException) as error:
        raise ValueError(
            f"{published.file} could not be fetched ({_reason(error)}); fetch "
            f"{published.address} elsewhere and put it into {path.parent}, or give its path to --weights"
        ) from error
    return path


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(error).__name__
