"""The guide to exports shows what the command prints, and the table that the benchmark makes."""

import re

import pytest
from conftest import ROOT

from app.export.__main__ import main
from app.show.writers.markdown import escape
from benchmarks import exports

GUIDE = (ROOT / "docs" / "export.md").read_text("utf-8")
SHOWN = re.findall(r"```sh\npython -m app.export ([^\n]*)\n```\n\n```text\n(.*?)```", GUIDE, re.S)
CELLS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GUIDE.splitlines()
    if line.startswith("| ")
]
TABLE = {row[0]: row for row in CELLS if len(row) == len(exports.COLUMNS) and row[0] != "---"}


def words(text, folder=""):
    """Lines without numbers, and without the note on how signs stand, which goes by the card."""
    text = text.replace(f"{folder}/", "output/") if folder else text
    return [re.sub(r"\d[\d.,e-]*", "#", " ".join(line.split())) for line in text.splitlines() if line.strip()]


def test_the_table_of_the_guide_has_the_models_of_the_benchmark():
    assert list(TABLE) == ["model", *map(escape, exports.MODELS)]
    numbers = [cell for row in list(TABLE.values())[1:] for cell in row[2:] if re.match(r"\de", cell)]
    assert len(numbers) > 30
    assert all(float(cell.split()[0]) <= 1e-4 for cell in numbers)


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("name", exports.MODELS)
def test_a_row_of_the_table(name):
    row = [escape(cell) for cell in exports.row_of(name)]
    shown = TABLE[row[0]]
    assert row[1] == shown[1]
    for made, said in zip(row[2:], shown[2:], strict=True):
        assert made.startswith("no: ") == said.startswith("no: ")
        assert made.endswith("(one at a time)") == said.endswith("(one at a time)")
        assert "same for all pictures" not in made


@pytest.mark.slow
@pytest.mark.keras
def test_what_the_guide_shows_is_printed(door, tmp_path):
    (line, output), (other, _) = SHOWN
    said = door(main, *line.split(), "--output", tmp_path)[1]
    assert words(said, tmp_path) == words(output)
    assert "--image photo.jpg" in other
