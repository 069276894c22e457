"""X or not X: a convolutional and a dense network of as many parameters, shown an X that is not where it was.

Article 000: a dense network that learnt centred X knows no other, and a filter keeps hold of a turned, shrunk or
distorted one. Trained in NumPy: for so few parameters that is faster than anything larger.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from app.counting import formulas
from app.counting.chalkboard import nn as chalk
from app.datasets import little_arrays
from app.datasets.dataset import Dataset
from app.datasets.streamed import Images
from app.datasets.x_or_not_x import KINDS, Pictures, draw_dataset
from app.experiment.study import (
    HIGHER,
    LOWER,
    Design,
    Plan,
    Run,
    Runs,
    Spread,
    Study,
    StudyVerdict,
    Trial,
    compare,
    say_whether,
    spread_of,
)
from app.experiment.training import NETWORK
from models.x_or_not_x import x_or_not_x

if TYPE_CHECKING:
    from app.scratch.network import Model

SIZES = (5, 9)
TRAINED_ON = ("centred", "moved")
TESTED_ON = tuple(kind for kind in KINDS if kind != "all")
FAMILIES = ("convolution", "dense")
FEWEST_UNITS = 3
"""Units of a hidden layer, as many as in the article's network."""
ARTICLES_X = ("x", "x_distorted", "x_off_centre")
"""The article's three X, by their names in `little_arrays`."""


@dataclass(frozen=True)
class SmallTraining:
    """Adam; the rate rises to its peak over the first fifth of all steps, then falls to 0, both linearly."""

    images: int
    """Training pictures, half of them X."""
    test_images: int
    """Of each kind, half of them X."""
    epochs: int
    peak_rate: float = 0.02
    batch_size: int = 32
    hidden_bias: float = 0.5
    """What the biases of the hidden layers begin at, so that none of these few units is silent."""


@dataclass(frozen=True)
class DrawnPlan(Plan):
    """A plan whose pictures are drawn anew for each seed; `data` are the first of them."""

    def data_card(self) -> dict[str, Any]:
        """Return what the data are."""
        card = super().data_card()
        return card | {"name": "x_or_not_x", "sizes": list(SIZES), "kinds": list(TESTED_ON)}


@dataclass(frozen=True)
class DrawnStudy(Study):
    """A study that draws its own pictures."""

    def plan(self, data: Dataset, is_smoke_run: bool) -> Plan:  # noqa: ARG002
        """Return what is to be run; of `data` only the name counts, the pictures are drawn."""
        recipe = self.smoke if is_smoke_run else self.full
        first = draw_dataset(Pictures(), recipe.images, recipe.test_images)
        return DrawnPlan(self.name, tuple(self.designs(is_smoke_run)), first, recipe, is_smoke_run)


@dataclass(frozen=True)
class Case:
    """A network on pictures of one size, and what it is trained on."""

    family: str
    size: int
    kind: str

    @property
    def name(self) -> str:
        """As the table calls it."""
        return f"{self.family} {self.size}×{self.size}, trained on {self.kind}"

    def build(self, nn: Any, classes: int = 2, input_shape: Any = None) -> Any:  # noqa: ARG002
        """Return the network; its size is the case's own, whatever the data."""
        shape = (self.size, self.size, 1)
        return x_or_not_x(nn, shape) if self.family == "convolution" else dense_network(nn, shape)


CASES = {
    case.name: case
    for size in SIZES
    for kind in TRAINED_ON
    for case in (Case(family, size, kind) for family in FAMILIES)
}


def dense_network(nn: Any, input_shape: tuple[int, int, int]) -> Any:
    """Return a network without convolution that stores as much as `x_or_not_x` does, as nearly as can be.

    It has one or two hidden layers of at least three units, and the same output unit.
    """
    hidden = [
        nn.Dense(units, activation="relu", name=f"hidden{number}")
        for number, units in enumerate(dense_units(input_shape), 1)
    ]
    start = [nn.Input(input_shape, name="image"), nn.Flatten(name="flatten")]
    return nn.Sequential([*start, *hidden, nn.Dense(1, activation="sigmoid", name="output")], name="dense")


