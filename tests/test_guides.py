"""What the guides show is what the commands print."""

import os
import re

import pytest
from conftest import ROOT

GUIDES = {"reports.md": 5, "pretrained.md": 1}
"""Guides, and how many outputs each shows."""


def shown(guide):
    text = (ROOT / "docs" / guide).read_text("utf-8")
    return re.findall(r"```sh\npython ([^\n]*)\n```\n\n```text\n(.*?)```", text, re.S)


SHOWN = [pair for guide in GUIDES for pair in shown(guide)]


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_shows_its_commands(guide):
    assert len(shown(guide)) == GUIDES[guide]


@pytest.mark.parametrize(("line", "output"), SHOWN, ids=[line for line, _ in SHOWN])
def test_what_the_guide_shows_is_printed(command, tmp_path, line, output):
    empty_cache = {**os.environ, "KERAS_HOME": str(tmp_path)}
    assert squeezed(command(*line.split(), env=empty_cache).stdout) == squeezed(output)
