"""What there is to point at in a network, as a report."""

from collections.abc import Sequence

from app.counting.counted import Subject
from app.params.lint import Finding, lint
from app.show.document import Block, Document, Paragraph, Table


def lint_document(subjects: Sequence[Subject]) -> Document:
    """Return the findings in each network: where, what, why it matters, what to do."""
    blocks: list[Block] = []
    data = []
    for subject in subjects:
        findings = lint(subject)
        blocks.append(_block(subject.name, findings))
        if subject.stored is not None and not subject.loss:
            text = "no loss is stored with it, so the last activation was not held against one."
            blocks.append(Paragraph(f"{subject.name}: {text}"))
        data.append({"name": subject.name, "findings": [vars(finding) for finding in findings]})
    return Document("What a teacher would point at", tuple(blocks), data)


def _block(name: str, findings: Sequence[Finding]) -> Block:
    if not findings:
        return Paragraph(f"{name}: nothing to point at.")
    columns = ("layer", "what", "why it matters", "what to do")
    rows = tuple((f.layer, f.what, f.why, f.advice) for f in findings)
    return Table(columns, rows, name, prose=(1, 2, 3))
