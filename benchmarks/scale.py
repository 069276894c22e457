"""How the cost of maps of many pictures grows: with the pictures, with the workers, with the network; and beyond."""

import contextlib
import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.datasets.sources import load_mnist
from app.show.document import Table
from app.show.tables import print_parts
from benchmarks.timing import ROOT

MAPS = ("--method", "vanilla", "--method", "guided", "--method", "gradcam")
COUNTS = (5_000, 20_000, 50_000)
MOST = COUNTS[-1]
ROUNDS = 3
WAYS = {"plain loop, all cores": (), "1 worker": ("--workers", "1"), "2 workers": ("--workers", "2")}
MACHINES = (1, 8, 64)
OUTPUT = ROOT / "output"
DISK = 500e6
"""Bytes a second that a common file system takes from all workers together: what the estimate assumes."""


@dataclass(frozen=True)
class Run:
    """One command, measured."""

    seconds: float
    """Wall time from its start to its end."""
    steady: float
    """Pictures a second from the first shard that was written to the last one."""
    workers: tuple[float, ...]
    """The largest memory of each worker, or of the process itself, MB."""
    bytes: float
    """What it left for each picture."""
    shard: float
    """Pictures of a shard."""
    start: float
    """Seconds that go by besides the pictures."""


def run() -> None:
    """Print the tables, and leave the numbers and a figure in `output`."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        images = load_mnist().train_images[:MOST, ..., 0]
        for count in COUNTS:
            np.save(folder / f"{count}.npy", images[:count])
        _explain(folder, 5_000, ())  # what the system reads once
        ways: dict[str, list[Run]] = {name: [] for name in WAYS}
        for _ in range(ROUNDS):
            for name, options in WAYS.items():
                ways[name].append(_explain(folder, MOST, options))
        growth = {count: _explain(folder, count, WAYS["2 workers"]) for count in COUNTS[:-1]}
        growth[MOST] = _median(ways["2 workers"])
        photographs = {name: _explain_photographs(folder, options) for name, options in WAYS.items()}
        parts = _parts(folder)
    medians = {name: _median(runs) for name, runs in ways.items()}
    networks = {"mnist": medians["1 worker"], "efficientnet_lite0": photographs["1 worker"]}
    costs = {name: asdict(each) | {"dealing_out": parts["dealing_out"]} for name, each in networks.items()}
    tables = _ways_table(medians), _growth_table(growth), _photographs_table(photographs)
    print_parts([*tables, _parts_table(costs, parts), _beyond_table(costs)])
    numbers = {
        "ways": {name: asdict(each) for name, each in medians.items()},
        "all ways": {name: [asdict(each) for each in runs] for name, runs in ways.items()},
        "growth": {count: asdict(each) for count, each in growth.items()},
        "photographs": {name: asdict(each) for name, each in photographs.items()},
        "parts": parts,
    }
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "scale.json").write_text(json.dumps(numbers, indent=2) + "\n")
    draw(numbers).savefig(OUTPUT / "scale.png", dpi=150)


def _median(runs: Sequence[Run]) -> Run:
    """Return the run whose time is in the middle."""
    return sorted(runs, key=lambda each: each.seconds)[len(runs) // 2]


# -- measuring ---------------------------------------------------------------------------------------------------


def _explain(folder: Path, count: int, options: Sequence[str]) -> Run:
    return _measured(folder, "mnist", folder / f"{count}.npy", count, options)


def _explain_photographs(folder: Path, options: Sequence[str], count: int = 96) -> Run:
    """Explain photographs of 224×224 pixels with EfficientNet-Lite0."""
    from PIL import Image

    place = folder / "photographs"
    if not place.exists():
        place.mkdir()
        with Image.open(ROOT / "docs/pictures/grace_hopper.jpg") as photograph:
            for i in range(count):
                photograph.rotate(i).save(place / f"{i:03d}.jpg", quality=90)
    return _measured(folder, "efficientnet_lite0", place, count, options)


def _measured(folder: Path, model: str, source: Path, count: int, options: Sequence[str]) -> Run:
    import psutil

    output = Path(tempfile.mkdtemp(dir=folder)) / "maps"
    command = ("-m", "app.saliency", "--model", model, *MAPS, "--prepare", "resize", "--arrays")
    started, began = time.perf_counter(), time.time()
    process = subprocess.Popen(
        [sys.executable, *command, "--images", str(source), "--output", str(output), *options],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    watched, largest, parents = psutil.Process(process.pid), dict[int, float](), dict[int, int]()
    while process.returncode is None:
        for each in [watched, *watched.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                parents[each.pid] = each.ppid()
                largest[each.pid] = max(largest.get(each.pid, 0.0), each.memory_info().rss / 1e6)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"python {' '.join(command)} {' '.join(options)} ended with {process.returncode}")
    large = {pid: size for pid, size in largest.items() if size > 200}
    helped = {parents[pid] for pid in large}  # the command, and the process that workers are forked from
    workers = tuple(sorted(size for pid, size in large.items() if pid not in helped))
    shards = sorted(path.stat().st_mtime for path in output.glob("*.npz"))
    rows = count / len(shards)
    steady = (
        rows * (len(shards) - 1) / (shards[-1] - shards[0])
        if len(shards) > 1
        else count / (shards[0] - began)
    )
    left = sum(path.stat().st_size for path in output.iterdir()) / count
    return Run(seconds, steady, workers, left, rows, seconds - count / steady)


def _parts(folder: Path, size: int = 512) -> dict[str, float]:
    """Return what writing a picture's maps, handing out a shard, and its task cost, in seconds and bytes."""
    from app.shards.columns import write_columns
    from app.shards.shard import Shard

    rng = np.random.default_rng(0)
    columns = {name: rng.random((size, 28, 28), np.float32) for name in ("vanilla", "guided")}
    started = time.perf_counter()
    for i in range(10):
        write_columns(folder / f"part{i}.npz", columns)
    writing = (time.perf_counter() - started) / 10 / size
    return {
        "writing": writing,
        "task_bytes": float(len(pickle.dumps(Shard("0" * 19, [("digits.npy", i) for i in range(size)])))),
        "dealing_out": _dealing_out(),
    }


