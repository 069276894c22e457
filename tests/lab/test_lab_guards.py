"""What the lab's server refuses: other hosts, pages, paths, methods, and what is no request."""

import contextlib
import socket

import pytest
from lab_clients import PAGE, PATIENT, Lab, body_of, received, status


@pytest.fixture
def start():
    """Start servers, which end with the test."""
    with contextlib.ExitStack() as ending:
        yield lambda *arguments, **options: ending.enter_context(Lab(*arguments, **options))


@pytest.fixture(scope="module")
def shared():
    """One server for all: it must outlive them."""
    with Lab(limits=PATIENT) as lab:
        yield lab


@pytest.fixture
def lab(shared):
    """The shared server; after the test it still answers, and has logged one line at most for each request."""
    shared.lines.clear()
    yield shared
    assert all("\n" not in line and line.isprintable() for line in shared.lines)
    shared.verify_alive()


HOSTS = ["127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT", "[::1]:PORT"]
OTHER_HOSTS = [
    "evil.example:PORT",
    "evil.example",
    "127.0.0.1",
    "127.0.0.1:1",
    "localhost",
    "localhost.:PORT",
    "localhost.evil.example:PORT",
    "127.0.0.1.nip.io:PORT",
    "127.0.0.1:PORT:PORT",
    "evil@127.0.0.1:PORT",
    "127.0.0.1:PORT@evil",
    "127.1:PORT",
    "0.0.0.0:PORT",
    "2130706433:PORT",
    "::1:PORT",
    "[::1%25lo]:PORT",
    "127.0.0.1:0PORT",
    "127.0.0.1:",
    ":PORT",
    "localhost:PORT, evil.example",
    "",
]


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_that_are_this_computer(lab, host):
    host = host.replace("PORT", str(lab.port))
    assert status(lab.get(host=host)) == 200
    assert status(lab.post(Host=host, Origin=f"http://{host}")) == 200


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_other_hosts_are_refused(lab, host):
    host = host.replace("PORT", str(lab.port))
    assert status(lab.post(Host=host, Origin=f"http://{host}")) == 421
    assert len(lab.lines) == 1


def test_a_host_must_be_there_once(lab):
    assert status(lab.post(Host=None)) == 400
    assert status(lab.post(Host=(f"127.0.0.1:{lab.port}",) * 2)) == 400


def test_a_server_for_every_address_takes_the_one_that_was_called(start):
    lab = start(host="0.0.0.0")
    assert lab.server.address.startswith("http://127.0.0.1:")
    with socket.create_connection(("127.0.0.2", lab.port)) as opened:
        opened.sendall(f"GET /{lab.token}/ HTTP/1.1\r\nHost: 127.0.0.2:{lab.port}\r\n\r\n".encode())
        assert received(opened).endswith(PAGE)
    assert status(lab.get(host=f"127.0.0.2:{lab.port}")) == 421
    assert status(lab.get(host=f"evil.example:{lab.port}")) == 421


def test_a_host_that_was_told_is_taken(start, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr("app.lab.serving.listening.socket.getaddrinfo", lambda *_, **__: found)
    lab = start(host="Lab.school")
    monkeypatch.undo()
    assert lab.server.address.startswith("http://Lab.school:")
    for host, wanted in (("lab.school", 200), ("LAB.SCHOOL", 200), ("lab.school.evil", 421)):
        assert status(lab.get(host=f"{host}:{lab.port}")) == wanted
    lab.verify_alive()


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "http://evil.example",
        "https://127.0.0.1:PORT",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1:PORT/",
        "http://127.0.0.1:PORT.evil.example",
        "http://localhost:PORT",
        "file://",
    ],
)
def test_other_origins_are_refused(lab, origin):
    assert status(lab.post(Origin=origin and origin.replace("PORT", str(lab.port)))) == 403
    assert len(lab.lines) == 1


@pytest.mark.parametrize(
    ("site", "wanted"), [("same-origin", 200), ("cross-site", 403), ("same-site", 403), ("none", 403)]
)
def test_what_the_browser_says_of_the_asking_page(lab, site, wanted):
    assert status(lab.post(Sec_Fetch_Site=site)) == wanted


