"""The multilayer perceptron as article 001 tells it: sigmoid units, and the delta rule sample by sample."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Array = np.ndarray

XOR = (np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float), np.array([[0], [1], [1], [0]], float))
"""Either, but not both: inputs (4, 2) and targets (4, 1)."""


def sigmoid(inputs: Array) -> Array:
    """Return 1/(1 + e^−I); e^−|I| cannot overflow."""
    small = np.exp(-np.abs(inputs))
    return np.where(inputs >= 0, 1, small) / (1 + small)


@dataclass(frozen=True)
class Step:
    """One sample gone forward and back, before anything is changed: a vector for each layer behind the input."""

    outputs: tuple[Array, ...]
    """O of every layer; the first is the sample itself."""
    errors: tuple[Array, ...]
    """Err of every layer but the input."""


class Perceptron:
    """Layers of sigmoid units, each reading all of the layer before.

    Args:
        sizes: units of each layer, the input first: (2, 2, 1).
        seed: of weights and biases, drawn evenly from −1 to 1, the first of the article's two ranges.
        width: another range, from −width to width.

    >>> net = Perceptron((2, 2, 1), seed=0)
    >>> [weights.shape for weights in net.weights], net.parameters
    ([(2, 2), (2, 1)], 9)
    """

    def __init__(self, sizes: Sequence[int], seed: int = 0, width: float = 1.0) -> None:
        rng = np.random.default_rng(seed)
        self.sizes = tuple(sizes)
        pairs = list(pairwise(sizes))
        self.weights = [rng.uniform(-width, width, pair) for pair in pairs]
        """w_ij, from unit i (row) to unit j of the next layer (column)."""
        self.biases = [rng.uniform(-width, width, after) for _, after in pairs]
        """θ_j."""

    @property
    def parameters(self) -> int:
        """How many numbers are learnt."""
        return sum(array.size for array in (*self.weights, *self.biases))

    def forward(self, inputs: Array) -> tuple[Array, ...]:
        """Return the outputs of every layer, the inputs first: I_j = Σ_i w_ij·O_i + θ_j, O_j = 1/(1 + e^−I_j).

        Args:
            inputs: one sample (units,), or many (samples, units).
        """
        outputs = [inputs]
        for weights, biases in zip(self.weights, self.biases, strict=True):
            outputs.append(sigmoid(outputs[-1] @ weights + biases))
        return tuple(outputs)

    def look(self, sample: Array, target: Array) -> Step:
        """Return outputs and errors for one sample, from the output layer back.

        At the output Err_j = O_j·(1 − O_j)·(T_j − O_j), inside Err_j = O_j·(1 − O_j)·Σ_k Err_k·w_jk.

        >>> net = Perceptron((1, 1, 1))
        >>> net.weights, net.biases = [np.array([[1.0]]), np.array([[2.0]])], [np.zeros(1), np.zeros(1)]
        >>> step = net.look(np.zeros(1), np.ones(1))
        >>> [output.round(3).item() for output in step.outputs], [error.round(4).item() for error in step.errors]
        ([0.0, 0.5, 0.731], [0.0264, 0.0529])
        """
        outputs = self.forward(sample)
        last = outputs[-1]
        errors = [last * (1 - last) * (target - last)]
        for output, weights in zip(outputs[-2:0:-1], self.weights[:0:-1], strict=True):
            errors.insert(0, output * (1 - output) * (weights @ errors[0]))
        return Step(outputs, tuple(errors))

    def learn(self, sample: Array, target: Array, rate: float) -> Step:
        """Change weights and biases after one sample: Δw_ij = l·Err_j·O_i, Δθ_j = l·Err_j; return what was seen."""
        step = self.look(sample, target)
        for weights, biases, before, error in zip(
            self.weights, self.biases, step.outputs, step.errors, strict=False
        ):
            weights += rate * np.outer(before, error)
            biases += rate * error
        return step

    def error(self, inputs: Array, targets: Array) -> float:
        """Return the mean over samples of ½·Σ_j (T_j − O_j)², what the rule makes small."""
        return float(((targets - self.forward(inputs)[-1]) ** 2).sum()) / 2 / len(inputs)

    def accuracy(self, inputs: Array, targets: Array) -> float:
        """Return the share of samples that are told right: by the largest output, by one above ½ where there is one."""
        outputs = self.forward(inputs)[-1]
        if outputs.shape[-1] == 1:
            return float(((outputs > 0.5) == (targets > 0.5)).mean())
        return float((outputs.argmax(axis=-1) == targets.argmax(axis=-1)).mean())


def orders(samples: int, seed: int) -> Iterator[Array]:
    """Return an order of the samples for each epoch, another one each time, that depends on seed and epoch alone."""
    epoch = 0
    while True:
        yield np.random.default_rng((seed, epoch)).permutation(samples)
        epoch += 1


def train_epoch(
    net: Perceptron,
    inputs: Array,
    targets: Array,
    rate: float,
    order: Array,
    report: Callable[[int], None] | None = None,
) -> None:
    """Let a perceptron learn from each sample once.

    Args:
        net: which is changed.
        inputs: (samples, units).
        targets: (samples, units of the last layer).
        rate: l, usually between 0 and 1.
        order: numbers of the samples.
        report: told how many are done, now and then.
    """
    for done, number in enumerate(order):
        net.learn(inputs[number], targets[number], rate)
        if report and done % 1000 == 999:
            report(done + 1)


@dataclass(frozen=True)
class PerceptronSettings:
    """What a perceptron learns, and how."""

    task: str
    """`xor` or `digits`."""
    hidden: int
    """Hidden units."""
    epochs: int
    rate: float
    """l of the delta rule."""
    seed: int = 0
    """Of weights, biases and the order of the samples."""

    @property
    def width(self) -> float:
        """Weights and biases begin between −width and width; 784 inputs would saturate units with weights up to 1."""
        return 1.0 if self.task == "xor" else 0.1


TASKS = {
    "xor": PerceptronSettings("xor", hidden=3, epochs=5000, rate=0.5),
    "digits": PerceptronSettings("digits", hidden=50, epochs=3, rate=0.3),
}
"""What a perceptron can be taught here, with settings that do for it."""
