"""The verdict on a claim: derived from what was computed and what is stated, never declared."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.claims.claim import (
    AMBIGUOUS,
    EXACT,
    NOT_COMPUTABLE,
    NOT_YET,
    ROUNDED,
    WRONG,
    About,
    Claim,
    NotYetError,
)

_WORSE = (EXACT, ROUNDED, WRONG)


@dataclass(frozen=True, repr=False)
class ClaimVerdict:
    """A claim, worked out."""

    claim: Claim
    value: Any
    verdict: str
    agrees: bool | None = None
    """Whether the cited source agrees with the article; None where nothing is compared with one."""

    def __repr__(self) -> str:
        return f"<claim {self.claim.id}: {self.verdict}>"

    @property
    def is_expected(self) -> bool:
        """Whether the verdict is the declared one; a claim that says what it waits for may wait."""
        if self.verdict == NOT_YET:
            return bool(self.claim.needs)
        return self.verdict == self.claim.expected


def judge(claim: Claim) -> ClaimVerdict:
    """Return the claim with its value worked out now, and the verdict that follows.

    Raises:
        ValueError: a room cannot work out the value; the message names the claim.
    """
    if claim.value is None:
        return ClaimVerdict(claim, None, NOT_COMPUTABLE, _agrees(claim))
    try:
        value = claim.value()
    except NotYetError:
        return ClaimVerdict(claim, None, NOT_YET)
    except ValueError as error:
        raise ValueError(f"claim {claim.id}: {error}") from error
    return ClaimVerdict(claim, value, derive_verdict(claim, value))


def derive_verdict(claim: Claim, value: Any) -> str:
    """Return the verdict on `claim` if `value` is what comes out.

    A statement is exact if it holds, else wrong. A figure is compared with the value. Of several
    readings all must lead to one verdict, or agree with one another where no figure is stated;
    otherwise the claim is ambiguous.
    """
    if claim.holds is not None:
        true = claim.holds(*value.values()) if isinstance(value, dict) else claim.holds(value)
        return EXACT if true else WRONG
    if not isinstance(value, dict):
        return compare(claim.figure, value)
    readings = list(value.values())
    compared = readings[0] if claim.figure is None else claim.figure
    verdicts = {compare(compared, reading) for reading in readings}
    return verdicts.pop() if len(verdicts) == 1 else AMBIGUOUS


def compare(figure: Any, value: Any) -> str:
    """Return `exact`, `rounded` or `wrong` for a stated figure beside a computed value.

    Several figures are as good as the worst of them. Whole numbers are compared as they are,
    fractions up to 1 in 10^9, which is what their sums lose.
    """
    if isinstance(figure, About):
        if compare(figure.value, value) == EXACT:
            return EXACT
        return ROUNDED if abs(value - figure.value) <= figure.to / 2 else WRONG
    if isinstance(figure, list | tuple):
        return _compare_each(figure, value)
    whole = isinstance(figure, int) and isinstance(value, int)
    if whole or isinstance(figure, str) or isinstance(value, str):
        return EXACT if figure == value else WRONG
    return EXACT if math.isclose(figure, value, rel_tol=1e-9, abs_tol=1e-12) else WRONG


def _compare_each(figures: Sequence[Any], values: Any) -> str:
    if not isinstance(values, list | tuple) or len(figures) != len(values):
        return WRONG
    verdicts = [compare(f, v) for f, v in zip(figures, values, strict=True)]
    return max(verdicts, key=_WORSE.index, default=EXACT)


def _agrees(claim: Claim) -> bool | None:
    if claim.published is None:
        return None
    if claim.holds is not None:
        published = claim.published
        return claim.holds(*(published if isinstance(published, list) else [published]))
    if claim.figure is None:
        return None
    return compare(claim.figure, claim.published) != WRONG
