"""Accuracy against parameters: ResNets and DenseNets of matched sizes.

Source: Huang, Liu, van der Maaten and Weinberger, Densely connected convolutional networks, 2017, §4.3
and §5: DenseNet reaches an accuracy with fewer parameters.
"""

import functools
from collections.abc import Iterator

from app.experiment.study import (
    HIGHER,
    LOWER,
    Design,
    Run,
    Runs,
    Study,
    StudyVerdict,
    compare,
    say_whether,
    spread_of,
)
from app.experiment.training import COUNTS, NETWORK, SECONDS, Training, last, prepare
from models import cifar_resnet, densenet

DEPTH, LAYERS = 20, 4
"""Layers of the ResNets, and of each of the three dense blocks."""
PAIRS = ((4, 5), (6, 7), (8, 10))
"""Width of the ResNet and growth of the DenseNet-BC that stores about as much."""


def designs(is_smoke_run: bool) -> Iterator[Design]:
    """Yield three pairs of networks, a ResNet and the DenseNet of its size."""
    depth, layers = (8, 1) if is_smoke_run else (DEPTH, LAYERS)
    for width, growth in ((2, 2),) if is_smoke_run else PAIRS:
        yield from (_resnet(depth, width), _densenet(layers, growth))


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


def _accuracy(run: Run) -> float:
    return float(run["test_accuracy"])


def judge(runs: Runs) -> StudyVerdict:
    """Return whether the DenseNet is more accurate at most sizes, and less so at none."""
    spreads = [(name, spread_of(of_network, _accuracy)) for name, of_network in runs.items()]
    pairs = list(zip(spreads[::2], spreads[1::2], strict=True))
    found = [compare(dense, res) for (_, res), (_, dense) in pairs]
    shows = 2 * found.count(HIGHER) > len(found) and LOWER not in found
    words = {HIGHER: "DenseNet better in every seed", LOWER: "ResNet better in every seed"}
    sizes = "; ".join(
        f"{dense_name} {dense.text(2, 100)} %, {res_name} {res.text(2, 100)} % ({words.get(how, how)})"
        for ((res_name, res), (dense_name, dense)), how in zip(pairs, found, strict=True)
    )
    return say_whether(shows, f": {sizes}")


STUDY = Study(
    "resnet-vs-densenet",
    "Which is more accurate with as many parameters, a ResNet or a DenseNet?",
    full=Training(images=1000, test_images=5000, epochs=12, peak_rate=0.1, batch_size=50),
    smoke=Training(images=100, test_images=100, epochs=1, peak_rate=0.1, batch_size=50),
    designs=designs,
    prepare=functools.partial(prepare, is_tested=True),
    judge=judge,
    columns=NETWORK
    | {"layers": lambda card, _: str(card["layers"])}
    | COUNTS
    | {
        "test accuracy, %": lambda _, runs: spread_of(runs, _accuracy).text(2, 100),
        "training loss": lambda _, runs: spread_of(runs, last("loss")).text(3),
    }
    | SECONDS,
)
