"""A deep plain network trains worse than a shallow one; with shortcuts it does not.

Source: He, Zhang, Ren and Sun, Deep residual learning, 2016, figures 1 and 6.
"""

from collections.abc import Iterator

from app.experiment.study import (
    HIGHER,
    LOWER,
    Design,
    Runs,
    Spread,
    Study,
    StudyVerdict,
    compare,
    say_whether,
    spread_of,
)
from app.experiment.training import COUNTS, NETWORK, SECONDS, Training, last, prepare
from models.cifar_resnet import Stack, cifar_stack


def designs(is_smoke_run: bool) -> Iterator[Design]:
    """Yield four networks: shallow and deep, of either kind."""
    depths, width = ((8, 14), 2) if is_smoke_run else ((8, 44), 8)
    for kind in ("plain", "residual"):
        yield from (_design(kind, depth, width) for depth in depths)


def _design(kind: str, depth: int, width: int) -> Design:
    stack = Stack(depth, width, has_shortcuts=kind == "residual")
    return Design(f"{kind} {depth}", lambda nn, classes, shape: cifar_stack(nn, kind, stack, classes, shape))


def judge(runs: Runs) -> StudyVerdict:
    """Return whether depth harms the plain network and not the residual one.

    Three things must hold in every seed: deep plain is worse than shallow plain, deep residual is not
    clearly worse than shallow residual, and deep plain is worse than deep residual.
    """
    losses = {name: spread_of(of_network, last("loss")) for name, of_network in runs.items()}
    names, (shallow, deep, res_shallow, res_deep) = list(losses), losses.values()
    plain, residual = compare(deep, shallow), compare(res_deep, res_shallow)
    shows = plain == HIGHER and residual != HIGHER and compare(deep, res_deep) == HIGHER
    first = _sentence(names[1], deep, names[0], shallow, plain)
    second = _sentence(names[3], res_deep, names[2], res_shallow, residual)
    return say_whether(shows, f": {first}; {second}")


def _sentence(name: str, ours: Spread, other: str, others: Spread, how: str) -> str:
    words = {HIGHER: "worse in every seed", LOWER: "better in every seed"}.get(how, how)
    return f"{name} trains to a loss of {ours.text()}, {other} to {others.text()} ({words})"


STUDY = Study(
    "plain-vs-residual",
    "Does a deep network train worse than a shallow one, and do shortcuts help?",
    full=Training(images=2000, test_images=1, epochs=10, peak_rate=0.1, batch_size=64),
    smoke=Training(images=128, test_images=1, epochs=2, peak_rate=0.1, batch_size=64),
    designs=designs,
    prepare=prepare,
    judge=judge,
    columns=NETWORK
    | COUNTS
    | {
        "training loss, last epoch": lambda _, runs: spread_of(runs, last("loss")).text(),
        "training error, %": lambda _, runs: spread_of(runs, lambda r: 1 - last("accuracy")(r)).text(1, 100),
    }
    | SECONDS,
)
