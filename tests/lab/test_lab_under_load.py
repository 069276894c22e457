"""The lab's server with a busy model, slow clients, many clients, and clients that leave."""

import contextlib
import gc
import json
import re
import socket
import threading
import time

import pytest
from lab_clients import (
    PAGE,
    PATIENT,
    Lab,
    answer_in,
    body_of,
    count_open,
    in_threads,
    question,
    raising,
    received,
    status,
    wait_until,
)

from app.lab.serving.server import Limits


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


def test_a_question_that_the_model_refuses(start):
    lab = start(raising(ValueError("The image has 3 numbers;\nthe network takes 784.")))
    reply = lab.post()
    assert status(reply) == 400
    assert body_of(reply) == b"The image has 3 numbers; the network takes 784.\n"
    assert lab.lines == ["refused: 400, The image has 3 numbers; the network takes 784.: POST /…/answer"]


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("secret\x1b[31m\nsecond"),
        KeyError("secret"),
        MemoryError("secret"),
        SystemExit("secret"),
    ],
)
def test_a_model_that_fails_is_told_of_in_one_line(start, error):
    lab = start(raising(error))
    for _ in range(3):
        reply = lab.post()
        assert status(reply) == 500
        assert not re.search(rb"secret|Traceback|Error:", body_of(reply))
    assert len(lab.lines) == 3
    assert type(error).__name__ in lab.lines[0]
    assert "\x1b" not in lab.lines[0]
    assert "second" not in lab.lines[0]
    assert lab.get().endswith(PAGE)


@pytest.mark.parametrize("answer", [{"a": float("nan")}, {"a": object()}, {"a": b""}])
def test_an_answer_that_is_no_json_is_the_models_fault(start, answer):
    lab = start(lambda _: answer)
    assert status(lab.post()) == 500
    assert "the answer failed" in lab.lines[0]


def test_questions_are_answered_one_at_a_time_in_one_thread(start):
    inside, seen = [], []

    def answer(question):
        inside.append(1)
        seen.append((len(inside), threading.get_ident()))
        time.sleep(0.005)
        inside.pop()
        return question

    lab = start(answer, limits=Limits())
    replies = in_threads(20, lambda number: lab.post(json.dumps({"n": number}).encode()))
    assert [answer_in(reply)["n"] for reply in replies] == list(range(20))
    assert {together for together, _ in seen} == {1}
    assert len({thread for _, thread in seen}) == 1


def test_a_model_that_is_busy_sends_others_away_in_time(start):
    go_on, begun = threading.Event(), threading.Event()

    def answer(question):
        begun.set()
        go_on.wait(10)
        return question

    lab = start(answer)
    first = threading.Thread(target=lab.post)
    first.start()
    begun.wait(5)
    began = time.monotonic()
    reply = lab.post()
    assert 0.25 < time.monotonic() - began < 5
    assert status(reply) == 503
    assert b"\r\nRetry-After: 1\r\n" in reply
    replies = in_threads(20, lambda _: lab.post())  # 16 may wait
    assert {status(reply) for reply in replies} == {503}
    assert any(b"Too many questions" in reply for reply in replies)
    assert lab.get().endswith(PAGE)
    go_on.set()
    first.join(5)
    assert status(lab.post()) == 200


def test_a_model_that_does_not_come_back_keeps_its_turn(start):
    go_on = threading.Event()
    lab = start(lambda q: {"done": go_on.wait(10)}, limits=Limits(answer_seconds=0.2, wait_seconds=0.2))
    assert b"takes too long" in lab.post()
    assert b"busy with other questions" in lab.post()
    go_on.set()
    assert status(lab.post()) == 200


def test_who_has_hung_up_while_waiting_is_not_answered(start):
    asked, go_on, begun = [], threading.Event(), threading.Event()

    def answer(question):
        asked.append(question["n"])
        begun.set()
        go_on.wait(10)
        return question

    lab = start(answer, limits=Limits())
    first = threading.Thread(target=lab.post, args=(b'{"n":0}',))
    first.start()
    begun.wait(5)
    for number in (1, 2):
        with lab.connect() as opened:
            opened.sendall(question(lab, b'{"n":%d}' % number))
            wait_until(lambda wanted=number: count_open(lab, is_answering=True) == 1 + wanted)
    time.sleep(0.1)
    last = threading.Thread(target=lab.post, args=(b'{"n":3}',))
    last.start()
    go_on.set()
    first.join(5)
    last.join(5)
    assert asked == [0, 3]
    assert not lab.lines


def drip(lab, data, every=0.1):
    """Send a byte every tenth of a second; return how long the server bore it, and what it said."""
    began = time.monotonic()
    with lab.connect() as opened:
        opened.settimeout(every)
        said = b""
        for byte in data:
            try:
                opened.sendall(bytes([byte]))
                said += (part := opened.recv(1000))
                if not part:
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        return time.monotonic() - began, said


def test_slow_heads_and_bodies_have_a_time_in_all(lab):
    head = b"GET /" + b"a" * 100
    body = question(lab, b"{}" + b" " * 100)[:-100]
    with lab.connect() as opened:
        began = time.monotonic()
        opened.sendall(body)
        assert status(received(opened)) == 408
        assert 0.4 < time.monotonic() - began < 4
    seconds, said = drip(lab, head)
    assert 0.4 < seconds < 4
    assert status(said) == 408
    assert len(lab.lines) == 2


