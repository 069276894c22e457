"""Reports as comma-separated values: the tables, one after the other."""

import csv
import io

from app.show.document import Document, Table


def write(document: Document) -> str:
    """Return the tables as CSV with a header line each, parted by an empty line."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    tables = [block for block in document.blocks if isinstance(block, Table)]
    for i, table in enumerate(tables):
        if i:
            stream.write("\n")
        writer.writerow(table.columns)
        writer.writerows(table.rows)
    return stream.getvalue()
