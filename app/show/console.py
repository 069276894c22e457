"""The console of rich that bars and lines are shown on."""

from rich.console import Console


class PipedConsole(Console):
    """A console whose reader may go: rich would then leave with 1, which here means that a check failed."""

    def on_broken_pipe(self) -> None:
        """Say so to whoever runs the command.

        Raises:
            BrokenPipeError: always.
        """
        raise BrokenPipeError
