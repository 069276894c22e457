"""An experiment is carried out: every network with every seed, each run kept as it is finished."""

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any

from app.datasets.dataset import Dataset
from app.experiment.kept import KeptRuns, Run
from app.experiment.plan import Design, Plan
from app.experiment.verdict import SMOKE_RUN, Verdict
from app.show.progress import Progress

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Columns and rows."""
Runs = Mapping[str, Sequence[Run]]
"""The runs of each network, by its name."""
Trial = Callable[[int, Callable[[float], None]], dict[str, Any]]
"""`trial(seed, on_progress) -> results`; `on_progress` gets the share done, 0 to 1."""


@dataclass(frozen=True)
class Study:
    """One experiment: the question, what is run, and what follows from the runs."""

    name: str
    question: str
    plan: Callable[[Dataset, bool], Plan]
    """Called with the data and whether it is a smoke run."""
    prepare: Callable[[Plan, Design], Trial]
    """Builds a network; it is called only if a run of it is missing."""
    judge: Callable[[Runs], Verdict]
    table: Callable[[Plan, Runs], Table]


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


def find_verdict(study: Study, plan: Plan, runs: Runs) -> Verdict:
    """Return what the runs show; a smoke run shows nothing."""
    return SMOKE_RUN if plan.is_smoke_run else study.judge(runs)


def versions() -> dict[str, str]:
    """Return the versions of Python and of what computes."""
    packages = ("tensorflow", "keras", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def result_data(study: Study, plan: Plan, runs: Runs, verdict: Verdict) -> dict[str, Any]:
    """Return everything about an experiment as bare data."""
    every = [run for of_network in runs.values() for run in of_network]
    return {
        "experiment": study.name,
        "question": study.question,
        "is_smoke_run": plan.is_smoke_run,
        "verdict": {"shows": verdict.shows, "words": verdict.words},
        "data": plan.data_card(),
        **plan.settings(),
        "seeds": sorted({run["seed"] for run in every}),
        "runs": every,
        **{unit: sum(run[unit] for run in every) for unit in ("seconds", "processor_seconds")},
        "versions": versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
