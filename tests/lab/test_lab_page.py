"""The page in a browser: drawn on with a mouse and with keys, its numbers opened, pictures given, guesses made."""

import re

import numpy as np
import pytest
from opened_pages import (
    MODELS,
    click,
    click_cell,
    draw,
    errors,
    lab_page,
    number,
    open_lab,
    opened_cell,
    percent,
    pictures,
    press,
    probabilities,
    run,
    settle,
    shown_input,
    tab_to,
    text,
    three,
    until,
    write_lab,
)

pytestmark = [pytest.mark.browser, pytest.mark.keras]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("labs")


@pytest.fixture(scope="module")
def keras_mnist():
    from app.engine.store import load_model
    from app.files.saved import SHIPPED_MODELS

    return load_model(SHIPPED_MODELS / "mnist.keras")


@pytest.fixture
def shown(browser, folder):
    """Open a page; at the end of the test its console must be empty."""

    def show(name, address="", **options):
        return open_lab(browser, write_lab(folder, name), address=address, **options)

    yield show
    assert errors(browser) == []


def predicted(keras_model, browser):
    """Return what Keras makes of the picture that the page shows as the network's input."""
    pixels = shown_input(browser)[None, ..., None].astype("float32") / 255
    return keras_model.predict(pixels, verbose=0)[0]


def test_a_stroke_is_followed_while_it_is_drawn(shown, keras_mnist):
    browser = shown("mnist", "#draw=1")
    assert text(browser, ".said") == "Draw something, or take an image."
    before, during = draw(browser, three())
    assert during - before >= 5, "nothing was drawn before the hand rested"
    wanted = predicted(keras_mnist, browser)
    assert wanted.argmax() == 3
    assert probabilities(browser) == [percent(share) for share in wanted]
    assert text(browser, ".said").startswith("The network says 3 (")


def test_the_last_answer_is_of_the_last_stroke(shown, keras_mnist):
    """Many strokes after each other, without a pause: what stands there in the end is of all of them."""
    browser = shown("mnist", "#draw=1")
    for shift in (0, 0.1, 0.2):
        draw(browser, [(0.3 + shift, 0.2 + i / 40) for i in range(24)], gap=0)
        assert probabilities(browser) == [percent(share) for share in predicted(keras_mnist, browser)]


def explained(keras_model, image, wanted, layer):
    """Return the gradient of a class's score by the image, and Grad-CAM's cells, with a tape of TensorFlow."""
    import keras
    import tensorflow as tf

    *_, last = layers = keras_model.layers
    behind = layers[[each.name for each in layers].index(layer) + 1 : -1]
    x = tf.constant(image[None, ..., None].astype("float32") / 255)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        features = maps = keras.Model(keras_model.inputs, keras_model.get_layer(layer).output)(x)
        for each in behind:
            features = each(features)
        score = (features @ last.kernel + last.bias)[:, wanted]
    by_maps = tape.gradient(score, maps)
    cells = tf.nn.relu(tf.reduce_sum(tf.reduce_mean(by_maps, (1, 2), keepdims=True) * maps, -1))
    return tape.gradient(score, x).numpy(), cells.numpy()


def test_maps_of_a_drawing_are_those_of_keras(shown, keras_mnist):
    from app.maps.placement import place_cells, placement_of

    browser = shown("mnist", "#draw=1")
    draw(browser, three())
    told = run(
        browser, "return [...document.querySelectorAll('.evidence .headline')].map((p) => p.textContent)"
    )
    wanted = int(text(browser, ".evidence h2").split()[-1])
    layer = re.search(r"computed from (\w+),", told[1])[1]
    gradient, cells = explained(keras_mnist, shown_input(browser), wanted, layer)
    opened = lab_page("mnist")._contents.opened
    placement = placement_of(opened.explainer_by("tensorflow"), None, np.zeros((1, 28, 28, 1), "float32"))
    for line, values in zip(told, (gradient, place_cells(cells, placement)), strict=True):
        largest = number(re.match(r"Largest value (\S+?)(?:;|$)", line)[1])
        assert largest == pytest.approx(np.abs(values).max(), rel=1e-3)