def dense_units(input_shape: tuple[int, int, int]) -> tuple[int, ...]:
    """Return the units of the hidden layers whose parameters are nearest to those of the convolutional network.

    >>> dense_units((5, 5, 1)), dense_units((9, 9, 1))
    ((3, 3), (3,))
    """
    aim = int(x_or_not_x(chalk, input_shape).sheet().trainable)
    inputs = int(np.prod(input_shape))
    most = range(FEWEST_UNITS, max(FEWEST_UNITS, aim // inputs) + 2)
    choices = [(first,) for first in most] + [(first, second) for first in most for second in most]

    def parameters(units: tuple[int, ...]) -> int:
        sizes = (inputs, *units, 1)
        return sum(int(formulas.dense_parameters(n, m)) for n, m in pairwise(sizes))

    return min(choices, key=lambda units: abs(parameters(units) - aim))


def designs(is_smoke_run: bool) -> Iterator[Design]:  # noqa: ARG001
    """Yield both networks on both sizes, trained on centred and on moved X."""
    for case in CASES.values():
        yield Design(case.name, case.build, "glorot")


@lru_cache(maxsize=2 * len(TESTED_ON))
def _pictures(kind: str, size: int, seed: int, images: int, test_images: int) -> Dataset:
    return draw_dataset(Pictures(kind, size, seed), images, test_images)


def prepare(plan: Plan, design: Design) -> Trial:
    """Return a trial: accuracy on each kind of picture, and what filters answer."""
    case, recipe = CASES[design.name], plan.recipe

    def trial(seed: int, advance: Callable[[float], None]) -> Run:
        sets = {
            kind: _pictures(kind, case.size, seed, recipe.images, recipe.test_images) for kind in TESTED_ON
        }
        model = train(case, sets[case.kind], recipe, seed, advance)
        run: Run = {
            "accuracy": {kind: _share_right(model, data) for kind, data in sets.items()},
            "x_found": {kind: _share_right(model, _only(data, 1)) for kind, data in sets.items()},
        }
        if case.size == SIZES[0]:
            run["articles_x"] = _articles_x(model)
        if case.family == "convolution":
            run["response"] = {
                "article": responses(_articles_filter, sets),
                "trained": responses(lambda images: model.forward(images)["conv"], sets),
            }
        return run

    return trial


def train(
    case: Case, data: Dataset, recipe: SmallTraining, seed: int, advance: Callable[[float], None]
) -> "Model":
    """Return the network of a case, trained on the training pictures."""
    from app.scratch.fit import choose_objective, train_step
    from app.scratch.optimisers import Adam
    from app.scratch.vocabulary import nn

    model: Model = case.build(nn).initialise(seed)
    for name, weight in model.weights().items():
        if name.startswith("hidden") and name.endswith("bias"):
            weight[...] = recipe.hidden_bias
    objective, adam = choose_objective(model), Adam(recipe.peak_rate)
    images, labels = _inputs(data.train_images), data.train_labels
    starts = range(0, len(labels), recipe.batch_size)
    steps, done = recipe.epochs * len(starts), 0
    rise = max(1, steps // 5)
    for epoch in range(recipe.epochs):
        order = np.random.default_rng([seed, epoch]).permutation(len(labels))
        for start in starts:
            batch = order[start : start + recipe.batch_size]
            done += 1
            adam.rate = recipe.peak_rate * min(done / rise, (steps + 1 - done) / (steps + 1 - rise))
            train_step(model, objective, images[batch], objective.targets(labels[batch], 2), adam)
        advance((epoch + 1) / recipe.epochs)
    return model


def _inputs(images: Images) -> np.ndarray:
    return np.asarray(images, np.float32) / 255


def _only(data: Dataset, label: int) -> Dataset:
    of_class = data.test_labels == label
    return replace(data, test_images=data.test_images[of_class], test_labels=data.test_labels[of_class])


def _says_x(model: "Model", images: np.ndarray) -> np.ndarray:
    (output,) = model.forward(images, keep=()).outputs
    said: np.ndarray = output[:, 0] > 0.5
    return said


def _share_right(model: "Model", data: Dataset) -> float:
    return float((_says_x(model, _inputs(data.test_images)) == data.test_labels).mean())


def _articles_x(model: "Model") -> dict[str, bool]:
    """Return which of the article's three X it takes for one."""
    arrays = little_arrays.named_arrays()
    images = np.array([arrays[name] for name in ARTICLES_X], np.float32)[..., None]
    return dict(zip(ARTICLES_X, map(bool, _says_x(model, images)), strict=True))


def _articles_filter(images: np.ndarray) -> np.ndarray:
    """Return the map of the article's X filter, without a bias: (count, rows, columns, 1)."""
    windows = np.lib.stride_tricks.sliding_window_view(images[..., 0], (3, 3), axis=(1, 2))
    return np.einsum("nijab,ab->nij", windows, np.array(little_arrays.X_FILTER, np.float32))[..., None]


def responses(maps: Callable[[np.ndarray], np.ndarray], sets: Mapping[str, Dataset]) -> dict[str, float]:
    """Return how strongly a filter answers to X of each kind, and to the other signs, as a share of the centred X.

    The answer to a picture is the largest value in its map, the answer to a kind the mean over the pictures. Of several
    filters the one is taken that sets X apart most: whose answer to centred X exceeds that to the other signs most.
    """

    def answers(kind: str, label: int) -> np.ndarray:
        values: np.ndarray = maps(_inputs(_only(sets[kind], label).test_images)).max(axis=(1, 2)).mean(axis=0)
        return values

    upright, others = answers("centred", 1), answers("centred", 0)
    best = int((upright - others).argmax())
    shares = {kind: answers(kind, 1) for kind in TESTED_ON} | {"not X": others}
    return {kind: float(share[best] / max(upright[best], 1e-12)) for kind, share in shares.items()}


def accuracy(kind: str) -> Callable[[Run], float]:
    """Return what reads the accuracy on a kind of picture from a run."""
    return lambda run: float(run["accuracy"][kind])


def response(whose: str, kind: str) -> Callable[[Run], float]:
    """Return what reads the answer of a filter, `article` or `trained`, to a kind of picture from a run."""
    return lambda run: float(run["response"][whose][kind])


def judge(runs: Runs) -> StudyVerdict:
    """Return whether the convolution, trained on moved X, knows them better than the dense network does, at each size.

    The words tell what came out besides: of training on centred X alone, of the article's three X, and of filters.
    """
    found, words = {}, []
    for size in SIZES:
        ours, others = (_spread(runs, family, size, "moved", "moved") for family in FAMILIES)
        how = found[size] = compare(ours, others)
        said = {HIGHER: "convolution better in every seed", LOWER: "dense better in every seed"}.get(how, how)
        words.append(
            f"at {size}×{size} the convolution {_percent(ours)}, the dense network {_percent(others)} ({said})"
        )
    better = [f"{size}×{size}" for size, how in found.items() if how == HIGHER]
    where = f" at {' and '.join(better)} alone" if 0 < len(better) < len(SIZES) else ""
    shows = say_whether(bool(better), where).words.removesuffix(".")
    sentences = (
        f"{shows}. Trained on moved X and tested on them: {'; '.join(words)}.",
        _centred_words(runs),
        _articles_words(runs),
        _filter_words(runs),
    )
    return StudyVerdict(len(better) == len(SIZES), " ".join(sentences))


def _spread(runs: Runs, family: str, size: int, trained: str, tested: str) -> Spread:
    return spread_of(runs[Case(family, size, trained).name], accuracy(tested))


def _percent(spread: Spread) -> str:
    return f"{spread.text(1, 100)} %"


def _centred_words(runs: Runs) -> str:
    """Say what networks that saw centred X alone make of moved ones."""
    said = "; ".join(
        f"at {size}×{size} "
        + ", ".join(
            f"{family} {_percent(_spread(runs, family, size, 'centred', 'moved'))}" for family in FAMILIES
        )
        for size in SIZES
    )
    return f"Trained on centred X alone and tested on moved ones: {said}; guessing gives 50 %."


def _articles_words(runs: Runs) -> str:
    """Say how many of the article's three X the networks find, over all seeds."""
    size, said = SIZES[0], []
    for kind in TRAINED_ON:
        of_kind = {family: runs[Case(family, size, kind).name] for family in FAMILIES}
        counts = ", ".join(
            f"{family} {sum(sum(run['articles_x'].values()) for run in each)}"
            for family, each in of_kind.items()
        )
        said.append(f"trained on {kind} X {counts}")
    most = len(ARTICLES_X) * len(runs[Case(FAMILIES[0], size, "moved").name])
    return f"Of the article's three X, in all seeds {most}, were found: {'; '.join(said)}."


def _filter_words(runs: Runs) -> str:
    """Say how filters answer to changed X, on the larger pictures."""
    of_filter = runs[Case("convolution", SIZES[-1], "moved").name]
    said = []
    for whose, name in (
        ("article", "the article's filter"),
        ("trained", "the trained one that sets X apart most"),
    ):
        shares = ", ".join(
            f"{kind} {100 * spread_of(of_filter, response(whose, kind)).mean:.0f} %"
            for kind in (*TESTED_ON[2:], "not X")
        )
        said.append(f"{name}: {shares}")
    return f"Answers of filters at {SIZES[-1]}×{SIZES[-1]}, the centred X being 100 %: {'; '.join(said)}."


def _column(kind: str) -> Callable[[Mapping[str, Any], Sequence[Run]], str]:
    return lambda _, runs: spread_of(runs, accuracy(kind)).text(1, 100)


def _articles_column(_: Mapping[str, Any], runs: Sequence[Run]) -> str:
    if "articles_x" not in runs[0]:
        return "–"
    return f"{spread_of(runs, lambda run: sum(run['articles_x'].values())).mean:.1f}"


STUDY = DrawnStudy(
    "x_or_not_x",
    "Does a convolution know an X that is moved, turned, scaled, bent or noisy, where a dense network does not?",
    full=SmallTraining(images=2000, test_images=1000, epochs=20),
    smoke=SmallTraining(images=100, test_images=100, epochs=1),
    designs=designs,
    prepare=prepare,
    judge=judge,
    columns=NETWORK
    | {"trainable": lambda card, _: f"{card['trainable']:,}"}
    | {f"{kind}, %": _column(kind) for kind in TESTED_ON}
    | {"of the article's 3": _articles_column},
    is_in_numpy=True,
)
