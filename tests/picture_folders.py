"""Folders of little photographs that tests draw: a class is a shape on an uneven ground."""

import io
import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageDraw

SHAPES = ("circle", "square", "cross")


def draw_photograph(shape, seed, size=(64, 48)):
    """Return a picture (width, height) of one shape in some colour, somewhere on noise."""
    random = np.random.default_rng([seed, SHAPES.index(shape)])
    ground = random.integers(0, 90) + random.normal(0, 8, (size[1], size[0], 3))
    picture = Image.fromarray(ground.clip(0, 255).astype(np.uint8))
    side = int(min(size) * random.uniform(0.4, 0.6))
    left, top = (int(random.integers(0, n - side)) for n in size)
    box, colour = (left, top, left + side, top + side), tuple(map(int, random.integers(150, 256, 3)))
    draw = ImageDraw.Draw(picture)
    if shape == "circle":
        draw.ellipse(box, fill=colour)
    elif shape == "square":
        draw.rectangle(box, fill=colour)
    else:
        draw.line(box, fill=colour, width=5)
        draw.line((box[0], box[3], box[2], box[1]), fill=colour, width=5)
    return picture


def make_picture_folder(
    folder, classes=("circle", "square"), count=12, size=(64, 48), names=None, ending=".png"
):
    """Write `count` pictures of each class into a sub-folder of its own; `names` are what these are called."""
    for shape, name in zip(classes, names or classes, strict=True):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            draw_photograph(shape, i, size).save(folder / name / f"{i:03}{ending}")
    return folder


def save_bytes(picture, format_, **options):
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    picture.save(buffer, format_, **options)
    return buffer.getvalue()


def make_messy_folder(folder):
    """Write a folder of two classes, each with twelve good pictures, and with all that goes wrong in such folders.

    Return the names of the files that cannot be used, each with a part of the reason.
    """
    circle, square = "a circle's “ring”", "квадрат 四角"
    make_picture_folder(folder, names=(circle, square))
    first = folder / circle
    last = draw_photograph("circle", 99)
    (first / "notes.jpg").write_text("milk, eggs")
    (first / "empty.png").write_bytes(b"")
    (first / "cut.jpg").write_bytes(save_bytes(last, "JPEG")[:-400])
    (first / "bomb.png").write_bytes(bomb_png(40_000, 40_000))
    (first / "huge.png").write_bytes(bomb_png(6_000, 6_000))
    (first / "readme.txt").write_text("circles")
    (first / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic")
    os.mkfifo(first / "pipe.png")
    (first / "nowhere.png").symlink_to("not there.png")
    (first / "loop.png").symlink_to("loop.png")
    (first / "round").symlink_to(folder, target_is_directory=True)
    (folder / "other").symlink_to(folder, target_is_directory=True)
    (folder / "stray.png").write_bytes(save_bytes(last, "PNG"))
    # what can be used, and is said
    (first / "named wrongly.jpg").write_bytes(save_bytes(draw_photograph("circle", 98), "PNG"))
    (first / "with\na new line.png").write_bytes(save_bytes(draw_photograph("circle", 97), "PNG"))
    (first / "copy of 000.jpg").write_bytes(save_bytes(draw_photograph("circle", 0), "JPEG", quality=60))
    (first / "half of 001.png").write_bytes(save_bytes(draw_photograph("circle", 1).resize((32, 24)), "PNG"))
    (folder / square / "a circle.png").write_bytes(save_bytes(draw_photograph("circle", 2), "PNG"))
    (folder / square / "black.png").write_bytes(save_bytes(Image.new("RGB", (64, 48)), "PNG"))
    (folder / square / "nested").mkdir()
    (folder / square / "nested" / "deep.png").write_bytes(save_bytes(draw_photograph("square", 96), "PNG"))
    # what is passed over
    for name in (".DS_Store", "Thumbs.db", "._000.png", ".hidden.png"):
        (first / name).write_bytes(b"\0")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "000.png").write_bytes(save_bytes(last, "PNG"))
    (folder / "nothing").mkdir()
    return {
        f"{circle}/notes.jpg": "not an image",
        f"{circle}/empty.png": "an empty file",
        f"{circle}/cut.jpg": "damaged",
        f"{circle}/bomb.png": "too large",
        f"{circle}/huge.png": "too large",
        f"{circle}/readme.txt": ".txt",
        f"{circle}/photo.heic": ".heic",
        f"{circle}/pipe.png": "a pipe",
        f"{circle}/nowhere.png": "leads nowhere",
        f"{circle}/loop.png": "leads nowhere",
        f"{circle}/round": "link to a folder",
        "other": "link to a folder",
        "stray.png": "beside the folders",
    }


def bomb_png(width, height):
    """Return a PNG file that announces more pixels than it holds."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )
