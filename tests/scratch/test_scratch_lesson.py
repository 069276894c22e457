"""The layers in NumPy stay short enough to be read in class."""

import ast
import io
import tokenize

import pytest
from conftest import ROOT

FILES = sorted((ROOT / "app" / "scratch" / "layers").glob("*.py"))
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def docstrings(tree):
    """Return the lines of all texts that stand alone: docstrings, and those below an attribute."""
    lines = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines |= set(range(node.lineno, node.end_lineno + 1))
    return lines


def code_lines(source):
    """Return the numbers of the lines that hold code."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT:
            lines |= set(range(token.start[0], token.end[0] + 1))
    return lines - docstrings(ast.parse(source))


def class_sizes(source):
    """Return how many lines of code each class has, and each function outside them."""
    lines = code_lines(source)
    return {
        node.name: sum(node.lineno <= line <= node.end_lineno for line in lines)
        for node in ast.parse(source).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }


def test_all_layers_are_below_600_lines_of_code():
    assert len(FILES) >= 8
    assert sum(len(code_lines(path.read_text("utf-8"))) for path in FILES) < 600


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_layer_is_over_40_lines_of_code(path):
    sizes = class_sizes(path.read_text("utf-8"))
    assert {name: size for name, size in sizes.items() if size > 40} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_lines_are_no_longer_than_elsewhere_and_hold_one_statement(path):
    """So that few lines are not many in disguise."""
    source = path.read_text("utf-8")
    assert max(map(len, source.splitlines()), default=0) <= 120
    statements = [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    assert len(statements) == len(set(statements))


SAMPLE = '''"""A module.

It has a long docstring.
"""

import math  # a comment beside code counts as code


class First:
    """One line."""

    size = 3
    """What it is."""

    def area(self):
        # a comment alone

        return math.prod(
            (self.size, self.size)
        )


def second():
    """Two lines,
    no more."""
    text = """a text
that is data"""
    return text
'''


def test_only_code_is_counted():
    assert len(code_lines(SAMPLE)) == 1 + 6 + 4
    assert class_sizes(SAMPLE) == {"First": 6, "second": 4}


def test_a_class_that_is_too_long_is_seen():
    long = "class Long:\n" + "".join(f"    a{n} = {n}\n" for n in range(40))
    assert class_sizes(long) == {"Long": 41}
