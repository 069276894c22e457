"""Two ways to run a model compared: Keras, and the exported file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

Arrays = dict[str, np.ndarray]
Run = Callable[[Arrays], Arrays]
ALLOWED = 1e-4
"""Largest difference between an output of the file and Keras': of outputs beyond ±1, as a share of the largest one."""
ALONE = 3
"""Pictures that are tried one by one, too."""


@dataclass(frozen=True)
class Agreement:
    """How far an exported file gives what Keras gives."""

    pictures: int
    difference: float
    """The largest between any two outputs."""
    largest_output: float
    same_class: int | None
    """Pictures with the same class both ways; None where the outputs are no classes."""
    batches: tuple[int, ...]
    """Sizes of the batches that were tried."""
    spread: float
    """By how much an output differs between pictures, at most: where that is nothing, equal outputs say little."""
    fault: str = ""
    """Why they do not agree; "" where they do."""

    @property
    def allowed(self) -> float:
        """The largest difference that passes.

        >>> Agreement(1, 0.0, 0.5, 1, (1,), 1.0).allowed, Agreement(1, 0.0, 20.0, None, (1,), 1.0).allowed
        (0.0001, 0.002)
        """
        return ALLOWED * max(1.0, self.largest_output)

    @property
    def says_little(self) -> bool:
        """Whether the outputs hardly depend on the pictures."""
        return self.pictures > 1 and self.spread < 10 * self.allowed


def compare(
    keras: Run,
    exported: Run,
    inputs: Arrays,
    batch: int,
    fixed: int | None = None,
    tick: Callable[[int], object] = int,
) -> Agreement:
    """Run both on the same inputs, in batches and one by one, and compare every output.

    Args:
        keras: gives what Keras puts out.
        exported: gives what the file puts out.
        inputs: by name, (pictures, …) each.
        batch: pictures at a time.
        fixed: the only size of batches that the file takes, where it takes one alone.
        tick: called with the number of pictures that are done.
    """
    count = len(next(iter(inputs.values())))
    size = fixed or min(batch, count)
    pairs, tried = [], []
    for rows in _batches(count, size):
        part = {name: array[rows] for name, array in inputs.items()}
        pairs.append((keras(part), exported(part)))
        tick(rows.stop)
    tried.append(size)
    if size > 1:
        for row in range(min(ALONE, count)):
            part = {name: array[row : row + 1] for name, array in inputs.items()}
            pairs.append((keras(part), exported(part)))
        tried.insert(0, 1)
    return _judge(pairs, count, tuple(tried))


def _batches(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _judge(pairs: list[tuple[Arrays, Arrays]], count: int, batches: tuple[int, ...]) -> Agreement:
    """Return how far pairs of outputs agree; the first pairs are of `count` pictures, each once."""
    fault = next(filter(None, (_fault(mine, theirs) for mine, theirs in pairs)), "")
    if fault:
        return Agreement(count, float("inf"), 0.0, None, batches, 0.0, fault)
    largest = max(_largest(array) for mine, _ in pairs for array in mine.values())
    difference = max(
        _largest(mine[name].astype(np.float64) - theirs[name]) for mine, theirs in pairs for name in mine
    )
    whole = {name: np.concatenate([mine[name] for mine, _ in pairs])[:count] for name in pairs[0][0]}
    spread = max(_largest(np.ptp(array, axis=0)) for array in whole.values())
    (name, outputs), *others = whole.items()
    same = None
    if not others and outputs.ndim == 2:
        theirs = np.concatenate([each[name] for _, each in pairs])[:count]
        same = int((_classes(outputs) == _classes(theirs)).sum())
    agreement = Agreement(count, difference, largest, same, batches, spread)
    if difference > agreement.allowed:
        words = f"its outputs differ from Keras' by up to {difference:.2g}, and {agreement.allowed:.0e} is allowed"
        return replace(agreement, fault=words)
    return agreement


def _fault(mine: Arrays, theirs: Arrays) -> str:
    """Return why two sets of outputs cannot be compared; "" where they can."""
    if {name: array.shape for name, array in mine.items()} != {n: a.shape for n, a in theirs.items()}:
        return f"its outputs are {_shapes(theirs)}, and Keras' {_shapes(mine)}"
    if not all(np.isfinite(array).all() for array in mine.values()):
        return "Keras itself puts out values that are not finite for these pictures"
    if not all(np.isfinite(array).all() for array in theirs.values()):
        return "it puts out values that are not finite"
    return ""


def _largest(array: np.ndarray) -> float:
    return float(np.abs(array.astype(np.float64)).max()) if array.size else 0.0


def _classes(outputs: np.ndarray) -> np.ndarray:
    """Return the class of each row: the largest output's; of a single one whether it is above the middle."""
    if outputs.shape[1] > 1:
        return np.asarray(outputs.argmax(axis=1))
    is_share = ((outputs >= 0) & (outputs <= 1)).all()
    return np.asarray(outputs[:, 0] > (0.5 if is_share else 0))


def _shapes(arrays: Arrays) -> str:
    return ", ".join(f"{name} of {'×'.join(map(str, array.shape))}" for name, array in arrays.items())
