"""The roll call and the watch of workers that train together, as threads of one process."""

import json
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from conftest import ROOT
from two_workers import free_ports

from app.cluster import roll_call
from app.cluster import team as team_module
from app.cluster.links import Link, LostWorkerError
from app.cluster.roll_call import GREETING, call_roll
from app.cluster.team import Team, count_cards, fact_texts, taking_part
from app.cluster.tf_config import Cluster, Distribution

PATIENCE = 20.0


class InThreads:
    """Calls something for each of some workers at once; what it returns or raises is kept."""

    def __init__(self, action, count):
        self.found = {}
        self.threads = [
            threading.Thread(target=self._call, args=(action, i), daemon=True) for i in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def _call(self, action, index):
        try:
            self.found[index] = action(index)
        except BaseException as error:  # it is looked at by the test
            self.found[index] = error

    def wait(self):
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()
        return [self.found[index] for index in sorted(self.found)]


def clusters(count=2):
    addresses = tuple(f"127.0.0.1:{port}" for port in free_ports(count))
    return [Cluster(addresses, index) for index in range(count)]


@pytest.fixture
def teams(monkeypatch):
    """Three workers that have found each other."""
    monkeypatch.setattr(team_module, "BEAT", 0.1)
    monkeypatch.setattr(team_module, "GRACE", 60.0)  # the tests close them before
    all_three = clusters(3)
    links = InThreads(lambda i: call_roll(all_three[i], {"seed": "0"}, PATIENCE, print), 3).wait()
    made = [Team(cluster, each) for cluster, each in zip(all_three, links, strict=True)]
    for each in made:
        each.begin()
    yield made
    for each in made:
        each.close()


def test_all_come_whatever_their_order():
    three = clusters(3)

    def come(index):
        time.sleep(0.3 * (index == 0) + 0.1 * index)
        return call_roll(three[index], {"seed": "1"}, PATIENCE, print)

    chief, *others = InThreads(come, 3).wait()
    assert sorted(chief) == [1, 2]
    assert [list(links) for links in others] == [[0], [0]]
    for links in (chief, *others):
        for link in links.values():
            link.close()


def test_what_differs_is_told_to_all():
    three = clusters(3)
    facts = [{"seed": "0"}, {"seed": "0"}, {"seed": "7"}]
    errors = InThreads(lambda i: call_roll(three[i], facts[i], PATIENCE, print), 3).wait()
    said = (
        f"the workers do not fit together: {three[2].name(2)} has seed 7, and {three[0].name(0)} has seed 0"
    )
    assert [(type(error), str(error)) for error in errors] == [(ValueError, said)] * 3


def test_other_lists_of_workers_do_not_fit_together():
    one, other = clusters(2)
    longer = Cluster((*other.addresses, "127.0.0.1:9"), 1)
    errors = InThreads(lambda i: call_roll([one, longer][i], {}, PATIENCE, print), 2).wait()
    assert all("has workers 127.0.0.1" in str(error) for error in errors)


def test_who_is_missing_is_told_to_all():
    three, told = clusters(3), []
    errors = InThreads(lambda i: call_roll(three[i], {}, 2.5, told.append), 2).wait()
    assert {type(error) for error in errors} == {LostWorkerError}
    assert {str(error) for error in errors} == {
        f"{three[0].name(2)} has not come within 2 s; start all workers"
    }
    assert told == [f"Waiting for {three[0].name(2)} (at most 2 s) …"]


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\x00" * 50_000,
        b"[" * 60_000 + b"\n",
        b'{"a":' * 10_000 + b"\n",
        b"[]\n",
        b"null\n",
        b"",
        json.dumps({"kind": GREETING, "index": 9, "facts": {}}).encode() + b"\n",
        json.dumps({"kind": GREETING, "index": True, "facts": {}}).encode() + b"\n",
        json.dumps({"kind": GREETING, "index": 1, "facts": []}).encode() + b"\n",
    ],
    ids=range(10),
)
def test_strangers_at_the_port_disturb_nobody(noise):
    two = clusters()
    chief = InThreads(lambda _: call_roll(two[0], {}, PATIENCE, print), 1)
    time.sleep(0.2)
    with socket.create_connection(("127.0.0.1", two[0].address[1])) as stranger:
        stranger.sendall(noise)
        time.sleep(0.2)
        other = call_roll(two[1], {}, PATIENCE, print)
    (links,) = chief.wait()
    assert list(links) == [1]
    other[0].close()
    links[1].close()


def greet(cluster, index):
    """Come to the chief as a worker does that goes no further."""
    link = Link(socket.create_connection(("127.0.0.1", cluster.address[1])))
    link.send(kind=GREETING, index=index, facts={"workers": ", ".join(cluster.addresses)})
    assert link.receive()[0]["kind"] == "waiting"
    return link


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(roll_call, "SILENCE", 1.0)


