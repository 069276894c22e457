"""What somebody meant who typed an option, a command or a word that is not there."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

import click

MOST_LISTED = 30
"""Names beyond which an error does not list them."""


def usage_message(error: click.ClickException) -> str:
    """Return what is wrong with the command line, and the nearest name that there is."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoSuchOption):
        return f"there is no option {error.option_name}{_hint(error.option_name, _options(context))}"
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"there is no command {error.command_name}{_hint(error.command_name, _commands(context))}"
    if isinstance(error, click.BadParameter) and isinstance(getattr(error.param, "type", None), click.Choice):
        found = re.match(r"'(.*)' is not one of", error.message)
        choices = list(map(str, error.param.type.choices))  # type: ignore[union-attr]
        if found:
            near = _nearest(found[1], choices)
            meant = f"did you mean {near}? There are:" if near else "there are:"
            return f"{_named(error)} has no {found[1]!r}; {meant} {', '.join(choices)}"
    return error.format_message()


def _named(error: click.BadParameter) -> str:
    names = getattr(error.param, "opts", ())
    return str(names[0]) if names else "this"


def _hint(typed: str, names: Iterable[str]) -> str:
    """Return the nearest name as a question, or all of them if they are few."""
    known = list(names)
    near = _nearest(typed, known)
    if near:
        return f"; did you mean {near}?"
    if known and len(known) <= MOST_LISTED and not known[0].startswith("-"):
        return f"; there are: {', '.join(known)}"
    return "; --help-all lists them" if known and known[0].startswith("-") else ""


def _nearest(typed: str, names: list[str]) -> str:
    """Return the shortest name that begins as what was typed, else the one that is spelled most like it."""
    begun = [name for name in names if len(typed.lstrip("-")) > 2 and name.startswith(typed)]
    return min(begun, key=len) if begun else next(iter(get_close_matches(typed, names, n=1)), "")


def _options(context: click.Context | None) -> list[str]:
    if context is None:
        return []
    parameters = context.command.get_params(context)
    return [name for each in parameters for name in (*each.opts, *each.secondary_opts) if name[:1] == "-"]


def _commands(context: click.Context | None) -> list[str]:
    command = context.command if context else None
    return command.list_commands(context) if context and isinstance(command, click.Group) else []
