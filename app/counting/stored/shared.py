"""Layers that stand in several models of one file, and are one layer.

Keras marks them by `shared_object_id`; Keras 3 marks all but the first, and then cannot load its own file.
"""

import copy
from collections.abc import Iterator
from typing import Any

from app.counting.stored.model_files import Config

ID = "shared_object_id"
Path = tuple[str, ...]
"""Names of layers, each inside the one before."""


def mark_shared(config: Config) -> Config:
    """Return a configuration in which the first of the entries that are one layer has its id too.

    The first is the entry of the same class and configuration, its name included, that comes before one with an id and
    has none. Where nothing is missing, `config` itself is returned.
    """
    if not any(ID in entry for entry in _entries(config)):
        return config
    marked: Config = copy.deepcopy(config)
    before: list[Config] = []
    for entry in _entries(marked):
        number = entry.get(ID)
        if number is None:
            before.append(entry)
            continue
        if any(other.get(ID) == number for other in before):
            continue
        first = next((other for other in before if is_same(other, entry)), None)
        if first is not None:
            first[ID] = number
    return marked


def part_shared(config: Config) -> tuple[Config, list[tuple[Path, Path]]]:
    """Return a configuration without the ids, so that each place has a layer of its own, and which were one.

    Returns:
        The configuration, and for each layer that stands in another place too the names that lead to it, and those
        that lead to the first.
    """
    marked = mark_shared(config)
    if not any(ID in entry for entry in _entries(marked)):
        return config, []
    parted: Config = copy.deepcopy(marked)
    first: dict[Any, tuple[Path, Config]] = {}
    pairs = []
    for path, entry in _places(parted):
        number = entry.pop(ID, None)
        if number is None:
            continue
        if entry["class_name"] == "InputLayer":
            continue
        if number in first and is_same(first[number][1], entry):
            pairs.append((path, first[number][0]))
        else:
            first.setdefault(number, (path, entry))
    return parted, pairs


def is_same(entry: Config, other: Config) -> bool:
    """Return whether two entries describe the same layer, by class, name and settings."""
    return entry["class_name"] == other["class_name"] and _bare(entry["config"]) == _bare(other["config"])


def _bare(value: Any) -> Any:
    """Return settings without the ids of what is in them: initialisers and types have ids too."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if key != ID}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _entries(config: Config) -> Iterator[Config]:
    return (entry for _, entry in _places(config))


def _places(config: Any, before: Path = ()) -> Iterator[tuple[Path, Config]]:
    """Yield the names that lead to each layer, and its entry; those of nested models behind their model."""
    inner = config.get("config") if isinstance(config, dict) else None
    entries = inner.get("layers") if isinstance(inner, dict) else inner
    for entry in entries if isinstance(entries, list) else ():
        if (
            isinstance(entry, dict)
            and "class_name" in entry
            and isinstance(entry.get("config"), (dict, list))
        ):
            named = entry["config"].get("name") if isinstance(entry["config"], dict) else None
            path = (*before, str(named or entry.get("name")))
            yield path, entry
            yield from _places(entry, path)
