"""A setting in a message, as Python writes it and as a command does, and the error that names one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A setting in a message: `kernel=3` for Python, `--kernel 3` for the command."""

    name: str
    value: str = ""

    def __str__(self) -> str:
        if self.name == "size":
            return "the input"
        return f"{self.name}={self.value}" if self.value else self.name

    def typed(self) -> str:
        """Return it as it is typed."""
        if self.name == "size":
            return "INPUT"
        return f"--{self.name.replace('_', '-')} {self.value}".rstrip()


class SettingError(ValueError):
    """Settings that are missing, or do not go together; the message is written for Python."""

    def __init__(self, *parts: str | Setting) -> None:
        super().__init__("".join(map(str, parts)))
        self.parts = parts

    def typed(self) -> str:
        """Return the message as the command says it."""
        return "".join(part.typed() if isinstance(part, Setting) else part for part in self.parts)
