"""Pages of the lab, made once, and hands for them in Chromium: to draw, to click and to read."""

import functools
import math
import re
import time

import numpy as np
from browsing import look, open_page

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
MODELS = {}
"""Builders of models, by the names that `page_text` takes besides the catalogue's."""


def model(build):
    """Note a builder of a model."""
    MODELS[build.__name__] = functools.cache(build)
    return MODELS[build.__name__]


@model
def lenet5():
    """The published LeNet-5 with fresh weights: maps that read some maps only, sub-sampling, distances to pictures."""
    import app.engine  # noqa: F401, I001
    import keras

    from app.engine.build import build_model
    from models import find_network

    keras.utils.set_random_seed(5)
    return build_model(find_network("lenet5"))


@model
def residual():
    """A user's model: a branch that is added, normalisation, two poolings, names of its own."""
    import app.engine  # noqa: F401, I001
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(7)
    image = keras.Input((14, 12, 1))
    x = layers.Conv2D(4, 3, padding="same", name="first")(image)
    y = layers.ReLU(name="cut")(layers.BatchNormalization(name="norm")(x))
    y = layers.Conv2D(4, 3, padding="same", name="second")(y)
    x = layers.Add(name="sum")([x, y])
    x = layers.MaxPooling2D(name="pool")(layers.Activation("tanh", name="bent")(x))
    x = layers.AveragePooling2D(2, name="mean")(
        layers.DepthwiseConv2D(3, strides=1, activation="relu", name="deep")(x)
    )
    made = keras.Model(
        image, layers.Dense(3, activation="softmax", name="end")(layers.Flatten(name="flat")(x))
    )
    norm = made.get_layer("norm")
    rng = np.random.default_rng(3)
    norm.set_weights([np.abs(rng.normal(1, 0.3, w.shape)) for w in norm.get_weights()])
    return made


@model
def many_classes():
    """A network of more classes than there are bars."""
    import app.engine  # noqa: F401, I001
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(9)
    image = keras.Input((9, 9, 1))
    x = layers.Flatten()(layers.Conv2D(3, 3, activation="relu", name="only")(image))
    return keras.Model(image, layers.Dense(24, activation="softmax", name="end")(x))


def pictures(shape, count=2):
    """Return random pictures of bytes."""
    return [*np.random.default_rng(1).integers(0, 256, (count, *shape[:2])).astype("uint8")]


@functools.cache
def lab_page(name, **options):
    """Return the page of a model of the catalogue, or of one of `MODELS`."""
    import app as lab

    if name not in MODELS:
        return lab.make_page(name, **options)
    made = MODELS[name]()
    return lab.make_page(made, pictures(made.input_shape[1:]), **options)


def write_lab(folder, name, **options):
    """Write a page into a folder, once, and return its path."""
    path = folder / f"{'-'.join([name, *map(str, options.values())])}.html"
    if not path.exists():
        lab_page(name, **options).save(path)
    return path


def open_lab(browser, path, change=None, address="", width=1440, height=900, waits=True, **media):
    """Open a page and wait until it has checked itself and drawn what its address says."""
    look(browser, width, height, **media)
    open_page(browser, path, change, address)
    if waits:
        until(browser, "return document.querySelector('.check')?.dataset.isRight")
        until(browser, "return document.querySelector('.prediction .said').textContent")
        settle(browser)
    return browser


def run(browser, script, *arguments):
    return browser.execute_script(script, *arguments)


def until(browser, script, *arguments, seconds=15):
    """Return what a script returns, once that is true."""
    end = time.monotonic() + seconds
    while not (found := run(browser, script, *arguments)):
        assert time.monotonic() < end, (script, arguments, browser.get_log("browser"))
        time.sleep(0.02)
    return found


def settle(browser, quiet=0.15, seconds=20):
    """Wait until nothing has been drawn for a while, and return how often the page has been drawn."""
    end, since, before = time.monotonic() + seconds, time.monotonic(), None
    while time.monotonic() < end:
        drawn = run(browser, "return document.body.dataset.drawn")
        if drawn != before:
            before, since = drawn, time.monotonic()
        elif time.monotonic() - since > quiet:
            return int(drawn or 0)
        time.sleep(0.03)
    raise AssertionError("the page does not come to rest")


def text(browser, selector):
    return run(browser, "return document.querySelector(arguments[0])?.textContent ?? null", selector)


def click(browser, selector, place=0):
    """Click with the mouse on what a selector finds; what is drawn anew meanwhile is looked for again."""
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.common.by import By

    for _ in range(5):
        found = browser.find_elements(By.CSS_SELECTOR, selector)[place]
        try:
            run(browser, "arguments[0].scrollIntoView({block: 'center'})", found)
            return found.click()
        except StaleElementReferenceException:
            continue
    raise AssertionError(f"{selector} does not stand still")


