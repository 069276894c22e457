"""What the lab's server answers, its log, its port and its end."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from conftest import ROOT, refusal
from lab_clients import PAGE, PATIENT, POLICY, Lab, answer_in, question, raising, received, status

from app.lab.serving.server import LabServer, LabSite, Limits


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


def test_the_page_and_its_headers(lab):
    reply = lab.get()
    head, _, body = reply.partition(b"\r\n\r\n")
    assert body == PAGE
    first, *lines = head.decode().split("\r\n")
    assert first == "HTTP/1.1 200 OK"
    assert dict(line.split(": ", 1) for line in lines) == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(PAGE)),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    assert not lab.lines


def test_every_reply_has_the_headers_and_no_version(lab):
    wanted = set(re.findall(rb"\r\n([\w-]+):", lab.get()))
    for reply in (lab.post(), lab.post(b"{"), lab.get("/"), lab.get(host="x"), lab.send(b"\x16\x03\x01")):
        assert wanted <= set(re.findall(rb"\r\n([\w-]+):", reply)), reply
        assert not re.search(rb"server:|python|traceback", reply, re.I)


def test_head_has_the_headers_of_the_page_alone(lab):
    reply = lab.get(method="HEAD")
    assert reply == lab.get().removesuffix(PAGE)
    assert lab.get("/nowhere", method="HEAD").endswith(b"\r\n\r\n")


def test_the_page_takes_a_query_and_a_question_takes_none(lab):
    assert lab.get("/TOKEN/?lang=zh").endswith(PAGE)
    assert status(lab.post(path="/TOKEN/answer?a=1")) == 404


def test_a_question_is_answered_whatever_its_pieces(lab):
    body = '{"name":"猫","image":[0.5,1e-3,7]}'.encode()
    assert answer_in(lab.post(body)) == {"asked": {"name": "猫", "image": [0.5, 0.001, 7]}}
    head = (
        f"POST /TOKEN/answer HTTP/1.1\r\nhOST:localhost:{lab.port}\r\nORIGIN: http://localhost:{lab.port}\r\n"
    )
    head += f"content-type: application/json ; charset=UTF-8\r\ncontent-length:\t{len(body)} \r\n\r\n"
    with lab.connect() as opened:
        for byte in head.replace("TOKEN", lab.token).encode() + body:
            opened.sendall(bytes([byte]))
        assert status(received(opened)) == 200


def test_a_client_that_asks_whether_to_go_on_is_told_so(lab):
    reply = lab.post(b"{}", Expect="100-continue")
    assert reply.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert status(lab.post(b"{}", Expect="gifts")) == 417


def test_an_address_is_new_each_time_and_long(start):
    one, other = start(), start()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{22}/", one.server.address)
    assert one.token != other.token


def test_the_log_is_short_whatever_comes(start):
    lab = start(limits=Limits(log_lines=5))
    for _ in range(30):
        lab.get("/nowhere")
    assert len(lab.lines) == 5
    assert lab.lines[0].startswith("refused: 404, There is nothing here.")
    assert lab.lines[0].endswith(": GET /nowhere")
    assert lab.lines[-1].endswith("(for up to a minute, others are not shown)")


def test_the_log_goes_on_a_minute_later(start, monkeypatch):
    monkeypatch.setattr("app.lab.serving.refusal_log.MINUTE", 0.3)
    lab = start(limits=Limits(log_lines=2))
    for _ in range(4):
        lab.get("/nowhere")
    time.sleep(0.35)
    lab.get("/later")
    assert [line.count("/later") for line in lab.lines] == [0, 0, 1]


def test_controls_in_a_request_do_not_steer_the_terminal(lab):
    assert status(lab.post(Origin="http://a\x9b31m\x85b")) == 403
    assert "\\x9b31m\\x85b" in lab.lines[0]


def test_what_browsers_ask_for_by_themselves_is_not_worth_a_line(lab):
    assert status(lab.get("/favicon.ico")) == 404
    assert not lab.lines


def test_a_log_that_is_closed_is_no_reason_to_fail(start):
    lab = start()
    lab.server._log._write = raising(BrokenPipeError())
    assert status(lab.get("/nowhere")) == 404
    lab.verify_alive()


def test_two_servers_side_by_side(start):
    one, other = start(lambda q: {"n": 1}), start(lambda q: {"n": 2})
    assert answer_in(one.post()) == {"n": 1}
    assert answer_in(other.post()) == {"n": 2}
    assert status(one.get(f"/{other.token}/")) == 404
    assert status(one.post(Origin=f"http://127.0.0.1:{other.port}")) == 403


def test_a_taken_port_is_left_to_its_owner():
    site = LabSite(PAGE, POLICY, dict)
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        with LabServer(site, port=port) as server:
            assert server.moved_from == port
            assert port < server.port <= 65535
            assert f":{server.port}/" in server.address
    with LabServer(site, port=port) as server:
        assert (server.port, server.moved_from) == (port, None)
        with LabServer(site, port=port) as second:
            assert second.moved_from == port
    with LabServer(site, port=0) as server:
        assert server.moved_from is None


def test_the_last_port_has_no_next():
    with (
        LabServer(LabSite(PAGE, POLICY, dict), port=65535),
        LabServer(LabSite(PAGE, POLICY, dict), port=65535) as second,
    ):
        assert second.port < 65535
        assert second.moved_from == 65535


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"port": 70000}, "a port is a number from 0 to 65535, not 70000"),
        ({"port": -1}, "not -1"),
        ({"host": "203.0.113.7"}, "this computer has no address '203.0.113.7'; use 127.0.0.1"),
        ({"host": "no.such.host.invalid"}, "no address 'no.such.host.invalid'"),
        ({"host": "a" * 70}, "no address"),
    ],
)
def test_places_where_nobody_can_listen(options, words):
    assert words in refusal(LabServer, LabSite(PAGE, POLICY, dict), **options)


def test_a_policy_is_one_line():
    for policy in ("", "a\r\nSet-Cookie: b", "ä"):
        assert "one line of ASCII" in refusal(LabSite, PAGE, policy, dict)


def test_closing_ends_all_and_frees_the_port():
    lab = Lab(limits=Limits())
    waiting = [lab.connect() for _ in range(3)]
    lab.verify_alive()
    began = time.monotonic()
    lab.server.close()
    lab.server.close()
    lab.thread.join(5)
    assert not lab.thread.is_alive()
    assert time.monotonic() - began < 5
    assert [received(each) for each in waiting] == [b""] * 3
    with socket.create_server(("127.0.0.1", lab.port)):
        pass
    for each in waiting:
        each.close()


def test_a_server_that_is_closed_before_it_serves_ends_at_once():
    server = LabServer(LabSite(PAGE, POLICY, dict), port=0)
    server.close()
    server.serve_until_stopped()


def test_closing_does_not_wait_for_the_model():
    go_on, begun = threading.Event(), threading.Event()
    lab = Lab(lambda q: {"done": begun.set() or go_on.wait(10)})
    with lab.connect() as opened:
        opened.sendall(question(lab, b"{}"))
        begun.wait(5)
        began = time.monotonic()
        lab.server.close()
        assert time.monotonic() - began < 5
    go_on.set()


PROGRAM = """
import time, threading
import click
from app.commands.door import Door
from app.lab.serving.server import LabServer, LabSite

