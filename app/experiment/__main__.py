"""python -m app.experiment: the experiments that article 004 tells of, done again."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.data import data_option, open_data
from app.commands.door import CheckFailedError, DoorGroup
from app.commands.options import all_of, folder_option
from app.commands.outputs import prepare_folder, shown
from app.files.atomic import write_text
from app.files.cards import versions
from app.files.lock import only_one
from app.show import tables
from app.show.progress import Progress

if TYPE_CHECKING:
    from app.experiment.study import Plan, Rows, Runs, Study


class Experiments(DoorGroup):
    """The command that has one below it for each experiment."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the experiments in teaching order."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List each with its question."""
        questions = {name: (command.help or "").partition("\n")[0] for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl(list(questions.items()))


@click.group(cls=Experiments, epilog="Example: python -m app.experiment vanishing-gradient --quick")
def main() -> None:
    """Do again what article 004 tells of, and see whether the effect shows.

    Each experiment writes a figure and every number as JSON, prints a table and one sentence that
    follows from the numbers. Networks are trained with several seeds; two of them are called
    different only if every run of the one is better than every run of the other. Finished runs are kept,
    so a killed experiment goes on where it was, and more seeds add only what is missing.

    docs/experiments.md tells what came out.
    """


FOLDER = folder_option("Folder for the figure, the numbers and the finished runs.")
OPTIONS = (
    data_option(),
    click.option(
        "--seeds",
        type=click.IntRange(1, 100),
        metavar="N",
        help="Seeds 0 to N − 1 (fewer than 3 show no spread, and nothing is claimed).",
    ),
    click.option(
        "--quick", is_flag=True, help="A smoke run in seconds: it shows that everything works, and no effect."
    ),
    click.option("--restart", is_flag=True, help="Forget the finished runs and start over."),
    FOLDER,
)


def experiment(name: str, seeds: int) -> Callable[..., Any]:
    """Make a function a command: it has the experiment's words, and returns its study."""

    def decorate(load: Callable[[], "Study"]) -> Callable[..., Any]:
        def command(source: str | None, seeds: int | None, quick: bool, restart: bool, output: Path) -> None:
            count = seeds or (1 if quick else default)
            perform(load(), source, range(count), quick, output, restart)

        default = seeds
        command.__doc__ = load.__doc__
        return main.command(name)(all_of(OPTIONS)(command))

    return decorate


@experiment("plain-vs-residual", seeds=3)
def plain_vs_residual() -> "Study":
    """Does a deep network train worse than a shallow one, and do shortcuts help?

    Plain and residual networks of 8 and of 44 layers, all with batch normalisation, trained alike on
    2,000 images of at most 16×16 pixels for ten epochs: the loss on the training images themselves, as in
    the paper's figures 1 and 6. The deep ones have every chance to be as good as the shallow ones.

    Three seeds; under five minutes on two cores that have nothing else to do.
    """
    from app.experiment.plain_vs_residual import STUDY

    return STUDY


@experiment("vanishing-gradient", seeds=5)
def vanishing_gradient() -> "Study":
    """How large is the gradient of the loss in each layer, and what do shortcuts change?

    Five networks of 44 layers, plain and with shortcuts, with and without batch normalisation: the
    norm of the gradient by each block's output and by each kernel, before training and after 50 steps.

    Five seeds; under three minutes on two cores that have nothing else to do.
    """
    from app.experiment.vanishing_gradient import STUDY

    return STUDY


@experiment("resnet-vs-densenet", seeds=3)
def resnet_vs_densenet() -> "Study":
    """Which is more accurate with as many parameters, a ResNet or a DenseNet?

    ResNets of 20 layers and DenseNet-BCs of 28, three sizes each, matched within a tenth, trained alike on
    1,000 images of at most 16×16 pixels: accuracy on 5,000 test images against parameters, and against
    multiply-accumulates, of which a DenseNet needs more.

    Three seeds; under six minutes on two cores that have nothing else to do.
    """
    from app.experiment.resnet_vs_densenet import STUDY

    return STUDY


@main.command("imagenet-timeline")
@FOLDER
def imagenet_timeline(output: Path) -> None:
    """Which error did the winners of the ImageNet challenge have, and what does the article say?

    Nothing is trained: the winners' published top-5 errors from 2010 to 2016, each with its source,
    and beside them the article's figures, judged as in python -m app.claims. Takes a second.
    """
    from app.experiment import imagenet_timeline as timeline

    prepare_folder(output)
    data = timeline.timeline_data()
    data["verdict"] = asdict(timeline.find_verdict(data))
    deliver(data, timeline.timeline_table(data), output)
    for said in (said for year in data["years"] for said in year["article"] if not said["agrees"]):
        tables.make_console().print(f"{said['claim']}: {said['why']}")


def perform(
    study: "Study", source: str | None, seeds: range, quick: bool, output: Path, restart: bool
) -> None:
    """Carry an experiment out and deliver what came out."""
    prepare_folder(output)
    data = open_data(source)
    if data.classes < 2:
        raise ValueError(f"{data.name} has only one class; there is nothing to tell apart")
    plan = study.plan(data, quick)
    from app.experiment.carrying_out import KeptRuns, result_data

    runs_folder = output / ".runs"
    kept = KeptRuns(runs_folder / f"{study.name}-{plan.key(versions())}")
    console = tables.make_console()
    with only_one(runs_folder / f"{study.name}.lock", f"doing {study.name} in {output}"):
        if restart:
            kept.forget()
        console.print(f"{study.question}")
        total = len(plan.designs) * len(seeds)
        with Progress(console, "…", total, doing="runs,", words="", time="passed") as progress:
            runs = make_runs(study, plan, seeds, kept, progress)
        deliver(result_data(study, plan, runs), study.table(plan, runs), output)


def make_runs(study: "Study", plan: "Plan", seeds: range, kept: Any, progress: Progress) -> "Runs":
    """Return all runs, with TensorFlow held to repeatable kernels."""
    from app.engine.training.fit import DivergedError, make_repeatable
    from app.experiment.carrying_out import carry_out

    make_repeatable(0)
    try:
        return carry_out(study, plan, seeds, kept, progress)
    except DivergedError as error:
        raise CheckFailedError(f"{study.name} on {plan.data.name}: {error}") from error


def deliver(data: dict[str, Any], table: "Rows", output: Path) -> None:
    """Write the numbers and the figure, and print the table and the verdict."""
    from app.experiment.figures import DRAW
    from app.show.canvas import save_figure

    console = tables.make_console()
    numbers, picture = (output / f"{data['experiment']}.{ending}" for ending in ("json", "png"))
    write_text(numbers, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    save_figure(DRAW[data["experiment"]](data), picture)
    console.print(tables.plain_table(*table))
    if "seeds" in data and len(data["seeds"]) > 1:
        console.print("±: the standard deviation over the seeds.")
    console.print(data["verdict"]["words"])
    if "seconds" in data:
        console.print(
            f"{len(data['runs'])} runs took {data['seconds']:,.0f} s in all, and "
            f"{data['processor_seconds']:,.0f} s of processor time"
        )
    for what, path in (("Numbers", numbers), ("Picture", picture)):
        console.print(f"{what}: {shown(path)}")


if __name__ == "__main__":
    main(prog_name="python -m app.experiment")