def test_an_origin_and_a_site_must_be_there_once(lab):
    ours = f"http://127.0.0.1:{lab.port}"
    assert status(lab.post(Origin=(ours, "http://evil.example"))) == 400
    assert status(lab.post(Sec_Fetch_Site=("same-origin", "cross-site"))) == 400


PATHS = [
    "/",
    "//",
    "/answer",
    "/TOKEN",
    "/TOKEN/x",
    "/TOKEN//",
    "//TOKEN/",
    "/TOKEN/./",
    "/./TOKEN/",
    "/TOKEN/../TOKEN/",
    "/TOKEN/../../../etc/passwd",
    "/TOKEN/..%2f..%2fetc%2fpasswd",
    "/TOKEN/%2e%2e/%2e%2e/etc/passwd",
    "/TOKEN/%252e%252e/",
    "/TOKEN/..\\..\\windows",
    "/TOKEN/%00",
    "/TOKEN/answer/",
    "/TOKEN/Answer",
    "/TOKEN/answer%00",
    "/TOKEN/;",
    "/%2fTOKEN/",
    "TOKEN/",
    "*",
    "http://127.0.0.1/TOKEN/",
    "http://evil.example/TOKEN/",
    "/TOKEN/#",
    "/wrong/",
    "/TOKENx/",
    "/" + "A" * 30_000,
    "/TOKEN/" + "../" * 5000,
]


@pytest.mark.parametrize("path", PATHS, ids=[path[:40] for path in PATHS])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_other_paths_are_nowhere(lab, path, method):
    reply = lab.post(path=path, method=method)
    assert status(reply) == 404
    assert b"Open the address that the lab printed" in reply
    assert len(lab.lines) == 1
    assert len(lab.lines[0]) <= 200
    assert lab.token not in lab.lines[0]


def test_a_token_that_is_nearly_right_is_wrong(lab):
    for wrong in (lab.token[:-1], lab.token[:-1] + "~", lab.token.swapcase(), ""):
        assert status(lab.get(f"/{wrong}/")) == 404
        assert status(lab.post(path=f"/{wrong}/answer")) == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "BREW"])
def test_other_methods_are_refused(lab, method):
    for path, allowed in (("/TOKEN/", b"GET, HEAD"), ("/TOKEN/answer", b"POST")):
        reply = lab.post(path=path, method=method)
        assert status(reply) == 405
        assert b"\r\nAllow: " + allowed + b"\r\n" in reply
        assert b"Access-Control" not in reply
    assert status(lab.get("/TOKEN/answer")) == 405
    assert status(lab.post(path="/TOKEN/")) == 405


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"get / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1 \r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\n\r\n", 400),
        (b"GET /\xc3\xa4 HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/11\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 40_000 + b"\r\n\r\n", 431),
        (b"A" * 200_000, 431),
    ],
)
def test_what_is_no_head_is_refused(lab, data, wanted):
    assert status(lab.send(data)) == wanted
    assert len(lab.lines) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"Blank : before",
        b"Colon",
        b": name",
        b" A: b",
        b"\tA: b",
        b"A: b\r\n folded",
        b"A: b\x00",
        b"A: b\x1b[31m",
        b"A: b\nB: c",
        b"A: b\rB: c",
        b"A\xff: b",
        b"A\x00: b",
        b"(A): b",
    ],
)
def test_a_line_that_is_no_header_is_refused(lab, line):
    """All else in the request is right."""
    host = b"Host: 127.0.0.1:%d" % lab.port
    assert status(lab.send(b"GET /TOKEN/ HTTP/1.1\r\n" + host + b"\r\nA-b: c\xe4\td\r\n\r\n")) == 200
    for lines in ((host, line), (line, host)):
        reply = lab.send(b"\r\n".join([b"GET /TOKEN/ HTTP/1.1", *lines, b"", b""]))
        assert status(reply) == 400
        assert b"A header of the request" in reply
    assert len(lab.lines) == 2


LENGTHS = [
    (None, 411),
    ("abc", 400),
    ("-1", 400),
    ("+2", 400),
    ("2.0", 400),
    ("0x2", 400),
    ("1_0", 400),
    ("2,2", 400),
    ("2 2", 400),
    ("\xb2", 400),
    ("", 400),
    (("2", "2"), 400),
    (("2", "3"), 400),
    ("2001", 413),
    ("9" * 30, 413),
    ("9" * 5000, 413),
]


