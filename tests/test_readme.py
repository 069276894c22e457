"""The README's commands are run, and what it shows is what they print."""

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

README, CHINESE = ((ROOT / f"README{tongue}.md").read_text("utf-8") for tongue in ("", ".zh-CN"))
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.splitlines()]
SHOWN = re.findall(r"```text\n(.*?)```", README, re.S)
BIN = Path(sys.executable).parent
# The environment that runs the tests serves as the one that `make` would set up.
MAKE = ["make", "--no-print-directory", f"BIN={BIN}", "RUN_STAMP=README.md", "DEV_STAMP=README.md"]


def words_of(line, folder, data):
    """Return one command of the README; training is shortened to one epoch on a part of MNIST."""
    words = line.split()
    if words[0] == "make":
        more = {"train": f"--epochs 1 --data {data} --output {folder}", "saliency": f"--output {folder}"}
        words = [*MAKE, *words[1:], f"ARGS={more.get(words[1], '')}"]
    else:
        assert words[:2] == ["python", "-m"], line
        words[0] = sys.executable
        if words[2] in ("app.saliency", "app.data", "app.features", "app.experiment"):
            words += ["--output", str(folder)]
    return words


def run(words):
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=550)


def main_of(module):
    return import_module(f"{module}.__main__").main


def test_a_picture_comes_first_and_then_training_and_the_tests():
    assert COMMANDS[:2] == ["make setup", ". .venv/bin/activate"]
    assert COMMANDS[2] == "python -m app.saliency --model mnist --class 3"
    assert COMMANDS[3].startswith("python -m app.saliency --model efficientnet_lite0 --image ")
    assert COMMANDS[4:6] == ["make train", "make test"]


def blocks(page, *kinds):
    return re.findall(rf"```(?:{'|'.join(kinds)})\n.*?```", page, re.S)


def test_the_chinese_readme_has_the_same_commands():
    """In the same order, to the letter: so those that are run here are those of both."""
    kinds = ("sh", "bash", "python")
    assert blocks(CHINESE, *kinds) == blocks(README, *kinds)
    assert set(blocks(CHINESE, "text")) <= set(blocks(README, "text"))
    rows = re.compile(r"^\| \[docs/[^|]+\|", re.M)
    assert rows.findall(CHINESE) == rows.findall(README)


def test_a_command_that_differs_would_be_seen():
    other = CHINESE.replace("--model mnist --class 3", "--model mnist --class 5", 1)
    assert blocks(other, "sh") != blocks(README, "sh")


def test_each_readme_leads_to_the_other():
    assert README.splitlines()[2] == "[中文](README.zh-CN.md)"
    assert CHINESE.splitlines()[2] == "[English](README.md)"


RUN = [c for c in COMMANDS if c not in ("make test", ". .venv/bin/activate")]


@pytest.mark.keras
@pytest.mark.parametrize(
    "line", [c for c in RUN if c not in ("make help", "make setup", "make train RECIPE=fast")]
)
def test_every_command_does_what_is_asked(door, line, tmp_path, small_npz):
    """In this process; make says what it would run."""
    words = words_of(line, tmp_path, small_npz)
    if words[0] == "make":
        words = shlex.split(run([*words, "-n"]).stdout)
    assert words[1] == "-m", words
    code, output, error = door(main_of(words[2]), *words[3:])
    assert code == 0, error
    assert output.strip()


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("line", RUN)
def test_every_command_runs(line, tmp_path, small_npz):
    done = run(words_of(line, tmp_path, small_npz))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def test_make_test_all_runs_all_tests_and_ci_runs_it_once():
    """Running it from inside itself would not end, so its recipe is looked at."""
    some, every = (run([*MAKE, "-n", target, "ARGS="]).stdout for target in ("test", "test-all"))
    for recipe in (some, every):
        assert re.search(r"-m pytest\b(?! tests/)", recipe)
    assert '-m ""' not in some  # what is marked slow is left out
    assert every.split() == [*some.split(), "-m", '""']
    assert re.findall(r"^make (\S+)", (ROOT / ".ci" / "run").read_text(), re.M) == ["lint", "test-all"]


def test_every_target_is_listed_by_make_help():
    text = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.*)$", text, re.M).group(1).split())
    listed = subprocess.run([*MAKE, "help"], cwd=ROOT, capture_output=True, text=True).stdout
    assert targets <= set(re.findall(r"^  ([a-z-]+) ", listed, re.M))


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_the_count_shown_is_the_count_printed(command):
    shown = squeezed(next(text for text in SHOWN if text.startswith("worked_example")))
    printed = squeezed(command("-m", "app.params", "worked_example", "--no-check").stdout)
    assert printed[: len(shown)] == shown


@pytest.mark.keras
def test_the_verdict_shown_is_the_verdict_printed(door, tmp_path):
    """With the model that comes with the project, to the last digit."""

    def words(text):
        return [line for line in squeezed(text) if "Picture" not in line]

    asked = ("--model", "mnist", "--class", "3", "--output", tmp_path)
    assert words(door(main_of("app.saliency"), *asked)[1]) == words(SHOWN[0])


@pytest.mark.keras
@pytest.mark.slow
def test_the_photograph_is_seen_as_shown(door, tmp_path):
    """The classes to the last digit that is printed; values of maps may differ in it from machine to machine."""
    photograph = ROOT / "docs" / "pictures" / "grace_hopper.jpg"
    asked = ("--model", "efficientnet_lite0", "--image", photograph, "--output", tmp_path)
    printed = squeezed(door(main_of("app.saliency"), *asked)[1])
    assert printed[:2] == squeezed(SHOWN[1])[:2]


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "docs/design.md",
        "docs/maps.md",
        "docs/features.md",
        "docs/which-map.md",
        "docs/which-map-tables.md",
        "docs/articles.md",
        "docs/articles.zh-CN.md",
        "docs/calculate.md",
        "docs/pretrained.md",
        "docs/reports.md",
        "docs/training.md",
        "docs/data.md",
        "docs/claims.md",
        "docs/networks.md",
        "docs/worksheets.md",
        "docs/experiments.md",
        "docs/scratch.md",
        "docs/transfer.md",
        "docs/predict.md",
        "docs/export.md",
        "docs/lab.md",
        "docs/safety.md",
    ],
)
def test_links_lead_somewhere(page):
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_options_named_in_the_guides_exist(door):
    helps = "".join(
        door(main_of(f"app.{d}"), "--help-all")[1]
        for d in (
            "params",
            "claims",
            "data",
            "train",
            "pretrained",
            "saliency",
            "faith",
            "worksheet",
            "exercises",
            "scratch",
            "transfer",
            "predict",
            "evaluate",
            "export",
            "lab",
        )
    )
    for question in ("maps", "filters", "nearest", "project", "maximise"):
        helps += door(main_of("app.features"), question, "--help-all")[1]
    names = (
        "maps.md",
        "which-map.md",
        "features.md",
        "claims.md",
        "networks.md",
        "pretrained.md",
        "reports.md",
        "scratch.md",
        "training.md",
        "transfer.md",
        "predict.md",
        "export.md",
        "worksheets.md",
    )
    pages = README + CHINESE + "".join((ROOT / "docs" / name).read_text("utf-8") for name in names)
    for option in set(re.findall(r"--[a-z][a-z-]+", pages)):
        assert option in helps or option == "--help", option
