"""Chinese, Japanese and Korean signs in figures: found in a text, and drawn with a font that has them.

Matplotlib's DejaVu Sans has none of them and draws a box for each. Noto Sans CJK has all, in 16 MB, and is a
package (`pip install convlab[cjk]`). It is looked for when a text needs it, and not before.
"""

import contextlib
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.text import Text

PACKAGE, FILE = "cvttf_NotoSansCJK_Regular", "NotoSansCJKtc-Regular.otf"
"""The package as it is imported, and the font in it: Noto Sans CJK TC 1.004, SIL Open Font License 1.1."""
MISSING = "names in Chinese, Japanese or Korean are drawn as boxes: pip install cvttf-notosanscjk-regular"
OF_SYSTEMS = (
    *(
        f"{name} {region}"
        for name in ("Noto Sans CJK", "Source Han Sans")
        for region in ("SC", "TC", "JP", "KR")
    ),
    *("PingFang SC", "PingFang HK", "Hiragino Sans GB", "Heiti SC", "Microsoft YaHei", "Arial Unicode MS"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "SimHei", "SimSun"),
)
"""Fonts that systems may have, those with the signs of all three languages first."""

_SIGNS = (
    "\u1100-\u11ff\u2e80-\u2fdf\u2ff0-\u303f\u3040-\u33ff\u3400-\u4dbf\u4e00-\u9fff"  # jamo, strokes, kana, Han
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"  # hangul, full width
)
_SIGN, _RUN = re.compile(f"[{_SIGNS}]"), re.compile(f"([{_SIGNS}]+)")
_KANA, _HANGUL = (
    re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]"),
    re.compile("[\u1100-\u11ff\uac00-\ud7ff]"),
)
_wanted_in_vain = False


def needs_cjk(text: str) -> bool:
    """Tell whether a text has a sign of Chinese, Japanese or Korean, full-width punctuation included.

    >>> needs_cjk("猫 5×5"), needs_cjk("５×5"), needs_cjk("café 5×5")
    (True, True, False)
    """
    return not text.isascii() and _SIGN.search(text) is not None


def pieces(text: str) -> list[str]:
    """Return a text cut where signs of Chinese, Japanese or Korean begin and end.

    >>> pieces("conv1 的特征图 3×3")
    ['conv1 ', '的特征图', ' 3×3']
    """
    return [part for part in _RUN.split(text) if part] if needs_cjk(text) else [text]


def language_of(text: str) -> str:
    """Return whose forms of shared signs a text is drawn with: `ja` beside kana, `ko` beside hangul, else `zh-Hans`."""
    if _KANA.search(text):
        return "ja"
    return "ko" if _HANGUL.search(text) else "zh-Hans"


@lru_cache
def cjk_font() -> Path | None:
    """Return the file of a font that has the signs: the package's, else the system's; None where there is neither.

    The package is looked up and never imported.
    """
    found = find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (Path(folder) / FILE).is_file():
            return Path(folder) / FILE
    from matplotlib.font_manager import fontManager

    installed = {entry.name: entry.fname for entry in reversed(fontManager.ttflist)}
    return next((Path(installed[name]) for name in OF_SYSTEMS if name in installed), None)


def was_missed() -> bool:
    """Tell whether a text was drawn with boxes, since there is no font for its signs."""
    return _wanted_in_vain


def texts_of(figure: "Figure | SubFigure") -> list["Text"]:
    """Return all texts of a figure; those at named ticks are made first, which matplotlib does as late as it draws."""
    from matplotlib.category import StrCategoryFormatter
    from matplotlib.text import Text
    from matplotlib.ticker import FuncFormatter

    for axes in figure.get_figure(root=True).get_axes():
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), (StrCategoryFormatter, FuncFormatter)):
                axis.get_ticklabels()
    return figure.findobj(Text)


def give_signs(texts: Iterable["Text"]) -> None:
    """Let texts of a figure that have such signs fall back to a font with them; the others stay as they are."""
    for text in texts:
        if needs_cjk(text.get_text()):
            family = _family()
            if family is None:
                return
            families = text.get_fontfamily()
            if family not in families:
                text.set_fontfamily([*families, family])
            text.set_language(language_of(text.get_text()))


@contextlib.contextmanager
def without_glyph_warnings() -> Iterator[None]:
    """Inside, matplotlib does not warn of each sign that no font has; `was_missed` tells it once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        yield


def pillow_font(size: float, text: str) -> Any:
    """Return Pillow's font for a text: its own, or one with the signs where the text has such."""
    from PIL import ImageFont

    font = signs_for_pillow(size) if needs_cjk(text) else None
    return font or ImageFont.load_default(size=size)


@lru_cache
def signs_for_pillow(size: float) -> Any:
    """Return a font with the signs for Pillow; None where there is none."""
    from PIL import ImageFont

    path = cjk_font()
    if path is None:
        _miss()
        return None
    return ImageFont.truetype(str(path), size)


@lru_cache
def _added(path: Path) -> str:
    """Return matplotlib's name of a font that it is told of if need be; a single weight serves as bold, too."""
    from matplotlib.font_manager import fontManager

    if all(entry.fname != str(path) for entry in fontManager.ttflist):
        fontManager.addfont(path)
    entry = next(entry for entry in fontManager.ttflist if entry.fname == str(path))
    if len({other.weight for other in fontManager.ttflist if other.name == entry.name}) == 1:
        fontManager.ttflist.append(replace(entry, weight=700))
    return entry.name


def _family() -> str | None:
    path = cjk_font()
    if path is None:
        _miss()
        return None
    return _added(path)


def _miss() -> None:
    global _wanted_in_vain
    if not _wanted_in_vain:
        warnings.warn(MISSING, stacklevel=2)
    _wanted_in_vain = True