@pytest.mark.parametrize(("length", "wanted"), LENGTHS, ids=[str(length)[:20] for length, _ in LENGTHS])
def test_lengths_that_are_none(lab, length, wanted):
    assert status(lab.post(Content_Length=length)) == wanted  # and not 408: none of them waits for a body
    assert len(lab.lines) == 1


def test_a_length_at_the_limit_is_taken(lab):
    assert status(lab.post(b'{"a":"' + b"b" * 1992 + b'"}')) == 200
    assert status(lab.post(b'{"a":"' + b"b" * 1993 + b'"}')) == 413


def test_a_body_that_is_far_too_long_still_gets_its_reply(lab):
    assert status(lab.post(b" " * 3_000_000)) == 413


@pytest.mark.parametrize("coding", ["chunked", "gzip, chunked", "identity", ""])
@pytest.mark.parametrize("length", ["2", None])
def test_a_body_in_pieces_is_refused(lab, coding, length):
    assert status(lab.post(Transfer_Encoding=coding, Content_Length=length)) == 400


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/jsonx",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "text/plain; application/json",
    ],
)
def test_other_kinds_of_body_are_refused(lab, kind):
    assert status(lab.post(Content_Type=kind)) == 415


def test_a_kind_must_be_there_once(lab):
    assert status(lab.post(Content_Type=("application/json", "application/json"))) == 400


TEXTS = {
    b"": "is no JSON",
    b"{": "is no JSON",
    b"{} {}": "is no JSON",
    b"{'a': 1}": "is no JSON",
    b'{"a": NaN}': "not finite (NaN)",
    b'{"a": [Infinity]}': "not finite (Infinity)",
    b'{"a": -Infinity}': "not finite (-Infinity)",
    b'{"a": 1e999}': "not finite (1e999)",
    b'{"a": -1e999}': "not finite (-1e999)",
    b'{"a": 1, "a": 2}': "some of them twice",
    b'{"a": {"b": 1, "\\u0062": 2}}': "some of them twice",
    b'{"a": ' + b"9" * 500 + b"}": "a number of 500 digits",
    b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}": "nested 71 levels deep",
    b'{"a": ' + b"[" * 950 + b"]" * 950 + b"}": "nested",
    b'{"a":' * 150 + b"1" + b"}" * 150: "nested 150 levels deep",
    b"[]": "no object",
    b"null": "no object",
    b'"a"': "no object",
    b'{"a": "\xff"}': "not in UTF-8",
    b'\xef\xbb\xbf{"a": 1}': "is no JSON",
    '{"a": 1}'.encode("utf-16"): "not in UTF-8",
    '{"a": 1}'.encode("utf-16-le"): "is no JSON",
    b'{"a": "\x01"}': "is no JSON",
}


@pytest.mark.parametrize("text", TEXTS, ids=[repr(text[:24]) for text in TEXTS])
def test_texts_that_are_no_question(lab, text):
    reply = lab.post(text)
    assert status(reply) == 400
    assert TEXTS[text] in body_of(reply).decode()
    assert len(lab.lines) == 1


def test_a_client_that_says_less_than_it_promised(lab):
    with lab.connect() as opened:
        head = f"POST /{lab.token}/answer HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n"
        head += f"Origin: http://127.0.0.1:{lab.port}\r\nContent-Type: application/json\r\n"
        opened.sendall(head.encode() + b"Content-Length: 9\r\n\r\n{}")
        opened.shutdown(socket.SHUT_WR)
        assert b"The body has 2 bytes, not 9." in received(opened)


def test_what_follows_a_request_is_not_read_as_one(lab):
    second = b"GET /TOKEN/ HTTP/1.1\r\nHost: evil\r\n\r\n"
    for more in (second, b"\x00\xff" * 1000, second * 200):
        reply = lab.post(b"{}" + more, Content_Length="2")
        assert status(reply) == 200
        assert reply.count(b"HTTP/1.1 ") == 1
    assert not lab.lines
