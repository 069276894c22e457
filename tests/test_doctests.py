"""The examples in docstrings give what they say."""

import doctest
import importlib

import pytest
from conftest import ROOT

EXAMPLES = [
    path.relative_to(ROOT)
    for folder in ("app", "models")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if ">>>" in path.read_text("utf-8")
]


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_the_examples_of_a_module(path):
    module = importlib.import_module(".".join(path.with_suffix("").parts))
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_there_are_examples_of_the_arithmetic():
    assert "app/counting/axes.py" in map(str, EXAMPLES)
    assert doctest.testmod(importlib.import_module("app.counting.formulas")).attempted >= 4
