"""Which workers train together: the environment variable TF_CONFIG, read and checked before TensorFlow is loaded."""

import errno
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.untrusted.json_text import parse_json

if TYPE_CHECKING:
    import socket

VARIABLE = "TF_CONFIG"
EXAMPLE = (
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}, with another index '
    "for each worker"
)
DISTRIBUTIONS = ("mirrored", "multiworker")
"""Ways to train on several devices."""
PATIENCE = "CONVLAB_PATIENCE"
"""A setting of the user's: seconds in which all workers have to come."""
USUAL_PATIENCE = 300.0
LOGICAL = "CONVLAB_CPU_DEVICES"
"""A setting of the user's: in how many devices TensorFlow is to divide the processor."""
MOST_WORKERS = 1024
LOOKING = 0.5
"""Seconds between two tries to find a name."""
HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
"""What the name of a machine looks like, or its address of IPv4."""


@dataclass(frozen=True)
class Cluster:
    """The processes that train together, and which of them this one is."""

    addresses: tuple[str, ...]
    """`host:port` of each; the first one is the chief, which alone writes files."""
    index: int
    """Which one this process is."""
    has_chief: bool = False
    """Whether the first one is called chief, and the others are counted behind it."""

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.addresses)

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files."""
        return self.index == 0

    def name(self, index: int) -> str:
        """Return what a process is called: its task, and where it is.

        >>> Cluster(("a:1", "b:1"), 0).name(1), Cluster(("a:1", "b:1"), 0, has_chief=True).name(1)
        ('worker 1 at b:1', 'worker 0 at b:1')
        """
        task = f"worker {index - self.has_chief}" if index or not self.has_chief else "chief 0"
        return f"{task} at {self.addresses[index]}"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of this process."""
        return split_address(self.addresses[self.index])


