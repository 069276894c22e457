"""What a teacher would point at in a network: mistakes, oddities and things worth knowing."""

from app.counting.counted import Subject
from app.params.lint import geometry, layers, outputs, windows
from app.params.lint.finding import Finding, Inspection

RULES = (*geometry.RULES, *windows.RULES, *layers.RULES, *outputs.RULES)


def lint(subject: Subject) -> list[Finding]:
    """Return what there is to point at, in the order of the layers; empty if there is nothing."""
    inspection = Inspection(subject)
    places = {row.name: i for i, row in enumerate(inspection.rows)}
    findings = [finding for rule in RULES for finding in rule(inspection)]
    return sorted(findings, key=lambda finding: places.get(finding.layer, len(places)))


__all__ = ["RULES", "Finding", "lint"]
