"""Who may ask what: the host, the token, the route, the page that asks, the length of the body."""

import re
import secrets
from collections.abc import Collection
from enum import Enum

from app.lab.serving.head import Head
from app.lab.serving.replies import JSON, RefusedError

ELSEWHERE = (
    "There is nothing here. Open the address that the lab printed when it started; every start has a new one."
)


class Route(Enum):
    """What can be asked for: the path below the token, and the methods."""

    PAGE = ("", ("GET", "HEAD"))
    ANSWER = ("answer", ("POST",))


def verify_host(head: Head, hosts: Collection[str], port: int) -> None:
    """Refuse a request whose Host is not this server's.

    A page elsewhere may give its name this computer's address (DNS rebinding); its requests keep the name.

    Args:
        hosts: names and addresses in small letters, those of IPv6 in brackets.

    Raises:
        RefusedError: 421 for another host or port, 400 for none or two.
    """
    host = head.value("Host")
    if host is None:
        raise RefusedError(400, "The request has no Host.")
    name, _, number = host.lower().rpartition(":")
    if name not in hosts or number != str(port):
        raise RefusedError(421, "This server does not answer for that host.", more=f"Host {host}")


def find_route(head: Head, token: str) -> Route:
    """Return what is asked for. The token is compared in constant time, so that it cannot be guessed letter by letter.

    Raises:
        RefusedError: 404 for another path, or without the token; 405 for another method.
    """
    path, _, query = head.target.partition("?")
    first, *rest = path.removeprefix("/").split("/", 1)
    is_ours = secrets.compare_digest(first.encode("ascii"), token.encode("ascii"))
    route = next((r for r in Route if rest == [r.value[0]]), None)
    if not is_ours or not path.startswith("/") or route is None or (query and route is not Route.PAGE):
        raise RefusedError(404, ELSEWHERE)
    methods = route.value[1]
    if head.method not in methods:
        raise RefusedError(405, f"This takes {' or '.join(methods)} only.", ("Allow", ", ".join(methods)))
    return route


def verify_asker(head: Head) -> None:
    """Refuse a question that this server's own page did not ask.

    Browsers send the Origin with every POST; a page must use `fetch` in its usual mode, as the mode "same-origin"
    together with "Referrer-Policy: no-referrer" sends "null".

    Raises:
        RefusedError: 403 where Origin is missing or not this server, or Sec-Fetch-Site says anything but same-origin.
    """
    origin, site = head.value("Origin"), head.value("Sec-Fetch-Site")
    if origin is None or origin.lower() != f"http://{head.value('Host')}".lower():
        raise RefusedError(403, "Only the lab's own page may ask.", more=f"Origin {origin}")
    if site not in (None, "same-origin"):
        raise RefusedError(403, "Only the lab's own page may ask.", more=f"Sec-Fetch-Site {site}")


def body_length(head: Head, most: int) -> int:
    """Return the bytes of JSON that follow the head.

    Raises:
        RefusedError: 415 if the body is no JSON; 400 or 411 if its length is not said in plain digits, once;
            413 for more than `most`; 417 for an Expect other than 100-continue.
    """
    kind, _, charset = (head.value("Content-Type") or "").lower().partition(";")
    if kind.strip() != JSON or charset.strip() not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise RefusedError(415, f"A question is {JSON} in UTF-8.")
    if "transfer-encoding" in head.headers:
        raise RefusedError(400, "The body must come in one piece, without Transfer-Encoding.")
    length = head.value("Content-Length")
    if length is None:
        raise RefusedError(411, "The request has no Content-Length.")
    if not re.fullmatch("[0-9]+", length):
        raise RefusedError(400, "Content-Length is not a whole number.", more=length)
    if len(length) > 18 or int(length) > most:
        raise RefusedError(413, f"The body has more than {most:,} bytes.", more=f"{length} bytes")
    if (head.value("Expect") or "100-continue").lower() != "100-continue":
        raise RefusedError(417, "The only Expect that this server knows is 100-continue.")
    return int(length)
