"""The page of a walk in a browser: slider, keys, widths, accessibility, no request, and no script."""

import json
import re

import pytest
from browsing import look, open_page, requests_of, violations
from sample_walks import X, digit, pooling, sliding, softmax

from app.show.frames.frame import Frame, Grid, Mark, Walk, number_text, rectangle
from app.show.frames.markup import frame_html
from app.show.frames.page import write_page
from app.show.frames.plain import plain_walk

pytestmark = pytest.mark.browser

HOSTILE = '</script><img src=x onerror="document.title=1">&amp;<b>"\'\x1b'
ODD = Walk(
    HOSTILE,
    (
        Frame(HOSTILE, (HOSTILE, Grid(HOSTILE, [[1, None, float("nan")]]), HOSTILE), (HOSTILE,), HOSTILE),
        Frame(
            "",
            (
                Grid("grey", [[i / 20 for i in range(21)]] * 21, tone="grey", border=(2, 0, 1, 0)),
                "=",
                Grid("", [[i / 20] for i in range(20)], tone="grey", first=(7, 3), note="rows 7 to 26 of 99"),
                Grid("odd", [[-1, 2, -3e-9]] * 3, (Mark("chosen", ((1, 1), (9, 9))),), "plain"),
                Grid("far", [[float("inf"), -12345.678, -float("inf")]], (Mark("window", ((0, 0), (0, 2))),)),
                Grid("wide", [list(range(-200, 200))], (Mark("window", rectangle(0, 5, 1, 9)),)),
                Grid("tall", [[i] for i in range(100)], (Mark("result", ((3, 0),)),), shown=50),
            ),
        ),
    ),
)
WALKS = {
    "padded": sliding(X, border=1),
    "digit": sliding(digit(), border=1, tone="grey"),
    "softmax": softmax(),
    "pooling": pooling(),
    "odd": ODD,
    "one step": Walk("one", pooling().frames[:1]),
}
EACH_WALK = pytest.mark.parametrize("name", WALKS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("pages")
    for name, walk in WALKS.items():
        (made / f"{name}.html").write_text(write_page(walk), "utf-8")
    return made


@pytest.fixture
def shown(browser, folder):
    """Open a page: `shown("padded")`, or a changed copy of it."""

    def show(name, change=None, address="", width=1440, **media):
        look(browser, width, **media)
        return open_page(browser, folder / f"{name}.html", change, address)

    return show


def text_of(browser, selector):
    return browser.execute_script("return document.querySelector(arguments[0]).textContent", selector)


def heading(browser):
    return text_of(browser, "#stage h2")


def press(browser, *keys):
    from selenium.webdriver import ActionChains

    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def keys():
    from selenium.webdriver.common.keys import Keys

    return Keys


def wait_for(browser, condition):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 30, 0.02).until(condition)


def without_scripts(page):
    return re.sub(r"<script>.*?</script>", "", page, flags=re.S)


