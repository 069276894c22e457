"""Errors from below as Python says them: what names an option of a command names the argument instead."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)")


@contextmanager
def in_python(**names: str) -> Iterator[None]:
    """Inside, an error that tells to change `--learning-rate` tells to change `learning_rate`.

    Args:
        names: what arguments are called that have another name than the option: `output="folder"`.
    """
    try:
        yield
    except (ValueError, TypeError, ArithmeticError) as error:
        if len(error.args) == 1 and isinstance(error.args[0], str):
            error.args = (_in_python(error.args[0], names),)
        raise


def _argument(option: str, names: dict[str, str]) -> str:
    name = option.replace("-", "_")
    return names.get(name, name)


def _in_python(text: str, names: dict[str, str]) -> str:
    """Return a sentence with options as arguments; a whole command at its end stays a command."""
    words, command, rest = text.partition("python -m ")
    return OPTION.sub(lambda option: _argument(option[1], names), words) + command + rest