def test_a_worker_that_leaves_the_roll_call_is_missed_before_those_that_never_came(impatient):
    three = clusters(3)
    chief = InThreads(lambda _: call_roll(three[0], {}, PATIENCE, print), 1)
    time.sleep(0.2)
    greet(three[0], 2).close()
    begun = time.monotonic()
    (error,) = chief.wait()
    assert isinstance(error, LostWorkerError)
    assert str(error) == f"{three[0].name(2)} had come, and has been gone for 1 s; start all again"
    assert time.monotonic() - begun < PATIENCE / 2


def test_a_worker_that_was_started_again_is_not_missed(monkeypatch):
    monkeypatch.setattr(roll_call, "SILENCE", 3.0)
    three = clusters(3)
    chief = InThreads(lambda _: call_roll(three[0], {}, PATIENCE, print), 1)
    time.sleep(0.2)
    greet(three[0], 1).close()
    others = InThreads(lambda i: call_roll(three[1], {}, PATIENCE, print), 1)
    time.sleep(4)
    last = call_roll(three[2], {}, PATIENCE, print)
    (links,), (back,) = chief.wait(), others.wait()
    assert sorted(links) == [1, 2]
    for link in (*links.values(), *back.values(), *last.values()):
        link.close()


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_chief_that_leaves_the_roll_call_is_missed(impatient, is_stopped):
    """One that was stopped keeps its port: the system lets others connect, and nobody answers."""
    two = clusters()
    with socket.create_server(("127.0.0.1", two[0].address[1])) as listener:
        worker = InThreads(lambda _: call_roll(two[1], {}, PATIENCE, print), 1)
        connection = Link(listener.accept()[0])
        connection.receive()
        connection.send(kind="waiting")
        if not is_stopped:
            connection.close()
            listener.close()
        begun = time.monotonic()
        (error,) = worker.wait()
    assert isinstance(error, LostWorkerError)
    assert str(error) == f"{two[1].name(0)} had come, and has been gone for 1 s; start all again"
    assert time.monotonic() - begun < PATIENCE / 2


def test_signs_of_life_keep_a_roll_call_going(impatient, monkeypatch):
    """Nobody goes and comes again meanwhile: each worker greets once."""
    greeted, take = [], roll_call._Roll._take
    monkeypatch.setattr(roll_call, "BEAT", 0.1)
    monkeypatch.setattr(
        roll_call._Roll, "_take", lambda *given: (greeted.append(given[2]["index"]), take(*given))
    )
    three = clusters(3)
    first = InThreads(lambda i: call_roll(three[i], {}, PATIENCE, print), 2)
    time.sleep(3)
    last = call_roll(three[2], {}, PATIENCE, print)
    for links in (*first.wait(), last):
        for link in links.values():
            link.close()
    assert greeted == [1, 2]


def test_an_interrupted_chief_is_lost_and_no_mistake_of_the_others():
    def interrupt(_):
        raise KeyboardInterrupt

    three = clusters(3)
    both = InThreads(lambda i: call_roll(three[i], {}, PATIENCE, print if i else interrupt), 2)
    chief, error = both.wait()
    assert isinstance(chief, KeyboardInterrupt)
    assert isinstance(error, LostWorkerError)
    assert str(error) == f"{three[1].name(0)} was interrupted; start all again"


def until(condition):
    """Wait until something is so."""
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it did not come to that")


def test_the_end_of_a_worker_is_told_to_the_others(teams):
    aborted = threading.Event()
    teams[2].abort = lambda _: aborted.set()
    teams[2].keep(3)
    teams[0].keep(1)
    teams[1].links[0].connection.shutdown(socket.SHUT_RDWR)  # as the end of its process does
    gone = f"{teams[0].cluster.name(1)} is gone (its process has ended)"
    until(lambda: teams[0].lost and teams[2].lost)
    assert teams[0].lost == f"{gone}; epoch 1 is kept: start all again to go on"
    assert teams[2].lost == f"{gone}; epochs 1 to 3 are kept: start all again to go on"
    assert aborted.wait(5)


def test_the_end_of_the_chief_is_seen_by_all(teams):
    teams[0].close()
    until(lambda: teams[1].lost and teams[2].lost)
    for team in teams[1:]:
        assert team.lost == (
            f"{team.cluster.name(0)} is gone (its process has ended); no epoch is finished: start all again"
        )


def test_who_falls_silent_is_given_up(teams, monkeypatch):
    """As a machine that is stopped, or cut off from the network, without an end of the connection."""
    monkeypatch.setattr(team_module, "SILENCE", 1.0)
    monkeypatch.setattr(teams[1], "_send_all", lambda **_: None)
    until(lambda: teams[0].lost and teams[2].lost)
    assert teams[2].lost.startswith(f"{teams[0].cluster.name(1)} is gone (it has not answered for 1 s); ")


def test_signs_of_life_keep_all_going(teams, monkeypatch):
    monkeypatch.setattr(team_module, "SILENCE", 1.0)
    time.sleep(2)
    assert not any(team.lost for team in teams)


