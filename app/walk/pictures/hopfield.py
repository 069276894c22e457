"""A Hopfield network: pictures stored in symmetric weights, and one found again from a damaged copy."""

from collections.abc import Iterator, Sequence

import numpy as np

from app.datasets.little_arrays import X_TURNED, X
from app.show.frames.frame import Frame, Grid, Mark, Walk

MOST_UNITS = 400
CAPACITY = 0.138
"""Pictures for each unit beyond which random ones are no longer found again (Amit, Gutfreund and Sompolinsky 1985)."""


def signs(picture: np.ndarray) -> np.ndarray:
    """Return a picture of 0 and 1 as −1 and +1."""
    return np.where(np.asarray(picture) > 0, 1, -1)


def store(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Return the weights W = Σ_p s_p s_pᵀ without the diagonal, for pictures s_p of −1 and +1.

    Hebb's rule: units that are alike in a picture support each other.

    >>> store([np.array([1, -1])]).tolist()
    [[0, -1], [-1, 0]]
    """
    columns = np.stack([picture.ravel() for picture in pictures])
    weights = columns.T @ columns
    np.fill_diagonal(weights, 0)
    return weights


def energy(weights: np.ndarray, state: np.ndarray) -> float:
    """Return E = −½ Σ_ij w_ij s_i s_j, which no step can raise.

    >>> energy(store([np.array([1, -1])]), np.array([1, -1]))
    -1.0
    """
    return float(-0.5 * state @ weights @ state)


def recall(
    weights: np.ndarray, state: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield each unit that turns over: (its number, its sum h_i = Σ_j w_ij s_j, the state afterwards).

    Unit by unit in a random order, s_i becomes the sign of h_i; at h_i = 0 it stays. A round without a turn ends it.
    """
    state = state.copy()
    turned = True
    while turned:
        turned = False
        for unit in rng.permutation(len(state)):
            total = int(weights[unit] @ state)
            if total and (total > 0) != (state[unit] > 0):
                state[unit] = 1 if total > 0 else -1
                turned = True
                yield int(unit), total, state.copy()


def flip_cells(picture: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return a picture with `count` cells turned over.

    Raises:
        ValueError: it has fewer.
    """
    if not 0 <= count <= picture.size:
        raise ValueError(f"0 to {picture.size} cells of this picture can be turned over, not {count}")
    damaged = picture.copy().ravel()
    damaged[rng.choice(picture.size, count, replace=False)] *= -1
    return damaged.reshape(picture.shape)


def hopfield_walk(pictures: Sequence[np.ndarray] = (), flipped: int = 5, seed: int = 0) -> Walk:
    """Return how a network finds the first of its pictures again from a copy with cells turned over.

    Args:
        pictures: of 0 and 1, all of one size; none: an upright and a turned cross of 5×5.
        flipped: cells of the first that are turned over.
        seed: of these cells, and of the order in which units are asked.

    Raises:
        ValueError: the pictures differ in size, or are too large.

    >>> hopfield_walk().facts["found"]
    True
    """
    given = [np.asarray(picture) for picture in (pictures or (X, X_TURNED))]
    shapes = {picture.shape for picture in given}
    if len(shapes) > 1 or given[0].ndim != 2 or given[0].size > MOST_UNITS:
        raise ValueError(f"the pictures have rows and columns, one size, and at most {MOST_UNITS} cells")
    stored = [signs(picture) for picture in given]
    rng = np.random.default_rng(seed)
    weights = store(stored)
    damaged = flip_cells(stored[0], flipped, rng)
    frames = [_first_frame(stored, damaged, weights)]
    energies, state = [energy(weights, damaged.ravel())], damaged.ravel()
    for unit, total, after in recall(weights, state, rng):
        frames.append(_step(state.reshape(damaged.shape), after.reshape(damaged.shape), unit, total, weights))
        state = after
        energies.append(energy(weights, state))
    found = bool((state == stored[0].ravel()).all())
    ending = "the first picture is found again" if found else _what_else(state, stored)
    units, count = damaged.size, len(stored)
    first, last = (f"{value:g}".replace("-", "−") for value in (energies[0], energies[-1]))
    return Walk(
        f"A Hopfield network of {units} units finds a picture again",
        tuple(frames),
        (
            f"{count} picture{'s are' if count > 1 else ' is'} stored: w_ij = Σ s_i·s_j over the pictures, w_ii = 0.",
            "A unit becomes +1 or −1, the sign of the sum of its neighbours times the weights.",
        ),
        (
            f"After {len(energies) - 1} steps no unit turns over: {ending}.",
            f"The energy E = −½ Σ w_ij·s_i·s_j fell from {first} to {last}; no step can raise it.",
            f"About {CAPACITY}·{units} = {CAPACITY * units:.1f} random pictures can be stored.",
        ),
        {
            "energies": energies,
            "found": found,
            "state": state.reshape(damaged.shape).tolist(),
            "flipped": flipped,
        },
        {
            "weights": weights,
            "stored": np.stack(stored),
            "damaged": damaged,
            "state": state.reshape(damaged.shape),
        },
    )


def _what_else(state: np.ndarray, stored: Sequence[np.ndarray]) -> str:
    for number, picture in enumerate(stored):
        for sign, words in ((1, ""), (-1, "the negative of ")):
            if (state == sign * picture.ravel()).all():
                return f"it ends in {words}picture {number + 1}"
    return "it ends in a mixture that nobody stored"


def _grid(caption: str, state: np.ndarray, marks: tuple[Mark, ...] = ()) -> Grid:
    return Grid(caption, state.tolist(), marks, largest=2.0)


def _first_frame(stored: Sequence[np.ndarray], damaged: np.ndarray, weights: np.ndarray) -> Frame:
    turned = tuple((int(r), int(c)) for r, c in np.argwhere(damaged != stored[0]))
    parts = tuple(_grid(f"stored, picture {number}", picture) for number, picture in enumerate(stored, 1))
    lines = (f"energy of the damaged copy: {energy(weights, damaged.ravel()):g}",)
    damaged_grid = _grid(
        f"{len(turned)} cells turned over", damaged, (Mark("window", turned),) if turned else ()
    )
    return Frame("what is stored, and what is shown", (*parts, damaged_grid), lines, "storing")


def _step(before: np.ndarray, after: np.ndarray, unit: int, total: int, weights: np.ndarray) -> Frame:
    row, column = divmod(unit, before.shape[1])
    energies = [energy(weights, state.ravel()) for state in (before, after)]
    sign = "+1" if total > 0 else "−1"
    lines = (
        f"h = Σ_j w_ij·s_j = {total}: the unit becomes {sign}".replace("-", "−"),
        f"energy {energies[0]:g} − 2·{abs(total)} = {energies[1]:g}".replace("-", "−"),
    )
    mark = ((row, column),)
    parts = (
        _grid("before", before, (Mark("window", mark),)),
        "→",
        _grid("after", after, (Mark("result", mark),)),
    )
    return Frame(f"unit in row {row}, column {column}", parts, lines, "recalling")
