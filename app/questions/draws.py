"""What chance decides in a question, the same on every machine.

Only `random.Random(text).random()` is drawn from: Python promises that it gives the same numbers in every
version, which it does not promise of `choice`, `sample` or `shuffle`.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from app.questions.grids import Grid

T = TypeVar("T")


def pick(random: Random, choices: Sequence[T]) -> T:
    """Return one of `choices`, each as likely as the others."""
    return choices[int(random.random() * len(choices))]


class Draws:
    """Numbers, grids and orders drawn from one text.

    >>> draws = Draws("sizes|0|7")
    >>> draws.number(3, 5) in (3, 4, 5)
    True
    """

    def __init__(self, text: str) -> None:
        self._random = Random(text)

    def number(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        return least + int(self._random.random() * (most - least + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`."""
        return pick(self._random, choices)

    def grid(self, rows: int, columns: int, least: int, most: int) -> Grid:
        """Return a grid of whole numbers from `least` to `most`."""
        return tuple(tuple(self.number(least, most) for _ in range(columns)) for _ in range(rows))

    def different(self, rows: int, columns: int, most: int) -> Grid:
        """Return a grid of whole numbers from 0 to `most`, none of them twice."""
        numbers = self.shuffled(range(most + 1))
        return tuple(
            tuple(numbers[row * columns + column] for column in range(columns)) for row in range(rows)
        )

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Return the things in any order."""
        order = sorted((self._random.random(), i) for i in range(len(things)))
        return [things[i] for _, i in order]