@EACH_WALK
def test_the_script_shows_what_stands_there_without_it(shown, name):
    """Two programs write a step, one in Python and one in the page: each is the other's witness."""
    walk, data = WALKS[name], plain_walk(WALKS[name])
    browser = shown(name)
    some = sorted({0, len(walk.frames) // 3, len(walk.frames) // 2, len(walk.frames) - 1})
    for index in some:
        browser.execute_script("jump(arguments[0])", index)
        made, written = browser.execute_script(
            """const other = document.createElement("div");
            other.innerHTML = arguments[0];
            for (const box of document.querySelectorAll("#stage .scroll"))
              for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
            return [document.getElementById("stage").innerHTML, other.innerHTML];""",
            frame_html(data, index),
        )
        assert made == written


def test_the_comparison_sees_a_mark_that_is_missing(shown):
    browser = shown("padded", lambda page: page.replace('{"role":"window",', '{"role":"chosen",'))
    assert browser.execute_script("return document.querySelectorAll('#stage .window').length") == 0


def test_numbers_are_written_as_in_python(shown):
    numbers = [0.1 + 0.2, 1234.5, 1235.5, -0.00012345, 99999.5, 1e9, 123456789, 999999999.5, 9.9995, 9.99949]
    numbers += [
        10.0**power * digits for power in range(-12, 14) for digits in (1, -2.5, 3.14159, 9.99995, 1.0005)
    ]
    numbers += [i / 64 for i in range(-300, 300, 7)]
    made = shown("padded").execute_script("return arguments[0].map(numberText)", numbers)
    assert made == [number_text(json.loads(json.dumps(number))) for number in numbers]


def test_the_slider_moves_the_steps(shown):
    browser = shown("padded")
    from selenium.webdriver.common.by import By

    slider = browser.find_element(By.ID, "slider")
    slider.click()  # its middle
    assert heading(browser) == "Step 13 of 25: row 2, column 2"
    assert slider.get_attribute("aria-valuetext") == "step 13 of 25"
    assert browser.current_url.endswith("#13")
    slider.send_keys(keys().ARROW_RIGHT)
    assert heading(browser) == "Step 14 of 25: row 2, column 3"
    assert text_of(browser, "#stage .working") == WALKS["padded"].frames[13].working[0]


def test_buttons_move_the_steps_and_rest_at_the_ends(shown):
    browser = shown("pooling")
    from selenium.webdriver.common.by import By

    seen = []
    for name in ("next", "next", "previous", "last", "first"):
        browser.find_element(By.ID, name).click()
        seen.append(heading(browser)[:6])
    assert seen == ["Step 2", "Step 3", "Step 2", "Step 4", "Step 1"]
    disabled = "return [...document.querySelectorAll('button:disabled')].map(b => b.id)"
    assert browser.execute_script(disabled) == ["first", "previous"]


def test_the_keyboard_alone_is_enough(shown):
    browser, key = shown("padded"), keys()
    seen = []
    for pressed in (
        key.ARROW_RIGHT,
        key.ARROW_RIGHT,
        key.ARROW_LEFT,
        key.END,
        key.ARROW_RIGHT,
        key.HOME,
        key.ARROW_LEFT,
    ):
        press(browser, pressed)
        seen.append(int(heading(browser).split()[1]))
    assert seen == [2, 3, 2, 25, 25, 1, 1]
    order = []
    looks = "const e = document.activeElement, s = getComputedStyle(e); return [e.id, s.outlineStyle, s.outlineWidth]"
    for _ in range(5):
        press(browser, key.TAB)
        order.append(browser.execute_script(looks))
    assert order == [[name, "solid", "3px"] for name in ("play", "next", "last", "pace", "slider")]


def test_the_space_bar_plays_and_pauses(shown):
    browser = shown("digit")
    browser.execute_script("document.getElementById('pace').value = 60")
    before = text_of(browser, "#said")
    press(browser, keys().SPACE)
    assert text_of(browser, "#play") == "Pause"
    wait_for(browser, lambda b: int(heading(b).split()[1]) > 4)
    assert text_of(browser, "#said") == before == "", "a reader is not told of each step while they play"
    press(browser, keys().SPACE)
    assert text_of(browser, "#play") == "Play"
    number = int(heading(browser).split()[1])
    assert text_of(browser, "#said") == ". ".join(
        (WALKS["digit"].frames[number - 1].title, *WALKS["digit"].frames[number - 1].working)
    )


def test_a_walk_is_played_to_its_end_and_then_from_its_beginning(shown):
    browser = shown("softmax")
    browser.execute_script("document.getElementById('pace').value = 60")
    press(browser, keys().SPACE)
    wait_for(browser, lambda b: heading(b).startswith("Step 3 of 3"))
    wait_for(browser, lambda b: text_of(b, "#play") == "Play")
    assert "shares of the sum" in text_of(browser, "#said")
    browser.execute_script("document.getElementById('pace').value = 2000")
    press(browser, keys().SPACE)
    assert heading(browser).startswith("Step 1 of 3")
    press(browser, keys().ARROW_RIGHT)
    assert text_of(browser, "#play") == "Play", "whoever takes a step has paused"


@pytest.mark.parametrize(("motion", "least"), [("reduce", 1000), ("no-preference", 60)])
def test_who_wants_little_motion_is_shown_a_step_a_second_at_most(shown, motion, least):
    browser = shown("padded", prefers_reduced_motion=motion)
    pause = browser.execute_script(
        """const real = window.setTimeout, seen = [];
        window.setTimeout = (call, time) => { seen.push(time); return 1; };
        document.getElementById("pace").value = 60;
        toggle(); toggle();
        window.setTimeout = real;
        return seen;"""
    )
    assert pause == [least]


def test_sections_are_jumped_to(shown):
    browser = shown("softmax")
    from selenium.webdriver.common.by import By

    links = browser.find_elements(By.CSS_SELECTOR, "#sections a")
    assert [link.text for link in links] == ["exponentials", "probabilities"]
    links[1].click()
    assert heading(browser) == "Step 3 of 3: shares of the sum"
    current = "return [...document.querySelectorAll('#sections [aria-current]')].map(a => a.textContent)"
    assert browser.execute_script(current) == ["probabilities"]
    assert not shown("padded").find_element(By.ID, "sections").is_displayed()


def test_an_address_names_a_step(shown):
    assert heading(shown("padded", address="#7")) == "Step 7 of 25: row 1, column 1"
    assert heading(shown("padded", address="#nonsense")).startswith("Step 1 ")
    assert heading(shown("padded", address="#9999")).startswith("Step 25 ")


def sideways(browser):
    """Return by how many pixels the page, and not a grid in it, is wider than the screen."""
    return browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")


@EACH_WALK
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_page_is_scrolled_sideways(shown, name, width):
    browser = shown(name, width=width)
    press(browser, keys().END)
    assert sideways(browser) <= 0
    out = """return [...document.querySelectorAll("main > *, .parts > *")].filter(
      e => e.getBoundingClientRect().right > window.innerWidth + 1).length"""
    assert browser.execute_script(out) == 0


def test_the_check_sees_a_page_that_is_too_wide(shown):
    browser = shown(
        "padded", lambda page: page.replace("<h1>", '<div style="width:500px">wide</div><h1>'), width=360
    )
    assert sideways(browser) > 100


def test_a_grid_that_is_too_wide_scrolls_by_itself_and_by_keyboard(shown):
    browser = shown("softmax", width=360, address="#3")
    boxes = """return [...document.querySelectorAll("#stage .scroll")].map(
      box => [box.tabIndex, box.scrollWidth > box.clientWidth + 1])"""
    assert browser.execute_script(boxes) == [[0, True], [0, True]]
    look(browser, 1440)
    wait_for(browser, lambda b: b.execute_script(boxes) == [[-1, False], [-1, False]])


@EACH_WALK
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(shown, name, scheme, width):
    browser = shown(name, width=width, prefers_color_scheme=scheme)
    assert violations(browser) == []
    press(browser, keys().END)
    assert violations(browser) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_no_script_runs(shown, scheme):
    browser = shown("padded", without_scripts, prefers_color_scheme=scheme)
    assert violations(browser) == []


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("label", lambda page: page.replace(' aria-label="Step" aria-describedby="keys"', "")),
        ("color-contrast", lambda page: page.replace("--letters: #14181b", "--letters: #bbbbbb")),
        ("svg-img-alt", lambda page: page.replace('"aria-label": pictureLabel(part, values, marked)}', "}")),
    ],
)
def test_axe_sees_what_is_broken(shown, rule, change):
    name = "digit" if rule == "svg-img-alt" else "padded"
    browser = shown(name, lambda page: allow_scripts(change(page)))
    assert [found for found in violations(browser) if found.startswith(rule)] != []


