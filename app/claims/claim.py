"""What a claim is: what an article states, how we compute it, and the verdict we expect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EXACT, ROUNDED, WRONG = "exact", "rounded", "wrong"
AMBIGUOUS, NOT_COMPUTABLE = "ambiguous", "not computable"
VERDICTS = (EXACT, ROUNDED, WRONG, AMBIGUOUS, NOT_COMPUTABLE)
NOT_YET = "not yet"
"""No verdict: what the claim is about is not here yet."""


class NotYetError(LookupError):
    """A network or a trained model that a claim is about is not here."""


@dataclass(frozen=True)
class About:
    """A figure that is stated in rounded form: `About(138_000_000, to=1_000_000)`."""

    value: float
    to: float
    """The unit of its last digit: whatever lies within half of it is the figure, rounded."""


@dataclass(frozen=True, repr=False)
class Claim:
    """One thing that an article states and that can be checked.

    A claim is a figure (`figure`), a statement (`holds`), or neither, where its wording leaves open
    what is meant. Its `value` is worked out when it is asked for: a number; a tuple, which is a
    shape; a list of several figures; or a dict. The values of a dict are the arguments of `holds`, or
    else several readings of the claim, by what they mean.
    """

    id: str
    """Article and number: `004-10`."""
    section: str
    """Where in the article: the heading of the section, in English, as in `sections.SECTIONS`."""
    says: str
    """The claim in our words."""
    stated: str
    """What the article prints; empty where it prints no figure, or where its picture is lost."""
    expected: str
    """The verdict that must come out."""
    why: str
    """One line: what makes it so, and what is right where the article is not."""
    value: Callable[[], Any] | None = None
    """Our computation; None where arithmetic cannot decide."""
    figure: Any = None
    """The stated figure, of the same kind as the value."""
    holds: Callable[..., bool] | None = None
    """Whether the statement is true of the value."""
    published: Any = None
    """For what cannot be computed: what the cited source says."""
    source: str = ""
    """Author, title, year."""
    needs: str = ""
    """Catalogue name of the network, or the file, that the claim may have to wait for."""

    def __repr__(self) -> str:
        return f"<claim {self.id}: {self.says}>"

    @property
    def article(self) -> str:
        """The article's number."""
        return self.id[:3]
