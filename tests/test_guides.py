"""What the guides show is what the commands print."""

import os
import re
from importlib import import_module

import pytest
from conftest import ROOT

GUIDES = {"reports.md": 5, "pretrained.md": 1, "walk.md": 1}
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


FEATURES = (ROOT / "docs" / "features.md").read_text("utf-8")
LOOKS = re.findall(r"```sh\npython (.*?)\n```\n\n```text\n(.*?)```", FEATURES, re.S)


def test_the_guide_to_features_shows_its_commands():
    assert [line.split()[2] for line, _ in LOOKS] == ["maps", "nearest", "maximise"]


SLOW = {"nearest", "maximise"}


@pytest.mark.keras
@pytest.mark.parametrize(
    ("line", "output"),
    [
        pytest.param(*look, id=name, marks=[pytest.mark.slow] if name in SLOW else [])
        for look in LOOKS
        for name in [look[0].split()[2]]
    ],
)
def test_what_the_guide_to_features_shows_is_printed(door, line, output, tmp_path):
    """Numbers and the classes in front of them come from the trained weights; words may not differ."""

    def words(text):
        lines = [text_line for text_line in squeezed(text) if "Picture" not in text_line]
        lines = [re.sub(r"labelled .*\(\d.*|\(\d+, .*…\)|\(\d+\)$", "#", each) for each in lines]
        return [re.sub(r"-?[\d.,]*\d", "#", each) for each in lines]

    _, module, *arguments = line.split()
    main = import_module(f"{module}.__main__").main
    assert words(door(main, *arguments, "--output", tmp_path)[1]) == words(output)
    assert list(tmp_path.glob("*.png"))
