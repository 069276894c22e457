"""The network that a sheet is about: one of the catalogue, or a model file read as data."""

from pathlib import Path
from typing import Any

from app.counting.chalkboard import Board, nn
from models import CATALOGUE, Network, find_network


def source_of(network: Any) -> str:
    """Return what names the network: its name in the catalogue, or the path of its file.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(network, Network):
        return network.name
    if isinstance(network, str | Path):
        return str(network)
    kind = type(network)
    hint = "; save it and give the file" if hasattr(network, "save") else ""
    raise TypeError(
        "expected the name of a network or the path of a model file, "
        f"not {f'{kind.__module__}.{kind.__name__}'.removeprefix('builtins.')}{hint}"
    )


def board_of(source: str) -> Board | None:
    """Return the network that is meant; None where none is."""
    return open_network(source) if source else None


def name_of(source: str) -> str:
    """Return the name by which a sheet knows its network: a file's without the folder."""
    return source if source in CATALOGUE else Path(source).name


def is_file_name(name: str) -> bool:
    """Return whether a name is that of a model file."""
    from app.counting.counted import MODEL_ENDINGS

    return name.lower().endswith(MODEL_ENDINGS)


def open_network(source: str) -> Board:
    """Return the network that is meant, read as data.

    Raises:
        ValueError: there is no such network, or the file cannot be followed on paper.
    """
    path = Path(source)
    if source in CATALOGUE or not (is_file_name(path.suffix) or path.exists()):
        board: Board = find_network(source).builder(nn)
        return board
    from app.counting.stored.model_files import read_config
    from app.counting.stored.reader import read_board

    try:
        return read_board(read_config(path))
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: the model configuration inside is damaged") from error
