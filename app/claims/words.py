"""Values and findings as text for people and as bare data for machines."""

from typing import Any

from app.claims.claim import NOT_COMPUTABLE, NOT_YET, About
from app.claims.sections import SECTIONS
from app.claims.verdict import ClaimVerdict
from app.counting.count import Count


def value_text(value: Any) -> str:
    """Return a value as people write it: `26×26×8` for a shape, the working before a count."""
    if isinstance(value, dict):
        return "; ".join(f"{label}: {_part_text(part)}" for label, part in value.items())
    if isinstance(value, list):
        return "; ".join(_part_text(part) for part in value)
    return _part_text(value)


def _part_text(part: Any, gap: str = ", ") -> str:
    if isinstance(part, list):
        if part and isinstance(part[0], list):  # a map: its rows
            return " / ".join(_part_text(row, gap=" ") for row in part)
        return gap.join(_part_text(each) for each in part)
    if isinstance(part, tuple):
        return "×".join(f"{n:,}" for n in part) if len(part) > 1 else str(tuple(map(int, part)))
    if isinstance(part, Count):
        return part.sum_line()
    if isinstance(part, int):
        return f"{part:,}".replace("-", "−")
    if isinstance(part, float):
        digits = ",.1f" if abs(part) >= 1000 else ".4g"
        return f"{part:{digits}}".replace("-", "−")
    return str(part)


def workings(value: Any) -> list[str]:
    """Return the sums behind a value, each once: `(5·5·1 + 1)·10 = 260`."""
    if isinstance(value, Count):
        return [value.sum_line()] if value.working else []
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list | tuple):
        return []
    return list(dict.fromkeys(line for each in inner for line in workings(each)))


def ours_text(finding: ClaimVerdict) -> str:
    """Return what stands in our column: the value, the cited figure, or what is waited for."""
    if finding.verdict == NOT_YET:
        return f"needs {finding.claim.needs}"
    if finding.verdict != NOT_COMPUTABLE:
        return value_text(finding.value)
    if finding.claim.published is None:
        return "–"
    return f"published: {value_text(finding.claim.published)}"


def verdict_text(finding: ClaimVerdict) -> str:
    """Return the verdict, and for what cannot be computed whether the source agrees."""
    if finding.agrees is None:
        return finding.verdict
    return f"{finding.verdict}; source {'agrees' if finding.agrees else 'differs'}"


def plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers as numbers, shapes as lists."""
    if isinstance(value, dict):
        return {label: plain(each) for label, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, About):
        return {"about": value.value, "to": value.to}
    return int(value) if isinstance(value, Count) else value


def finding_data(finding: ClaimVerdict) -> dict[str, Any]:
    """Return everything about a finding as bare data."""
    claim = finding.claim
    return {
        "id": claim.id,
        "article": claim.article,
        "section": claim.section,
        "heading": SECTIONS[claim.article][claim.section],
        "claim": claim.says,
        "stated": claim.stated,
        "figure": plain(claim.figure),
        "value": plain(finding.value),
        "working": workings(finding.value),
        "verdict": finding.verdict,
        "expected": claim.expected,
        "why": claim.why,
        "published": plain(claim.published),
        "source_agrees": finding.agrees,
        "source": claim.source,
        "needs": claim.needs,
    }
