"""The help of every command: an example first, the usual options, all of them on demand; what was meant by a slip."""

from importlib import import_module

import click
import pytest

from app.__main__ import commands
from app.commands.door import Door, DoorGroup

WIDTH = 80


def doors():
    """Return every command and the commands below it, by the words that start them."""
    found = {}
    for name in commands():
        command = import_module(f"app.{name}.__main__").main
        found[name] = command
        below = command.commands if isinstance(command, DoorGroup) else {}
        found |= {f"{name} {each}": inner for each, inner in below.items()}
    return found


DOORS = doors()


def helped(door, name, *options):
    code, output, error = door(DOORS[name], *options)
    assert (code, error) == (0, "")
    return output


@pytest.mark.parametrize("name", list(DOORS))
def test_help_begins_with_an_example_and_has_few_options(door, name):
    command = DOORS[name]
    assert isinstance(command, Door)
    output = helped(door, name, "--help")
    if command.example:
        assert output.splitlines()[2] == f"  Try: {command.example}"
        assert command.example.startswith("python -m app.")
    if command.usual:
        assert 5 <= len(command.usual) <= 7
        assert "--help-all" in output
    for word in ("INTEGER", "FLOAT"):
        assert word not in output, word
    assert output.count(" TEXT") == output.count("--title TEXT")


@pytest.mark.parametrize("name", list(DOORS))
def test_every_usual_option_exists_and_help_all_has_every_option(door, name):
    command = DOORS[name]
    with click.Context(command) as context:
        known = {
            text for parameter in command.get_params(context) for text in parameter.opts if text[0] == "-"
        }
    assert set(command.usual) <= known
    output = helped(door, name, "--help-all")
    for option in known - {"--help-all"}:
        assert option in output, option
    for option in command.usual:
        assert option in helped(door, name, "--help")


@pytest.mark.parametrize(
    "name", [name for name, command in DOORS.items() if isinstance(command, click.Group)]
)
def test_a_group_says_the_whole_line_of_each_command(door, name):
    output = " ".join(helped(door, name, "--help").split())
    listed = DOORS[name].list_commands(None)
    for inner in map(DOORS[name].commands.get, listed):
        first = " ".join((inner.help or "").partition("\n\n")[0].replace("\b", "").split())
        assert first.replace("-", "") in output.replace("- ", "").replace("-", "")  # lines end behind hyphens


@pytest.mark.parametrize("name", list(DOORS))
def test_every_example_is_understood(name):
    """Each option and each command that an example names exists."""
    words = DOORS[name].example.split()
    if words:
        command = DOORS[name]
        if isinstance(command, click.Group) and words[3] in command.commands:
            command = command.commands[words[3]]
        with click.Context(command) as context:
            known = {text for each in command.get_params(context) for text in each.opts}
        assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("saliency", ("--clas", "3"), "there is no option --clas; did you mean --class?"),
        ("saliency", ("--zzzz",), "there is no option --zzzz; --help-all lists them"),
        (
            "saliency",
            ("--model", "mnist", "--method", "grad"),
            "--method has no 'grad'; did you mean gradcam? There are: ",
        ),
        ("features", ("mapps",), "there is no command mapps; did you mean maps?"),
        ("calculate", ("zzzz",), "there is no command zzzz; there are: conv, pool, transposed, dense"),
        (
            "train",
            ("--model", "mnist", "--recipe", "zzzz"),
            "--recipe has no 'zzzz'; there are: article, fast",
        ),
    ],
)
def test_what_was_meant_by_a_slip(door, name, typed, said):
    code, _, error = door(DOORS[name], *typed)
    assert code == 2
    assert said in error