def allow_scripts(page):
    """Let a changed script run: its hash is another."""
    return re.sub(r"'sha256-[^']*'", "'unsafe-inline'", page)


def test_the_dark_page_is_dark(shown):
    paper = "return getComputedStyle(document.body).backgroundColor"
    colours = [
        shown("padded", prefers_color_scheme=scheme).execute_script(paper) for scheme in ("light", "dark")
    ]
    assert colours == ["rgb(255, 255, 255)", "rgb(21, 25, 29)"]


@EACH_WALK
def test_nothing_is_asked_of_the_network(shown, name):
    browser = shown(name)
    press(browser, keys().ARROW_RIGHT, keys().END)
    assert [address for address in requests_of(browser) if not address.startswith(("file:", "data:"))] == []
    files = (
        "return performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith('data:'))"
    )
    assert browser.execute_script(files) == []
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_check_sees_a_request_and_the_policy_stops_it(shown):
    address = "http://127.0.0.1:9/picture.png"

    def with_picture(page):
        return page.replace("<h1>", f'<img alt="" src="{address}"><h1>')

    without_policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    browser = shown("padded", lambda page: without_policy.sub("", with_picture(page)))
    assert address in requests_of(browser)
    browser = shown("padded", with_picture)
    assert [
        entry["message"]
        for entry in browser.get_log("browser")
        if "Content Security Policy" in entry["message"]
    ]


