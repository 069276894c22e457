"""Makes the pictures of the lab page, docs/pictures/lab.png and lab.gif, in a Chromium without a window.

    make lab-pictures

A 3 is drawn on an exported page of the MNIST network that comes with the project, stroke by stroke; then a number of a
map is opened. Selenium and Chromium are those of the tests of pages: CONTRIBUTING.md says how to install them.
"""

import io
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
PICTURES = ROOT / "docs" / "pictures"
WIDTH, ENLARGED = 1280, 1.5
"""Of the still: its pixels of CSS, and dots for each of them, so that it can be printed."""
FILM_SIZE, FILM_SCALE, FILM_COLOURS = (1200, 740), 0.8, 256
"""Of the film: pixels of CSS, and dots for each of them."""
CELL = ("conv1", 7, 16, 14)
"""The number that is opened: layer, row, column, map."""
Point = tuple[float, float]


def three() -> list[Point]:
    """Return the points of a 3 in the order in which a hand draws it, as shares of the pad's side."""
    upper = [math.radians(200 + 230 * t / 20) for t in range(21)]
    lower = [math.radians(-75 + 235 * t / 23) for t in range(24)]
    return [
        *((0.49 + 0.19 * math.cos(a), 0.33 + 0.15 * math.sin(a)) for a in upper),
        *((0.48 + 0.24 * math.cos(a), 0.66 + 0.19 * math.sin(a)) for a in lower),
    ]