def _dealing_out(tasks: int = 400) -> float:
    """Return what it costs Dask to hand out a task that does nothing and take it back, in seconds; two workers."""
    from app.shards.dask_workers import WorkersChoice, connected

    with connected(WorkersChoice(2)) as client:
        client.gather(client.map(_nothing, range(20), pure=False))
        started = time.perf_counter()
        client.gather(client.map(_nothing, range(tasks), pure=False))
        return (time.perf_counter() - started) / tasks


def _nothing(number: int) -> int:
    return number


# -- telling -----------------------------------------------------------------------------------------------------


def _ways_table(medians: dict[str, Run]) -> Table:
    plain, one = medians["plain loop, all cores"], medians["1 worker"]
    rows = [
        (
            name,
            f"{each.seconds:.1f} s",
            f"{each.steady:,.0f}",
            f"{each.steady / one.steady:.2f}",
            f"{plain.seconds / each.seconds:.2f}",
            " ".join(f"{size:,.0f}" for size in each.workers),
        )
        for name, each in medians.items()
    ]
    columns = (
        "who",
        "whole command",
        "pictures a second",
        "over 1 worker",
        "speed over the plain loop",
        "memory, MB",
    )
    title = f"{MOST:,} pictures of 28×28, three maps, medians of {ROUNDS} runs in turns"
    return Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 4))


def _growth_table(growth: dict[int, Run]) -> Table:
    rows = [
        (
            f"{count:,}",
            f"{each.seconds:.1f} s",
            f"{each.steady:,.0f}",
            " ".join(f"{size:,.0f}" for size in each.workers),
            f"{each.bytes * count / 1e6:,.0f} MB",
        )
        for count, each in growth.items()
    ]
    columns = ("pictures", "whole command", "pictures a second", "memory of each worker, MB", "left on disk")
    return Table(columns, tuple(rows), title="2 workers: the number of pictures", numbers=(0, 1, 2))


def _photographs_table(photographs: dict[str, Run]) -> Table:
    rows = [
        (name, f"{each.seconds:.1f} s", f"{each.bytes / 1e3:,.0f} kB") for name, each in photographs.items()
    ]
    columns = ("who", "whole command", "left for each picture")
    return Table(
        columns, tuple(rows), title="96 photographs, EfficientNet-Lite0 at 224×224, three maps", numbers=(1,)
    )


