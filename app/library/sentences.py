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
            error.args = (OPTION.sub(lambda option: _argument(option[1], names), error.args[0]),)
        raise


def _argument(option: str, names: dict[str, str]) -> str:
    name = option.replace("-", "_")
    return names.get(name, name)