def press(browser, *keys):
    """Press keys, one after the other."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    for key in keys:
        ActionChains(browser).send_keys(getattr(Keys, key, key)).perform()


def tab_to(browser, selector, most=120):
    """Press Tab until something is in focus, and return how often."""
    for count in range(most):
        if run(browser, "return Boolean(document.activeElement?.matches(arguments[0]))", selector):
            return count
        press(browser, "TAB")
    raise AssertionError(f"Tab does not reach {selector}")


def three(count=60):
    """Return points of a 3 on a square of 1 by 1."""
    points = []
    for i in range(count):
        part = 2 * i / (count - 1)
        middle = 0.33 if part < 1 else 0.64
        angle = -2.4 + (part % 1 if part < 2 else 1) * 4
        points.append((0.48 + 0.17 * math.cos(angle), middle + 0.16 * math.sin(angle)))
    return points


def draw(browser, points, gap=0.012):
    """Draw a stroke on the pad with the mouse; return how often the page was drawn before, and when the hand rested."""
    canvas = "document.querySelector('.pad canvas')"
    box = run(
        browser,
        f"{canvas}.scrollIntoView({{block: 'center'}});"
        f"const b = {canvas}.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]",
    )
    before = int(run(browser, "return document.body.dataset.drawn ?? 0"))
    places = [(box[0] + x * box[2], box[1] + y * box[3]) for x, y in points]
    mouse(browser, "mousePressed", *places[0])
    for place in places[1:]:
        mouse(browser, "mouseMoved", *place)
        time.sleep(gap)
    during = int(run(browser, "return document.body.dataset.drawn ?? 0"))
    mouse(browser, "mouseReleased", *places[-1], buttons=0)
    settle(browser)
    return before, during


def mouse(browser, kind, x, y, buttons=1):
    """Let the browser receive a movement of the mouse."""
    event = {"type": kind, "x": x, "y": y, "buttons": buttons, "button": "left", "clickCount": 1}
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def shape_of(browser, layer):
    """Return the shape that stands beside a layer's name."""
    told = text(browser, f'article[data-step="{layer}"] h3 .quiet')
    return [int(n) for n in told.split(", ")[-1].split("×")]


def click_cell(browser, layer, row, column, channel):
    """Click on a cell of a layer's maps."""
    shape = shape_of(browser, layer)
    rows, columns, _ = shape if len(shape) == 3 else (1, shape[0], 1)
    if len(shape) != 3:
        column, channel = channel, 0
    x, y = run(
        browser,
        """const [layer, rows, columns, row, column, channel] = arguments;
        const canvas = document.querySelector(`article[data-step="${layer}"] canvas`);
        canvas.scrollIntoView({block: "center", inline: "nearest"});
        const perLine = (canvas.width + 1) / (columns + 1), box = canvas.getBoundingClientRect();
        const left = (channel % perLine) * (columns + 1) + column + 0.5;
        const top = Math.floor(channel / perLine) * (rows + 1) + row + 0.5;
        return [box.left + (left * box.width) / canvas.width, box.top + (top * box.height) / canvas.height];
        """,
        layer, rows, columns, row, column, channel,
    )  # fmt: skip
    for kind, buttons in (("mousePressed", 1), ("mouseReleased", 0)):
        mouse(browser, kind, x, y, buttons)
    until(browser, "return !document.querySelector('.cell .working').parentElement.hidden")


def number(told):
    """Return the number that the page writes: `−0.1234`, `1,024`, `9.8·10⁻⁹`."""
    digits, _, power = told.strip().replace("−", "-").replace(",", "").partition("·10")
    return float(f"{digits}e{power.translate(RAISED) or 0}")


def as_told(told):
    """Return a number that stands alone; a formula, or what a quiz hides, as it is."""
    try:
        return number(told)
    except ValueError:
        return told


def opened_cell(browser):
    """Return what is written of the opened number: its name, value, products, sums and witness."""
    told = run(
        browser,
        """const panel = document.querySelector(".cell");
        const texts = (selector) => [...panel.querySelectorAll(selector)].map((each) => each.textContent);
        return {
          heading: panel.querySelector("h2").textContent,
          heads: texts(".working .scroll table:not(.grid) thead th"),
          rows: [...panel.querySelectorAll(".working .scroll table:not(.grid) tbody tr")]
            .map((row) => [...row.children].map((cell) => cell.textContent)),
          sums: Object.fromEntries(texts("dl.sums dt").map((name, i) => [name, texts("dl.sums dd")[i]])),
          working: panel.querySelector(".working").textContent,
          next: texts(".next li"),
        };""",
    )
    name, _, value = told["heading"].rpartition(" = ")
    witness = re.search(r"The network itself has (\S+) here; the difference is (\S+)\.", told["working"])
    return told | {
        "name": name,
        "value": value if value == "?" else number(value),
        "kept": witness and number(witness[1]),
        "difference": witness and number(witness[2]),
        "sums": {key: as_told(each) for key, each in told["sums"].items()},
    }


def errors(browser):
    """Return what the page's console holds of errors."""
    return [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "ERROR")]


def shown_input(browser):
    """Return the bytes of the picture that stands as what the network gets, (height, width)."""
    grey = run(
        browser,
        """const canvas = document.querySelector(".stages li:last-child canvas");
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return [canvas.height, canvas.width, Array.from({length: data.length / 4}, (_, i) => data[4 * i])];""",
    )
    return np.array(grey[2], "uint8").reshape(grey[0], grey[1])


def probabilities(browser):
    """Return the shares that the bars show, in the order of the classes."""
    told = run(
        browser,
        """return [...document.querySelectorAll(".bars button.class")]
          .map((each) => [Number(each.dataset.index), each.querySelector(".number").textContent])""",
    )
    return [share for _, share in sorted(told)]


def percent(share):
    """Return a probability as the page writes it."""
    if 0.0005 <= share < 0.9995:
        return f"{100 * share:.1f} %"
    return "> 99.9 %" if share > 0.5 else "< 0.1 %"
