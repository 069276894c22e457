"""The axes that a window slides along: one of a sequence, two of an image, three of a video or a scan."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.counting.notation import AXES

LETTERS = {1: "l", 2: "hw", 3: "dhw"}
MOST = max(AXES)

Value = TypeVar("Value")


def kernel_signs(rank: int) -> str:
    """Return the kernel's sizes as a formula has them: `k_h·k_w`; along one axis `k`."""
    return "k" if rank == 1 else "·".join(f"k_{letter}" for letter in LETTERS[rank])


def size_signs(rank: int, side: str) -> str:
    """Return the sizes of the input (`in`) or the output (`out`) as a formula has them: `h_out·w_out`."""
    return "·".join(f"{letter}_{side}" for letter in LETTERS[rank])


def join_words(words: Sequence[str]) -> str:
    """Return `depth, rows and columns`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def group_alike(
    values: Sequence[Value], key: Callable[[Value], Any] = lambda value: value
) -> list[tuple[str, Value]]:
    """Return each value once, with the names of the axes that share it.

    Args:
        values: one an axis.
        key: what has to be equal, if not the values themselves.

    >>> group_alike([8, 24, 24])
    [('depth', 8), ('rows and columns', 24)]
    """
    groups: list[tuple[list[str], Value]] = []
    for name, value in zip(AXES[len(values)], values, strict=True):
        for names, shared in groups:
            if key(shared) == key(value):
                names.append(name)
                break
        else:
            groups.append(([name], value))
    return [(join_words(names), value) for names, value in groups]
