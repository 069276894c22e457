"""Places to write to: devices, pipes, links to files of somebody, folders, names that no file can have."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from hostile.data_sets import folder_of
from hostile.making import make_folder, make_socket
from hostile.rows import Row

Put = Callable[[Path], object]


def _precious(path: Path) -> Path:
    return Path(os.path.relpath(path.parent.parent / "outside" / "precious.txt", path.parent))


def _link_to_file(path: Path) -> None:
    path.symlink_to(_precious(path))


def _hard_link(path: Path) -> None:
    path.hardlink_to(path.parent / _precious(path))


PLACES: dict[str, tuple[Put, str]] = {
    "fifo": (os.mkfifo, "pipe|regular file"),
    "socket": (make_socket, "socket|regular file"),
    "folder": (make_folder, "folder|directory"),
    "link to a file of somebody": (_link_to_file, "link"),
    "dangling link": (lambda path: path.symlink_to("../outside/new.txt"), "link"),
    "link to itself": (lambda path: path.symlink_to(path.name), "link"),
    "link to a device": (lambda path: path.symlink_to("/dev/null"), "link|device"),
    "link to a folder": (lambda path: path.symlink_to("../outside"), "link|folder|directory"),
}
"""What lies where something is to be written."""
NOWHERE = {
    "/dev/null": "device|regular file",
    "/dev/full": "device|regular file",
    "/dev/stdout": "device|regular file|link|pipe",
    "/proc/self/nothing": r"cannot|no such|not permitted|permission|does not exist|written",
    "/proc/nobody/x": r"cannot|no such|not permitted|permission|written",
    "/sys/x": r"cannot|no such|not permitted|permission|written",
    "a-file/below": r"cannot|not a directory|folder|written",
    "n" * 300: r"long|written|cannot",
    "x/" * 2500 + "y": r"long|written|cannot",
    "a\0b": r"null|zero|character|written|cannot|name",
    "": r"folder|name|empty|written|cannot|directory",
    ".": r"folder|directory|name",
    "..": r"folder|directory|name",
    "OUTSIDE": r"folder|directory",
    "http://x/y": r"address|cannot|written|url|give",
}
"""Paths where nothing can be written, and how a message says so."""
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "params --output": (("params", "mnist", "--no-check", "--output"), ".txt"),
    "params --compare --output": (("params", "mnist", "lenet5", "--compare", "--output"), ".png"),
    "calculate --output": (("calculate", "conv", "28x28x1", "--kernel", "3", "--output"), ".md"),
    "claims --output": (("claims", "--article", "000", "--output"), ".html"),
    "worksheet --output": (("worksheet", "mnist", "--output"), ".txt"),
    "saliency --output": (
        ("saliency", "--model", "mnist", "--index", "1", "--method", "vanilla", "--output"),
        ".png",
    ),
    "saliency --raw": (
        ("saliency", "--model", "mnist", "--index", "1", "--method", "vanilla", "--raw"),
        ".npz",
    ),
    "saliency --report": (
        ("saliency", "--model", "mnist", "--index", "1", "--method", "vanilla", "--report"),
        ".html",
    ),
    "features --output": (("features", "filters", "--model", "mnist", "--output"), ".png"),
    "features --raw": (("features", "filters", "--model", "mnist", "--raw"), ".npz"),
    "faith --output": (
        ("faith", "--model", "mnist", "--count", "2", "--faithfulness", "--method", "vanilla", "--output"),
        ".json",
    ),
}
EVERYWHERE = ("params --output", "saliency --output", "saliency --raw", "worksheet --output")
"""Commands that are tried with every path where nothing can be written; the others with a few."""
FEW = ("/dev/null", "/dev/full", "n" * 300, "a-file/below")


def _short(path: str) -> str:
    return repr(path) if len(path) < 30 else f"a name of {len(path):,} letters"


def files() -> Iterator[Row]:
    """Yield rows for every command that writes a file."""
    for command, (words, ending) in COMMANDS.items():
        for place, (put, says) in PLACES.items():
            name, into_it = f"out{ending}", command == "worksheet --output" and place.endswith("folder")
            is_second = "--raw" in command or "--report" in command
            yield Row(
                f"outputs/{command} is a {place}",
                (*words, name),
                says,
                lambda folder, put=put, name=name: put(folder / name),
                (0, 2) if into_it else 2,
                names="" if into_it else name,
                leaves=("out.txt/*", "outside/*") if into_it else ("output/*",) if is_second else (),
                seconds=30,
            )
        for path, says in NOWHERE.items():
            if command not in EVERYWHERE and path not in FEW:
                continue
            given = path
            if path not in ("", ".", "..", "OUTSIDE") and not path.startswith("/dev"):
                given = path + ending
            yield Row(
                f"outputs/{command} {_short(path)}",
                (*words, given),
                rf"{says}|use \.|ending|no folder",
                lambda folder: (folder / "a-file").write_text("x"),
                code=(0, 2) if path in (".", "", "..", "OUTSIDE", "http://x/y") else 2,
                leaves=("*",),
                seconds=30,
            )
    hard = "params mnist --no-check --output out.txt"
    yield Row(
        "outputs/params --output is another name of a file of somebody",
        hard,
        "Report",
        lambda folder: _hard_link(folder / "out.txt"),
        0,
        changes=("out.txt",),
    )


def folders() -> Iterator[Row]:
    """Yield rows for commands that write into a folder."""
    commands = {
        "data": "data --output out",
        "saliency": "saliency --model mnist --index 1 --method vanilla --output out",
        "train": "train --model mnist --recipe fast --output out",
        "pretrained": "pretrained densenet121 --weights no.h5 --output out",
        "worksheet --students": "worksheet mnist --students 2 --output out",
        "faith --pictures": "faith --model mnist --count 2 --sanity --method vanilla --pictures out",
    }
    for name, command in commands.items():
        for place in ("fifo", "socket", "link to a device"):
            put, says = PLACES[place]
            yield Row(
                f"outputs/{name} into a {place}",
                command,
                rf"{says}|cannot|folder|exists",
                lambda folder, put=put: put(folder / "out"),
                seconds=30,
            )
        for path in ("/dev/null/x", "/proc/x", "n" * 300, "a\0b"):
            words = command.replace(" out", " PLACE").split()
            given = tuple(path if word == "PLACE" else word for word in words)
            yield Row(
                f"outputs/{name} into {_short(path)}",
                given,
                r"cannot|not a directory|no such|long|null|character|folder|exist",
                seconds=30,
            )

    def linked(folder: Path) -> None:
        (folder / "output").mkdir()
        (folder / "output" / "data-mnist.png").symlink_to("../../outside/precious.txt")

    yield Row("outputs/data: its picture is a link to a file of somebody", "data", "link", linked)

    def linked_map(folder: Path) -> None:
        (folder / "output").mkdir()
        for name in ("map-mnist-test-image-1.png", "maps-mnist-test-image-1.png"):
            (folder / "output" / name).symlink_to("../../outside/precious.txt")

    yield Row(
        "outputs/saliency: its picture is a link to a file of somebody",
        "saliency --model mnist --index 1 --method vanilla",
        r"\w",
        linked_map,
        (0, 2),
    )


# --- training --------------------------------------------------------------------------------------------------------


def _small_data(folder: Path) -> None:
    folder_of()(folder)


def _with_lock(put: Put, folder_too: bool = False) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        _small_data(folder)
        (folder / "out").mkdir()
        if folder_too:
            put(folder / "out" / ".backup")
            return
        (folder / "out" / ".backup").mkdir()
        put(folder / "out" / ".backup" / "mnist.lock")

    return make


def _lock_link(path: Path) -> None:
    path.symlink_to("../../../outside/precious.txt")


def _model_link(name: str, target: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        _small_data(folder)
        (folder / "out").mkdir()
        (folder / "out" / name).symlink_to(f"../../outside/{target}")

    return make


def training() -> Iterator[Row]:
    """Yield rows for what lies where training writes: locks, models, cards, pictures."""
    command = "train --model mnist --recipe fast --epochs 1 --data d --output out"
    leaves = ("out/*",)
    locks: dict[str, tuple[Put, str]] = {
        "a link to a file of somebody": (_lock_link, "link|lock"),
        "a dangling link": (lambda path: path.symlink_to("../../../outside/new"), "link|lock"),
        "a pipe": (os.mkfifo, "pipe|lock|regular"),
        "a socket": (make_socket, "socket|lock|regular|address"),
        "a folder": (make_folder, "folder|lock|directory"),
        "a link to a device": (lambda path: path.symlink_to("/dev/null"), "link|device|lock"),
    }
    for name, (put, says) in locks.items():
        yield Row(
            f"outputs/train: its lock is {name}", command, says, _with_lock(put), leaves=leaves, seconds=30
        )
    yield Row(
        "outputs/train: its lock has something in it",
        command,
        r"\w",
        _with_lock(lambda path: path.write_text("old\n")),
        0,
        leaves=leaves,
    )
    for name, target in (
        ("a link to a folder of somebody", "../../outside"),
        ("a dangling link", "../../outside/new"),
        ("a link to a file", "../../outside/precious.txt"),
    ):
        yield Row(
            f"outputs/train: .backup is {name}",
            command,
            r"\w",
            _with_lock(lambda path, target=target: path.symlink_to(target), True),
            leaves=leaves,
            seconds=30,
        )
    for name in ("mnist.keras", "mnist.json", "mnist-learning-curve.png", "mnist-confusion.png"):
        for target in ("precious.txt", "new"):
            yield Row(
                f"outputs/train: {name} is a link to {target}",
                command,
                r"link",
                _model_link(name, target),
                leaves=leaves,
                seconds=30,
            )

    def backup(history: object) -> Callable[[Path], None]:
        def make(folder: Path) -> None:
            _small_data(folder)
            for key in ("mnist-0", "mnist"):
                place = folder / "out" / ".backup" / key / "epoch-0001"
                place.mkdir(parents=True)
                (place / "history.json").write_text(json.dumps(history))
                (place / "latest.weights.h5").write_bytes(b"nothing")

        return make

    yield Row("outputs/train: states of other runs", command, r"\w", backup([1]), 0, leaves=leaves)


# --- what lies there is read first -----------------------------------------------------------------------------------


def resumed() -> Iterator[Row]:
    """Yield rows for folders of maps whose records are links."""

    def make(folder: Path) -> None:
        from hostile.bad_pictures import drawn

        (folder / "p").mkdir()
        (folder / "p" / "good.png").write_bytes(drawn("PNG"))
        (folder / "out").mkdir()
        (folder / "out" / "run.json").symlink_to("../../outside/precious.txt")

    command = "saliency --model mnist --method vanilla --images p --output out"
    yield Row(
        "outputs/folder of maps: run.json is a link to a file of somebody",
        command,
        "link|other settings|run.json",
        make,
    )
    yield Row(
        "outputs/folder of maps, --restart: run.json is a link to a file of somebody",
        f"{command} --restart",
        "link|run.json|Picture|1 of 1",
        make,
        (0, 2),
        changes=("out/run.json",),
        leaves=("out/*",),
    )

    def same(folder: Path) -> None:
        np.save(folder / "x.npy", np.zeros((28, 28)))

    yield Row(
        "outputs/saliency --raw over what is not .npz",
        "saliency --model mnist --index 1 --raw x.npy",
        "npz",
        same,
    )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (files, folders, training, resumed):
        yield from part()
