"""Worksheets in HTML, printed by a browser on A4 and on Letter: no page is half empty, and nothing is cut."""

import base64

import pytest
from pdf_pages import pages_of, text_of

from app.show.writers import write_document
from app.worksheet.documents import sheet_document
from app.worksheet.making import make_handouts

pytestmark = pytest.mark.browser

INCHES = {"a4": (8.27, 11.69), "letter": (8.5, 11)}


@pytest.mark.parametrize("paper", INCHES)
@pytest.mark.parametrize(("network", "pages"), [("lenet5", 1), ("mnist", 1), ("resnet18", 3)])
def test_a_sheet_is_printed_on_as_few_pages_as_it_needs(browser, tmp_path, network, pages, paper):
    worksheet = make_handouts(network).worksheet
    page = tmp_path / "sheet.html"
    page.write_text(write_document(sheet_document(worksheet, format="html"), "html"), "utf-8")
    browser.get(page.as_uri())
    width, height = INCHES[paper]
    settings = {"paperWidth": width, "paperHeight": height, "preferCSSPageSize": False}
    content = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", settings)["data"])
    found = pages_of(content)
    assert len(found) == pages
    for across, _, pieces in found:
        assert max(piece.x for piece in pieces) < across - 30
        assert min(piece.x for piece in pieces) >= 30
    assert all(f"({number})" in text_of(content) for number in worksheet.blanks)
    lowest = min(piece.y for piece in found[-1][2])
    assert pages == 1 or lowest < 0.6 * found[-1][1]
