"""Reports as JSON: the bare data."""

import json
from typing import Any

from app.show.document import Document


def write(document: Document, ascii_only: bool = False, **_: Any) -> str:
    """Return the document's data as indented JSON."""
    written = json.dumps(document.data, indent=2, ensure_ascii=ascii_only, allow_nan=False)
    # Half a surrogate pair in a name cannot be written in UTF-8; its escape is JSON's own.
    return written.encode("utf-8", "backslashreplace").decode() + "\n"
