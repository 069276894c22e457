"""The guide's numbers are those of the runs that lie beside it, judged again."""

import json
import re

import pytest
from conftest import ROOT

from app.experiment import (
    plain_vs_residual,
    resnet_vs_densenet,
    vanishing_gradient,
    variational_autoencoder,
    x_or_not_x,
)
from app.experiment.__main__ import main
from app.experiment.imagenet_timeline import find_verdict, timeline_data

MODULES = (plain_vs_residual, resnet_vs_densenet, vanishing_gradient, variational_autoencoder, x_or_not_x)
STUDIES = {module.STUDY.name: module.STUDY for module in MODULES}
GUIDE = re.sub(r"(?m)^> ", "", (ROOT / "docs" / "experiments.md").read_text("utf-8"))


def squeezed(text):
    return " ".join(text.split())


def recorded(name):
    return json.loads((ROOT / "docs" / "experiments" / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", STUDIES)
def test_the_verdict_in_the_guide_follows_from_the_recorded_runs(name):
    data = recorded(name)
    runs = {network["name"]: [] for network in data["networks"]}
    for run in data["runs"]:
        runs[run["network"]].append(run)
    verdict = STUDIES[name].judge(runs)
    assert data["verdict"] == {"shows": verdict.shows, "words": verdict.words}
    assert squeezed(verdict.words) in squeezed(GUIDE)
    assert {len(of_network) for of_network in runs.values()} == {len(data["seeds"])}
    assert len(data["seeds"]) >= 3
    assert not data["is_smoke_run"]


@pytest.mark.parametrize("name", STUDIES)
def test_the_recorded_runs_are_of_the_experiment_as_it_is_now(name, mnist):
    data, plan = recorded(name), STUDIES[name].plan(mnist, False)
    assert {key: data[key] for key in ("recipe", "networks")} == plan.settings()
    assert data["data"] == plan.data_card()


@pytest.mark.parametrize("name", STUDIES)
def test_the_table_in_the_guide_is_that_of_the_recorded_runs(name, mnist):
    data, plan = recorded(name), STUDIES[name].plan(mnist, False)
    runs = {n["name"]: [r for r in data["runs"] if r["network"] == n["name"]] for n in data["networks"]}
    _, rows = STUDIES[name].table(plan, runs)
    for row in rows:
        assert f"| {' | '.join(row)} |" in GUIDE


def test_the_verdict_on_the_timeline_is_the_one_printed():
    assert squeezed(find_verdict(timeline_data()).words) in squeezed(GUIDE)


def test_every_experiment_has_its_command_and_its_figure():
    commands = re.findall(r"```sh\npython -m app\.experiment (\S+)\n```", GUIDE)
    assert commands == [
        "plain-vs-residual",
        "vanishing-gradient",
        "resnet-vs-densenet",
        "imagenet-timeline",
        "variational-autoencoder",
        "x_or_not_x",
    ]
    assert set(commands) == set(main.commands)
    for name in commands:
        assert f"(pictures/experiment-{name}.png)" in GUIDE
        assert (ROOT / "docs" / "pictures" / f"experiment-{name}.png").is_file()


def test_options_named_in_the_guide_exist():
    options = {
        option
        for command in main.commands.values()
        for parameter in command.params
        for option in parameter.opts
    }
    of_this_command = re.sub(r"python -m app\.claims --id", "", GUIDE)
    assert set(re.findall(r"--[a-z][a-z-]+", of_this_command)) <= options
