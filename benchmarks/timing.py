"""Wall time of whole commands, in processes of their own."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def command_seconds(arguments: Sequence[str]) -> float:
    """Return the wall seconds of `python ARGUMENTS`, whatever its exit code."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
    return time.perf_counter() - started


def command_usage(arguments: Sequence[str]) -> tuple[float, int]:
    """Return the wall seconds of `python ARGUMENTS` and its peak memory in bytes.

    Raises:
        RuntimeError: the command failed, so its figures mean nothing.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss * 1024


def processor_seconds(arguments: Sequence[str]) -> float:
    """Return the processor seconds of `python ARGUMENTS` and of what it started.

    Raises:
        RuntimeError: the command failed, so its figures mean nothing.
    """
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def interleaved(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """Return the median wall seconds of each command, run in turns so that noise hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, arguments in commands.items():
            seconds[name].append(command_seconds(arguments))
    return {name: statistics.median(values) for name, values in seconds.items()}
