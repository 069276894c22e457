"""A walk as one HTML page that needs nothing else: a slider over its steps, and what a keyboard needs.

Without JavaScript the first step and the last stand there. No request leaves the page: its policy allows none,
and runs no other script than its own, known by its hash.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from typing import Any

from app.show.frames.frame import Walk
from app.show.frames.markup import frame_html
from app.show.frames.page_looks import LOOKS
from app.show.frames.page_script import SCRIPT
from app.show.frames.plain import plain_walk
from app.show.frames.words import MEANINGS, signs_of
from app.show.writers.page_style import STYLE

TONES = {
    "signed": (("above", "above 0: the larger, the stronger"), ("below", "below 0")),
    "grey": (("ink", "0 to the largest number"),),
    "plain": (),
}
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
KEYS = (
    "Keys: <kbd>←</kbd> one step back, <kbd>→</kbd> one step on, <kbd>Home</kbd> first step, "
    "<kbd>End</kbd> last step, <kbd>Space</kbd> play or pause."
)
UNSCRIPTED = (
    "Without JavaScript this page shows the first step and the last; with it, all of them and a slider."
)
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{introduction}
<noscript><p>{unscripted}</p></noscript>
<div class="controls" id="controls" hidden>
<div class="row">
<button type="button" id="first">First</button>
<button type="button" id="previous">Previous</button>
<button type="button" id="play">Play</button>
<button type="button" id="next">Next</button>
<button type="button" id="last">Last</button>
<label>Pace <select id="pace"><option value="2000">slow</option><option value="900" selected>medium</option>\
<option value="250">fast</option><option value="60">very fast</option></select></label>
</div>
<input type="range" id="slider" min="1" max="{count}" value="1" step="1" aria-label="Step" aria-describedby="keys">
<p class="keys" id="keys">{keys}</p>
</div>
<nav class="sections" id="sections" aria-label="Sections" hidden></nav>
<section class="stage" id="stage" aria-label="The step">{first}</section>
<p class="sr" id="said" role="status" aria-live="polite"></p>
<section class="static" id="final" aria-label="The last step">{last}</section>
<ul class="legend" aria-label="What the signs mean">
{legend}
</ul>
{conclusion}
</main>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def write_page(walk: Walk) -> str:
    """Return the page; every name is escaped, so that none of them can add anything to it."""
    data = plain_walk(walk)
    count = len(walk.frames)
    page = PAGE.format(
        policy=POLICY.format(hash=_hash(SCRIPT)),
        title=escape(data["title"]),
        style=STYLE + LOOKS,
        introduction=_paragraphs(data["introduction"]),
        count=count,
        keys=KEYS,
        unscripted=UNSCRIPTED if count > 1 else "",
        first=frame_html(data, 0),
        last=frame_html(data, count - 1) if count > 1 else "",
        legend="\n".join(_legend(walk)),
        conclusion=_paragraphs(data["conclusion"]),
        data=script_json(data),
        script=SCRIPT,
    )
    return page.encode("utf-8", "xmlcharrefreplace").decode("utf-8")


def script_json(data: Any) -> str:
    """Return data as JSON that ends no script element and begins no comment, whatever the names in it are.

    >>> script_json({"a": "</script>"})
    '{"a":"\\\\u003c/script\\\\u003e"}'
    """
    written = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _paragraphs(texts: Iterable[str]) -> str:
    return "\n".join(f"<p>{escape(text)}</p>" for text in texts)


def _legend(walk: Walk) -> list[str]:
    """Return what the outlines and colours mean, those that occur."""
    grids = [grid for frame in walk.frames for grid in frame.grids]
    signs = [(sign, MEANINGS[sign]) for sign in signs_of(grids)]
    tones = {grid.tone for grid in grids}
    signs += [line for tone, lines in TONES.items() if tone in tones for line in lines]
    return [f'<li><span class="swatch {kind}"></span>{escape(text)}</li>' for kind, text in signs]
