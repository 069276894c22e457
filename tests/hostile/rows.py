"""A row of the corpus: what is given to which command, and what must come of it."""

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Make = Callable[[Path], object]
"""Makes the hostile files in a folder, which is where the command then runs."""
REFUSED = 2


@dataclass(frozen=True)
class Row:
    """A hostile input."""

    name: str
    """Unique; what stands before the first slash is its kind: `pictures/eps`."""
    command: str | tuple[str, ...]
    """Behind `python -m app`; OUTSIDE stands for a folder beside the one that it runs in."""
    message: str = ""
    """Regular expression, in any case: of the error line, or of everything printed where nothing may be refused."""
    make: Make = lambda folder: None
    code: int | tuple[int, ...] = REFUSED
    """The exit code, or all that are right."""
    names: str = ""
    """What the error line must name."""
    changes: tuple[str, ...] = ()
    """Files that the command is asked to write over."""
    leaves: tuple[str, ...] = ()
    """Patterns of files that the command may leave; where it may end well, what lies in output/ too."""
    stdout: str = "file"
    """Where its output goes: `file`, `closed`, `full` for a full device, `pipe` for one whose reader has gone."""
    stdin: str = ""
    """What standard input is: a file of the folder, or a device; "" for nothing, `closed` for none at all."""
    is_fresh: bool = False
    """Whether Python is started anew for it, and not forked."""
    says_always: bool = False
    """Whether the message must be there too where something may be refused and is not."""
    processor: float = 20
    """Seconds of the processor that it may take."""
    seconds: float = 40
    """How long it may take by the clock."""

    @property
    def kind(self) -> str:
        """What stands before the first slash of the name."""
        return self.name.partition("/")[0]

    @property
    def codes(self) -> tuple[int, ...]:
        """Every exit code that is right."""
        return self.code if isinstance(self.code, tuple) else (self.code,)

    @property
    def arguments(self) -> list[str]:
        """The command line in words."""
        return shlex.split(self.command) if isinstance(self.command, str) else [*self.command]

    @property
    def may_leave(self) -> tuple[str, ...]:
        """Patterns of files that it may leave."""
        return self.leaves if self.codes == (REFUSED,) else (*self.leaves, "output/*")


def unique(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows as a table, no two of one name."""
    table = tuple(rows)
    names = [row.name for row in table]
    assert len(set(names)) == len(names), sorted({name for name in names if names.count(name) > 1})
    return table
