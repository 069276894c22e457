"""Options of a multiple choice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """An option that is not the answer, and the mistake behind it."""

    name: str
    words: str
    """Why it is not the answer."""
    text: str
    """What it says."""
