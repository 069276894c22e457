"""What the guides show is what the commands print."""

import re

import pytest
from conftest import ROOT

GUIDE = (ROOT / "docs" / "reports.md").read_text("utf-8")
SHOWN = re.findall(r"```sh\npython (.*?)\n```\n\n```text\n(.*?)```", GUIDE, re.S)


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_the_guide_shows_its_commands():
    assert len(SHOWN) == 5


@pytest.mark.parametrize(("line", "output"), SHOWN, ids=[line for line, _ in SHOWN])
def test_what_the_guide_shows_is_printed(command, line, output):
    assert squeezed(command(*line.split()).stdout) == squeezed(output)
