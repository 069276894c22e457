"""make cluster-demo: training and maps on several processes of this machine, with one of them killed on the way.

Two workers train a network together; one is killed, the other ends; both are started again, and go on. A Dask scheduler
and two workers then explain pictures with that network; one is killed, and its shard is done by the other.
"""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "output" / "cluster-demo"
NETWORK, EPOCHS = "numpy_cnn", 4
TRAINING, TESTING, EXPLAINED = 6000, 1000, 4000
"""Images that the network learns from, that it is tested on, and that are explained."""
WAIT = 300
"""Seconds after which something that does not happen is given up."""
MAPS = ("--method", "vanilla", "--method", "guided", "--method", "gradcam")

_started: list[subprocess.Popen[str]] = []
_begun = time.monotonic()


def main() -> None:
    """Run the demo; the exit code is 1 if anything comes out otherwise than it should."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    try:
        data, pictures = _write_data()
        model = _train(data)
        _explain(model, pictures)
    finally:
        _end_all()
    _say(f"Everything that was left is in {PLACE.relative_to(ROOT)}")


def _write_data() -> tuple[Path, Path]:
    """Write a part of MNIST for training, and pictures to be explained."""
    from app.datasets.sources import load_mnist

    mnist, data, pictures = load_mnist(), PLACE / "part_of_mnist.npz", PLACE / "digits.npy"
    np.savez(
        data,
        x_train=mnist.train_images[:TRAINING],
        y_train=mnist.train_labels[:TRAINING],
        x_test=mnist.test_images[:TESTING],
        y_test=mnist.test_labels[:TESTING],
    )
    np.save(pictures, mnist.test_images[:EXPLAINED, ..., 0])
    return data, pictures


# -- training ----------------------------------------------------------------------------------------------------


def _train(data: Path) -> Path:
    """Train with two workers, one of which is killed; return the model."""
    models = PLACE / "models"
    _say(f"1. Two workers train {NETWORK} on {TRAINING:,} images, {EPOCHS} epochs")
    workers = _start_training(data, models)
    _wait_for(lambda: [*models.glob(".backup/*/epoch-0001")], "the first epoch is kept", workers[:1])
    _say("   epoch 1 is kept; worker 1 is killed (SIGKILL)")
    killed = time.monotonic()
    workers[1].send_signal(signal.SIGKILL)
    _, told = _finish(workers[0])
    _say(f"   worker 0 ended {time.monotonic() - killed:.1f} s later with exit code {workers[0].returncode}:")
    _say(f"   {told.strip().splitlines()[-1]}")
    _check(workers[0].returncode == 1, "a worker whose partner is gone ends with exit code 1")
    _say("   both are started again:")
    workers = _start_training(data, models)
    out, told = _finish(workers[0])
    _finish(workers[1])
    _check(workers[0].returncode == 0, f"the run that goes on ends well, not with {told}")
    _say(f"   {next(line for line in out.splitlines() if line.startswith('Resuming'))}")
    card = json.loads((models / f"{NETWORK}.json").read_text("utf-8"))
    _check(len(card["history"]) == EPOCHS, "the card has every epoch once")
    _say(f"   done: {card['test_accuracy']:.1%} of {TESTING:,} test images are right")
    return models / f"{NETWORK}.keras"


def _start_training(data: Path, models: Path) -> list[subprocess.Popen[str]]:
    workers = [f"127.0.0.1:{port}" for port in _free_ports(2)]
    command = ("train", "--model", NETWORK, "--data", data, "--epochs", EPOCHS, "--output", models)
    return [
        _start(
            *command,
            "--distribute",
            "multiworker",
            TF_CONFIG=json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": i}}),
        )
        for i in range(2)
    ]


# -- maps --------------------------------------------------------------------------------------------------------


def _explain(model: Path, pictures: Path) -> None:
    """Explain pictures with two Dask workers, one of which is killed, and with one worker alone; both must agree."""
    _say(f"2. A Dask scheduler and two workers make three maps of {EXPLAINED:,} pictures")
    (port,) = _free_ports(1)
    address = f"tcp://127.0.0.1:{port}"
    here = ("--host", "127.0.0.1", "--port", port, "--no-dashboard")
    _start_dask("dask_scheduler", *here)
    workers = [_start_dask("dask_worker", address, "--nthreads", 1, "--no-dashboard") for _ in range(2)]
    command = ("saliency", "--model", model, "--images", pictures, "--arrays", "--prepare", "resize", *MAPS)
    by_dask = PLACE / "maps-by-dask"
    began = time.monotonic()
    run = _start(*command, "--output", by_dask, "--scheduler", address)
    _wait_for(lambda: [*by_dask.glob("[0-9]*.npz")], "the first shard is written", [run])
    _say("   the first shard is written; worker 1 and its nanny are killed (SIGKILL)")
    os.killpg(workers[1].pid, signal.SIGKILL)
    out, told = _finish(run)
    _check(run.returncode == 0, f"the run ends well, not with {told}")
    _say(f"   {out.strip().splitlines()[-1]}, after {time.monotonic() - began:.0f} s")
    _say("3. The same maps by one worker alone (--workers 1)")
    began = time.monotonic()
    run = _start(*command, "--output", PLACE / "maps-by-one", "--workers", 1)
    _finish(run)
    _say(f"   after {time.monotonic() - began:.0f} s")
    one, other = (_hashes(PLACE / name) for name in ("maps-by-dask", "maps-by-one"))
    _check(one == other, "both leave the same files")
    _say(f"   both left the same {len(one)} files, byte for byte")


def _hashes(folder: Path) -> dict[str, str]:
    names = (*folder.glob("[0-9]*.npz"), folder / "index.csv")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(names)}


# -- processes ---------------------------------------------------------------------------------------------------


def _start(name: str, *arguments: Any, **environment: str) -> subprocess.Popen[str]:
    return _begin(["-m", f"app.{name}", *arguments], environment, subprocess.PIPE)


def _start_dask(name: str, *arguments: Any) -> subprocess.Popen[str]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "DASK_TEMPORARY_DIRECTORY": str(PLACE)}
    return _begin(["-m", f"distributed.cli.{name}", *arguments], quiet, subprocess.DEVNULL)


def _begin(arguments: Iterable[Any], environment: dict[str, str], output: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=output,
        stderr=output,
        text=True,
        start_new_session=True,
    )
    _started.append(process)
    return process


def _finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    return process.communicate(timeout=WAIT)


def _end_all() -> None:
    """Leave no process behind, whatever happened."""
    for process in _started:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _wait_for(what: Callable[[], Any], words: str, processes: Sequence[subprocess.Popen[str]]) -> None:
    """Wait until something is there; give up where a process that should bring it about has ended."""
    until = time.monotonic() + WAIT
    while not what():
        for process in processes:
            _check(process.poll() is None, f"{words}, before the process ends: {_output_of(process)}")
        _check(time.monotonic() < until, f"{words} within {WAIT} s")
        time.sleep(0.02)


def _output_of(process: subprocess.Popen[str]) -> str:
    return "".join(process.communicate()) if process.poll() is not None else ""


def _say(words: str) -> None:
    print(f"{time.monotonic() - _begun:6.1f} s  {words}", flush=True)


def _check(holds: bool, what: str) -> None:
    if not holds:
        _say(f"NOT AS IT SHOULD BE: {what}")
        sys.exit(1)


if __name__ == "__main__":
    main()
