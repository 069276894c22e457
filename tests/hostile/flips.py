"""Valid files of every kind with one byte or bit changed, or cut short, and the functions that read them.

Each must give a result, or a ValueError or OSError of one line that names the file.
"""

import gzip
import json
import os
import random
import re
import signal
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch_writing import TorchFile

from hostile import torch_weights
from hostile.bad_pictures import drawn
from hostile.data_sets import ROW, four, npy
from hostile.making import (
    GROUPS,
    METADATA,
    WEIGHTS,
    h5_file,
    keras_file,
    members,
    stored,
    tiny,
    weights,
    write_zip,
)

SECONDS = 20
"""Of the processor, for one file."""
MOST_MEMORY = 1_500_000_000
"""Bytes of resident memory beyond those at the beginning."""
CUTS = 10
"""One file in so many is cut short too."""
TAKES = "takes "
"""How the fault of a file begins that fills the memory."""
TOO_MUCH = 3
"""Exit code of a sweep that took too much memory and must begin anew."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: a valid one, and what reads it."""

    name: str
    file: str
    """What it is called."""
    make: Callable[[Path], object]
    """Writes a valid one, and whatever belongs beside it."""
    read: Callable[[Path], object]
    in_child: bool = False
    """Whether HDF5 reads it; commands do that in a child with limits, which may die, spin or swell."""
    share: float = 1.0
    """How many files of it are tried, as a share of the others'."""


# --- what reads them -------------------------------------------------------------------------------------------------


def _count(path: Path) -> object:
    from app.counting.stored.count_file import count_file

    return count_file(path)


def _load(path: Path) -> object:
    from app.engine.store import load_model

    return load_model(path)


def _weights(path: Path) -> object:
    from app.files.weights import open_weights

    with open_weights(path) as layers:
        return {name: [array.shape for array in arrays] for name, arrays in layers.items()}


def _torch(path: Path) -> object:
    """Read every number; what is none of these arrays must be refused."""
    from app.files.torch_files import open_torch

    with open_torch(path) as arrays:
        read = {name: np.asarray(array.numbers[()]) for name, array in arrays.items()}
    if any(array.size > path.stat().st_size for array in read.values()):
        raise AssertionError("more numbers than the file has bytes")
    return read


def _images(path: Path) -> object:
    from app.datasets.array_files import open_array

    return np.asarray(open_array(path)).sum()


def _npz(path: Path) -> object:
    from app.datasets.archives import load_npz

    return load_npz(path)


def _idx(dimensions: int) -> Callable[[Path], object]:
    def read(path: Path) -> object:
        from app.datasets.idx import read_idx

        return read_idx(path, dimensions)

    return read


def _table(path: Path) -> object:
    from app.datasets.table_files import load_table

    return load_table(path)


def _array(path: Path) -> object:
    from app.datasets.arrays import read_array

    return read_array(path)


def _picture(path: Path) -> object:
    from app.datasets.pictures import read_picture

    return read_picture(path)


def _names(path: Path) -> object:
    from app.datasets.class_names import read_class_names

    return read_class_names(path)


def _labels(path: Path) -> object:
    from app.files.saved import read_labels

    return read_labels(path)


def _mapping(path: Path) -> object:
    from app.datasets.class_names import read_mapping

    return read_mapping(path)


def _card(path: Path) -> object:
    from app.files.cards import read_card

    return read_card(path)


def _grade(path: Path) -> object:
    from app.worksheet.grade_files import Grading

    return Grading().grade(path)


def _students(path: Path) -> object:
    from app.worksheet.students import list_students

    return list_students(path)


def _run_file(path: Path) -> object:
    from app.files.folder_run import FolderRun

    FolderRun(path.parent, path.parent, {"a": [1, 2], "b": "text"}).begin(restart=False)
    return True


