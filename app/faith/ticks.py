"""How far a long computation is, told to whoever wants to show it."""

import itertools
from collections.abc import Callable

Tick = Callable[[float, str], None]
"""Called with the share of the work that is done, 0…1, and the method that was just worked on."""


def no_tick(share: float, name: str) -> None:
    """Show nothing."""


def counted(tick: Tick, work: int) -> Callable[[str], None]:
    """Return `tick` as a function of the name alone, which counts its calls out of `work`."""
    calls = itertools.count(1)
    return lambda name: tick(next(calls) / work, name)
