"""Servers of the lab in a thread, and clients that speak to them byte by byte."""

import contextlib
import json
import socket
import threading
import time

from app.lab.serving.server import LabServer, LabSite, Limits

PAGE = b"<!doctype html><title>Lab</title>"
POLICY = "default-src 'none'; script-src 'sha256-abc='"
QUICK = Limits(connections=32, body_bytes=2000, read_seconds=0.5, wait_seconds=0.3, linger_seconds=0.2)
PATIENT = Limits(connections=32, body_bytes=2000, read_seconds=0.5, linger_seconds=0.2, log_lines=10_000)
"""For one server that all tests of a file share."""


class Lab:
    """A server in a thread, spoken to over raw sockets.

    Args:
        answer: as of `LabSite`; without one, the question is the answer.
    """

    def __init__(self, answer=None, limits=QUICK, page=PAGE, **options):
        self.lines = []
        site = LabSite(page, POLICY, answer or (lambda question: {"asked": question}))
        self.server = LabServer(site, port=0, limits=limits, log=self.lines.append, **options)
        self.port = self.server.port
        self.token = self.server.address.split("/")[3]
        self.thread = threading.Thread(target=self.server.serve_until_stopped, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()
        self.thread.join(5)
        assert not self.thread.is_alive()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self, data):
        """Send these bytes and return all that comes until the server closes."""
        with self.connect() as opened:
            opened.sendall(data.replace(b"TOKEN", self.token.encode()))
            return received(opened)

    def post(self, body=b"{}", path="/TOKEN/answer", method="POST", **changed):
        """Send a question; a header that is changed to None is left out, one that is a tuple stands there often."""
        headers = {
            "Host": f"127.0.0.1:{self.port}",
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        } | {name.replace("_", "-"): value for name, value in changed.items()}
        lines = [f"{method} {path} HTTP/1.1"]
        for name, value in headers.items():
            lines += [
                f"{name}: {v}" for v in (value if isinstance(value, tuple) else (value,)) if v is not None
            ]
        return self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def get(self, path="/TOKEN/", host=None, method="GET"):
        host = host or f"127.0.0.1:{self.port}"
        return self.send(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1"))

    def verify_alive(self):
        assert self.get().endswith(PAGE)
        assert answer_in(self.post(b'{"a":1}')) == {"asked": {"a": 1}}


def received(opened):
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := opened.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def status(reply):
    return int(reply.split(b" ", 2)[1]) if reply else None


def body_of(reply):
    return reply.partition(b"\r\n\r\n")[2]


def answer_in(reply):
    assert status(reply) == 200, reply
    return json.loads(body_of(reply))


def question(lab, body):
    return (
        f"POST /{lab.token}/answer HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\nOrigin: http://127.0.0.1:{lab.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def in_threads(count, action):
    results = [None] * count

    def act(number):
        results[number] = action(number)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def raising(error):
    def answer(_):
        raise error

    return answer


def wait_until(is_true, seconds=5):
    """Wait for what another thread must bring about."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def count_open(lab, is_answering=False):
    """How many connections the server holds, or how many of them wait for the model."""
    opened = lab.server._connections._open
    return sum(each.closable_from == float("inf") for each in opened) if is_answering else len(opened)
