"""A deep plain network trains worse than a shallow one; with shortcuts it does not.

Source: He, Zhang, Ren and Sun, Deep residual learning, 2016, figures 1 and 6.
"""

from app.datasets.dataset import Dataset
from app.datasets.smaller import shrink
from app.experiment.plan import Design, Plan
from app.experiment.spread import HIGHER, LOWER, Spread, compare
from app.experiment.study import Runs, Study, Table
from app.experiment.training import Training, prepare
from app.experiment.verdict import Verdict
from models.cifar_resnet import Stack, cifar_stack

NAME = "plain-vs-residual"
QUESTION = "Does a deep network train worse than a shallow one, and do shortcuts help?"
FULL = Training(images=2000, test_images=1, epochs=10, peak_rate=0.1, batch_size=64)
SMOKE = Training(images=128, test_images=1, epochs=2, peak_rate=0.1, batch_size=64)
SIZES = {False: ((8, 44), 8), True: ((8, 14), 2)}
"""Depths and width, of the experiment and of a smoke run."""


def plan(data: Dataset, is_smoke_run: bool) -> Plan:
    """Return four networks, for images of at most 16 pixels a side: shallow and deep, of either kind."""
    settings = SMOKE if is_smoke_run else FULL
    depths, width = SIZES[is_smoke_run]
    designs = tuple(_design(kind, depth, width) for kind in ("plain", "residual") for depth in depths)
    few = shrink(data, settings.images, settings.test_images, settings.side)
    return Plan(NAME, designs, few, settings, is_smoke_run)


def _design(kind: str, depth: int, width: int) -> Design:
    stack = Stack(depth, width, has_shortcuts=kind == "residual")
    return Design(f"{kind} {depth}", lambda nn, classes, shape: cifar_stack(nn, kind, stack, classes, shape))


def final_losses(runs: Runs, name: str) -> tuple[float, ...]:
    """Return a network's training loss in the last epoch, for each seed."""
    return tuple(run["history"][-1]["loss"] for run in runs[name])


def judge(runs: Runs) -> Verdict:
    """Return whether depth harms the plain network and not the residual one.

    Three things must hold in every seed: deep plain is worse than shallow plain, deep residual is not
    clearly worse than shallow residual, and deep plain is worse than deep residual.
    """
    names = list(runs)
    shallow, deep, res_shallow, res_deep = (final_losses(runs, name) for name in names)
    plain, residual = compare(deep, shallow), compare(res_deep, res_shallow)
    shows = plain == HIGHER and residual != HIGHER and compare(deep, res_deep) == HIGHER
    first = _sentence(names[1], deep, names[0], shallow, plain)
    second = _sentence(names[3], res_deep, names[2], res_shallow, residual)
    return Verdict(
        shows, f"{'The effect shows' if shows else 'The effect does not show here'}: {first}; {second}."
    )


def _sentence(name: str, ours: tuple[float, ...], other: str, others: tuple[float, ...], how: str) -> str:
    words = {HIGHER: "worse in every seed", LOWER: "better in every seed"}.get(how, how)
    return f"{name} trains to a loss of {Spread(ours).text()}, {other} to {Spread(others).text()} ({words})"


def table(plan: Plan, runs: Runs) -> Table:
    """Return parameters, final loss and error on the training images of each network."""
    columns = (
        "network",
        "trainable",
        "MACs",
        "training loss, last epoch",
        "training error, %",
        "seconds a run",
    )
    rows: list[tuple[str, ...]] = []
    for card in plan.settings()["networks"]:
        of_network = runs[card["name"]]
        errors = Spread(tuple(1 - run["history"][-1]["accuracy"] for run in of_network))
        seconds = Spread(tuple(run["seconds"] for run in of_network))
        rows.append(
            (
                card["name"],
                f"{card['trainable']:,}",
                f"{card['multiply_accumulates']:,}",
                Spread(final_losses(runs, card["name"])).text(),
                errors.text(1, 100),
                f"{seconds.mean:.0f}",
            )
        )
    return columns, rows


STUDY = Study(NAME, QUESTION, plan, prepare, judge, table)
