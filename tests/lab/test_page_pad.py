"""The pad and dropped pictures in a browser: mouse, finger, keyboard alone, undo; files of many kinds."""

import base64
import functools
import http.server
import io
import json
import threading

import numpy as np
import pytest
from browsing import chromium, violations
from javascript import PAGE
from PIL import Image

pytestmark = pytest.mark.browser

DOCUMENT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pad</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'">
</head><body><main><h1>Pad</h1><label for="file">File</label><input type="file" id="file"></main>
<script type="module" src="/start.js"></script></body></html>"""
START = """
import { createPad } from "./drawing/pad.js";
import { pictureFromFile, takePictures } from "./drawing/dropping.js";
import { strokesAsText, strokesFromText, drawStrokes } from "./drawing/strokes.js";
import { drawingWords } from "./words/drawing.js";
const say = (key, values) => drawingWords.en[key].replace(/{(\\w+)}/g, (_, name) => values[name]);
window.seen = [];
window.frames = 0;
const count = () => { window.frames++; requestAnimationFrame(count); };
requestAnimationFrame(count);
window.pad = createPad({ say, changed: (drawn) => window.seen.push(drawn) });
window.taken = [];
const main = document.querySelector("main");
main.append(pad.canvas, pad.help, pad.status);
takePictures({
  element: main, field: document.querySelector("#file"),
  took: (picture, name, changes) => window.taken.push({ picture, name, changes }),
  refused: (why) => window.taken.push(why),
});
Object.assign(window, { strokesAsText, strokesFromText, drawStrokes, pictureFromFile });
"""
FILES = {"/pad.html": (DOCUMENT, "text/html; charset=utf-8"), "/start.js": (START, "text/javascript")}


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path not in FILES:
            super().do_GET()
            return
        text, kind = FILES[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=PAGE)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/pad.html"
        server.shutdown()


@pytest.fixture(scope="module")
def chrome():
    with chromium() as driver:
        yield driver


@pytest.fixture
def browser(chrome, address):
    chrome.get(address)
    chrome.set_script_timeout(20)
    wait(chrome, "return Boolean(window.pad)")
    return chrome


def wait(browser, question):
    """Wait until a question is answered by something true."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(question))


def pixels(browser):
    """Return the grey pixels of the pad, when all frames have been drawn."""
    browser.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
    )
    return np.array(browser.execute_script("return [...pad.grey()]")).reshape(280, 280)


def box(browser):
    return browser.execute_script(
        "pad.canvas.scrollIntoView(); const {left, top, width} = pad.canvas.getBoundingClientRect();"
        "return [left, top, width]"
    )


def mouse(browser, *points):
    """Draw a stroke with the mouse through points, shares of the pad."""
    left, top, width = box(browser)
    for number, (x, y) in enumerate([*points, points[-1]]):
        kinds = {0: "mousePressed", len(points): "mouseReleased"}
        event = {"type": kinds.get(number, "mouseMoved"), "x": left + x * width, "y": top + y * width}
        event |= {"button": "left", "buttons": 0 if number == len(points) else 1, "clickCount": 1}
        browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def finger(browser, *points):
    """Draw a stroke with a finger."""
    left, top, width = box(browser)
    for number, (x, y) in enumerate(points):
        touch = [{"x": left + x * width, "y": top + y * width}]
        kind = "touchMove" if number else "touchStart"
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch})
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def keys(browser, *pressed):
    from selenium.webdriver import ActionChains

    actions = ActionChains(browser)
    for key in pressed:
        actions.send_keys(key)
    actions.perform()


