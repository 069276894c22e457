"""What a teacher would point at in a network: mistakes, oddities and things worth knowing."""

from collections.abc import Sequence

from app.counting.counted import Counted
from app.params.lint import geometry, layers, outputs, windows
from app.params.lint.finding import Finding, Inspection
from app.show.document import Block, Document, Paragraph, Table

RULES = (*geometry.RULES, *windows.RULES, *layers.RULES, *outputs.RULES)


def lint(counted: Counted) -> list[Finding]:
    """Return what there is to point at, in the order of the layers; empty if there is nothing."""
    inspection = Inspection(counted)
    places = {row.name: i for i, row in enumerate(inspection.rows)}
    findings = [finding for rule in RULES for finding in rule(inspection)]
    return sorted(findings, key=lambda finding: places.get(finding.layer, len(places)))


def lint_document(counts: Sequence[Counted]) -> Document:
    """Return the findings in each network: where, what, why it matters, what to do."""
    blocks: list[Block] = []
    data = []
    for counted in counts:
        findings = lint(counted)
        blocks.append(_block(counted.name, findings))
        if counted.stored is not None and not counted.loss:
            text = "no loss is stored with it, so the last activation was not held against one."
            blocks.append(Paragraph(f"{counted.name}: {text}"))
        data.append({"name": counted.name, "findings": [vars(finding) for finding in findings]})
    return Document("What a teacher would point at", tuple(blocks), data)


def _block(name: str, findings: Sequence[Finding]) -> Block:
    if not findings:
        return Paragraph(f"{name}: nothing to point at.")
    columns = ("layer", "what", "why it matters", "what to do")
    rows = tuple((f.layer, f.what, f.why, f.advice) for f in findings)
    return Table(columns, rows, name, prose=(1, 2, 3))


__all__ = ["RULES", "Finding", "lint", "lint_document"]
