"""Chinese, Japanese and Korean signs: found in texts, drawn in every kind of picture, told where they cannot be."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font

from app.show import fonts
from app.show.canvas import figure_png, figure_svg, new_figure, save_figure, take_literally
from app.show.frames.painting import paint
from app.show.frames.shapes import Sheet, Words, text_width

SAMPLES = (
    "卷积",
    "猫",
    "ねこ",
    "カタカナ",
    "고양이",
    "５×５",
    "填充（１）",
    "「特徴」",
    "骨直门",
    "ﾊﾝｶｸ",
    "㈱",
    "龥",
)


@pytest.fixture
def fresh(monkeypatch):
    """As in a process that has not yet looked for a font."""
    cached = (fonts.cjk_font, fonts.signs_for_pillow, fonts._added)
    for function in cached:
        function.cache_clear()
    monkeypatch.setattr(fonts, "_wanted_in_vain", False)
    yield monkeypatch
    for function in cached:
        function.cache_clear()


@pytest.fixture
def without_font(fresh):
    """As on a machine that has neither the package nor a font of the system's."""
    fresh.setattr(fonts, "find_spec", lambda name: None)
    fresh.setattr(fontManager, "ttflist", [f for f in fontManager.ttflist if "DejaVu" in f.name])
    fontManager._findfont_cached.cache_clear()
    yield
    fontManager._findfont_cached.cache_clear()


@pytest.mark.parametrize("text", SAMPLES)
def test_signs_are_found_and_the_font_has_them(text):
    assert fonts.needs_cjk(text)
    path = fonts.cjk_font()
    assert path is not None
    with TTFont(path, lazy=True) as font:
        known = font.getBestCmap()
    assert [sign for sign in text if fonts.needs_cjk(sign) and ord(sign) not in known] == []


@pytest.mark.parametrize("text", ["", "cat", "café", "5×5 → 3", "Ω≈∞…“”", "Кот", "قطة", "🐈"])
def test_other_texts_need_no_font(text):
    assert not fonts.needs_cjk(text)
    assert fonts.pieces(text) == [text]


def test_pieces_are_the_text():
    assert "".join(fonts.pieces("a 猫b（１） 犬")) == "a 猫b（１） 犬"
    assert fonts.pieces("a 猫b") == ["a ", "猫", "b"]


@pytest.mark.parametrize(
    ("text", "language"), [("猫", "zh-Hans"), ("猫の", "ja"), ("고양이 猫", "ko"), ("（１）", "zh-Hans")]
)
def test_shared_signs_have_the_forms_of_a_language(text, language):
    assert fonts.language_of(text) == language


def test_the_font_is_what_its_package_is_named_after():
    with TTFont(fonts.cjk_font(), lazy=True) as font:
        names = {record.nameID: str(record) for record in font["name"].names if record.platformID == 3}
    assert names[4] == "Noto Sans CJK TC Regular"
    assert names[13].startswith("This Font Software is licensed under the SIL Open Font License, Version 1.1")


def _figure() -> Figure:
    figure = new_figure(6, 3, "图：猫的特征图 $5")
    left, right = figure.subplots(1, 2)
    left.bar(["猫", "狗", "ねこ", "고양이"], [1, 2, 3, 4])  # names that matplotlib writes when it draws
    right.barh([0, 1], [3, 4])
    right.set_yticks([0, 1], ["感受野 5×5", "填充（１）"], fontweight="bold")
    right.text(2, 0.5, "卷积 conv\n第二行")
    left.legend([left.patches[0]], ["图例"])
    return figure


def _boxes(figure: Figure) -> list[str]:
    """Return the signs of a figure that none of their fonts has."""
    found = []
    for text in fonts.texts_of(figure):
        families = fontManager._find_fonts_by_props(text.get_fontproperties())
        known = [get_font(path).get_charmap() for path in families]
        found += [s for s in text.get_text() if s != "\n" and not any(ord(s) in charmap for charmap in known)]
    return found