def _state(path: Path) -> object:
    """Go on from a training state; one that is damaged must be left out, or be what it was."""
    from app.engine.training.backup import EpochBackup

    backup = EpochBackup(path.parents[1])
    model = _model()
    backup.set_model(model)
    backup.on_train_begin()
    if backup.finished_epochs and not np.array_equal(model.get_weights()[0], np.ones((4, 3), np.float32)):
        raise AssertionError("a run would go on from other weights")
    return backup.finished_epochs


def _model() -> Any:
    import keras

    layers = [keras.Input((4,)), keras.layers.Dense(3, name="dense")]
    model = keras.Sequential(layers, name="small")
    model.compile("adam", "mse")
    return model


# --- valid files -----------------------------------------------------------------------------------------------------


def _bytes(content: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content())


def _named_weights(path: Path) -> None:
    """Write weights in the layout of the published files: a group for each layer at the top."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in GROUPS]
        for name in GROUPS:
            group = file.create_group(name)
            arrays = dict(zip(("kernel", "bias"), WEIGHTS.get(name, {}).values(), strict=False))
            group.attrs["weight_names"] = [f"{name}/{what}:0".encode() for what in arrays]
            for what, array in arrays.items():
                group[f"{name}/{what}:0"] = array


def _make_npz(path: Path) -> None:
    images, labels = np.arange(20 * 64, dtype=np.uint8).reshape(20, 8, 8), np.arange(20) % 10
    names = ("x_train", "y_train", "x_test", "y_test")
    write_zip(path, [stored(f"{n}.npy", npy(a)) for n, a in zip(names, (images, labels) * 2, strict=True)])


def _make_packed_npz(path: Path) -> None:
    images, labels = np.arange(20 * 64, dtype=np.uint8).reshape(20, 8, 8), np.arange(20) % 10
    np.savez_compressed(path, x_train=images, y_train=labels, x_test=images, y_test=labels)


def _make_card(path: Path) -> None:
    from hostile.typed import _write_card

    _write_card(path.parent, {})
    (path.parent / "m.json").replace(path)


def _make_form(path: Path) -> None:
    from hostile.typed import real_sheet

    lines = ["number,question,answer", f"sheet,{real_sheet()},", *(f"{i},x,{i * 100}" for i in range(1, 13))]
    path.write_text("\n".join(lines))


def _make_key(path: Path) -> None:
    from hostile.typed import real_sheet

    path.write_text(real_sheet().replace("worksheet", "key", 1) + "\n1,x,5\n")


def _make_run(path: Path) -> None:
    path.write_text(json.dumps({"a": [1, 2], "b": "text"}, indent=2))


def _make_state(path: Path) -> None:
    from app.engine.training.backup import EpochBackup

    backup, model = EpochBackup(path.parents[1]), _model()
    model.optimizer.build(model.trainable_variables)
    model.layers[0].set_weights([np.ones((4, 3)), np.zeros(3)])
    backup.set_model(model)
    backup.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.25, "seconds": 1.0})


def _table_bytes() -> bytes:
    return b"".join(
        b"%d," % (i % 3) + b",".join(b"%d" % (i * j % 256) for j in range(16)) + b"\n" for i in range(30)
    )


PICTURES = {
    "PNG": ("m.png", lambda: drawn("PNG")),
    "PNG in colour": ("m.png", lambda: drawn("PNG", (28, 28), "RGB")),
    "JPEG": ("m.jpg", lambda: drawn("JPEG", (28, 28), "RGB")),
    "GIF": ("m.gif", lambda: drawn("GIF")),
    "BMP": ("m.bmp", lambda: drawn("BMP")),
    "WebP": ("m.webp", lambda: drawn("WEBP", (28, 28), "RGB")),
    "TIFF": ("m.tif", lambda: drawn("TIFF")),
    "TIFF, packed": ("m.tif", lambda: drawn("TIFF", compression="tiff_deflate")),
}
KINDS = (
    Kind("archive of Keras 3, counted", "m.keras", keras_file, _count, in_child=True),
    Kind("HDF5 of Keras 3, counted", "m.h5", h5_file, _count, in_child=True),
    Kind(
        "HDF5 of Keras 2, counted", "m.h5", lambda path: h5_file(path, version="2.4.0"), _count, in_child=True
    ),
    Kind("configuration, counted", "m.json", _bytes(lambda: json.dumps(tiny()).encode()), _count),
    Kind("weights of Keras 3", "m.weights.h5", _bytes(weights), _weights, in_child=True),
    Kind("weights as published", "m.h5", _named_weights, _weights, in_child=True),
    Kind("weights in an archive", "m.keras", keras_file, _weights, in_child=True),
    Kind("weights of PyTorch", "m.pth", _bytes(lambda: TorchFile(torch_weights.arrays()).content()), _torch),
    Kind("images in an array", "a.npy", _bytes(lambda: npy(np.zeros((3, 8, 8), np.uint8))), _images),
    Kind("images in an archive", "a.npz", _make_packed_npz, _images),
    Kind("arrays in an archive", "d.npz", _make_npz, _npz),
    Kind("arrays in a packed archive", "d.npz", _make_packed_npz, _npz),
    Kind("IDX", "a-images-idx3-ubyte", _bytes(lambda: four()["t10k-images-idx3-ubyte"]), _idx(3)),
    Kind("IDX, packed", "a.gz", _bytes(lambda: gzip.compress(four()["t10k-images-idx3-ubyte"])), _idx(3)),
    Kind("IDX of labels", "a-labels-idx1-ubyte", _bytes(lambda: four()["t10k-labels-idx1-ubyte"]), _idx(1)),
    Kind("CSV of pictures", "d.csv", _bytes(_table_bytes), _table),
    Kind("CSV of pictures, packed", "d.csv.gz", _bytes(lambda: gzip.compress(ROW * 20)), _table),
    Kind("CSV of an image", "a.csv", _bytes(lambda: (b"0.5," * 27 + b"1\n") * 28), _array),
    Kind("NPY of an image", "a.npy", _bytes(lambda: npy(np.zeros((28, 28), np.float32))), _array),
    *(Kind(name, file, _bytes(content), _picture) for name, (file, content) in PICTURES.items()),
    Kind("labels.txt", "labels.txt", _bytes(lambda: b"".join(b"class %d\n" % i for i in range(10))), _names),
    Kind(
        "labels.txt beside a model",
        "labels.txt",
        _bytes(lambda: b"".join(b"%d cat\n" % i for i in range(10))),
        _labels,
    ),
    Kind(
        "EMNIST mapping",
        "e-mapping.txt",
        _bytes(lambda: b"".join(b"%d %d\n" % (i, 48 + i) for i in range(10))),
        _mapping,
    ),
    Kind("card", "card.json", _make_card, _card),
    Kind("answers", "a.csv", _make_form, _grade),
    Kind("key", "a.csv", _make_key, _grade),
    Kind("students", "a.txt", _bytes(lambda: b"".join(b"student %d\n" % i for i in range(10))), _students),
    Kind("run.json", "run.json", _make_run, _run_file),
    Kind("history of a training", "s/epoch-0001/history.json", _make_state, _state, share=0.25),
    Kind("state of a training", "s/epoch-0001/state.npz", _make_state, _state, share=0.25),
    Kind("archive of Keras 3, loaded", "m.keras", keras_file, _load, in_child=True),
    Kind("archive whose sums are right, loaded", "m.keras", keras_file, _load, in_child=True),
    Kind("HDF5 of Keras 3, loaded", "m.h5", h5_file, _load, in_child=True),
    Kind(
        "HDF5 of Keras 2, loaded", "m.h5", lambda path: h5_file(path, version="2.4.0"), _load, in_child=True
    ),
)
MAY_BE_REFUSED = ("key",)
"""Kinds whose valid files are refused."""


# --- damage ----------------------------------------------------------------------------------------------------------


def damage(content: bytes, kind: str, seed: int, trial: int, flips: int) -> bytes:
    """Return a file with one byte or bit changed; from trial number `flips` on, cut short."""
    chance = random.Random(f"{kind}/{seed}/{trial}")
    at = chance.randrange(len(content))
    if trial >= flips:
        return content[:at]
    damaged = bytearray(content)
    damaged[at] = damaged[at] ^ (1 << chance.randrange(8)) if trial % 2 else chance.randrange(256)
    return bytes(damaged)


def damage_inside(seed: int, trial: int, flips: int) -> Callable[[Path], None]:
    """Return what writes an archive with a damaged member, whose sum is that of the damaged bytes."""

    def write(path: Path) -> None:
        config, numbers = members()[1].data, weights()
        if trial % 4 == 0:
            config = damage(config, "config", seed, trial, flips)
        else:
            numbers = damage(numbers, "numbers", seed, trial, flips)
        path.unlink(missing_ok=True)
        write_zip(path, [METADATA, stored("config.json", config), stored("model.weights.h5", numbers)])

    return write


def write_damaged(kind: Kind, path: Path, seed: int, trial: int, flips: int) -> None:
    """Write a damaged file of a kind, the same for the same numbers."""
    if "sums are right" in kind.name:
        damage_inside(seed, trial, flips)(path)
        return
    if trial < 0:
        if kind.read is not _state:
            path.parent.mkdir(parents=True, exist_ok=True)
        kind.make(path)
    valid = path.with_name(f"{path.name}.valid")
    if trial < 0:
        valid.write_bytes(path.read_bytes())
    else:
        path.write_bytes(damage(valid.read_bytes(), kind.name, seed, trial, flips))


# --- in a fork -------------------------------------------------------------------------------------------------------


def sweep(job: dict[str, Any]) -> int:
    """Read damaged files one after the other; before each, and after it, a line goes into the log."""
    kind = next(each for each in KINDS if each.name == job["flips"])
    path = Path(job["folder"]) / kind.file
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for key in ("SIGPROF", "SIGALRM"):
        signal.signal(getattr(signal, key), signal.SIG_DFL)
    write_damaged(kind, path, job["seed"], -1, job["count"])
    said = _judge(kind, path)
    if said[0] == "fault" or (said[0] == "refused" and kind.name not in MAY_BE_REFUSED):
        os.write(
            log, json.dumps({"trial": -1, "said": ["fault", f"the valid file: {said[1]}"]}).encode() + b"\n"
        )
    start = _resident()
    for trial in range(job["first"], job["last"]):
        write_damaged(kind, path, job["seed"], trial, job["count"])
        os.write(log, json.dumps({"trial": trial}).encode() + b"\n")
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_REAL, 3 * SECONDS)
        said = _judge(kind, path)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        is_large = _resident() - start > MOST_MEMORY
        if is_large:
            said = ("fault", f"{TAKES}{(_resident() - start) / 1e9:.1f} GB of memory")
        os.write(log, json.dumps({"trial": trial, "said": said}).encode() + b"\n")
        if is_large:
            return TOO_MUCH
    return 0


def _judge(kind: Kind, path: Path) -> tuple[str, str]:
    """Read a file; returns `result`, `refused` or `fault`, and in which words."""
    try:
        kind.read(path)
    except (ValueError, OSError) as error:
        text = str(error)
        if "\n" in text or "\r" in text:
            return (
                "fault",
                f"{_where(error)}: {type(error).__name__} of several lines: {text.splitlines()[0][:80]}",
            )
        if path.name not in text and str(path.parent) not in text:
            return "fault", f"{_where(error)}: {type(error).__name__} that names no file: {text[:100]}"
        return "refused", ""
    except BaseException as error:
        return "fault", f"{_where(error)}: {type(error).__name__}: {str(error).strip().splitlines()[:1]}"[
            :250
        ]
    return "result", ""


def _where(error: BaseException) -> str:
    """Return the innermost place in the project."""
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if "/app/" in f.filename or "/models/" in f.filename
    ]
    frames = [f for f in frames if "site-packages" not in f.filename]
    return f"{frames[-1].filename.rpartition('/app/')[2]}:{frames[-1].lineno}" if frames else "nowhere"


def _resident() -> int:
    text = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", text)
    return int(found[1]) * 1024 if found else 0


# --- all of a kind ---------------------------------------------------------------------------------------------------


@dataclass
class Swept:
    """What came of the damaged files of a kind."""

    kind: Kind
    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)
    """By trial."""
    deaths: dict[int, str] = field(default_factory=dict)
    """Signals, by trial."""

    @property
    def is_bad(self) -> bool:
        """Whether anything failed; where a child reads the file, its death alone does not count."""
        return bool(self.faults or (self.deaths and not self.kind.in_child))


def sweep_kind(server: Any, kind: Kind, flips: int, seed: int) -> Swept:
    """Try damaged files of a kind; whichever ends the process is noted, and the others go on in a new one."""
    swept, flips = Swept(kind), max(int(flips * kind.share), 1)
    total, first = flips + flips // CUTS, 0
    while first < total:
        with tempfile.TemporaryDirectory(prefix="flips-") as folder:
            log = Path(folder) / "log"
            work = Path(folder) / "work"
            work.mkdir()
            job = {"flips": kind.name, "folder": str(work), "log": str(log), "seed": seed, "count": flips}
            job.update(first=first, last=total, seconds=3600, processor=3600)
            outcome = server.ask({**job, "environment": {"TMPDIR": folder, "CONVLAB_MODELS": folder}})
            lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        first = _collect(swept, lines, outcome["code"], first, total)
    return swept


def _collect(swept: Swept, lines: Sequence[dict[str, Any]], code: int, first: int, total: int) -> int:
    """Take what a fork has noted; returns the number of the next file."""
    begun = first - 1
    said = {line["trial"]: line["said"] for line in lines if "said" in line}
    for line in lines:
        begun = max(begun, line["trial"])
    for trial, (what, words) in said.items():
        is_death = what == "fault" and swept.kind.in_child and words.startswith(TAKES)
        if trial >= 0:
            swept.counts["death" if is_death else what] += 1
        if what == "fault":
            (swept.deaths if is_death else swept.faults)[trial] = words
    if code == 0:
        return total
    if begun not in said and begun >= 0:
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        slow = {"SIGPROF": f"more than {SECONDS} s of the processor", "SIGALRM": "does not end"}.get(name)
        is_fault = slow and not swept.kind.in_child
        swept.counts["fault" if is_fault else "death"] += 1
        (swept.faults if is_fault else swept.deaths)[begun] = slow or name
    elif code != TOO_MUCH:
        swept.faults[begun] = f"the sweep ended with {code}"
        return total if begun < first else begun + 1
    return begun + 1


def report_flips(server: Any, flips: int, seed: int, wanted: "re.Pattern[str]") -> int:
    """Sweep all kinds whose names match, and print a table; returns how many failed."""
    bad = 0
    heads = " ".join(f"{head:>7}" for head in ("result", "refused", "fault", "death"))
    print(f"\n{f'damaged files, {flips:,} of each kind':44} {heads}")
    for kind in KINDS:
        if not wanted.search(f"flips/{kind.name}"):
            continue
        swept = sweep_kind(server, kind, flips, seed)
        numbers = [swept.counts[what] for what in ("result", "refused", "fault", "death")]
        print(f"{kind.name:44} {numbers[0]:7,} {numbers[1]:7,} {numbers[2]:7,} {numbers[3]:7,}", flush=True)
        _tell(swept)
        bad += swept.is_bad
    return bad


def _tell(swept: Swept) -> None:
    for found in (swept.faults, swept.deaths):
        groups: dict[str, list[int]] = {}
        for trial, words in sorted(found.items()):
            groups.setdefault(
                re.sub(r"0x[0-9a-f]+|[0-9]{2,}", "#", words.split(" that names")[0]), []
            ).append(trial)
        for trials in sorted(groups.values(), key=len, reverse=True):
            print(f"    {len(trials):4} × {found[trials[0]]!r}, first trial {trials[0]}", flush=True)
