"""Readers of the page: screens of all widths, dark and light, English and Chinese, by rules of accessibility."""

import re

import pytest
from browsing import look, violations
from opened_pages import click_cell, errors, open_lab, run, settle, until, write_lab

pytestmark = [pytest.mark.browser, pytest.mark.keras]
TABS = ("inside", "paper", "training")
STATES = {
    "inside": "",
    "paper": "&tab=paper",
    "training": "&tab=training",
    "cell": "&cell={layer}.4.7.1",
    "quiz": "&quiz=1&cell={layer}.4.7.1",
    "empty": "&draw=1",
    "signed": "&signs=1&method=guided&class=2&without=centre",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("read")


@pytest.fixture(scope="module")
def layer(browser, folder):
    """The first layer with maps of the shipped network."""
    open_lab(browser, write_lab(folder, "mnist"))
    return run(browser, "return document.querySelector('article.layer').dataset.step")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("en", "dark"), ("zh", "light")])
def test_no_rule_of_accessibility_is_broken(browser, folder, layer, language, scheme, width):
    address = f"#image=2&lang={language}"
    open_lab(browser, write_lab(folder, "mnist"), None, address, width, prefers_color_scheme=scheme)
    for state, told in STATES.items():
        run(browser, "location.hash = arguments[0]", address + told.format(layer=layer))
        settle(browser)
        assert violations(browser) == [], state
    assert errors(browser) == []


def test_a_button_without_a_name_would_be_found(browser, folder):
    open_lab(browser, write_lab(folder, "mnist"))
    run(browser, "document.querySelector('.bars').append(document.createElement('button'))")
    assert any(each.startswith("button-name") for each in violations(browser))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_wider_than_the_screen(browser, folder, layer, language):
    address = f"#image=2&lang={language}&cell={layer}.4.7.1"
    open_lab(browser, write_lab(folder, "mnist"), address=address, width=1440)
    for width in (1440, 360, 768, 1920):
        look(browser, width)
        for tab in TABS:
            run(browser, "document.querySelector(`button[data-tab=${arguments[0]}]`).click()", tab)
            settle(browser, 0.1)
            wide, inner = run(browser, "return [document.documentElement.scrollWidth, innerWidth]")
            assert (inner, wide <= inner) == (width, True), (tab, wide)


def test_letters_are_larger_on_a_projector(browser, folder):
    open_lab(browser, write_lab(folder, "mnist"), width=1920, height=1080)
    size = "return parseFloat(getComputedStyle(document.querySelector('.bars .name')).fontSize)"
    assert run(browser, size) >= 18
    look(browser, 1280)
    assert run(browser, size) < 18


@pytest.mark.slow
def test_chinese_leaves_no_english_sentence(browser, folder, layer):
    """Each text of the page, and each label that is read aloud, is another one than in English."""
    seen = {}
    script = """const texts = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        if (walk.currentNode.parentElement.closest("#lab")) texts.add(walk.currentNode.data.trim());
      }
      for (const each of document.querySelectorAll("#lab [aria-label], #lab [title]"))
        for (const name of ["aria-label", "title"]) if (each.hasAttribute(name)) texts.add(each.getAttribute(name));
      return [...texts]"""
    for language in ("en", "zh"):
        seen[language], address = set(), f"#image=2&lang={language}"
        open_lab(browser, write_lab(folder, "mnist"), address=address)
        for state in ("inside", "paper", "training", "cell", "quiz"):
            run(browser, "location.hash = arguments[0]", f"{address}{STATES[state].format(layer=layer)}")
            settle(browser)
            seen[language] |= set(run(browser, script))
        assert run(browser, "return document.documentElement.lang") == language
    both = {each for each in seen["en"] & seen["zh"] if len(re.findall(r"[A-Za-z]{2,}", each)) > 1}
    allowed = re.compile(r"python -m app\.|^[A-Z]\w+ \+ \w+, |^[A-Z]\w+, |Grad-CAM|.*\d×\d")
    assert {each for each in both if not allowed.match(each)} == set()
    assert not any(re.search(r"undefined|\[object|NaN|\{\w+\}", each) for each in seen["en"] | seen["zh"])


def test_the_language_is_changed_by_its_button_and_the_state_stays(browser, folder, layer):
    open_lab(browser, write_lab(folder, "mnist"), address=f"#image=4&cell={layer}.1.2.0")
    before = run(browser, "return document.querySelector('.cell h2').textContent").split(" = ")[1]
    run(browser, "document.querySelector('header button[lang=zh]').click()")
    settle(browser)
    assert run(browser, "return document.documentElement.lang") == "zh"
    heading = until(browser, "return document.querySelector('.cell h2').textContent")
    assert heading.split(" = ")[1] == before
    assert "lang=zh" in run(browser, "return location.hash")
    click_cell(browser, layer, 0, 0, 1)
    assert errors(browser) == []


def test_who_wants_no_movement_gets_none(browser, folder):
    open_lab(browser, write_lab(folder, "mnist"), prefers_reduced_motion="reduce")
    moving = run(
        browser,
        """return [...document.querySelectorAll("*")].filter((each) => {
          const style = getComputedStyle(each);
          return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
        }).length""",
    )
    assert moving == 0


def test_every_map_has_a_table(browser, folder):
    open_lab(browser, write_lab(folder, "mnist"))
    rows = run(
        browser,
        """return [...document.querySelectorAll("article.layer")].map((row) => {
          row.querySelector("details").open = true;
          return row.querySelector("canvas").getAttribute("aria-label");
        })""",
    )
    assert all(rows)
    counts = until(
        browser,
        """const counts = [...document.querySelectorAll("article.layer tbody")].map((body) => body.children.length);
        return counts.length && counts.every(Boolean) ? counts : null""",
    )
    assert len(counts) == len(rows)
