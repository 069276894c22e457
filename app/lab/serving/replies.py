"""What the server answers: a status, a body, and headers that tell the browser to trust nothing else."""

from dataclasses import dataclass

PHRASES = {
    100: "Continue",
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    417: "Expectation Failed",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
HTML, JSON, TEXT = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Connection": "close",
}
"""Headers of every reply. A connection carries one request, so that nothing can hide behind the first."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Reply:
    """A reply, and what the log says of it.

    Args:
        body: the bytes; a refusal has one sentence in English.
        kind: its Content-Type.
        headers: those that not every reply has.
        logged: what the log says; "" for a request that went well.
    """

    status: int
    body: bytes
    kind: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()
    logged: str = ""

    def as_bytes(self, content_security_policy: str, is_head: bool = False) -> bytes:
        """Return what goes over the wire; a HEAD request gets the headers alone.

        >>> Reply(404, b"No.").as_bytes("default-src 'none'").splitlines()[0]
        b'HTTP/1.1 404 Not Found'
        """
        headers = {
            "Content-Type": self.kind,
            "Content-Length": str(len(self.body)),
            "Content-Security-Policy": content_security_policy,
            **GUARDS,
            **dict(self.headers),
        }
        lines = [f"HTTP/1.1 {self.status} {PHRASES[self.status]}", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if is_head else self.body)


class RefusedError(Exception):
    """A request that gets no answer.

    Args:
        status: the HTTP status.
        sentence: what is wrong; the client reads it.
        headers: more headers of the reply.
        more: what the log alone says, such as a value from the request.
    """

    def __init__(self, status: int, sentence: str, *headers: tuple[str, str], more: str = "") -> None:
        super().__init__(sentence)
        logged = f"{status}, {sentence}" + (f" ({more})" if more else "")
        self.reply = Reply(status, f"{sentence}\n".encode(), headers=headers, logged=logged)


def busy(sentence: str) -> RefusedError:
    """Return the refusal of a request that may be made again in a second."""
    return RefusedError(503, sentence, ("Retry-After", "1"))
