"""What the page is told goes by the names that the page's modules have for it."""

import re

from conftest import ROOT

PAGE = ROOT / "app" / "lab" / "page"


def names_of_ink(text):
    """Return the names in the `MNIST_INK` of a module."""
    return re.findall(r"(\w+):", re.search(r"MNIST_INK = Object\.freeze\(\{(.*?)\}", text)[1])


def test_the_page_is_told_by_its_own_names_how_digits_are_prepared():
    from app.lab.contents import told_ink
    from models.pixels import Ink

    module = (PAGE / "drawing" / "preparing.js").read_text("utf-8")
    assert told_ink(Ink()) == {"isLight": True, "box": 20 / 28, "byMass": True}
    assert list(told_ink(Ink())) == names_of_ink(module)
    assert list(told_ink(Ink())) != names_of_ink(module.replace("byMass", "by_mass"))
    assert told_ink(None) is None
