"""What was asked of the command: which claims, and how they are told."""

from typing import Any

from app.claims.checking import ClaimChoice, check
from app.commands.door import CheckFailedError
from app.commands.reports import deliver
from app.show.progress import waiting


def answer(choice: ClaimChoice, **report: Any) -> None:
    """Deliver the report on the claims that were asked for.

    Raises:
        ValueError: there is no claim with such an id.
        CheckFailedError: the verdict on any claim is not the declared one.
    """
    with waiting("working out every claim, about 1 s"):
        checked = check(choice)
    deliver(checked.document(), **report)
    if not checked:
        raise CheckFailedError("; ".join(checked.differences))
