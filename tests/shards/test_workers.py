"""Real worker processes: the same bytes however many there are, and what is lost when one dies."""

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from conftest import ROOT, refusal
from PIL import Image
from two_workers import free_ports

from app.shards.columns import read_columns
from app.shards.dask_workers import WorkersChoice

pytestmark = [pytest.mark.keras, pytest.mark.slow]
MAPS = ("--method", "vanilla", "--method", "guided", "--method", "gradcam")
PATIENCE = 120
POISON = """
import ctypes
from PIL import Image
original = Image.open
def opened(file, *arguments, **options):
    if "poison" in str(file):
        ctypes.string_at(0)  # reads where nothing is: the process is gone
    return original(file, *arguments, **options)
Image.open = opened
"""
"""What a decoder does that crashes on one picture."""


@pytest.fixture(scope="module")
def pictures(mnist, tmp_path_factory):
    """1,300 pictures in an array: three shards."""
    path = tmp_path_factory.mktemp("pictures") / "digits.npy"
    np.save(path, mnist.test_images[:1300, ..., 0])
    return path


@pytest.fixture(scope="module")
def folder(mnist, tmp_path_factory):
    """60 pictures, one of which brings down whoever opens it once the hook is in."""
    place = tmp_path_factory.mktemp("folder")
    for i in range(60):
        name = "poison" if i == 17 else f"{i:02d}"
        Image.fromarray(mnist.test_images[i, ..., 0]).save(place / f"{i:02d}-{name}.png")
    return place


