"""TF_CONFIG: what is read from it, and what is refused before TensorFlow is loaded."""

import json
import socket

import pytest

from app.cluster.tf_config import Cluster, find_distribution, find_hosts, read_cluster, verify_own_port

TWO = ["a:2222", "b:2222"]


def config(workers=TWO, kind="worker", index=0, **others):
    return json.dumps(
        {
            "cluster": {"worker": workers, **others},
            "task": {"type": kind, "index": index},
            "environment": "cloud",
        }
    )


def test_workers_stand_in_their_order():
    assert read_cluster(config(index=1)) == Cluster(("a:2222", "b:2222"), 1)


def test_a_chief_is_the_first():
    """As Kubernetes' TFJob writes it, with an evaluator that is passed over."""
    written = config(chief=["c:2222"], evaluator=["e:2222"], ps=[], index=1)
    cluster = read_cluster(written)
    assert cluster == Cluster(("c:2222", "a:2222", "b:2222"), 2, has_chief=True)
    assert [cluster.name(i) for i in range(3)] == [
        "chief 0 at c:2222",
        "worker 0 at a:2222",
        "worker 1 at b:2222",
    ]
    assert read_cluster(config(chief=["c:2222"], kind="chief")).is_chief
    assert not read_cluster(config(chief=["c:2222"], index=0)).is_chief


@pytest.mark.parametrize("pair", [("localhost:2222", "127.0.0.1:2222"), ("[::1]:22", "[0:0:0:0:0:0:0:1]:22")])
def test_two_spellings_of_one_place(pair):
    with pytest.raises(ValueError, match="are the same place; each worker") as refusal:
        find_hosts(Cluster(pair, 0), 1.0, print)
    assert str(refusal.value).startswith(" and ".join(pair))
    find_hosts(Cluster(("localhost:2222", "127.0.0.1:2223"), 0), 1.0, print)


def test_an_address_of_ipv6():
    assert read_cluster(config(["[::1]:1", "[fe80::2]:65535"])).address == ("::1", 1)


BAD = {
    "": "TF_CONFIG, which is not set",
    "  ": "TF_CONFIG, which is not set",
    "{": "TF_CONFIG is no JSON",
    "[1]": "TF_CONFIG is a list, not an object",
    '"text"': "TF_CONFIG is a text, not an object",
    "[" * 100_000: "TF_CONFIG is nested too deep",
    "{}": "lacks 'cluster'",
    '{"cluster": {"worker": ["a:1"]}}': "lacks 'task'",
    '{"cluster": [], "task": {}}': "'cluster' in TF_CONFIG is a list",
    '{"cluster": {"worker": ["a:1"]}, "task": 3}': "'task' in TF_CONFIG is a number",
    '{"cluster": {"worker": ["a:1"]}, "task": {"index": 0}}': "lacks 'type'",
    '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker"}}': "lacks 'index'",
    config(index=2): "worker 2, and 'cluster' names 2 workers, counted from 0 to 1",
    config(index=-1): "worker -1",
    config(index="0"): "the index '0'",
    config(index=0.0): "the index 0.0",
    config(index=True): "the index True",
    config(index=None): "the index None",
    config(kind="chief"): "chief 0, and 'cluster' names no chiefs",
    config(kind="ps"): "the type 'ps', which has nothing to do here",
    config(kind="evaluator"): "the type 'evaluator'",
    config(kind="boss"): "the type 'boss'; there are chief and worker",
    config(kind=["worker"]): "there are chief and worker",
    config(ps=["p:1"]): "parameter servers (ps)",
    config(chief=["c:1", "d:1"]): "names 2 chiefs",
    config([]): "names no worker",
    config("a:1"): "without a list of addresses",
    config([1]): "without a list of addresses",
    config(["a:1", "a:1"]): "names a:1 twice",
    config(["host:1", "HOST:1"]): "names HOST:1 twice",
    config(["c:1", "a:1"], chief=["c:1"]): "names c:1 twice",
    '{"cluster": {}, "cluster": {}}': "has an object of 2 names, some of them twice",
    config(["[:::::]:1"]): "names no host",
    config(["[::1]]:1"]): "names no host",
    config(["[[::1]]:1"]): "names no host",
    config(["[::1:1"]): "names no host",
    config(["[127.0.0.1]:1"]): "names no host",
    config(["a..b:1"]): "names no host",
    config(["x" * 64 + ":1"]): "names no host",
    config(["x." * 127 + ":1"]): "names no host",
    config(["a:0"]): "the port '0'",
    config(["a:70000"]): "the port '70000'",
    config(["a:http"]): "the port 'http'",
    config(["a:"]): "the port ''",
    config(["a:-1"]): "the port '-1'",
    config(["a:²"]): "the port '²'",
    config(["a"]): "'a' in TF_CONFIG has no port",
    config(["::1"]): "has no port",
    config([":1"]): "names no host",
    config(["a b:1"]): "names no host",
    config(["http://a:1"]): "no port",
    config([f"a:{i + 1}" for i in range(1025)]): "names 1,025 workers",
}


@pytest.mark.parametrize(("text", "words"), list(BAD.items()), ids=range(len(BAD)))
def test_what_cannot_be_used_is_refused_in_a_sentence(text, words):
    with pytest.raises(ValueError, match="TF_CONFIG") as refusal:
        read_cluster(text)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_ways_to_train():
    assert find_distribution(None, {"TF_CONFIG": "{"}) is None
    assert find_distribution("mirrored", {"CONVLAB_CPU_DEVICES": "2"}).cpu_devices == 2
    assert find_distribution("mirrored", {}).is_chief
    with pytest.raises(ValueError, match="one of mirrored, multiworker, not"):
        find_distribution("ray", {})


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon"])
def test_patience_is_a_number_of_seconds(text):
    with pytest.raises(ValueError, match="CONVLAB_PATIENCE is how many seconds"):
        find_distribution("mirrored", {"CONVLAB_PATIENCE": text})


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "257", "two"])
def test_cpu_devices_are_a_whole_number(text):
    with pytest.raises(ValueError, match="CONVLAB_CPU_DEVICES is in how many devices"):
        find_distribution("mirrored", {"CONVLAB_CPU_DEVICES": text})


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        here = Cluster((f"127.0.0.1:{port}",), 0)
        with pytest.raises(
            ValueError, match=f"worker 0 at 127.0.0.1:{port}, which is this one: its port is in use"
        ):
            verify_own_port(here)
    verify_own_port(here)


def test_a_name_that_nobody_knows():
    told = []
    here = Cluster(("localhost:2222", "no-such-host.invalid:2222"), 0)
    with pytest.raises(ValueError, match=r"the name no-such-host\.invalid of worker 1 at"):
        find_hosts(here, 0.1, told.append)
    assert told == [
        "Waiting until the name no-such-host.invalid of worker 1 at no-such-host.invalid:2222 is known …"
    ]
    find_hosts(Cluster(("localhost:2222", "127.0.0.1:2223"), 0), 0.1, told.append)
    assert len(told) == 1
