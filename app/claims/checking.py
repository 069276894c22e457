"""All claims checked, and those shown that were asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.claims.claim import NOT_YET, VERDICTS
from app.claims.ledger import ARTICLES, CLAIMS, find_claim
from app.claims.results import ClaimCheck
from app.claims.verdict import ClaimVerdict, judge

SHOWN_VERDICTS = {verdict.replace(" ", "-"): verdict for verdict in (*VERDICTS, NOT_YET)}
"""The verdicts by their names on the command line."""
SOURCES = {"agrees": True, "differs": False}


@dataclass(frozen=True)
class ClaimChoice:
    """Which claims are shown; what is empty leaves none out."""

    articles: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    """Names of `SHOWN_VERDICTS`."""
    source: str | None = None
    """What a cited source must say: a name of `SOURCES`."""
    ids: tuple[str, ...] = ()

    def has(self, finding: ClaimVerdict) -> bool:
        """Return whether a claim is one of them."""
        return (
            (not self.articles or finding.claim.article in self.articles)
            and (not self.verdicts or finding.verdict in {SHOWN_VERDICTS[name] for name in self.verdicts})
            and (self.source is None or finding.agrees is SOURCES[self.source])
            and (not self.ids or finding.claim.id in self.ids)
        )


def check(choice: ClaimChoice) -> ClaimCheck:
    """Work out all claims, and return those that were chosen.

    Raises:
        ValueError: there is no claim with such an id.
    """
    for id in choice.ids:
        find_claim(id)
    findings = tuple(judge(claim) for claim in CLAIMS)
    return ClaimCheck(tuple(filter(choice.has, findings)), findings, in_full=bool(choice.ids))


def choose_claims(
    article: str | Sequence[str] | None,
    verdict: str | Sequence[str] | None,
    ids: str | Sequence[str] | None,
    source: str | None,
) -> ClaimChoice:
    """Return the choice that one text, or several, make of each kind.

    Raises:
        ValueError: there is no such article or verdict, or no such thing that a source can say.
    """
    verdicts = tuple(str(text).replace(" ", "-") for text in _several(verdict))
    return ClaimChoice(
        _known("article", _several(article), ARTICLES),
        _known("verdict", verdicts, SHOWN_VERDICTS),
        _known("source", (source,), SOURCES)[0] if source is not None else None,
        tuple(map(str, _several(ids))),
    )


def _several(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    if texts is None:
        return ()
    return tuple(texts) if isinstance(texts, Iterable) and not isinstance(texts, str) else (texts,)


def _known(what: str, texts: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    for text in texts:
        if text not in known:
            raise ValueError(f"there is no {what} {text!r}; there are {', '.join(known)}")
    return texts
