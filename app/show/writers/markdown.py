"""Reports as Markdown."""

from app.show.document import Document, Drawing, Paragraph, Table


def write(document: Document) -> str:
    """Return headings, paragraphs and pipe tables."""
    parts = [f"# {document.title}"]
    for block in document.blocks:
        if isinstance(block, Table):
            parts.append(write_table(block))
        elif isinstance(block, Paragraph):
            parts.append(block.text)
        elif isinstance(block, Drawing):
            continue
    return "\n\n".join(parts) + "\n"


def write_table(table: Table) -> str:
    """Return a pipe table, its title above it."""
    lines = [f"**{table.title}**", ""] if table.title else []
    lines.append(_line(table.columns))
    marks = ["---:" if i in table.numbers else "---" for i in range(len(table.columns))]
    lines.append("| " + " | ".join(marks) + " |")
    lines += [_line(row) for row in table.rows]
    if table.total:
        lines.append(_line([f"**{cell}**" if cell else "" for cell in table.total]))
    return "\n".join(lines)


def _line(cells: tuple[str, ...] | list[str]) -> str:
    escaped = [cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells]
    return "| " + " | ".join(escaped) + " |"
