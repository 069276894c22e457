"""The hand-out: it asks nobody, proves itself, notices what was changed, and lets nothing else run."""

import json
import re
import zlib
from html import unescape

import pytest
from browsing import open_page, requests_of
from conftest import refusal
from opened_pages import (
    errors,
    lab_page,
    number,
    open_lab,
    pictures,
    press,
    run,
    settle,
    text,
    until,
    write_lab,
)

pytestmark = [pytest.mark.browser, pytest.mark.keras]
CONTENTS = re.compile(r'(<script type="application/json" id="contents">)(.*?)(</script>)', re.S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("handouts")


def changed_contents(change):
    """Return a change of a page's text that changes its contents."""

    def changed(page):
        def again(found):
            contents = json.loads(found[2])
            change(contents)
            return found[1] + json.dumps(contents).replace("<", "\\u003c") + found[3]

        return CONTENTS.sub(again, page)

    return changed


@pytest.fixture
def offline(browser):
    """Cut the network off."""

    def switch(is_off):
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": is_off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
        )

    switch(True)
    yield
    switch(False)


def test_it_opens_without_a_network_and_asks_nobody(browser, folder, offline):
    path = write_lab(folder, "mnist")
    open_lab(browser, path)
    for tab in ("paper", "training", "inside"):
        run(browser, "document.querySelector(`button[data-tab=${arguments[0]}]`).click()", tab)
    settle(browser)
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "true"
    assert "10 images" in text(browser, ".check")
    assert 0 < worst_difference(browser) < 1e-5
    asked = requests_of(browser)
    assert asked.count(path.as_uri()) == 1
    assert [each for each in asked if each != path.as_uri() and not each.startswith(("blob:", "data:"))] == []
    assert errors(browser) == []


def worst_difference(browser):
    """Return the share of the largest value by which the page says that it differs from Keras."""
    return number(re.search(r"\d[\d.]*(?:·10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?= of the largest)", text(browser, ".check"))[0])


@pytest.mark.parametrize("name", ["lenet5", "residual"])
def test_other_networks_prove_themselves(browser, folder, name):
    open_lab(browser, write_lab(folder, name))
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "true"
    assert "on 2 images" in text(browser, ".check")
    assert errors(browser) == []


def other_digit(data):
    """Change one sign of a base64 text, which changes one weight."""
    place = len(data) // 2 // 4 * 4 + 1
    return data[:place] + ("A" if data[place] != "A" else "B") + data[place + 1 :]


def damage(contents, with_sum):
    name = next(name for name in contents["program"]["arrays"] if name.endswith("bias"))
    array = contents["program"]["arrays"][name]
    array["data"] = "AACAP" + array["data"][5:]  # the first bias becomes about 1
    if with_sum:
        contents["check"]["sums"][name] = zlib.crc32(array["data"].encode())


def test_one_changed_weight_is_noticed_by_its_checksum(browser, folder):
    def change(contents):
        _, array = next(iter(contents["program"]["arrays"].items()))
        array["data"] = other_digit(array["data"])

    open_lab(browser, write_lab(folder, "mnist"), changed_contents(change))
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "false"
    name = next(iter(lab_page("mnist").to_dict()["program"]["arrays"]))
    assert name in text(browser, ".check")


def test_a_weight_that_is_changed_with_its_checksum_is_noticed_by_the_numbers(browser, folder):
    open_lab(browser, write_lab(folder, "mnist"), changed_contents(lambda contents: damage(contents, True)))
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "false"
    assert worst_difference(browser) > 1e-3


def test_the_page_that_is_written_again_unchanged_is_right(browser, folder):
    def change(contents):
        contents["new"] = 1

    open_lab(browser, write_lab(folder, "mnist"), changed_contents(change))
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "true"


def refused(browser):
    return [entry["message"] for entry in errors(browser) if "Content Security Policy" in entry["message"]]


@pytest.mark.parametrize(
    "injected",
    [
        "<script>window.hacked = 1</script>",
        "<img src=data:, onerror='window.hacked = 1'>",
        "<img src=http://127.0.0.1:9/a.png>",
        "<link rel=stylesheet href=http://127.0.0.1:9/a.css>",
        "<script src=data:text/javascript,window.hacked=1></script>",
        "<iframe src=http://127.0.0.1:9/></iframe>",
    ],
)
def test_what_is_put_into_the_page_does_not_run(browser, folder, injected):
    change = lambda page: page.replace("</noscript>", "</noscript>" + injected)  # noqa: E731
    open_lab(browser, write_lab(folder, "mnist"), change)
    assert refused(browser)
    assert run(browser, "return window.hacked ?? null") is None
    asked = [each for each in requests_of(browser) if each.startswith("http")]
    assert all(":9/" in each for each in asked)  # the browser noted it, and sent nothing


def test_a_changed_script_does_not_run(browser, folder):
    open_page(browser, write_lab(folder, "mnist"), lambda page: page.replace("new Lab(", "new  Lab("))
    assert text(browser, "#lab") == ""
    assert refused(browser)


def test_code_that_comes_in_later_asks_in_vain(browser, folder):
    open_lab(browser, write_lab(folder, "mnist"))
    found = browser.execute_async_script(
        """const done = arguments[0], found = {};
        setTimeout(() => {  // what the driver runs itself may do more
          try { found.eval = (0, eval)("1 + 1"); } catch (error) { found.eval = error.name; }
          try { found.made = new Function("return 2")(); } catch (error) { found.made = error.name; }
        });
        const script = document.createElement("script");
        script.textContent = "window.hacked = 1";
        document.body.append(script);
        const p = document.createElement("p");
        p.setAttribute("style", "color: rgb(1, 2, 3)");
        document.body.append(p);
        found.colour = getComputedStyle(p).color;
        found.hacked = window.hacked ?? null;
        fetch("http://127.0.0.1:9/").then(() => (found.fetch = "answered"), (error) => (found.fetch = error.name))
          .then(() => setTimeout(() => done(found), 50));"""
    )
    assert found["eval"] == found["made"] == "EvalError"
    assert found["fetch"] == "TypeError"
    assert found["hacked"] is None
    assert found["colour"] != "rgb(1, 2, 3)"
    assert len(refused(browser)) >= 4


