"""Finished runs, kept one by one, so that a killed experiment goes on where it was."""

import json
import shutil
from pathlib import Path
from typing import Any

from app.files.atomic import write_text

Run = dict[str, Any]
"""What came out of one network with one seed."""


class KeptRuns:
    """A folder with a file for each finished run, whole or not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, network: str, seed: int) -> Path:
        return self.folder / f"{network.replace(' ', '-').replace(',', '')}-seed-{seed}.json"

    def read(self, network: str, seed: int) -> Run | None:
        """Return a run that was finished before; None where there is none."""
        try:
            run: Run = json.loads(self._path(network, seed).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        same = isinstance(run, dict) and (run.get("network"), run.get("seed")) == (network, seed)
        return run if same else None

    def write(self, run: Run) -> None:
        """Keep a finished run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self._path(run["network"], run["seed"]), json.dumps(run))

    def forget(self) -> None:
        """Remove all runs."""
        shutil.rmtree(self.folder, ignore_errors=True)
