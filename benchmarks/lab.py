"""The lab page in Chromium: how long it takes to open, and from the hand on the pad to all that is drawn of it.

Floors, in the same run: a page of as many bytes that holds no script, and a page that draws a dot where the hand is.
"""

import importlib
import itertools
import json
import math
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.show.document import Table
from app.show.tables import print_parts

ROUNDS = 5
MOVES = 60
GAP = 1 / 60
"""Seconds between two movements of the hand."""
REST = 1.5
"""Seconds after opening in which the page gets ready."""
MOST_OPENING, MOST_UPDATE, LONGEST_UPDATE = 1000, 50, 150
"""Milliseconds that are allowed: to open, for 95 % of the updates, and for the longest."""
DOT = """<!doctype html><title>Dot</title><body class="pad"><canvas width=280 height=280></canvas><script>
const context = document.querySelector("canvas").getContext("2d");
let place = null;
function show() {
  context.fillRect(place.offsetX - 2, place.offsetY - 2, 5, 5);
  place = null;
  document.body.dataset.drawn = Number(document.body.dataset.drawn ?? 0) + 1;
}
function move(event) {
  if (!place) requestAnimationFrame(show);
  place = event;
}
for (const name of ["pointerdown", "pointermove"]) document.querySelector("canvas").addEventListener(name, move);
document.body.dataset.drawn = 1;
</script>"""
WATCH = """{
window.seen = {moves: [], asked: [], drawn: []};
const move = (event) => seen.moves.push(event.timeStamp);
for (const name of ["pointermove", "pointerdown"]) addEventListener(name, move, true);
const post = Worker.prototype.postMessage, listen = Worker.prototype.addEventListener;
let answered = null;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message.ask === "look") seen.asked.push([message.id, performance.now()]);
  return post.call(this, message, ...rest);
};
Worker.prototype.addEventListener = function (name, does, ...rest) {
  const noting = (event) => { answered = event.data.id ?? null; does(event); };
  return listen.call(this, name, name === "message" ? noting : does, ...rest);
};
new MutationObserver((changes) => {
  if (changes.some((each) => each.attributeName === "data-drawn")) seen.drawn.push([answered, performance.now()]);
}).observe(document, {attributes: true, subtree: true, attributeFilter: ["data-drawn"]});
}"""


def run() -> None:
    """Print how long opening and updates take, and their ratios to the floors."""
    chromium = _browser()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        page, blank, dot = _pages(Path(folder))
        opening = {path: [] for path in (page, blank)}  # type: dict[Path, list[float]]
        for _, path in itertools.product(range(ROUNDS), opening):
            opening[path].append(_opening(browser, path))
        updates = {path: _updates(browser, path) for path in (page, dot)}
    rows = [
        _row(
            "opened, first prediction drawn", statistics.median(opening[page]), opening[blank], MOST_OPENING
        ),
        _row("update, median", _share(updates[page], 50), updates[dot], MOST_UPDATE),
        _row("update, 95 % within", _share(updates[page], 95), updates[dot], MOST_UPDATE, 95),
        _row("update, longest", max(updates[page]), updates[dot], LONGEST_UPDATE, 100),
    ]
    title = f"the page of mnist: {ROUNDS} openings, and {ROUNDS} strokes of {MOVES} movements at {1 / GAP:.0f} a second"
    columns = ("what", "lab page", "floor", "ratio", "allowed", "")
    print_parts([Table(columns, tuple(rows), title, numbers=(1, 2, 3, 4))])


def _row(
    what: str, taken: float, floor: Sequence[float], allowed: float, share: float = 50
) -> tuple[str, ...]:
    least = _share(floor, share)
    verdict = "yes" if taken <= allowed else "NO"
    return what, f"{taken:.0f} ms", f"{least:.0f} ms", f"{taken / least:.1f}", f"{allowed:g} ms", verdict