@pytest.mark.parametrize("draw", [mouse, finger])
def test_a_stroke_by_hand_gives_pixels(browser, draw):
    draw(browser, (0.2, 0.5), (0.4, 0.5), (0.6, 0.5), (0.8, 0.5))
    page = pixels(browser)
    rows, columns = (np.flatnonzero((page > 127).any(axis=axis)) for axis in (1, 0))
    assert page[140, 56:224].min() == 255
    assert abs(rows.size - 70 / 1024 * 280) <= 2
    assert abs(columns[0] - (0.2 * 280 - 9.6)) <= 2
    assert abs(columns[-1] - (0.8 * 280 + 9.6)) <= 2
    seen = browser.execute_script("return seen.map(({ side, isDrawing }) => [side, isDrawing])")
    assert seen[-1] == [280, False]
    assert len(seen) <= browser.execute_script("return frames")
    strokes = browser.execute_script("return pad.strokes()")
    again = browser.execute_script("return [...drawStrokes(pad.strokes(), 560)]")
    halves = np.array(again).reshape(280, 2, 280, 2).sum(axis=(1, 3))
    assert len(strokes) == 1
    np.testing.assert_array_equal((halves + 2) // 4, page)  # as drawn and as replayed


def test_a_stroke_goes_on_outside_the_pad_and_a_second_finger_waits(browser):
    left, top, width = box(browser)
    mouse(browser, (0.5, 0.5), (1.2, 0.5), (1.2, 0.8), (0.5, 0.8))
    page = pixels(browser)
    assert page[140, 270] == page[224, 270] == 255
    assert not page[182, 200]
    browser.execute_script("pad.clear()")
    one, two = ({"x": left + x * width, "y": top + 0.5 * width, "id": i} for i, x in enumerate((0.2, 0.8)))
    for kind, points in (("touchStart", [one]), ("touchStart", [one, two]), ("touchEnd", [])):
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page = pixels(browser)
    assert page[140, 56] == 255
    assert not page[140, 224]


def test_the_keyboard_alone_draws(browser):
    from selenium.webdriver.common.keys import Keys

    browser.execute_script("document.querySelector('#file').focus()")
    keys(browser, Keys.TAB)
    assert browser.execute_script("return document.activeElement === pad.canvas")
    status = "return pad.status.textContent"
    keys(browser, Keys.ARROW_UP, Keys.SPACE)
    assert browser.execute_script(status) == "Pen down at 50 % from the left, 48 % from the top."
    keys(browser, *[Keys.ARROW_RIGHT] * 8, *[Keys.ARROW_DOWN] * 6, Keys.SPACE)
    assert "Pen lifted at 69 %" in browser.execute_script(status)
    page = pixels(browser)
    assert page[133, 140:185].min() == 255
    assert page[140:170, 192].min() == 255
    keys(browser, "z")
    assert not pixels(browser).any()
    keys(browser, "y")
    np.testing.assert_array_equal(pixels(browser), page)
    keys(browser, Keys.DELETE)
    assert not pixels(browser).any()
    assert browser.execute_script(status) == "The pad is empty."
    keys(browser, "z")
    np.testing.assert_array_equal(pixels(browser), page)
    keys(browser, "e", Keys.SPACE, Keys.SPACE)  # the eraser, where the pen was lifted
    assert pixels(browser)[171, 192] == 0
    described = browser.execute_script(
        "return document.getElementById(pad.canvas.getAttribute('aria-describedby')).textContent"
    )
    assert "Space puts the pen down" in described
    assert violations(browser) == []


def test_undo_redo_clear_and_text(browser):
    mouse(browser, (0.2, 0.2), (0.5, 0.5))
    first = pixels(browser)
    mouse(browser, (0.8, 0.2), (0.5, 0.7), (0.3, 0.6))
    both = pixels(browser)
    assert (both > first).any()
    assert browser.execute_script("return [pad.undo(), pad.canUndo(), pad.canRedo()]") == [True, True, True]
    np.testing.assert_array_equal(pixels(browser), first)
    browser.execute_script("pad.redo()")
    text = browser.execute_script("return strokesAsText(pad.strokes())")
    browser.execute_script("pad.clear()")
    assert not pixels(browser).any()
    browser.execute_script("pad.draw(strokesFromText(arguments[0]).strokes)", text)
    np.testing.assert_array_equal(pixels(browser), both)
    browser.execute_script("pad.setPen({ erases: true, width: 200 })")
    mouse(browser, (0.5, 0.5), (0.5, 0.6))
    assert not pixels(browser)[140:160, 140].any()


def as_file(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def read_file(browser, data):
    """Return what the page reads of a file, its pixels as an array."""
    found = browser.execute_async_script(
        """
        const [text, done] = arguments;
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        pictureFromFile(new File([bytes], "a picture.txt")).then(
          ({ picture, changes, refused }) =>
            done({ changes, refused, picture: picture && { ...picture, data: [...picture.data] } }),
          (error) => done(String(error)));
        """,
        base64.b64encode(data).decode(),
    )
    picture = found["picture"]
    if picture:
        shape = (picture["height"], picture["width"], picture["channels"])
        found["picture"] = np.array(picture["data"], np.uint8).reshape(shape)
    return found


def test_files_are_read_upright_small_and_without_transparency(browser):
    draw = np.random.default_rng(0)
    colours = Image.fromarray(draw.integers(0, 256, (20, 30, 3)).astype(np.uint8))
    for kind in ("PNG", "BMP"):
        np.testing.assert_array_equal(read_file(browser, as_file(colours, kind))["picture"], colours)
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    smooth = colours.resize((300, 200), Image.Resampling.BICUBIC)
    turned = read_file(browser, as_file(smooth, "JPEG", quality=98, exif=exif))["picture"]
    wanted = np.asarray(smooth.transpose(Image.Transpose.ROTATE_270)).astype(int)
    assert turned.shape == wanted.shape == (300, 200, 3)
    assert np.abs(turned - wanted).mean() < 6
    large = Image.new("L", (4000, 1000), 200)
    assert read_file(browser, as_file(large, "PNG"))["picture"].shape == (256, 1024, 3)
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    clear.paste((10, 20, 30, 255), (5, 5, 10, 10))
    found = read_file(browser, as_file(clear, "PNG"))
    assert found["changes"] == []
    assert (found["picture"][0, 0] == 255).all()
    clear.paste((255, 255, 255, 255), (5, 5, 10, 10))
    found = read_file(browser, as_file(clear, "PNG"))
    assert [change["say"] for change in found["changes"]] == ["putOnBlack"]
    assert (found["picture"][0, 0] == 0).all()


def test_what_is_no_picture_is_refused(browser):
    whole = as_file(Image.new("L", (50, 50), 9), "PNG")
    bomb = bytearray(whole)
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='document.title=1'/>"
    for data, said in (
        (b"", "noPicture"),
        (svg, "noPicture"),
        (bytes(bomb), "pictureTooLarge"),
        (whole[:40], "pictureDamaged"),
    ):
        found = read_file(browser, data)
        assert (found["picture"], found["refused"]["say"]) == (None, said)


def test_pictures_are_dropped_pasted_and_chosen(browser, tmp_path):
    picture = as_file(Image.new("L", (8, 6), 77), "PNG")
    browser.execute_script(
        """
        const bytes = Uint8Array.from(atob(arguments[0]), (letter) => letter.charCodeAt(0));
        const carried = new DataTransfer();
        carried.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
        const main = document.querySelector("main");
        main.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        window.pasteNow = () => document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried }));
        """,
        base64.b64encode(picture).decode(),
    )
    wait(browser, "return taken.length === 1")
    browser.execute_script("pasteNow()")
    wait(browser, "return taken.length === 2")
    (tmp_path / "chosen.png").write_bytes(picture)
    (tmp_path / "none.png").write_text("words")
    field = browser.find_element("id", "file")
    for number, name in enumerate(("chosen.png", "none.png"), 3):
        field.send_keys(str(tmp_path / name))
        wait(browser, f"return taken.length === {number}")
    taken = json.loads(browser.execute_script("return JSON.stringify(taken)"))
    assert [each.get("name", each.get("say")) for each in taken][2:] == ["chosen.png", "noPicture"]
    assert [each["picture"]["width"] for each in taken[:3]] == [8, 8, 8]