def _parts_table(costs: dict[str, dict[str, Any]], parts: dict[str, float]) -> Table:
    rows = [
        (
            name,
            f"{1e3 / each['steady']:.3g} ms",
            f"{each['shard']:,.0f}",
            f"{each['bytes'] / 1e3:.3g} kB",
            f"{each['start']:.1f} s",
        )
        for name, each in costs.items()
    ]
    title = (
        f"Parts: handing out a shard {1e3 * parts['dealing_out']:.2g} ms, its task {parts['task_bytes'] / 1e3:.2g} kB, "
        f"writing a picture of 28×28 {1e3 * parts['writing']:.2g} ms"
    )
    columns = ("network", "a picture by 1 worker", "pictures of a shard", "left of a picture", "start")
    return Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 4))


def expected_seconds(pictures: float, workers: int, costs: dict[str, float]) -> tuple[float, str]:
    """Return what many pictures would take on many workers, and what holds them up.

    T = start + max(pictures / steady / workers, pictures / shard · dealing out, pictures · bytes / disk) + shard /
    steady, the last shard, while the other workers have nothing more to do.

    Args:
        pictures: how many.
        workers: processes of one thread, each as fast as one here.
        costs: what one worker was measured to take: `steady`, `shard`, `bytes` and `start` of a `Run`; and
            `dealing_out`, seconds for each shard.
    """
    limits = {
        "computing": pictures / costs["steady"] / workers,
        "handing out": pictures / costs["shard"] * costs["dealing_out"],
        "the disk": pictures * costs["bytes"] / DISK,
    }
    slowest = max(limits, key=lambda name: limits[name])
    return costs["start"] + limits[slowest] + costs["shard"] / costs["steady"], slowest


def _beyond_table(costs: dict[str, dict[str, Any]]) -> Table:
    rows = []
    for name, pictures in (("mnist", 1_000_000), ("mnist", 10_000_000), ("efficientnet_lite0", 1_000_000)):
        for machines in MACHINES:
            seconds, slowest = expected_seconds(pictures, 16 * machines, costs[name])
            disk = pictures * costs[name]["bytes"] / 1e9
            rows.append(
                (name, f"{pictures:,}", f"{machines}", f"{seconds / 60:,.1f} min", slowest, f"{disk:,.0f} GB")
            )
    columns = ("network", "pictures", "machines of 16 workers", "expected", "held up by", "left on disk")
    title = "What to expect: worked out from the parts above, not measured"
    return Table(columns, tuple(rows), title=title, numbers=(1, 2, 3, 5))


def draw(numbers: dict[str, Any]) -> Any:
    """Return the figure: how time and memory grow with the pictures, and how many pictures each way does."""
    from app.show.canvas import new_figure

    figure = new_figure(11.0, 3.4, "Maps of many pictures: what they cost on two processor cores")
    left, middle, right = figure.subplots(1, 3)
    counts, growth = [int(count) for count in numbers["growth"]], numbers["growth"].values()
    left.plot(counts, [each["seconds"] for each in growth], "o-")
    right.plot(counts, [max(each["workers"]) for each in growth], "o-")
    for axes, title, label in (
        (left, "2 workers: time", "seconds of the whole command"),
        (right, "2 workers: memory", "MB, the larger of the two"),
    ):
        axes.set(xlabel="pictures of 28×28", ylabel=label, xlim=(0, 1.08 * MOST), title=title)
        axes.set_ylim(0, 1.15 * axes.dataLim.ymax)
        axes.set_xticks(counts)
        axes.xaxis.set_major_formatter("{x:,.0f}")
    names = list(numbers["ways"])
    rates = [numbers["ways"][name]["steady"] for name in names]
    bars = middle.bar([name.replace(", ", ",\n") for name in names], rates)
    middle.bar_label(bars, fmt="{:,.0f}")
    middle.margins(y=0.12)
    middle.yaxis.set_major_formatter("{x:,.0f}")
    middle.set(ylabel="pictures a second", title=f"{MOST:,} pictures of 28×28")
    return figure
