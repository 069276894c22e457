"""What the command prints by default, what its pictures are called, and what they are drawn for."""

import re

import pytest
from PIL import Image

from app.saliency.__main__ import main


@pytest.fixture
def asked(door, tmp_path):
    def ask(*arguments):
        code, output, error = door(main, "--model", "mnist", "--output", tmp_path, *arguments)
        assert code == 0, error
        return output.splitlines()

    return ask


@pytest.mark.parametrize(
    "arguments",
    [
        ("--class", "3"),
        ("--count", "30"),
        ("--index", "18", "--all-classes"),
        ("--index", "0", "--method", "all"),
    ],
    ids=" ".join,
)
def test_a_summary_has_at_most_twelve_lines_and_verbose_has_the_rest(asked, arguments):
    said = [line for line in asked(*arguments) if not line.startswith(("Pixels", "Picture"))]
    whole = [line for line in asked(*arguments, "--verbose") if not line.startswith(("Pixels", "Picture"))]
    assert 0 < len(said) <= 12
    assert len(whole) > len(said)
    left = [line for line in said if "--verbose" in line]
    if left:
        assert said[-1] == left[0]


def test_the_name_of_a_picture_says_what_was_asked(asked, tmp_path):
    asked("--class", "3")
    before = (tmp_path / "saliency-mnist-3.png").read_bytes()
    asked("--class", "3", "--method", "vanilla")
    asked("--class", "3", "--count", "2", "--method", "vanilla")
    assert (tmp_path / "saliency-mnist-3.png").read_bytes() == before
    assert {path.stem for path in tmp_path.iterdir()} == {
        "saliency-mnist-3",
        "saliency-mnist-3-vanilla",
        "saliency-mnist-3-2-images-vanilla",
    }
    assert "saliency-mnist-3-2.png (saliency-mnist-3.png holds another picture, and stays)" in " ".join(
        asked("--class", "3", "--signed")
    )
    assert (tmp_path / "saliency-mnist-3.png").read_bytes() == before


def test_a_slide_and_a_page_with_a_title(asked, tmp_path):
    asked("--class", "3", "--slide", "--output", tmp_path / "slide.png", "--method", "gradcam")
    with Image.open(tmp_path / "slide.png") as picture:
        assert picture.width / picture.height == pytest.approx(16 / 9, rel=0.01)
    asked(
        "--class", "3", "--width", "5", "--title", "Figure 7", "--no-verdict", "--output", tmp_path / "p.svg"
    )
    drawn = (tmp_path / "p.svg").read_text()
    assert float(re.search(r'width="([\d.]+)pt"', drawn)[1]) == pytest.approx(360, abs=1)
    assert "Figure 7" in drawn
    assert "largest value" not in drawn
    assert "never seen by the network" not in drawn


def test_a_slide_has_a_width_of_its_own(door):
    code, _, error = door(main, "--model", "mnist", "--slide", "--width", "5")
    assert (code, error.count("\n")) == (2, 1)
    assert "a slide has a width of its own" in error