@dataclass(frozen=True)
class Distribution:
    """On what a network is trained besides one device."""

    kind: str
    """One of `DISTRIBUTIONS`."""
    cluster: Cluster | None = None
    """All processes, for `multiworker`."""
    patience: float = USUAL_PATIENCE
    """Seconds in which all of them have to come."""
    cpu_devices: int | None = None
    """In how many devices the processor is to be divided."""

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the files."""
        return self.cluster is None or self.cluster.is_chief


def find_distribution(name: str | None, environment: Mapping[str, str] = os.environ) -> Distribution | None:
    """Return on what a network is to be trained, checked as far as this machine knows; None: on one device.

    Args:
        name: one of `DISTRIBUTIONS`, or None.
        environment: where TF_CONFIG and the settings of the user's are.

    Raises:
        ValueError: there is no such way, TF_CONFIG cannot be used, or this worker's port is in use.
    """
    if name is None:
        return None
    if name not in DISTRIBUTIONS:
        raise ValueError(f"--distribute is one of {', '.join(DISTRIBUTIONS)}, not {name!r}")
    patience, devices = _patience(environment), _cpu_devices(environment)
    if name == "mirrored":
        return Distribution(name, None, patience, devices)
    cluster = read_cluster(environment.get(VARIABLE, ""))
    verify_own_port(cluster)
    return Distribution(name, cluster, patience, devices)


def _patience(environment: Mapping[str, str]) -> float:
    text = environment.get(PATIENCE, "")
    try:
        seconds = float(text or USUAL_PATIENCE)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 7 * 86_400:
        raise ValueError(
            f"{PATIENCE} is how many seconds to wait for the other workers, up to a week, not {text!r}"
        )
    return seconds


def _cpu_devices(environment: Mapping[str, str]) -> int | None:
    text = environment.get(LOGICAL, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 256):
        raise ValueError(
            f"{LOGICAL} is in how many devices TensorFlow divides the processor, from 1 to 256, not {text!r}"
        )
    return int(text)


def read_cluster(text: str) -> Cluster:
    """Return the processes that TF_CONFIG names.

    `chief` and `worker` train; a list of `evaluator` is passed over, as is all else that Kubernetes' TFJob writes.

    >>> both = '"cluster": {"worker": ["a:2222", "b:2222"]}'
    >>> read_cluster('{%s, "task": {"type": "worker", "index": 1}}' % both)
    Cluster(addresses=('a:2222', 'b:2222'), index=1, has_chief=False)

    Raises:
        ValueError: it is not set, is no JSON, lacks something, or names something that cannot be used.
    """
    if not text.strip():
        raise ValueError(
            f"--distribute multiworker needs the environment variable {VARIABLE}, which is not set; it names all "
            f"workers: {EXAMPLE}"
        )
    try:
        value = parse_json(text, strict=True)
    except ValueError as error:
        raise ValueError(f"{VARIABLE} {error}; it should be like {EXAMPLE}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{VARIABLE} is {_kind(value)}, not an object; it should be like {EXAMPLE}")
    jobs, task = (_object(value, key) for key in ("cluster", "task"))
    chiefs, workers = _processes(jobs)
    addresses = (*chiefs, *workers)
    _verify_addresses(addresses)
    return Cluster(addresses, _own_index(task, len(chiefs), len(workers)), bool(chiefs))


def _object(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    if key not in value:
        raise ValueError(f"{VARIABLE} lacks {key!r}; it should be like {EXAMPLE}")
    found = value[key]
    if not isinstance(found, dict):
        raise ValueError(
            f"{key!r} in {VARIABLE} is {_kind(found)}, not an object; it should be like {EXAMPLE}"
        )
    return found


def _kind(value: Any) -> str:
    """Return what a value of JSON is, in words."""
    kinds = {bool: "true or false", str: "a text", list: "a list", dict: "an object", type(None): "null"}
    return kinds.get(type(value), "a number")


def _processes(jobs: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the addresses of the chief and of the workers."""
    found = {}
    for job in ("chief", "worker", "ps"):
        found[job] = jobs.get(job) or []
        if not isinstance(found[job], list) or not all(isinstance(each, str) for each in found[job]):
            raise ValueError(
                f"'cluster' in {VARIABLE} says {job!r} without a list of addresses host:port behind it"
            )
    if found["ps"]:
        raise ValueError(
            f"'cluster' in {VARIABLE} names parameter servers (ps), which ConvLab does not train with; leave them out: "
            "each worker holds all weights"
        )
    if len(found["chief"]) > 1:
        raise ValueError(f"'cluster' in {VARIABLE} names {len(found['chief'])} chiefs; there can be one")
    count = len(found["chief"]) + len(found["worker"])
    if not count:
        raise ValueError(f"'cluster' in {VARIABLE} names no worker; it should be like {EXAMPLE}")
    if count > MOST_WORKERS:
        raise ValueError(f"'cluster' in {VARIABLE} names {count:,} workers; at most {MOST_WORKERS:,}")
    return found["chief"], found["worker"]


