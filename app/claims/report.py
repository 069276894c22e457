"""The report on claims: how many got each verdict, and every claim; or single claims in full."""

from collections import Counter
from collections.abc import Sequence

from app.claims.claim import NOT_YET, VERDICTS
from app.claims.sections import place
from app.claims.verdict import ClaimVerdict
from app.claims.words import finding_data, ours_text, verdict_text, workings
from app.show.document import Block, Document, Paragraph, Table

HEADS = {"source agrees": "a source agrees", "source differs": "a source differs"}
"""Both are parts of what is not computable, in the column before them."""

LEGEND = (
    "exact: our figure is the article's, or the statement is true. rounded: the same after rounding to the article's "
    "digits. wrong: our figure is another one, or the statement is false. ambiguous: the claim can be read in several "
    "ways, and they do not agree. not computable: history, a convention, an experiment, or lost with a picture. Some "
    "of these are decided by a published source, which is cited: a source agrees, or a source differs. not yet: the "
    "claim is about a network that the catalogue lacks."
)


def make_document(findings: Sequence[ClaimVerdict], in_full: bool) -> Document:
    """Return the report on some findings; `in_full` gives each a table of its own."""
    blocks: list[Block]
    if not findings:
        blocks = [Paragraph("No claim fits these options.")]
    elif in_full:
        blocks = [full_table(finding) for finding in findings]
    else:
        blocks = [summary_table(findings), Paragraph(LEGEND), *_waiting(findings), claims_table(findings)]
    data = {"summary": summary_data(findings), "claims": [finding_data(f) for f in findings]}
    title = findings[0].claim.id if in_full and len(findings) == 1 else "What the articles claim"
    return Document(title, tuple(blocks), data)


def _waiting(findings: Sequence[ClaimVerdict]) -> list[Block]:
    waiting = [f"{f.claim.id} needs {f.claim.needs}" for f in findings if f.verdict == NOT_YET]
    return [Paragraph(f"Not yet: {'; '.join(waiting)}.")] if waiting else []


def summary_data(findings: Sequence[ClaimVerdict]) -> dict[str, dict[str, int]]:
    """Return how many claims of each article got each verdict."""
    summary: dict[str, dict[str, int]] = {}
    for article in sorted({finding.claim.article for finding in findings}):
        own = [finding for finding in findings if finding.claim.article == article]
        counts = Counter(finding.verdict for finding in own)
        summary[article] = {
            "claims": len(own),
            **{verdict: counts[verdict] for verdict in VERDICTS},
            "source agrees": sum(finding.agrees is True for finding in own),
            "source differs": sum(finding.agrees is False for finding in own),
            NOT_YET: counts[NOT_YET],
        }
    return summary


def summary_table(findings: Sequence[ClaimVerdict]) -> Table:
    """Return the verdicts counted, a row for each article."""
    summary = summary_data(findings)
    columns = list(next(iter(summary.values())))
    total = [sum(counts[column] for counts in summary.values()) for column in columns]
    return Table(
        columns=("article", *(HEADS.get(column, column) for column in columns)),
        rows=tuple((a, *(str(counts[c]) for c in columns)) for a, counts in summary.items()),
        title="Verdicts",
        numbers=tuple(range(1, len(columns) + 1)),
        expendable=tuple(1 + columns.index(name) for name in (NOT_YET, "source differs", "source agrees")),
        total=("total", *map(str, total)),
    )


def claims_table(findings: Sequence[ClaimVerdict]) -> Table:
    """Return a row for each claim."""
    rows = [
        (f.claim.id, f.claim.says, f.claim.stated or "–", ours_text(f), verdict_text(f), f.claim.why)
        for f in findings
    ]
    columns = ("id", "claim", "stated", "ours", "verdict", "why")
    return Table(columns, tuple(rows), title="Claims", prose=(1, 2, 3, 4, 5), expendable=(5, 3, 2))


def full_table(finding: ClaimVerdict) -> Table:
    """Return everything about one claim."""
    claim = finding.claim
    rows = [
        ("article", place(claim.article, claim.section)),
        ("claim", claim.says),
        ("stated", claim.stated or "–"),
        ("ours", ours_text(finding)),
        *(("working", line) for line in workings(finding.value) if line not in ours_text(finding)),
        ("verdict", verdict_text(finding)),
        ("why", claim.why),
        ("source", claim.source or "–"),
    ]
    return Table(("", "what"), tuple(rows), title=claim.id, prose=(1,))
