"""What is counted: a network of the catalogue or a model file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.counting.chalkboard import nn
from app.counting.rows import Sheet
from app.counting.stored.count_file import StoredCount, count_file
from app.untrusted.places import ADDRESS
from models import CATALOGUE, Network, find_network

MODEL_ENDINGS = (".keras", ".h5", ".hdf5", ".json")


@dataclass(frozen=True)
class Counted:
    """A network worked out by hand."""

    name: str
    """As it was asked for."""
    sheet: Sheet
    network: Network | None = None
    """The catalogue's entry; None for a file."""
    stored: StoredCount | None = None
    """The file's count, with its check against the stored weights; None for the catalogue's."""

    @property
    def loss(self) -> Any:
        """The loss that a file was compiled with, as Keras stores it."""
        compiled = self.stored.config.get("compile_config") if self.stored else None
        return compiled.get("loss") if isinstance(compiled, dict) else None


def open_counted(name: str, input_shape: Sequence[int] | None = None) -> Counted:
    """Return the network called `name`, or the one in the model file `name`.

    Args:
        name: of a network in the catalogue, or of a file.
        input_shape: another input for a network; for a file, sizes that it leaves open.

    Raises:
        ValueError: there is no such network or file, or it cannot be counted.
    """
    is_file = name.endswith(MODEL_ENDINGS) or ADDRESS.match(name) or (name and Path(name).exists())
    if is_file and name not in CATALOGUE:
        stored = count_file(Path(name), input_shape)
        return Counted(name, stored.sheet, stored=stored)
    network = find_network(name)
    arguments = network.arguments(input_shape=tuple(input_shape) if input_shape else None)
    return Counted(name, network.builder(nn, **arguments).sheet(), network)
