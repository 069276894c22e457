"""Evaluations: data that do not suit the model, labels out of range, odd models, and folders that nothing goes into."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hostile.archives import ARCHIVES
from hostile.data_sets import IMAGE_ARRAYS, LABEL_ARRAYS, NAMES, arrays_of, folder_of, idx, npy
from hostile.folders import FOLDERS, LISTS, two_classes
from hostile.making import PLACES, changed, keras_file
from hostile.outputs import NOWHERE
from hostile.outputs import PLACES as WRITTEN
from hostile.predictions import CLASSES, a_nan_model
from hostile.rows import Row

Make = Callable[[Path], object]
Codes = int | tuple[int, ...]
COMMAND = "evaluate --model mnist --mistakes 2 "
OUTPUT = ("output/*",)


def of_test(images: np.ndarray, labels: np.ndarray) -> Make:
    """Return what makes `d.npz` of test images and the same for training."""
    both = {"x_test": npy(images), "y_test": npy(labels), "x_train": npy(images), "y_train": npy(labels)}
    return arrays_of(**both)


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.uint8)


TEN = np.arange(20) % 10
DATA: dict[str, tuple[Make, str, Codes]] = {
    "of one image": (of_test(_zeros(1, 28, 28), np.zeros(1, int)), r"\w", (0, 2)),
    "of two images of one class": (of_test(_zeros(2, 28, 28), np.ones(2, int)), r"\w", (0, 2)),
    "of twenty equal images": (of_test(_zeros(20, 28, 28), TEN), "20 test images", 0),
    "of images of 5 by 5 pixels": (of_test(_zeros(20, 5, 5), TEN), "fitted to the network", 0),
    "of images of 1 by 400 pixels": (of_test(_zeros(20, 1, 400), TEN), r"\w", (0, 2)),
    "of images in colour": (of_test(_zeros(20, 28, 28, 3), TEN), "fitted to the network", 0),
    "of images of 3,000 by 3,000 pixels": (of_test(_zeros(20, 3000, 3000), TEN), r"\w", (0, 2)),
    "of eleven classes": (of_test(_zeros(22, 28, 28), np.arange(22) % 11), "none of the model's", 2),
    "of a class 5,000": (of_test(_zeros(20, 28, 28), np.array([*range(19), 5000])), "none of the model's", 2),
    "of negative classes": (of_test(_zeros(20, 28, 28), TEN - 1), r"\w", 2),
    "of classes that are fractions": (of_test(_zeros(20, 28, 28), TEN / 2), r"\w", 2),
    "of no test images": (arrays_of(x_test=npy(_zeros(0, 28, 28)), y_test=npy(np.zeros(0, int))), r"\w", 2),
}


def data() -> Iterator[Row]:
    """Yield rows for data that do not suit the model."""
    for name, (make, says, code) in DATA.items():
        yield Row(f"evaluate/data {name}", f"{COMMAND}--data d.npz", says, make, code)
    for name, content in IMAGE_ARRAYS.items():
        make = lambda folder, content=content: arrays_of(x_test=content())(folder)  # noqa: E731
        yield Row(f"evaluate/npz, images: {name}", f"{COMMAND}--data d.npz", r"\w", make, (0, 2))
    for name, labels in LABEL_ARRAYS.items():
        make = lambda folder, labels=labels: arrays_of(y_test=npy(labels()))(folder)  # noqa: E731
        yield Row(f"evaluate/npz, labels: {name}", f"{COMMAND}--data d.npz", r"\w", make, (0, 2))
    for name, (content, code) in NAMES.items():
        make = folder_of(**{"labels.txt": content})
        yield Row(
            f"evaluate/labels.txt: {name}", f"{COMMAND}--data d", r"\w", make, (0, 2) if code != 2 else 2
        )
    labels_of_255 = folder_of(**{"t10k-labels-idx1-ubyte": idx(np.full(20, 255, np.uint8))})
    yield Row("evaluate/IDX with labels of 255", f"{COMMAND}--data d", "none of the model's", labels_of_255)
    for name, (make, _, code) in FOLDERS.items():
        yield Row(f"evaluate/folder: {name}", f"{COMMAND}--data d", r"\w", make, (0, 2) if code != 2 else 2)
    for name, (make, _, code) in LISTS.items():
        yield Row(f"evaluate/list: {name}", f"{COMMAND}--data d.csv", r"\w", make, (0, 2) if code != 2 else 2)
    for part in ("test", "training", "all"):
        yield Row(
            f"evaluate/a folder of other classes, {part}",
            f"{COMMAND}--data d --part {part}",
            r"\w",
            two_classes(),
            (0, 2),
        )
    for place, (put, says) in PLACES.items():
        yield Row(
            f"evaluate/data are a {place}",
            f"{COMMAND}--data d.npz",
            rf"{says}|no data|nothing|no folders of pictures",
            lambda folder, put=put: put(folder / "d.npz"),
            seconds=20,
        )


def _activation(name: str) -> Callable[[], Any]:
    return lambda: changed(lambda c: c["config"]["layers"][3]["config"].update(activation=name))


def models() -> Iterator[Row]:
    """Yield rows for hostile models, for names of classes that steer, and for such as put out no numbers."""
    command = "evaluate --model m.keras --mistakes 2 --data d.npz"
    images = of_test(_zeros(20, 28, 28), TEN)
    for name, (make, says) in ARCHIVES.items():
        both = lambda folder, make=make: (images(folder), make(folder))  # noqa: E731
        yield Row(f"evaluate/archive: {name}", command, says, both, names="m.keras")
    for name, make in CLASSES.items():
        both = lambda folder, make=make: (images(folder), make(folder))  # noqa: E731
        yield Row(f"evaluate/classes called {name}", command, r"\w", both, (0, 2), processor=40)
    nan = lambda folder: (images(folder), a_nan_model(folder))  # noqa: E731
    yield Row("evaluate/a model of NaN", command, "finite|no numbers", nan)
    for name in ("linear", "sigmoid", "relu"):
        odd = lambda folder, name=name: (images(folder), keras_file(folder / "m.keras", _activation(name)()))  # noqa: E731
        yield Row(f"evaluate/a model that ends in {name}", command, r"\w", odd, (0, 2), says_always=True)
    for words in (
        "--batch-size 0",
        "--batch-size 999999999999",
        "--mistakes 101",
        "--mistakes -1",
        "--method \x1b[31m",
    ):
        yield Row(f"evaluate/{words!r}", (*command.split(), *words.split()), r"\w", images, 2)


def places() -> Iterator[Row]:
    """Yield rows for folders that nothing can be written into."""
    command = "evaluate --model mnist --mistakes 2 --output out"
    for place in ("fifo", "socket", "link to a device", "link to itself"):
        put, says = WRITTEN[place]
        yield Row(
            f"evaluate/--output is a {place}",
            command,
            rf"{says}|cannot|folder|exists",
            lambda folder, put=put: put(folder / "out"),
            seconds=30,
        )
    for name in (
        "confusion.png",
        "calibration.png",
        "mistakes.png",
        "predictions.csv",
        ".html",
        ".json",
        ".csv",
    ):
        file = f"evaluation-mnist{'' if name.startswith('.') else '-'}{name}"
        for target in ("precious.txt", "new"):

            def make(folder: Path, file: str = file, target: str = target) -> None:
                (folder / "out").mkdir()
                (folder / "out" / file).symlink_to(f"../../outside/{target}")

            yield Row(
                f"evaluate/{name} is a link to {target}",
                command,
                "link",
                make,
                names=file,
                leaves=("out/*",),
                seconds=60,
            )
    for path, says in NOWHERE.items():
        yield Row(
            f"evaluate/--output {path[:20]!r}",
            ("evaluate", "--model", "x_or_not_x", "--mistakes", "0", "--output", path),
            rf"{says}|several files|cannot|no folder",
            lambda folder: (folder / "a-file").write_text("x"),
            (0, 2) if path in ("", ".", "..", "OUTSIDE") else 2,
            leaves=("evaluation*", "outside/*", "../evaluation*"),
            seconds=60,
        )
    for stdout, code in (("pipe", 141), ("full", 2), ("closed", 0)):
        yield Row(
            f"evaluate/to {stdout}",
            "evaluate --model mnist --data d.npz --mistakes 0 --output out",
            {2: "space|full"}.get(code, ""),
            of_test(_zeros(20, 28, 28), TEN),
            code,
            stdout=stdout,
            is_fresh=True,
            leaves=("out/*",),
            seconds=60,
        )


def rows() -> Iterator[Row]:
    """Yield all of them."""
    for part in (data, models, places):
        yield from part()
