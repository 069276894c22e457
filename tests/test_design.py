"""The places that the design and CONTRIBUTING name exist."""

import re

import pytest
from conftest import ROOT

HOMES = (ROOT, ROOT / "app")
PAGES = ("docs/design.md", "CONTRIBUTING.md")
MADE_BY_THE_READER = {"models/squeezenet.py", "tests/sees/", "utils.py"}


def named(page):
    """What a page names in backticks that is a file or a folder of the project, outside its listings."""
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.S)
    found = re.findall(r"`([\w./-]+(?:\.py|/))`", text)
    return sorted({name for name in found if "NAME" not in name} - MADE_BY_THE_READER)


def exists(name):
    anywhere = (
        [*ROOT.glob(f"app/*/{name}"), *ROOT.glob(f"app/*/*/{name}")] if "/" not in name.rstrip("/") else []
    )
    return any((home / name).exists() for home in HOMES) or bool(anywhere)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(page):
    new = re.findall(r"`(app/\S+\.py)`:\n\n```python", (ROOT / page).read_text("utf-8"))
    missing = [name for name in named(page) if not exists(name) and name not in new]
    assert named(page)
    assert not missing


def test_a_place_that_is_gone_would_be_seen():
    assert exists("app/counting/")
    assert exists("counting/stored/reader.py")
    assert not exists("app/visualisation/")
    assert not exists("nowhere.py")
