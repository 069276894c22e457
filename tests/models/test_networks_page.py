"""docs/networks.md is what the command prints, and what it prints is counted when it is printed."""

import ast
import dataclasses
import re
from pathlib import Path

import counted_networks
import pytest
from conftest import ROOT

from app.counting.counted import Counted, open_counted
from app.params.reports import network_notes
from app.params.reports import networks as networks_report
from app.params.reports.networks import networks_document, rounded
from app.show.writers import write_document
from models import CATALOGUE, Published

PAGE = ROOT / "docs" / "networks.md"
COUNTS = list(counted_networks.COUNTS.values())


def table(document, title):
    return next(block for block in document.blocks if getattr(block, "title", "") == title)


def row(document, title, name):
    (found,) = [r for r in table(document, title).rows if r[0] == name]
    return dict(zip(table(document, title).columns, found, strict=True))


def the_note(document, name):
    (found,) = [block.text for block in document.blocks if getattr(block, "text", "").startswith(f"{name}: ")]
    return found


def test_the_page_is_what_the_command_writes():
    written = write_document(networks_document(COUNTS), "markdown")
    assert PAGE.read_text("utf-8") == written, (
        "run python -m app.params --catalogue --output docs/networks.md"
    )


def test_every_network_has_a_row_in_both_tables():
    document = networks_document(COUNTS)
    for title in ("What we count", "What is printed"):
        assert [r[0] for r in table(document, title).rows] == list(CATALOGUE)
    assert [entry["name"] for entry in document.data] == list(CATALOGUE)


def test_a_row_holds_ours_the_papers_and_well_known_codes_figure_with_the_reason():
    document = networks_document([open_counted("resnet50")])
    counts = row(document, "What we count", "resnet50")
    assert list(counts.values()) == [
        "resnet50",
        "2015",
        "224×224×3",
        "25,557,032",
        "53,120",
        "3,857,973,248",
        "483×483",
    ]
    printed = row(document, "What is printed", "resnet50")
    assert list(printed.values()) == ["resnet50", "25,557,032", "differs", "2 of 3 differ"]
    said = the_note(document, "resnet50")
    assert "The paper prints: table 1, FLOPs: 3.8 billion MACs (0.1 billion fewer than here)." in said
    assert "keras.applications.ResNet50: 25,583,592 (26,560 more than here)" in said
    assert "torchvision.models.resnet50: 25,557,032 (equal), 4.089 billion MACs (231 million" in said
    for source, why in (("keras", "biases"), ("torchvision", "3×3")):
        assert re.search(rf"{source}\S*: [^;]*{why}", said.split("Why they differ: ")[1])


def test_no_cell_is_long():
    """What takes a sentence stands in the notes."""
    document = networks_document(COUNTS)
    for title in ("What we count", "What is printed"):
        assert max(len(cell) for cells in table(document, title).rows for cell in cells) <= 30


def test_figures_of_layers_are_shown_when_few_and_counted_when_many():
    document = networks_document([open_counted("worked_example"), open_counted("lenet5")])
    assert "conv 260 (equal)" in the_note(document, "worked_example")
    assert "10 figures of layers (all equal)" in the_note(document, "lenet5")
    network = CATALOGUE["lenet5"]
    wrong = tuple(
        dataclasses.replace(p, value=7) if p.quantity == "c1 parameters" else p for p in network.published
    )
    spoiled = dataclasses.replace(network, published=wrong)
    counted = Counted("lenet5", open_counted("lenet5").sheet, spoiled)
    shown = networks_document([counted])
    assert "10 figures of layers (9 equal)" in the_note(shown, "lenet5")
    assert "1 of " in row(shown, "What is printed", "lenet5")["the source's figures"]


def test_another_network_of_that_name_changes_the_page():
    """A figure that were typed in would stay."""
    counted = COUNTS[list(CATALOGUE).index("googlenet")]
    other = dataclasses.replace(counted, sheet=open_counted("mnist").sheet)
    shown = row(networks_document([other]), "What we count", "googlenet")
    assert shown["trained"] == "93,322"
    assert "6,998,552 (6,905,230 more than here)" in the_note(networks_document([other]), "googlenet")


@pytest.mark.parametrize("module", [network_notes, networks_report])
def test_no_count_is_typed_into_the_page(module):
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    assert [text for text in strings if re.search(r"\d,\d{3}|\d{4}", text)] == []


def test_the_trap_of_groups_says_what_was_measured():
    slow, grouped, slices = network_notes.GROUPS_MILLISECONDS.values()
    assert grouped <= 1.5 * min(slow, slices)
    (text,) = [trap for trap in network_notes.traps() if "grouped" in trap]
    assert f"{slow} ms" in text
    assert f"{slow / grouped:.1f} times slower" in text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (60_965_224, 1, "60,965,224"),
        (138_000_000, 10**6, "138 million"),
        (10**6, 10**5, "1.0 million"),
        (4_089_000_000, 10**6, "4.089 billion"),
        (3_360_000_000, 10**6, "3.360 billion"),
        (1_800_000_000, 10**8, "1.8 billion"),
        (63_761_408, 10**8, "0.1 billion"),
        (231_026_752, 10**6, "231 million"),
    ],
)
def test_numbers_have_the_digits_that_are_printed(value, unit, text):
    assert rounded(value, unit) == text


def test_a_reason_stands_with_its_source_where_there_are_several():
    network = dataclasses.replace(
        CATALOGUE["mnist"],
        elsewhere=(Published("parameters", 1, "one", "reason"), Published("parameters", 2, "two", "other")),
    )
    counted = Counted("mnist", open_counted("mnist").sheet, network)
    assert "Why they differ: one: reason; two: other." in the_note(networks_document([counted]), "mnist")


def test_a_file_has_no_row():
    with pytest.raises(ValueError, match="is a file; --catalogue takes networks of the catalogue"):
        networks_document([open_counted("saved_models/shipped/mnist.keras")])