def start(name, *arguments, **environment):
    """Start a command in a process of its own, and of its own group."""
    return subprocess.Popen(
        [sys.executable, "-m", f"app.{name}", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env={**os.environ, **environment},
    )


def finish(process):
    """Wait for a command; whatever happens, none of its processes is left."""
    try:
        out, error = process.communicate(timeout=PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, out, error


def explain(source, output, *more, **environment):
    return start("saliency", "--model", "mnist", *MAPS, "--prepare", "resize", "--images", source, "--arrays",
                 "--output", output, *more, **environment)  # fmt: skip


def contents(folder):
    """The hash of each file that a run left, apart from its lock."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def by_one(pictures, tmp_path_factory):
    """What one worker makes of the pictures."""
    output = tmp_path_factory.mktemp("one")
    code, _, error = finish(explain(pictures, output, "--workers", 1))
    assert code == 0, error
    return output


def test_four_workers_leave_the_bytes_of_one(pictures, by_one, tmp_path):
    """So do two: the test below."""
    code, out, error = finish(explain(pictures, tmp_path, "--workers", 4))
    assert code == 0, error
    assert "1,300 of 1,300 pictures" in out
    assert contents(tmp_path) == contents(by_one)
    assert len(contents(by_one)) == 3 + 2  # shards, the index, and what was asked


def test_the_plain_loop_leaves_the_same_but_for_the_last_digits(pictures, by_one, tmp_path):
    """With all threads of a machine, sums are shared out, and rounded in other places."""
    code, _, error = finish(explain(pictures, tmp_path))
    assert code == 0, error
    for one in sorted(by_one.glob("*.npz")):
        ours, theirs = read_columns(one), read_columns(tmp_path / one.name)
        assert list(ours) == list(theirs)
        for name in ("image", "error", "predicted", "explained"):
            np.testing.assert_array_equal(ours[name], theirs[name])
        for name in ("probability", "vanilla", "guided", "gradcam"):
            np.testing.assert_allclose(ours[name], theirs[name], atol=1e-5 * np.abs(ours[name]).max())


def workers_of(process):
    """The worker processes of a command: those of the process that they are forked from."""
    processes = psutil.Process(process.pid).children(recursive=True)
    return [each.pid for each in processes if each.ppid() in source_of(process)]


def source_of(process):
    """The process that a command's workers are forked from."""
    children = psutil.Process(process.pid).children()
    return [each.pid for each in children if any("forkserver" in word for word in each.cmdline())]


def wait_until(what, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it does not happen")


def test_a_killed_worker_costs_its_shard_and_no_more(pictures, by_one, tmp_path):
    process = explain(pictures, tmp_path, "--workers", 2)
    try:
        wait_until(lambda: [*tmp_path.glob(".attempts/*.json")])
        victim = wait_until(lambda: workers_of(process))[0]
        os.kill(victim, signal.SIGKILL)
    finally:
        code, _, error = finish(process)
    assert code == 0, error
    assert error == ""
    assert contents(tmp_path) == contents(by_one)


def test_a_stopped_run_does_only_what_is_missing_and_a_finished_one_nothing(pictures, by_one, tmp_path):
    process = explain(pictures, tmp_path, "--workers", 1)
    wait_until(lambda: [*tmp_path.glob("[0-9]*.npz")])  # not what is half written
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    code, _, error = finish(process)
    assert (code, error.strip()) == (130, "Error: interrupted")
    done = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    assert 0 < len(done) < 3
    code, out, error = finish(explain(pictures, tmp_path, "--workers", 1))
    assert code == 0, error
    assert "of 1,300 pictures are done" in out
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())
    assert contents(tmp_path) == contents(by_one)
    # once more, with nobody to do it: a scheduler that is not there is not even asked
    code, out, error = finish(explain(pictures, tmp_path, "--scheduler", "tcp://127.0.0.1:1"))
    assert code == 0, error
    assert "1,300 of 1,300 pictures are done" in out


def test_a_picture_that_crashes_its_process_is_named_and_all_others_are_done(folder, tmp_path):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(POISON)
    output = tmp_path / "out"
    code, out, error = finish(
        explain(
            folder, output, "--workers", 1, "--method", "vanilla", PYTHONPATH=f"{hooks}{os.pathsep}{ROOT}"
        )
    )
    assert code == 0, error
    assert error == ""
    assert "59 of 60 pictures" in out
    assert "17-poison.png: it crashes the process that works on it" in out
    rows = (output / "index.csv").read_text("utf-8").splitlines()
    assert len(rows) == 61
    assert [row for row in rows if row.endswith("works on it")] == [
        row for row in rows if row.startswith("17-poison")
    ]


def test_a_cluster_that_runs_already_predicts_and_evaluates_as_a_worker_here_does(folder, tmp_path):
    address = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address.removeprefix("tcp://").split(":")[0],
            "--port", address.rsplit(":", 1)[1], "--no-dashboard"]  # fmt: skip
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    started = [
        subprocess.Popen(each, cwd=place, **quiet) for each, place in ((dask, tmp_path), (worker, tmp_path))
    ]
    try:
        for name in ("one", "two"):
            more = ("--scheduler", address) if name == "two" else ("--workers", 1)
            place = tmp_path / name
            place.mkdir()
            code, _, error = finish(
                start("predict", "--model", "mnist", folder, "--output", place / "said.csv", *more)
            )
            assert code == 0, error
        one, two = ((tmp_path / name / "said.csv").read_text("utf-8") for name in ("one", "two"))
        assert one == two
        assert len(one.splitlines()) == 61
        # an evaluation of 600 images
        data = tmp_path / "data.npz"
        from app.datasets.sources import load_mnist

        mnist = load_mnist()
        np.savez(data, x_train=mnist.test_images[:10], y_train=mnist.test_labels[:10],
                 x_test=mnist.test_images[:600], y_test=mnist.test_labels[:600])  # fmt: skip
        for name, more in (("one", ("--workers", 1)), ("two", ("--scheduler", address))):
            code, _, error = finish(
                start("evaluate", "--model", "mnist", "--data", data, "--output", tmp_path / name, *more)
            )
            assert code == 0, error
        for ending in (".json", "-predictions.csv"):
            one, two = (
                (tmp_path / name / f"evaluation-mnist-data{ending}").read_bytes() for name in ("one", "two")
            )
            assert one == two
    finally:
        for each in started:
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def test_nobody_answers_at_the_address(folder, tmp_path):
    code, _, error = finish(
        explain(folder, tmp_path / "out", "--scheduler", f"tcp://127.0.0.1:{free_ports(1)[0]}")
    )
    assert code == 2
    assert error.startswith("Error: no Dask scheduler answers at tcp://127.0.0.1:")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_who_is_no_scheduler_is_told_in_a_line(folder, tmp_path, scheme):
    """A server of something else answers; Dask's own client would try for longer, and print a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        code, _, error = finish(explain(folder, tmp_path / "out", "--scheduler", address))
    assert code == 2
    assert error.startswith(f"Error: no Dask scheduler answers at {address} within 10 s")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "address", ["host", "tcp://host", "tcp://host:0", "tcp://host:70000", "http://host:80", ""]
)
def test_an_address_that_is_none_is_refused(address):
    assert "--scheduler is an address as tcp://host:8786" in refusal(WorkersChoice, None, address)


def test_contradictions_and_a_missing_package_are_refused(monkeypatch):
    assert "give one of them" in refusal(WorkersChoice, 2, "tcp://host:8786")
    assert "from 1 to 1,000" in refusal(WorkersChoice, 0)
    assert not WorkersChoice()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install -r requirements-cluster.txt" in refusal(WorkersChoice, 2)