def keras_value(name, layer, picture, cell):
    """Return a value of a layer by Keras, of a picture of bytes."""
    import keras

    made = MODELS[name]()
    inner = keras.Model(made.inputs, made.get_layer(layer).output)
    values = inner.predict(picture[None, ..., None].astype("float32") / 255, verbose=0)[0]
    row, column, channel = cell
    return float(values[row, column, channel] if values.ndim == 3 else values[channel])


CELLS = {
    "lenet5": (
        ("c1", (9, 14, 3)), ("squash1", (0, 27, 5)), ("s2", (5, 6, 2)), ("c3", (4, 5, 9)), ("s4", (1, 4, 15)),
        ("c5", (0, 0, 17)), ("f6", (0, 0, 40)), ("output", (0, 0, 3)), ("probabilities", (0, 0, 9)),
    ),
    "residual": (
        ("first", (0, 0, 1)), ("norm", (5, 5, 2)), ("sum", (7, 3, 0)), ("pool", (2, 2, 3)), ("deep", (1, 1, 1)),
        ("mean", (1, 0, 2)), ("end", (0, 0, 2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_a_click_on_a_cell_shows_products_whose_sum_is_its_value(shown, name):
    browser = shown(name)
    picture = pictures(MODELS[name]().input_shape[1:])[0]
    for layer, cell in CELLS[name]:
        click_cell(browser, layer, *cell)
        opened = opened_cell(browser)
        verify_sums(opened)
        value = keras_value(name, layer, picture, cell)
        assert opened["value"] == pytest.approx(value, rel=1e-3, abs=1e-6), (layer, opened["name"])


def verify_sums(opened):
    """What stands there adds up: products and the rest are the sum, sum and bias are what goes into the activation."""
    assert abs(opened["difference"]) <= 1e-5 * max(1, abs(opened["kept"])), opened["name"]
    assert opened["value"] == pytest.approx(opened["kept"], rel=1e-3)
    if "Product" not in opened["heads"]:
        return
    products = [number(row[-1]) for row in opened["rows"]]
    rest = re.search(r"further products \(\S+ of them 0\) add (\S+)\.(?: |Show|$)", opened["working"])
    whole = sum(products) + (number(rest[1]) if rest else 0)
    size = max(map(abs, products))
    sums = opened["sums"]
    if "Sum of the products" in sums:
        assert whole == pytest.approx(sums["Sum of the products"], abs=5e-3 * size * len(products) ** 0.5), (
            opened["name"]
        )
        whole = sums["Sum of the products"]
    if "Sum and bias" in sums:
        assert whole + sums.get("Bias", 0) == pytest.approx(
            sums["Sum and bias"], abs=1e-3 * (size + abs(whole))
        )


WALKED = {"mnist": 2, "residual": 2, "lenet5": 2}


@pytest.mark.parametrize("name", WALKED)
def test_links_lead_back_to_the_pixels_and_on_to_the_output(shown, name):
    browser = shown(name)
    last = run(browser, "return [...document.querySelectorAll('article.layer')].at(-1).dataset.step")
    click_cell(browser, last, 0, 0, 2)
    names = [opened_cell(browser)["name"]]
    while run(browser, "return document.querySelector('.working tbody th button.link') !== null"):
        click(browser, ".working tbody th button.link")
        opened = opened_cell(browser)
        verify_sums(opened)
        names.append(opened["name"])
        assert len(names) < 40
    assert len(names) > 3
    assert opened["rows"][0][0].startswith("image: row ")
    click(browser, ".cell > .row button")  # back
    assert opened_cell(browser)["name"] == names[-2]
    while run(browser, "return document.querySelector('.next button.link') !== null"):
        click(browser, ".next button.link")
        verify_sums(opened_cell(browser))
    assert "It is an output of the network." in text(browser, ".next")
    click(browser, ".cell > .row button:nth-of-type(2)")  # close
    assert run(browser, "return document.querySelector('.working').parentElement.hidden")


def test_a_wrong_working_would_be_noticed():
    right = {
        "name": "a", "heads": ["Comes from", "Product"], "rows": [["x", "2"], ["y", "−1"]], "difference": 0.0,
        "kept": 1.5, "value": 1.5, "working": "", "sums": {"Sum of the products": 1, "Bias": 0.5, "Sum and bias": 1.5},
    }  # fmt: skip
    verify_sums(right)
    for changed in (
        {"rows": [["x", "2"]]},
        {"difference": 0.1},
        {"value": 1.4},
        {"sums": right["sums"] | {"Bias": 0}},
    ):
        with pytest.raises(AssertionError):
            verify_sums(right | changed)


def test_the_keyboard_alone_draws_and_opens_a_cell(shown, keras_mnist):
    browser = shown("mnist", "#draw=1")
    tab_to(browser, ".pad canvas")
    assert run(browser, "return document.activeElement.matches(':focus-visible')")
    press(browser, *["ARROW_UP"] * 8, " ", *["ARROW_DOWN"] * 16, " ")
    assert "Pen lifted" in text(browser, ".pad-status")
    settle(browser)
    wanted = predicted(keras_mnist, browser)
    assert probabilities(browser) == [percent(share) for share in wanted]
    told = run(
        browser, "return [...document.querySelectorAll('[aria-live=polite]')].map((each) => each.textContent)"
    )
    assert any(each.startswith(f"The network says {wanted.argmax()} (") for each in told)
    tab_to(browser, "#cell-channel")
    press(browser, *"5", "TAB", "ARROW_UP", "ARROW_UP", "ENTER")
    until(browser, "return document.activeElement === document.querySelector('.cell h2')")
    opened = opened_cell(browser)
    assert "row 2, column 0" in opened["name"]
    tab_to(browser, "canvas.mosaic")
    press(browser, "PAGE_DOWN", "ARROW_RIGHT", "ARROW_DOWN", "ENTER")
    until(browser, "return document.activeElement === document.querySelector('.cell h2')")
    assert opened_cell(browser)["name"] != opened["name"]
    assert "row 3, column 1" in opened_cell(browser)["name"]


def test_every_control_is_reached_and_its_focus_is_seen(shown):
    browser = shown("residual")
    seen = set()
    press(browser, "TAB")
    for _ in range(140):
        name, outline = run(
            browser,
            """const e = document.activeElement, style = getComputedStyle(e);
            return [e.tagName + "." + (e.id || e.dataset.tab || e.dataset.index || e.textContent.slice(0, 30)),
              e === document.body ? 3 : parseFloat(style.outlineWidth) * (style.outlineStyle !== "none")]""",
        )
        assert outline >= 2, name
        seen.add(name)
        press(browser, "TAB")
    missing = run(
        browser,
        """return [...document.querySelectorAll("button, input, select, canvas[tabindex], summary")]
          .filter((e) => !e.disabled && e.offsetParent !== null)
          .map((e) => e.tagName + "." + (e.id || e.dataset.tab || e.dataset.index || e.textContent.slice(0, 30)))""",
    )
    assert set(missing) - seen == set()
    tab_to(browser, "button[data-tab=paper]")
    press(browser, "ENTER")
    assert run(browser, "return document.querySelector('.paper').offsetParent !== null")


def test_a_picture_from_a_file_is_taken(shown, keras_mnist, mnist, tmp_path):
    from PIL import Image

    index = int(np.flatnonzero(np.asarray(mnist.test_labels) == 7)[0])
    sheet = np.full((200, 160), 255, "uint8")
    digit = np.kron(255 - np.asarray(mnist.test_images[index]).reshape(28, 28), np.ones((4, 4), "uint8"))
    sheet[40:152, 20:132] = digit
    Image.fromarray(sheet).save(tmp_path / "seven.png")
    browser = shown("mnist", "#draw=1")
    give(browser, tmp_path / "seven.png")
    until(browser, "return document.querySelectorAll('.bars button').length > 0")
    settle(browser)
    wanted = predicted(keras_mnist, browser)
    assert wanted.argmax() == 7
    assert probabilities(browser) == [percent(share) for share in wanted]


def give(browser, path):
    from selenium.webdriver.common.by import By

    browser.find_element(By.ID, "own-picture").send_keys(str(path))


def test_a_file_that_is_no_picture_is_refused_in_words(shown, tmp_path):
    browser = shown("mnist")
    before = text(browser, ".said")
    for name, content in (
        ("a.png", b"hello"),
        ("b.txt", b"<img src=x>"),
        ("c.png", b"\x89PNG\r\n\x1a\n" + bytes(40)),
    ):
        (tmp_path / name).write_bytes(content)
        run(browser, "document.querySelector('.toast').textContent = ''")
        give(browser, tmp_path / name)
        told = until(browser, "return document.querySelector('.toast').textContent")
        assert len(told) > 20
        assert not re.search(r"undefined|\{|^[a-z]\w+$", told), told
    assert text(browser, ".said") == before


def test_a_quiz_hides_what_is_asked_and_counts(shown):
    browser = shown("mnist", "#image=3&cell=" + "end.0.0.0")
    right = int(text(browser, ".said").split("says ")[1][0])
    click(browser, "header .tools button")
    verify_hidden(browser)
    wrong = (right + 1) % 10
    answer(browser, wrong)
    assert f"Not quite. It says {right}. 0 of 1 right." in text(browser, ".quiz")
    assert "%" in text(browser, ".bars")
    click(browser, ".thumbs button", 5)
    settle(browser)
    verify_hidden(browser)
    answer(browser, next(c for c in range(10) if "labelled" and is_right(browser, c)))
    assert "Right." in text(browser, ".quiz")
    assert "1 of 2 right." in text(browser, ".quiz")


def is_right(browser, label):
    """Whether the thumb of the picture says this label: the shipped network knows all its test images."""
    return run(browser, "return document.querySelectorAll('.thumbs button')[5].ariaLabel").endswith(
        f"labelled {label}"
    )


def verify_hidden(browser):
    assert text(browser, ".said") == "What will the network say?"
    assert not re.search(r"\d+\.\d %|9 %", text(browser, ".bars"))
    assert run(browser, "return [...document.querySelectorAll('.bar')].every((bar) => bar.offsetWidth === 0)")
    assert re.search(r"\d", text(browser, ".evidence h2")) is None


def answer(browser, label):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    Select(browser.find_element(By.ID, "guess")).select_by_value(str(label))
    click(browser, ".quiz button[type=submit]")


def test_a_number_is_guessed_in_a_quiz(shown):
    browser = shown("mnist", "#quiz=1")
    last = run(browser, "return [...document.querySelectorAll('article.layer')][0].dataset.step")
    click_cell(browser, last, 9, 12, 1)
    opened = opened_cell(browser)
    assert opened["value"] == "?"
    assert "network itself" not in opened["working"]
    assert [each for each in opened["sums"].values() if each != "?"] in ([], [opened["sums"].get("Bias")])
    assert all(row[-1] == "?" for row in opened["rows"])
    from selenium.webdriver.common.by import By

    browser.find_element(By.ID, "number-guess").send_keys("1234")
    click(browser, ".working form button")
    settle(browser)
    revealed = opened_cell(browser)
    assert isinstance(revealed["value"], float)
    assert "Not quite." in text(browser, ".quiz")


def test_the_evidence_for_any_class_is_shown_where_not_each_has_a_bar(shown):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    browser = shown("many_classes")
    shown_bars = {
        int(each.get_attribute("data-index"))
        for each in browser.find_elements(By.CSS_SELECTOR, ".bars button")
    }
    assert len(shown_bars) == 10
    other = min(set(range(24)) - shown_bars)
    Select(browser.find_element(By.ID, "any-class")).select_by_value(str(other))
    settle(browser)
    heading = text(browser, ".evidence h2")
    assert heading.split()[-1] == run(
        browser, "return document.querySelector('#any-class').selectedOptions[0].text"
    )
    assert f"class={other}" in run(browser, "return location.hash")
