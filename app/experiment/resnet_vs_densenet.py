"""Accuracy against parameters: ResNets and DenseNets of matched sizes.

Source: Huang, Liu, van der Maaten and Weinberger, Densely connected convolutional networks, 2017, §4.3
and §5: DenseNet reaches an accuracy with fewer parameters.
"""

import functools

from app.datasets.dataset import Dataset
from app.datasets.smaller import shrink
from app.experiment.plan import Design, Plan
from app.experiment.spread import HIGHER, LOWER, Spread, compare
from app.experiment.study import Runs, Study, Table
from app.experiment.training import Training, prepare
from app.experiment.verdict import Verdict
from models import cifar_resnet, densenet

NAME = "resnet-vs-densenet"
QUESTION = "Which is more accurate with as many parameters, a ResNet or a DenseNet?"
FULL = Training(images=1000, test_images=5000, epochs=12, peak_rate=0.1, batch_size=50)
SMOKE = Training(images=100, test_images=100, epochs=1, peak_rate=0.1, batch_size=50)
DEPTH, LAYERS = 20, 4
"""Layers of the ResNets, and of each of the three dense blocks."""
PAIRS = ((4, 5), (6, 7), (8, 10))
"""Width of the ResNet and growth of the DenseNet-BC that stores about as much."""


def plan(data: Dataset, is_smoke_run: bool) -> Plan:
    """Return three pairs of networks, for images of at most 16 pixels a side."""
    settings = SMOKE if is_smoke_run else FULL
    few = shrink(data, settings.images, settings.test_images, settings.side)
    pairs = ((2, 2),) if is_smoke_run else PAIRS
    depth, layers = (8, 1) if is_smoke_run else (DEPTH, LAYERS)
    designs = [
        design for width, growth in pairs for design in (_resnet(depth, width), _densenet(layers, growth))
    ]
    return Plan(NAME, tuple(designs), few, settings, is_smoke_run)


def _resnet(depth: int, width: int) -> Design:
    stack = cifar_resnet.Stack(depth, width)
    return Design(
        f"ResNet-{depth}, width {width}",
        lambda nn, classes, shape: cifar_resnet.cifar_stack(nn, "resnet", stack, classes, shape),
    )


def _densenet(layers: int, growth: int) -> Design:
    stack = densenet.DenseStack(layers, growth, is_compressed=True)
    return Design(
        f"DenseNet-BC-{6 * layers + 4}, growth {growth}",
        lambda nn, classes, shape: densenet.cifar_densenet(nn, "densenet", stack, classes, shape),
    )


def accuracies(runs: Runs, name: str) -> tuple[float, ...]:
    """Return a network's accuracy on the test images, for each seed."""
    return tuple(run["test_accuracy"] for run in runs[name])


def pairs_of(runs: Runs) -> list[tuple[str, str]]:
    """Return the networks two by two: a ResNet and the DenseNet of its size."""
    names = list(runs)
    return list(zip(names[::2], names[1::2], strict=True))


def judge(runs: Runs) -> Verdict:
    """Return whether the DenseNet is more accurate at most sizes, and less so at none."""
    found = [compare(accuracies(runs, dense), accuracies(runs, res)) for res, dense in pairs_of(runs)]
    shows = 2 * found.count(HIGHER) > len(found) and LOWER not in found
    words = {HIGHER: "DenseNet better in every seed", LOWER: "ResNet better in every seed"}
    sizes = "; ".join(
        f"{dense} {Spread(accuracies(runs, dense)).text(2, 100)} %, {res} "
        f"{Spread(accuracies(runs, res)).text(2, 100)} % ({words.get(how, how)})"
        for (res, dense), how in zip(pairs_of(runs), found, strict=True)
    )
    return Verdict(shows, f"{'The effect shows' if shows else 'The effect does not show here'}: {sizes}.")


def table(plan: Plan, runs: Runs) -> Table:
    """Return parameters, work and test accuracy of each network."""
    columns = ("network", "layers", "trainable", "MACs", "test accuracy, %", "training loss", "seconds a run")
    rows: list[tuple[str, ...]] = []
    for card in plan.settings()["networks"]:
        of_network = runs[card["name"]]
        losses = Spread(tuple(run["history"][-1]["loss"] for run in of_network))
        seconds = Spread(tuple(run["seconds"] for run in of_network))
        rows.append(
            (
                card["name"],
                str(card["layers"]),
                f"{card['trainable']:,}",
                f"{card['multiply_accumulates']:,}",
                Spread(accuracies(runs, card["name"])).text(2, 100),
                losses.text(3),
                f"{seconds.mean:.0f}",
            )
        )
    return columns, rows


STUDY = Study(NAME, QUESTION, plan, functools.partial(prepare, is_tested=True), judge, table)
