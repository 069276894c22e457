"""A socket that listens: at the port that was asked for, or at the next free one."""

import errno
import socket
import sys

TRIED = 20
"""Ports after the one that was asked for; then the system chooses."""
TAKEN = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}
if sys.platform == "win32":
    TAKEN |= {errno.EACCES, getattr(errno, "WSAEACCES", errno.EACCES)}  # a port kept for somebody else
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Addresses that stand for all of this computer's, and where its own browser finds it."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; its port is another one if that one is taken.

    Args:
        port: 0 for any free one.

    Raises:
        ValueError: there is no such port, or this computer has no such address.
        PermissionError: the system keeps this port for itself.
    """
    if not 0 <= port <= 65535:
        raise ValueError(f"a port is a number from 0 to 65535, not {port}")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ValueError(f"this computer has no address {host!r}; use 127.0.0.1") from error
    family, *_, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    tries = [p for p in range(port, port + TRIED + 1) if p <= 65535] if port else []
    for number in [*tries, 0]:
        opened = _listen_at(family, str(address[0]), number)
        if opened is not None:
            return opened
    raise OSError(errno.EADDRINUSE, "no port is free")


def host_in_address(host: str) -> str:
    """Return a host as an address of the web has it.

    >>> host_in_address("::1")
    '[::1]'
    """
    return f"[{host}]" if ":" in host else host


def _listen_at(family: int, address: str, port: int) -> socket.socket | None:
    """Return a socket that listens there, None if the port is taken."""
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # there, SO_REUSEADDR would share the port with another program
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # a lab that ended a moment ago does not keep its port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        opened.listen(128)
    except OSError as error:
        opened.close()
        if error.errno in TAKEN:
            return None
        if error.errno == errno.EADDRNOTAVAIL:
            raise ValueError(f"this computer has no address {address!r}; use 127.0.0.1") from error
        raise
    return opened
