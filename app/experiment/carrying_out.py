"""An experiment is carried out: every network with every seed, each run kept as it is finished.

So a killed experiment goes on where it was.
"""

import json
import shutil
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from app.experiment.study import Plan, Run, Runs, Study, Trial
from app.files.atomic import write_text
from app.files.cards import now, versions
from app.show.progress import Progress
from app.untrusted.json_text import read_json


class KeptRuns:
    """A folder with a file for each finished run, whole or not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, network: str, seed: int) -> Path:
        return self.folder / f"{network.replace(' ', '-').replace(',', '')}-seed-{seed}.json"

    def read(self, network: str, seed: int) -> Run | None:
        """Return a run that was finished before; None where there is none."""
        try:
            run: Run = read_json(self._path(network, seed))
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


def carry_out(study: Study, plan: Plan, seeds: range, kept: KeptRuns, progress: Progress) -> Runs:
    """Return every run, those that were kept and those that are missing, made now."""
    runs: dict[str, list[Run]] = {}
    finished, total = 0, len(plan.designs) * len(seeds)
    for design in plan.designs:
        trial: Trial | None = None
        runs[design.name] = []
        for seed in seeds:
            run, how = kept.read(design.name, seed), "kept from before"
            if run is None:
                started, worked = time.perf_counter(), time.process_time()
                progress.update(finished, what=f"{design.name}, seed {seed}")
                trial = trial or study.prepare(plan, design)
                on_progress = partial(_show_share, progress, finished)
                run = {"network": design.name, "seed": seed, **trial(seed, on_progress)}
                run["seconds"] = time.perf_counter() - started
                run["processor_seconds"] = time.process_time() - worked
                kept.write(run)
                how = f"{run['seconds']:.1f} s"
            finished += 1
            progress.update(finished, line=f"{finished}/{total}: {design.name}, seed {seed}: {how}")
            runs[design.name].append(run)
    return runs


def _show_share(progress: Progress, finished: int, share: float) -> None:
    progress.update(finished + min(share, 0.99))


def result_data(study: Study, plan: Plan, runs: Runs) -> dict[str, Any]:
    """Return everything about an experiment as bare data."""
    every = [run for of_network in runs.values() for run in of_network]
    return {
        "experiment": study.name,
        "question": study.question,
        "is_smoke_run": plan.is_smoke_run,
        "verdict": asdict(study.verdict(plan, runs)),
        "data": plan.data_card(),
        **plan.settings(),
        "seeds": sorted({run["seed"] for run in every}),
        "runs": every,
        **{unit: sum(run[unit] for run in every) for unit in ("seconds", "processor_seconds")},
        "versions": versions(),
        "created": now(),
    }