def test_a_slow_body_has_the_same_time(lab):
    with lab.connect() as opened:
        opened.sendall(question(lab, b"{}" + b" " * 100)[:-100])
        began = time.monotonic()
        opened.settimeout(0.1)
        said = b""
        while not said and time.monotonic() - began < 5:
            with contextlib.suppress(TimeoutError):
                opened.sendall(b" ")
                said = opened.recv(1000)
        assert 0.4 < time.monotonic() - began < 4
        assert status(said) == 408


def test_a_connection_that_says_nothing_is_closed_without_a_word(lab):
    with lab.connect() as opened:
        began = time.monotonic()
        assert received(opened) == b""
        assert 0.4 < time.monotonic() - began < 4
    assert not lab.lines


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\n", "body"])
def test_forty_slow_clients_do_not_keep_out_a_good_one(start, begin):
    lab = start(limits=Limits(connections=32, read_seconds=30))
    begin = question(lab, b"{}" * 50)[:-50] if begin == "body" else begin
    slow = [lab.connect() for _ in range(40)]
    for each in slow:
        with contextlib.suppress(ConnectionError):
            each.sendall(begin)
    began = time.monotonic()
    for _ in range(5):
        lab.verify_alive()
    assert time.monotonic() - began < 10  # a slow one may take 30
    assert count_open(lab) <= 32
    for each in slow:
        each.close()


def count_reading(lab):
    """How many may be closed at once."""
    return sum(each.closable_from <= time.monotonic() for each in lab.server._connections._open)


def test_those_who_do_not_read_the_page_do_not_keep_out_a_good_one(start):
    lab = start(limits=Limits(connections=8, read_seconds=1.0), page=b"a" * 20_000_000)
    slow = [lab.connect() for _ in range(8)]
    for each in slow:
        each.sendall(f"GET /{lab.token}/ HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode())
    wait_until(lambda: count_open(lab) == 8 and count_reading(lab) == 0)
    assert status(lab.post()) in (503, None)  # for a moment
    wait_until(lambda: status(lab.post()) == 200)
    for each in slow:
        each.close()


def test_those_who_are_being_answered_are_never_closed(start):
    go_on = threading.Event()
    lab = start(lambda q: {"done": go_on.wait(10)}, limits=Limits(connections=2))
    opened = lab.connect()
    opened.sendall(question(lab, b"{}"))
    wait_until(lambda: count_open(lab, is_answering=True) == 1)
    for _ in range(5):
        assert lab.get().endswith(PAGE)
    go_on.set()
    assert answer_in(received(opened)) == {"done": True}
    opened.close()


def test_the_slowest_is_closed_first(start):
    go_on = threading.Event()
    lab = start(lambda q: {"done": go_on.wait(10)}, limits=Limits(connections=3, read_seconds=30))
    answered, first, second = opened = [lab.connect() for _ in range(3)]
    answered.sendall(question(lab, b"{}"))
    first.sendall(b"G")
    second.sendall(b"G")
    wait_until(lambda: count_open(lab) == 3 and count_open(lab, is_answering=True) == 1)
    assert lab.get().endswith(PAGE)
    assert received(first) == b""
    second.sendall(f"ET /{lab.token}/ HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode())
    assert received(second).endswith(PAGE)
    go_on.set()
    assert answer_in(received(answered)) == {"done": True}
    for each in opened:
        each.close()


def test_who_has_a_reply_and_stays_is_closed(start):
    lab = start()
    with lab.connect() as opened:
        opened.sendall(question(lab, b"{}"))
        assert status(received(opened)) == 200
        wait_until(lambda: count_open(lab) == 0)


def test_too_many_are_told_so(start):
    go_on = threading.Event()
    lab = start(lambda q: {"done": go_on.wait(10)}, limits=Limits(connections=2))
    opened = [lab.connect() for _ in range(2)]
    for each in opened:
        each.sendall(question(lab, b"{}"))
    wait_until(lambda: count_open(lab, is_answering=True) == 2)
    with lab.connect() as more:
        assert b"503 Service Unavailable" in received(more)
    go_on.set()
    replies = [status(received(each)) for each in opened]
    assert replies == [200, 200]
    for each in opened:
        each.close()


def test_those_who_leave_are_no_news(start, capfd):
    lab = start()
    for data in (b"", b"GET", question(lab, b"{}"), question(lab, b"{}")[:-1]):
        for linger in (b"\x01\0\0\0\0\0\0\0", None) * 2:  # close with a reset, or as usual
            opened = lab.connect()
            opened.sendall(data)
            if linger:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            opened.close()
    lab.verify_alive()
    wait_until(lambda: count_open(lab) == 0)
    gc.collect()  # errors that nobody looked at are told of now
    assert not [line for line in lab.lines if "in the server" in line]
    assert capfd.readouterr() == ("", "")


def test_a_page_that_is_not_wanted_to_its_end_is_no_news(start, capfd):
    lab = start(page=b"a" * 20_000_000)
    for _ in range(3):
        with lab.connect() as opened:
            opened.sendall(f"GET /{lab.token}/ HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode())
            opened.recv(1000)
    assert status(lab.post()) == 200
    assert not lab.lines
    assert capfd.readouterr() == ("", "")
