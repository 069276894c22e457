"""The page as one text: markup, style, modules and data joined, with a policy that lets nothing else run.

Modules are written as a browser takes them, `import { a } from "./b.js"` and `export function a`. A page from a USB
stick may not load modules beside it, so they are joined in the order of their imports into one scope; that is why each
name at the top of a module is used once in the whole page (a test holds it). The engine's worker is such a text too,
handed to the page as data.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from app.show.frames.page import script_json

FOLDER = Path(__file__).parent / "page"
IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)";[ \t]*\n?', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const|let) )", re.MULTILINE)
POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; worker-src blob:; img-src data: blob:; "
    "connect-src {connect}; base-uri 'none'; form-action 'none'"
)


@cache
def join_modules(entry: str) -> str:
    """Return the module `entry` and all that it imports, as one script.

    >>> "use strict" in join_modules("main.js")
    True
    """
    order: list[Path] = []
    _collect((FOLDER / entry).resolve(), order)
    parts = [EXPORT.sub("", IMPORT.sub("", path.read_text("utf-8"))) for path in order]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"


def _collect(path: Path, order: list[Path]) -> None:
    """Put a module behind those that it imports."""
    for _, source in IMPORT.findall(path.read_text("utf-8")):
        found = (path.parent / source).resolve()
        if found not in order:
            _collect(found, order)
    if path not in order:
        order.append(path)


def content_policy(*, is_served: bool) -> str:
    """Return the Content-Security-Policy of the page.

    Args:
        is_served: whether it may ask the server that it comes from; a hand-out asks nobody.
    """
    script, style = _hash(join_modules("main.js")), _hash(_style())
    return POLICY.format(script=script, style=style, connect="'self'" if is_served else "'none'")


def page_text(contents: Mapping[str, Any], title: str, *, is_served: bool) -> str:
    """Return the page with what it shows.

    Args:
        contents: plain values; see `app.lab.contents`.
        title: of the window; a stranger's text.
        is_served: see `content_policy`.
    """
    return _filled(
        (FOLDER / "index.html").read_text("utf-8"),
        {
            "POLICY": escape(content_policy(is_served=is_served)),
            "TITLE": escape(title),
            "STYLE": _style(),
            "CONTENTS": script_json(contents),
            "WORKER": script_json(join_modules("engine/worker.js")),
            "SCRIPT": join_modules("main.js"),
        },
    )


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with each `{{NAME}}` replaced, once; what is put in is not looked at again."""
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: values[found[1]], template)


def _style() -> str:
    return (FOLDER / "style.css").read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
