"""Reports as pages in a browser: accessibility, widths of a desk, a telephone and a sheet of paper, no request."""

import pytest
from browsing import look, open_page, requests_of, violations

from app.params.counts import count_model
from app.params.results import (
    Comparison,
    CountDifference,
    Findings,
    LayerDerivation,
    PublishedFigures,
    counts_document,
)
from app.show.writers import write_document
from app.worksheet.documents import sheet_document
from app.worksheet.making import make_handouts

pytestmark = pytest.mark.browser

DESK, TELEPHONE, PAPER = 1280, 390, 680
"""Pixels: of a small desk screen, of a telephone, and of A4 between its margins."""
TOO_WIDE = """
const inside = [...document.querySelectorAll(".scroll")].filter(e => e.scrollWidth > e.clientWidth + 1);
const outside = [...document.querySelectorAll("main *")].filter(
  e => !e.closest(".scroll") && e.getBoundingClientRect().right > innerWidth + 1);
return [inside.map(e => e.firstElementChild.tagName), outside.map(e => e.tagName),
        document.documentElement.scrollWidth > innerWidth + 1];
"""


def lenet():
    return count_model("lenet5")


PAGES = {
    "small": lambda: lenet().document("html"),
    "large": lambda: count_model("googlenet").document("html"),
    "two": lambda: counts_document([lenet(), count_model("mnist")], ("layer", "output"), "html", "volumes"),
    "comparison": lambda: Comparison((lenet(), count_model("mnist"))).document("html"),
    "difference": lambda: CountDifference(lenet(), count_model("lenet5_modern")).document("html"),
    "lint": lambda: Findings(count_model("mnist")).document("html"),
    "derivation": lambda: LayerDerivation((lenet(),), "c3").document("html"),
    "published": lambda: PublishedFigures((lenet(), count_model("vgg16"))).document("html"),
    "sheet": lambda: sheet_document(make_handouts("mnist").worksheet, format="html"),
}
EACH_PAGE = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reports")


@pytest.fixture
def shown(browser, folder):
    """Open a report: `shown("small", 390)`, or a changed copy of it."""

    def show(name, width, change=None, on_paper=False, **media):
        look(browser, width, **media)
        if on_paper:
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_text(write_document(PAGES[name](), "html"), "utf-8")
        return open_page(browser, path, change)

    yield show
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@EACH_PAGE
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESK, TELEPHONE])
def test_a_report_has_no_faults_of_accessibility_and_is_not_cut(shown, name, scheme, width):
    page = shown(name, width, prefers_color_scheme=scheme)
    assert violations(page) == []
    inside, outside, is_cut = page.execute_script(TOO_WIDE)
    assert (outside, is_cut) == ([], False)
    if width == DESK:  # on a telephone what is wide is scrolled in its frame
        assert inside == []
    assert [url for url in requests_of(page) if not url.startswith("file:")] == []


@EACH_PAGE
def test_on_paper_every_column_is_there(shown, name):
    """On paper nothing can be scrolled: tables and pictures are no wider than A4 between its margins."""
    page = shown(name, PAPER if name != "sheet" else 1000, on_paper=True)  # a form lies on its side
    assert page.execute_script(TOO_WIDE) == [[], [], False]


def test_a_report_begins_with_the_picture_of_the_network(shown):
    page = shown("small", DESK)
    assert page.title == "LeNet-5 (LeCun et al., 1998)"
    order = "return [...document.querySelectorAll('main > *')].slice(0, 3).map(e => e.tagName)"
    assert page.execute_script(order) == ["H1", "DIV", "H2"]
    label = "return document.querySelector('main svg').getAttribute('aria-label')"
    assert page.execute_script(label) == "The network LeNet-5 (LeCun et al., 1998)"


def test_the_picture_follows_the_page_into_the_dark(shown):
    fills = "return getComputedStyle(document.querySelector('svg.network path')).fill"
    light, dark = (
        shown("small", DESK, prefers_color_scheme=scheme).execute_script(fills)
        for scheme in ("light", "dark")
    )
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(21, 25, 29)")


def test_the_checks_see_what_is_wrong(shown):
    page = shown("small", TELEPHONE, lambda text: text.replace('tabindex="0"', ""))
    assert any(fault.startswith("scrollable-region-focusable") for fault in violations(page))
    page = shown("small", DESK, lambda text: text.replace("<main>", "").replace("</main>", ""))
    assert any(fault.startswith("landmark-one-main") for fault in violations(page))
    page = shown("small", DESK, lambda text: text.replace("--quiet: #5b6670", "--quiet: #b0b6bb"))
    assert any(fault.startswith("color-contrast") for fault in violations(page))
    page = shown("small", DESK, lambda text: text.replace("<h1>", '<h1 style="width: 2000px">'))
    assert page.execute_script(TOO_WIDE)[1:] == [["H1"], True]
    page = shown(
        "small", PAPER, lambda text: text.replace("<table>", '<table style="width: 900px">'), on_paper=True
    )
    assert "TABLE" in page.execute_script(TOO_WIDE)[0]
