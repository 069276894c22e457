"""All claims of the five articles, in order."""

import difflib

from app.claims import (
    article_000_network,
    article_000_picture,
    article_001_history,
    article_001_kernels,
    article_001_layers,
    article_001_pooling,
    article_002,
    article_003,
    article_004_classic,
    article_004_counting,
    article_004_residual,
)
from app.claims.claim import Claim

MODULES = (
    article_000_picture,
    article_000_network,
    article_001_layers,
    article_001_kernels,
    article_001_pooling,
    article_001_history,
    article_002,
    article_003,
    article_004_counting,
    article_004_classic,
    article_004_residual,
)

CLAIMS: tuple[Claim, ...] = tuple(claim for module in MODULES for claim in module.CLAIMS)
ARTICLES = tuple(sorted({claim.article for claim in CLAIMS}))


def find_claim(id: str) -> Claim:
    """Return the claim called `id`.

    Raises:
        ValueError: there is none; the message says which there are, or the closest.
    """
    by_id = {claim.id: claim for claim in CLAIMS}
    if id in by_id:
        return by_id[id]
    last = [claim.id for claim in CLAIMS if claim.article == id[:3]]
    if last:
        raise ValueError(f"there is no claim {id!r}; article {id[:3]} has {last[0]} to {last[-1]}")
    close = difflib.get_close_matches(id, by_id, n=1)
    hint = f"did you mean {close[0]}?" if close else "give article and number, as in 004-10"
    raise ValueError(f"there is no claim {id!r}; {hint}")