def test_why_a_worker_stops_is_told(teams):
    teams[1].stop("picture 7.png can no longer be read")
    until(lambda: teams[0].lost and teams[2].lost)
    for team in (teams[0], teams[2]):
        assert team.lost.startswith(
            f"{team.cluster.name(1)} has stopped: picture 7.png can no longer be read; "
        )


def test_the_chief_hands_out_what_came_out(teams):
    result = {"confusion": [[1] * 200] * 200}
    ends = InThreads(lambda i: teams[i].finish(result if i == 0 else None), 3).wait()
    assert ends == [result] * 3
    for team in teams:
        team.close()
    assert not any(team.lost for team in teams)


def test_who_is_done_is_not_missed(teams):
    teams[0].rest()
    teams[1].close()
    time.sleep(0.5)
    assert not teams[0].lost


def test_a_chief_that_ends_before_it_has_written_is_missed(teams):
    waiting = InThreads(lambda _: teams[1].finish(), 1)
    time.sleep(0.2)
    teams[0].stop("no space left on device")
    (error,) = waiting.wait()
    assert isinstance(error, LostWorkerError)
    assert "has stopped: no space left on device" in str(error)


def test_an_error_of_tensorflow_waits_for_its_reason(monkeypatch):
    """TensorFlow may notice first that a worker is gone; the line says who."""

    class UnavailableError(Exception):
        pass

    UnavailableError.__module__ = "tensorflow.python.framework.errors_impl"
    monkeypatch.setattr(team_module, "GRACE", 60.0)
    two = clusters()

    def take_part(index):
        with taking_part(Distribution("multiworker", two[index], PATIENCE), dict, print) as team:
            if index:
                time.sleep(0.5)
                team.links[0].connection.shutdown(socket.SHUT_RDWR)
                team.stop("")
                raise KeyError(index)
            raise UnavailableError("failed to connect to all addresses; a long story")

    ends = InThreads(take_part, 2).wait()
    assert isinstance(ends[0], LostWorkerError)
    assert str(ends[0]).startswith(f"{two[0].name(1)} is gone")
    assert isinstance(ends[1], KeyError)


def test_other_errors_are_not_held_back():
    two = clusters()
    ends = InThreads(lambda i: _fail(Distribution("multiworker", two[i], PATIENCE)), 2).wait()
    assert [type(end) for end in ends] == [ArithmeticError] * 2


def _fail(distribution):
    with taking_part(distribution, dict, print):
        raise ArithmeticError("the loss became nan")


def test_alone_a_name_that_is_not_known_is_refused_too():
    cluster = Cluster(("no-such-host.invalid:2222",), 0)
    with (
        pytest.raises(ValueError, match=r"the name no-such-host\.invalid of worker 0"),
        taking_part(Distribution("multiworker", cluster), dict, print),
    ):
        pass


def test_alone_there_is_no_team():
    with taking_part(None, dict, print) as team:
        assert team is None
        assert Team.current is None
    one = Distribution("multiworker", Cluster(("127.0.0.1:1",), 0))
    with taking_part(one, dict, print) as team:
        assert team is None
        assert Team.current is one
    assert Team.current is None


def test_facts_are_told_in_words():
    assert fact_texts({"learning_rate": 0.5, "augment": None}) == {
        "learning rate": "0.5",
        "augment": "as usual",
    }


@pytest.mark.parametrize(("chosen", "count"), [("", "0"), ("-1", "0")])
def test_hidden_graphics_cards_do_not_count(monkeypatch, chosen, count):
    monkeypatch.setitem(os.environ, "CUDA_VISIBLE_DEVICES", chosen)
    assert count_cards() == {"graphics cards": count}


def test_all_wait_for_the_last_one(teams):
    begun = time.monotonic()

    def come(index):
        time.sleep(0.5 * (index == 1))
        teams[index].wait_for_all()
        return time.monotonic() - begun

    assert min(InThreads(come, 3).wait()) > 0.4


def test_nobody_waits_for_a_worker_that_is_gone(teams):
    waiting = InThreads(lambda i: teams[(0, 2)[i]].wait_for_all(), 2)
    time.sleep(0.2)
    teams[1].close()
    ends = waiting.wait()
    assert [type(end) for end in ends] == [LostWorkerError] * 2
    assert all(str(end).startswith(teams[0].cluster.name(1)) for end in ends)


LATE = """
import sys, time
from app.cluster import team
from app.cluster.tf_config import Cluster
team.CONNECTING = 2
with team.Team(Cluster(("a:1", "b:1"), 0), {}).connecting():
    if sys.argv[1:]:
        import ctypes
        ctypes.PyDLL(None).sleep(60)  # with Python's lock held, as TensorFlow does
"""


def test_a_connection_that_takes_too_long_ends_the_process_in_a_line():
    run = [sys.executable, "-c", LATE]
    done = subprocess.run([*run, "late"], cwd=ROOT, capture_output=True, text=True, timeout=30)
    words = "not all workers could be connected within 2 s; no epoch is finished: start all again"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {words}\n")
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