def test_no_other_script_runs(shown):
    added = "<script>document.title = 'mine'</script><h1>"
    browser = shown("padded", lambda page: page.replace("<h1>", added))
    assert browser.title == WALKS["padded"].title
    browser = shown("padded", lambda page: allow_scripts(page.replace("<h1>", added)))
    assert browser.title == "mine"


def test_names_of_strangers_are_only_text(shown):
    browser = shown("odd")
    assert browser.title != "1"
    assert browser.execute_script("return document.querySelectorAll('img, b').length") == 0
    assert text_of(browser, "h1") == HOSTILE.replace("\x1b", "\\x1b")


def test_without_javascript_the_first_step_and_the_last_are_shown(browser, shown):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        shown("padded")
        from selenium.webdriver.common.by import By

        headings = [element.text for element in browser.find_elements(By.TAG_NAME, "h2")]
        assert headings == ["Step 1 of 25: row 0, column 0", "Step 25 of 25: row 4, column 4"]
        assert len(browser.find_elements(By.CSS_SELECTOR, "table.cells")) == 6
        assert not browser.find_element(By.ID, "controls").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    shown("padded")
    assert len(browser.find_elements(By.TAG_NAME, "h2")) == 1
    assert browser.find_element(By.ID, "controls").is_displayed()


def test_on_paper_is_the_step_alone(shown):
    browser = shown("softmax", address="#2")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    seen = "return ['controls', 'sections', 'stage'].map(id => document.getElementById(id).offsetHeight > 0)"
    assert browser.execute_script(seen) == [False, False, True]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert browser.execute_script(seen) == [True, True, True]
    assert heading(browser).startswith("Step 2 of 3")


def test_the_page_runs_inside_a_notebook(browser, folder):
    from app.show.frames.showing import ShowsSteps

    class Steps(ShowsSteps):
        walk = WALKS["softmax"]

    (folder / "notebook.html").write_text(f"<!DOCTYPE html><title>n</title>{Steps()._repr_html_()}", "utf-8")
    look(browser)
    browser.get((folder / "notebook.html").as_uri())
    browser.switch_to.frame(0)
    try:
        from selenium.webdriver.common.by import By

        browser.find_element(By.ID, "next").click()
        assert browser.find_element(By.CSS_SELECTOR, "#stage h2").text == "Step 2 of 3: their sum"
        browser.find_elements(By.CSS_SELECTOR, "#sections a")[1].click()
        assert browser.find_element(By.CSS_SELECTOR, "#stage h2").text == "Step 3 of 3: shares of the sum"
    finally:
        browser.switch_to.default_content()
