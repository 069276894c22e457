"""The networks that the claims are about: the catalogue's, and the bare maps of LeNet-5."""

from collections.abc import Callable
from functools import cache
from typing import Any

from app.claims.claim import NotYetError
from app.counting.chalkboard import Board, nn
from app.counting.rows import Sheet
from models import CATALOGUE


def lenet_maps(nn: Any) -> Any:
    """The maps of LeNet-5, from C1 to F6; its C3 is connected fully here, which no shape shows.

    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B.
    """
    return nn.Sequential(
        [
            nn.Input((32, 32, 1)),
            nn.Conv2D(6, 5, name="c1"),
            nn.AveragePooling2D(2, name="s2"),
            nn.Conv2D(16, 5, name="c3"),
            nn.AveragePooling2D(2, name="s4"),
            nn.Conv2D(120, 5, name="c5"),
            nn.Flatten(),
            nn.Dense(84, name="f6"),
        ],
        name="lenet_maps",
    )


def find_builder(name: str) -> Callable[..., Any]:
    """Return the builder of the network `name`.

    Raises:
        NotYetError: the catalogue has none of that name.
    """
    if name == lenet_maps.__name__:
        return lenet_maps
    if name not in CATALOGUE:
        raise NotYetError(name)
    return CATALOGUE[name].builder


def board(name: str) -> Board:
    """Return the network `name` on the chalkboard."""
    return _board(find_builder(name))


def sheet(name: str) -> Sheet:
    """Return the network `name` worked out row by row."""
    return _sheet(find_builder(name))


@cache
def _board(builder: Callable[..., Any]) -> Board:
    built: Board = builder(nn)
    return built


@cache
def _sheet(builder: Callable[..., Any]) -> Sheet:
    return _board(builder).sheet()