@click.command(cls=Door)
def main():
    site = LabSite(b"page", "default-src 'none'", lambda question: time.sleep(60) or {})
    with LabServer(site, port=0, log=click.echo) as server:
        click.echo(server.address)
        server.serve_until_stopped()

if __name__ == "__main__":
    HOOK
    main()
"""


@pytest.mark.parametrize("hook", ["pass", "from app.commands.quiet import end_quietly; end_quietly()"])
@pytest.mark.parametrize("load", ["idle", "answering", "slow"])
def test_ctrl_c_ends_it_in_one_line(tmp_path, hook, load):
    program = tmp_path / "lab.py"
    program.write_text(PROGRAM.replace("HOOK", hook), "utf-8")
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        [sys.executable, program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    address = process.stdout.readline().strip()
    _, _, place, token, _ = address.split("/")
    port = int(place.rpartition(":")[2])
    opened = socket.create_connection(("127.0.0.1", port))
    head = f"POST /{token}/answer HTTP/1.1\r\nHost: {place}\r\nOrigin: http://{place}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{"
    if load != "idle":
        opened.sendall(head.encode() + (b"}" if load == "answering" else b""))
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - began < 8
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "Error: interrupted")
    with socket.create_server(("127.0.0.1", port)):
        pass
    opened.close()
