"""Finished runs are kept; a killed experiment goes on, and another one does not use them."""

import dataclasses
import io
import re

import pytest
from rich.console import Console

from app.experiment.carrying_out import KeptRuns, carry_out, result_data
from app.experiment.plain_vs_residual import STUDY
from app.experiment.study import SMOKE_RUN, StudyVerdict
from app.show.progress import Progress


def silent():
    return Progress(Console(file=io.StringIO()), "…")


@pytest.fixture(scope="module")
def small(mnist):
    return STUDY.plan(mnist, True)


def study(calls, dies_after=99):
    """An experiment that adds up, and is killed after so many runs."""

    def prepare(plan, design):
        def trial(seed, advance):
            if len(calls) >= dies_after:
                raise KeyboardInterrupt
            calls.append((design.name, seed))
            return {"value": len(design.name) + seed}

        return trial

    return dataclasses.replace(STUDY, prepare=prepare, judge=lambda runs: StudyVerdict(True, "yes"))


def test_a_killed_experiment_goes_on_where_it_was(small, tmp_path):
    calls, kept = [], KeptRuns(tmp_path / "runs")
    with pytest.raises(KeyboardInterrupt):
        carry_out(study(calls, dies_after=3), small, range(2), kept, silent())
    told = io.StringIO()
    progress = Progress(Console(file=told, width=200, highlight=False), "…")
    runs = carry_out(study(calls), small, range(2), kept, progress)
    names = [design.name for design in small.designs]
    assert calls == [(name, seed) for name in names for seed in range(2)]  # each once, in order
    lines = told.getvalue().splitlines()
    assert ["kept from before" in line for line in lines] == [True] * 3 + [False] * 5
    assert lines[2] == f"3/8: {names[1]}, seed 0: kept from before"
    assert re.fullmatch(rf"8/8: {names[3]}, seed 1: \d\.\d s", lines[-1])
    assert {name: [run["value"] for run in runs[name]] for name in names} == {
        name: [len(name), len(name) + 1] for name in names
    }
    whole = carry_out(study([]), small, range(2), KeptRuns(tmp_path / "other"), silent())
    assert [[r["value"] for r in runs[n]] for n in names] == [[r["value"] for r in whole[n]] for n in names]


def test_more_seeds_make_only_what_is_missing(small, tmp_path):
    calls, kept = [], KeptRuns(tmp_path)
    carry_out(study(calls), small, range(1), kept, silent())
    carry_out(study(calls), small, range(2), kept, silent())
    assert [seed for _, seed in calls] == [0] * 4 + [1] * 4
    kept.forget()
    carry_out(study(calls), small, range(1), kept, silent())
    assert len(calls) == 12


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"network": "other", "seed": 0}'])
def test_a_damaged_run_is_made_again(small, tmp_path, damage):
    calls, kept = [], KeptRuns(tmp_path)
    carry_out(study(calls), small, range(1), kept, silent())
    sorted(tmp_path.iterdir())[0].write_text(damage)
    carry_out(study(calls), small, range(1), kept, silent())
    assert len(calls) == 5


def test_another_plan_has_another_key(small, mnist):
    versions = {"keras": "1"}
    same = STUDY.plan(mnist, True)
    assert same.key(versions) == small.key(versions)
    recipe = dataclasses.replace(small.recipe, epochs=3)
    others = [
        small.key({"keras": "2"}),
        dataclasses.replace(small, recipe=recipe).key(versions),
        dataclasses.replace(small, designs=small.designs[:2]).key(versions),
        STUDY.plan(mnist, False).key(versions),
    ]
    assert len({small.key(versions), *others}) == 5


def test_the_numbers_say_what_was_done(small, tmp_path):
    runs = carry_out(study([]), small, range(2), KeptRuns(tmp_path), silent())
    verdict = study([]).verdict(small, runs)
    assert verdict == SMOKE_RUN
    assert verdict.shows is None
    full = dataclasses.replace(small, is_smoke_run=False)
    assert study([]).verdict(full, runs).shows is True
    data = result_data(study([]), small, runs)
    assert data["verdict"] == {"shows": None, "words": SMOKE_RUN.words}
    assert data["is_smoke_run"] is True
    assert data["seeds"] == [0, 1]
    assert len(data["runs"]) == 8
    assert data["seconds"] == pytest.approx(sum(run["seconds"] for run in data["runs"]))
    assert [network["layers"] for network in data["networks"]] == [8, 14, 8, 14]
    assert data["data"]["image_shape"] == [14, 14, 1]
    assert {"python", "tensorflow", "keras", "numpy"} == set(data["versions"])


def test_depth_is_all_that_differs_between_a_plain_network_and_its_residual_one(mnist):
    cards = {card["name"]: card for card in STUDY.plan(mnist, False).settings()["networks"]}
    for depth in (8, 44):
        plain, residual = cards[f"plain {depth}"], cards[f"residual {depth}"]
        assert {**plain, "name": ""} == {**residual, "name": ""}


def test_the_sizes_of_resnets_and_densenets_are_matched(mnist):
    from app.experiment import resnet_vs_densenet

    cards = resnet_vs_densenet.STUDY.plan(mnist, False).settings()["networks"]
    sizes = [card["trainable"] for card in cards]
    for resnet, densenet in zip(sizes[::2], sizes[1::2], strict=True):
        assert 0.9 < densenet / resnet < 1.1
    assert sizes[0] * 3 < sizes[-1]