def _share(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of 0 to 100 of the values lies."""
    return sorted(values)[min(len(values) - 1, math.ceil(share / 100 * len(values)) - 1)]


def _browser() -> Callable[[], Any]:
    """Return what the tests open Chromium with."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    found: Callable[[], Any] = importlib.import_module("browsing").chromium
    return found


def _pages(folder: Path) -> tuple[Path, Path, Path]:
    """Write the lab page, one of its size without a script, and one that draws a dot."""
    import app as lab

    page = lab.make_page("mnist").save(folder / "lab.html")
    blank, dot = folder / "blank.html", folder / "dot.html"
    filling = f"<script type=text/plain>{'x' * page.stat().st_size}</script>"
    blank.write_text(f"<!doctype html><title>Blank</title><body>{filling}<p>No script</p>", "utf-8")
    dot.write_text(DOT, "utf-8")
    return page, blank, dot


def _opening(browser: Any, path: Path) -> float:
    """Return the milliseconds until the first prediction, or, of a page without a script, until it is loaded."""
    browser.get("about:blank")
    browser.get(path.as_uri())
    for _ in range(200):
        drawn, loaded = browser.execute_script(
            "return [seen.drawn[0]?.[1], performance.getEntriesByType('navigation')[0].loadEventEnd]"
        )
        if drawn or (loaded and path.name == "blank.html"):
            return float(drawn or loaded)
        time.sleep(0.02)
    raise RuntimeError(f"{path.name} does not open")


def _updates(browser: Any, path: Path) -> list[float]:
    """Return for every movement of the hand the milliseconds until all was drawn of it."""
    browser.set_window_size(1440, 1000)
    lags: list[float] = []
    for _ in range(ROUNDS):
        browser.get("about:blank")
        browser.get(path.as_uri())
        time.sleep(REST)
        box = browser.execute_script(
            "const pad = document.querySelector('.pad canvas'); pad.scrollIntoView({block: 'center'});"
            "const {left, top, width, height} = pad.getBoundingClientRect(); return [left, top, width, height]"
        )
        browser.execute_script("for (const list of Object.values(seen)) list.length = 0")
        _draw(browser, [(box[0] + x * box[2], box[1] + y * box[3]) for x, y in _three()])
        time.sleep(0.7)
        lags += _lags(browser.execute_script("return seen"))
    return lags


def _draw(browser: Any, places: Sequence[tuple[float, float]]) -> None:
    """Move the mouse as a hand does: without waiting for the page."""
    import websocket

    address = browser.capabilities["goog:chromeOptions"]["debuggerAddress"]
    with urllib.request.urlopen(f"http://{address}/json") as answer:
        target = next(each for each in json.load(answer) if each["type"] == "page")
    socket = websocket.create_connection(target["webSocketDebuggerUrl"], suppress_origin=True)
    kinds = ["mousePressed", *["mouseMoved"] * (len(places) - 1), "mouseReleased"]
    for number, (kind, (x, y)) in enumerate(zip(kinds, [*places, places[-1]], strict=True), 1):
        event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
        event["buttons"] = int(kind != "mouseReleased")
        socket.send(json.dumps({"id": number, "method": "Input.dispatchMouseEvent", "params": event}))
        time.sleep(GAP)
    time.sleep(0.5)
    socket.close()


def _lags(seen: dict[str, Any]) -> list[float]:
    """Return of each movement the time until the first drawing that knew of it."""
    asked = dict(seen["asked"])
    drawn = [(asked.get(number, when), when) for number, when in seen["drawn"]]
    found = []
    for moved in seen["moves"]:
        times = [when for known, when in drawn if known >= moved]
        if not times:
            raise RuntimeError("a movement of the hand was never drawn")
        found.append(min(times) - moved)
    return found


def _three() -> list[tuple[float, float]]:
    """Return points of a 3 on a square of 1 by 1."""
    points = []
    for i in range(MOVES):
        part = 2 * i / (MOVES - 1)
        middle = 0.33 if part < 1 else 0.64
        angle = -2.4 + (part % 1 if part < 2 else 1) * 4
        points.append((0.48 + 0.17 * math.cos(angle), middle + 0.16 * math.sin(angle)))
    return points
