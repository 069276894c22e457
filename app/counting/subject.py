"""What is counted: a network of the catalogue or a model file, with what its layers were told."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.counting.chalkboard import nn
from app.counting.layers import LAYERS
from app.counting.model_files import Config, read_config
from app.counting.reader import read_board
from app.counting.rows import Sheet
from models import CATALOGUE, Network, find_network

Settings = Mapping[str, Mapping[str, Any]]
"""The arguments of each layer, by its row's name: `{"conv1": {"filters": 32, …}}`."""
MODEL_ENDINGS = (".keras", ".h5", ".hdf5")


DAMAGE = (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What a configuration raises whose values are of another kind than Keras writes."""


@dataclass(frozen=True)
class Subject:
    """A network worked out by hand."""

    name: str
    """As it was asked for."""
    sheet: Sheet
    network: Network | None = None
    """The catalogue's entry; None for a file."""
    settings: Settings = field(default_factory=dict)
    loss: Any = None
    """The loss that a file was compiled with, as Keras stores it."""


def open_subject(name: str) -> Subject:
    """Return the network called `name`, or the one in the model file `name`.

    Raises:
        ValueError: there is no such network or file, or the file cannot be counted.
    """
    is_file = name.endswith(MODEL_ENDINGS) or (name and Path(name).exists())
    if is_file and name not in CATALOGUE:
        return _open_file(Path(name))
    network = find_network(name)
    settings: dict[str, Mapping[str, Any]] = {}
    sheet = network.builder(listening_vocabulary(settings)).sheet()
    return Subject(name, sheet, network, settings)


def _open_file(path: Path) -> Subject:
    config = read_config(path)
    try:
        sheet = read_board(config).sheet()
        if not all(
            isinstance(name, str) for name in (sheet.name, *(row.name for row in sheet.rows))
        ):
            raise TypeError("a name that is no text")
        settings = dict(_stored_settings(config))
        compiled = config.get("compile_config") or {}
        return Subject(str(path), sheet, None, settings, compiled.get("loss"))
    except DAMAGE as error:
        raise ValueError(f"{path}: the model configuration inside is damaged") from error


def _stored_settings(config: Config, prefix: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    inner = config["config"]
    for entry in inner["layers"] if isinstance(inner, dict) else inner:
        name = entry["config"].get("name", "")
        if "layers" in entry["config"]:
            found += _stored_settings(entry, f"{prefix}{name}/")
        else:
            found.append((prefix + name, entry["config"]))
    return found


def listening_vocabulary(heard: dict[str, Mapping[str, Any]]) -> SimpleNamespace:
    """Return the chalkboard's vocabulary, which writes down what each named layer is told."""

    def listen(make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*values: Any, **named: Any) -> Any:
            layer = make(*values, **named)
            if layer.name:
                heard[layer.name] = _arguments(make, values, named)
            return layer

        return made

    layers = {kind: listen(make) for kind, make in vars(nn).items() if kind in LAYERS}
    return SimpleNamespace(**{**vars(nn), **layers})


def _arguments(
    make: Callable[..., Any], values: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a call by name; those that `make` only hands on are among them."""
    signature = inspect.signature(make)
    bound = signature.bind(*values, **named).arguments
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    own = {
        name: value
        for name, value in bound.items()
        if signature.parameters[name].kind not in variable
    }
    return {**named, **own}
