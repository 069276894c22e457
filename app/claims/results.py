"""Claims checked: a result that shows itself."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.claims.report import make_document
from app.claims.verdict import ClaimVerdict
from app.claims.words import ours_text
from app.show.document import Document
from app.show.results import ShowsReport


@dataclass(frozen=True, repr=False)
class ClaimCheck(ShowsReport):
    """Claims worked out and compared with what the articles state; true if every verdict is the declared one.

    Iterate over it for the claims that were asked for, each with its verdict; `check["004-10"]` is one.
    """

    shown: tuple[ClaimVerdict, ...]
    """The claims that were asked for."""
    checked: tuple[ClaimVerdict, ...]
    """All claims, for all are checked whichever are shown."""
    in_full: bool = False
    """Whether the report tells everything about each claim."""

    @property
    def differences(self) -> tuple[str, ...]:
        """Every claim whose verdict is not the declared one, in words."""
        return tuple(
            f"{finding.claim.id} is {finding.verdict}, declared {finding.claim.expected} "
            f"(stated {finding.claim.stated or 'nothing'}, ours {ours_text(finding)})"
            for finding in self.checked
            if not finding.is_expected
        )

    def __bool__(self) -> bool:
        return not self.differences

    def __iter__(self) -> Iterator[ClaimVerdict]:
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self.shown)

    def __getitem__(self, id: str) -> ClaimVerdict:
        found = {finding.claim.id: finding for finding in self.shown}
        if id not in found:
            raise ValueError(f"there is no claim {id!r} among these {len(found)}")
        return found[id]

    def __repr__(self) -> str:
        counts = Counter(finding.verdict for finding in self.shown)
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
        unexpected = "" if self else f"; {len(self.differences)} not as declared"
        return f"<{len(self)} claims{f': {verdicts}' if verdicts else ''}{unexpected}>"

    def document(self, format: str = "text") -> Document:  # noqa: ARG002
        """Return the report: the verdicts counted, and each claim."""
        return make_document(self.shown, self.in_full)