def test_every_text_of_a_figure_gets_signs():
    figure = _figure()
    assert set("图猫狗ねこ고양이感受野") <= set(_boxes(figure))  # what the check is for
    take_literally(figure)
    assert _boxes(figure) == []


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_no_glyph_is_missing(ending, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(
        "app.show.canvas.without_glyph_warnings", warnings.catch_warnings
    )  # so that matplotlib would warn
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_figure(_figure(), tmp_path / f"a{ending}")
    assert not caplog.records  # a weight that the font lacks would be logged


def test_a_glyph_that_is_missing_would_be_seen(without_font, tmp_path, monkeypatch):
    monkeypatch.setattr("app.show.canvas.without_glyph_warnings", warnings.catch_warnings)
    with pytest.warns(UserWarning, match="Glyph .* missing from"):
        save_figure(_figure(), tmp_path / "a.png")


def test_signs_are_drawn_as_themselves():
    """Two signs differ in the picture, as two boxes would not."""

    def drawn(sign: str) -> bytes:
        figure = new_figure(1, 1)
        figure.text(0.5, 0.5, sign, size=30)
        take_literally(figure)
        return figure_png(figure)

    assert len({drawn(sign) for sign in "猫狗あ고５"}) == 5


def test_signs_in_svg_are_outlines():
    assert "<text" not in figure_svg(_figure())


def test_axes_of_a_user_keep_their_fonts():
    figure = Figure()
    axes: Axes = figure.subplots()
    axes.set_title("猫", family="monospace")
    take_literally(figure)
    assert axes.title.get_fontfamily() == ["monospace", "Noto Sans CJK TC"]
    assert axes.xaxis.label.get_fontfamily() == ["sans-serif"]


def test_without_a_font_boxes_are_told_once(without_font, tmp_path):
    def draw():
        for ending in (".png", ".svg", ".pdf"):
            save_figure(_figure(), tmp_path / f"a{ending}")
        fonts.pillow_font(11, "猫").getlength("猫")

    with pytest.warns(UserWarning, match="drawn as boxes: pip install cvttf-notosanscjk-regular") as told:
        draw()
    assert [str(warning.message) for warning in told] == [fonts.MISSING]
    assert fonts.was_missed()


def test_without_the_package_a_font_of_the_system_serves(fresh, tmp_path):
    path = fonts.cjk_font()
    fonts._added(path)  # matplotlib knows it, as it knows a system's
    fonts.cjk_font.cache_clear()
    fresh.setattr(fonts, "find_spec", lambda name: None)
    assert fonts.cjk_font() == path


def test_figures_without_signs_look_for_no_font(fresh, tmp_path):
    fresh.setattr(fonts, "cjk_font", None)
    figure = new_figure(2, 2, "5×5")
    figure.subplots().bar(["a", "b"], [1, 2])
    save_figure(figure, tmp_path / "a.png")


def test_pillow_draws_signs_and_letters_at_their_widths():
    text = "卷积 conv1（１）"
    plain, bold = (text_width(text, 12, is_bold) for is_bold in (False, True))
    assert plain == pytest.approx(sum(text_width(part, 12) for part in fonts.pieces(text)))
    assert 12 * 5 < plain < bold
    painted = np.asarray(paint(Sheet(200, 30, (Words(5, 15, text, 12, is_centred=False),)), 2, (400, 60)))
    columns = np.flatnonzero((painted < 128).any((0, 2)))
    assert columns[0] >= 10
    assert columns[-1] <= 10 + 2 * plain + 1
    assert columns[-1] > 10 + 1.8 * plain


def test_a_command_says_once_that_names_are_boxes():
    """In a process that finds no font; the names of matplotlib's own fonts are left to it."""
    script = (
        "import click\n"
        "from app.commands.door import Door\n"
        "from app.show import fonts\n"
        "fonts.find_spec, fonts.OF_SYSTEMS = (lambda name: None), ()\n"
        "@click.command(cls=Door)\n"
        "@click.argument('name')\n"
        "def draw(name):\n"
        "    from app.show.canvas import figure_png, new_figure, take_literally\n"
        "    for _ in range(2):\n"
        "        figure = new_figure(2, 2, name)\n"
        "        take_literally(figure)\n"
        "        figure_png(figure)\n"
        "draw()\n"
    )
    root = Path(__file__).parents[2]
    said = {
        name: subprocess.run([sys.executable, "-c", script, name], cwd=root, capture_output=True, text=True)
        for name in ("猫", "cat")
    }
    assert said["猫"].stderr == f"Note: {fonts.MISSING}\n"
    assert said["cat"].stderr == ""
    assert [run.returncode for run in said.values()] == [0, 0]


def test_the_font_is_an_extra_with_one_version():
    root = Path(__file__).parents[2]
    pinned = re.search(
        r"^(cvttf-notosanscjk-regular)==(\d)", (root / "requirements-fonts.txt").read_text(), re.M
    )
    assert pinned
    assert f'cjk = ["{pinned[1]}>={pinned[2]},<' in (root / "pyproject.toml").read_text()
    assert pinned[1] in fonts.MISSING
