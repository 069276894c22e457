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


FEATURES = (ROOT / "docs" / "features.md").read_text("utf-8")
LOOKS = re.findall(r"```sh\npython (.*?)\n```\n\n```text\n(.*?)```", FEATURES, re.S)


def test_the_guide_to_features_shows_its_commands():
    assert [line.split()[2] for line, _ in LOOKS] == ["maps", "nearest", "maximise"]


@pytest.mark.keras
@pytest.mark.parametrize(("line", "output"), LOOKS, ids=[line.split()[2] for line, _ in LOOKS])
def test_what_the_guide_to_features_shows_is_printed(command, line, output, tmp_path):
    """Numbers and the classes in front of them come from the trained weights; words may not differ."""

    def words(text):
        lines = [text_line for text_line in squeezed(text) if "Picture" not in text_line]
        lines = [re.sub(r"labelled .*\(\d.*|\(\d+, .*…\)|\(\d+\)$", "#", each) for each in lines]
        return [re.sub(r"-?[\d.,]*\d", "#", each) for each in lines]

    printed = words(command(*line.split(), "--output", tmp_path).stdout)
    assert printed == words(output)
    assert list(tmp_path.glob("*.png"))
