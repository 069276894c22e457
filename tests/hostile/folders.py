"""Folders of pictures: bombs, links in circles, names that steer a terminal, and lists that name what is no picture."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from hostile.bad_pictures import png
from hostile.making import PLACES, nest_folders
from hostile.rows import Row

Make = Callable[[Path], object]
LAYOUT = "sub-folder for each class"


def noise(*seed: object) -> bytes:
    """Return a small picture that is like no other."""
    random = np.random.default_rng(list("".join(map(str, seed)).encode("utf-8", "surrogateescape")))
    blocks = random.integers(0, 256, (6, 6, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(blocks).resize((36, 36), Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def two_classes(put: Callable[[Path], object] | None = None, count: int = 4) -> Make:
    """Return what makes a folder `d` of two small classes, with more in it."""

    def make(folder: Path) -> None:
        for name in ("cat", "dog"):
            (folder / "d" / name).mkdir(parents=True)
            for i in range(count):
                (folder / "d" / name / f"{i}.png").write_bytes(noise(i, name))
        if put:
            put(folder / "d")

    return make


def _bombs(folder: Path) -> None:
    bomb = png(32_000, 32_000)
    for i in range(100):
        (folder / "cat" / f"bomb {i}.png").write_bytes(bomb)


def _circles(folder: Path) -> None:
    (folder / "cat" / "again").symlink_to("..", target_is_directory=True)
    (folder / "all").symlink_to(".", target_is_directory=True)
    (folder / "cat" / "me.png").symlink_to("me.png")


def _escapes(folder: Path) -> None:
    for name in (
        "\x1b[31m",
        "a\nb",
        "\u202egpj",
        "$\\frac{$",
        "[red]x[bold]",
        os.fsdecode(b"\xff\xfe"),
        "e" * 200,
    ):
        (folder / name).mkdir()
        for i in range(2):
            (folder / name / f"{name[:99]} {i}.png").write_bytes(noise(name, i))


def _many_classes(folder: Path) -> None:
    for i in range(1500):
        (folder / f"class {i}").mkdir()
        (folder / f"class {i}" / "0.gif").write_bytes(b"GIF89a")


def _unreadable(folder: Path) -> None:
    (folder / "cat").chmod(0)


def a_list(text: str | bytes) -> Make:
    """Return what makes two classes, and a list of pictures `d.csv` beside them."""

    def make(folder: Path) -> None:
        two_classes()(folder)
        (folder / "d.csv").write_bytes(text.encode() if isinstance(text, str) else text)

    return make


FOLDERS: dict[str, tuple[Make, str, int | tuple[int, ...]]] = {
    "a hundred bombs": (two_classes(_bombs), "100 files are left out", 0),
    "links in circles": (two_classes(_circles), "link to a folder", 0),
    "names that steer": (two_classes(_escapes), r"\w", 0),
    "folders 300 deep": (two_classes(lambda folder: nest_folders(folder / "cat")), "16 folders deep", 0),
    "1,500 classes that cannot be read": (two_classes(_many_classes), "left out", 0),
    "a folder that nobody may read": (two_classes(_unreadable), r"\w", (0, 2)),
    "one class": (lambda folder: two_classes()(folder) or _only(folder / "d" / "dog"), "only one class", 0),
    "no pictures": (lambda folder: (folder / "d" / "cat").mkdir(parents=True), LAYOUT, 2),
    "folders of folders of folders": (lambda folder: _moved(folder), LAYOUT, 2),
}

LISTS: dict[str, tuple[Make, str, int | tuple[int, ...]]] = {
    "names devices": (a_list("file,label\n/dev/zero,a\n/dev/stdin,b\n"), "can be read", 2),
    "names passwords": (a_list("file,label\n/etc/passwd,a\n../../../../etc/shadow,b\n"), "can be read", 2),
    "names addresses": (a_list("file,label\nhttps://x/y.png,a\n"), "can be read", 2),
    "names one picture 20,000 times": (
        a_list("file,label\n" + "d/cat/0.png,a\n" * 20_000),
        "different pictures",
        2,
    ),
    "names of 100,000 letters": (a_list(f"file,label\n{'a' * 100_000}.png,x\n"), "can be read", 2),
    "a zero byte": (a_list("file,label\nd/cat/0.png\0,x\n"), r"\w", 2),
    "a label of escapes": (
        a_list("file,label\n" + "".join(f"d/cat/{i}.png,\x1b[31m\nd/dog/{i}.png,b\n" for i in range(4))),
        r"\w",
        0,
    ),
    "quotes without end": (a_list('file,label\n"' + "a,b\n" * 200_000), r"\w", 2),
    "no text": (a_list(b"file,label\n\xff\xfe,\xfd\n"), "UTF-8", 2),
    "a header alone": (a_list("file,label\n"), "lists no pictures", 2),
    "two million lines": (a_list("file,label\n" + "a,b\n" * 2_000_000), "lines", 2),
}


def _only(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _moved(folder: Path) -> None:
    two_classes()(folder)
    for name in ("cat", "dog"):
        (folder / "d" / f"{name}s").mkdir()
        (folder / "d" / name).rename(folder / "d" / f"{name}s" / name)


def rows() -> Iterator[Row]:
    """Yield rows of folders and lists, for the command that shows them and for one that uses them."""
    for name, (make, says, code) in FOLDERS.items():
        yield Row(f"folders/{name}", "data --data d --output output", says, make, code, says_always=True)
    for name, (make, says, code) in LISTS.items():
        yield Row(f"folders/list: {name}", "data --data d.csv --output output", says, make, code)
    for place, (put, _) in PLACES.items():

        def make(folder: Path, put: Callable[[Path], object] = put) -> None:
            two_classes(lambda path: put(path / "cat" / "odd.png"))(folder)

        yield Row(
            f"folders/a picture is a {place}", "data --data d --output output", r"\w", make, 0, seconds=15
        )
    yield Row(
        "folders/saliency: bombs",
        "saliency --model mnist --data d --index 0 --method vanilla --output output",
        r"\w",
        two_classes(_bombs),
        0,
    )
