"""Reports as JSON: the bare data."""

import json

from app.show.document import Document


def write(document: Document) -> str:
    """Return the document's data as indented JSON."""
    return json.dumps(document.data, indent=2, ensure_ascii=False) + "\n"
