"""A command is its options and one call: what it says, draws and works out lies below, where Python reaches it too."""

import ast
import importlib

import pytest
from conftest import ROOT

SKINS = sorted((ROOT / "app").glob("*/__main__.py"))
TALKS = {"echo", "print", "secho"}


def commands_in(tree):
    """The functions that click calls: those that a decorator makes a command."""
    makers = ("command", "group", "question", "experiment")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            said = " ".join(ast.unparse(each) for each in node.decorator_list)
            if any(maker in said for maker in makers):
                yield node


def faults(source):
    """What in a module is more than options and one call."""
    tree = ast.parse(source)
    for node in commands_in(tree):
        rest = node.body[1:] if ast.get_docstring(node) else node.body
        if len(rest) > 1 or (rest and not isinstance(getattr(rest[0], "value", None), ast.Call)):
            yield f"{node.name} has more than one call"
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "attr", "")
        if isinstance(node, ast.Call) and name in TALKS:
            yield f"line {node.lineno} says something"
        if isinstance(node, (ast.For, ast.While, ast.Try, ast.With)):
            yield f"line {node.lineno} does something"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or node.names[0].name
            if "figures" in module or module.split(".")[0] in ("numpy", "matplotlib", "tensorflow", "keras"):
                yield f"line {node.lineno} imports {module}"


@pytest.mark.parametrize("path", SKINS, ids=[path.parent.name for path in SKINS])
def test_a_command_is_its_options_and_one_call(path):
    assert list(commands_in(ast.parse(path.read_text("utf-8"))))
    assert not list(faults(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "body",
    [
        "    x = 1\n    answer(x)",
        "    click.echo('done')",
        "    for x in y:\n        answer(x)",
        "    import numpy",
    ],
)
def test_a_command_that_does_more_would_be_seen(body):
    assert list(faults(f"@click.command()\ndef main():\n    '''Words.'''\n{body}\n"))
    assert not list(faults("@click.command()\ndef main(x):\n    '''Words.'''\n    answer(x)\n"))


def each_command(command):
    """Yield a command and those below it."""
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from each_command(below)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "app").glob("*/__main__.py")))
def test_no_option_stands_twice(name):
    for command in each_command(importlib.import_module(f"app.{name}.__main__").main):
        flags = [flag for option in command.params for flag in (*option.opts, *option.secondary_opts)]
        assert sorted(set(flags)) == sorted(flags), command.name
        names = [option.name for option in command.params]
        assert len(set(names)) == len(names), command.name
