"""Wall time of whole commands, in processes of their own."""

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


def interleaved(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """Return the median wall seconds of each command, run in turns so that noise hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, arguments in commands.items():
            seconds[name].append(command_seconds(arguments))
    return {name: statistics.median(values) for name, values in seconds.items()}
