"""Each benchmark can be loaded, and is named in the command's help; their figures are for people to read."""

import importlib
import sys

import pytest
from conftest import ROOT

sys.path.append(str(ROOT))
from benchmarks.__main__ import BENCHMARKS, main


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_a_benchmark_can_be_loaded(name):
    assert callable(importlib.import_module(f"benchmarks.{name}").run)
    assert f"{name}: {BENCHMARKS[name]}." in " ".join(main.help.split())
