"""What an experiment found, in one sentence that follows from its numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Whether the effect that the article claims was seen."""

    shows: bool | None
    """None where a smoke run is too small to say."""
    words: str


SMOKE_RUN = Verdict(None, "Smoke run: it shows that everything works, and is too small to show an effect.")
