"""pip install -e . : what is declared is there, and the command works from any folder."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import version

import pytest
from conftest import ROOT
from packaging.requirements import Requirement

import app

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RANGES = {Requirement(line).name: Requirement(line) for line in PROJECT["dependencies"]}
EXACT = {
    Requirement(line).name: Requirement(line)
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
}


def test_the_exact_versions_lie_in_the_ranges():
    assert set(EXACT) == set(RANGES)
    for name, exact in EXACT.items():
        (pin,) = exact.specifier
        assert pin.operator == "=="
        assert pin.version in RANGES[name].specifier, name


def test_a_version_outside_its_range_would_be_seen():
    assert "2.20.0" not in RANGES["tensorflow"].specifier


@pytest.mark.parametrize("name", EXACT)
def test_the_tests_run_with_versions_in_the_ranges(name):
    assert version(name) in RANGES[name].specifier


def test_every_folder_with_modules_is_a_package():
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "models").rglob("*.py")]:
        assert (path.parent / "__init__.py").is_file(), path


def test_the_command_is_python_m_app():
    module, _, function = PROJECT["scripts"]["convlab"].partition(":")
    assert getattr(import_module(module), function) is import_module("app.__main__").main


@pytest.fixture
def convlab(tmp_path):
    """Run the command as its script does, in a folder that holds an `app.py` and `models/` of the user's own."""
    script = tmp_path / "bin" / "convlab"
    script.parent.mkdir()
    script.write_text("from app.__main__ import main\nmain(prog_name='convlab')\n")
    here = tmp_path / "here"
    (here / "models").mkdir(parents=True)
    for name in ("app.py", "models/__init__.py"):
        (here / name).write_text("raise SystemExit('the user\\'s own')")

    def run(*arguments, **environment):
        return subprocess.run(
            [sys.executable, script, *arguments],
            cwd=here,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_it_works_beside_the_users_own_app_and_models(convlab):
    done = convlab("params", "worked_example", "--no-check")
    assert done.returncode == 0, done.stderr
    assert "338,460" in done.stdout
    data = convlab("saliency", "--model", "mnist", "--class", "11")
    assert "the model has 0 to 9" in data.stderr


@pytest.mark.parametrize("arguments", [(), ("-h",), ("--help",)])
def test_alone_it_prints_its_help(convlab, arguments):
    done = convlab(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: convlab [OPTIONS] COMMAND")
    assert "saliency" in done.stdout


@pytest.mark.parametrize("group", ["calculate", "features", "experiment"])
def test_a_command_with_others_below_it_prints_its_help_too(convlab, group):
    done = convlab(group)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == convlab(group, "-h").stdout


def test_it_tells_its_version(convlab):
    assert convlab("--version").stdout == f"ConvLab, version {app.__version__}\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("convlab sal", ["saliency"]),
        ("convlab params --ex", ["--explain"]),
        ("convlab features m", ["maps", "maximise"]),
        ("convlab saliency --palette v", ["viridis"]),
    ],
)
def test_the_shell_completes_its_words(convlab, words, expected):
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = convlab(_CONVLAB_COMPLETE="bash_complete", **asked)
    assert [line.split(",")[1] for line in done.stdout.split()] == expected
    assert "complete" in convlab(_CONVLAB_COMPLETE="bash_source").stdout
