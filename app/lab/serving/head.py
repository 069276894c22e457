"""The head of an HTTP request: its first line and its headers, read strictly."""

import re
from dataclasses import dataclass

from app.lab.serving.replies import RefusedError

MOST_BYTES = 32 << 10
"""Length of a head. Cookies of every other server on this computer may be in it."""
MOST_HEADERS = 100
FIRST_LINE = re.compile(rb"([A-Z]{1,20}) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")


@dataclass(frozen=True)
class Head:
    """A request without its body.

    Args:
        target: the path and what follows it, as they were sent; nothing is decoded.
        headers: values by name in small letters, in the order in which they came.
    """

    method: str
    target: str
    headers: dict[str, list[str]]

    def value(self, name: str) -> str | None:
        """Return the value of a header, None without one.

        Raises:
            RefusedError: it stands there twice: two readers could believe different ones.
        """
        values = self.headers.get(name.lower(), [])
        if len(values) > 1:
            raise RefusedError(400, f"The header {name} is there {len(values)} times.")
        return values[0] if values else None


def parse_head(data: bytes) -> Head:
    r"""Return what the bytes up to and with the empty line say.

    Raises:
        RefusedError: they are no head of HTTP/1.0 or 1.1, or have more than 100 headers.

    >>> parse_head(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    Head(method='GET', target='/a', headers={'host': ['localhost']})
    """
    first, *lines = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    match = FIRST_LINE.fullmatch(first)
    if match is None:
        raise RefusedError(400, "The request's first line is not of HTTP.")
    method, target, *version = (part.decode("ascii") for part in match.groups())
    if version[0] != "1":
        raise RefusedError(505, "This server speaks HTTP/1.1.")
    if len(lines) > MOST_HEADERS:
        raise RefusedError(431, f"The request has more than {MOST_HEADERS} headers.")
    headers: dict[str, list[str]] = {}
    for line in lines:
        match = HEADER.fullmatch(line)
        if match is None:  # a folded line and a blank before the colon, too: proxies read them differently
            raise RefusedError(400, "A header of the request has no proper name or value.")
        name, value = (part.decode("latin-1") for part in match.groups())
        headers.setdefault(name.lower(), []).append(value)
    return Head(method, target, headers)