def test_half_precision_is_smaller_says_so_and_agrees_within_its_tolerance(browser, folder):
    whole, half = write_lab(folder, "mnist"), write_lab(folder, "mnist", half_precision=True)
    sizes = [
        sum(
            len(each["data"]) for each in lab_page("mnist", **options).to_dict()["program"]["arrays"].values()
        )
        for options in ({}, {"half_precision": True})
    ]
    assert sizes[1] < 0.51 * sizes[0]
    assert whole.stat().st_size - half.stat().st_size >= sizes[0] - sizes[1]
    open_lab(browser, half)
    assert "half precision" in text(browser, "main .note")
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "true"
    assert 1e-5 < worst_difference(browser) < 1e-3
    assert "half precision" not in text(open_lab(browser, whole), "main")


NAMES = (
    "<img src=x onerror=window.hacked=1>", "</script><script>window.hacked=1</script>", "数字 一", "w" * 300,
    "${hacked}", "{{SCRIPT}}", "__proto__", "\u202eright", "a.b.c", "&lt;b&gt;", "' onfocus=window.hacked=1 '",
)  # fmt: skip
"""Classes and layers of a stranger's model."""


@pytest.fixture(scope="module")
def strange(folder):
    import app.engine  # noqa: I001
    import keras

    import app as lab

    layers = keras.layers
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(
                2, 3, activation="relu", name="<img src=x onerror=window.hacked=1>".replace("/", "")
            ),
            layers.Conv2D(2, 3, name="卷积 一", activation="relu"),
            layers.Conv2D(2, 3, name="w" * 200),
            layers.Flatten(name="a.b.c"),
            layers.Dense(len(NAMES), activation="softmax", name="__proto__ <script>window.hacked=1<script>"),
        ],
        name="<b>strange<b>",
    )
    path = folder / "strange.html"
    return lab.make_page(model, pictures((12, 12)), classes=list(NAMES)).save(path)


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (390, "zh")])
def test_names_that_are_markup_are_text(browser, strange, width, language):
    open_lab(browser, strange, address=f"#lang={language}", width=width)
    assert run(browser, "return document.querySelector('.check').dataset.isRight") == "true"
    seen = run(
        browser, "return [...document.querySelectorAll('.bars .name')].map((each) => each.textContent)"
    )
    assert set(seen) <= set(NAMES)
    assert len(seen) == min(len(NAMES), 10)
    layer = run(browser, "return document.querySelector('article.layer h3 .name').textContent")
    assert layer == "<img src=x onerror=window.hacked=1>"
    for place in range(4):
        run(browser, "document.querySelectorAll('canvas.mosaic')[arguments[0]].focus()", place)
        press(browser, "ENTER")
        until(browser, "return !document.querySelector('.working').parentElement.hidden")
        assert "undefined" not in text(browser, ".cell")
    for tab in ("paper", "training", "inside"):
        run(browser, "document.querySelector(`button[data-tab=${arguments[0]}]`).click()", tab)
        settle(browser, 0.1)
        wide, inner = run(browser, "return [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= inner, (tab, wide)
    made = "[...document.querySelectorAll('img:not([src^=data]), img[onerror], b, #lab script')]"
    assert run(browser, f"return [window.hacked ?? null, {made}.length]") == [None, 0]
    assert errors(browser) == []


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(browser, folder):
    html = lab_page("residual")._repr_html_()
    assert 'sandbox="allow-scripts allow-downloads"' in html
    path = folder / "notebook.html"
    path.write_text(
        f"<!doctype html><meta charset=utf-8><title>Notebook</title><script>secret = 1</script>{html}",
        "utf-8",
    )
    errors(browser)  # of pages before
    open_page(browser, path)
    browser.switch_to.frame(0)
    try:
        until(browser, "return document.querySelector('.check')?.dataset.isRight === 'true'")
        until(browser, "return document.body.dataset.drawn")
        assert text(browser, ".said").startswith("The network says ")
        assert (
            run(browser, "try { return parent.secret } catch (error) { return error.name }")
            == "SecurityError"
        )
    finally:
        browser.switch_to.default_content()
    assert errors(browser) == []
    assert unescape(re.search(r'srcdoc="(.*?)"', html, re.S)[1]) == lab_page("residual").text


def test_a_page_that_is_too_large_for_a_notebook_is_told_of(monkeypatch):
    monkeypatch.setattr("app.lab.results.MOST_IN_NOTEBOOK", 1000)
    told = lab_page("residual")._repr_html_()
    assert "<iframe" not in told
    assert "save" in told


def test_the_library_refuses_in_one_sentence(tmp_path):
    import app as lab

    assert "prepare is one of" in refusal(lab.make_page, "mnist", prepare="guess")
    assert "language is one of" in refusal(lab.make_page, "mnist", language="fr")
    assert "nowhere" in refusal(lab.make_page, "nowhere")
    assert ".html" in refusal(lab_page("residual").save, tmp_path / "page.txt")
    with pytest.raises(TypeError):
        lab.make_page(3)
    with pytest.raises(TypeError):
        lab.make_page("mnist", images=[object()])
    assert not list(tmp_path.iterdir())
