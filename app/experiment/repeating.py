"""An experiment is done again: planned, then carried out under a bar."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.experiment.carrying_out import KeptRuns, carry_out, result_data
from app.experiment.catalogue import MOST_SEEDS, SEEDS, load_study
from app.experiment.leaving import leave_result
from app.experiment.results import ExperimentResult
from app.experiment.study import Plan, Runs, Study
from app.files.cards import versions
from app.files.lock import only_one
from app.show import tables
from app.show.progress import Progress

if TYPE_CHECKING:
    from app.datasets.dataset import Dataset


@dataclass(frozen=True)
class Repetition:
    """An experiment that is to be done: with which seeds, and where it keeps what it finished."""

    study: Study
    plan: Plan
    seeds: range
    folder: Path
    restart: bool = False
    """Whether the finished runs are forgotten."""


def plan_repetition(
    name: str, data: "Dataset", seeds: int | None, is_quick: bool, folder: Path, restart: bool
) -> Repetition:
    """Return what is to be done; everything that can be wrong with it is found here, before TensorFlow is loaded.

    Args:
        name: of an experiment that trains.
        data: images of at least 8×8 pixels.
        seeds: how many; None: as many as the experiment wants, or one for a smoke run.
        is_quick: whether it is a smoke run.
        folder: where it leaves its files.
        restart: whether the finished runs are forgotten.

    Raises:
        ValueError: no such number of seeds, images that are too small, or only one class.
    """
    count = seeds if seeds is not None else (1 if is_quick else SEEDS[name])
    if not hasattr(count, "__index__") or not 1 <= count <= MOST_SEEDS:
        raise ValueError(f"seeds must be a whole number from 1 to {MOST_SEEDS}, not {seeds!r}")
    if data.classes < 2:
        raise ValueError(f"{data.name} has only one class; there is nothing to tell apart")
    study = load_study(name)
    return Repetition(study, study.plan(data, is_quick), range(count), folder, restart)


def repeat(repetition: Repetition) -> ExperimentResult:
    """Do an experiment, and leave its numbers and its figure; finished runs are taken as they are.

    Raises:
        ValueError: another process does it in the same folder.
        DivergedError: the loss of a run is no longer finite.
    """
    study, plan, seeds = repetition.study, repetition.plan, repetition.seeds
    runs_folder = repetition.folder / ".runs"
    kept = KeptRuns(runs_folder / f"{study.name}-{plan.key(versions())}")
    console = tables.make_console()
    with only_one(runs_folder / f"{study.name}.lock", f"doing {study.name} in {repetition.folder}"):
        if repetition.restart:
            kept.forget()
        console.print(study.question)
        total = len(plan.designs) * len(seeds)
        with Progress(console, "…", total, doing="runs,", words="", time="passed") as progress:
            runs = _make_runs(study, plan, seeds, kept, progress)
        return leave_result(result_data(study, plan, runs), study.table(plan, runs), repetition.folder)


def _make_runs(study: Study, plan: Plan, seeds: range, kept: KeptRuns, progress: Progress) -> Runs:
    """Return all runs, with TensorFlow, where it is needed, held to repeatable kernels."""
    if study.is_in_numpy:
        return carry_out(study, plan, seeds, kept, progress)
    from app.engine.training.fit import DivergedError, make_repeatable

    make_repeatable(0)
    try:
        return carry_out(study, plan, seeds, kept, progress)
    except DivergedError as error:
        raise DivergedError(f"{study.name} on {plan.data.name}: {error}") from error
