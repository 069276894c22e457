"""Processes that train together on this machine: what tests of training on several workers share."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
from conftest import ROOT

LONG = 120
"""Seconds after which a test gives up."""


def free_ports(count=2):
    """Return ports that nobody uses now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def _hear_interrupts():
    """What runs in the background may have been started deaf to Ctrl-C, and its children with it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Workers:
    """Starts workers, and leaves none behind; use it in a `with` block."""

    def __init__(self, *command, ports=None, **environment):
        self.command, self.environment = command, environment
        self.ports = free_ports() if ports is None else ports
        self.processes = {}

    def start(self, index, *more, **environment):
        workers = [f"127.0.0.1:{port}" for port in self.ports]
        config = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        loud = {"TF_CPP_MIN_LOG_LEVEL": "0"}  # as a user may have set it
        given = {**os.environ, **loud, **self.environment, **environment}
        self.processes[index] = subprocess.Popen(
            [sys.executable, "-m", *map(str, self.command), "--distribute", "multiworker", *map(str, more)],
            cwd=ROOT,
            env={**given, "TF_CONFIG": json.dumps(config)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hear_interrupts,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.send_signal(signal.SIGKILL)
            process.communicate()

    def end(self, index):
        """Return exit code, output and error output of a worker once it has ended."""
        process = self.processes[index]
        output, error = process.communicate(timeout=LONG)
        return process.returncode, output, error

    def name(self, index):
        return f"worker {index} at 127.0.0.1:{self.ports[index]}"


def wait_for(folder, pattern):
    """Wait until a folder has something."""
    until = time.monotonic() + LONG
    while not list(Path(folder).glob(pattern)):
        assert time.monotonic() < until, f"{pattern} did not come"
        time.sleep(0.002)


def weights_of(path):
    """Return the arrays in a model's file, by their places in it."""
    found = {}
    with (
        zipfile.ZipFile(path) as archive,
        archive.open("model.weights.h5") as file,
        h5py.File(file) as stored,
    ):
        stored.visititems(
            lambda name, each: found.update({name: each[()]}) if isinstance(each, h5py.Dataset) else None
        )
    return found


def largest_difference(one, other):
    """Return max |a − b| over the weights of two files."""
    ours, theirs = weights_of(one), weights_of(other)
    assert ours.keys() == theirs.keys()
    return max(float(np.abs(ours[name].astype(float) - theirs[name]).max()) for name in ours)
