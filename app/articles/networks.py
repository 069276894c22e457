"""Short layer lists of classic networks, for the claims about them; the catalogue's come first.

As in `models/`, a builder is handed the vocabulary `nn`. These serve the count alone: no names, no
activations, no dropout.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from app.articles.claim import NotYetError
from app.counting.chalkboard import Board, nn
from app.counting.rows import Sheet
from models import CATALOGUE


def alexnet(nn: Any) -> Any:
    """AlexNet as published, on two GPUs: convolutions 2, 4 and 5 see half of the channels.

    Source: Krizhevsky, Sutskever and Hinton 2012, §3.5; sizes as in BVLC's bvlc_alexnet.
    """
    return nn.Sequential(
        [
            nn.Input((227, 227, 3)),
            nn.Conv2D(96, 11, strides=4), nn.MaxPooling2D(3, strides=2),
            nn.Conv2D(256, 5, padding="same", groups=2), nn.MaxPooling2D(3, strides=2),
            nn.Conv2D(384, 3, padding="same"),
            nn.Conv2D(384, 3, padding="same", groups=2),
            nn.Conv2D(256, 3, padding="same", groups=2), nn.MaxPooling2D(3, strides=2),
            nn.Flatten(), nn.Dense(4096), nn.Dense(4096), nn.Dense(1000),
        ],
        name="alexnet",
    )  # fmt: skip


def alexnet_ungrouped(nn: Any) -> Any:
    """AlexNet on one GPU: every convolution sees all channels."""
    return nn.Sequential(
        [
            nn.Input((227, 227, 3)),
            nn.Conv2D(96, 11, strides=4), nn.MaxPooling2D(3, strides=2),
            nn.Conv2D(256, 5, padding="same"), nn.MaxPooling2D(3, strides=2),
            nn.Conv2D(384, 3, padding="same"), nn.Conv2D(384, 3, padding="same"),
            nn.Conv2D(256, 3, padding="same"), nn.MaxPooling2D(3, strides=2),
            nn.Flatten(), nn.Dense(4096), nn.Dense(4096), nn.Dense(1000),
        ],
        name="alexnet_ungrouped",
    )  # fmt: skip


def lenet_maps(nn: Any) -> Any:
    """The maps of LeNet-5, from C1 to F6; its C3 is connected fully here, which no shape shows.

    Source: LeCun, Bottou, Bengio and Haffner 1998, §II.B.
    """
    return nn.Sequential(
        [
            nn.Input((32, 32, 1)),
            nn.Conv2D(6, 5, name="c1"), nn.AveragePooling2D(2, name="s2"),
            nn.Conv2D(16, 5, name="c3"), nn.AveragePooling2D(2, name="s4"),
            nn.Conv2D(120, 5, name="c5"), nn.Flatten(), nn.Dense(84, name="f6"),
        ],
        name="lenet_maps",
    )  # fmt: skip


_OURS: dict[str, Callable[..., Any]] = {
    builder.__name__: builder for builder in (alexnet, alexnet_ungrouped, lenet_maps)
}


def find_builder(name: str) -> Callable[..., Any]:
    """Return the builder of the network `name`: the catalogue's, or the list above.

    Raises:
        NotYetError: it is in neither.
    """
    builder = CATALOGUE[name].builder if name in CATALOGUE else _OURS.get(name)
    if builder is None:
        raise NotYetError(name)
    return builder


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