@dataclass
class Film:
    """Frames and how long each is seen."""

    frames: list[Image.Image] = field(default_factory=list)
    milliseconds: list[int] = field(default_factory=list)

    def add(self, frame: Image.Image, milliseconds: int) -> None:
        """Take a frame that is seen for a time."""
        self.frames.append(frame)
        self.milliseconds.append(milliseconds)

    def save(self, path: Path) -> None:
        """Write an animation without an end; all frames share their colours, so that what stays costs nothing."""
        few = [*self.frames[:: max(1, len(self.frames) // 6)], self.frames[-1]]
        sheet = Image.new("RGB", (few[0].width, sum(each.height for each in few)))
        for place, each in enumerate(few):
            sheet.paste(each, (0, place * each.height))
        colours = sheet.quantize(FILM_COLOURS, dither=Image.Dither.NONE)
        first, *others = (each.quantize(palette=colours, dither=Image.Dither.NONE) for each in self.frames)
        first.save(
            path, save_all=True, append_images=others, duration=self.milliseconds, loop=0, optimize=True
        )


class Page:
    """The lab page in a browser, and the hand that uses it."""

    def __init__(self, browser: Any, size: tuple[int, int], scale: float) -> None:
        self.browser, self.scale, self.is_pressed = browser, scale, False
        self.resize(*size)
        light = {"name": "prefers-color-scheme", "value": "light"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [light]})
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})

    def resize(self, width: int, height: int) -> None:
        """Make the screen as large as this, in pixels of CSS."""
        size = {"width": width, "height": height, "deviceScaleFactor": self.scale, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def open(self, address: str) -> None:
        """Open a page, and wait until it has compared itself with Keras."""
        self.browser.get("about:blank")
        self.browser.get(address)
        deadline = time.monotonic() + 60
        while not self.ask("return document.querySelector('.check')?.dataset.isRight === 'true'"):
            if time.monotonic() > deadline:
                raise RuntimeError("the page did not agree with Keras in a minute")
            time.sleep(0.1)

    def ask(self, script: str) -> Any:
        """Return what a script returns."""
        return self.browser.execute_script(script)

    def box(self, selector: str) -> dict[str, float]:
        """Return where an element lies on the screen, in pixels of CSS."""
        box: dict[str, float] = self.ask(
            f"const b = document.querySelector({selector!r}).getBoundingClientRect();"
            "return {left: b.left, top: b.top, width: b.width, height: b.height}"
        )
        return box

    def mouse(self, kind: str, point: Point) -> None:
        """Move the mouse, press it or let it go."""
        told = {"type": kind, "x": point[0], "y": point[1], "button": "left", "clickCount": 1}
        if kind == "mouseMoved":
            told |= {"buttons": 1} if self.is_pressed else {"button": "none"}
        else:
            self.is_pressed = kind == "mousePressed"
        self.browser.execute_cdp_cmd("Input.dispatchMouseEvent", told)

    def draw(self, points: list[Point]) -> Iterator[Point]:
        """Draw one stroke on the pad; gives the place of the pen after each point."""
        pad = self.box("canvas.pad")
        places = [(pad["left"] + x * pad["width"], pad["top"] + y * pad["height"]) for x, y in points]
        self.mouse("mousePressed", places[0])
        for place in places:
            self.mouse("mouseMoved", place)
            yield place
        self.mouse("mouseReleased", places[-1])

    def take(self, pointer: Point | None = None) -> Image.Image:
        """Return the screen, once all is drawn, with a pointer where the hand is."""
        time.sleep(0.15)
        with Image.open(io.BytesIO(self.browser.get_screenshot_as_png())) as screen:
            taken = screen.convert("RGB")
        if pointer is not None:
            draw_pointer(taken, pointer[0] * self.scale, pointer[1] * self.scale)
        return taken


def draw_pointer(image: Image.Image, x: float, y: float) -> None:
    """Draw an arrow whose tip is at x, y."""
    outline = ((0, 0), (0, 17), (4, 13.2), (6.8, 19.4), (9.6, 18.2), (6.9, 12.2), (12.2, 12))
    points = [(x + right, y + down) for right, down in outline]
    drawing = ImageDraw.Draw(image)
    drawing.polygon(points, fill="#ffffff")
    drawing.line([*points, points[0]], fill="#000000", width=2)


def make_still(page: Page, address: str) -> None:
    """Keep the page with a drawn 3 and an open number, down to the maps of the first two layers."""
    page.open(address)
    for _ in page.draw(three()):
        time.sleep(0.02)
    time.sleep(0.5)
    page.ask(f"location.hash += '&cell={'.'.join(map(str, CELL))}'")
    page.ask("document.activeElement.blur()")
    time.sleep(1)
    page.ask("scrollTo(0, 0)")
    below = page.box('article.layer[data-step="conv2"]')
    page.resize(WIDTH, round(below["top"]))
    taken = page.take()
    taken.quantize(256, dither=Image.Dither.NONE).save(PICTURES / "lab.png", optimize=True)


def make_film(page: Page, address: str) -> None:
    """Keep how a 3 is drawn, how its maps are looked at, and how a number is opened."""
    film = Film()
    page.open(address)
    film.add(page.take(), 900)
    for number, place in enumerate(page.draw(three())):
        if number % 2 == 0:
            film.add(page.take(place), 90)
    film.add(page.take(place), 1800)
    name, row, column, channel = CELL
    maps = f'article.layer[data-step="{name}"] canvas.mosaic'
    page.ask("document.activeElement.blur()")
    top = page.box("section.layers")["top"] - 12
    for step in range(1, 7):
        page.ask(f"scrollTo(0, {top * step / 6})")
        film.add(page.take(place), 70)
    film.add(page.take(place), 900)
    target = cell_place(page, maps, row, column, channel)
    for step in range(1, 7):
        way = [a + step / 6 * (b - a) for a, b in zip(place, target, strict=True)]
        film.add(page.take((way[0], way[1])), 60)
    film.add(page.take(target), 600)
    page.mouse("mousePressed", target)
    page.mouse("mouseReleased", target)
    page.mouse("mouseMoved", (5, 5))
    time.sleep(0.6)
    film.add(page.take(), 5000)
    film.save(PICTURES / "lab.gif")


def cell_place(page: Page, maps: str, row: int, column: int, channel: int) -> Point:
    """Return where a cell of a mosaic of maps lies on the screen."""
    wide = page.ask(f"return document.querySelector({maps!r}).width")
    side = 26 + 1  # cells of a map of conv1, and the line behind it
    per_line = (wide + 1) // side
    box = page.box(maps)
    scale = box["width"] / wide
    x, y = channel % per_line * side + column + 0.5, channel // per_line * side + row + 0.5
    return box["left"] + scale * x, box["top"] + scale * y


def main() -> None:
    """Make both pictures."""
    from browsing import chromium

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        give_signs(folder)
        lab = folder / "lab.html"
        shipped = {**os.environ, "CONVLAB_MODELS": str(folder / "none")}
        words = [sys.executable, "-m", "app.lab", "--model", "mnist", "--export", str(lab)]
        subprocess.run(words, cwd=ROOT, check=True, env=shipped)
        address = lab.as_uri() + "#draw=1"  # an empty pad
        with chromium() as browser:
            make_still(Page(browser, (WIDTH, 1000), ENLARGED), address)
            make_film(Page(browser, FILM_SIZE, FILM_SCALE), address)
    for picture in ("lab.png", "lab.gif"):
        print(f"docs/pictures/{picture}: {(PICTURES / picture).stat().st_size / 1e6:.2f} MB")


def give_signs(folder: Path) -> None:
    """Let the browser find the font with Chinese signs that requirements-fonts.txt installs."""
    found = find_spec("cvttf_NotoSansCJK_Regular")
    if found is None or not found.submodule_search_locations:
        return
    fonts = folder / "fonts"
    fonts.mkdir()
    for file in Path(found.submodule_search_locations[0]).rglob("*.otf"):
        (fonts / file.name).symlink_to(file)
    os.environ["XDG_DATA_HOME"] = str(folder)


if __name__ == "__main__":
    main()
