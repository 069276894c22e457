"""Counting a model file by hand against loading it, and the cost of each further layer."""

import itertools
import json
import statistics
import tempfile
import time
from pathlib import Path

from app.counting.stored.count_file import count_file
from app.show.document import Table
from app.show.tables import print_parts
from benchmarks.timing import command_usage

ROUNDS = 3
LAYERS = (10, 100, 1_000, 10_000)
SAVE = "import keras; keras.applications.VGG16(weights=None).save({path!r})"
SUMMARY = "import keras; keras.models.load_model({path!r}).summary()"
WALL, MEMORY = 1 / 5, 1 / 10
"""The shares that the hand count may take of what loading takes."""


def run() -> None:
    """Print wall time and peak memory for a VGG16-sized file, then seconds a layer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg16.keras"
        command_usage(("-c", SAVE.format(path=str(path))))
        print_parts([_against_loading(path)])
        print_parts([_by_layers(Path(folder) / "chain.json")])


def _against_loading(path: Path) -> Table:
    commands = {
        "load_model(FILE).summary()": ("-c", SUMMARY.format(path=str(path))),
        "app.params FILE": ("-m", "app.params", str(path)),
    }
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            found[name].append(command_usage(arguments))
    seconds, sizes = ([statistics.median(use[i] for use in uses) for uses in found.values()] for i in (0, 1))
    rows = [
        (
            name,
            f"{seconds[i]:.2f} s",
            f"1/{seconds[0] / seconds[i]:.1f}",
            f"{sizes[i] / 2**20:,.0f} MiB",
            f"1/{sizes[0] / sizes[i]:.1f}",
        )
        for i, name in enumerate(found)
    ]
    good = seconds[1] <= WALL * seconds[0] and sizes[1] <= MEMORY * sizes[0]
    title = (
        f"VGG16, {path.stat().st_size / 1e6:,.0f} MB, median of {ROUNDS} interleaved rounds; at most "
        f"1/5 of the time and 1/10 of the memory: {'yes' if good else 'NO'}"
    )
    columns = ("command", "wall", "share", "peak memory", "share")
    return Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 4))


def _by_layers(path: Path) -> Table:
    rows = []
    for count in LAYERS:
        path.write_text(json.dumps(_chain(count)))
        started = time.perf_counter()
        counted = count_file(path)
        taken = time.perf_counter() - started
        assert len(counted.sheet.rows) == count + 1
        rows.append((f"{count:,}", f"{taken:.3f} s", f"{taken / count * 1e6:,.0f} µs"))
    columns = ("layers", "whole file", "each layer")
    return Table(columns, tuple(rows), title="convolutions on 28×28, one after the other", numbers=(0, 1, 2))


def _chain(count: int) -> dict[str, object]:
    """Return the configuration of a functional model with `count` convolutions in a row."""
    names = ["image", *(f"conv{i}" for i in range(count))]
    layers: list[dict[str, object]] = [
        {
            "class_name": "InputLayer",
            "name": "image",
            "inbound_nodes": [],
            "config": {"name": "image", "batch_shape": [None, 28, 28, 8]},
        }
    ]
    for before, name in itertools.pairwise(names):
        config = {"name": name, "filters": 8, "kernel_size": [3, 3], "padding": "same"}
        layers.append(
            {"class_name": "Conv2D", "name": name, "config": config, "inbound_nodes": [[[before, 0, 0, {}]]]}
        )
    ends = {"input_layers": [["image", 0, 0]], "output_layers": [[names[-1], 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "chain", "layers": layers, **ends}}
