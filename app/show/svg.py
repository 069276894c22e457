"""The few shapes that our pictures are made of, as SVG.

Colours are the page's (`var(--ink)` and its like) with a fallback where a picture stands alone, so
that it follows the page into dark mode. Letters are of one width: a text's length is known, and
nothing has to be cut.
"""

import unicodedata
from html import escape

from app.untrusted.text import visible

LETTER = 6.7
"""Width of a letter in pixels at 11 pixels, the largest of common monospaced fonts."""
THIN = 4.0
"""Pixels: a narrower rectangle has no room for slanted lines."""
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" \
viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}">
<style>
.cl-ink {{ fill: var(--ink, #1d2327); }} .cl-quiet {{ fill: var(--quiet, #5b6670); }}
.cl-box {{ fill: var(--fill, #e6f0f7); stroke: var(--one, #0072b2); }}
.cl-plain {{ fill: var(--band, #f4f6f8); stroke: var(--quiet, #5b6670); }}
.cl-one {{ fill: var(--one, #0072b2); }} .cl-two {{ fill: var(--two, #d55e00); }}
.cl-edge {{ fill: none; stroke: var(--quiet, #5b6670); stroke-width: 1.3; }}
.cl-ring {{ fill: none; stroke: var(--one, #0072b2); stroke-width: 1.6; }}
.cl-hatch {{ stroke: var(--two, #d55e00); stroke-width: 1.5; }}
.cl-text {{ font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
.cl-bold {{ font-weight: 700; }}
</style>
"""


def text_width(text: str) -> float:
    """Return the width of a text in pixels; Chinese and its like take two letters."""
    text = visible(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return LETTER * (len(text) + wide)


class Picture:
    """A growing SVG picture."""

    def __init__(self, label: str) -> None:
        self._label, self._parts = visible(label), list[str]()

    def rectangle(
        self, x: float, y: float, width: float, height: float, style: str = "box", round: float = 3
    ) -> None:
        """Add a rectangle."""
        self._parts.append(
            f'<rect class="cl-{style}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
            f'height="{max(height, 0):.1f}" rx="{round}"/>'
        )

    def text(self, x: float, y: float, text: str, style: str = "ink", anchor: str = "start") -> None:
        """Add a line of text; `anchor` is start, middle or end."""
        shown = escape(visible(text))
        classes = " ".join(f"cl-{name}" for name in ("text", *style.split()))
        self._parts.append(
            f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{shown}</text>'
        )

    def path(self, points: list[tuple[float, float]], with_head: bool = False) -> None:
        """Add a line through points, with an arrow head at its end if wanted: to the right, down or up."""
        steps = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self._parts.append(f'<path class="cl-edge" d="M{steps}"/>')
        if with_head:
            (x0, y0), (x, y) = points[-2:]
            is_level = x > x0 and y == y0
            sides = "l-6 -3.5 l0 7" if is_level else "l-3.5 -6 l7 0" if y >= y0 else "l-3.5 6 l7 0"
            self._parts.append(f'<path class="cl-quiet" d="M{x:.1f} {y:.1f} {sides} z"/>')

    def hatch(self, x: float, y: float, width: float, height: float) -> None:
        """Add slanted lines over a rectangle, or one line along it where there is no room for them."""
        if min(width, height) < THIN:
            if width >= height:
                self._line((x, y + height / 2), (x + width, y + height / 2))
            else:
                self._line((x + width / 2, y), (x + width / 2, y + height))
            return
        offset = 4.0
        while offset < width + height:
            x1, y1 = x + min(offset, width), y + max(offset - width, 0)
            x2, y2 = x + max(offset - height, 0), y + min(offset, height)
            self._line((x1, y1), (x2, y2))
            offset += 6

    def _line(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        (x1, y1), (x2, y2) = start, end
        self._parts.append(
            f'<line class="cl-hatch" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        )

    def finish(self, width: float, height: float) -> str:
        """Return the picture as SVG."""
        head = HEAD.format(width=width, height=height, label=escape(self._label))
        return head + "\n".join(self._parts) + "\n</svg>"
