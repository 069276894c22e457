"""What the page's address says: each part brings its state back, and nonsense does nothing."""

from urllib.parse import quote

import pytest
from opened_pages import (
    click,
    click_cell,
    draw,
    errors,
    open_lab,
    opened_cell,
    run,
    settle,
    shown_input,
    text,
    three,
    until,
    write_lab,
)

pytestmark = [pytest.mark.browser, pytest.mark.keras]
STATE = """
const value = (selector, name) => document.querySelector(selector)?.[name];
return {
  lang: document.documentElement.lang, tab: document.querySelector(".tab[aria-current=true]").dataset.tab,
  method: value("#method", "value"), signs: value("#signs", "checked"),
  quiz: document.querySelector("header .tools button").getAttribute("aria-pressed"),
  boxes: [...document.querySelectorAll(".preparing input, .picture .row[role=group] input")].map((box) => box.checked),
  said: document.querySelector(".said").textContent, cell: document.querySelector(".cell h2").textContent,
  bars: document.querySelector(".bars").textContent, evidence: document.querySelector(".evidence").textContent,
  paper: document.querySelector(".paper .scroll")?.textContent, input: document.querySelectorAll(".stages li").length,
};
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("linked")


@pytest.fixture
def shown(browser, folder):
    def show(address="", name="mnist"):
        return open_lab(browser, write_lab(folder, name), address=address)

    yield show
    assert errors(browser) == []


def first_layer(browser):
    return run(browser, "return document.querySelector('article.layer').dataset.step")


def again(browser, shown):
    """Open the address that the page shows in a fresh one; return both states."""
    settle(browser)
    before, pixels = run(browser, STATE), shown_input(browser).tolist()
    address = run(browser, "return location.hash")
    shown(address)
    assert run(browser, "return location.hash") == address
    return (before, pixels), (run(browser, STATE), shown_input(browser).tolist()), address


def test_a_link_shows_what_the_teacher_sees(browser, shown):
    """Everything at once: a drawing, a step switched off, a class, a method, signs, a cell, Chinese."""
    shown()
    draw(browser, three(40))
    layer = first_layer(browser)
    click(browser, ".picture .row[role=group] input", 4)
    click(browser, ".bars button.class", 5)
    run(
        browser,
        "const m = document.querySelector('#method'); m.value = 'gradient-input'; m.dispatchEvent(new Event('change'))",
    )
    click(browser, "#signs")
    click_cell(browser, layer, 11, 13, 2)
    click(browser, "header button[lang=zh]")
    before, after, address = again(browser, shown)
    assert before == after
    for part in (
        "draw=",
        "without=centre",
        "class=5",
        "method=gradient-input",
        "signs=1",
        f"cell={layer}.11.13.2",
        "lang=zh",
    ):
        assert part in address


def test_a_link_to_a_quiz_of_a_test_image(browser, shown):
    shown("#image=7")
    click(browser, "header .tools button")
    before, after, address = again(browser, shown)
    assert before == after
    assert "image=7" in address
    assert "quiz=1" in address


def test_a_link_to_a_change_on_paper(browser, shown):
    shown("#tab=paper")
    names = run(
        browser,
        "return [...document.querySelectorAll('.paper tbody th button')].map((each) => each.textContent)",
    )
    click(browser, ".paper tbody th button", 1)
    run(
        browser,
        "const f = document.querySelector('#set-filters'); f.value = '7'; f.dispatchEvent(new Event('change'))",
    )
    settle(browser)
    changed = run(browser, STATE)["paper"]
    address = run(browser, "return location.hash")
    assert "paper=" in address
    shown(address)
    assert run(browser, STATE)["paper"] == changed
    assert names[1] in address
    row = run(browser, "return [...document.querySelectorAll('.paper tbody tr')][1].textContent")
    assert "×7" in row


def test_the_page_follows_a_link_that_is_followed_in_it(browser, shown):
    shown("#image=1")
    before = text(browser, ".said")
    run(browser, "location.hash = '#image=2'")
    until(browser, "return document.querySelector('.said').textContent !== arguments[0]", before)
    run(browser, "location.hash = '#image=1'")
    until(browser, "return document.querySelector('.said').textContent === arguments[0]", before)


HOSTILE = [
    "#" + "a" * 100_000,
    "#draw=" + "A" * 50_000,
    "#draw=<img src=x onerror=window.hacked=1>",
    "#draw=1pBG",
    "#draw=__proto__",
    "#image=NaN&class=-1&epoch=99999999&cell=x.1.2.3",
    "#image=1e3&class=0x1&tab=constructor&method=__proto__&lang=toString",
    "#cell=__proto__.0.0.0&tab=hasOwnProperty",
    "#cell={layer}.999999.0.0",
    "#cell={layer}.NaN.0.0&class=Infinity",
    "#cell={layer}.-1.0.0",
    "#cell={layer}.1.1.1.1.1.1",
    "#without=invert.<b>.constructor.__proto__",
    "#quiz=true&signs=yes&lang=zh-Hant-<script>",
    "#tab=paper&paper=" + quote('[["conv","filters",1e308]]'),
    "#tab=paper&paper=" + quote('[["__proto__","polluted",1],["constructor","prototype",{"a":1}]]'),
    "#tab=paper&paper="
    + quote('[["{layer}","filters",-5],["{layer}","kernel_size",[0,0]],["{layer}","strides","<b>"]]'),
    "#tab=paper&paper="
    + quote('[["{layer}","filters",null],["{layer}","kernel_size",{}],["{layer}","padding",[[1]]]]'),
    "#tab=paper&paper="
    + quote('[["{layer}","filters",99999999999999999999],["{layer}","kernel_size",100000]]'),
    "#tab=paper&paper="
    + quote('[["{layer}","activation",{"toString":1}],["{layer}","filters",[3,[4,[5]]]]]'),
    "#tab=paper&paper="
    + quote('[["input","input",[1e9,1e9,1e9]],["x","input","<img src=x onerror=window.hacked=1>"]]'),
    "#tab=paper&paper=" + quote('{"length":3}'),
    "#tab=paper&paper=" + quote("[" * 5000),
    "#tab=paper&paper=" + quote("[[1,2,3],[null,null,null],[[],[],[]]]"),
    "#%E0%A4%A&image=%FF%FE&cell=%00",
    "#image=1&image=2&image=<b>",
]


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_nonsense_in_an_address_does_no_harm(browser, shown, place):
    layer = first_layer_name(browser, shown)
    shown(HOSTILE[place].replace("{layer}", layer))
    harm = "return [window.hacked ?? null, ({}).polluted ?? null, document.querySelector('b')]"
    assert run(browser, harm) == [None, None, None]
    run(browser, "document.querySelector('button[data-tab=paper]').click()")
    assert run(browser, "return document.querySelector('.paper').textContent.length") > 200
    assert "undefined" not in text(browser, ".paper")
    run(browser, "document.querySelector('button[data-tab=inside]').click()")
    run(browser, "document.querySelector('.thumbs button').click()")
    until(browser, "return document.querySelector('.bars').children.length > 0")
    settle(browser, 0.1)
    click_cell(browser, layer, 2, 2, 0)
    assert isinstance(opened_cell(browser)["value"], float)


LAYERS = {}


def first_layer_name(browser, shown):
    if not LAYERS:
        shown()
        LAYERS["mnist"] = first_layer(browser)
    return LAYERS["mnist"]


def test_a_page_of_another_model_takes_what_fits(browser, shown):
    shown(f"#image=1&class=9&cell={first_layer_name(browser, shown)}.3.3.0&epoch=3", "residual")
    assert "class=" not in run(browser, "return location.hash")
    assert "image=1" in run(browser, "return location.hash")