def _verify_addresses(addresses: Sequence[str]) -> None:
    seen: set[tuple[str, int]] = set()
    for address in addresses:
        host, port = split_address(address)
        if (host.casefold(), port) in seen:
            raise ValueError(
                f"'cluster' in {VARIABLE} names {address} twice; each worker has its own address"
            )
        seen.add((host.casefold(), port))


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of `host:port`.

    >>> split_address("[::1]:2222")
    ('::1', 2222)

    Raises:
        ValueError: it is no such address.
    """
    host, colon, port = address.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        raise ValueError(f"{address!r} in {VARIABLE} has no port; write it as host:2222")
    if not _is_host(host):
        raise ValueError(f"{address!r} in {VARIABLE} names no host; write it as host:2222")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65_535):
        raise ValueError(
            f"{address!r} in {VARIABLE} has the port {port!r}; a port is a number from 1 to 65535"
        )
    return host.strip("[]"), int(port)


def _is_host(text: str) -> bool:
    """Return whether a text can be the name or the address of a machine.

    >>> [_is_host(each) for each in ("node-1", "[::1]", "[::1]]", "[:::::]", "a..b")]
    [True, True, False, False, False]
    """
    if text.startswith("["):
        return text.endswith("]") and ":" in text and _is_address(text[1:-1])
    labels = text.removesuffix(".").split(".")
    return bool(HOST.fullmatch(text)) and len(text) <= 253 and all(0 < len(each) < 64 for each in labels)


def _is_address(host: str) -> bool:
    """Return whether a host is given by its number, and not by a name."""
    import ipaddress  # --help needs none

    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _own_index(task: Mapping[str, Any], chiefs: int, workers: int) -> int:
    """Return which of all processes this one is, from the kind of its task and the number of it."""
    for key in ("type", "index"):
        if key not in task:
            raise ValueError(f"'task' in {VARIABLE} lacks {key!r}; it should be like {EXAMPLE}")
    kind, index = task["type"], task["index"]
    if kind in ("ps", "evaluator"):
        raise ValueError(
            f"'task' in {VARIABLE} has the type {kind!r}, which has nothing to do here: the workers train and test"
        )
    if kind not in ("chief", "worker"):
        raise ValueError(f"'task' in {VARIABLE} has the type {kind!r}; there are chief and worker")
    if isinstance(index, bool) or not isinstance(index, int):
        raise ValueError(f"'task' in {VARIABLE} has the index {index!r}; an index is a whole number from 0")
    count = chiefs if kind == "chief" else workers
    if not 0 <= index < count:
        raise ValueError(
            f"'task' in {VARIABLE} is {kind} {index}, and 'cluster' names {count or 'no'} {kind}"
            f"{'' if count == 1 else 's'}{f', counted from 0 to {count - 1}' if count else ''}"
        )
    return index if kind == "chief" else chiefs + index


def listen_at(port: int) -> "socket.socket":
    """Return a socket that listens at a port of this machine, on all its addresses.

    Raises:
        OSError: the port is in use, or not to be had.
    """
    import socket  # --help needs none

    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        except OSError as error:
            if error.errno not in NO_IPV6:
                raise
    return socket.create_server(("", port))


NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""Errors of a machine on which IPv6 is switched off: no such family, no such address."""


def verify_own_port(cluster: Cluster) -> None:
    """Refuse a port of this process that somebody uses already.

    Raises:
        ValueError: the port is in use, or not to be had.
    """
    hold_own_port(cluster).close()


def hold_own_port(cluster: Cluster) -> "socket.socket":
    """Return a socket that listens at the port of this process.

    Raises:
        ValueError: the port is in use, or not to be had.
    """
    try:
        return listen_at(cluster.address[1])
    except OSError as error:
        raise ValueError(f"{cluster.name(cluster.index)}, which is this one: {_port_words(error)}") from error


def _port_words(error: OSError) -> str:
    in_use = "its port is in use already; is a run that should have ended still going on?"
    return (
        in_use
        if error.errno == errno.EADDRINUSE
        else f"its port cannot be opened ({error.strerror or error})"
    )


def find_hosts(cluster: Cluster, patience: float, told: Callable[[str], None]) -> None:
    """Wait until the name of every worker is known: a cluster gives names when it starts the machines.

    Two spellings of one place are seen here, but of two names only `localhost` is certain: others may lead to one
    place for a while, until a cluster has made them known.

    Args:
        cluster: the processes.
        patience: seconds in which the names have to be known.
        told: is told, once, for which name is waited.

    Raises:
        ValueError: a name is not known, or two workers have one place.
    """
    import socket

    deadline, is_told = time.monotonic() + patience, False
    seen: dict[tuple[Any, ...], str] = {}
    for index, address in enumerate(cluster.addresses):
        host, port = split_address(address)
        while True:
            try:
                places = {found[4][:2] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
                break
            except (OSError, UnicodeError):
                if index == cluster.index or time.monotonic() > deadline:
                    raise ValueError(
                        f"the name {host} of {cluster.name(index)} is not known to this machine; {VARIABLE} needs "
                        "names that every worker can find"
                    ) from None
            if not is_told:
                told(f"Waiting until the name {host} of {cluster.name(index)} is known …")
                is_told = True
            time.sleep(LOOKING)
        if not (_is_address(host) or host.casefold() == "localhost"):
            continue
        for place in places:
            if place in seen:
                raise ValueError(
                    f"{seen[place]} and {address} in {VARIABLE} are the same place; each worker has its own address"
                )
        seen |= dict.fromkeys(places, address)
