"""Train a network of ConvLab on the machines of a Ray cluster; what follows -- is for `python -m app.train`.

    python docs/launch/train_with_ray.py --workers 3 -- --model resnet20 --data mnist --output saved_models

It needs `pip install ray` besides ConvLab. Every machine has ConvLab under the same path, and the data. One process is
started on each machine, as long as there are enough; Ray only starts them and watches them, and TensorFlow trains.
If one is lost, the others end too; the same command then goes on from the last finished epoch.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2]
"""Where ConvLab lies, on every machine."""
ENDING = 90.0
"""Seconds in which the others notice that one is lost, and say so."""


class Machine:
    """One process of the training, on whatever machine Ray puts it."""

    def address(self) -> str:
        """Return the machine's address in the cluster, and a port of it that is free."""
        import ray

        host = ray.util.get_node_ip_address()
        with socket.socket() as free:
            free.bind((host, 0))
            return f"{host}:{free.getsockname()[1]}"

    def train(self, workers: list[str], index: int, arguments: list[str]) -> int:
        """Run the command as worker `index` of all; return its exit code."""
        config = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        command = [sys.executable, "-m", "app.train", "--distribute", "multiworker", *arguments]
        environment = {**os.environ, "TF_CONFIG": json.dumps(config)}
        return subprocess.run(command, cwd=FOLDER, env=environment).returncode


def train(workers: int, processors: float, graphics_cards: float, arguments: list[str]) -> int:
    """Start all processes; return 0, 1 where one was lost, or 2 where the command cannot be run as it stands."""
    import ray

    ray.init(address=os.environ.get("RAY_ADDRESS"))  # a cluster that runs already, or else this machine alone
    needed: dict[str, Any] = {"num_cpus": processors, "num_gpus": graphics_cards}
    kind = ray.remote(Machine).options(**needed, scheduling_strategy="SPREAD", max_restarts=0)
    machines = [kind.remote() for _ in range(workers)]
    addresses = ray.get([machine.address.remote() for machine in machines])
    running = [machine.train.remote(addresses, i, arguments) for i, machine in enumerate(machines)]
    while running:
        done, running = ray.wait(running)
        code = ray.get(
            done[0]
        )  # a machine that is lost raises an error here, and ends this program and all others
        if code:
            if running:
                ray.wait(running, num_returns=len(running), timeout=ENDING)
            return 2 if code == 2 else 1
    return 0


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, required=True, help="How many processes, one on each machine.")
    parser.add_argument("--cpus", type=float, default=1, help="Processors that each of them is given.")
    parser.add_argument("--gpus", type=float, default=0, help="Graphics cards that each of them is given.")
    parser.add_argument("arguments", nargs="*", help="For python -m app.train, after --.")
    asked = parser.parse_args()
    sys.exit(train(asked.workers, asked.cpus, asked.gpus, asked.arguments))


if __name__ == "__main__":
    main()
