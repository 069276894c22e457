"""What every command is: one clean line for an error, contradictions refused, `-h` as well as `--help`.

Exit codes: 0 fine, 1 a check failed, 2 wrong usage or bad input, 130 interrupted, 141 nobody reads on.
"""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from app.commands.quiet import collect_seldom, hush_libraries
from app.show.signs import ERROR_HANDLER

CLOSED_PIPE = 128 + 13
"""Exit code where the reader of standard output has gone, as of a program that SIGPIPE ends."""
ISOLATE = "convlab.isolate"
"""Under this name a command's context keeps its `apart.Limits`; None where it is not to run apart."""
NO_MEMORY = "there is not enough memory for this"


class Call:
    """How a command was called.

    Args:
        is_program: whether it is a program of its own, and no function that somebody called.
    """

    def __init__(self, is_program: bool) -> None:
        self.is_program = is_program
        self.is_child = False
        """Whether it went on in a child."""


class CheckFailedError(Exception):
    """A check that a command made has failed; exit code 1."""


EXPECTED = (click.exceptions.Exit, click.Abort, click.ClickException, CheckFailedError)
"""What is no error of the program, and has no traceback worth seeing."""


class Door(click.Command):
    """A command that says what is wrong in one line.

    Bad usage and what the rooms raise for bad input exit with 2, a failed check with 1. Set
    CONVLAB_DEBUG=1 to see the traceback instead.

    Args:
        contradictions: pairs of options that cannot both be followed; `--colour channels` is that
            option with that value.
        usual: the options that `--help` tells of, in this order; `--help-all` tells of the others too. (): of all.
        example: a command line that `--help` begins with.
    """

    other_options = "Options"
    """The heading of options that are in no section."""

    def __init__(
        self,
        *args: Any,
        contradictions: Sequence[tuple[str, str]] = (),
        usual: Sequence[str] = (),
        example: str = "",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **kwargs)
        self.contradictions, self.usual, self.example = contradictions, usual, example
        words = "Show every option, and more about the command, and exit."
        self._help_all = click.Option(
            ["--help-all"], is_flag=True, is_eager=True, expose_value=False, callback=_tell_all, help=words
        )

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, those that show help last."""
        return [*super().get_params(ctx), self._help_all]

    def get_help(self, ctx: click.Context) -> str:
        """Return the help: an example and the usual options, or all of them."""
        from app.commands.helping import help_text

        return help_text(self, ctx)

    def main(self, args: Sequence[str] | None = None, *arguments: Any, **kwargs: Any) -> Any:
        """Run the command and leave with its exit code."""
        kwargs["standalone_mode"] = False
        is_program = args is None
        kwargs["obj"] = Call(is_program)
        if is_program and not sys.warnoptions and not os.environ.get("CONVLAB_DEBUG"):
            hush_libraries()
            collect_seldom()
        if sys.stdout is None or sys.stdout.closed:  # closed by the caller: nowhere to print
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=ERROR_HANDLER)  # a terminal without "·" shows "*"
        try:
            code = super().main(args, *arguments, **kwargs)
            sys.stdout.flush()
        except Exception as error:
            if os.environ.get("CONVLAB_DEBUG") and not isinstance(error, EXPECTED):
                raise
            code = _report(*_outcome(error))
        except KeyboardInterrupt:
            code = _report("interrupted", 130)
        _say_what_was_missed()
        if is_program:
            code = _let_go_of_output(code or 0)
        if kwargs["obj"].is_child:
            from app.commands import apart

            apart.leave(code or 0)
        sys.exit(code or 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, once no two of its options contradict each other.

        Raises:
            ValueError: two of them do.
        """
        given = set()
        for parameter in self.get_params(ctx):
            if ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
                value = ctx.params.get(parameter.name or "")
                given |= {text for name in parameter.opts for text in (name, f"{name} {value}")}
        for one, other in self.contradictions:
            if one in given and other in given:
                raise ValueError(f"{one} and {other} contradict each other; give one of them")
        limits, call = ctx.meta.get(ISOLATE), ctx.find_root().obj
        if limits is not None and isinstance(call, Call) and call.is_program:
            from app.commands import apart

            models = apart.strangers(ctx.params)
            if models:
                apart.go_on_apart(models, limits.chosen(ctx.params.get("memory") or 0))
                call.is_child = sys.platform == "linux"
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has had enough; click would leave with 1, a failed check
            ctx.exit(CLOSED_PIPE)
        except EOFError as error:  # click would take it for Ctrl-C
            raise ValueError(str(error) or "a file ends too early") from error


class DoorGroup(Door, click.Group):
    """A command that has others below it; alone it prints its help."""

    command_class = Door

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which they were written down."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands below it, each with all that is said of it."""
        from app.commands.helping import whole_words

        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl([(name, whole_words(each)) for name, each in found.items() if each])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; an empty one asks for help."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)


def _tell_all(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from app.commands.helping import ALL

        ctx.meta[ALL] = True
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def _outcome(error: Exception) -> tuple[str, int]:
    """Return what to say of an error, and the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return "", error.exit_code
    if isinstance(error, click.Abort):
        return "interrupted", 130
    if isinstance(error, CheckFailedError):
        return str(error), 1
    if isinstance(error, click.ClickException):
        from app.commands.suggesting import usage_message

        return usage_message(error), 2
    if isinstance(error, (ValueError, OSError, OverflowError)):
        return _describe(error), 2
    if isinstance(error, MemoryError):
        return NO_MEMORY, 2
    if isinstance(error, RecursionError):
        return "what was given is nested too deep", 2
    first = (str(error).splitlines() or [""])[0]
    if type(error).__module__.startswith("tensorflow"):
        return f"TensorFlow cannot compute this: {first}", 2
    from app.untrusted.memory import is_short_of_memory

    if is_short_of_memory():  # what is out of memory fails in odd ways
        return NO_MEMORY, 2
    return (
        f"internal error: {type(error).__name__}: {first}; please report it, with what CONVLAB_DEBUG=1 prints",
        2,
    )


def _describe(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def _let_go_of_output(code: int) -> int:
    """Write out what waits for standard output, and let nothing wait for the end of Python; return the exit code."""
    try:
        sys.stdout.flush()
        return code
    except OSError as error:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return CLOSED_PIPE
        return code if code else _report(f"standard output: {error.strerror}", 2)


def _say_what_was_missed() -> None:
    """Say that names were drawn as boxes, once, if a figure needed a font that is not there."""
    fonts = sys.modules.get("app.show.fonts")
    if fonts is not None and fonts.was_missed():
        click.echo(f"Note: {fonts.MISSING}", err=True)


def _report(message: str, code: int) -> int:
    if not message:
        return code
    from app.show.styles import RED, paint_for
    from app.untrusted.text import visible

    click.echo(f"{paint_for(sys.stderr)('Error:', RED)} {visible(' '.join(message.split()))}", err=True)
    return code
